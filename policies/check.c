#include "policies/check.h"

#include "base/fs.h"
#include "policies/compiled.h"
#include "policies/conflict.h"
#include "policies/known_controls.h"
#include "policies/merge.h"
#include "regions/wording.h"

#include "base/banned.h"

struct check {
	const char *path;
	const struct tg_policy_src *src; /* NULL: alone */
	struct tg_arena mem;
	struct tg_reference ref;
	struct tg_policy_checked *out;
};

/* The controls of @path if there are any there and they are @region's. */
static int
controls_at(struct check *c, struct tg_controls *out, const char *path,
    const char *region, bool *mine, struct tg_err *err)
{
	*mine = false;
	if (path == NULL)
		return tg_fail_memory(err);
	if (!tg_fs_exists(path))
		return 0;
	if (tg_controls_open(out, path, path, &c->mem, err) < 0)
		return -1;
	*mine = strcmp(out->region, region) == 0;
	if (!*mine)
		tg_controls_close(out);
	return 0;
}

/* Those beside the file, else those of the region of its id. */
static int
own_controls(struct check *c, struct tg_controls *out, const struct tg_layer *l,
    struct tg_err *err)
{
	const char *slash = strrchr(c->path, '/');
	const char *region = l->kind == TG_LAYER_BASE ? "" : l->id;
	const char *there = l->kind == TG_LAYER_BASE
	    ? tg_arena_fmt(&c->mem, "%s/controls.yaml", c->src->policy_dir)
	    : tg_arena_fmt(
		  &c->mem, "%s/%s/controls.yaml", c->src->region_dir, l->id);
	const char *beside = tg_arena_fmt(&c->mem, "%.*scontrols.yaml",
	    slash == NULL ? 0 : (int)(slash - c->path) + 1, c->path);
	bool mine;

	if (controls_at(c, out, beside, region, &mine, err) < 0)
		return -1;
	if (!mine && controls_at(c, out, there, region, &mine, err) < 0)
		return -1;
	if (mine)
		return 0;
	(void)tg_fail(err, TG_E_CONFIG,
	    "%s: it lists controls, and there is no controls.yaml of '%s' "
	    "beside it, nor %s",
	    c->path, l->id, there);
	return tg_fail_hint(err,
	    "write controls.yaml beside it (region: %s), or take 'controls' "
	    "out",
	    region);
}

/* The controls it speaks of, as in a region of the tree. */
static int
check_known(struct check *c, const struct tg_layer *l, struct tg_err *err)
{
	const char *base =
	    tg_arena_fmt(&c->mem, "%s/controls.yaml", c->src->policy_dir);
	struct tg_controls all[2];
	size_t n = 0;
	bool mine;
	int rc = -1;

	if (tg_leaves_find(&l->leaves, TG_SV("/controls")) != NULL) {
		if (own_controls(c, &all[0], l, err) < 0)
			return -1;
		n++;
		if (tg_known_listed(all, n, l, all[0].file.path, err) < 0)
			goto out;
	}
	if (l->kind != TG_LAYER_REGION) {
		rc = 0; /* the floor's numbers may come from any law */
		goto out;
	}
	if (controls_at(c, &all[n], base, "", &mine, err) < 0)
		goto out;
	n += mine;
	rc = tg_known_sources(all, n, l, err);
out:
	while (n-- > 0)
		tg_controls_close(&all[n]);
	return rc;
}

/* A region's file or base.yaml over (or as) the base. */
static int
merge_law(struct check *c, const struct tg_layer *l, struct tg_err *err)
{
	const char *path =
	    tg_arena_fmt(&c->mem, "%s/base.yaml", c->src->policy_dir);
	struct tg_leaves all = l->leaves;
	struct tg_layer base;
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(err);
	if (check_known(c, l, err) < 0)
		return -1;
	if (l->kind == TG_LAYER_BASE) {
		c->out->merged = true;
		return tg_conflict_check(&all, err);
	}
	if (tg_layer_open(&base, TG_LAYER_BASE, path, "policies/base.yaml",
		&c->ref, &c->mem, err) < 0)
		return -1;
	if (tg_merge_extend(&all, &base.leaves, l, &c->mem, err) == 0 &&
	    tg_conflict_check(&all, err) == 0) {
		c->out->merged = true;
		rc = 0;
	}
	tg_layer_close(&base);
	return rc;
}

static int
merge_project(struct check *c, struct tg_err *err)
{
	struct tg_policy_src src = *c->src;
	struct tg_policy *p = NULL;

	src.project = c->path;
	src.scope_config = NULL;
	if (tg_policy_compile(&p, &src, err) < 0)
		return -1;
	tg_policy_free(p);
	c->out->merged = true;
	return 0;
}

/* Whether there is a base to merge with. */
static int
find_base(struct check *c, bool *found, struct tg_err *err)
{
	const char *path;

	*found = false;
	if (c->src == NULL || c->src->policy_dir == NULL)
		return 0;
	path = tg_arena_fmt(&c->mem, "%s/base.yaml", c->src->policy_dir);
	if (path == NULL)
		return tg_fail_memory(err);
	*found = tg_fs_exists(path);
	return 0;
}

static int
check_policy(struct check *c, const struct tg_pfile *f,
    const struct tg_ynode *root, struct tg_err *err)
{
	enum tg_layer_kind kind = TG_LAYER_BASE;
	struct tg_layer l;
	bool merge = false;
	int rc = 0;

	if (tg_layer_kind_of(&kind, f, root, err) < 0 ||
	    find_base(c, &merge, err) < 0)
		return -1;
	if (c->src != NULL && c->src->policy_dir != NULL &&
	    tg_reference_load(&c->ref, c->src->policy_dir, &c->mem, err) < 0)
		return -1;
	if (tg_layer_open(&l, kind, c->path, c->path, &c->ref, &c->mem, err) <
	    0)
		return -1;
	c->out->kind = tg_layer_kind_name(kind);
	c->out->n = l.leaves.n;
	if (merge)
		rc = kind == TG_LAYER_PROJECT ? merge_project(c, err)
					      : merge_law(c, &l, err);
	tg_layer_close(&l);
	return rc;
}

static int
check_reference(struct check *c, struct tg_err *err)
{
	if (tg_reference_open(&c->ref, c->path, c->path, &c->mem, err) < 0)
		return -1;
	c->out->kind = "reference";
	c->out->n = c->ref.n;
	if (c->ref.n == 0)
		return tg_fail(err, TG_E_CONFIG, "%s: no set in it", c->path);
	return 0;
}

static int
check_controls(struct check *c, struct tg_err *err)
{
	struct tg_controls controls;

	if (tg_controls_open(&controls, c->path, c->path, &c->mem, err) < 0)
		return -1;
	c->out->kind = "controls";
	c->out->n = controls.n;
	tg_controls_close(&controls);
	return 0;
}

static int
check_wording(struct check *c, struct tg_err *err)
{
	struct tg_wording w;

	if (tg_wording_load(&w, c->path, err) < 0)
		return -1;
	c->out->kind = "wording";
	c->out->n = w.sentences->n;
	tg_wording_free(&w);
	return 0;
}

static int
check_by_schema(struct check *c, const struct tg_pfile *f, struct tg_err *err)
{
	const struct tg_ynode *root = tg_yaml_root(f->yaml);
	const struct tg_ynode *schema = tg_ynode_get(root, "schema");

	if (schema == NULL || schema->kind != TG_Y_SCALAR)
		return tg_fail(
		    err, TG_E_CONFIG, "%s: no key 'schema'", c->path);
	if (tg_sv_is(schema->text, "tracegate.policy/1"))
		return check_policy(c, f, root, err);
	if (tg_sv_is(schema->text, "tracegate.reference/1"))
		return check_reference(c, err);
	if (tg_sv_is(schema->text, "tracegate.controls/1"))
		return check_controls(c, err);
	if (tg_sv_is(schema->text, "tracegate.wording/1"))
		return check_wording(c, err);
	return tg_yaml_fail(f->yaml, schema, err,
	    "the schema is none of tracegate.policy/1, tracegate.reference/1, "
	    "tracegate.controls/1, tracegate.wording/1");
}

int
tg_policy_check_file(struct tg_policy_checked *out, const char *path,
    const struct tg_policy_src *src, struct tg_err *err)
{
	struct tg_policy_checked checked = {.kind = ""};
	struct check c = {.path = path, .src = src, .out = &checked};
	struct tg_pfile f = {0};
	int rc = -1;

	tg_arena_init(&c.mem, TG_POLICY_MEMORY);
	if (tg_pfile_open(&f, path, path, &c.mem, err) == 0 &&
	    check_by_schema(&c, &f, err) == 0) {
		*out = checked;
		rc = 0;
	}
	tg_pfile_close(&f);
	tg_reference_close(&c.ref);
	tg_arena_deinit(&c.mem);
	return rc;
}
