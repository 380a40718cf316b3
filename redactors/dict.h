/*
 * dict.h - words by hash: given names, surnames, common words, towns, titles.
 *
 * A folder of a region holds given.txt, surnames.txt, common.txt and
 * towns.txt: UTF-8, one entry a line, '#' begins a comment; and dictionaries
 * imported from an official file, *.tgd (dict_file.h).  Words are kept without
 * accents and case, by a fingerprint (FNV-1a, 64 bits).  The table keeps 32
 * bits of it beside the place: a word in no dictionary is taken for one in it
 * about once in 10^9.
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
#include "redactors/heads.h"

enum {
	TG_DICT_GIVEN = 1,
	TG_DICT_SURNAME = 2,
	TG_DICT_COMMON = 4,    /* does not stand for a person alone */
	TG_DICT_TITLE = 8,     /* any name may follow */
	TG_DICT_RANK = 16,     /* a title that is a word too: no common word */
	TG_DICT_PARTICLE = 32, /* de, van, al */
	TG_DICT_TOWN = 64,     /* a town, as a whole */
	TG_DICT_TOWN_HEAD = 128, /* the first word of a town of several */
	TG_DICT_AGAINST = 256,	 /* what follows is no person: the, rue */
	TG_DICT_LINK = 512,	 /* of, de: look one word further back */
	TG_DICT_AT = 1024,	 /* leads to a place: in, from, a */
	TG_DICT_PLURAL = 2048,	 /* a title of several: MM. */
	TG_DICT_PLACE = 4096,	 /* begins the name of a place: San, Lake */
	TG_DICT_DOES = 8192,	 /* what a person does: said, married */
	TG_DICT_INTRO = 16384	 /* ends an introduction: "my name is" */
};

#define TG_DICT_WORD 64		 /* bytes of a folded word, NUL included */
#define TG_DICT_MAX (1u << 20)	 /* words */
#define TG_DICT_FILE (16u << 20) /* bytes of a file */

struct tg_dict;

int tg_dict_new(struct tg_dict **out, struct tg_err *err) TG_MUST_CHECK;
void tg_dict_free(struct tg_dict *d);
/* Adds the folded form of @word, seen after tg_dict_ready; TG_E_CONFIG when it
 * is too long or there are too many. */
int tg_dict_add(struct tg_dict *d, struct tg_sv word, uint16_t flags,
    struct tg_err *err) TG_MUST_CHECK;
/* The same of a word's fingerprint. */
int tg_dict_put(struct tg_dict *d, uint64_t print, uint16_t flags,
    struct tg_err *err) TG_MUST_CHECK;
/* @word folded into @out of TG_DICT_WORD bytes; false when it does not fit. */
bool tg_dict_fold(char *out, struct tg_sv word);
/*
 * tg_dict_load - the files of @folder; at least one must be there.  Appends
 * "sha256  name\n" of each to @digests.  TG_E_CONFIG with file:line:col.
 */
int tg_dict_load(struct tg_dict *d, const char *folder, struct tg_buf *digests,
    struct tg_err *err) TG_MUST_CHECK;
/* Makes what was added be found.  TG_E_MEMORY. */
int tg_dict_ready(struct tg_dict *d, struct tg_err *err) TG_MUST_CHECK;
/* Flags of the folded, lower-case word with this fingerprint; 0: unknown. */
uint16_t tg_dict_flags(const struct tg_dict *d, uint64_t print);

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

/* The titles of three letters and more: no other word in small letters begins
 * a name. */
const struct tg_heads *tg_dict_titles(const struct tg_dict *d);

/* Heads of the titles and particles: a word whose head is not in the set is
 * neither. */
const struct tg_dict_lead *tg_dict_leads(const struct tg_dict *d);

static inline bool
tg_dict_may_lead(const struct tg_dict_lead *l, uint64_t head)
{
	const size_t k = tg_dict_lead_at(head);

	return ((l->bit[k >> 6] >> (k & 63)) & 1) != 0;
}

/* Words that differ; after tg_dict_ready. */
size_t tg_dict_count(const struct tg_dict *d);

#define TG_DICT_SEED UINT64_C(0xcbf29ce484222325)

static inline uint64_t
tg_dict_step(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

/* The fingerprint of a folded word. */
static inline uint64_t
tg_dict_print(const char *folded)
{
	uint64_t h = TG_DICT_SEED;

	for (; *folded != '\0'; folded++)
		h = tg_dict_step(h, *folded);
	return h;
}

#endif
