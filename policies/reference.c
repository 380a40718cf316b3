#include "policies/reference.h"

#include "base/env.h"
#include "base/fs.h"
#include "base/num.h"
#include "policies/country.h"
#include "policies/schema.h"

#include "base/banned.h"

#define SCHEMA "tracegate.reference/1"
#define HEAD "reference-"
#define TAIL ".yaml"

static int
load_expiries(struct tg_reference *r, const char *set,
    const struct tg_ynode *map, struct tg_err *err)
{
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next) {
		struct tg_refexpiry *x = &r->expiry[r->n_expiry];

		if (!tg_country_known(e->key->text))
			return tg_yaml_fail(r->file.yaml, e->key, err,
			    "no ISO 3166-1 country code");
		if (r->n_expiry == TG_REFERENCE_EXPIRIES)
			return tg_yaml_fail(r->file.yaml, e, err,
			    "more than %d expiry dates", TG_REFERENCE_EXPIRIES);
		if (tg_pfile_date(
			&x->date, &r->file, map, e->key->text.p, true, err) < 0)
			return -1;
		x->set = set;
		x->country = e->key->text.p;
		x->line = e->line;
		r->n_expiry++;
	}
	return 0;
}

static int
load_members(struct tg_refset *set, const struct tg_reference *r,
    const struct tg_ynode *node, struct tg_arena *mem, struct tg_err *err)
{
	const struct tg_ynode *seq = tg_ynode_get(node, "members");

	if (seq == NULL)
		return tg_yaml_fail(
		    r->file.yaml, node, err, "the key 'members' is missing");
	if (tg_pfile_list(&set->member, &set->n, &r->file, seq, mem, err) < 0)
		return -1;
	if (set->n == 0)
		return tg_yaml_fail(r->file.yaml, seq, err, "an empty set");
	for (const struct tg_ynode *e = seq->child; e != NULL; e = e->next)
		if (!tg_country_known(e->text))
			return tg_yaml_fail(r->file.yaml, e, err,
			    "'%s' is no ISO 3166-1 country code", e->text.p);
	return 0;
}

static int
load_set(struct tg_reference *r, const struct tg_ynode *node,
    struct tg_arena *mem, struct tg_err *err)
{
	static const char *const known[] = {
	    "members", "notes", "expires", "source", NULL};
	const struct tg_ynode *expires;
	struct tg_refset *set;

	if (node->key->text.p[0] != '@' ||
	    !tg_schema_key_ok("place", node->key->text))
		return tg_yaml_fail(r->file.yaml, node->key, err,
		    "a set is named @ and upper-case letters");
	if (node->kind != TG_Y_MAP)
		return tg_yaml_fail(r->file.yaml, node, err, "not a map");
	if (r->n == TG_REFERENCE_SETS)
		return tg_yaml_fail(r->file.yaml, node, err,
		    "more than %d sets", TG_REFERENCE_SETS);
	if (tg_pfile_keys(&r->file, node, known, err) < 0)
		return -1;
	set = &r->set[r->n];
	set->name = node->key->text.p;
	if (load_members(set, r, node, mem, err) < 0)
		return -1;
	r->n++;
	expires = tg_ynode_get(node, "expires");
	if (expires == NULL)
		return 0;
	return load_expiries(r, set->name, expires, err);
}

static int
load_head(
    struct tg_reference *r, const struct tg_ynode *root, struct tg_err *err)
{
	static const char *const known[] = {
	    "schema", "as_of", "stale_after_days", "sets", NULL};
	const char *days = NULL;

	if (tg_pfile_keys(&r->file, root, known, err) < 0 ||
	    tg_pfile_date(&r->as_of, &r->file, root, "as_of", true, err) < 0 ||
	    tg_pfile_str(&days, &r->file, root, "stale_after_days", true, err) <
		0 ||
	    tg_pfile_str(&r->file.version, &r->file, root, "as_of", true, err) <
		0)
		return -1;
	r->as_of_line = tg_ynode_get(root, "as_of")->line;
	if (!tg_parse_u64(&r->stale_after_days, tg_sv_of(days), 1, 3650))
		return tg_yaml_fail(r->file.yaml,
		    tg_ynode_get(root, "stale_after_days"), err,
		    "'stale_after_days' wants a whole number 1 to 3650");
	return 0;
}

static int
load(struct tg_reference *r, struct tg_arena *mem, struct tg_err *err)
{
	const struct tg_ynode *root = tg_pfile_root(&r->file, SCHEMA, err);
	const struct tg_ynode *sets;

	if (root == NULL || load_head(r, root, err) < 0)
		return -1;
	sets = tg_ynode_get(root, "sets");
	if (sets == NULL || sets->kind != TG_Y_MAP)
		return tg_yaml_fail(
		    r->file.yaml, root, err, "the map 'sets' is missing");
	r->set = tg_arena_calloc(mem, TG_REFERENCE_SETS, sizeof(*r->set));
	r->expiry =
	    tg_arena_calloc(mem, TG_REFERENCE_EXPIRIES + 1, sizeof(*r->expiry));
	if (r->set == NULL || r->expiry == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *e = sets->child; e != NULL; e = e->next)
		if (load_set(r, e, mem, err) < 0)
			return -1;
	return 0;
}

int
tg_reference_open(struct tg_reference *out, const char *path, const char *name,
    struct tg_arena *mem, struct tg_err *err)
{
	struct tg_reference r = {0};

	if (tg_pfile_open(&r.file, path, name, mem, err) < 0)
		return -1;
	if (load(&r, mem, err) < 0) {
		tg_pfile_close(&r.file);
		return -1;
	}
	*out = r;
	return 0;
}

static bool
is_reference(const char *name)
{
	const size_t n = strlen(name), head = strlen(HEAD), tail = strlen(TAIL);

	return n > head + tail && memcmp(name, HEAD, head) == 0 &&
	    strcmp(name + n - tail, TAIL) == 0;
}

int
tg_reference_load(struct tg_reference *out, const char *policy_dir,
    struct tg_arena *mem, struct tg_err *err)
{
	const char *newest = NULL, *path, *name;
	struct tg_fs_names names = {0};
	int rc = -1;

	if (tg_fs_list(&names, policy_dir, false, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		if (is_reference(names.name[i]))
			newest = names.name[i];
	if (newest == NULL) {
		*out = (struct tg_reference){0};
		rc = 0;
		goto out;
	}
	path = tg_arena_fmt(mem, "%s/%s", policy_dir, newest);
	name = tg_arena_fmt(mem, "policies/%s", newest);
	if (path == NULL || name == NULL) {
		tg_fail_memory(err);
		goto out;
	}
	rc = tg_reference_open(out, path, name, mem, err);
out:
	tg_fs_names_free(&names);
	return rc;
}

void
tg_reference_close(struct tg_reference *r)
{
	tg_pfile_close(&r->file);
}

const struct tg_refset *
tg_reference_find(const struct tg_reference *r, struct tg_sv name)
{
	for (size_t i = 0; i < r->n; i++)
		if (tg_sv_is(name, r->set[i].name))
			return &r->set[i];
	return NULL;
}

int
tg_reference_unknown(const struct tg_reference *r, const struct tg_pfile *f,
    const struct tg_ynode *node, struct tg_err *err)
{
	const char *words[TG_REFERENCE_SETS + 1], *near;
	const int n = node->text.n > 64 ? 64 : (int)node->text.n;

	for (size_t i = 0; i < r->n; i++)
		words[i] = r->set[i].name;
	words[r->n] = NULL;
	near = tg_nearest(node->text, words);
	if (near != NULL)
		return tg_yaml_fail(f->yaml, node, err,
		    "unknown set '%.*s' (did you mean '%s'?)", n, node->text.p,
		    near);
	return tg_yaml_fail(f->yaml, node, err, "unknown set '%.*s' (%s)", n,
	    node->text.p,
	    r->n == 0 ? "no reference-*.yaml beside base.yaml" : r->file.name);
}
