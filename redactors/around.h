/*
 * around.h - the words before and behind a match, read once for all rules that
 * ask for the same ones.
 */
#ifndef TG_REDACTORS_AROUND_H
#define TG_REDACTORS_AROUND_H

#include "redactors/context.h"
#include "redactors/look.h"

struct tg_around {
	char before[TG_CONTEXT_MAX], after[TG_CONTEXT_MAX];
	size_t n_before, n_after;
	struct tg_pairs pairs_before, pairs_after;
	/* What they were made for, within one look. */
	struct tg_span span;
	size_t far_before, far_after; /* bytes looked at */
	bool made; /* the owner clears it when the look is another */
};

/* The words around @s of @v, as far as @r looks. */
void tg_around_make(struct tg_around *a, const struct tg_look *v,
    struct tg_span s, const struct tg_rule *r);
/*
 * tg_around_silent - whether it is plain that no phrase of @rule stands around
 * @s of @v, whose marks are @m with TG_MARK_ASKED: no words need be made.
 */
bool tg_around_silent(const struct tg_rules *rules, uint16_t rule,
    const struct tg_look *v, const struct tg_marks *m, struct tg_span s);
/* The same of whatever match begins at @start; tg_gate_near. */
bool tg_around_far(const struct tg_rules *rules, uint16_t rule,
    const struct tg_look *v, const struct tg_marks *m, size_t start);
bool tg_around_has(const struct tg_words *w, const struct tg_around *a);

#endif
