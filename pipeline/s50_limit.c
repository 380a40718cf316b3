/*
 * s50 - how much of a unit leaves: bytes, tokens, age.  After detection, so
 * that a cut does not hide an identifier.  A graph over the limit is dropped
 * (cutting its tokens would leave nodes without a place).
 */
#include "pipeline/sources/source.h"
#include "pipeline/stage.h"
#include "base/banned.h"

static bool
word_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c >= 0x80;
}

uint64_t
tg_tokens_estimate(struct tg_trace_text t, uint64_t max, uint32_t *cut)
{
	uint64_t n = 0;
	size_t i = 0;

	*cut = (uint32_t)t.n;
	while (i < t.n) {
		const size_t from = i;
		uint64_t cost;

		if ((unsigned char)t.bytes[i] <= ' ') {
			i++;
			continue;
		}
		while (i < t.n && word_byte((unsigned char)t.bytes[i]))
			i++;
		if (i == from)
			i++;
		cost = (i - from + 3) / 4;
		if (n + cost > max && *cut == t.n)
			*cut = (uint32_t)from;
		n += cost;
	}
	return n;
}

/* The cut may not divide a replacement. */
static uint32_t
around_hits(const struct tg_text *t, uint32_t cut)
{
	for (uint32_t k = 0; k < t->n_hit; k++)
		if (t->hit[k].start < cut && cut < t->hit[k].end)
			return t->hit[k].start;
	return cut;
}

static void
limit_text(struct tg_pass *p, struct tg_record *r, struct tg_text *t)
{
	struct tg_unit *u = &r->unit[t->unit];
	const uint64_t left = u->tokens >= p->set->max_tokens
	    ? 0
	    : p->set->max_tokens - u->tokens;
	uint32_t cut;

	u->tokens += tg_tokens_estimate(t->text.text, left, &cut);
	if (cut >= t->text.text.n)
		return;
	if (p->set->exceed_drops) {
		tg_unit_drop(u, "limit", "LIM-TOKENS");
		return;
	}
	t->cut = around_hits(t, cut);
	p->counts->truncated++;
}

/* Too old to leave: to be deleted, or held past its date. */
static const char *
too_old(const struct tg_settings *set, int64_t captured)
{
	for (size_t i = 0; i < set->n_held; i++)
		if (captured >= set->held[i].from &&
		    captured < set->held[i].until)
			return TG_HELD_CODE;
	return "RET-EXPIRED";
}

/* Whether the tokens of @t are those of its unit. */
static bool
counts(const struct tg_record *r, const struct tg_text *t)
{
	return t->content && t->kind == TG_TXT_STRING &&
	    t->unit != TG_UNIT_NONE && r->source != &tg_source_graph &&
	    r->source != &tg_source_graph_index;
}

void
tg_limit_tokens(uint64_t *out, const struct tg_record *r)
{
	uint32_t cut;

	for (uint32_t i = 0; i < r->n_unit; i++)
		out[i] = 0;
	for (uint32_t i = 0; i < r->n_text; i++) {
		const struct tg_text *t = &r->text[i];

		if (counts(r, t) && r->unit[t->unit].dropped)
			out[t->unit] +=
			    tg_tokens_estimate(t->text.text, UINT64_MAX, &cut);
	}
}

static void
limit_unit(
    const struct tg_settings *set, struct tg_record *r, struct tg_unit *u)
{
	const struct tg_jnode *node = &r->doc.nodes[u->node];

	u->own_tokens = u->tokens;
	if (node->end - node->start > set->max_bytes)
		tg_unit_drop(u, "limit", "LIM-BYTES");
	else if (set->oldest != 0 && u->time != 0 && u->time < set->oldest)
		tg_unit_drop(u, "limit", too_old(set, u->time));
	else if (u->tokens > set->max_tokens)
		tg_unit_drop(u, "limit", "LIM-TOKENS");
}

int
tg_s50_limit(
    struct tg_pass *p, struct tg_record *r, struct tg_err *err TG_UNUSED)
{
	for (uint32_t i = 0; i < r->n_unit; i++) {
		const struct tg_unit *u = &r->unit[i];

		limit_unit(p->set, r, &r->unit[i]);
		if (!u->dropped && u->time != 0 &&
		    (p->counts->oldest == 0 || u->time < p->counts->oldest))
			p->counts->oldest = u->time;
		p->counts->undated += !u->dropped && !u->frame && u->time == 0;
	}
	for (uint32_t i = 0; i < r->n_text; i++) {
		struct tg_text *t = &r->text[i];

		if (counts(r, t) && !r->unit[t->unit].dropped)
			limit_text(p, r, t);
	}
	return 0;
}
