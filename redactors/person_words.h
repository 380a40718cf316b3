/*
 * person_words.h - a text as runs of words that may hold a name.
 *
 * A run is made of capitalised words, titles and particles that stand
 * together; other words, punctuation and empty lines end it.
 */
#ifndef TG_REDACTORS_PERSON_WORDS_H
#define TG_REDACTORS_PERSON_WORDS_H

#include "redactors/dict.h"
#include "redactors/look.h"
#include "redactors/marks.h"

#define TG_NAME_RUN 24 /* words of a run; a longer one is two */

/* What follows a word. */
enum tg_name_gap {
	TG_GAP_SPACE, /* blanks, at most one line break */
	TG_GAP_DOT,   /* a dot, then a letter */
	TG_GAP_COMMA, /* ", " on the same line */
	TG_GAP_NONE,  /* the apostrophe of "d'" */
	TG_GAP_BREAK
};

struct tg_name_word {
	size_t start, end; /* in the look */
	uint64_t print;	   /* of the folded word (dict.h) */
	uint16_t flags;	   /* of the dictionary */
	bool capital;	   /* begins with one */
	bool caps;	   /* all of it, two letters or more */
	bool initial;	   /* one capital letter */
	enum tg_name_gap gap;
};

struct tg_name_reader {
	const struct tg_look *look;
	const struct tg_marks *marks; /* of the look */
	const struct tg_dict *dict;
	const struct tg_dict_lead *leads;
	bool small; /* without capitals: known names in small letters count */
	size_t at;  /* where to read on */
	size_t n;
	struct tg_name_word w[TG_NAME_RUN]; /* the run */
};

/* The flags of the word before @at, only blanks, a short word's dot or an
 * apostrophe between; *@at is its start then.  0: none there. */
uint16_t tg_name_before(const struct tg_name_reader *r, size_t *at);
/* The flags of the last word before @at, whatever marks stand between. */
uint16_t tg_name_last(const struct tg_name_reader *r, size_t at);
/* The flags of the word behind @at and one blank, in small letters. */
uint16_t tg_name_after(const struct tg_name_reader *r, size_t at);
/* The end of the town that begins with @w, or 0. */
size_t
tg_name_town(const struct tg_name_reader *r, const struct tg_name_word *w);

/* tg_name_next - reads the next run; false at the end of the text. */
bool tg_name_next(struct tg_name_reader *r);

/* Whether a capitalised word has the form of a surname: an ending that only
 * surnames have (Slavic, Nordic, Greek, Armenian, Turkish, German, Breton), or
 * Mc and O' before a capital. */
bool tg_name_shaped(const char *p, size_t n);

#endif
