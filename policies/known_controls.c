#include "policies/known_controls.h"

#include "base/banned.h"

static bool
there(const struct tg_controls *c, size_t n, struct tg_sv id)
{
	for (size_t i = 0; i < n; i++)
		if (tg_controls_find(&c[i], id) != NULL)
			return true;
	return false;
}

int
tg_known_listed(const struct tg_controls *c, size_t n, const struct tg_layer *l,
    const char *where, struct tg_err *err)
{
	const struct tg_pval *list =
	    tg_leaves_find(&l->leaves, TG_SV("/controls"));

	for (size_t i = 0; list != NULL && i < list->n; i++)
		if (!there(c, n, tg_sv_of(list->item[i])))
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:%u: no control '%s' in %s", l->file.path,
			    list->line, list->col, list->item[i], where);
	return 0;
}

int
tg_known_sources(const struct tg_controls *c, size_t n,
    const struct tg_layer *l, struct tg_err *err)
{
	const struct tg_ynode *map =
	    tg_ynode_get(tg_yaml_root(l->file.yaml), "provenance");

	for (size_t i = 0; i < l->n_prov; i++) {
		const struct tg_sv id = tg_sv_of(l->prov[i].source);

		if (memchr(id.p, '-', id.n) == NULL)
			continue; /* seed, choice */
		if (!there(c, n, id))
			return tg_yaml_fail(l->file.yaml,
			    tg_ynode_get(map, l->prov[i].path.p), err,
			    "no control '%s' in base or this region",
			    l->prov[i].source);
	}
	return 0;
}
