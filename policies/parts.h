/*
 * parts.h - the parts that a policy may demand of the evidence
 * (/evidence/languages, /evidence/formats, /evidence/sections_require):
 * parts.def as a table, and the gate's rule.
 */
#ifndef TG_POLICIES_PARTS_H
#define TG_POLICIES_PARTS_H

#include "policies/reason.h"

enum tg_part_kind { TG_PART_LANGUAGE, TG_PART_FORMAT, TG_PART_SECTION };

#define TG_PART_KINDS 3

struct tg_part {
	enum tg_part_kind kind;
	const char *name;
	const char *given_by; /* id of a requirement; "": not made */
};

/* NULL behind the last. */
const struct tg_part *tg_part_at(size_t i);
/* NULL: this version does not know it. */
const struct tg_part *tg_part_find(enum tg_part_kind kind, const char *name);
/* The leaf that lists parts of @kind. */
const char *tg_part_leaf(enum tg_part_kind kind);

/* EVI-PART: a language or a format that this version does not know.  A section
 * that it does not know is one that it does not make. */
int tg_parts_ask(struct tg_gate *g, struct tg_err *err) TG_MUST_CHECK;

#endif
