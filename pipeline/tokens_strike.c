#include "pipeline/tokens_strike.h"

#include <string.h>

#include "pipeline/digits.h"
#include "base/banned.h"

/* The mark of a blank that @said begins with. */
static struct tg_sv
mark_of(struct tg_trace_text said)
{
	static const char *const all[] = {
	    "\xe2\x96\x81", "\xc4\xa0", "\xc4\x8a"};

	for (size_t k = 0; k < TG_COUNT(all); k++)
		if (tg_sv_starts(
			(struct tg_sv){said.bytes, said.n}, tg_sv_of(all[k])))
			return tg_sv_of(all[k]);
	return (struct tg_sv){"", 0};
}

/* A value that becomes a string: of the token in its object under its id, which
 * goes too; of bytes. */
static int
strike_value(struct tg_tokens *t, const struct tg_piece *p, struct tg_sv by,
    struct tg_err *err)
{
	struct tg_buf *b = &t->w->p->work;
	struct tg_sv json;

	tg_buf_reset(b);
	if (tg_buf_adds(b,
		p->at.wrapped ? "{\"-1\":{\"decoded_token\":\"" : "\"",
		err) < 0 ||
	    tg_json_escape(b, by, err) < 0 ||
	    tg_buf_adds(b, p->at.wrapped ? "\"}}" : "\"", err) < 0)
		return -1;
	json = tg_arena_sv(&t->w->r->arena, tg_buf_sv(b));
	if (json.p == NULL)
		return tg_fail_memory(err);
	return tg_walk_blot(t->w, p->at.wrapped ? p->at.node : p->at.text,
	    TG_TXT_LITERAL, json, err);
}

/* The whole numbers beside token @i in its pair: one may be its id. */
static int
strike_pair(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	struct tg_jdoc *d = w->doc;
	const uint32_t pair = d->nodes[i].parent;

	for (uint32_t c = pair + 1; c < d->nodes[pair].next;
	     c = d->nodes[c].next) {
		if (d->nodes[c].kind != TG_J_NUMBER ||
		    tg_digits_whole(tg_jdoc_raw(d, c)).n == 0)
			continue;
		d->nodes[c].mark |= TG_MARK_TOKEN;
		if (tg_walk_blot(w, c, TG_TXT_LITERAL, TG_SV("null"), err) < 0)
			return -1;
	}
	return 0;
}

/* What stands for piece @p when it is struck by @by.  Where marks alone say
 * that the array is one of tokens, they stay. */
static int
with_mark(struct tg_sv *out, struct tg_tokens *t, const struct tg_piece *p,
    struct tg_sv by, struct tg_err *err)
{
	const struct tg_sv mark = mark_of(p->said);
	const char *s;

	*out = by;
	if (!t->keep_marks || mark.n == 0)
		return 0;
	s = tg_arena_fmt(
	    &t->w->r->arena, "%.*s%.*s", TG_SV_FMT(mark), TG_SV_FMT(by));
	if (s == NULL)
		return tg_fail_memory(err);
	*out = tg_sv_of(s);
	return 0;
}

/* Where piece @p stands, @by. */
static int
write_piece(struct tg_tokens *t, const struct tg_piece *p, struct tg_sv by,
    struct tg_err *err)
{
	const struct tg_jdoc *d = t->w->doc;

	if (p->at.wrapped || p->at.bytes)
		return strike_value(t, p, by, err);
	if (p->at.text == UINT32_MAX)
		return 0;
	return tg_walk_blot(t->w, p->at.text,
	    d->nodes[p->at.text].kind == TG_J_NUMBER ? TG_TXT_NUMBER
						     : TG_TXT_TOKEN,
	    by, err);
}

static int
strike(struct tg_tokens *t, uint32_t k, struct tg_sv by, struct tg_err *err)
{
	struct tg_piece *p = &t->piece[k];

	if (with_mark(&by, t, p, by, err) < 0 || write_piece(t, p, by, err) < 0)
		return -1;
	p->struck = true;
	p->by = by;
	if (t->w->p->set->number_null && p->at.number &&
	    t->w->doc->nodes[p->at.text].kind == TG_J_NUMBER)
		p->by = (struct tg_sv){"", 0};
	if (t->pairs && strike_pair(t->w, p->at.node, err) < 0)
		return -1;
	return tg_aligned_strike(&t->beside, t->w, t->array, p->at.element,
	    p->at.wrapped ? p->at.text : p->at.node, p->at.text, err);
}

uint32_t
tg_tokens_at(const uint32_t *off, uint32_t n, uint32_t at)
{
	uint32_t lo = 0, hi = n;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (off[mid + 1] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
tg_tokens_in_view(const struct tg_tokens *t, uint32_t k)
{
	const struct tg_piece *p = &t->piece[k];

	if (t->now.only != UINT32_MAX)
		return k == t->now.only;
	if (p->at.nested && !t->now.nested)
		return false;
	return !p->at.number || (t->now.numbers & p->number) ||
	    (p->struck && t->round > 0);
}

int
tg_tokens_strike(struct tg_tokens *t, uint32_t a, uint32_t b, struct tg_sv by,
    struct tg_err *err)
{
	for (uint32_t k = a; k <= b; k++)
		if (tg_tokens_in_view(t, k) && t->piece[k].struck)
			by = (struct tg_sv){"", 0};
	for (uint32_t k = a; k <= b; k++) {
		if (t->piece[k].struck || !tg_tokens_in_view(t, k))
			continue;
		if (strike(t, k, by, err) < 0)
			return -1;
		by = (struct tg_sv){"", 0};
	}
	return 0;
}

int
tg_tokens_strike_all(struct tg_tokens *t, struct tg_sv by, struct tg_err *err)
{
	t->now = (struct tg_token_view){
	    .numbers = TG_NUMBER_ALL, .nested = true, .only = UINT32_MAX};
	return t->n == 0 ? 0 : tg_tokens_strike(t, 0, t->n - 1, by, err);
}
