#include "policies/parts.h"

#include "base/banned.h"

static const struct tg_part parts[] = {
#define PART(kind, name, given_by) {TG_PART_##kind, name, given_by},
#include "policies/parts.def"
#undef PART
};

static const char *const leaves[TG_PART_KINDS] = {
    [TG_PART_LANGUAGE] = "/evidence/languages",
    [TG_PART_FORMAT] = "/evidence/formats",
    [TG_PART_SECTION] = "/evidence/sections_require"};

const struct tg_part *
tg_part_at(size_t i)
{
	return i < TG_COUNT(parts) ? &parts[i] : NULL;
}

const struct tg_part *
tg_part_find(enum tg_part_kind kind, const char *name)
{
	for (size_t i = 0; i < TG_COUNT(parts); i++)
		if (parts[i].kind == kind && strcmp(parts[i].name, name) == 0)
			return &parts[i];
	return NULL;
}

const char *
tg_part_leaf(enum tg_part_kind kind)
{
	return leaves[kind];
}

/* A language or a format that nobody makes is an error of the file; a section
 * may be a region's own, made by people. */
int
tg_parts_ask(struct tg_gate *g, struct tg_err *err)
{
	static const enum tg_part_kind closed[] = {
	    TG_PART_LANGUAGE, TG_PART_FORMAT};

	for (size_t k = 0; k < TG_COUNT(closed); k++) {
		const char *path = leaves[closed[k]];
		const struct tg_leaf *want = tg_policy_find(g->p, path);

		for (size_t i = 0; want != NULL && i < want->n; i++)
			if (tg_part_find(closed[k], want->item[i]) == NULL &&
			    tg_reason_add(g, "EVI-PART", path, err,
				"this version makes no evidence with '%.64s'",
				want->item[i]) < 0)
				return -1;
	}
	return 0;
}
