/*
 * typo.h - numbers and dates as each language prints them.
 *
 * English: 4,000   1.5 %->"1.5%"   24 November 2026, 02:41 UTC   "quoted"
 * French:  narrow no-break space (U+202F) in numbers and before the percent
 *          sign, decimal comma, "24 novembre 2026, 02 h 41 UTC", guillemets.
 *          Source: Imprimerie nationale, Lexique des regles typographiques.
 *
 * Every function returns a string in @a, NULL when out of memory.  No locale,
 * no floating point.
 */
#ifndef TG_REPORT_TYPO_H
#define TG_REPORT_TYPO_H

#include <stdint.h>

#include "base/arena.h"
#include "report/strings.h"

#define TG_NNBSP "\xE2\x80\xAF" /* U+202F */

const char *tg_typo_int(struct tg_arena *a, enum tg_lang lang, int64_t v);
/* @v in units of 10^-@decimals (0 to 9); trailing zeros stay. */
const char *tg_typo_fixed(
    struct tg_arena *a, enum tg_lang lang, int64_t v, unsigned decimals);
/* A ratio in parts per billion as a percentage, exact, no trailing zeros. */
const char *tg_typo_percent(struct tg_arena *a, enum tg_lang lang, int64_t ppb);
/* The ratio in whole hundredths of a per cent, so that a risk is not printed
 * too low, nor a share that was reached too high. */
int64_t tg_typo_up(int64_t ppb);
int64_t tg_typo_down(int64_t ppb);
/* "512 bytes", "212.4 MB" (decimal units), "octets", "Mo" in French. */
const char *tg_typo_bytes(struct tg_arena *a, enum tg_lang lang, int64_t n);
/* Seconds since 1970, UTC. */
const char *tg_typo_date(struct tg_arena *a, enum tg_lang lang, int64_t t);
const char *tg_typo_datetime(struct tg_arena *a, enum tg_lang lang, int64_t t);
const char *tg_typo_quote(struct tg_arena *a, enum tg_lang lang, const char *s);
/* The first @max code points and an ellipsis when there are more. */
const char *tg_typo_cut(struct tg_arena *a, const char *s, size_t max);
/* Hex in groups of eight digits, so that a person can compare it. */
const char *tg_typo_digest(struct tg_arena *a, const char *hex);

#endif
