/*
 * dict.h - words by hash: given names, surnames, common words, titles.
 *
 * A folder of a region holds given.txt, surnames.txt and common.txt: UTF-8,
 * one entry a line, '#' begins a comment.  Words are kept without accents and
 * case as 64-bit fingerprints (FNV-1a); two different words that share one are
 * not told apart (chance below 10^-9 for 100,000 words).
 */
#ifndef TG_REDACTORS_DICT_H
#define TG_REDACTORS_DICT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

enum {
	TG_DICT_GIVEN = 1,
	TG_DICT_SURNAME = 2,
	TG_DICT_COMMON = 4,   /* does not stand for a person alone */
	TG_DICT_TITLE = 8,    /* any name may follow */
	TG_DICT_RANK = 16,    /* a title that is a word too: no common word */
	TG_DICT_PARTICLE = 32 /* de, van, al */
};

#define TG_DICT_WORD 64		 /* bytes of a folded word, NUL included */
#define TG_DICT_MAX 400000	 /* words */
#define TG_DICT_FILE (16u << 20) /* bytes of a file */

struct tg_dict;

int tg_dict_new(struct tg_dict **out, struct tg_err *err) TG_MUST_CHECK;
void tg_dict_free(struct tg_dict *d);
/* Adds the folded form of @word; TG_E_CONFIG when it is too long or there are
 * too many. */
int tg_dict_add(struct tg_dict *d, struct tg_sv word, uint8_t flags,
    struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_dict_load - the files of @folder; at least one must be there.  Appends
 * "sha256  name\n" of each to @digests.  TG_E_CONFIG with file:line:col.
 */
int tg_dict_load(struct tg_dict *d, const char *folder, struct tg_buf *digests,
    struct tg_err *err) TG_MUST_CHECK;
/* Flags of the folded, lower-case word with this fingerprint; 0: unknown. */
uint8_t tg_dict_flags(const struct tg_dict *d, uint64_t print);

/* The first @n bytes of @w, in small letters (other bytes changed alike). */
static inline uint64_t
tg_dict_cut(uint64_t w, size_t n)
{
	w |= UINT64_C(0x2020202020202020);
	return n >= sizeof(w) ? w : w & ((UINT64_C(1) << (8 * n)) - 1);
}

/* The first eight bytes of a word of @n bytes at @p, in small letters (other
 * bytes changed alike), zeros behind; @left bytes may be read. */
static inline uint64_t
tg_dict_head(const char *p, size_t n, size_t left)
{
	uint64_t w = 0;

	if (left >= sizeof(w))
		memcpy(&w, p, sizeof(w));
	else
		memcpy(&w, p, left);
	return tg_dict_cut(w, n);
}

#define TG_DICT_LEAD 12 /* bits of a place in the set of heads */

struct tg_dict_lead {
	uint64_t bit[(1u << TG_DICT_LEAD) / 64];
};

static inline size_t
tg_dict_lead_at(uint64_t head)
{
	return (size_t)((head * UINT64_C(0x9e3779b97f4a7c15)) >>
	    (64 - TG_DICT_LEAD));
}

/* The first three bytes of a word in small letters, of four that may be read;
 * for the set of title beginnings. */
static inline uint64_t
tg_dict_three(const char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return (w | 0x202020u) & 0xffffffu;
}

/* Beginnings (tg_dict_three) of the titles of three letters and more: no other
 * word in small letters begins a name. */
const struct tg_dict_lead *tg_dict_titles(const struct tg_dict *d);

/* Heads of the titles and particles: a word whose head is not in the set is
 * neither. */
const struct tg_dict_lead *tg_dict_leads(const struct tg_dict *d);

static inline bool
tg_dict_may_lead(const struct tg_dict_lead *l, uint64_t head)
{
	const size_t k = tg_dict_lead_at(head);

	return ((l->bit[k >> 6] >> (k & 63)) & 1) != 0;
}

size_t tg_dict_count(const struct tg_dict *d);

#define TG_DICT_SEED UINT64_C(0xcbf29ce484222325)

static inline uint64_t
tg_dict_step(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

#endif
