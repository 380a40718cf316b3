#include "pipeline/seams.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/replace.h"
#include "pipeline/seam_judge.h"
#include "pipeline/seam_orders.h"
#include "pipeline/seam_run.h"
#include "pipeline/tokens_held.h"
#include "base/banned.h"

#define ROUNDS 6
#define PARTS 8	    /* of a value over fields that are no stream */
#define WORDS_MIN 4 /* letters that are words around a number */

/* Whether @b goes on from @a. */
static bool
follows(
    const struct tg_record *r, const struct tg_text *a, const struct tg_text *b)
{
	const struct tg_unit *x, *y;

	if (a->unit == b->unit)
		return true;
	if (a->unit == TG_UNIT_NONE || b->unit == TG_UNIT_NONE)
		return false;
	x = &r->unit[a->unit];
	y = &r->unit[b->unit];
	return x->trace_id.n > 0 && x->trace_id.n == y->trace_id.n &&
	    memcmp(x->trace_id.bytes, y->trace_id.bytes, x->trace_id.n) == 0;
}

static bool
covered(const struct tg_text *t, uint32_t start, uint32_t end)
{
	for (uint32_t k = 0; k < t->n_hit; k++)
		if (t->hit[k].start <= start && end <= t->hit[k].end)
			return true;
	return false;
}

/* The pieces that @f can have a part in: from the first on while there are
 * more. */
static uint32_t
first_piece(const struct tg_run *run, const struct tg_seam_find *f)
{
	return tg_run_piece(run, f->f.start);
}

static bool
more_pieces(const struct tg_run *run, uint32_t k, const struct tg_seam_find *f)
{
	return k < run->n && run->piece[k].at < f->f.end;
}

/* The part of @f in piece @k as a range of its text; false: none. */
static bool
part(const struct tg_run *run, uint32_t k, const struct tg_seam_find *f,
    uint32_t *start, uint32_t *end)
{
	const struct tg_seam_piece *p = &run->piece[k];
	const uint32_t a = f->f.start > p->at ? f->f.start - p->at : 0;
	const uint32_t b = f->f.end < p->at + p->n ? f->f.end - p->at : p->n;

	if (f->f.end <= p->at || f->f.start >= p->at + p->n || a >= b)
		return false;
	*start = p->from + a;
	*end = p->from + b;
	if (p->n_hit > 0) {
		/* Hits were added since; the old list is still there. */
		const struct tg_text then = {.hit = p->hit, .n_hit = p->n_hit};

		*start = tg_replace_origin(&then, *start, false);
		*end = tg_replace_origin(&then, *end, true);
	}
	return true;
}

static void
count(struct tg_run *run, const struct tg_text *t, const struct tg_finding *f)
{
	tg_counts_finding(run->p->counts, f->type,
	    t->unit == TG_UNIT_NONE ? 0 : run->r->unit[t->unit].serial);
}

/* Tells each part that was not told before. */
static int
tell(struct tg_run *run, const struct tg_seam_find *f, struct tg_err *err)
{
	struct tg_pass *p = run->p;
	uint32_t start, end;

	for (uint32_t k = first_piece(run, f); more_pieces(run, k, f); k++) {
		struct tg_text *t = &run->r->text[run->piece[k].text];
		struct tg_finding at = f->f;

		if (!part(run, k, f, &start, &end) || covered(t, start, end))
			continue;
		at.start = start;
		at.end = end;
		if (tg_replace_tell(p, run->r, t, &at, err) < 0)
			return -1;
		if (tg_replace_merge(
			run->r, t, start, end, (struct tg_sv){"", 0}, err) < 0)
			return -1;
	}
	return 0;
}

/* Two keys of one object must stay two. */
static int
key_by(struct tg_sv *by, struct tg_record *r, const struct tg_text *key,
    struct tg_err *err)
{
	const char *s = tg_arena_fmt(
	    &r->arena, "%.*s~%u", TG_SV_FMT(*by), r->n_text + key->base);

	if (s == NULL)
		return tg_fail_memory(err);
	*by = tg_sv_of(s);
	return 0;
}

/* What goes with bytes [*start, *end) of @t. */
static void
widen(const struct tg_text *t, const struct tg_seam_find *f, uint32_t *start,
    uint32_t *end)
{
	if (f->f.action == TG_ACT_DROP_FIELD) {
		*start = 0;
		*end = (uint32_t)t->text.text.n;
	} else if (t->held != NULL) {
		tg_held_widen(t, start, end);
	}
}

/* Of the text, or of the tokens that it is joined of. */
static bool
nothing_stays(const struct tg_text *t, uint32_t start, uint32_t end)
{
	return t->held != NULL || (start == 0 && end == t->text.text.n);
}

/* Each part goes: replaced in the first and wherever something of the text
 * stays, empty where the whole text is in it. */
static int
strike(struct tg_run *run, const struct tg_seam_find *f, struct tg_err *err)
{
	struct tg_record *r = run->r;
	struct tg_text whole = {.cut = UINT32_MAX};
	bool first = true;

	whole.text.text = f->in;
	for (uint32_t k = first_piece(run, f); more_pieces(run, k, f); k++) {
		struct tg_text *t = &r->text[run->piece[k].text];
		uint32_t start, end;
		struct tg_sv by;

		if (!part(run, k, f, &start, &end))
			continue;
		if (covered(t, start, end)) {
			first = false;
			continue;
		}
		/* The verdict is on the unit of each part. */
		whole.unit = t->unit;
		whole.node = t->node;
		whole.kind = TG_TXT_TOKEN;
		whole.hit = NULL;
		whole.n_hit = 0;
		if (tg_replace_strike(run->p, r, &whole, &f->there,
			f->there.start, f->there.end, 0, err) < 0)
			return -1;
		by = whole.hit[0].by;
		widen(t, f, &start, &end);
		if (!first && nothing_stays(t, start, end))
			by = (struct tg_sv){"", 0};
		if (t->kind == TG_TXT_KEY && key_by(&by, r, t, err) < 0)
			return -1;
		if (tg_replace_merge(r, t, start, end, by, err) < 0)
			return -1;
		t->changed = true;
		if (t->unit != TG_UNIT_NONE &&
		    r->field[t->node] == TG_FIELD_prompt_text)
			r->unit[t->unit].prompt_hit = true;
		first = false;
	}
	return 0;
}

/* A part of a finding. */
struct side {
	struct tg_sv text;
	uint32_t at, end; /* in the run */
	bool alone;	  /* found by itself */
};

/* The parts of @f; 0 when they need no judging: more than PARTS, of a stream,
 * or as redacted. */
static unsigned
parts(struct side *side, struct tg_run *run, const struct tg_seam_find *f)
{
	unsigned n = 0;
	uint32_t start, end;

	for (uint32_t k = first_piece(run, f); more_pieces(run, k, f); k++) {
		const struct tg_seam_piece *p = &run->piece[k];
		const struct tg_text *t = &run->r->text[p->text];

		if (!part(run, k, f, &start, &end))
			continue;
		if (n == PARTS || t->joins == TG_JOINS_STREAM || run->round > 0)
			return 0;
		side[n].text =
		    (struct tg_sv){t->text.text.bytes + start, end - start};
		side[n].at = p->at + (start - p->from);
		/* A full stop behind it is of the sentence. */
		if (end - start > 1 && t->text.text.bytes[end - 1] == '.')
			end--;
		side[n].end = p->at + (end - p->from);
		side[n++].alone = covered(t, start, end);
	}
	return n;
}

static void
trim(struct tg_seam_find *f, uint32_t start, uint32_t end)
{
	f->there.start += start - f->f.start;
	f->there.end -= f->f.end - end;
	f->f.start = start;
	f->f.end = end;
}

/* An address found by itself takes only neighbours that can be part of it; see
 * seam_judge.h.  False: nothing goes on. */
static bool
one_value(struct tg_run *run, struct tg_seam_find *f)
{
	const char *type = tg_rules_info(run->p->rules, f->f.rule)->type;
	struct side side[PARTS];
	const unsigned n = parts(side, run, f);
	unsigned whole = n, others = 0;

	for (unsigned k = 0; k < n; k++) {
		if (side[k].alone &&
		    (whole == n || memchr(side[k].text.p, '@', side[k].text.n)))
			whole = k;
		if (!side[k].alone)
			others += !tg_seam_word(side[k].text);
	}
	if (whole == n)
		return true;
	if (strcmp(type, "EMAIL") != 0)
		return f->f.checked ||
		    (others > 0 && strcmp(type, "IP_ADDRESS") != 0);
	if (whole > 0 && !tg_seam_local(side[whole - 1].text, side[whole].text))
		trim(f, side[whole].at, f->f.end);
	if (whole + 1 < n &&
	    !tg_seam_domain(side[whole].text, side[whole + 1].text))
		trim(f, f->f.start, side[whole].end);
	return true;
}

static unsigned
letters(const char *p, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count += (p[i] >= 'a' && p[i] <= 'z') ||
		    (p[i] >= 'A' && p[i] <= 'Z') || (unsigned char)p[i] >= 0x80;
	return count;
}

/* Figures of a column, one under the other, make a number by chance: texts that
 * do not stand side by side go on in each other when the value has letters, or
 * words stand around it, or they are tokens. */
static bool
figures(const struct tg_run *run, const struct tg_seam_find *f)
{
	uint32_t start, end;

	if (!run->apart || f->spelled ||
	    letters(f->in.bytes + f->there.start,
		f->there.end - f->there.start) > 0)
		return false;
	for (uint32_t k = first_piece(run, f); more_pieces(run, k, f); k++) {
		const struct tg_text *t = &run->r->text[run->piece[k].text];
		const struct tg_trace_text all = t->text.text;

		if (part(run, k, f, &start, &end) &&
		    letters(all.bytes, start) +
			    letters(all.bytes + end, all.n - end) >=
			WORDS_MIN)
			return false;
	}
	return true;
}

/* A number of the record is part of a value when strings have both ends of it,
 * and a check digit or a letter tells it from figures side by side. */
static bool
ends_in_number(const struct tg_run *run, const struct tg_seam_find *f)
{
	const struct tg_trace_text value = {
	    f->in.bytes + f->there.start, f->there.end - f->there.start};
	bool first = true, number = false, any = false;
	uint32_t start, end;

	for (uint32_t k = first_piece(run, f); more_pieces(run, k, f); k++) {
		if (!part(run, k, f, &start, &end))
			continue;
		number = run->r->text[run->piece[k].text].kind == TG_TXT_NUMBER;
		if (number && first)
			return true;
		any = any || number;
		first = false;
	}
	return number ||
	    (any && !f->f.checked && letters(value.bytes, value.n) == 0);
}

/* Whether @f, a key and its value, is one value: neither says it by itself; it
 * has a check digit, or the key has letters and, like the value of an address,
 * a digit or an '@' where they meet. */
static bool
of_pair(const struct tg_run *run, const struct tg_seam_find *f)
{
	const struct tg_text *key = &run->r->text[run->piece[0].text];
	const struct tg_trace_text k = key->text.text;
	const struct tg_trace_text v =
	    run->r->text[key - run->r->text + 1].text.text;
	bool sign = v.n > 0 && *v.bytes == '@';
	uint32_t start, end;

	for (uint32_t i = 0; i < run->n; i++)
		if (!part(run, i, f, &start, &end) ||
		    (run->round == 0 &&
			covered(&run->r->text[run->piece[i].text], start, end)))
			return false;
	for (size_t i = 0; i < k.n && !sign; i++)
		sign = k.bytes[i] == '@' ||
		    (k.bytes[i] >= '0' && k.bytes[i] <= '9');
	return f->f.checked ||
	    (sign && (letters(k.bytes, k.n) > 0 || *k.bytes == '+'));
}

/* What was found in the run that nobody told yet. */
static int
take(struct tg_run *run, const struct tg_seam_find *found, struct tg_err *err)
{
	struct tg_seam_find copy = *found;
	struct tg_seam_find *const f = &copy;
	const struct tg_text *one = NULL;
	bool fresh = false;
	uint32_t start, end;

	if (figures(run, f) || ends_in_number(run, f) ||
	    (run->pair ? !of_pair(run, f) : !one_value(run, f)))
		return 0;

	for (uint32_t k = first_piece(run, f); more_pieces(run, k, f); k++) {
		const struct tg_text *t = &run->r->text[run->piece[k].text];

		if (!part(run, k, f, &start, &end))
			continue;
		one = one == NULL ? t : one;
		fresh = fresh || !covered(t, start, end);
	}
	if (!fresh || one == NULL)
		return 0;
	if (f->f.action == TG_ACT_KEEP && run->p->set->mode <= TG_MODE_REDACT) {
		tg_replace_seen(run->p, run->r, one, f->f.type);
		run->p->counts->kept_findings += run->round == 0;
		return 0;
	}
	run->fresh++;
	count(run, one, &f->f);
	return run->p->set->mode > TG_MODE_REDACT ? tell(run, f, err)
						  : strike(run, f, err);
}

static int
look(struct tg_run *run, struct tg_err *err)
{
	bool hit = run->round == 0;

	for (uint32_t k = 0; k < run->n && !hit; k++)
		hit = run->r->text[run->piece[k].text].n_hit > 0;
	return run->n >= 1 && hit ? tg_run_look(run, take, err) : 0;
}

static int
in_order(
    struct tg_run *run, const struct tg_seam_order *order, struct tg_err *err)
{
	const struct tg_record *r = run->r;
	const struct tg_seam_step *last = NULL;

	tg_run_clear(run);
	for (uint32_t k = 0; k < order->n; k++) {
		const struct tg_seam_step *s = &order->step[k];
		bool full;

		if (last != NULL &&
		    (s->group != last->group ||
			!follows(r, &r->text[last->text], &r->text[s->text]))) {
			if (look(run, err) < 0)
				return -1;
			tg_run_clear(run);
		}
		last = s;
		if (tg_run_add(run, s->text, s->known, &full, err) < 0)
			return -1;
		if (full && (look(run, err) < 0 || tg_run_again(run, err) < 0))
			return -1;
	}
	return look(run, err);
}

/* All texts once in each order; run->fresh is what was new. */
static int
pass(struct tg_run *run, struct tg_err *err)
{
	struct tg_seam_order order;

	run->fresh = 0;
	if (tg_seam_orders_room(&order, run->r, err) < 0)
		return -1;
	for (unsigned by = 0; by < TG_SEAM_ORDERS; by++) {
		run->pair = by == TG_SEAM_BY_PAIR;
		run->apart = by != TG_SEAM_AS_THEY_STAND && !run->pair;
		tg_seam_orders_make(&order, run->r, (enum tg_seam_by)by);
		if (in_order(run, &order, err) < 0)
			return -1;
	}
	return 0;
}

/* A text that lost a part may read as a value that it did not hold before. */
static int
alone_again(struct tg_run *run, struct tg_text *t, struct tg_err *err)
{
	const struct tg_text then = *t;
	struct tg_findings found;

	t->changed = false;
	if (tg_replace_text(run->p, t, err) < 0 ||
	    tg_replace_scan(run->p, run->r,
		(struct tg_trace_text){
		    run->p->redo.p == NULL ? "" : run->p->redo.p,
		    run->p->redo.n},
		t, &found, err) < 0)
		return -1;
	for (size_t k = 0; k < found.n; k++) {
		const struct tg_finding *f = &found.f[k];

		if (f->action == TG_ACT_KEEP)
			continue;
		count(run, t, f);
		if (tg_replace_strike(run->p, run->r, t, f,
			tg_replace_origin(&then, f->start, false),
			tg_replace_origin(&then, f->end, true), 1, err) < 0)
			return -1;
		t->changed = true;
		run->fresh++;
	}
	return 0;
}

static int
changed_again(struct tg_run *run, struct tg_err *err)
{
	for (uint32_t i = 0; i < run->r->n_text; i++)
		if (run->r->text[i].changed &&
		    alone_again(run, &run->r->text[i], err) < 0)
			return -1;
	return 0;
}

/* What could not be made clean in ROUNDS goes whole. */
static int
give_up(struct tg_record *r, struct tg_err *err)
{
	for (uint32_t i = 0; i < r->n_text; i++) {
		struct tg_text *t = &r->text[i];

		if (t->joins != TG_JOINS_NOT && t->n_hit > 0 &&
		    tg_replace_merge(r, t, 0, (uint32_t)t->text.text.n,
			TG_SV("[REDACTED]"), err) < 0)
			return -1;
	}
	return 0;
}

/* Something may read otherwise than it came. */
static bool
anything_struck(const struct tg_record *r)
{
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].joins != TG_JOINS_NOT && r->text[i].n_hit > 0)
			return true;
	return false;
}

static int
all_rounds(struct tg_run *run, struct tg_err *err)
{
	for (run->round = 0; run->round < ROUNDS; run->round++) {
		if (run->round > 0 && !anything_struck(run->r))
			return 0;
		if (pass(run, err) < 0 || changed_again(run, err) < 0)
			return -1;
		if (run->p->set->mode > TG_MODE_REDACT ||
		    (run->round > 0 && run->fresh == 0))
			return 0;
	}
	return give_up(run->r, err);
}

int
tg_seams(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	if (p->seams == NULL)
		p->seams = calloc(1, sizeof(*p->seams));
	if (p->seams == NULL)
		return tg_fail_memory(err);
	if (tg_held_open(r, err) < 0)
		return -1;
	tg_run_init(p->seams, p, r);
	if (all_rounds(p->seams, err) < 0)
		return -1;
	return tg_held_settle(r, err);
}
