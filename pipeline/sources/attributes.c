#include "pipeline/sources/attributes.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/yaml.h"
#include "pipeline/record.h"
#include "base/banned.h"

#define ATTRIBUTES_MAX 4096u
#define ARENA_MAX (1u << 20)

struct entry {
	struct tg_sv name;
	struct tg_attribute what;
};

struct tg_attributes {
	struct tg_arena arena;
	struct entry *exact; /* sorted by name */
	size_t n_exact;
	struct entry *pattern; /* in the order of the file */
	size_t n_pattern;
	char sha256[TG_SHA256_HEX];
};

static int
by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return tg_sv_cmp(x->name, y->name);
}

/* keep, content or a field of the policy. */
static bool
group(struct tg_attribute *out, struct tg_sv name)
{
	*out = (struct tg_attribute){TG_CLS_KEEP, TG_FIELD_none, false};
	if (tg_sv_is(name, "keep"))
		return true;
	out->cls = TG_CLS_CONTENT;
	if (tg_sv_is(name, "content"))
		return true;
	out->cls = TG_CLS_ID;
	for (unsigned f = TG_FIELD_none + 1; f < TG_FIELD_COUNT; f++)
		if (tg_sv_is(name, tg_field_name((enum tg_field_id)f))) {
			out->field = (uint8_t)f;
			return true;
		}
	return false;
}

static int
add_entry(struct tg_attributes *a, const struct tg_yaml *y,
    const struct tg_ynode *item, struct tg_attribute what, struct tg_err *err)
{
	struct entry e = {.what = what};

	if (item->kind != TG_Y_SCALAR || item->text.n == 0)
		return tg_yaml_fail(y, item, err, "an attribute name expected");
	if (a->n_exact + a->n_pattern >= ATTRIBUTES_MAX)
		return tg_yaml_fail(
		    y, item, err, "more than %u attributes", ATTRIBUTES_MAX);
	e.name = tg_arena_sv(&a->arena, item->text);
	if (e.name.p == NULL)
		return tg_fail_memory(err);
	if (memchr(e.name.p, '#', e.name.n) == NULL &&
	    memchr(e.name.p, '*', e.name.n) == NULL) {
		a->exact[a->n_exact++] = e;
		return 0;
	}
	e.what.wild = memchr(e.name.p, '*', e.name.n) != NULL;
	a->pattern[a->n_pattern++] = e;
	return 0;
}

static int
fill(struct tg_attributes *a, const struct tg_yaml *y, struct tg_err *err)
{
	const struct tg_ynode *root = tg_yaml_root(y);
	const struct tg_ynode *schema = tg_ynode_get(root, "schema");

	if (schema == NULL || !tg_sv_is(schema->text, "tracegate.attributes/1"))
		return tg_yaml_fail(
		    y, root, err, "schema: tracegate.attributes/1 expected");
	for (const struct tg_ynode *g = root->child; g != NULL; g = g->next) {
		struct tg_attribute what;

		if (g == schema)
			continue;
		if (!group(&what, g->key->text))
			return tg_yaml_fail(y, g->key, err,
			    "unknown group '%s': keep, content or a field of "
			    "/anonymisation/fields",
			    g->key->text.p);
		if (g->kind != TG_Y_SEQ)
			return tg_yaml_fail(y, g, err, "a list expected");
		for (const struct tg_ynode *i = g->child; i != NULL;
		     i = i->next)
			if (add_entry(a, y, i, what, err) < 0)
				return -1;
	}
	qsort(a->exact, a->n_exact, sizeof(*a->exact), by_name);
	for (size_t i = 1; i < a->n_exact; i++)
		if (tg_sv_eq(a->exact[i - 1].name, a->exact[i].name))
			return tg_fail(err, TG_E_CONFIG,
			    "%s: attribute '%s' stands twice", tg_yaml_name(y),
			    a->exact[i].name.p);
	if (a->n_exact + a->n_pattern == 0)
		return tg_yaml_fail(y, root, err, "no attributes");
	return 0;
}

int
tg_attributes_load(
    struct tg_attributes **out, const char *path, struct tg_err *err)
{
	struct tg_attributes *a = NULL;
	struct tg_yaml *y = NULL;
	struct tg_sv text;
	uint8_t digest[TG_SHA256_LEN];
	int rc = -1;

	if (tg_yaml_load(&y, path, err) < 0)
		return -1;
	a = calloc(1, sizeof(*a));
	if (a == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	tg_arena_init(&a->arena, ARENA_MAX);
	a->exact = calloc(ATTRIBUTES_MAX, sizeof(*a->exact));
	a->pattern = calloc(ATTRIBUTES_MAX, sizeof(*a->pattern));
	if (a->exact == NULL || a->pattern == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	text = tg_yaml_text(y);
	if (fill(a, y, err) < 0 ||
	    tg_sha256_bytes(digest, text.p, text.n, err) < 0)
		goto out;
	tg_sha256_hex(a->sha256, digest);
	*out = a;
	a = NULL;
	rc = 0;
out:
	tg_attributes_free(a);
	tg_yaml_free(y);
	return rc;
}

void
tg_attributes_free(struct tg_attributes *a)
{
	if (a == NULL)
		return;
	tg_arena_deinit(&a->arena);
	free(a->exact);
	free(a->pattern);
	free(a);
}

/* '#' stands for digits, '*' for one segment without a dot. */
static bool
matches(struct tg_sv pattern, struct tg_trace_text name)
{
	size_t i = 0;

	for (size_t k = 0; k < pattern.n; k++) {
		const char c = pattern.p[k];
		const size_t from = i;

		if (c != '#' && c != '*') {
			if (i == name.n || name.bytes[i] != c)
				return false;
			i++;
			continue;
		}
		while (i < name.n && name.bytes[i] != '.' &&
		    (c == '*' ||
			(name.bytes[i] >= '0' && name.bytes[i] <= '9')))
			i++;
		if (i == from)
			return false;
	}
	return i == name.n;
}

const struct tg_attribute *
tg_attributes_find(const struct tg_attributes *a, struct tg_trace_text name)
{
	const struct entry key = {.name = {name.bytes, name.n}};
	const struct entry *e =
	    bsearch(&key, a->exact, a->n_exact, sizeof(*a->exact), by_name);

	if (e != NULL)
		return &e->what;
	for (size_t i = 0; i < a->n_pattern; i++)
		if (matches(a->pattern[i].name, name))
			return &a->pattern[i].what;
	return NULL;
}

const char *
tg_attributes_sha256(const struct tg_attributes *a)
{
	return a->sha256;
}
