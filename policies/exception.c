#include "policies/exception.h"

#include "base/env.h"

#include "base/banned.h"

#define DAY 86400
#define PERSONS_MIN 2 /* an export is never one person's word */

/* What no exception loosens; with a '/' at the end, all below it. */
static const char *const never[] = {
    "/transfers/destinations_deny",
    "/evidence/raw_samples_in_report",
    "/anonymisation/unkeyed_hash",
    "/redaction/detectors/FR_NIR/", /* décret 2019-341 */
    "/encryption/",
    "/logging/chained",
    "/logging/signed",
    "/approvals/per_bundle/exclude", /* or one person would be two */
    "/approvals/standing/exclude",
    "/approvals/standing/suspend_on",
    "/exceptions/",
};

static const char *const scope_names[] = {[TG_EXCEPTION_BUNDLE] = "bundle",
    [TG_EXCEPTION_RECIPIENT] = "recipient",
    [TG_EXCEPTION_PROJECT] = "project",
    NULL};

const char *
tg_exception_scope_name(enum tg_exception_scope scope)
{
	return scope_names[scope];
}

bool
tg_exception_id_ok(struct tg_sv id)
{
	return tg_pfile_id_ok(id, TG_SV("EXC-"), TG_EXCEPTION_ID);
}

static bool
is_never(const char *path)
{
	for (size_t i = 0; i < TG_COUNT(never); i++) {
		const size_t n = strlen(never[i]);
		const bool whole = never[i][n - 1] != '/';

		if (whole ? strcmp(path, never[i]) == 0
			  : strncmp(path, never[i], n) == 0)
			return true;
	}
	return false;
}

/* ---- the file ---------------------------------------------------------- */

static int
fail_key(const struct tg_exception *e, const char *key, struct tg_err *err,
    const char *what)
{
	const struct tg_ynode *root = tg_yaml_root(e->file.yaml);

	return tg_yaml_fail(
	    e->file.yaml, tg_ynode_get(root, key), err, "'%s': %s", key, what);
}

static int
texts(struct tg_exception *e, const struct tg_ynode *root, struct tg_err *err)
{
	const struct {
		const char *key, **to;
	} text[] = {{"id", &e->id}, {"region", &e->region},
	    {"policy_path", &e->path}, {"justification", &e->justification},
	    {"risk", &e->risk}, {"requested_by", &e->requested_by},
	    {"review_note", &e->review_note}};
	const char *way;

	for (size_t i = 0; i < TG_COUNT(text); i++)
		if (tg_pfile_str(
			text[i].to, &e->file, root, text[i].key, true, err) < 0)
			return -1;
	if (tg_pfile_str(&way, &e->file, root, "direction", true, err) < 0)
		return -1;
	if (!tg_exception_id_ok(tg_sv_of(e->id)))
		return fail_key(
		    e, "id", err, "EXC- and capitals, digits, '-' expected");
	if (strcmp(way, "looser") != 0)
		return fail_key(e, "direction", err,
		    "'looser' expected; a project's policy may tighten");
	return 0;
}

static int
scope(struct tg_exception *e, const struct tg_ynode *root, struct tg_err *err)
{
	const struct tg_ynode *map = tg_ynode_get(root, "scope");

	if (map == NULL || map->kind != TG_Y_MAP || map->n != 1)
		return tg_yaml_fail(e->file.yaml, map == NULL ? root : map, err,
		    "'scope' is one of {bundle: RUN}, {recipient: ID}, "
		    "{project: JOB}");
	if (tg_pfile_keys(&e->file, map, scope_names, err) < 0)
		return -1;
	for (int i = 0; scope_names[i] != NULL; i++)
		if (tg_sv_is(map->child->key->text, scope_names[i]))
			e->scope = (enum tg_exception_scope)i;
	return tg_pfile_str(
	    &e->scope_id, &e->file, map, scope_names[e->scope], true, err);
}

static int
days(struct tg_exception *e, const struct tg_ynode *root, struct tg_err *err)
{
	if (tg_pfile_date(&e->from, &e->file, root, "valid_from", true, err) <
		0 ||
	    tg_pfile_date(&e->until, &e->file, root, "valid_until", true, err) <
		0)
		return -1;
	if (e->until < e->from)
		return fail_key(
		    e, "valid_until", err, "it ends before it begins");
	e->until += DAY;
	return 0;
}

static int
values(struct tg_exception *e, const struct tg_ynode *root, struct tg_err *err)
{
	const struct {
		const char *key;
		const struct tg_ynode **to;
	} value[] = {{"inherited_value", &e->inherited},
	    {"requested_value", &e->requested},
	    {"compensating_controls", &e->controls}};

	for (size_t i = 0; i < TG_COUNT(value); i++) {
		*value[i].to = tg_ynode_get(root, value[i].key);
		if (*value[i].to == NULL || (*value[i].to)->kind == TG_Y_MAP)
			return tg_yaml_fail(e->file.yaml, root, err,
			    "the key '%s' is missing", value[i].key);
	}
	if (e->controls->kind != TG_Y_SEQ || e->controls->n == 0)
		return fail_key(e, "compensating_controls", err,
		    "at least one is expected, in a list");
	for (const struct tg_ynode *c = e->controls->child; c != NULL;
	     c = c->next)
		if (c->kind != TG_Y_SCALAR || c->text.n == 0)
			return tg_yaml_fail(
			    e->file.yaml, c, err, "a text expected");
	return 0;
}

static int
fill(struct tg_exception *e, struct tg_err *err)
{
	static const char *const keys[] = {"schema", "id", "region",
	    "policy_path", "inherited_value", "requested_value", "direction",
	    "scope", "justification", "risk", "compensating_controls",
	    "requested_by", "valid_from", "valid_until", "review_note", NULL};
	const struct tg_ynode *root =
	    tg_pfile_root(&e->file, TG_EXCEPTION_SCHEMA, err);
	const struct tg_schema_row *row;

	if (root == NULL || tg_pfile_keys(&e->file, root, keys, err) < 0 ||
	    texts(e, root, err) < 0 || scope(e, root, err) < 0 ||
	    days(e, root, err) < 0 || values(e, root, err) < 0)
		return -1;
	if (tg_schema_find(&row, tg_sv_of(e->path)) != TG_SCHEMA_LEAF)
		return fail_key(e, "policy_path", err,
		    "no leaf of a policy; tracegate policy show lists them");
	if (is_never(e->path))
		return tg_yaml_fail(e->file.yaml,
		    tg_ynode_get(root, "policy_path"), err,
		    "EXC-NEVER: no exception loosens %s", e->path);
	return 0;
}

int
tg_exception_open(struct tg_exception *out, const char *path,
    struct tg_arena *mem, struct tg_err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = tg_arena_fmt(
	    mem, "exceptions/%s", slash == NULL ? path : slash + 1);
	struct tg_exception e = {.id = NULL};

	if (name == NULL)
		return tg_fail_memory(err);
	if (tg_pfile_open(&e.file, path, name, mem, err) < 0)
		return -1;
	e.file.version = "";
	if (fill(&e, err) < 0) {
		tg_exception_close(&e);
		return -1;
	}
	*out = e;
	return 0;
}

void
tg_exception_close(struct tg_exception *e)
{
	tg_pfile_close(&e->file);
}

int
tg_exception_value(
    struct tg_buf *out, const struct tg_ynode *value, struct tg_err *err)
{
	if (value->kind == TG_Y_SCALAR)
		return tg_buf_add(out, value->text.p, value->text.n, err);
	if (tg_buf_addc(out, '[', err) < 0)
		return -1;
	for (const struct tg_ynode *i = value->child; i != NULL; i = i->next)
		if (tg_buf_add(out, i->text.p, i->text.n, err) < 0 ||
		    (i->next != NULL && tg_buf_adds(out, ", ", err) < 0))
			return -1;
	return tg_buf_addc(out, ']', err);
}

/* ---- the policy -------------------------------------------------------- */

/* @code: the policy's @now (NULL: it has no such leaf) is in the way. */
static int
fail_at(const struct tg_exception *e, const struct tg_ynode *at,
    struct tg_err *err, const char *code, const struct tg_pval *now)
{
	struct tg_buf text;
	int rc;

	if (now == NULL)
		return tg_yaml_fail(e->file.yaml, at, err,
		    "%s: the policy does not say %s", code, e->path);
	tg_buf_init(&text, TG_ERR_TEXT);
	rc = tg_pval_print(&text, now, err);
	if (rc == 0)
		rc = tg_yaml_fail(e->file.yaml, at, err,
		    "%s: %s is %.*s (%s:%u)", code, now->path,
		    TG_SV_FMT(tg_buf_sv(&text)), now->from->file.path,
		    now->line);
	tg_buf_deinit(&text);
	return rc;
}

/* A person who prepares and one who approves: never fewer. */
static bool
too_few(const struct tg_pval *v)
{
	static const char head[] = "/approvals/", tail[] = "/distinct_persons";
	const size_t n = strlen(v->path), t = sizeof(tail) - 1;

	return strncmp(v->path, head, sizeof(head) - 1) == 0 && n > t &&
	    strcmp(v->path + n - t, tail) == 0 && v->num < PERSONS_MIN;
}

static int
short_enough(const struct tg_leaves *leaves, const struct tg_exception *e,
    struct tg_err *err)
{
	const struct tg_pval *most =
	    tg_leaves_find(leaves, TG_SV("/exceptions/max_days"));

	if (most == NULL)
		return tg_fail(err, TG_E_CONFIG,
		    "E-NO-SUCH-LEAF: the policy does not say "
		    "/exceptions/max_days");
	if ((uint64_t)((e->until - e->from) / DAY) - 1 > most->num)
		return fail_at(e,
		    tg_ynode_get(tg_yaml_root(e->file.yaml), "valid_until"),
		    err, "EXC-TOO-LONG", most);
	return 0;
}

/* The value at @node as one of the leaf's kind. */
static int
value_of(struct tg_pval *out, const struct tg_pval *leaf,
    const struct tg_exception *e, const struct tg_ynode *node,
    const struct tg_reference *ref, struct tg_arena *mem, struct tg_err *err)
{
	*out = (struct tg_pval){.path = leaf->path,
	    .row = leaf->row,
	    .line = node->line,
	    .col = node->col};
	return tg_pval_node(out, &e->file, node, ref, mem, err);
}

int
tg_exception_apply(struct tg_leaves *leaves, struct tg_layer *l,
    const struct tg_exception *e, const struct tg_reference *ref,
    struct tg_arena *mem, struct tg_err *err)
{
	const struct tg_pval *leaf = tg_leaves_find(leaves, tg_sv_of(e->path));
	struct tg_pval was, now;

	if (leaf == NULL)
		return fail_at(e, e->inherited, err, "EXC-INHERITED", NULL);
	if (leaf->from->kind == TG_LAYER_EXCEPTION) /* one a leaf */
		return fail_at(e, e->inherited, err, "EXC-INHERITED", leaf);
	if (value_of(&was, leaf, e, e->inherited, ref, mem, err) < 0 ||
	    value_of(&now, leaf, e, e->requested, ref, mem, err) < 0 ||
	    short_enough(leaves, e, err) < 0)
		return -1;
	if (tg_pval_cmp(&was, leaf) != TG_PC_EQUAL)
		return fail_at(e, e->inherited, err, "EXC-INHERITED", leaf);
	if (tg_pval_cmp(&now, leaf) != TG_PC_LOOSER)
		return fail_at(e, e->requested, err, "EXC-NOT-LOOSER", leaf);
	if (too_few(&now))
		return fail_at(e, e->requested, err, "EXC-NEVER", leaf);
	now.from = l;
	if (tg_leaves_add(&l->leaves, &now, mem, err) < 0)
		return -1;
	leaves->v[leaf - leaves->v] = now;
	return 0;
}
