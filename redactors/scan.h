/*
 * scan.h - a scanner from inside: what matching, names and tests share.
 */
#ifndef TG_REDACTORS_SCAN_H
#define TG_REDACTORS_SCAN_H

#include "redactors/look.h"
#include "redactors/marks.h"
#include "redactors/rule.h"

#define TG_SCAN_TEXT_MAX (8u << 20)   /* bytes of one text */
#define TG_SCAN_CANDIDATES (1u << 18) /* of one text */
#define TG_SCAN_NAMES 64	      /* names remembered within one text */

/* A finding before resolution, in the text handed in. */
struct tg_candidate {
	uint32_t start, end;
	uint16_t rule;
	uint8_t score;
	uint8_t view;
	bool checked;
	bool context;
	bool weak; /* only where nothing else was found */
};

/* What a scan sees of a match, to be judged. */
struct tg_match {
	const struct tg_look *look;
	const struct tg_rule *rule;
	struct tg_span span; /* in look */
	uint8_t base;	     /* score before context */
	bool checked;
	bool context; /* context was part of the match */
};

/* Adds context to the score and keeps the candidate if it reaches the type's
 * minimum.  TG_E_INPUT when there are too many, TG_E_MEMORY. */
int tg_scan_judge(struct tg_scanner *s, const struct tg_match *m,
    struct tg_err *err) TG_MUST_CHECK;

/* person.c - the names in @look, whose marks are @m. */
int tg_person_scan(struct tg_scanner *s, const struct tg_rules *r,
    const struct tg_look *look, const struct tg_marks *m, struct tg_err *err)
    TG_MUST_CHECK;

/* resolve.c - sorts and merges @c in place (detection.md 5.3); the findings
 * are written to @out, room for @n.  Returns their number. */
size_t tg_resolve(struct tg_finding *out, struct tg_candidate *c, size_t n,
    const struct tg_rules *r, const uint8_t *action, const char *text);

/* For tests and examples: one rule alone (-1: all); no prefilter.  TG_E_MEMORY.
 */
void tg_scanner_only(struct tg_scanner *s, int rule);
int tg_scanner_plain(struct tg_scanner *s, bool plain, struct tg_err *err)
    TG_MUST_CHECK;

#endif
