/*
 * prefilter.h - which starts of a text a rule need try, derived from the
 * pattern itself.
 *
 * From each pattern come up to TG_PF_ALTS sequences of up to TG_PF_LEN byte
 * sets that any match begins with.  One AND of table rows a byte tells which
 * sequences may begin there; PCRE2, anchored, confirms.  A pattern that begins
 * with a long run of one class (an e-mail's local part) is anchored at what
 * follows the run instead, and the starts are searched backwards.  A pattern
 * without such a head is searched plainly (the slow lane).
 * Sound: a start that is left out cannot match (performance.md, "Regex", B).
 */
#ifndef TG_REDACTORS_PREFILTER_H
#define TG_REDACTORS_PREFILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"
#include "redactors/heads.h"
#include "redactors/marks.h"
#include "redactors/prefilter_bytes.h"
#include "redactors/prefilter_digits.h"

#define TG_PF_LEN 8    /* bytes looked at */
#define TG_PF_ALTS 64  /* sequences of one rule */
#define TG_PF_MAX 2048 /* sequences of all rules */
#define TG_PF_DEPTH 24 /* nesting of a pattern */
#define TG_PF_WIDE 16  /* bytes of one long run: any word would fit its head */

struct tg_pf_seq {
	uint8_t n; /* 0 to TG_PF_LEN */
	bool cut;  /* the pattern goes on after it */
	struct tg_bytes at[TG_PF_LEN];
};

struct tg_pf_head {
	bool slow; /* no usable head: search plainly */
	size_t n;  /* sequences */
	struct tg_pf_seq seq[TG_PF_ALTS];
	bool wide; /* begins with TG_PF_WIDE or more of [0-9A-Za-z+/_-] */
	bool back; /* the sequences follow a run of @run */
	struct tg_bytes run;
	uint32_t run_min, run_max;
	uint32_t most;		 /* bytes of any match; 0: not told */
	struct tg_digits digits; /* of any match */
};

/*
 * tg_pf_derive - the head of @pattern.  TG_E_CONFIG and *@where when the
 * pattern has an unbounded repeat, a back reference or nests too deep: those
 * may cost without limit.
 */
int tg_pf_derive(struct tg_pf_head *out, struct tg_sv pattern, size_t *where,
    struct tg_err *err) TG_MUST_CHECK;

/* The table of many rules. */
struct tg_pf;

int tg_pf_new(struct tg_pf **out, struct tg_err *err) TG_MUST_CHECK;
void tg_pf_free(struct tg_pf *pf);
/* tg_pf_add - rule @id; @glued: the match may follow a letter or digit.
 * Returns 1 when it is in the table, 0 when it goes to the slow lane. */
int tg_pf_add(struct tg_pf *pf, uint16_t id, bool glued,
    const struct tg_pf_head *head, struct tg_err *err) TG_MUST_CHECK;
/* All are in. */
void tg_pf_ready(struct tg_pf *pf);
/* The words that may begin a rule; after tg_pf_ready. */
const struct tg_heads *tg_pf_heads(const struct tg_pf *pf);

/* Called with starts (ascending for each rule); returns the first offset at
 * which the rule may start next, or SIZE_MAX on error. */
typedef size_t (*tg_pf_try)(void *ctx, uint16_t id, size_t start);

/* tg_pf_run - over @p, whose marks, made with tg_pf_heads, are @m.  @next: for
 * each rule id the first allowed start, updated.  Returns -1 when @try_at did.
 */
int tg_pf_run(const struct tg_pf *pf, const char *p, const struct tg_marks *m,
    size_t *next, tg_pf_try try_at, void *ctx) TG_MUST_CHECK;

#endif
