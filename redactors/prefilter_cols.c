#include "redactors/prefilter_cols.h"

#include "redactors/prefilter_seqs.h"

#include "base/banned.h"

#define ALL ((1u << (TG_PF_LEN + 1)) - 1)
#define NARROW 14 /* bytes of a column of digits and separators */
#define SHORT 5	  /* a shorter sequence goes on; more would cost states */
#define MORE (1u << TG_PF_LEN) /* the bit of TG_PF_LEN and more */

void
tg_cols_empty(struct tg_cols *c)
{
	*c = (struct tg_cols){.ends = 1};
}

void
tg_cols_single(struct tg_cols *c, const struct tg_bytes *set)
{
	*c = (struct tg_cols){.ends = 2, .at = {*set}};
}

void
tg_cols_union(struct tg_cols *c, const struct tg_cols *x)
{
	c->ends |= x->ends;
	for (unsigned k = 0; k < TG_PF_LEN; k++)
		tg_bytes_union(&c->at[k], &x->at[k]);
}

/* @c := @c @x. */
static void
then(struct tg_cols *c, const struct tg_cols *x)
{
	const unsigned from = c->ends;
	unsigned ends = from & MORE;

	for (unsigned i = 0; i < TG_PF_LEN; i++) {
		unsigned sum;

		if (((from >> i) & 1) == 0)
			continue;
		sum = (unsigned)x->ends << i;
		ends |= (sum & ALL) | (sum > ALL ? MORE : 0);
		for (unsigned k = i; k < TG_PF_LEN; k++)
			tg_bytes_union(&c->at[k], &x->at[k - i]);
	}
	c->ends = (uint16_t)ends;
}

void
tg_cols_concat(
    struct tg_cols *c, const struct tg_cols *x, uint32_t min, uint32_t max)
{
	/* More times than bytes say nothing new: each has one at least, or
	 * adds none. */
	const uint32_t most = max > min + TG_PF_LEN ? min + TG_PF_LEN : max;
	struct tg_cols all;

	for (uint32_t k = 0; k < min && k < TG_PF_LEN; k++)
		then(c, x);
	all = *c;
	for (uint32_t k = min; k < most; k++) {
		then(c, x);
		tg_cols_union(&all, c);
	}
	*c = all;
}

static void
both(struct tg_bytes *a, const struct tg_bytes *b)
{
	for (int i = 0; i < 4; i++)
		a->w[i] &= b->w[i];
}

/* Digits and what may part them: the columns say it all. */
static bool
narrow(const struct tg_cols *c)
{
	for (unsigned k = 0; k < TG_PF_LEN; k++)
		if (tg_bytes_count(&c->at[k]) > NARROW)
			return false;
	return true;
}

void
tg_cols_sharpen(struct tg_pf_head *h, const struct tg_cols *c)
{
	const unsigned least =
	    c->ends == 0 ? 0 : (unsigned)__builtin_ctz(c->ends);

	if (least == TG_PF_LEN && h->n > 1 && !h->back && narrow(c)) {
		h->n = 1;
		h->seq[0] = (struct tg_pf_seq){.n = TG_PF_LEN, .cut = true};
		memcpy(h->seq[0].at, c->at, sizeof(c->at));
	}
	for (size_t i = 0; i < h->n; i++) {
		struct tg_pf_seq *s = &h->seq[i];

		for (unsigned k = 0; k < s->n && k < least; k++)
			both(&s->at[k], &c->at[k]);
		for (; s->n < least && s->n < SHORT; s->n++)
			s->at[s->n] = c->at[s->n];
	}
}
