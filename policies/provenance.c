#include "policies/provenance.h"

#include "base/banned.h"

/* seed, choice, or a control: two or more capitals, '-', two or more digits. */
static bool
is_source(struct tg_sv s)
{
	size_t i = 0, digits = 0;

	if (tg_sv_is(s, "seed") || tg_sv_is(s, "choice"))
		return true;
	while (i < s.n && s.p[i] >= 'A' && s.p[i] <= 'Z')
		i++;
	if (i < 2 || i == s.n || s.p[i] != '-')
		return false;
	for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		digits++;
	return i == s.n && digits >= 2;
}

int
tg_provenance_read(struct tg_layer *l, const struct tg_ynode *root,
    struct tg_arena *mem, struct tg_err *err)
{
	const struct tg_ynode *map = tg_ynode_get(root, "provenance");

	if (map == NULL)
		return 0;
	if (map->kind != TG_Y_MAP)
		return tg_yaml_fail(
		    l->file.yaml, map, err, "'provenance' wants a map");
	l->prov = tg_arena_calloc(mem, map->n + 1, sizeof(*l->prov));
	if (l->prov == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next) {
		const struct tg_sv path = e->key->text;

		if (tg_leaves_find(&l->leaves, path) == NULL &&
		    (path.n == 0 || !tg_leaves_below(&l->leaves, path)))
			return tg_yaml_fail(l->file.yaml, e->key, err,
			    "provenance of '%.*s', which this file does not "
			    "set",
			    path.n > 128 ? 128 : (int)path.n, path.p);
		if (e->kind != TG_Y_SCALAR || !is_source(e->text))
			return tg_yaml_fail(l->file.yaml, e, err,
			    "a provenance is seed, choice or a control such "
			    "as FR-20");
		l->prov[l->n_prov++] = (struct tg_prov){path, e->text.p};
	}
	return 0;
}

const char *
tg_provenance_find(const struct tg_layer *l, const char *path)
{
	const struct tg_sv p = tg_sv_of(path);
	const struct tg_prov *best = NULL;

	for (size_t i = 0; i < l->n_prov; i++) {
		const struct tg_prov *x = &l->prov[i];

		if (!tg_sv_starts(p, x->path) ||
		    (p.n > x->path.n && p.p[x->path.n] != '/'))
			continue;
		if (best == NULL || x->path.n > best->path.n)
			best = x;
	}
	return best == NULL ? NULL : best->source;
}

int
tg_provenance_need(const struct tg_layer *l, struct tg_err *err)
{
	if (l->kind == TG_LAYER_PROJECT)
		return 0; /* may lean on its parents; seen after the merge */
	for (size_t i = 0; i < l->leaves.n; i++) {
		const struct tg_pval *v = &l->leaves.v[i];

		if (!tg_pval_is_number(v->row) ||
		    tg_provenance_find(l, v->path) != NULL)
			continue;
		tg_fail(err, TG_E_CONFIG,
		    "%s:%u:%u: E-NO-SOURCE: %s is a number without a "
		    "provenance",
		    l->file.path, v->line, v->col, v->path);
		return tg_fail_hint(err,
		    "below 'provenance:' add  \"%s\": choice  (or seed, or a "
		    "control of the region)",
		    v->path);
	}
	return 0;
}
