#include "policies/jschema.h"

#include "policies/schema.h"

#include "base/banned.h"

#define ID "https://tracegate.dev/policy/1/schema.json"

/* What a policy file says about itself (layer.c reads it). */
static const struct {
	const char *key, *type, *pattern;
} head[] = {
    {"schema", "string", "^tracegate\\.policy/1$"},
    {"id", "string", "^[A-Za-z][A-Za-z0-9_-]*$"},
    {"version", "string", NULL},
    {"layer", "string", "^(base|region|project)$"},
    {"extends", "array", NULL},
    {"jurisdiction", "string", "^[A-Z]{2}$"},
    {"authority", "object", NULL},
    {"owner_role", "string", NULL},
    {"effective_from", "string", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    {"review_by", "string", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    {"title", "object", NULL},
    {"provenance", "object", NULL},
};

static const char *
stricter(enum tg_prule rule)
{
	switch (rule) {
	case TG_PR_MIN:
		return "lower";
	case TG_PR_MAX:
		return "higher";
	case TG_PR_ORDERED:
	case TG_PR_PARTIAL:
		return "later";
	case TG_PR_INTERSECT:
		return "fewer";
	case TG_PR_UNION:
	case TG_PR_CONJ:
		return "more";
	case TG_PR_LOCK:
		break;
	}
	return "same";
}

static int
words(struct tg_json *o, const struct tg_schema_row *row)
{
	struct tg_json *a = tg_json_array();
	int bad = a == NULL;

	for (size_t i = 0; bad == 0 && row->words[i] != NULL; i++)
		bad |= tg_json_push_str(a, row->words[i]);
	return bad | tg_json_set(o, "enum", a);
}

static int
list(struct tg_json *o, const char *pattern, bool may_be_empty)
{
	struct tg_json *item = tg_json_object();
	int bad = item == NULL;

	bad |= tg_json_set_str(o, "type", "array");
	if (bad == 0)
		bad |= tg_json_set_str(item, "type", "string");
	if (bad == 0)
		bad |= tg_json_set_str(item, "pattern", pattern);
	bad |= tg_json_set(o, "items", item);
	if (!may_be_empty)
		bad |= tg_json_set_int(o, "minItems", 1);
	return bad | tg_json_set_bool(o, "uniqueItems", true);
}

static int
typed(struct tg_json *o, const struct tg_schema_row *row)
{
	int bad = 0;

	switch (row->type) {
	case TG_PT_INT:
		bad |= tg_json_set_str(o, "type", "integer");
		bad |= tg_json_set_int(o, "minimum", (int64_t)row->lo);
		return bad | tg_json_set_int(o, "maximum", (int64_t)row->hi);
	case TG_PT_RATIO:
		bad |= tg_json_set_str(o, "type", "number");
		bad |= tg_json_set_int(o, "minimum", 0);
		return bad | tg_json_set_int(o, "maximum", 1);
	case TG_PT_BOOL:
		return tg_json_set_str(o, "type", "boolean");
	case TG_PT_WORD:
		return words(o, row);
	case TG_PT_NAME:
		bad |= tg_json_set_str(o, "type", "string");
		return bad | tg_json_set_str(o, "pattern", "^[!-~]+$");
	case TG_PT_NAMES:
	case TG_PT_TARGETS:
		return list(o, "^[!-~]+$", row->rule == TG_PR_UNION);
	case TG_PT_PLACES:
		return list(
		    o, tg_schema_key_regex("place"), row->rule == TG_PR_UNION);
	}
	return -1;
}

static struct tg_json *
leaf(const struct tg_schema_row *row)
{
	struct tg_json *o = tg_json_object();
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_buf text;
	int bad = o == NULL;

	if (bad != 0)
		return NULL;
	tg_buf_init(&text, TG_ERR_TEXT);
	bad |= typed(o, row);
	bad |= tg_schema_describe(&text, row, &err);
	if (bad == 0)
		bad |= tg_json_set_sv(o, "description", tg_buf_sv(&text));
	bad |= tg_json_set_str(o, "x-merge", tg_schema_rule_name(row->rule));
	bad |= tg_json_set_str(o, "x-stricter", stricter(row->rule));
	tg_buf_deinit(&text);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* An object that knows its keys; *props and *wild are borrowed from it. */
static struct tg_json *
closed(struct tg_json **props, struct tg_json **wild)
{
	struct tg_json *o = tg_json_object();
	int bad = o == NULL;

	if (bad != 0)
		return NULL;
	bad |= tg_json_set_str(o, "type", "object");
	bad |= tg_json_set_bool(o, "additionalProperties", false);
	bad |= tg_json_set(o, "properties", tg_json_object());
	bad |= tg_json_set(o, "patternProperties", tg_json_object());
	*props = tg_json_get(o, "properties");
	*wild = tg_json_get(o, "patternProperties");
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* The object of one place of the tree, made when it is not there yet: where
 * the rows at @at have "/seg/...", the keys below. */
static int
put(struct tg_json *node, struct tg_sv rest, const struct tg_schema_row *row)
{
	char seg[TG_SCHEMA_PATH];
	struct tg_json *in, *props = NULL, *wild = NULL;
	size_t n = 1;
	const char *key = seg;

	while (n < rest.n && rest.p[n] != '/')
		n++;
	if (n >= sizeof(seg))
		return -1;
	memcpy(seg, rest.p + 1, n - 1);
	seg[n - 1] = '\0';
	in = tg_json_get(node, "properties");
	if (seg[0] == '{') {
		seg[n - 2] = '\0';
		key = tg_schema_key_regex(seg + 1);
		in = tg_json_get(node, "patternProperties");
	}
	if (key == NULL)
		return -1;
	if (n == rest.n)
		return tg_json_set(in, key, leaf(row));
	if (tg_json_get(in, key) == NULL &&
	    tg_json_set(in, key, closed(&props, &wild)) != 0)
		return -1;
	return put(
	    tg_json_get(in, key), (struct tg_sv){rest.p + n, rest.n - n}, row);
}

static int
heads(struct tg_json *root)
{
	static const char *const need[] = {"schema", "id", "version", "layer"};
	struct tg_json *props = tg_json_get(root, "properties");
	struct tg_json *required = tg_json_array();
	int bad = required == NULL;

	for (size_t i = 0; bad == 0 && i < TG_COUNT(head); i++) {
		struct tg_json *o = tg_json_object();

		bad |= o == NULL || tg_json_set_str(o, "type", head[i].type);
		if (bad == 0 && head[i].pattern != NULL)
			bad |= tg_json_set_str(o, "pattern", head[i].pattern);
		bad |= tg_json_set(props, head[i].key, o);
	}
	for (size_t i = 0; bad == 0 && i < TG_COUNT(need); i++)
		bad |= tg_json_push_str(required, need[i]);
	return bad | tg_json_set(root, "required", required);
}

int
tg_jschema(struct tg_json **out, struct tg_err *err)
{
	struct tg_json *props, *wild, *root = closed(&props, &wild);
	int bad = root == NULL;

	if (bad == 0) {
		bad |= tg_json_set_str(
		    root, "$schema", "http://json-schema.org/draft-07/schema#");
		bad |= tg_json_set_str(root, "$id", ID);
		bad |= tg_json_set_str(root, "title", "tracegate policy");
		bad |= heads(root);
	}
	for (size_t i = 0; bad == 0 && i < tg_schema_count(); i++) {
		const struct tg_schema_row *row = tg_schema_at(i);

		bad |= put(root, tg_sv_of(row->pattern), row);
	}
	if (bad == 0) {
		*out = root;
		return 0;
	}
	tg_json_free(root);
	return tg_fail_memory(err);
}
