#include "redactors/scanner.h"

#include <stdlib.h>

#include "base/enc.h"
#include "redactors/known.h"
#include "redactors/recent.h"
#include "redactors/shadow.h"

#include "base/banned.h"

#define DEFAULT_MIN TG_SCORE_DEFAULT

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
	s->key_asked = calloc(r->n + 1, sizeof(*s->key_asked));
	if (s->min == NULL || s->action == NULL || s->next == NULL ||
	    s->searched == NULL || s->key_asked == NULL) {
		tg_scanner_free(s);
		return tg_fail_memory(err);
	}
	for (size_t i = 0; i < r->n; i++)
		if (r->rule[i].keyed || r->rule[i].slow)
			s->searched[s->n_searched++] = (uint16_t)i;
	if (tg_known_new(&s->known, err) < 0 ||
	    tg_recent_new(&s->seen, err) < 0 ||
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
	free(s->key_asked);
	tg_known_free(s->known);
	tg_recent_free(s->seen);
	tg_regex_scratch_free(s->re);
	for (size_t i = 0; s->all != NULL && i < s->r->n; i++) {
		s->all[i].re.at = NULL; /* of the rules */
		tg_regex_deinit(&s->all[i].re);
	}
	free(s->all);
	free(s);
}

/* What was found may be another thing from now on. */
static void
forget(struct tg_scanner *s)
{
	tg_known_forget(s->known);
	tg_recent_forget(s->seen);
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

int
tg_scanner_plain(struct tg_scanner *s, bool plain, struct tg_err *err)
{
	if (plain && s->all == NULL) {
		s->all = calloc(s->r->n + 1, sizeof(*s->all));
		if (s->all == NULL)
			return tg_fail_memory(err);
		for (size_t i = 0; i < s->r->n; i++) {
			struct tg_rule *r = &s->all[i];

			r->pattern = s->r->rule[i].pattern;
			r->boundary = s->r->rule[i].boundary;
			r->re = s->r->rule[i].re;
			r->re.find = NULL; /* of its own */
			if (r->re.at != NULL && tg_rules_search(r, err) < 0)
				return -1;
		}
	}
	s->plain = plain;
	forget(s);
	return 0;
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
	memset(s->key_asked, TG_ASKED_UNKNOWN, s->r->n);
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
	struct tg_scan_mute *m;
	uint64_t h = s->n_key;

	for (size_t i = 0; i < s->n_key; i++)
		h = (h ^ (unsigned char)s->key[i]) * UINT64_C(0x100000001b3);
	m = &s->mute[(h ^ h >> 32) & (TG_SCAN_MUTES - 1)];
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
	if (tg_scanner_look(s, root, 0, err) < 0) {
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

/* Whether what is found in @text may be found again without a look. */
static bool
lasts(struct tg_scanner *s, struct tg_trace_text text)
{
	return !s->plain && s->see == NULL && text.n >= TG_RECENT_MIN &&
	    text.n <= TG_RECENT_MAX && key_is_mute(s);
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
	keep = lasts(s, text);
	if (keep && tg_recent_has(s->seen, text, out))
		return 0;
	if (find(s, &root, out, err) < 0)
		return -1;
	if (text.n > 0 && out->n == 0 && out->below == 0 &&
	    out->suppressed == 0)
		tg_known_put(s->known, text, key);
	if (keep)
		tg_recent_put(s->seen, text, out);
	return 0;
}
