#include "policies/effective.h"

#include "base/json.h"

#include "base/banned.h"

#define SCHEMA "tracegate.effective/1"

static struct tg_json *
set_json(const struct tg_pval *v)
{
	struct tg_json *arr = tg_json_array();
	int bad = 0;

	if (arr == NULL)
		return NULL;
	for (size_t i = 0; i < v->n; i++)
		bad |= tg_json_push_str(arr, v->item[i]);
	if (bad == 0)
		return arr;
	tg_json_free(arr);
	return NULL;
}

struct tg_json *
tg_effective_value(const struct tg_pval *v)
{
	switch (v->row->type) {
	case TG_PT_INT: /* at most 10^12, below the 2^53 of the form */
		return tg_json_int((int64_t)v->num);
	case TG_PT_BOOL:
		return tg_json_bool(v->num == 1);
	case TG_PT_RATIO:
	case TG_PT_WORD:
	case TG_PT_NAME:
		return tg_json_str(tg_sv_of(v->text));
	case TG_PT_NAMES:
	case TG_PT_PLACES:
	case TG_PT_TARGETS:
		return set_json(v);
	}
	return NULL;
}

static struct tg_json *
tree(const struct tg_leaves *s)
{
	struct tg_json *root = tg_json_object(), *leaves = tg_json_object();
	int bad = root == NULL || leaves == NULL;

	for (size_t i = 0; bad == 0 && i < s->n; i++)
		bad |= tg_json_set(
		    leaves, s->v[i].path, tg_effective_value(&s->v[i]));
	if (bad == 0) {
		bad |= tg_json_set_str(root, "schema", SCHEMA);
		bad |= tg_json_set(root, "leaves", leaves);
		leaves = NULL;
	}
	if (bad == 0)
		return root;
	tg_json_free(leaves);
	tg_json_free(root);
	return NULL;
}

int
tg_effective_seal(struct tg_policy *p, struct tg_err *err)
{
	struct tg_json *root = tree(&p->leaves);
	uint8_t digest[TG_SHA256_LEN];
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, TG_JSON_MAX);
	if (root == NULL) {
		tg_fail_memory(err);
		goto out;
	}
	if (tg_json_canonical(&text, root, err) < 0 ||
	    tg_sha256_bytes(digest, text.p, text.n, err) < 0)
		goto out;
	p->canonical = tg_arena_sv(&p->mem, tg_buf_sv(&text));
	if (p->canonical.p == NULL) {
		tg_fail_memory(err);
		goto out;
	}
	tg_sha256_hex(p->sha256, digest);
	rc = 0;
out:
	tg_json_free(root);
	tg_buf_deinit(&text);
	return rc;
}
