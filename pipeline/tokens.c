#include "pipeline/tokens.h"

#include <string.h>

#include "pipeline/digits.h"
#include "pipeline/foreign.h"
#include "pipeline/replace.h"
#include "pipeline/seam_judge.h"
#include "pipeline/spell.h"
#include "pipeline/tokens_find.h"
#include "pipeline/tokens_strike.h"
#include "base/banned.h"

#define ROUNDS 6    /* after so many the whole array goes */
#define NESTED 16   /* arrays in arrays */
#define ALONE_MIN 5 /* bytes; shorter pieces say nothing by themselves */

/* The bytes beside a token's string, when they say something else. */
static int
bytes_of(struct tg_tokens *t, struct tg_piece *p, struct tg_err *err)
{
	const struct tg_jdoc *d = t->w->doc;
	struct tg_buf *b = &t->w->p->joined;
	const size_t from = b->n;
	uint32_t i;
	bool are;

	if (d->nodes[p->at.node].kind != TG_J_OBJECT)
		return 0;
	i = tg_jdoc_find(d, p->at.node, "bytes");
	if (i == UINT32_MAX || d->nodes[i].kind != TG_J_ARRAY)
		return 0;
	if (tg_digits_bytes(b, &are, d, i, err) < 0)
		return -1;
	if (are &&
	    (b->n - from != p->said.n ||
		memcmp(b->p + from, p->said.bytes, p->said.n) != 0)) {
		p->bytes = tg_arena_sv(
		    &t->w->r->arena, (struct tg_sv){b->p + from, b->n - from});
		if (p->bytes.p == NULL)
			return tg_fail_memory(err);
		t->bytes = true;
	}
	b->n = from;
	return 0;
}

/* The bytes are all that stands there. */
static int
read_bytes(struct tg_tokens *t, struct tg_piece *p, struct tg_err *err)
{
	struct tg_buf *b = &t->w->p->joined;
	struct tg_sv all;
	bool are;

	tg_buf_reset(b);
	if (tg_digits_bytes(b, &are, t->w->doc, p->at.text, err) < 0)
		return -1;
	all = tg_arena_sv(&t->w->r->arena, tg_buf_sv(b));
	if (all.p == NULL)
		return tg_fail_memory(err);
	p->said = (struct tg_trace_text){all.p, all.n};
	return 0;
}

/* What piece @p says, as it stands in the record. */
static int
read_piece(struct tg_tokens *t, struct tg_piece *p, struct tg_err *err)
{
	struct tg_jdoc *d = t->w->doc;
	struct tg_jnode *n;
	struct tg_jtext text;
	struct tg_sv raw;

	p->said = (struct tg_trace_text){"", 0};
	if (p->at.text == UINT32_MAX)
		return 0;
	n = &d->nodes[p->at.text];
	n->mark |= TG_MARK_TOKEN;
	if (p->at.bytes)
		return read_bytes(t, p, err);
	if (p->at.number) {
		const struct tg_sv digits = tg_digits_whole(
		    n->kind == TG_J_STRING ? tg_jdoc_str(d, p->at.text)
					   : tg_jdoc_raw(d, p->at.text));

		p->said = (struct tg_trace_text){digits.p, digits.n};
		p->number =
		    digits.n < TG_DIGITS_MIN ? TG_NUMBER_SHORT : TG_NUMBER_LONG;
		t->numbers |= p->number;
		return 0;
	}
	raw = tg_jdoc_str(d, p->at.text);
	if (!n->esc) /* most are not: without a call */
		p->said = (struct tg_trace_text){raw.p, raw.n};
	else if (tg_jtext_decode(&text, raw, true, &t->w->r->arena, err) < 0)
		return -1;
	else
		p->said = text.text;
	p->form = tg_spell_learn(&t->traits, p->said);
	return bytes_of(t, p, err);
}

static bool
listened(const struct tg_tokens *t)
{
	return t->w->p->on_finding != NULL || t->w->p->on_text != NULL;
}

static int
gather(struct tg_tokens *t, struct tg_err *err)
{
	struct tg_jdoc *d = t->w->doc;
	struct tg_arena *arena = &t->w->r->arena;
	const size_t most = tg_tokens_most(d, t->array);
	struct tg_token_way way = tg_tokens_begin(d, t->array);

	d->nodes[t->array].mark |= TG_MARK_TOKEN;
	t->pairs = way.pairs;
	t->piece = tg_arena_calloc(arena, most, sizeof(*t->piece));
	t->off = tg_arena_calloc(arena, most + 1, sizeof(*t->off));
	if (t->piece == NULL || t->off == NULL)
		return tg_fail_memory(err);
	if (listened(t)) {
		t->plain = tg_arena_calloc(arena, most + 1, sizeof(*t->off));
		if (t->plain == NULL)
			return tg_fail_memory(err);
	}
	tg_buf_reset(&t->w->p->joined);
	for (; t->n < most && tg_tokens_next(d, &way, &t->piece[t->n].at);
	     t->n++) {
		struct tg_piece *p = &t->piece[t->n];

		t->nested = t->nested || p->at.nested;
		if (read_piece(t, p, err) < 0)
			return -1;
	}
	return 0;
}

/* tg_buf_add; most tokens are a few bytes, without a call. */
static inline int
put(struct tg_buf *b, struct tg_trace_text s, struct tg_err *err)
{
	const char *from = s.bytes;
	char *to;

	if (s.n > 16 || b->cap - b->n <= 16 || b->cap == 0)
		return tg_buf_add(b, from, s.n, err);
	to = b->p + b->n;
	if (s.n >= 8) {
		memcpy(to, from, 8);
		memcpy(to + s.n - 8, from + s.n - 8, 8);
	} else if (s.n >= 4) {
		memcpy(to, from, 4);
		memcpy(to + s.n - 4, from + s.n - 4, 4);
	} else if (s.n > 0) {
		to[0] = from[0];
		to[s.n / 2] = from[s.n / 2];
		to[s.n - 1] = from[s.n - 1];
	}
	b->n += s.n;
	b->p[b->n] = '\0';
	return 0;
}

/* A piece that is soon spelled, in any spelling but WORDS. */
static inline int
join_plain(struct tg_buf *b, const struct tg_piece *p, struct tg_err *err)
{
	const size_t mark = p->form.mark;

	if (mark > 0 &&
	    put(b, (struct tg_trace_text){&p->form.blank, 1}, err) < 0)
		return -1;
	return put(b,
	    (struct tg_trace_text){p->said.bytes + mark, p->said.n - mark},
	    err);
}

/* Piece @k, as it is in this view. */
static int
join_piece(struct tg_tokens *t, uint32_t k, struct tg_err *err)
{
	const struct tg_piece *p = &t->piece[k];
	const bool struck = p->struck && t->round > 0;
	struct tg_buf *b = &t->w->p->joined;

	if (!tg_tokens_in_view(t, k))
		return 0;
	if (struck)
		return tg_spell(b, (struct tg_trace_text){p->by.p, p->by.n},
		    t->now.how, err);
	if (t->now.bytes && p->bytes.p != NULL)
		return tg_buf_addsv(b, p->bytes, err);
	return tg_spell(b, p->said, t->now.how, err);
}

/* The array as it came, so that no spelling hides a value from another; after
 * round 0 as it reads now: tokens that were struck are what stands there. */
static int
join(struct tg_tokens *t, struct tg_token_view view, struct tg_err *err)
{
	struct tg_buf *b = &t->w->p->joined;
	/* Pieces that are words between words do not read as they stand, and
	 * not all are looked at, or by their strings. */
	const bool plain = view.how != TG_SPELL_WORDS && !view.bytes &&
	    view.only == UINT32_MAX && view.nested == t->nested;

	t->now = view;
	tg_buf_reset(b);
	for (uint32_t k = 0; k < t->n; k++) {
		const struct tg_piece *p = &t->piece[k];

		t->off[k] = (uint32_t)b->n;
		if ((plain && p->form.plain && !p->struck
			    ? join_plain(b, p, err)
			    : join_piece(t, k, err)) < 0)
			return -1;
	}
	t->off[t->n] = (uint32_t)b->n;
	tg_spell_mend(b, 0);
	t->whole.text.text =
	    (struct tg_trace_text){b->p == NULL ? "" : b->p, b->n};
	return 0;
}

/* The first token that ends behind @at. */
static uint32_t
token_at(const struct tg_tokens *t, uint32_t at)
{
	uint32_t lo = 0, hi = t->n;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (t->off[mid + 1] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
count(struct tg_tokens *t, const struct tg_finding *f)
{
	const struct tg_record *r = t->w->r;

	tg_counts_finding(t->w->p->counts, f->type,
	    t->w->unit == TG_UNIT_NONE ? 0 : r->unit[t->w->unit].serial);
}

/* The view that offsets are told in. */
static struct tg_token_view
told_view(const struct tg_tokens *t)
{
	return (struct tg_token_view){.how = TG_SPELL_PLAIN,
	    .numbers = t->numbers,
	    .nested = t->nested,
	    .only = UINT32_MAX};
}

static bool
is_told_view(const struct tg_tokens *t)
{
	return t->now.how == TG_SPELL_PLAIN && !t->now.bytes &&
	    t->now.numbers == t->numbers && t->now.nested == t->nested &&
	    t->now.only == UINT32_MAX;
}

/* Where the array is told, offsets are of the plain spelling; what another one
 * found is told as the tokens it takes. */
static int
tell(struct tg_tokens *t, const struct tg_finding *f, uint32_t a, uint32_t b,
    struct tg_err *err)
{
	struct tg_pass *p = t->w->p;
	struct tg_finding at = *f;
	const struct tg_token_view was = t->now;

	if (!listened(t))
		return 0;
	if (is_told_view(t))
		return tg_replace_tell(p, t->w->r, &t->whole, &at, err);
	at.start = t->plain[a];
	at.end = t->plain[b + 1];
	if (join(t, told_view(t), err) < 0)
		return -1;
	if (tg_replace_tell(p, t->w->r, &t->whole, &at, err) < 0)
		return -1;
	return join(t, was, err);
}

/* A finding in tokens [a, b] that nobody has told. */
static int
take(struct tg_tokens *t, const struct tg_finding *f, uint32_t a, uint32_t b,
    struct tg_err *err)
{
	struct tg_pass *p = t->w->p;
	struct tg_record *r = t->w->r;

	for (uint32_t k = a; k <= b; k++)
		t->piece[k].seen = t->piece[k].seen || tg_tokens_in_view(t, k);
	if (p->set->mode > TG_MODE_REDACT) {
		count(t, f);
		return tell(t, f, a, b, err);
	}
	if (f->action == TG_ACT_KEEP) {
		tg_replace_seen(p, r, &t->whole, f->type);
		p->counts->kept_findings++;
		return 0;
	}
	count(t, f);
	t->whole.kind = TG_TXT_TOKEN;
	t->whole.hit = NULL;
	t->whole.n_hit = 0;
	if (tg_replace_strike(
		p, r, &t->whole, f, f->start, f->end, t->round, err) < 0)
		return -1;
	if (t->w->unit != TG_UNIT_NONE &&
	    r->field[t->whole.node] == TG_FIELD_prompt_text)
		r->unit[t->w->unit].prompt_hit = true;
	if (f->action == TG_ACT_DROP_FIELD)
		return tg_tokens_strike_all(t, t->whole.hit[0].by, err);
	return tg_tokens_strike(t, a, b, t->whole.hit[0].by, err);
}

/* Whether tokens [a, b) were all found by themselves; special ones say nothing,
 * a full stop is of the sentence. */
static bool
alone(const struct tg_tokens *t, uint32_t a, uint32_t b)
{
	for (; a < b; a++) {
		const struct tg_piece *p = &t->piece[a];

		if (!p->seen && !tg_spell_special(p->said) &&
		    !(p->said.n == 1 && p->said.bytes[0] == '.'))
			return false;
	}
	return true;
}

/* Special tokens taken out make neighbours of an address and a word; see
 * seam_judge.h.  False: @f, tokens [a, b], is such a pair, or has no special
 * token in it (the plain spelling has found it). */
static bool
one_value(const struct tg_tokens *t, const struct tg_finding *f, uint32_t a,
    uint32_t b)
{
	const struct tg_trace_text s = t->whole.text.text;
	struct tg_sv left, right;
	uint32_t k = a;
	bool first, second;

	if (t->now.how != TG_SPELL_FLAT || t->round > 0)
		return true;
	while (k <= b && !tg_spell_special(t->piece[k].said))
		k++;
	if (k > b || f->checked)
		return k <= b;
	left = (struct tg_sv){s.bytes + f->start, t->off[k] - f->start};
	right = (struct tg_sv){s.bytes + t->off[k], f->end - t->off[k]};
	first = alone(t, a, k);
	second = alone(t, k, b + 1);
	if (first == second || memchr(left.p, '@', left.n + right.n) == NULL)
		return true;
	return first ? tg_seam_domain(left, right) : tg_seam_local(left, right);
}

/* Whether all that is looked at of tokens [a, b] was seen. */
static bool
all_seen(const struct tg_tokens *t, uint32_t a, uint32_t b)
{
	for (; a <= b; a++)
		if (tg_tokens_in_view(t, a) && !t->piece[a].seen)
			return false;
	return true;
}

/* One view; *fresh counts what is new. */
static int
look(struct tg_tokens *t, struct tg_token_view view, uint32_t *fresh,
    struct tg_err *err)
{
	struct tg_pass *p = t->w->p;
	struct tg_findings found;

	if (join(t, view, err) < 0)
		return -1;
	if (t->plain != NULL && is_told_view(t))
		memcpy(t->plain, t->off, (t->n + 1) * sizeof(*t->off));
	p->counts->texts++;
	p->counts->text_bytes += t->whole.text.text.n;
	if (is_told_view(t) && t->w->r->cls[t->whole.node] == TG_CLS_TOKENS &&
	    tg_foreign(p, t->w->r, &t->whole, err) < 0)
		return -1;
	if (tg_replace_scan(
		p, t->w->r, t->whole.text.text, &t->whole, &found, err) < 0)
		return -1;
	for (size_t k = 0; k < found.n; k++) {
		const uint32_t a = token_at(t, found.f[k].start);
		const uint32_t b = token_at(t, found.f[k].end - 1);

		if (b >= t->n || all_seen(t, a, b) ||
		    !one_value(t, &found.f[k], a, b))
			continue;
		if (take(t, &found.f[k], a, b, err) < 0)
			return -1;
		(*fresh)++;
	}
	return 0;
}

/* What was struck says no more how the rest is spelled. */
static void
learn_again(struct tg_tokens *t)
{
	t->traits = (struct tg_spell_traits){.blank = false};
	for (uint32_t k = 0; k < t->n; k++) {
		const struct tg_piece *p = &t->piece[k];

		(void)tg_spell_learn(&t->traits,
		    p->struck ? (struct tg_trace_text){p->by.p, p->by.n}
			      : p->said);
	}
}

static int
all_spellings(struct tg_tokens *t, struct tg_token_view view, uint32_t *fresh,
    struct tg_err *err)
{
	static const enum tg_spelling how[] = {
	    TG_SPELL_PLAIN, TG_SPELL_FLAT, TG_SPELL_BYTES, TG_SPELL_WORDS};

	for (size_t k = 0; k < TG_COUNT(how); k++) {
		/* A number may be a word between words. */
		const bool word = how[k] == TG_SPELL_WORDS && view.numbers != 0;

		view.how = how[k];
		if ((word || tg_spell_wants(&t->traits, how[k])) &&
		    look(t, view, fresh, err) < 0)
			return -1;
	}
	view.how = TG_SPELL_PLAIN;
	view.bytes = true;
	return t->bytes ? look(t, view, fresh, err) : 0;
}

/* Each piece by itself, which may not be a piece of anything. */
static int
one_by_one(struct tg_tokens *t, uint32_t *fresh, struct tg_err *err)
{
	struct tg_token_view view = {.how = TG_SPELL_PLAIN};

	for (uint32_t k = 0; k < t->n; k++) {
		view.only = k;
		if (!t->piece[k].seen && t->piece[k].said.n >= ALONE_MIN &&
		    look(t, view, fresh, err) < 0)
			return -1;
	}
	return 0;
}

/* One round: with everything first, because offsets are told in it. */
static int
all_views(struct tg_tokens *t, uint32_t *fresh, struct tg_err *err)
{
	const unsigned nested = TG_NUMBER_ALL + 1;
	const unsigned there = t->numbers | (t->nested ? nested : 0);

	for (unsigned out = 0; out < 2 * nested; out++) {
		struct tg_token_view view = told_view(t);

		if (out & ~there)
			continue;
		view.numbers &= ~out;
		view.nested = view.nested && !(out & nested);
		if (all_spellings(t, view, fresh, err) < 0)
			return -1;
	}
	return t->alone && t->round == 0 ? one_by_one(t, fresh, err) : 0;
}

static int
one_array(struct tg_walk *w, uint32_t i, bool strict, struct tg_err *err)
{
	struct tg_tokens t = {.w = w, .array = i};
	const uint32_t odd = tg_tokens_odd(w->doc, i);
	uint32_t fresh = 1;

	if (strict && odd != UINT32_MAX)
		return tg_fail(err, TG_E_INPUT,
		    "byte %u: a token is not a string",
		    w->doc->nodes[odd].start);
	t.keep_marks = !tg_tokens_named(w->doc, i);
	t.alone = t.keep_marks || odd != UINT32_MAX;
	if (gather(&t, err) < 0 || tg_walk_whole(&t.whole, w, i, err) < 0)
		return -1;
	for (; fresh > 0 && t.round < ROUNDS; t.round++) {
		fresh = 0;
		if (t.round > 0)
			learn_again(&t);
		if (all_views(&t, &fresh, err) < 0)
			return -1;
		if (w->p->set->mode > TG_MODE_REDACT)
			return 0;
	}
	return fresh == 0 ? 0
			  : tg_tokens_strike_all(&t, TG_SV("[REDACTED]"), err);
}

static int
arrays(struct tg_walk *w, uint32_t i, unsigned depth, struct tg_err *err)
{
	const struct tg_jdoc *d = w->doc;
	const struct tg_jnode *n = &d->nodes[i];

	if (n->n == 0)
		return 0;
	if (d->nodes[i + 1].kind != TG_J_ARRAY)
		return one_array(w, i, true, err);
	for (uint32_t c = i + 1; c < n->next; c = d->nodes[c].next)
		if (d->nodes[c].kind != TG_J_ARRAY || depth == NESTED)
			return tg_fail(err, TG_E_INPUT,
			    "byte %u: a token is not a string",
			    d->nodes[c].start);
		else if (arrays(w, c, depth + 1, err) < 0)
			return -1;
	return 0;
}

int
tg_tokens_collect(
    struct tg_walk *w, uint32_t i, bool strict, struct tg_err *err)
{
	return strict ? arrays(w, i, 0, err) : one_array(w, i, false, err);
}
