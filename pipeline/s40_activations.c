/*
 * s40 - activations are the text: what was computed from a prompt with a
 * finding does not leave.  An attribution graph is computed on its whole
 * prompt, so the graph goes (and its redacted prompt to recapture.jsonl when
 * the policy says so); a clean one stays.
 *
 * A context of a tensor file keeps the rows of the tokens before the first
 * finding: in a causal model they are no function of what follows, and are
 * what the same model makes of the redacted text.  All rows from there on are
 * (trace-formats 5: a deleted token is recovered from later rows, also
 * quantised or as feature ids), so they go.  Both conditions are attested, or
 * there are no such rows: that attention looks back only, and that the context
 * begins where the model began to read; what stood before a window was never
 * examined, so without the second nothing of a context leaves.
 *
 * With drop_activations the tokens that spell a finding are struck and all
 * numbers go; with drop_span_rows the rows of these tokens go and no others,
 * which gives the finding back to who has the model (trace-formats 5.4).
 */
#include <string.h>

#include "base/enc.h"
#include "pipeline/features.h"
#include "pipeline/replace.h"
#include "pipeline/sources/graph_ids.h"
#include "pipeline/sources/source.h"
#include "pipeline/spell.h"
#include "pipeline/stage.h"
#include "base/banned.h"

static bool
is_graph(const struct tg_record *r)
{
	return r->source == &tg_source_graph ||
	    r->source == &tg_source_graph_index;
}

/* The prompt with its hits replaced.  The marker of a beginning, which token
 * ids spell as a line end, is not of the prompt. */
static int
recapture(struct tg_pass *p, const struct tg_record *r, uint32_t unit,
    struct tg_err *err)
{
	struct tg_sv prompt;

	if (p->on_recapture == NULL)
		return 0;
	for (uint32_t i = 0; i < r->n_text; i++) {
		const struct tg_text *t = &r->text[i];

		if (t->unit != unit || t->kind != TG_TXT_STRING ||
		    r->field[t->node] != TG_FIELD_prompt_text)
			continue;
		if (tg_replace_text(p, t, err) < 0)
			return -1;
		prompt = tg_buf_sv(&p->redo);
		if (r->tensors && p->vocab != NULL && prompt.n > 0 &&
		    *prompt.p == '\n')
			prompt = (struct tg_sv){prompt.p + 1, prompt.n - 1};
		return p->on_recapture(p->ctx, r, prompt, err);
	}
	return 0;
}

static int
one(struct tg_pass *p, struct tg_record *r, uint32_t i, struct tg_err *err)
{
	struct tg_unit *u = &r->unit[i];
	const bool counted = r->source == &tg_source_graph;
	bool over;

	if (u->dropped)
		return 0;
	if (tg_features_graph(p, r, &over, err) < 0)
		return -1;
	p->counts->graphs += counted;
	if (!p->set->graphs_allowed) {
		p->counts->graphs_dropped += counted;
		tg_unit_drop(u, "activations", "ACT-KIND");
	} else if (!u->prompt_hit && p->set->clean_bare) {
		/* Without its nodes and links nothing is left of it. */
		p->counts->graphs_dropped += counted;
		tg_unit_drop(u, "activations", "ACT-BARE");
	} else if (u->prompt_hit && p->set->graphs_recapture) {
		p->counts->graphs_recapture += counted;
		tg_unit_drop(u, "activations", "ACT-RECAPTURE");
		return counted ? recapture(p, r, i, err) : 0;
	} else if (u->prompt_hit) {
		p->counts->graphs_dropped += counted;
		tg_unit_drop(u, "activations", "ACT-PROMPT");
	} else if (p->set->aggregate) {
		p->counts->graphs_dropped += counted;
		tg_unit_drop(u, "activations", "ANO-AGGREGATE");
	} else if (over) {
		p->counts->graphs_dropped += counted;
		tg_unit_drop(u, "activations", "ACT-TOPK");
	} else {
		p->counts->graphs_kept += counted;
	}
	return 0;
}

/* Tokens that end at or before byte @at of the text. */
static uint32_t
tokens_before(const struct tg_pass *p, uint32_t at)
{
	uint32_t n = 0;

	while (n < p->n_off && p->off[n + 1] <= at)
		n++;
	return n;
}

/* The text of a context; its head record has none. */
static const struct tg_text *
text_of(const struct tg_record *r)
{
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].kind == TG_TXT_STRING && r->text[i].content)
			return &r->text[i];
	return NULL;
}

/* Half a character at the end is spelled '?', as it will be read again. */
static void
mend(struct tg_buf *b)
{
	const size_t n = tg_utf8_valid(tg_buf_sv(b));

	if (n < b->n)
		memset(b->p + n, '?', b->n - n);
}

/*
 * What is left when the end is cut off may match where it did not before: it
 * is cut again until nothing is found.  After CUTS rounds nothing is left.
 */
#define CUTS 16
static int
settle(struct tg_pass *p, const struct tg_text *t, uint32_t *keep,
    struct tg_err *err)
{
	for (unsigned round = 0; *keep > 0 && *keep < p->n_off; round++) {
		struct tg_findings found;
		size_t k = 0;

		tg_buf_reset(&p->redo);
		if (tg_buf_add(
			&p->redo, t->text.text.bytes, p->off[*keep], err) < 0)
			return -1;
		mend(&p->redo);
		if (tg_scan(p->scanner,
			(struct tg_trace_text){
			    p->redo.p == NULL ? "" : p->redo.p, p->redo.n},
			t->key, &found, err) < 0)
			return -1;
		while (k < found.n && found.f[k].action == TG_ACT_KEEP)
			k++;
		if (k == found.n)
			return 0;
		*keep = round == CUTS ? 0 : tokens_before(p, found.f[k].start);
	}
	return 0;
}

/* Bytes that token @k spells as it leaves. */
static struct tg_trace_text
leaving(const struct tg_pass *p, const struct tg_text *t, uint32_t k)
{
	struct tg_trace_text mask = {"", 0};

	if (p->struck[k] != 1)
		return (struct tg_trace_text){
		    t->text.text.bytes + p->off[k], p->off[k + 1] - p->off[k]};
	if (p->vocab != NULL)
		(void)tg_vocab_piece(p->vocab, tg_vocab_mask(p->vocab), &mask);
	return mask;
}

/* Of the text as it leaves, or as it came (@found NULL). */
static bool
next_range(const struct tg_text *t, const struct tg_findings *found, size_t *k,
    size_t *from, size_t *to)
{
	if (found == NULL && *k < t->n_hit) {
		*from = t->hit[*k].start;
		*to = t->hit[(*k)++].end;
		return true;
	}
	while (found != NULL && *k < found->n) {
		const struct tg_finding *f = &found->f[(*k)++];

		*from = f->start;
		*to = f->end;
		if (f->action != TG_ACT_KEEP)
			return true;
	}
	return false;
}

/* The tokens that touch a range go; *@any: there is one, *@more: a token goes
 * that had not gone before. */
static void
strike(struct tg_pass *p, const struct tg_text *t,
    const struct tg_findings *found, bool *any, bool *more)
{
	size_t at = 0, n = 0, from, to;
	bool on = next_range(t, found, &n, &from, &to);

	*any = on;
	*more = false;
	for (uint32_t k = 0; k < p->n_off && on; k++) {
		const size_t end = at + leaving(p, t, k).n;

		while (on && to <= at)
			on = next_range(t, found, &n, &from, &to);
		if (on && end > from && p->struck[k] == 0) {
			p->struck[k] = 2; /* its length counts until the end */
			*more = true;
		}
		at = end;
	}
	for (uint32_t k = 0; k < p->n_off && *more; k++)
		p->struck[k] = p->struck[k] != 0;
}

/* What is found in the text as it leaves, spelled into p->redo. */
static int
look_again(struct tg_pass *p, const struct tg_text *t,
    struct tg_findings *found, struct tg_err *err)
{
	tg_buf_reset(&p->redo);
	for (uint32_t k = 0; k < p->n_off; k++) {
		const struct tg_trace_text piece = leaving(p, t, k);

		if (tg_buf_add(&p->redo, piece.bytes, piece.n, err) < 0)
			return -1;
	}
	tg_spell_mend(&p->redo, 0);
	return tg_scan(p->scanner,
	    (struct tg_trace_text){
		p->redo.p == NULL ? "" : p->redo.p, p->redo.n},
	    t->key, found, err);
}

/*
 * Marks the tokens of the findings in p->struck, until what leaves of the
 * others holds none; *@left: tokens that stay.  After CUTS rounds, or where
 * only marks are left to strike, nothing stays.
 */
static int
strike_all(struct tg_pass *p, const struct tg_text *t, uint32_t *left,
    struct tg_err *err)
{
	struct tg_findings found;
	bool any, more;

	*left = 0;
	strike(p, t, NULL, &any, &more);
	for (unsigned round = 0; round <= CUTS; round++) {
		if (look_again(p, t, &found, err) < 0)
			return -1;
		strike(p, t, &found, &any, &more);
		if (any && more)
			continue;
		for (uint32_t k = 0; k < p->n_off && !any; k++)
			*left += p->struck[k] == 0;
		break;
	}
	return 0;
}

static void
gone(struct tg_unit *u, const char *code)
{
	u->keep = 0;
	tg_unit_drop(u, "activations", code);
}

/* Its tokens leave without what was found in them; the numbers of all, or of
 * those that were struck, do not. */
static int
in_part(struct tg_pass *p, struct tg_unit *u, const struct tg_text *t,
    bool bare, struct tg_err *err)
{
	uint32_t left;

	if (strike_all(p, t, &left, err) < 0)
		return -1;
	u->bare = bare;
	if (left == 0 || (bare && p->vocab == NULL)) /* no ids leave */
		gone(u, bare ? "ACT-BARE" : "ACT-POS");
	return 0;
}

/* The rows of the tokens before the finding, where these are no function of
 * it. */
static int
rows_before(struct tg_pass *p, struct tg_unit *u, const struct tg_text *t,
    struct tg_err *err)
{
	if (!p->causal ||
	    (p->vocab != NULL && tg_vocab_bidirectional(p->vocab))) {
		gone(u, "ACT-CONTEXT");
		return 0;
	}
	u->keep = tokens_before(p, t->hit[0].start);
	if (settle(p, t, &u->keep, err) < 0)
		return -1;
	if (u->keep == 0)
		gone(u, "ACT-POS");
	return 0;
}

/* What becomes of a context with a finding. */
static int
with_finding(struct tg_pass *p, struct tg_record *r, const struct tg_text *t,
    struct tg_err *err)
{
	struct tg_unit *u = &r->unit[0];

	switch (p->set->on_span) {
	case TG_SPAN_FROM:
		return rows_before(p, u, t, err);
	case TG_SPAN_BARE:
	case TG_SPAN_ROWS:
		return in_part(p, u, t, p->set->on_span == TG_SPAN_BARE, err);
	case TG_SPAN_RECAPTURE:
		gone(u, "ACT-RECAPTURE");
		return recapture(p, r, 0, err);
	case TG_SPAN_RECORD:
		break;
	}
	gone(u, "ACT-CONTEXT");
	return 0;
}

static int
context(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	struct tg_unit *u = &r->unit[0];
	const struct tg_text *t = text_of(r);

	u->keep = 0;
	u->bare = false;
	/* Token ids are the text itself; none leave where only sums do. */
	if (t == NULL ||
	    (!p->set->aggregate &&
		(p->set->text_drops ||
		    p->set->op[TG_FIELD_prompt_text] != TG_OP_KEEP))) {
		tg_unit_drop(u, "activations", "ACT-SOURCE");
		return 0;
	}
	p->counts->contexts++;
	u->keep = p->n_off;
	if (u->keep == 0) {
		tg_unit_drop(u, "activations", "ACT-UNSCANNED");
		return 0;
	}
	p->counts->contexts_cut += t->n_hit > 0;
	if (!p->whole) {
		tg_unit_drop(u, "activations", "ACT-START");
		return 0;
	}
	memset(p->struck, 0, p->n_off);
	if (t->n_hit > 0)
		return with_finding(p, r, t, err);
	return p->set->clean_bare ? in_part(p, u, t, true, err) : 0;
}

int
tg_s40_activations(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	if (r->source == &tg_source_tensors)
		return r->unit[0].frame ? 0 : context(p, r, err);
	if (!is_graph(r))
		return tg_features(p, r, err);
	for (uint32_t i = 0; i < r->n_unit; i++)
		if (one(p, r, i, err) < 0)
			return -1;
	return r->source == &tg_source_graph ? tg_graph_dangling(r, err) : 0;
}
