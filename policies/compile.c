/* compile.c - tg_policy_compile of policies/policy.h: files in, one effective
 * policy out. */
#include <stdlib.h>

#include "base/fs.h"
#include "policies/compiled.h"
#include "policies/conflict.h"
#include "policies/effective.h"
#include "policies/known_controls.h"
#include "policies/merge.h"
#include "policies/provenance.h"
#include "policies/scope.h"
#include "regions/region.h"

#include "base/banned.h"

#define LAYERS (TG_POLICY_REGIONS + 3)

/* ---- files ------------------------------------------------------------- */

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
code_cmp(const void *a, const void *b)
{
	const char *const *const x = a, *const *const y = b;

	return strcmp(*x, *y);
}

/* Sorted, each once, each a folder there is. */
static int
region_codes(const char *code[TG_POLICY_REGIONS], size_t *n,
    const struct tg_policy_src *src, struct tg_arena *mem, struct tg_err *err)
{
	struct tg_regions regions;
	size_t k = 0;
	int rc = -1;

	*n = 0;
	if (src->n_region == 0)
		return 0;
	if (src->n_region > TG_POLICY_REGIONS)
		return tg_fail(err, TG_E_CONFIG, "more than %d regions",
		    TG_POLICY_REGIONS);
	if (tg_regions_load(&regions, src->region_dir, err) < 0)
		return -1;
	for (size_t i = 0; i < src->n_region; i++) {
		const struct tg_region *r =
		    tg_regions_find(&regions, tg_sv_of(src->region[i]), err);

		if (r == NULL)
			goto out;
		code[i] = tg_arena_str(mem, tg_sv_of(r->code));
		if (code[i] == NULL) {
			tg_fail_memory(err);
			goto out;
		}
	}
	qsort(code, src->n_region, sizeof(*code), code_cmp);
	for (size_t i = 0; i < src->n_region; i++)
		if (k == 0 || strcmp(code[k - 1], code[i]) != 0)
			code[k++] = code[i];
	*n = k;
	rc = 0;
out:
	tg_regions_free(&regions);
	return rc;
}

/* The controls that a layer lists are those of the file beside it. */
static int
open_controls(struct tg_policy *p, const struct tg_layer *l, const char *path,
    const char *name, struct tg_err *err)
{
	const struct tg_pval *list =
	    tg_leaves_find(&l->leaves, TG_SV("/controls"));
	struct tg_controls *c = &p->controls[p->n_controls];

	if (path == NULL || name == NULL)
		return tg_fail_memory(err);
	if (list == NULL)
		return 0;
	if (tg_controls_open(c, path, name, &p->mem, err) < 0)
		return -1;
	p->n_controls++;
	return tg_known_listed(c, 1, l, path, err);
}

static int
open_base(struct tg_policy *p, const char *dir, struct tg_err *err)
{
	const char *path = tg_arena_fmt(&p->mem, "%s/base.yaml", dir);
	struct tg_layer *l = &p->layer[p->n_layer];

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_layer_open(l, TG_LAYER_BASE, path, "policies/base.yaml", &p->ref,
		&p->mem, err) < 0)
		return -1;
	p->n_layer++;
	return open_controls(p, l,
	    tg_arena_fmt(&p->mem, "%s/controls.yaml", dir),
	    "policies/controls.yaml", err);
}

/* Target patterns are kept under the id: two layers of one id would be one. */
static int
own_id(const struct tg_policy *p, const struct tg_layer *l, struct tg_err *err)
{
	for (const struct tg_layer *o = p->layer; o != l; o++)
		if (strcmp(o->id, l->id) == 0)
			return tg_yaml_fail(l->file.yaml,
			    tg_ynode_get(tg_yaml_root(l->file.yaml), "id"), err,
			    "the id '%s' is that of %s", l->id, o->file.path);
	return 0;
}

static int
open_region(
    struct tg_policy *p, const char *dir, const char *code, struct tg_err *err)
{
	const char *path =
	    tg_arena_fmt(&p->mem, "%s/%s/policy.yaml", dir, code);
	const char *name =
	    tg_arena_fmt(&p->mem, "regions/%s/policy.yaml", code);
	struct tg_layer *l = &p->layer[p->n_layer];

	if (path == NULL || name == NULL)
		return tg_fail_memory(err);
	if (tg_layer_open(
		l, TG_LAYER_REGION, path, name, &p->ref, &p->mem, err) < 0)
		return -1;
	p->n_layer++;
	if (strcmp(l->id, code) != 0)
		return tg_yaml_fail(l->file.yaml,
		    tg_ynode_get(tg_yaml_root(l->file.yaml), "id"), err,
		    "its id '%s' is not the folder's name '%s'", l->id, code);
	if (own_id(p, l, err) < 0 ||
	    open_controls(p, l,
		tg_arena_fmt(&p->mem, "%s/%s/controls.yaml", dir, code),
		tg_arena_fmt(&p->mem, "regions/%s/controls.yaml", code),
		err) < 0)
		return -1;
	/* Its numbers come from its own controls or from base's. */
	return tg_known_sources(p->controls, p->n_controls, l, err);
}

static int
open_project(struct tg_policy *p, const char *path, struct tg_err *err)
{
	struct tg_layer *l = &p->layer[p->n_layer];

	if (tg_layer_open(l, TG_LAYER_PROJECT, path, base_name(path), &p->ref,
		&p->mem, err) < 0)
		return -1;
	p->n_layer++;
	if (own_id(p, l, err) < 0)
		return -1;
	/* It may list controls of its laws, and brings none of its own. */
	return tg_known_listed(
	    p->controls, p->n_controls, l, "base or the regions", err);
}

/* ---- the merge --------------------------------------------------------- */

/* What base and the regions say together. */
static int
merge_laws(struct tg_policy *p, struct tg_err *err)
{
	struct tg_leaves one;

	p->leaves = p->layer[0].leaves;
	for (size_t i = 1; i < p->n_layer; i++) {
		if (tg_merge_extend(&one, &p->layer[0].leaves, &p->layer[i],
			&p->mem, err) < 0)
			return -1;
		if (i == 1)
			p->leaves = one;
		else if (tg_merge_meet(
			     &p->leaves, &p->leaves, &one, &p->mem, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_project(
    struct tg_policy *p, const struct tg_policy_src *src, struct tg_err *err)
{
	if (src->project == NULL)
		return 0;
	if (open_project(p, src->project, err) < 0)
		return -1;
	return tg_merge_extend(
	    &p->leaves, &p->leaves, &p->layer[p->n_layer - 1], &p->mem, err);
}

static int
add_scope(
    struct tg_policy *p, const struct tg_policy_src *src, struct tg_err *err)
{
	const char *path = src->scope_config;
	struct tg_layer *l = &p->layer[p->n_layer];

	if (path == NULL)
		return 0;
	if (tg_scope_open(l, path, base_name(path), &p->leaves, &p->mem, err) <
	    0)
		return -1;
	p->n_layer++;
	return tg_merge_extend(&p->leaves, &p->leaves, l, &p->mem, err);
}

/* The winner's own file first, then its parents from the nearest up. */
static const char *
source_of(const struct tg_policy *p, const struct tg_pval *v)
{
	size_t i = (size_t)(v->from - p->layer) + 1;

	if (v->from->kind == TG_LAYER_SCOPE)
		return "declared";
	while (i-- > 0) {
		const char *s = tg_provenance_find(&p->layer[i], v->path);

		/* Regions stand beside each other, not above. */
		if (p->layer[i].kind == TG_LAYER_REGION &&
		    v->from->kind == TG_LAYER_REGION && &p->layer[i] != v->from)
			continue;
		if (s != NULL)
			return s;
	}
	return NULL;
}

static int
find_sources(struct tg_policy *p, struct tg_err *err)
{
	for (size_t i = 0; i < p->leaves.n; i++) {
		struct tg_pval *v = &p->leaves.v[i];

		v->source = source_of(p, v);
		if (v->source != NULL)
			continue;
		if (tg_pval_is_number(v->row))
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:%u: E-NO-SOURCE: %s is a number without a "
			    "provenance",
			    v->from->file.path, v->line, v->col, v->path);
		v->source = "";
	}
	return 0;
}

/* ---- what is shown ----------------------------------------------------- */

static void
list_file(struct tg_policy *p, const struct tg_pfile *f)
{
	p->file[p->n_file++] =
	    (struct tg_policy_file){f->name, f->version, f->sha256, f->text};
}

static int
list_files(struct tg_policy *p, struct tg_err *err)
{
	p->file = tg_arena_calloc(
	    &p->mem, p->n_layer + p->n_controls + 1, sizeof(*p->file));
	if (p->file == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < p->n_layer; i++) {
		list_file(p, &p->layer[i].file);
		if (i == 0 && p->ref.file.path != NULL)
			list_file(p, &p->ref.file);
	}
	for (size_t i = 0; i < p->n_controls; i++)
		list_file(p, &p->controls[i].file);
	return 0;
}

static int
list_leaves(struct tg_policy *p, struct tg_err *err)
{
	p->leaf = tg_arena_calloc(&p->mem, p->leaves.n, sizeof(*p->leaf));
	if (p->leaf == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < p->leaves.n; i++) {
		const struct tg_pval *v = &p->leaves.v[i];

		p->leaf[i] = (struct tg_leaf){
		    .path = v->path,
		    .kind = v->text == NULL ? TG_LEAF_LIST : TG_LEAF_SCALAR,
		    .text = v->text,
		    .item = v->item,
		    .n = v->n,
		    .file = v->from->file.name,
		    .line = v->line,
		    .source = v->source,
		    .rule = tg_schema_rule_name(v->row->rule),
		};
	}
	return 0;
}

/* The reference sets, base and the regions. */
static int
open_laws(
    struct tg_policy *p, const struct tg_policy_src *src, struct tg_err *err)
{
	const char *code[TG_POLICY_REGIONS] = {NULL};
	size_t n = 0;

	if (!tg_fs_is_dir(src->policy_dir))
		return tg_fail(err, TG_E_CONFIG,
		    "%s: no such folder of policies", src->policy_dir);
	if (region_codes(code, &n, src, &p->mem, err) < 0 ||
	    tg_reference_load(&p->ref, src->policy_dir, &p->mem, err) < 0 ||
	    open_base(p, src->policy_dir, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (open_region(p, src->region_dir, code[i], err) < 0)
			return -1;
	return 0;
}

static int
compile(
    struct tg_policy *p, const struct tg_policy_src *src, struct tg_err *err)
{
	p->layer = tg_arena_calloc(&p->mem, LAYERS, sizeof(*p->layer));
	p->controls = tg_arena_calloc(&p->mem, LAYERS, sizeof(*p->controls));
	if (p->layer == NULL || p->controls == NULL)
		return tg_fail_memory(err);
	if (open_laws(p, src, err) < 0 || merge_laws(p, err) < 0 ||
	    add_project(p, src, err) < 0 || add_scope(p, src, err) < 0 ||
	    find_sources(p, err) < 0 ||
	    tg_conflict_check(&p->leaves, err) < 0 || list_files(p, err) < 0 ||
	    list_leaves(p, err) < 0)
		return -1;
	return tg_effective_seal(p, err);
}

int
tg_policy_compile(
    struct tg_policy **out, const struct tg_policy_src *src, struct tg_err *err)
{
	struct tg_policy *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return tg_fail_memory(err);
	tg_arena_init(&p->mem, TG_POLICY_MEMORY);
	if (compile(p, src, err) < 0) {
		tg_policy_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

void
tg_policy_free(struct tg_policy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_layer; i++)
		tg_layer_close(&p->layer[i]);
	for (size_t i = 0; i < p->n_controls; i++)
		tg_controls_close(&p->controls[i]);
	tg_reference_close(&p->ref);
	tg_arena_deinit(&p->mem);
	free(p);
}
