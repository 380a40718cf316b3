#include "pipeline/seam_run.h"

#include <string.h>

#include "pipeline/replace.h"
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
tg_run_add(struct tg_run *run, uint32_t i, bool *full, struct tg_err *err)
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

/* Both sides end in a group of a number. */
static bool
groups_meet(struct tg_sv s, size_t at)
{
	char a, b;

	if (at == 0 || at >= s.n)
		return false;
	a = s.p[at - 1];
	b = s.p[at];
	return (digit(a) && (digit(b) || (b >= 'A' && b <= 'Z'))) ||
	    (digit(b) && a >= 'A' && a <= 'Z');
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
	const uint32_t *shift; /* spaces before piece k; NULL: none */
};

/* The offset in the run of @at in what was looked at. */
static uint32_t
unspaced(const struct look *l, uint32_t at)
{
	uint32_t k = l->run->n;

	if (l->shift == NULL)
		return at;
	while (k > 1 && l->run->piece[k - 1].at + l->shift[k - 1] > at)
		k--;
	return at - l->shift[k - 1];
}

static int
scan(const struct look *l, struct tg_sv s, struct range w, struct tg_err *err)
{
	struct tg_run *run = l->run;
	const struct tg_trace_text in = {s.p + w.start, w.end - w.start};
	const struct tg_text nowhere = {.cut = UINT32_MAX};
	struct tg_findings found;

	run->p->counts->texts++;
	run->p->counts->text_bytes += in.n;
	if (tg_replace_scan(run->p, run->r, in, &nowhere, &found, err) < 0)
		return -1;
	for (size_t k = 0; k < found.n; k++) {
		struct tg_seam_find f = {
		    .f = found.f[k], .in = in, .there = found.f[k]};

		f.f.start = unspaced(l, f.there.start + (uint32_t)w.start);
		f.f.end = unspaced(l, f.there.end + (uint32_t)w.start - 1) + 1;
		if (!across(run, f.f.start, f.f.end) ||
		    !formal(run->p->rules, &f.f, l->shift != NULL))
			continue;
		if (l->take(run, &f, err) < 0)
			return -1;
	}
	return 0;
}

/* Windows around the seams for which @wanted is true, those that touch as
 * one. */
static int
look(const struct look *l, struct tg_sv s,
    bool (*wanted)(struct tg_sv s, size_t at), struct tg_err *err)
{
	const struct tg_run *run = l->run;
	struct range open = {0, 0};

	for (uint32_t k = 1; k < run->n; k++) {
		const size_t at =
		    run->piece[k].at + (l->shift == NULL ? 0 : l->shift[k]);
		struct range w;

		if (at == 0 || !wanted(s, at))
			continue;
		w = window(s, at);
		if (w.start <= open.end && open.end > 0) {
			open.end = w.end > open.end ? w.end : open.end;
			continue;
		}
		if (open.end > 0 && scan(l, s, open, err) < 0)
			return -1;
		open = w;
	}
	return open.end > 0 ? scan(l, s, open, err) : 0;
}

static bool
could_cut(struct tg_sv s, size_t at)
{
	return at < s.n && (number_near(s, at) || word_near(s, at));
}

/* A space was put before @at. */
static bool
was_spaced(struct tg_sv s, size_t at)
{
	return at > 1 && at < s.n && s.p[at - 1] == ' ' &&
	    groups_meet(
		(struct tg_sv){(const char[]){s.p[at - 2], s.p[at]}, 2}, 1);
}

/* The same with a space where groups meet; *@any: there is one. */
static int
put_spaces(struct tg_run *run, uint32_t *shift, bool *any, struct tg_err *err)
{
	const struct tg_sv s = tg_buf_sv(run->bytes);
	uint32_t n = 0;

	*any = false;
	tg_buf_reset(run->spaced);
	for (uint32_t k = 0; k < run->n; k++) {
		const struct tg_seam_piece *p = &run->piece[k];

		if (p->n > 0 && k > 0 && groups_meet(s, p->at)) {
			if (tg_buf_addc(run->spaced, ' ', err) < 0)
				return -1;
			n++;
			*any = true;
		}
		shift[k] = n;
		if (tg_buf_add(run->spaced, s.p + p->at, p->n, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_run_look(struct tg_run *run, tg_seam_take take, struct tg_err *err)
{
	uint32_t shift[TG_SEAM_PIECES];
	struct look l = {run, take, NULL};
	bool any;

	if (look(&l, tg_buf_sv(run->bytes), could_cut, err) < 0 ||
	    put_spaces(run, shift, &any, err) < 0)
		return -1;
	if (!any)
		return 0;
	l.shift = shift;
	return look(&l, tg_buf_sv(run->spaced), was_spaced, err);
}
