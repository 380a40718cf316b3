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

int
tg_parts_ask(struct tg_gate *g, struct tg_err *err)
{
	for (size_t k = 0; k < TG_PART_KINDS; k++) {
		const struct tg_leaf *want = tg_policy_find(g->p, leaves[k]);

		for (size_t i = 0; want != NULL && i < want->n; i++)
			if (tg_part_find((enum tg_part_kind)k, want->item[i]) ==
				NULL &&
			    tg_reason_add(g, "EVI-PART", leaves[k], err,
				"this version makes no evidence with '%.64s'",
				want->item[i]) < 0)
				return -1;
	}
	return 0;
}
