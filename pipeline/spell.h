/*
 * spell.h - what a token spells.  The arrays of the field write a text in many
 * ways (trace-formats 3): the words of SentencePiece, the bytes of GPT-2 as
 * letters, the pieces of WordPiece, text as it is.
 */
#ifndef TG_PIPELINE_SPELL_H
#define TG_PIPELINE_SPELL_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

enum tg_spelling {
	/* U+2581 and U+0120 are a space, U+010A and U+23CE a line end, <0xNN>
	 * a byte, a special token a line end. */
	TG_SPELL_PLAIN,
	/* The same; a special token is nothing. */
	TG_SPELL_FLAT,
	/* Each letter is a byte: bytes_to_unicode of openai/gpt-2 encoder.py
	 * ("Ã©" is the two bytes of an e with acute). */
	TG_SPELL_BYTES,
	/* Words, of which none has a blank: a space between two that would run
	 * together, none before "##" (BERT, google-research/bert
	 * tokenization.py). */
	TG_SPELL_WORDS
};

/* What was seen of the tokens of one array. */
struct tg_spell_traits {
	bool blank;   /* a token has white space or a mark for it */
	bool special; /* a special token stands there */
	bool foreign; /* a letter that is no byte of GPT-2's alphabet */
	/* A letter beyond ASCII, no mark, that is a byte which needs another
	 * before it, or a control; or one that begins a character which is cut
	 * off.  Where no byte goes on with a character, none is spelled: the
	 * letters are letters. */
	bool byte_like;
	bool begun; /* the last letter is a byte that begins a character */
};

/* How a token reads in every spelling but WORDS, where that is soon said. */
struct tg_spell_form {
	bool plain;   /* ASCII, nothing special; a mark may stand before it */
	uint8_t mark; /* bytes of that mark, or 0 */
	char blank;   /* what it is */
	uint8_t room; /* four bytes are handed on in one */
};

struct tg_spell_form
tg_spell_learn(struct tg_spell_traits *t, struct tg_trace_text token);

/* Whether another spelling than PLAIN may read differently. */
bool tg_spell_wants(const struct tg_spell_traits *t, enum tg_spelling how);

/* Appends what @token spells behind what is in @out. */
int tg_spell(struct tg_buf *out, struct tg_trace_text token,
    enum tg_spelling how, struct tg_err *err) TG_MUST_CHECK;

/* Fragments of a character from @from on become '?', so that the rest can be
 * read. */
void tg_spell_mend(struct tg_buf *b, size_t from);

/* A token that stands for no text: <bos>, <|im_start|>, [CLS].  What is in the
 * brackets is of small letters and at most three digits, so that no identifier
 * can hide in one. */
bool tg_spell_special(struct tg_trace_text token);

#endif
