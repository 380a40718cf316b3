/*
 * heads.h - what a word may be, told by its first four bytes.
 *
 * Most words of a text begin no rule and are no title; one look into a table
 * for each word tells which those are.  Case does not count, and other words
 * may share a place: what is told is "may be", never "is".
 */
#ifndef TG_REDACTORS_HEADS_H
#define TG_REDACTORS_HEADS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TG_HEADS_BITS 15

/* Bits of a place: groups of beginnings of rules (prefilter.c), and a title in
 * small letters (dict.c). */
#define TG_HEADS_GROUPS 7
#define TG_HEADS_RULES ((1u << TG_HEADS_GROUPS) - 1)
#define TG_HEADS_TITLE (1u << TG_HEADS_GROUPS)

struct tg_heads {
	uint8_t at[1u << TG_HEADS_BITS];
};

/* Four bytes at @p in small letters (other bytes changed alike). */
static inline uint32_t
tg_heads_four(const char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return w | 0x20202020u;
}

static inline size_t
tg_heads_place(uint32_t four)
{
	return (four * 0x9e3779b1u) >> (32 - TG_HEADS_BITS);
}

/* Adds what @from has. */
void tg_heads_add(struct tg_heads *h, const struct tg_heads *from);

struct tg_marks;

/* The rows TG_MARK_HEAD and TG_MARK_TITLE of @m, whose other rows are made, of
 * the text @p; @h NULL: no word is any. */
void tg_heads_mark(const struct tg_heads *h, struct tg_marks *m, const char *p);

#endif
