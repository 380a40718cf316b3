#include "pipeline/seam_view.h"

#include <string.h>

#include "pipeline/tokens_find.h"
#include "base/banned.h"

#define WORD_MAX 64 /* bytes; what is longer is no word */

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct tg_sv
bytes_of(const struct tg_run *run, uint32_t k)
{
	const struct tg_seam_piece *p = &run->piece[k];

	return (struct tg_sv){
	    run->bytes->n == 0 ? "" : run->bytes->p + p->at, p->n};
}

/* Both sides of the seam before piece @k end in a group of a number. */
static bool
groups_meet(const struct tg_run *run, uint32_t k)
{
	const size_t at = run->piece[k].at;
	char a, b;

	if (at == 0 || at >= run->bytes->n)
		return false;
	a = run->bytes->p[at - 1];
	b = run->bytes->p[at];
	return (digit(a) && (digit(b) || (b >= 'A' && b <= 'Z'))) ||
	    (digit(b) && a >= 'A' && a <= 'Z');
}

/* A short text that begins as only tokens do. */
static bool
is_token(struct tg_sv s)
{
	return s.n > 0 && s.n <= TG_SEAM_TOKEN &&
	    ((unsigned char)s.p[0] >= 0xc4 || s.p[0] == '#' || s.p[0] == '<') &&
	    tg_tokens_marked(s, true);
}

void
tg_seam_view_plain(struct tg_seam_view *v, const struct tg_run *run)
{
	v->text = tg_buf_sv(run->bytes);
	for (uint32_t k = 0; k < run->n; k++)
		v->piece[k] =
		    (struct tg_seam_read){.at = run->piece[k].at, .same = true};
}

/* The run with @sep at the seams that are @open. */
static int
parted(struct tg_seam_view *v, bool *any, struct tg_run *run, char sep,
    bool (*open)(const struct tg_run *run, uint32_t k), struct tg_err *err)
{
	*any = false;
	tg_buf_reset(run->spaced);
	for (uint32_t k = 0; k < run->n; k++) {
		const struct tg_seam_piece *p = &run->piece[k];
		const bool space = p->n > 0 && k > 0 && open(run, k);

		v->piece[k] =
		    (struct tg_seam_read){.at = (uint32_t)run->spaced->n,
			.lead = space ? 1 : 0,
			.same = true};
		if ((space && tg_buf_addc(run->spaced, sep, err) < 0) ||
		    tg_buf_addsv(run->spaced, bytes_of(run, k), err) < 0)
			return -1;
		*any = *any || space;
	}
	v->text = tg_buf_sv(run->spaced);
	return 0;
}

int
tg_seam_view_spaced(
    struct tg_seam_view *v, bool *any, struct tg_run *run, struct tg_err *err)
{
	return parted(v, any, run, ' ', groups_meet, err);
}

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (unsigned char)c >= 0x80;
}

/* The letters and digits on one side of a seam are a word: letters, a small one
 * among them. */
static bool
word(const char *p, size_t n)
{
	bool small = false;

	for (size_t i = 0; i < n; i++) {
		if (!letter(p[i]))
			return false;
		small = small || (p[i] >= 'a' && p[i] <= 'z');
	}
	return small;
}

static bool
letter_or_digit(char c)
{
	return letter(c) || digit(c);
}

/* Letters and digits meet at the seam before piece @k, a word on one side. */
static bool
word_meets(const struct tg_run *run, uint32_t k)
{
	const struct tg_sv left = bytes_of(run, k - 1),
			   right = bytes_of(run, k);
	size_t from = left.n, to = 0;

	while (from > 0 && left.n - from < WORD_MAX &&
	    letter_or_digit(left.p[from - 1]))
		from--;
	while (to < right.n && to < WORD_MAX && letter_or_digit(right.p[to]))
		to++;
	return from < left.n && to > 0 &&
	    (word(left.p + from, left.n - from) || word(right.p, to));
}

int
tg_seam_view_worded(
    struct tg_seam_view *v, bool *any, struct tg_run *run, struct tg_err *err)
{
	return parted(v, any, run, '\n', word_meets, err);
}

/* How piece @k, which reads as @as, goes back to its bytes @is. */
static void
compare(struct tg_seam_read *r, struct tg_sv is, struct tg_sv as)
{
	size_t n = 0;

	while (n < is.n && n < as.n && is.p[is.n - 1 - n] == as.p[as.n - 1 - n])
		n++;
	r->lead = (uint32_t)(as.n - n);
	r->drop = (uint32_t)(is.n - n);
	/* One mark in front, or something else. */
	r->same = r->lead <= 1 && (r->token || r->drop == 0);
	if (!r->same)
		r->lead = r->drop = 0;
}

int
tg_seam_view_spelled(struct tg_seam_view *v, struct tg_run *run,
    enum tg_spelling how, struct tg_err *err)
{
	struct tg_buf *b = run->spaced;

	tg_buf_reset(b);
	for (uint32_t k = 0; k < run->n; k++) {
		const struct tg_sv is = bytes_of(run, k);
		struct tg_seam_read *r = &v->piece[k];

		*r = (struct tg_seam_read){
		    .at = (uint32_t)b->n, .same = true, .token = is_token(is)};
		if (is.n > TG_SEAM_TOKEN) {
			if (tg_buf_addsv(b, is, err) < 0)
				return -1;
			continue;
		}
		if (tg_spell(b, (struct tg_trace_text){is.p, is.n}, how, err) <
		    0)
			return -1;
		compare(r, is, (struct tg_sv){b->p + r->at, b->n - r->at});
	}
	tg_spell_mend(b, 0);
	v->text = tg_buf_sv(b);
	return 0;
}

bool
tg_seam_view_wants(const struct tg_run *run, enum tg_spelling how)
{
	struct tg_spell_traits traits = {.blank = false};
	bool token = false, word_piece = false;

	for (uint32_t k = 0; k < run->n; k++) {
		const struct tg_sv s = bytes_of(run, k);

		if (s.n > TG_SEAM_TOKEN)
			continue;
		token = token || is_token(s);
		word_piece = word_piece || tg_sv_starts(s, TG_SV("##"));
		if (how != TG_SPELL_PLAIN)
			tg_spell_learn(
			    &traits, (struct tg_trace_text){s.p, s.n});
	}
	if (!token)
		return false;
	return how == TG_SPELL_WORDS ? word_piece
				     : tg_spell_wants(&traits, how);
}

uint32_t
tg_seam_view_origin(const struct tg_seam_view *v, const struct tg_run *run,
    uint32_t at, bool end)
{
	const struct tg_seam_read *r;
	const struct tg_seam_piece *p;
	uint32_t lo = 0, hi = run->n;

	/* The last piece that begins at or before it. */
	while (hi - lo > 1) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (v->piece[mid].at <= at)
			lo = mid;
		else
			hi = mid;
	}
	r = &v->piece[lo];
	p = &run->piece[lo];
	if (!r->same)
		return p->at + (end ? p->n : 0);
	at -= r->at;
	at = at < r->lead ? 0 : at - r->lead;
	return p->at + r->drop + at + (end ? 1 : 0);
}
