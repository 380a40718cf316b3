/*
 * scan.c - views, then matches, then checks, boundary, context, score.
 *
 * A text is looked at folded (shadow.h); where invisible characters were taken
 * out, also with the gaps kept; with line breaks taken out; with escapes
 * undone; and inside each run of base64 or hex, to TG_DECODED_DEPTH.  All
 * findings lead back to the text itself.
 */
#include "redactors/scan.h"

#include "base/enc.h"
#include "redactors/bounds.h"
#include "redactors/explain.h"
#include "redactors/prefilter_gate.h"
#include "redactors/scanner.h"
#include "redactors/shadow.h"

#include "base/banned.h"

#define RUN_BEFORE 60 /* bytes looked at in front of an encoded run */

static bool
alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether the key, or what leads to this look, is context of the rule. */
static bool
key_has(struct tg_scanner *s, const struct tg_rule *r)
{
	uint8_t *const asked = &s->key_asked[r - s->r->rule];

	if (*asked == TG_ASKED_UNKNOWN)
		*asked = tg_context_find(
			     &r->words, s->key, s->n_words, &s->pairs_words) ||
			tg_context_find(
			    &r->keys, s->key, s->n_key, &s->pairs_key)
		    ? TG_ASKED_YES
		    : TG_ASKED_NO;
	return *asked == TG_ASKED_YES;
}

/* The words around @m, or NULL when it is plain that none says anything. */
static struct tg_around *
around(struct tg_scanner *s, const struct tg_match *m)
{
	if (s->see == NULL && s->asked_look == m->look &&
	    tg_around_silent(s->r, (uint16_t)(m->rule - s->r->rule), m->look,
		s->asked, m->span))
		return NULL;
	tg_around_make(&s->around, m->look, m->span, m->rule);
	return &s->around;
}

static unsigned
cap(unsigned score)
{
	return score > 100 ? 100 : score;
}

static int
keep(struct tg_scanner *s, const struct tg_match *m, unsigned score,
    bool context, struct tg_err *err)
{
	const struct tg_rule *r = m->rule;
	const struct tg_span at = tg_look_root(m->look, m->span);
	struct tg_candidate c = {.start = (uint32_t)at.start,
	    .end = (uint32_t)at.end,
	    .rule = (uint16_t)(r - s->r->rule),
	    .score = (uint8_t)score,
	    .view = m->look->kind,
	    .checked = m->checked,
	    .context = context,
	    .weak = m->look->joined && !m->checked};

	if (score < s->min[r->type]) {
		if (score > 0)
			s->below++;
		return 0;
	}
	if (at.end <= at.start)
		return 0;
	if (tg_buf_add(&s->candidates, &c, sizeof(c), err) == 0)
		return 0;
	if (s->candidates.n + sizeof(c) > s->candidates.max)
		return tg_fail(err, TG_E_INPUT, "over %u candidates in a text",
		    TG_SCAN_CANDIDATES);
	return -1;
}

/* @a: NULL when nobody looked around. */
static void
explain(const struct tg_scanner *s, const struct tg_match *m,
    const struct tg_around *a, bool context, enum tg_fate fate)
{
	struct tg_explain e = {.key = {s->key, s->n_key},
	    .context = context,
	    .whole = m->rule->whole != 0 && tg_bounds_whole(m->look, m->span),
	    .minimum = s->min[m->rule->type]};
	struct tg_why why;

	if (a != NULL) {
		e.before = (struct tg_sv){a->before, a->n_before};
		e.after = (struct tg_sv){a->after, a->n_after};
	}
	tg_explain(&why, s->r, m, &e);
	why.fate = fate;
	if (fate == TG_FATE_INVALID)
		why.verdict = "fail";
	if (fate == TG_FATE_FOUND && why.score < why.minimum)
		why.fate = TG_FATE_BELOW;
	s->see(s->see_ctx, &why);
}

int
tg_scan_judge(
    struct tg_scanner *s, const struct tg_match *m, struct tg_err *err)
{
	const struct tg_rule *r = m->rule;
	unsigned score = m->base;
	const struct tg_around *a = NULL;
	bool context = m->context;

	if (s->only >= 0 && r != &s->r->rule[s->only])
		return 0;
	if (r->words.n + r->keys.n + r->negative.n != 0) {
		a = around(s, m);
		if (a != NULL && tg_around_has(&r->negative, a)) {
			s->suppressed++;
			if (s->see != NULL)
				explain(s, m, a, false, TG_FATE_NEGATIVE);
			return 0;
		}
		if (!context && r->context != 0)
			context = (a != NULL && tg_around_has(&r->words, a)) ||
			    key_has(s, r);
		if (context)
			score += r->context;
	}
	if (r->whole != 0 && tg_bounds_whole(m->look, m->span))
		score += r->whole;
	if (s->see != NULL)
		explain(s, m, a, context, TG_FATE_FOUND);
	return keep(s, m, cap(score), context, err);
}

/* Whether the candidate spans a line break that was taken out. */
static bool
spans_break(const struct tg_look *v, struct tg_span s)
{
	return v->map[s.end - 1] - v->map[s.start] > s.end - 1 - s.start;
}

static bool
allowed(const struct tg_rule *r, const char *p, size_t n)
{
	for (size_t i = 0; i < r->allow.n; i++)
		if (strlen(r->allow.p[i]) == n &&
		    memcmp(r->allow.p[i], p, n) == 0)
			return true;
	return false;
}

struct pass {
	struct tg_scanner *s;
	const struct tg_look *look;
	struct tg_err *err;
	const struct tg_marks *marks;
};

/* A match that is none; returns @next. */
static size_t
leave(const struct pass *p, const struct tg_match *m, enum tg_fate fate,
    size_t next)
{
	p->s->suppressed += fate == TG_FATE_ALLOWED;
	if (p->s->see != NULL)
		explain(p->s, m, NULL, false, fate);
	return next;
}

/* A number goes on behind the match: the match may have begun too early, and
 * its check have come out right by chance. */
static bool
goes_on(const struct tg_look *v, size_t end)
{
	if (!digit(v->p[end - 1]))
		return false;
	if (end < v->n && (v->p[end] == ' ' || v->p[end] == '-'))
		end++;
	return end < v->n && digit(v->p[end]);
}

/* The match behind its checks: where the rule may start next.  What is not
 * believed, or only half, hides nothing that begins inside it: @inside. */
static size_t
weigh(const struct pass *p, const struct tg_match *m, size_t inside)
{
	const size_t before = p->s->candidates.n;

	if (tg_scan_judge(p->s, m, p->err) < 0)
		return SIZE_MAX;
	if (p->s->candidates.n == before ||
	    (m->rule->check != NULL &&
		(!m->checked || goes_on(m->look, m->span.end))))
		return inside;
	return m->span.end;
}

/* A match: where the rule may start next, SIZE_MAX on error. */
static size_t
judge(const struct pass *p, const struct tg_rule *r, struct tg_span all,
    struct tg_span value)
{
	struct tg_cut cut = {0, value.end - value.start};
	enum tg_checked verdict = TG_CHECK_PLAIN;
	const struct tg_look *v = p->look;
	struct tg_match m = {.look = v, .rule = r, .span = value};

	if (value.end <= value.start)
		return all.start + 1;
	if (r->check != NULL)
		verdict = r->check->run(v->p + value.start, cut.end, &cut);
	if (verdict == TG_CHECK_BAD || cut.end <= cut.skip)
		return leave(p, &m, TG_FATE_INVALID, all.start + 1);
	m.span.start = value.start + cut.skip;
	m.span.end = value.start + cut.end;
	m.checked = verdict == TG_CHECK_GOOD;
	m.base = m.checked ? r->valid : r->base;
	m.context = r->keyed;
	if (!tg_bounds_ok(r, v, m.span))
		return leave(p, &m, TG_FATE_BOUNDARY, all.start + 1);
	if (allowed(r, v->p + m.span.start, m.span.end - m.span.start))
		return leave(p, &m, TG_FATE_ALLOWED, all.start + 1);
	if (v->joined && (!spans_break(v, m.span) || !(m.checked || r->join)))
		return m.span.end;
	return weigh(p, &m, all.start + 1);
}

/* Shuts the rules whose words stand nowhere, once one of them would begin:
 * many texts have no such beginning.  None of them was tried before. */
static bool
shut(const struct pass *p, uint16_t id)
{
	struct tg_scanner *s = p->s;

	if (!tg_gate_has(s->r->gate, id))
		return false;
	if (s->asked_look != p->look) {
		tg_gate_run(s->r->gate, p->look->p, p->marks,
		    (struct tg_sv){s->key, s->n_words}, s->next, p->look->n);
		s->asked_look = p->look;
		s->asked = p->marks;
	}
	return s->next[id] == p->look->n;
}

/* Whether a match at @start would score nothing: all that could make it a
 * finding would have to stand around it.  A joined look is not asked: what
 * matches there hides what begins inside it. */
static bool
far(const struct pass *p, uint16_t id, size_t start)
{
	struct tg_scanner *s = p->s;

	return s->asked_look == p->look && s->see == NULL && !p->look->joined &&
	    tg_gate_near(s->r->gate, id) && !key_has(s, &s->r->rule[id]) &&
	    tg_around_far(s->r, id, p->look, s->asked, start);
}

static size_t
try_at(void *ctx, uint16_t id, size_t start)
{
	struct pass *p = ctx;
	const struct tg_rule *r = &p->s->r->rule[id];
	struct tg_span all, value;
	int rc;

	if (p->s->only >= 0 && p->s->only != id)
		return p->look->n; /* never again here */
	if (shut(p, id))
		return p->look->n;
	if (far(p, id, start))
		return start + 1;
	rc = tg_regex_match(&r->re, p->s->re, TG_REGEX_AT, p->look->p,
	    p->look->n, start, &all, &value, p->err);
	if (rc < 0) {
		tg_fail_in(p->err, "rule %s", r->info.id);
		return SIZE_MAX;
	}
	return rc == 0 ? start + 1 : judge(p, r, all, value);
}

static int
search(const struct pass *p, const struct tg_rule *r)
{
	const struct tg_regex *re =
	    p->s->plain ? &p->s->all[r - p->s->r->rule].re : &r->re;
	size_t from = 0;

	while (from < p->look->n) {
		struct tg_span all, value;
		const int rc = tg_regex_match(re, p->s->re, TG_REGEX_FIND,
		    p->look->p, p->look->n, from, &all, &value, p->err);

		if (rc < 0)
			return tg_fail_in(p->err, "rule %s", r->info.id);
		if (rc == 0)
			return 0;
		from = judge(p, r, all, value);
		if (from == SIZE_MAX)
			return -1;
	}
	return 0;
}

static bool
under_key(const struct tg_scanner *s, const struct tg_rule *r)
{
	return tg_context_find(&r->keys, s->key, s->n_key, &s->pairs_key);
}

/* The rules outside the prefilter. */
static int
slow_rules(const struct pass *p)
{
	const struct tg_scanner *s = p->s;

	const size_t n = s->plain ? s->r->n : s->n_searched;

	for (size_t k = 0; k < n; k++) {
		const size_t i = s->plain ? k : s->searched[k];
		const struct tg_rule *r = &s->r->rule[i];

		if (r->engine != TG_ENGINE_PCRE2 ||
		    (s->only >= 0 && s->only != (int)i))
			continue;
		if (r->keyed ? !under_key(s, r) || p->look->joined
			     : !r->slow && !s->plain)
			continue;
		if (search(p, r) < 0)
			return -1;
	}
	return 0;
}

static int
match(struct tg_scanner *s, const struct tg_look *v, const struct tg_marks *m,
    struct tg_err *err)
{
	struct pass p = {.s = s, .look = v, .err = err, .marks = m};

	s->around.made = false; /* it was of another look */
	s->asked_look = NULL;
	if (slow_rules(&p) < 0)
		return -1;
	if (s->plain)
		return 0;
	memset(s->next, 0, s->r->n * sizeof(s->next[0]));
	return tg_pf_run(s->r->pf, v->p, m, s->next, try_at, &p);
}

/* The same with marks made for it. */
static int
match_other(struct tg_scanner *s, const struct tg_look *v, struct tg_err *err)
{
	if (tg_marks_make(&s->marks, &s->r->heads, v->p, v->n, err) < 0)
		return -1;
	return match(s, v, &s->marks, err);
}

/* The words in front of an encoded run are context of what it holds. */
static void
lead_in(struct tg_scanner *s, const struct tg_look *v, size_t run)
{
	size_t from = run > RUN_BEFORE ? run - RUN_BEFORE : 0;

	while (from > 0 && from < run && alnum(v->p[from - 1]))
		from++;
	if (s->n_words + TG_CONTEXT_MAX > sizeof(s->key))
		return;
	s->n_words += tg_context_words(
	    s->key + s->n_words, TG_CONTEXT_MAX, v->p + from, run - from, true);
	tg_context_pairs(&s->pairs_words, s->key, s->n_words);
	memset(s->key_asked, TG_ASKED_UNKNOWN, s->r->n);
}

static int
look_into(struct tg_scanner *s, const struct tg_look *inner, int depth,
    struct tg_err *err)
{
	const size_t n = s->n_words;
	const struct tg_pairs pairs = s->pairs_words;
	int rc;

	if (inner->whole)
		lead_in(s, inner->up, inner->run.start);
	rc = tg_scanner_look(s, inner, depth, err);
	s->n_words = n;
	s->pairs_words = pairs;
	memset(s->key_asked, TG_ASKED_UNKNOWN, s->r->n);
	return rc;
}

/* What is written in @v in another alphabet. */
static int
look_inside(struct tg_scanner *s, const struct tg_look *v, int depth,
    struct tg_err *err)
{
	struct tg_mapped *m = &s->level[depth + 1].decoded;
	const struct tg_marks *k = &s->level[depth].marks;
	struct tg_look inner;
	size_t from = 0;
	bool any = false;
	int rc;

	if (tg_decoded_escapes(&inner, m, v, k, &any, err) < 0)
		return -1;
	for (rc = any ? 1 : 0;; rc = 0) {
		if (rc == 0)
			rc = tg_decoded_next(&inner, m, v, k, &from, err);
		if (rc <= 0)
			return rc;
		s->decoded += inner.n;
		if (s->decoded > TG_DECODED_MAX)
			return tg_fail(err, TG_E_INPUT,
			    "over %u bytes of encoded text", TG_DECODED_MAX);
		if (look_into(s, &inner, depth + 1, err) < 0)
			return -1;
	}
}

int
tg_scanner_look(struct tg_scanner *s, const struct tg_look *v, int depth,
    struct tg_err *err)
{
	struct tg_scan_level *l = &s->level[depth];
	struct tg_shadow what = {false, false};
	struct tg_look shadow = *v, other;
	bool any = false;

	if (!tg_shadow_plain(v) &&
	    tg_shadow_fold(&shadow, &l->shadow, v, false, &what, err) < 0)
		return -1;
	if (tg_marks_make(&l->marks, &s->r->heads, shadow.p, shadow.n, err) <
		0 ||
	    match(s, &shadow, &l->marks, err) < 0 ||
	    tg_person_scan(s, s->r, &shadow, &l->marks, err) < 0)
		return -1;
	if (what.removed) {
		if (tg_shadow_fold(&other, &l->gaps, v, true, &what, err) < 0 ||
		    match_other(s, &other, err) < 0)
			return -1;
	}
	if (tg_shadow_join(&other, &l->joined, &shadow, &l->marks, &any, err) <
	    0)
		return -1;
	if (any && match_other(s, &other, err) < 0)
		return -1;
	return depth == TG_DECODED_DEPTH ? 0
					 : look_inside(s, &shadow, depth, err);
}
