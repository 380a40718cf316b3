/*
 * prefilter_gate.h - which rules a text can wake at all.
 *
 * A rule that scores nothing without context (base and valid 0) need not be
 * tried in a text that has none of its words.  One pass over the words of a
 * text, by the first bytes of the first word of each phrase, tells which.
 */
#ifndef TG_REDACTORS_PREFILTER_GATE_H
#define TG_REDACTORS_PREFILTER_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "redactors/marks.h"
#include "redactors/rule.h"

struct tg_gate;

int tg_gate_new(struct tg_gate **out, const struct tg_rules *r,
    struct tg_err *err) TG_MUST_CHECK;
void tg_gate_free(struct tg_gate *g);

/* Whether the rule is one that only context can wake. */
bool tg_gate_has(const struct tg_gate *g, uint16_t rule);

/* Whether its words must stand within its window of a match to wake it, or in
 * the key: no part of one is cut by the finding. */
bool tg_gate_near(const struct tg_gate *g, uint16_t rule);

/*
 * tg_gate_run - next[rule] = @shut for each rule that only context can wake
 * and whose words stand nowhere in @p (folded; its marks in @m) nor in @key
 * (words of context.h).  Makes TG_MARK_ASKED of @m.
 */
void tg_gate_run(const struct tg_gate *g, const char *p,
    const struct tg_marks *m, struct tg_sv key, size_t *next, size_t shut);

/*
 * tg_gate_asks - whether a word begins at one of the bytes @from to @to of @p,
 * whose TG_MARK_ASKED was made, that may begin a phrase of context or against
 * it of @rule.  Where it says no, none of them stands there.
 */
bool tg_gate_asks(const struct tg_gate *g, uint16_t rule, const char *p,
    const struct tg_marks *m, size_t from, size_t to);

#endif
