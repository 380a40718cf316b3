#include "redactors/prefilter_seqs.h"

#include <string.h>

#include "base/banned.h"

void
tg_bytes_add(struct tg_bytes *s, unsigned c)
{
	s->w[(c >> 6) & 3] |= UINT64_C(1) << (c & 63);
}

void
tg_bytes_range(struct tg_bytes *s, unsigned a, unsigned b)
{
	for (unsigned c = a; c <= b; c++)
		tg_bytes_add(s, c);
}

void
tg_bytes_union(struct tg_bytes *s, const struct tg_bytes *o)
{
	for (int i = 0; i < 4; i++)
		s->w[i] |= o->w[i];
}

void
tg_bytes_not(struct tg_bytes *s)
{
	for (int i = 0; i < 4; i++)
		s->w[i] = ~s->w[i];
}

unsigned
tg_bytes_count(const struct tg_bytes *s)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++)
		n += (unsigned)__builtin_popcountll(s->w[i]);
	return n;
}

void
tg_bytes_fold(struct tg_bytes *s)
{
	for (unsigned c = 'a'; c <= 'z'; c++) {
		const unsigned u = c - 'a' + 'A';

		if (tg_bytes_has(s, (unsigned char)c))
			tg_bytes_add(s, u);
		else if (tg_bytes_has(s, (unsigned char)u))
			tg_bytes_add(s, c);
	}
}

static bool
seq_same(const struct tg_pf_seq *a, const struct tg_pf_seq *b)
{
	return a->n == b->n && a->cut == b->cut &&
	    memcmp(a->at, b->at, a->n * sizeof(a->at[0])) == 0;
}

static void
merge(struct tg_pf_seq *to, const struct tg_pf_seq *s)
{
	if (s->n < to->n)
		to->n = s->n;
	for (uint8_t k = 0; k < to->n; k++)
		tg_bytes_union(&to->at[k], &s->at[k]);
	to->cut = true;
}

/* One sequence in place of many: position by position, as long as the
 * shortest. */
static void
collapse(struct tg_seqs *a)
{
	for (size_t i = 1; i < a->n; i++)
		merge(&a->s[0], &a->s[i]);
	a->s[0].cut = true;
	a->n = 1;
}

/* The share of all texts that fit. */
static double
mass(const struct tg_pf_seq *s)
{
	double m = 1;

	for (uint8_t k = 0; k < s->n; k++)
		m *= tg_bytes_count(&s->at[k]) / 256.0;
	return m;
}

/* There is no room: @s and the one that grows least by it become one. */
static void
seqs_merge(struct tg_seqs *a, const struct tg_pf_seq *s)
{
	size_t best = 0;
	double least = 2;

	for (size_t i = 0; i < a->n; i++) {
		struct tg_pf_seq both = a->s[i];
		double more;

		merge(&both, s);
		more = mass(&both) - mass(&a->s[i]);
		if (more < least) {
			least = more;
			best = i;
		}
	}
	merge(&a->s[best], s);
}

static void
seqs_put(struct tg_seqs *a, const struct tg_pf_seq *s)
{
	for (size_t i = 0; i < a->n; i++)
		if (seq_same(&a->s[i], s))
			return;
	if (a->n == TG_PF_ALTS)
		seqs_merge(a, s);
	else
		a->s[a->n++] = *s;
}

void
tg_seqs_empty(struct tg_seqs *a)
{
	a->n = 1;
	a->s[0].n = 0;
	a->s[0].cut = false;
}

static struct tg_pf_seq
joined(const struct tg_pf_seq *a, const struct tg_pf_seq *b)
{
	struct tg_pf_seq s = *a;

	for (uint8_t m = 0; s.n < TG_PF_LEN && m < b->n; m++)
		s.at[s.n++] = b->at[m];
	s.cut = b->cut || s.n == TG_PF_LEN;
	return s;
}

/* Only what is there: a set is 17 KiB. */
static void
copy(struct tg_seqs *to, const struct tg_seqs *from)
{
	to->n = from->n;
	memcpy(to->s, from->s, from->n * sizeof(from->s[0]));
}

/* a := a b.  Returns whether anything can still grow. */
bool
tg_seqs_concat(struct tg_seqs *a, const struct tg_seqs *b)
{
	struct tg_seqs out TG_UNSET, one TG_UNSET;
	bool open = false;

	out.n = 0;

	/* Too many: what follows becomes one, what is there stays sharp. */
	if (a->n * b->n > TG_PF_ALTS) {
		copy(&one, b);
		collapse(&one);
		b = &one;
	}
	for (size_t i = 0; i < a->n; i++) {
		if (a->s[i].cut) {
			seqs_put(&out, &a->s[i]);
			continue;
		}
		for (size_t k = 0; k < b->n; k++) {
			const struct tg_pf_seq s = joined(&a->s[i], &b->s[k]);

			open = open || !s.cut;
			seqs_put(&out, &s);
		}
	}
	copy(a, &out);
	return open && !(a->n == 1 && a->s[0].cut);
}

void
tg_seqs_union(struct tg_seqs *a, const struct tg_seqs *b)
{
	for (size_t i = 0; i < b->n; i++)
		seqs_put(a, &b->s[i]);
}

void
tg_seqs_repeat(
    struct tg_seqs *out, const struct tg_seqs *x, uint32_t min, uint32_t max)
{
	struct tg_seqs acc TG_UNSET;
	bool open = true;

	tg_seqs_empty(&acc);
	for (uint32_t k = 0; k < min && open; k++)
		open = tg_seqs_concat(&acc, x);
	copy(out, &acc);
	for (uint32_t k = min; k < max && open; k++) {
		open = tg_seqs_concat(&acc, x);
		tg_seqs_union(out, &acc);
	}
}
