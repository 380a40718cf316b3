/*
 * regex.h - the PCRE2 door: the only judge of a match.
 *
 * Patterns are compiled for bytes (no UTF mode): the text they see is the
 * shadow (shadow.h), where every letter and digit that matters is ASCII.
 * JIT is used when memory may be made executable, else the interpreter with
 * the same limits.  A limit that is hit is an error, never "no match".
 * Limits: detection.md 4.1 (10^6 measured as 2 ms a call at worst).
 */
#ifndef TG_REDACTORS_REGEX_H
#define TG_REDACTORS_REGEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_REGEX_MATCH_LIMIT 1000000u
/* A match that needs more than this is counted; one text may have so many, so
 * that its cost grows with its length, whatever the patterns. */
#define TG_REGEX_LIGHT_LIMIT 2000u
#define TG_REGEX_HEAVY 50
#define TG_REGEX_DEPTH_LIMIT 20000u
#define TG_REGEX_HEAP_KIB 20000u /* interpreter only */
#define TG_REGEX_GROUPS 8	 /* capture groups a pattern may have */

struct tg_regex {
	void *at;	/* pcre2_code: tries one start (PCRE2_ANCHORED) */
	void *find;	/* pcre2_code: searches on; NULL: start by start */
	uint32_t group; /* number of the group "value", 0 when there is none */
	bool jit;
};

/*
 * tg_regex_compile - @pattern into @re.  TG_E_CONFIG with the offset in
 * *@where (bytes in the pattern) when it is malformed, has too many groups or
 * uses \C; TG_E_MEMORY.
 */
int tg_regex_compile(struct tg_regex *re, struct tg_sv pattern, size_t *where,
    struct tg_err *err) TG_MUST_CHECK;
/* For a pattern that is searched for: the same @pattern once more, in the form
 * that finds its starts itself.  TG_E_MEMORY. */
int tg_regex_search(struct tg_regex *re, struct tg_sv pattern,
    struct tg_err *err) TG_MUST_CHECK;
/* False: patterns compiled from now on are interpreted, as where memory may not
 * be made executable.  For tests. */
void tg_regex_use_jit(bool on);
void tg_regex_deinit(struct tg_regex *re);

struct tg_regex_scratch; /* one thread's match data, JIT stack, limits */

int tg_regex_scratch_new(struct tg_regex_scratch **out, struct tg_err *err)
    TG_MUST_CHECK;
void tg_regex_scratch_free(struct tg_regex_scratch *s);
/* A new text begins: no heavy match was counted yet. */
void tg_regex_scratch_start(struct tg_regex_scratch *s);

struct tg_span {
	size_t start, end; /* bytes, end exclusive */
};

enum tg_regex_how { TG_REGEX_AT, TG_REGEX_FIND };

/*
 * tg_regex_match - 1 and *@all (the match) and *@value (the group "value", or
 * the match) when there is a match at (AT) or from (FIND) offset @from; 0 when
 * not; -1 with TG_E_INPUT when a limit was hit or the engine failed.
 */
int tg_regex_match(const struct tg_regex *re, struct tg_regex_scratch *s,
    enum tg_regex_how how, const char *p, size_t n, size_t from,
    struct tg_span *all, struct tg_span *value, struct tg_err *err)
    TG_MUST_CHECK;

/* Version of the library, for the manifest: "10.42". */
const char *tg_regex_version(void);

#endif
