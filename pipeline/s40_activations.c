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
 */
#include <string.h>

#include "base/enc.h"
#include "pipeline/features.h"
#include "pipeline/replace.h"
#include "pipeline/sources/graph_ids.h"
#include "pipeline/sources/source.h"
#include "pipeline/stage.h"
#include "base/banned.h"

static bool
is_graph(const struct tg_record *r)
{
	return r->source == &tg_source_graph ||
	    r->source == &tg_source_graph_index;
}

/* The prompt with its hits replaced, as one JSON line. */
static int
recapture(struct tg_pass *p, const struct tg_record *r, uint32_t unit,
    struct tg_err *err)
{
	if (p->on_recapture == NULL)
		return 0;
	for (uint32_t i = 0; i < r->n_text; i++) {
		const struct tg_text *t = &r->text[i];

		if (t->unit != unit || t->kind != TG_TXT_STRING ||
		    r->field[t->node] != TG_FIELD_prompt_text)
			continue;
		if (tg_replace_text(p, t, err) < 0)
			return -1;
		return p->on_recapture(p->ctx, tg_buf_sv(&p->redo), err);
	}
	return 0;
}

static int
one(struct tg_pass *p, struct tg_record *r, uint32_t i, struct tg_err *err)
{
	struct tg_unit *u = &r->unit[i];
	const bool counted = r->source == &tg_source_graph;

	if (u->dropped)
		return 0;
	p->counts->graphs += counted;
	if (!p->set->graphs_allowed) {
		p->counts->graphs_dropped += counted;
		tg_unit_drop(u, "activations", "ACT-KIND");
	} else if (u->prompt_hit && p->set->graphs_recapture) {
		p->counts->graphs_recapture += counted;
		tg_unit_drop(u, "activations", "ACT-RECAPTURE");
		return counted ? recapture(p, r, i, err) : 0;
	} else if (u->prompt_hit) {
		p->counts->graphs_dropped += counted;
		tg_unit_drop(u, "activations", "ACT-PROMPT");
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

static int
context(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	struct tg_unit *u = &r->unit[0];
	const struct tg_text *t = text_of(r);

	u->keep = 0;
	/* Token ids are the text itself. */
	if (p->set->text_drops ||
	    p->set->op[TG_FIELD_prompt_text] != TG_OP_KEEP || t == NULL) {
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
	if (t->n_hit == 0)
		return 0;
	if (p->set->on_span == TG_SPAN_RECAPTURE) {
		tg_unit_drop(u, "activations", "ACT-RECAPTURE");
		return recapture(p, r, 0, err);
	}
	if (p->set->on_span == TG_SPAN_RECORD || !p->causal ||
	    (p->vocab != NULL && tg_vocab_bidirectional(p->vocab))) {
		tg_unit_drop(u, "activations", "ACT-CONTEXT");
		return 0;
	}
	u->keep = tokens_before(p, t->hit[0].start);
	if (settle(p, t, &u->keep, err) < 0)
		return -1;
	if (u->keep == 0)
		tg_unit_drop(u, "activations", "ACT-POS");
	return 0;
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
