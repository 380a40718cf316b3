#include "pipeline/seam_run.h"

#include <string.h>

#include "pipeline/replace.h"
#include "pipeline/seam_view.h"
#include "base/banned.h"

#define NEAR 8	     /* bytes next to a seam that can tell a number */
#define WORD_NEAR 64 /* and of a word */
#define LONG_WORD 16 /* a key or a token of secrets */
#define KEEP_BYTES TG_SEAM_WINDOW
#define KEEP_PIECES (TG_SEAM_PIECES / 4)
#define RUN_BYTES (64u << 10)

struct range {
	size_t start, end;
};

void
tg_run_init(struct tg_run *run, struct tg_pass *p, struct tg_record *r)
{
	run->p = p;
	run->r = r;
	run->round = 0;
	run->fresh = 0;
	run->apart = false;
	run->bytes = &p->joined;
	run->spaced = &p->redo;
	tg_run_clear(run);
}

void
tg_run_clear(struct tg_run *run)
{
	run->n = 0;
	tg_buf_reset(run->bytes);
}

static bool
space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
inside_character(struct tg_trace_text t, size_t i)
{
	return i < t.n && ((unsigned char)t.bytes[i] & 0xc0) == 0x80;
}

static int
put(struct tg_run *run, uint32_t i, struct tg_trace_text t, size_t from,
    size_t to, struct tg_err *err)
{
	struct tg_seam_piece *p = &run->piece[run->n];

	*p = (struct tg_seam_piece){.text = i,
	    .from = (uint32_t)from,
	    .at = (uint32_t)run->bytes->n,
	    .n = (uint32_t)(to - from),
	    .hit = run->r->text[i].hit,
	    .n_hit = run->round == 0 ? 0 : run->r->text[i].n_hit};
	run->n++;
	return tg_buf_add(run->bytes, t.bytes + from, to - from, err);
}

/* Text @i as it reads in this round; good until the next. */
static int
current(struct tg_trace_text *out, struct tg_run *run, uint32_t i,
    struct tg_err *err)
{
	const struct tg_text *t = &run->r->text[i];

	*out = t->text.text;
	if (run->round == 0 || t->n_hit == 0)
		return 0;
	if (tg_replace_text(run->p, t, err) < 0)
		return -1;
	*out = (struct tg_trace_text){
	    run->p->redo.p == NULL ? "" : run->p->redo.p, run->p->redo.n};
	return 0;
}

int
tg_run_add(
    struct tg_run *run, uint32_t i, bool known, bool *full, struct tg_err *err)
{
	struct tg_trace_text t;
	size_t to;

	if (current(&t, run, i, err) < 0)
		return -1;
	to = t.n;
	if (t.n > 2 * TG_SEAM_TAKE) {
		to = TG_SEAM_TAKE;
		while (inside_character(t, to))
			to++;
	}
	if (put(run, i, t, 0, to, err) < 0)
		return -1;
	run->piece[run->n - 1].known = known;
	*full =
	    to < t.n || run->n == TG_SEAM_PIECES || run->bytes->n > RUN_BYTES;
	return 0;
}

/* Keeps the last pieces, whole. */
static void
keep_last(struct tg_run *run)
{
	uint32_t first = run->n - 1;
	uint32_t cut;

	while (first > 0 && run->n - first < KEEP_PIECES &&
	    run->bytes->n - run->piece[first].at < KEEP_BYTES)
		first--;
	cut = run->piece[first].at;
	run->n -= first;
	memmove(run->piece, run->piece + first, run->n * sizeof(run->piece[0]));
	for (uint32_t k = 0; k < run->n; k++)
		run->piece[k].at -= cut;
	run->bytes->n -= cut;
	memmove(run->bytes->p, run->bytes->p + cut, run->bytes->n);
}

int
tg_run_again(struct tg_run *run, struct tg_err *err)
{
	const struct tg_seam_piece last = run->piece[run->n - 1];
	struct tg_trace_text t;
	size_t from;

	if (current(&t, run, last.text, err) < 0)
		return -1;
	if (last.from + last.n == t.n) {
		keep_last(run);
		return 0;
	}
	from = t.n - TG_SEAM_TAKE;
	while (inside_character(t, from))
		from--;
	tg_run_clear(run);
	return put(run, last.text, t, from, t.n, err);
}

/* Digits, or letters that stand for them, next to @at. */
static bool
number_near(struct tg_sv s, size_t at)
{
	const size_t from = at > NEAR ? at - NEAR : 0;
	const size_t to = s.n - at > NEAR ? at + NEAR : s.n;

	for (size_t i = from; i < to; i++)
		if (digit(s.p[i]) || (unsigned char)s.p[i] >= 0xef ||
		    (unsigned char)s.p[i] == 0xd9)
			return true;
	return false;
}

/* The word around @at holds what an address has, or is long. */
static bool
word_near(struct tg_sv s, size_t at)
{
	size_t from = at, to = at;

	while (from > 0 && at - from < WORD_NEAR && !space(s.p[from - 1]))
		from--;
	while (to < s.n && to - at < WORD_NEAR && !space(s.p[to]))
		to++;
	if (to - from >= LONG_WORD && from < at && at < to)
		return true;
	for (size_t i = from; i < to; i++)
		if (s.p[i] == '@' || s.p[i] == '%' || s.p[i] == '&' ||
		    s.p[i] == '\\')
			return true;
	return false;
}

/* The bytes around @at, to the ends of the words. */
static struct range
window(struct tg_sv s, size_t at)
{
	struct range w = {at > TG_SEAM_WINDOW ? at - TG_SEAM_WINDOW : 0,
	    s.n - at > TG_SEAM_WINDOW ? at + TG_SEAM_WINDOW : s.n};
	const size_t low = w.start > TG_SEAM_WORD ? w.start - TG_SEAM_WORD : 0;
	const size_t high =
	    s.n - w.end > TG_SEAM_WORD ? w.end + TG_SEAM_WORD : s.n;

	while (w.start > low && !space(s.p[w.start - 1]))
		w.start--;
	while (w.end < high && !space(s.p[w.end]))
		w.end++;
	while (w.start > 0 && ((unsigned char)s.p[w.start] & 0xc0) == 0x80)
		w.start--;
	while (w.end < s.n && ((unsigned char)s.p[w.end] & 0xc0) == 0x80)
		w.end++;
	return w;
}

/* Identifiers by their form; a name or a place is made by chance. */
static bool
formal(const struct tg_rules *r, const struct tg_finding *f, bool spaced)
{
	static const char *const chance[] = {"PERSON", "ADDRESS", "LOCATION"};
	const struct tg_rule_info *rule = tg_rules_info(r, f->rule);
	const char *type = rule->type;

	if (f->checked)
		return true;
	if (spaced)
		return strcmp(type, "PHONE") == 0;
	for (size_t k = 0; k < TG_COUNT(chance); k++)
		if (strcmp(type, chance[k]) == 0)
			return false;
	return strcmp(rule->category, "direct_identifier") == 0 ||
	    strcmp(rule->category, "secret") == 0;
}

static bool
across(const struct tg_run *run, uint32_t start, uint32_t end)
{
	for (uint32_t k = 1; k < run->n; k++)
		if (start < run->piece[k].at && run->piece[k].at < end)
			return true;
	return false;
}

struct look {
	struct tg_run *run;
	tg_seam_take take;
	bool spaced;  /* the view has spaces at seams */
	bool spelled; /* of pieces of tokens */
};

/* Whether @f says more than the texts by themselves did. */
static bool
tells(const struct look *l, const struct tg_finding *f)
{
	return (l->spelled || across(l->run, f->start, f->end)) &&
	    formal(l->run->p->rules, f, l->spaced);
}

static int
scan(const struct look *l, struct range w, struct tg_err *err)
{
	struct tg_run *run = l->run;
	const struct tg_trace_text in = {
	    l->run->view.text.p + w.start, w.end - w.start};
	const struct tg_text nowhere = {
	    .unit = TG_UNIT_NONE, .cut = UINT32_MAX};
	struct tg_findings found;

	run->p->counts->texts++;
	run->p->counts->text_bytes += in.n;
	if (tg_replace_scan(run->p, run->r, in, &nowhere, &found, err) < 0)
		return -1;
	for (size_t k = 0; k < found.n; k++) {
		struct tg_seam_find f = {.f = found.f[k],
		    .in = in,
		    .spelled = l->spelled,
		    .there = found.f[k]};

		f.f.start = tg_seam_view_origin(
		    &run->view, run, f.there.start + (uint32_t)w.start, false);
		f.f.end = tg_seam_view_origin(
		    &run->view, run, f.there.end + (uint32_t)w.start - 1, true);
		if (tells(l, &f.f) && l->take(run, &f, err) < 0)
			return -1;
	}
	return 0;
}

static bool
could_cut(struct tg_sv s, size_t at)
{
	return at > 0 && at < s.n && (number_near(s, at) || word_near(s, at));
}

/* Whether something may go on over the beginning of piece @k. */
static bool
wanted(const struct look *l, uint32_t k)
{
	const struct tg_seam_read *r = &l->run->view.piece[k];

	if (r->token)
		return true;
	if (k == 0 || l->run->piece[k].known)
		return false;
	return l->spaced ? r->lead > 0 : could_cut(l->run->view.text, r->at);
}

/* Windows around the seams that are wanted, those that touch as one. */
static int
look(const struct look *l, struct tg_err *err)
{
	const struct tg_run *run = l->run;
	struct range open = {0, 0};

	for (uint32_t k = 0; k < run->n; k++) {
		struct range w;

		if (!wanted(l, k))
			continue;
		w = window(l->run->view.text,
		    l->run->view.piece[k].at + l->run->view.piece[k].lead);
		if (w.start <= open.end && open.end > 0) {
			open.end = w.end > open.end ? w.end : open.end;
			continue;
		}
		if (open.end > 0 && scan(l, open, err) < 0)
			return -1;
		open = w;
	}
	return open.end > 0 ? scan(l, open, err) : 0;
}

static int
look_spelled(struct look *l, struct tg_err *err)
{
	static const enum tg_spelling how[] = {
	    TG_SPELL_PLAIN, TG_SPELL_FLAT, TG_SPELL_BYTES, TG_SPELL_WORDS};

	l->spelled = true;
	for (size_t k = 0; k < TG_COUNT(how); k++)
		if (tg_seam_view_wants(l->run, how[k]) &&
		    (tg_seam_view_spelled(&l->run->view, l->run, how[k], err) <
			    0 ||
			look(l, err) < 0))
			return -1;
	l->spelled = false;
	return 0;
}

int
tg_run_look(struct tg_run *run, tg_seam_take take, struct tg_err *err)
{
	struct look l = {.run = run, .take = take};
	bool any;

	/* Before the marks are read as letters of what they stand by. */
	if (look_spelled(&l, err) < 0)
		return -1;
	tg_seam_view_plain(&run->view, run);
	if (look(&l, err) < 0 ||
	    tg_seam_view_spaced(&run->view, &any, run, err) < 0)
		return -1;
	l.spaced = true;
	return any ? look(&l, err) : 0;
}
