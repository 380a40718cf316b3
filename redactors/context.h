/*
 * context.h - words around a finding: whole words, without accents and case,
 * never a part of a word ("lic" is not in "public").
 */
#ifndef TG_REDACTORS_CONTEXT_H
#define TG_REDACTORS_CONTEXT_H

#include "redactors/rule.h"

#define TG_CONTEXT_MAX (2 * TG_RULE_WINDOW + 8)

/*
 * @p of @n bytes (folded) as " word word " in lower case: every other byte is
 * a space, replacements of ours ("[EMAIL]") are left out.  With @camel a
 * capital after a small letter begins a word.  Returns the length; what does
 * not fit is cut.
 */
size_t
tg_context_words(char *out, size_t cap, const char *p, size_t n, bool camel);
#define TG_CONTEXT_KEY                                         \
	256 /* bytes of a JSON key as words; half is looked at \
	     */

/* A JSON key folded (fold.h), as words. */
size_t tg_context_key(char *out, size_t cap, const char *key, size_t n);
/* Which beginnings of words are in the words @text: a set that tells quickly
 * that a phrase is not there. */
uint64_t tg_context_pairs(const char *text, size_t n);
/* Whether a phrase of @w stands in the words @text; @pairs are its own. */
bool tg_context_find(
    const struct tg_words *w, const char *text, size_t n, uint64_t pairs);
bool tg_context_has(const struct tg_words *w, const char *text, size_t n);
/* The same at the very end of the words. */
bool tg_context_ends(const struct tg_words *w, const char *text, size_t n);

/* Bytes of a replacement of ours at @p (token.h), or 0. */
size_t tg_context_label(const char *p, size_t n);

#endif
