/*
 * s40 - activations are the text: what was computed from a prompt with a
 * finding does not leave.  An attribution graph is computed on its whole
 * prompt, so the graph goes (and its redacted prompt to recapture.jsonl when
 * the policy says so); a clean one stays.
 */
#include <string.h>

#include "pipeline/replace.h"
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

int
tg_s40_activations(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	if (!is_graph(r))
		return 0;
	for (uint32_t i = 0; i < r->n_unit; i++)
		if (one(p, r, i, err) < 0)
			return -1;
	return 0;
}
