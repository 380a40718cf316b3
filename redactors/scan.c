/*
 * scan.c - views, then matches, then checks, boundary, context, score.
 *
 * A text is looked at folded (shadow.h); where invisible characters were taken
 * out, also with the gaps kept; with line breaks taken out; with escapes
 * undone; and inside each run of base64 or hex, to TG_DECODED_DEPTH.  All
 * findings lead back to the text itself.
 */
#include "redactors/scan.h"

#include <stdlib.h>

#include "base/enc.h"
#include "redactors/around.h"
#include "redactors/bounds.h"
#include "redactors/context.h"
#include "redactors/decoded.h"
#include "redactors/explain.h"
#include "redactors/known.h"
#include "redactors/prefilter_gate.h"
#include "redactors/seen.h"
#include "redactors/shadow.h"

#include "base/banned.h"

#define RUN_BEFORE 60 /* bytes looked at in front of an encoded run */
#define DEFAULT_MIN TG_SCORE_DEFAULT
#define MUTE_KEYS 16 /* a power of two */

struct level {
	struct tg_mapped decoded, shadow, gaps, joined;
	struct tg_marks marks; /* of the shadow */
};

/* A key, and whether no rule asks for its words. */
struct mute {
	char key[TG_CONTEXT_KEY];
	size_t n; /* 0: free */
	bool mute;
};

struct tg_scanner {
	const struct tg_rules *r;
	struct tg_regex_scratch *re;
	uint8_t *min, *action; /* by type */
	size_t *next;	       /* by rule: where it may start next */
	struct level level[TG_DECODED_DEPTH + 1];
	struct tg_marks marks;	/* of another view */
	struct tg_known *known; /* texts without a finding */
	struct tg_seen *seen;	/* texts and what was found */
	struct mute mute[MUTE_KEYS];
	uint16_t *searched; /* rules outside the prefilter */
	size_t n_searched;
	struct tg_buf candidates; /* struct tg_candidate */
	struct tg_buf findings;	  /* struct tg_finding */
	/* Words of the key, then those in front of the encoded runs that lead
	 * to where we are: n_words in all, n_key of the key. */
	char key[TG_CONTEXT_KEY + TG_DECODED_DEPTH * TG_CONTEXT_MAX];
	size_t n_key, n_words;
	struct tg_pairs pairs_key, pairs_words;
	struct tg_around around; /* the last one of this look */
	size_t decoded;		 /* bytes decoded of this text */
	size_t below, suppressed;
	tg_see see; /* or NULL */
	void *see_ctx;
	int only;
	bool plain;
};

static bool
alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool
has_context(const struct tg_scanner *s, const struct tg_rule *r,
    const struct tg_around *a)
{
	return tg_around_has(&r->words, a) ||
	    tg_context_find(&r->words, s->key, s->n_words, &s->pairs_words) ||
	    tg_context_find(&r->keys, s->key, s->n_key, &s->pairs_key);
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
	struct tg_around *const a = &s->around;
	const struct tg_around *looked = NULL;
	bool context = m->context;

	if (s->only >= 0 && r != &s->r->rule[s->only])
		return 0;
	if (r->words.n + r->keys.n + r->negative.n != 0) {
		tg_around_make(a, m->look, m->span, r);
		looked = a;
		if (tg_around_has(&r->negative, a)) {
			s->suppressed++;
			if (s->see != NULL)
				explain(s, m, a, false, TG_FATE_NEGATIVE);
			return 0;
		}
		if (!context && r->context != 0)
			context = has_context(s, r, a);
		if (context)
			score += r->context;
	}
	if (r->whole != 0 && tg_bounds_whole(m->look, m->span))
		score += r->whole;
	if (s->see != NULL)
		explain(s, m, looked, context, TG_FATE_FOUND);
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
	bool gated; /* the gate of this look was run */
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

/* The match behind its checks: where the rule may start next.  What is not
 * believed, or only half, hides nothing that begins inside it: @inside. */
static size_t
weigh(const struct pass *p, const struct tg_match *m, size_t inside)
{
	const size_t before = p->s->candidates.n;

	if (tg_scan_judge(p->s, m, p->err) < 0)
		return SIZE_MAX;
	if (p->s->candidates.n == before ||
	    (m->rule->check != NULL && !m->checked))
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
shut(struct pass *p, uint16_t id)
{
	struct tg_scanner *s = p->s;

	if (!tg_gate_has(s->r->gate, id))
		return false;
	if (!p->gated)
		tg_gate_run(s->r->gate, p->look->p, p->marks,
		    (struct tg_sv){s->key, s->n_words}, s->next, p->look->n);
	p->gated = true;
	return s->next[id] == p->look->n;
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
	size_t from = 0;

	while (from < p->look->n) {
		struct tg_span all, value;
		const int rc = tg_regex_match(&r->re, p->s->re, TG_REGEX_FIND,
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
	if (tg_marks_make(&s->marks, v->p, v->n, err) < 0)
		return -1;
	return match(s, v, &s->marks, err);
}

static int look_at(struct tg_scanner *s, const struct tg_look *v, int depth,
    struct tg_err *err);

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
	rc = look_at(s, inner, depth, err);
	s->n_words = n;
	s->pairs_words = pairs;
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

static int
look_at(struct tg_scanner *s, const struct tg_look *v, int depth,
    struct tg_err *err)
{
	struct level *l = &s->level[depth];
	struct tg_shadow what = {false, false};
	struct tg_look shadow = *v, other;
	bool any = false;

	if (!tg_shadow_plain(v) &&
	    tg_shadow_fold(&shadow, &l->shadow, v, false, &what, err) < 0)
		return -1;
	if (tg_marks_make(&l->marks, shadow.p, shadow.n, err) < 0 ||
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

int
tg_scanner_new(
    struct tg_scanner **out, const struct tg_rules *r, struct tg_err *err)
{
	struct tg_scanner *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return tg_fail_memory(err);
	s->r = r;
	s->only = -1;
	for (int i = 0; i <= TG_DECODED_DEPTH; i++) {
		tg_mapped_init(&s->level[i].decoded, TG_SCAN_TEXT_MAX);
		tg_mapped_init(
		    &s->level[i].shadow, TG_SCAN_TEXT_MAX + TG_SHADOW_SLACK);
		tg_mapped_init(
		    &s->level[i].gaps, TG_SCAN_TEXT_MAX + TG_SHADOW_SLACK);
		tg_mapped_init(&s->level[i].joined, TG_SCAN_TEXT_MAX);
		tg_marks_init(&s->level[i].marks, TG_SCAN_TEXT_MAX);
	}
	tg_marks_init(&s->marks, TG_SCAN_TEXT_MAX);
	tg_buf_init(
	    &s->candidates, TG_SCAN_CANDIDATES * sizeof(struct tg_candidate));
	tg_buf_init(
	    &s->findings, (TG_SCAN_CANDIDATES + 1) * sizeof(struct tg_finding));
	s->min = calloc(r->n_types, 1);
	s->action = calloc(r->n_types, 1);
	s->next = calloc(r->n, sizeof(*s->next));
	s->searched = calloc(r->n + 1, sizeof(*s->searched));
	if (s->min == NULL || s->action == NULL || s->next == NULL ||
	    s->searched == NULL) {
		tg_scanner_free(s);
		return tg_fail_memory(err);
	}
	for (size_t i = 0; i < r->n; i++)
		if (r->rule[i].keyed || r->rule[i].slow)
			s->searched[s->n_searched++] = (uint16_t)i;
	if (tg_known_new(&s->known, err) < 0 ||
	    tg_seen_new(&s->seen, err) < 0 ||
	    tg_regex_scratch_new(&s->re, err) < 0) {
		tg_scanner_free(s);
		return -1;
	}
	for (size_t i = 0; i < r->n_types; i++)
		tg_scanner_set(s, (uint16_t)i, DEFAULT_MIN, TG_ACT_LABEL);
	*out = s;
	return 0;
}

void
tg_scanner_free(struct tg_scanner *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i <= TG_DECODED_DEPTH; i++) {
		tg_mapped_deinit(&s->level[i].decoded);
		tg_mapped_deinit(&s->level[i].shadow);
		tg_mapped_deinit(&s->level[i].gaps);
		tg_mapped_deinit(&s->level[i].joined);
		tg_marks_deinit(&s->level[i].marks);
	}
	tg_marks_deinit(&s->marks);
	tg_buf_deinit(&s->candidates);
	tg_buf_deinit(&s->findings);
	free(s->min);
	free(s->action);
	free(s->next);
	free(s->searched);
	tg_known_free(s->known);
	tg_seen_free(s->seen);
	tg_regex_scratch_free(s->re);
	free(s);
}

/* What was found may be another thing from now on. */
static void
forget(struct tg_scanner *s)
{
	tg_known_forget(s->known);
	tg_seen_forget(s->seen);
}

void
tg_scanner_set(struct tg_scanner *s, uint16_t type, uint8_t min_score,
    enum tg_action action)
{
	if (type >= s->r->n_types)
		return;
	/* A score of 0 is none: nothing is found without evidence. */
	s->min[type] = min_score == 0 ? 1 : min_score;
	s->action[type] = (uint8_t)action;
	forget(s);
}

void
tg_scanner_only(struct tg_scanner *s, int rule)
{
	s->only = rule;
	forget(s);
}

void
tg_scanner_plain(struct tg_scanner *s, bool plain)
{
	s->plain = plain;
	forget(s);
}

void
tg_scanner_explain(struct tg_scanner *s, tg_see see, void *ctx)
{
	s->see = see;
	s->see_ctx = ctx;
	forget(s);
}

static void
set_key(struct tg_scanner *s, struct tg_trace_text key)
{
	s->n_key = tg_context_key(s->key, TG_CONTEXT_KEY, key.bytes, key.n);
	tg_context_pairs(&s->pairs_key, s->key, s->n_key);
	s->n_words = s->n_key;
	s->pairs_words = s->pairs_key;
}

static bool
asks_for_key(const struct tg_scanner *s)
{
	for (size_t i = 0; i < s->r->n; i++) {
		const struct tg_rule *r = &s->r->rule[i];

		if (tg_context_find(
			&r->words, s->key, s->n_key, &s->pairs_key) ||
		    tg_context_find(&r->keys, s->key, s->n_key, &s->pairs_key))
			return true;
	}
	return false;
}

/* Whether the key makes no difference: no word of it is a rule's context or
 * key, and rules ask for nothing else of it. */
static bool
key_is_mute(struct tg_scanner *s)
{
	struct mute *m;
	uint64_t h = s->n_key;

	for (size_t i = 0; i < s->n_key; i++)
		h = (h ^ (unsigned char)s->key[i]) * UINT64_C(0x100000001b3);
	m = &s->mute[(h ^ h >> 32) & (MUTE_KEYS - 1)];
	if (m->n != s->n_key || memcmp(m->key, s->key, m->n) != 0) {
		memcpy(m->key, s->key, s->n_key);
		m->n = s->n_key;
		m->mute = !asks_for_key(s);
	}
	return m->mute;
}

/* The findings of a text that was not seen before. */
static int
find(struct tg_scanner *s, const struct tg_look *root, struct tg_findings *out,
    struct tg_err *err)
{
	size_t n = tg_utf8_valid((struct tg_sv){root->p, root->n});

	if (n != root->n)
		return tg_fail(err, TG_E_INPUT, "invalid UTF-8 at byte %zu", n);
	tg_buf_reset(&s->candidates);
	tg_buf_reset(&s->findings);
	s->decoded = s->below = s->suppressed = 0;
	tg_regex_scratch_start(s->re);
	if (root->n == 0)
		return 0;
	if (look_at(s, root, 0, err) < 0) {
		if (err != NULL && err->cls == TG_E_LIMIT)
			err->cls = TG_E_INPUT;
		return -1;
	}
	n = s->candidates.n / sizeof(struct tg_candidate);
	if (tg_buf_reserve(
		&s->findings, (n + 1) * sizeof(struct tg_finding), err) < 0)
		return -1;
	out->n = tg_resolve((struct tg_finding *)(void *)s->findings.p,
	    (struct tg_candidate *)(void *)s->candidates.p, n, s->r, s->action,
	    root->p);
	out->f = (const struct tg_finding *)(const void *)s->findings.p;
	out->below = s->below;
	out->suppressed = s->suppressed;
	return 0;
}

int
tg_scan(struct tg_scanner *s, struct tg_trace_text text,
    struct tg_trace_text key, struct tg_findings *out, struct tg_err *err)
{
	const struct tg_look root = {.p = text.bytes == NULL ? "" : text.bytes,
	    .n = text.n,
	    .kind = TG_VIEW_RAW};
	bool keep;

	*out = (struct tg_findings){.f = NULL};
	if (text.n > TG_SCAN_TEXT_MAX)
		return tg_fail(
		    err, TG_E_INPUT, "a text over %u bytes", TG_SCAN_TEXT_MAX);
	if (!s->plain && s->see == NULL && tg_known_has(s->known, text, key))
		return 0;
	set_key(s, key);
	keep = !s->plain && s->see == NULL && text.n >= TG_SEEN_MIN &&
	    text.n <= TG_SEEN_MAX && key_is_mute(s);
	if (keep && tg_seen_has(s->seen, text, out))
		return 0;
	if (find(s, &root, out, err) < 0)
		return -1;
	if (text.n > 0 && out->n == 0 && out->below == 0 &&
	    out->suppressed == 0)
		tg_known_put(s->known, text, key);
	if (keep)
		tg_seen_put(s->seen, text, out);
	return 0;
}
