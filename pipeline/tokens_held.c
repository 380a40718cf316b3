#include "pipeline/tokens_held.h"

#include "pipeline/replace.h"
#include "pipeline/seam_orders.h"
#include "pipeline/seam_place.h"
#include "base/banned.h"

/* Tokens [from, from + n) of an array; token from + k is bytes [off[k],
 * off[k + 1]) of the text. */
struct tg_pieces_held {
	struct tg_tokens *t;
	uint32_t from, n;
	const uint32_t *off; /* NULL: not read yet */
	enum tg_joins joins; /* once it is read */
};

/* What stands for piece @p, as it reads. */
static int
reads(
    struct tg_sv *out, struct tg_tokens *t, struct tg_sv by, struct tg_err *err)
{
	struct tg_buf *b = &t->w->p->work;

	tg_buf_reset(b);
	if (tg_spell(
		b, (struct tg_trace_text){by.p, by.n}, TG_SPELL_PLAIN, err) < 0)
		return -1;
	*out = tg_arena_sv(&t->w->r->arena, tg_buf_sv(b));
	return out->p == NULL ? tg_fail_memory(err) : 0;
}

static bool
known(const struct tg_tokens *t, uint32_t k)
{
	const struct tg_piece *p = &t->piece[k];

	return t->w->p->set->mode <= TG_MODE_REDACT ? p->struck : p->seen;
}

/* What was found in the array by itself are hits of its text @text. */
static int
tell_known(struct tg_text *text, struct tg_err *err)
{
	const struct tg_pieces_held *h = text->held;
	struct tg_tokens *t = h->t;

	for (uint32_t k = 0; k < h->n; k++) {
		const uint32_t a = k;
		struct tg_sv by = {"", 0};

		if (!known(t, h->from + a))
			continue;
		if (t->piece[h->from + a].struck &&
		    reads(&by, t, t->piece[h->from + a].by, err) < 0)
			return -1;
		while (k + 1 < h->n && known(t, h->from + k + 1))
			k++;
		if (h->off[a] < h->off[k + 1] &&
		    tg_replace_merge(
			t->w->r, text, h->off[a], h->off[k + 1], by, err) < 0)
			return -1;
	}
	return 0;
}

/* Room for the text of tokens @h, which stands at node @i. */
static int
add(struct tg_tokens *t, struct tg_pieces_held h, uint32_t i,
    struct tg_err *err)
{
	struct tg_record *r = t->w->r;
	struct tg_pieces_held *held = tg_arena_alloc(&r->arena, sizeof(*held));
	struct tg_text *text;

	if (held == NULL)
		return tg_fail_memory(err);
	*held = h;
	if (tg_record_add_text(r, &text, err) < 0)
		return -1;
	*text = t->whole;
	text->text.text = (struct tg_trace_text){"", 0};
	text->hit = NULL;
	text->n_hit = 0;
	text->held = held;
	tg_seam_orders_place(t->w, text, i);
	return 0;
}

int
tg_held_add(const struct tg_tokens *tokens, struct tg_err *err)
{
	struct tg_record *r = tokens->w->r;
	const struct tg_jdoc *d = tokens->w->doc;
	struct {
		struct tg_tokens t;
		struct tg_walk w;
	} *stays = tg_arena_alloc(&r->arena, sizeof(*stays));
	const enum tg_joins joins = tg_seam_place_stream(d, tokens->array)
	    ? TG_JOINS_STREAM
	    : TG_JOINS_TEXT;
	struct tg_tokens *t;

	if (stays == NULL)
		return tg_fail_memory(err);
	stays->t = *tokens;
	stays->w = *tokens->w;
	t = &stays->t;
	t->w = &stays->w;
	/* Of a list of them another need not look like tokens. */
	r->n_held += tg_seam_orders_listed(d, t->array) ? 2 : 1;
	if (add(t, (struct tg_pieces_held){.t = t, .n = t->n, .joins = joins},
		t->array, err) < 0)
		return -1;
	if (!tg_seam_orders_row(d, t->array))
		return 0;
	for (uint32_t k = 0; k < t->n; k++)
		if (add(t,
			(struct tg_pieces_held){.t = t,
			    .from = k,
			    .n = 1,
			    .joins = TG_JOINS_COLUMN},
			t->piece[k].at.node, err) < 0)
			return -1;
	return 0;
}

/* The whole array as it came. */
static int
read_all(struct tg_text *text, struct tg_err *err)
{
	struct tg_pieces_held *h = text->held;
	struct tg_arena *arena = &h->t->w->r->arena;
	struct tg_sv copy;

	if (tg_tokens_join_again(h->t, err) < 0)
		return -1;
	copy = tg_arena_sv(arena, tg_buf_sv(&h->t->w->p->joined));
	if (copy.p == NULL)
		return tg_fail_memory(err);
	h->t->whole.text.text = (struct tg_trace_text){copy.p, copy.n};
	h->off = h->t->off;
	text->text.text = h->t->whole.text.text;
	text->joins = h->joins;
	return tell_known(text, err);
}

/* One token of a row; the row was read before. */
static int
read_one(struct tg_text *text, struct tg_err *err)
{
	struct tg_pieces_held *h = text->held;
	const uint32_t at = h->t->off[h->from];
	const uint32_t n = h->t->off[h->from + 1] - at;
	uint32_t *off = tg_arena_calloc(&h->t->w->r->arena, 2, sizeof(*off));

	if (off == NULL)
		return tg_fail_memory(err);
	off[1] = n;
	h->off = off;
	text->text.text =
	    (struct tg_trace_text){h->t->whole.text.text.bytes + at, n};
	text->joins = n > 0 ? h->joins : TG_JOINS_NOT;
	return tell_known(text, err);
}

int
tg_held_open(struct tg_record *r, struct tg_err *err)
{
	if (r->n_held < 2)
		return 0;
	for (uint32_t i = 0; i < r->n_text; i++) {
		struct tg_text *t = &r->text[i];

		if (t->held != NULL &&
		    (t->held->joins == TG_JOINS_COLUMN ? read_one(t, err)
						       : read_all(t, err)) < 0)
			return -1;
	}
	return 0;
}

void
tg_held_widen(const struct tg_text *t, uint32_t *start, uint32_t *end)
{
	const struct tg_pieces_held *h = t->held;
	const uint32_t a = tg_tokens_at(h->off, h->n, *start);
	const uint32_t b = tg_tokens_at(h->off, h->n, *end - 1);
	uint32_t first;

	if (a >= h->n || b >= h->n)
		return;
	first = h->off[a] + (h->t->piece[h->from + a].form.mark > 0 ? 1 : 0);
	*start = first < *start ? first : *start;
	*end = h->off[b + 1];
}

/* The document that the tokens stand in, when that was in a string: others
 * were read since. */
static int
reopen(const struct tg_walk *w, struct tg_err *err)
{
	size_t at;

	if (w->nest == NULL)
		return 0;
	return tg_jscan(w->doc,
	    (struct tg_sv){w->nest->text.text.bytes, w->nest->text.text.n}, &at,
	    err);
}

static int
settle(const struct tg_text *text, struct tg_err *err)
{
	const struct tg_pieces_held *h = text->held;
	bool open = false;

	for (uint32_t k = 0; k < text->n_hit; k++) {
		const struct tg_hit *hit = &text->hit[k];
		const uint32_t a = tg_tokens_at(h->off, h->n, hit->start);
		const uint32_t b = tg_tokens_at(h->off, h->n, hit->end - 1);
		bool fresh = false;

		for (uint32_t i = a; i <= b && i < h->n; i++)
			fresh = fresh || !h->t->piece[h->from + i].struck;
		if (!fresh || b >= h->n)
			continue;
		if (!open && reopen(h->t->w, err) < 0)
			return -1;
		open = true;
		if (tg_tokens_strike(
			h->t, h->from + a, h->from + b, hit->by, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_held_settle(struct tg_record *r, struct tg_err *err)
{
	const uint32_t n = r->n_text;

	for (uint32_t i = 0; i < n; i++) {
		const struct tg_text text = r->text[i];

		if (text.held == NULL || text.n_hit == 0)
			continue;
		r->text[i].n_hit = 0; /* of the tokens from now on */
		if (settle(&text, err) < 0)
			return -1;
	}
	return 0;
}
