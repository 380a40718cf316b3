/*
 * token.h - what stands in place of a finding and is found again by no rule:
 *
 *	[TYPE]                 label
 *	[TYPE:12]              tag
 *	[TYPE_3]               number
 *	[TYPE_n012345678901]   number of a run
 *	[TYPE_k3y5n2aa]        pseudonym; with 26 digits of base32: hash
 *	[TYPE:1985] [TYPE:30s] [TYPE:192.0.2.x] ...   generalised
 *	[TYPE~bcd-fg-hjkm]     tokenised
 *	[TYPE~d12/05/1985d]    shifted date
 *
 * The scanner leaves these alone, so nothing else may have the form: the
 * grammar is exact, and has no room for nine digits in a row or for a word of
 * small letters with a vowel, so that nobody hides an identifier in one.
 */
#ifndef TG_REDACTORS_TOKEN_H
#define TG_REDACTORS_TOKEN_H

#include <stddef.h>

#define TG_TOKEN_MAX 80 /* bytes of the longest, brackets included */

/* Bytes of the token at @p, or 0. */
size_t tg_token_length(const char *p, size_t n);

/* The surrogate alphabets (operators_hash.c): ten letters for digits, ten for
 * letters; no vowels, so that no word and no name comes out. */
#define TG_TOKEN_DIGITS "bcdfghjklm"
#define TG_TOKEN_LETTERS "npqrstvwxz"
#define TG_TOKEN_BETWEEN " -./_"

#endif
