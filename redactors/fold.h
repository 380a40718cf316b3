/*
 * fold.h - one code point as the rules see it.
 *
 * Letters lose accents, width and style (the Latin part of NFKC with the marks
 * dropped); digits of any script become ASCII; spaces, hyphens and quotes
 * become ' ', '-', '\'' and '"'; invisible characters and combining marks go;
 * the Cyrillic and Greek letters that look like Latin ones become those
 * (Unicode TR 39, confusables); other letters stay; the rest is TG_FOLD_OTHER.
 */
#ifndef TG_REDACTORS_FOLD_H
#define TG_REDACTORS_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TG_FOLD_OTHER '\x1a' /* any other symbol */
#define TG_FOLD_KEEP (-1)    /* a letter of another script: left as it is */
#define TG_FOLD_MARK (-2)    /* a combining mark: goes, glues nothing */
#define TG_FOLD_MAX 3	     /* bytes one code point may become */

/* Bytes written to @out (0: removed), or TG_FOLD_KEEP, TG_FOLD_MARK. */
int tg_fold(uint32_t cp, char out[TG_FOLD_MAX]);

/* The code point at @p of @n bytes (n > 0); *@len gets its bytes.  An invalid
 * byte is U+FFFD of length 1. */
uint32_t tg_fold_decode(const unsigned char *p, size_t n, size_t *len);

/* @s folded to lower-case ASCII words into @out of @cap bytes, NUL included;
 * false when it does not fit.  For dictionaries and word lists. */
bool tg_fold_word(char *out, size_t cap, const char *s, size_t n);

#endif
