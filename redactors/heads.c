#include "redactors/heads.h"

#include "redactors/marks.h"

#include "base/banned.h"

#define BLOCK 64
#define BEHIND (sizeof(uint32_t) - 1) /* bytes read behind a block */

void
tg_heads_add(struct tg_heads *h, const struct tg_heads *from)
{
	for (size_t i = 0; i < sizeof(h->at); i++)
		h->at[i] |= from->at[i];
}

/* The words that begin at @starts in the block at @p. */
static inline void
mark_block(const struct tg_heads *h, struct tg_marks *m, size_t b,
    const char *p, uint64_t starts)
{
	uint64_t rule = 0, title = 0;

	for (; starts != 0; starts &= starts - 1) {
		const unsigned k = (unsigned)__builtin_ctzll(starts);
		const unsigned is = h->at[tg_heads_place(tg_heads_four(p + k))];

		/* No branch: it would be foretold wrong too often. */
		rule |= (uint64_t)((is & TG_HEADS_RULES) != 0) << k;
		title |= (uint64_t)(is >> TG_HEADS_GROUPS) << k;
	}
	m->at[TG_MARK_HEAD][b] = rule;
	m->at[TG_MARK_TITLE][b] = title;
}

void
tg_heads_mark(const struct tg_heads *h, struct tg_marks *m, const char *p)
{
	uint64_t was_word = 0;

	for (size_t b = 0; b < m->blocks; b++) {
		const uint64_t word = m->at[TG_MARK_WORD][b];
		const uint64_t starts =
		    h == NULL ? 0 : word & ~(word << 1 | was_word);
		const size_t at = b * BLOCK;
		char tail[BLOCK + BEHIND];

		was_word = word >> 63;
		if (m->n - at >= sizeof(tail)) {
			mark_block(h, m, b, p + at, starts);
			continue;
		}
		memset(tail, 0, sizeof(tail));
		memcpy(tail, p + at, m->n - at);
		mark_block(h, m, b, tail, starts);
	}
}
