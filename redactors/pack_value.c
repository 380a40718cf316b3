#include "redactors/pack_value.h"

#include "base/num.h"

#include "base/banned.h"

int
tg_pack_unknown(const struct tg_pack_file *p, const struct tg_ynode *at,
    const char *what, struct tg_sv word, const char *const *known)
{
	const char *near = tg_nearest(word, known);

	if (near != NULL)
		return tg_yaml_fail(p->y, at, p->err,
		    "unknown %s '%.*s' (did you mean '%s'?)", what,
		    TG_SV_FMT(word), near);
	return tg_yaml_fail(
	    p->y, at, p->err, "unknown %s '%.*s'", what, TG_SV_FMT(word));
}

int
tg_pack_map(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *what, const char *const *known)
{
	if (map->kind != TG_Y_MAP)
		return tg_yaml_fail(p->y, map, p->err, "%s: not a map", what);
	for (const struct tg_ynode *n = map->child; n != NULL; n = n->next) {
		bool ok = false;

		for (size_t i = 0; known[i] != NULL && !ok; i++)
			ok = tg_sv_is(n->key->text, known[i]);
		if (!ok)
			return tg_pack_unknown(
			    p, n->key, "key", n->key->text, known);
	}
	return 0;
}

int
tg_pack_scalar(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, bool must, const struct tg_ynode **out)
{
	const struct tg_ynode *n = tg_ynode_get(map, key);

	*out = n;
	if (n == NULL && must)
		return tg_yaml_fail(p->y, map, p->err, "'%s' is missing", key);
	if (n != NULL && (n->kind != TG_Y_SCALAR || n->text.n == 0))
		return tg_yaml_fail(p->y, n, p->err, "'%s' is not a text", key);
	return 0;
}

int
tg_pack_text(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, bool must, struct tg_sv *out)
{
	const struct tg_ynode *n;

	if (tg_pack_scalar(p, map, key, must, &n) < 0)
		return -1;
	if (n == NULL)
		return 0;
	*out = tg_arena_sv(&p->r->arena, n->text);
	return out->p == NULL ? tg_fail_memory(p->err) : 0;
}

int
tg_pack_choice(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, const char *const *words, unsigned *out)
{
	const struct tg_ynode *n;

	if (tg_pack_scalar(p, map, key, false, &n) < 0)
		return -1;
	if (n == NULL)
		return 0;
	for (unsigned i = 0; words[i] != NULL; i++)
		if (tg_sv_is(n->text, words[i])) {
			*out = i;
			return 0;
		}
	return tg_pack_unknown(p, n, key, n->text, words);
}

int
tg_pack_number(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, uint64_t max, uint64_t *out)
{
	const struct tg_ynode *n;

	if (tg_pack_scalar(p, map, key, false, &n) < 0)
		return -1;
	if (n != NULL && !tg_parse_u64(out, n->text, 0, max))
		return tg_yaml_fail(p->y, n, p->err,
		    "'%s' is not a number from 0 to %llu", key,
		    (unsigned long long)max);
	return 0;
}

int
tg_pack_score(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, uint8_t *out)
{
	uint64_t v = *out;

	if (tg_pack_number(p, map, key, 100, &v) < 0)
		return -1;
	*out = (uint8_t)v;
	return 0;
}
