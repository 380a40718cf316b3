#include "pipeline/tokens.h"

#include <string.h>

#include "pipeline/aligned.h"
#include "pipeline/digits.h"
#include "pipeline/replace.h"
#include "pipeline/seam_judge.h"
#include "pipeline/spell.h"
#include "base/banned.h"

#define ROUNDS 6  /* after so many the whole array goes */
#define NESTED 16 /* arrays in arrays */

/* What a token's string stands under in an object; the first that is there. */
static const char *const strings[] = {"token", "text", "str", "piece",
    "token_str", "token_text", "decoded", "decoded_token", "stringValue", "t"};

struct piece {
	uint32_t node; /* the element of the array */
	uint32_t text; /* its string; UINT32_MAX: null, spells nothing */
	struct tg_trace_text said;
	struct tg_sv bytes; /* what its "bytes" spell, else empty */
	struct tg_sv by;    /* when struck */
	bool struck;
	bool seen; /* in a finding that was told, or stays */
};

struct tokens {
	struct tg_walk *w;
	uint32_t array;
	struct piece *piece;
	uint32_t n;
	uint32_t *off;	 /* n + 1 offsets in the joined text */
	uint32_t *plain; /* the same in the plain spelling: what is told */
	struct tg_spell_traits traits;
	bool keep_marks; /* known as tokens by their marks alone */
	bool bytes;	 /* some bytes say something else than the string */
	unsigned round;
	enum tg_spelling how; /* looked at */
	bool bytes_now;	      /* with the bytes */
	struct tg_text whole;
	struct tg_aligned beside;
};

static uint32_t
string_of(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind == TG_J_STRING)
		return i;
	if (d->nodes[i].kind != TG_J_OBJECT)
		return UINT32_MAX;
	for (size_t k = 0; k < TG_COUNT(strings); k++) {
		const uint32_t s = tg_jdoc_find(d, i, strings[k]);

		if (s != UINT32_MAX && d->nodes[s].kind == TG_J_STRING)
			return s;
	}
	return UINT32_MAX;
}

static bool
ends_with(struct tg_trace_text name, const char *tail)
{
	const size_t n = strlen(tail);

	return name.n >= n && memcmp(name.bytes + name.n - n, tail, n) == 0;
}

static bool
named_tokens(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const tails[] = {"tokens", "Tokens", "token_strs",
	    "token_strings", "token_texts", "wordpieces", "subwords", "pieces"};
	const struct tg_trace_text name = tg_walk_name(d, i);

	for (size_t k = 0; k < TG_COUNT(tails); k++)
		if (ends_with(name, tails[k]))
			return true;
	return false;
}

static bool
begins(struct tg_sv raw, const char *head)
{
	const size_t n = strlen(head);

	return raw.n >= n && strncasecmp(raw.p, head, n) == 0;
}

/* "##ing" */
static bool
word_piece(struct tg_sv raw)
{
	const char c = raw.n > 2 ? raw.p[2] : ' ';

	return raw.n > 2 && memcmp(raw.p, "##", 2) == 0 &&
	    ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9'));
}

/* A string begins as only tokens do. */
static bool
marked(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const heads[] = {"\xe2\x96\x81", "\xc4\xa0",
	    "\xc4\x8a", "\\u2581", "\\u0120", "\\u010a", "<0x", "<|"};

	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		struct tg_sv raw;

		if (d->nodes[c].kind != TG_J_STRING)
			return false;
		raw = tg_jdoc_str(d, c);
		for (size_t k = 0; k < TG_COUNT(heads); k++)
			if (begins(raw, heads[k]))
				return true;
		if (word_piece(raw))
			return true;
	}
	return false;
}

/* Every element of array @i has a string or is null. */
static bool
all_strings(const struct tg_jdoc *d, uint32_t i)
{
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		if (d->nodes[c].kind != TG_J_NULL &&
		    string_of(d, c) == UINT32_MAX)
			return false;
	return true;
}

bool
tg_tokens_here(const struct tg_walk *w, uint32_t i)
{
	const struct tg_jdoc *d = w->doc;
	const struct tg_jnode *n = &d->nodes[i];

	if (n->kind != TG_J_ARRAY || n->n == 0)
		return false;
	switch ((enum tg_jkind)d->nodes[i + 1].kind) {
	case TG_J_STRING:
		return (named_tokens(d, i) || (n->n > 1 && marked(d, i))) &&
		    all_strings(d, i);
	case TG_J_OBJECT:
		/* Alternatives do not follow each other. */
		if (n->key_end != 0 && begins(tg_jdoc_key(d, i), "top"))
			return false;
		return (tg_jdoc_find(d, i + 1, "token") != UINT32_MAX ||
			   named_tokens(d, i)) &&
		    all_strings(d, i);
	case TG_J_ARRAY:
	case TG_J_NUMBER:
	case TG_J_TRUE:
	case TG_J_FALSE:
	case TG_J_NULL:
		break;
	}
	return false;
}

bool
tg_tokens_ids(const struct tg_walk *w, uint32_t i)
{
	const struct tg_jdoc *d = w->doc;
	const struct tg_jnode *n = &d->nodes[i];
	struct tg_trace_text name;

	if (n->kind != TG_J_ARRAY || n->n < 2 || n->key_end == 0)
		return false;
	name = tg_walk_name(d, i);
	if (!(named_tokens(d, i) || ends_with(name, "token_ids") ||
		ends_with(name, "input_ids")))
		return false;
	for (uint32_t c = i + 1; c < n->next; c++)
		if (d->nodes[c].kind != TG_J_NUMBER &&
		    d->nodes[c].kind != TG_J_ARRAY)
			return false;
	return true;
}

/* The bytes beside a token's string, when they say something else. */
static int
bytes_of(struct tokens *t, struct piece *p, struct tg_err *err)
{
	const struct tg_jdoc *d = t->w->doc;
	struct tg_buf *b = &t->w->p->joined;
	const size_t from = b->n;
	uint32_t i;
	bool are;

	if (d->nodes[p->node].kind != TG_J_OBJECT)
		return 0;
	i = tg_jdoc_find(d, p->node, "bytes");
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

static int
gather(struct tokens *t, struct tg_err *err)
{
	struct tg_jdoc *d = t->w->doc;
	const struct tg_jnode *array = &d->nodes[t->array];

	tg_buf_reset(&t->w->p->joined);
	for (uint32_t c = t->array + 1; c < array->next; c = d->nodes[c].next) {
		struct piece *p = &t->piece[t->n];
		struct tg_jtext text;

		p->node = c;
		p->text = string_of(d, c);
		if (p->text == UINT32_MAX && d->nodes[c].kind != TG_J_NULL)
			return tg_fail(err, TG_E_INPUT,
			    "byte %u: a token is not a string",
			    d->nodes[c].start);
		t->n++;
		if (p->text == UINT32_MAX)
			continue;
		d->nodes[p->text].mark |= TG_MARK_TOKEN;
		if (tg_jtext_decode(&text, tg_jdoc_str(d, p->text),
			d->nodes[p->text].esc, &t->w->r->arena, err) < 0)
			return -1;
		p->said = text.text;
		tg_spell_learn(&t->traits, p->said);
		if (bytes_of(t, p, err) < 0)
			return -1;
	}
	return 0;
}

/* The array as it came, so that no spelling hides a value from another; after
 * round 0 as it reads now: tokens that were struck are what stands there. */
static int
join(struct tokens *t, enum tg_spelling how, bool bytes, struct tg_err *err)
{
	struct tg_buf *b = &t->w->p->joined;

	tg_buf_reset(b);
	for (uint32_t k = 0; k < t->n; k++) {
		const struct piece *p = &t->piece[k];
		const bool struck = p->struck && t->round > 0;

		const struct tg_trace_text said =
		    struck ? (struct tg_trace_text){p->by.p, p->by.n} : p->said;

		t->off[k] = (uint32_t)b->n;
		if (!struck && bytes && p->bytes.p != NULL) {
			if (tg_buf_addsv(b, p->bytes, err) < 0)
				return -1;
		} else if (tg_spell(b, said, how, err) < 0) {
			return -1;
		}
	}
	t->off[t->n] = (uint32_t)b->n;
	tg_spell_mend(b, 0);
	t->whole.text.text =
	    (struct tg_trace_text){b->p == NULL ? "" : b->p, b->n};
	return 0;
}

/* The first token that ends behind @at. */
static uint32_t
token_at(const struct tokens *t, uint32_t at)
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

/* Where marks alone say that the array is one of tokens, they stay. */
static int
strike(struct tokens *t, uint32_t k, struct tg_sv by, struct tg_err *err)
{
	struct piece *p = &t->piece[k];
	const struct tg_sv mark = mark_of(p->said);
	const char *marked_by;

	if (p->struck)
		return 0;
	if (t->keep_marks && mark.n > 0) {
		marked_by = tg_arena_fmt(&t->w->r->arena, "%.*s%.*s",
		    TG_SV_FMT(mark), TG_SV_FMT(by));
		if (marked_by == NULL)
			return tg_fail_memory(err);
		by = tg_sv_of(marked_by);
	}
	p->struck = true;
	p->by = by;
	if (p->text != UINT32_MAX &&
	    tg_walk_blot(t->w, p->text, TG_TXT_TOKEN, by, err) < 0)
		return -1;
	return tg_aligned_strike(
	    &t->beside, t->w, t->array, k, p->node, p->text, err);
}

/* Tokens [a, b] go, the first becomes @by. */
static int
strike_range(struct tokens *t, uint32_t a, uint32_t b, struct tg_sv by,
    struct tg_err *err)
{
	for (uint32_t k = a; k <= b; k++)
		if (t->piece[k].struck)
			by = (struct tg_sv){"", 0};
	for (uint32_t k = a; k <= b; k++) {
		if (t->piece[k].struck)
			continue;
		if (strike(t, k, by, err) < 0)
			return -1;
		by = (struct tg_sv){"", 0};
	}
	return 0;
}

static void
count(struct tokens *t, const struct tg_finding *f)
{
	const struct tg_record *r = t->w->r;

	tg_counts_finding(t->w->p->counts, f->type,
	    t->w->unit == TG_UNIT_NONE ? 0 : r->unit[t->w->unit].serial);
}

/* Where the array is told, offsets are of the plain spelling; what another one
 * found is told as the tokens it takes. */
static int
tell(struct tokens *t, const struct tg_finding *f, uint32_t a, uint32_t b,
    struct tg_err *err)
{
	struct tg_pass *p = t->w->p;
	struct tg_finding at = *f;

	if (p->on_finding == NULL && p->on_text == NULL)
		return 0;
	if (t->how == TG_SPELL_PLAIN && !t->bytes_now)
		return tg_replace_tell(p, t->w->r, &t->whole, &at, err);
	at.start = t->plain[a];
	at.end = t->plain[b + 1];
	if (join(t, TG_SPELL_PLAIN, false, err) < 0)
		return -1;
	if (tg_replace_tell(p, t->w->r, &t->whole, &at, err) < 0)
		return -1;
	return join(t, t->how, t->bytes_now, err);
}

/* A finding in tokens [a, b] that nobody has told. */
static int
take(struct tokens *t, const struct tg_finding *f, uint32_t a, uint32_t b,
    struct tg_err *err)
{
	struct tg_pass *p = t->w->p;
	struct tg_record *r = t->w->r;

	for (uint32_t k = a; k <= b; k++)
		t->piece[k].seen = true;
	if (p->set->mode > TG_MODE_REDACT) {
		count(t, f);
		return tell(t, f, a, b, err);
	}
	if (f->action == TG_ACT_KEEP) {
		p->counts->kept_findings++;
		return 0;
	}
	count(t, f);
	t->whole.hit = NULL;
	t->whole.n_hit = 0;
	if (tg_replace_strike(
		p, r, &t->whole, f, f->start, f->end, t->round, err) < 0)
		return -1;
	if (t->w->unit != TG_UNIT_NONE &&
	    r->field[t->whole.node] == TG_FIELD_prompt_text)
		r->unit[t->w->unit].prompt_hit = true;
	if (f->action == TG_ACT_DROP_FIELD) {
		a = 0;
		b = t->n - 1;
	}
	return strike_range(t, a, b, t->whole.hit[0].by, err);
}

/* Whether tokens [a, b) were all found by themselves; special ones say nothing,
 * a full stop is of the sentence. */
static bool
alone(const struct tokens *t, uint32_t a, uint32_t b)
{
	for (; a < b; a++) {
		const struct piece *p = &t->piece[a];

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
one_value(
    const struct tokens *t, const struct tg_finding *f, uint32_t a, uint32_t b)
{
	const struct tg_trace_text s = t->whole.text.text;
	struct tg_sv left, right;
	uint32_t k = a;
	bool first, second;

	if (t->how != TG_SPELL_FLAT || t->round > 0)
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

/* One spelling; *fresh counts what is new. */
static int
look(struct tokens *t, enum tg_spelling how, bool bytes, uint32_t *fresh,
    struct tg_err *err)
{
	struct tg_pass *p = t->w->p;
	struct tg_findings found;

	t->how = how;
	t->bytes_now = bytes;
	if (join(t, how, bytes, err) < 0)
		return -1;
	if (how == TG_SPELL_PLAIN && !bytes)
		memcpy(t->plain, t->off, (t->n + 1) * sizeof(*t->off));
	p->counts->texts++;
	p->counts->text_bytes += t->whole.text.text.n;
	if (tg_replace_scan(
		p, t->w->r, t->whole.text.text, &t->whole, &found, err) < 0)
		return -1;
	for (size_t k = 0; k < found.n; k++) {
		const uint32_t a = token_at(t, found.f[k].start);
		const uint32_t b = token_at(t, found.f[k].end - 1);
		bool told = true;

		for (uint32_t i = a; i <= b && i < t->n; i++)
			told = told && t->piece[i].seen;
		if (told || b >= t->n || !one_value(t, &found.f[k], a, b))
			continue;
		if (take(t, &found.f[k], a, b, err) < 0)
			return -1;
		(*fresh)++;
	}
	return 0;
}

/* What was struck says no more how the rest is spelled. */
static void
learn_again(struct tokens *t)
{
	t->traits = (struct tg_spell_traits){.blank = false};
	for (uint32_t k = 0; k < t->n; k++)
		tg_spell_learn(&t->traits,
		    t->piece[k].struck
			? (struct tg_trace_text){t->piece[k].by.p,
			      t->piece[k].by.n}
			: t->piece[k].said);
}

static int
all_spellings(struct tokens *t, uint32_t *fresh, struct tg_err *err)
{
	static const enum tg_spelling how[] = {
	    TG_SPELL_PLAIN, TG_SPELL_FLAT, TG_SPELL_BYTES, TG_SPELL_WORDS};

	for (size_t k = 0; k < TG_COUNT(how); k++)
		if (tg_spell_wants(&t->traits, how[k]) &&
		    look(t, how[k], false, fresh, err) < 0)
			return -1;
	return t->bytes ? look(t, TG_SPELL_PLAIN, true, fresh, err) : 0;
}

static int
one_array(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	struct tokens t = {.w = w, .array = i};
	const uint32_t n = w->doc->nodes[i].n;
	uint32_t fresh = 1;

	t.piece = tg_arena_calloc(&w->r->arena, n, sizeof(*t.piece));
	t.off = tg_arena_calloc(&w->r->arena, (size_t)n + 1, sizeof(*t.off));
	t.plain = tg_arena_calloc(&w->r->arena, (size_t)n + 1, sizeof(*t.off));
	if (t.piece == NULL || t.off == NULL || t.plain == NULL)
		return tg_fail_memory(err);
	w->doc->nodes[i].mark |= TG_MARK_TOKEN;
	t.keep_marks = !named_tokens(w->doc, i);
	if (gather(&t, err) < 0 || tg_walk_whole(&t.whole, w, i, err) < 0)
		return -1;
	for (; fresh > 0 && t.round < ROUNDS; t.round++) {
		fresh = 0;
		if (t.round > 0)
			learn_again(&t);
		if (all_spellings(&t, &fresh, err) < 0)
			return -1;
		if (w->p->set->mode > TG_MODE_REDACT)
			return 0;
	}
	return fresh == 0
	    ? 0
	    : strike_range(&t, 0, t.n - 1, TG_SV("[REDACTED]"), err);
}

static int
arrays(struct tg_walk *w, uint32_t i, unsigned depth, struct tg_err *err)
{
	const struct tg_jdoc *d = w->doc;
	const struct tg_jnode *n = &d->nodes[i];

	if (n->n == 0)
		return 0;
	if (d->nodes[i + 1].kind != TG_J_ARRAY)
		return one_array(w, i, err);
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
tg_tokens_collect(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	return arrays(w, i, 0, err);
}
