/*
 * pack_lint.h - everything that is wrong with a rule file, not only the first;
 * and what is allowed but costs.
 */
#ifndef TG_REDACTORS_PACK_LINT_H
#define TG_REDACTORS_PACK_LINT_H

#include "redactors/redactor.h"

/* Called with "file:line:col: what"; @fatal: the file does not load. */
typedef void (*tg_complain)(void *ctx, bool fatal, const char *text);

struct tg_complaints {
	tg_complain complain;
	void *ctx;
	size_t n; /* fatal ones so far */
};

/* tg_rules_load that hands on each error about a rule and goes on to the end of
 * the step (reading, names, patterns, examples); then TG_E_CONFIG with their
 * number. */
int tg_rules_load_all(struct tg_rules **out, const struct tg_rules_src *src,
    struct tg_complaints *complaints, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_rules_lint - warnings about the rules of @pack in a set that loaded:
 *	SLOW-LANE    no beginning to look for: PCRE2 searches every text from
 *	             end to end for it (detection.md 4.1: 14 to 30 MB/s for all
 *	             rules so, 430 and more behind the prefilter)
 *	UNREACHABLE  an alternative that an earlier one makes pointless
 * Returns how many there were.
 */
size_t tg_rules_lint(const struct tg_rules *r, const char *pack,
    tg_complain complain, void *ctx);

#endif
