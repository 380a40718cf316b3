#include "pipeline/features.h"

#include <string.h>

#include "pipeline/features_priv.h"
#include "pipeline/sources/feature_rows.h"
#include "pipeline/sources/source.h"
#include "pipeline/spell.h"
#include "base/banned.h"

#define MARK_DROP 1u

/* One feature of /activation/all: it goes when only zeros are left. */
static int
feature(struct tg_cut *c, uint32_t i, struct tg_err *err)
{
	bool left = false;

	if (tg_cut_object(c, i, &left, err) < 0)
		return -1;
	if (left || !c->cut)
		c->left = true;
	else
		tg_cut_lose(c, i);
	return 0;
}

/* Entries of @list of tokens that do not stay go. */
static void
beyond(struct tg_cut *c, const uint32_t *index, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++)
		if (!tg_cut_stays(c, tg_cut_value(c, index[2 * k])))
			c->w.doc->nodes[index[2 * k + 1]].mark |= MARK_DROP;
}

/* Rows of a layer, of one token each. */
static int
layer(struct tg_cut *c, uint32_t i, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t at = tg_jdoc_find(d, i, "tokenIndices");
	const uint32_t rows = tg_jdoc_find(d, i, "values");
	uint32_t *pair, n = 0, r;

	if (at == UINT32_MAX || rows == UINT32_MAX || d->nodes[at].n == 0)
		return 0;
	pair = tg_arena_calloc(
	    &c->w.r->arena, 4 * (size_t)d->nodes[at].n, sizeof(*pair));
	if (pair == NULL)
		return tg_fail_memory(err);
	r = rows + 1;
	for (uint32_t k = at + 1; k < d->nodes[at].next; k = d->nodes[k].next) {
		pair[4 * n] = k;
		pair[4 * n + 1] = k;
		pair[4 * n + 2] = k;
		pair[4 * n + 3] = r;
		c->left = c->left || tg_cut_stays(c, tg_cut_value(c, k));
		r = d->nodes[r].next;
		n++;
	}
	beyond(c, pair, 2 * n);
	return tg_cut_coarse(c, rows, err);
}

/* {feature: [[token, value], …]}: a feature without a pair says that it was
 * active later. */
static void
pairs(struct tg_cut *c, uint32_t active)
{
	struct tg_jdoc *d = c->w.doc;

	for (uint32_t f = active + 1; f < d->nodes[active].next;
	     f = d->nodes[f].next) {
		uint32_t gone = 0;

		for (uint32_t k = f + 1; k < d->nodes[f].next;
		     k = d->nodes[k].next) {
			const uint32_t pair[2] = {k + 1, k};

			beyond(c, pair, 1);
			gone += (d->nodes[k].mark & MARK_DROP) != 0;
		}
		if (gone == d->nodes[f].n)
			d->nodes[f].mark |= MARK_DROP;
		else
			c->left = true;
	}
}

/* What may stand beside a token, in a result or in a lens export; what is
 * known never to leave: its id, and read-outs of the next tokens (logits). */
static const struct {
	const char *key;
	enum { STAYS, FEATURES, NEVER } what;
} beside[] = {
    {"token", STAYS},
    {"tokenPosition", STAYS},
    {"isSpecial", STAYS},
    {"position", STAYS},
    {"is_generated", STAYS},
    {"role", STAYS},
    {"topFeatures", FEATURES},
    {"id", NEVER},
    {"results", NEVER},
};

/* What stands beside token @i, the @k-th. */
static int
top(struct tg_cut *c, uint32_t i, uint32_t k, struct tg_err *err)
{
	struct tg_jdoc *d = c->w.doc;

	for (uint32_t m = i + 1; m < d->nodes[i].next; m = d->nodes[m].next) {
		size_t w = 0;

		while (w < TG_COUNT(beside) &&
		    !tg_jdoc_key_is(d, m, beside[w].key))
			w++;
		if (w == TG_COUNT(beside) || beside[w].what == NEVER) {
			c->w.p->counts->unknown += w == TG_COUNT(beside);
			tg_cut_lose(c, m);
		} else if (beside[w].what == FEATURES && d->nodes[m].n > 0 &&
		    tg_cut_topk_list(c, m, err) < 0) {
			return -1;
		} else if (beside[w].what == FEATURES && d->nodes[m].n > 0 &&
		    (tg_cut_stays(c, k)
			    ? tg_cut_coarse(c, m, err)
			    : tg_cut_put(c, m, TG_SV("[]"), err)) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
per_token(struct tg_cut *c, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	uint32_t k = 0;

	c->left = true;
	for (uint32_t i = c->tokens + 1; i < d->nodes[c->tokens].next;
	     i = d->nodes[i].next)
		if (d->nodes[i].kind == TG_J_OBJECT && top(c, i, k++, err) < 0)
			return -1;
	return 0;
}

static int
list(struct tg_cut *c, uint32_t activations, bool layers, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;

	if (layers && !c->w.p->set->kind[TG_KIND_residual_stream]) {
		tg_cut_lose(c, activations);
		c->left = true;
		return 0;
	}
	for (uint32_t i = activations + 1; i < d->nodes[activations].next;
	     i = d->nodes[i].next)
		if (d->nodes[i].kind == TG_J_OBJECT &&
		    (layers ? layer(c, i, err) : feature(c, i, err)) < 0)
			return -1;
	return 0;
}

/* All the numbers of a unit. */
static int
numbers(struct tg_cut *c, uint32_t unit, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t one = tg_jdoc_find(d, unit, "activation");
	const uint32_t all = tg_jdoc_find(d, unit, "activations");
	const uint32_t active = tg_jdoc_find(d, unit, "activeFeatures");
	bool left = false;

	if (d->nodes[c->tokens].n > 0 &&
	    d->nodes[c->tokens + 1].kind == TG_J_OBJECT)
		return per_token(c, err);
	/* Two token axes, and the structure of the text: only where the policy
	 * names the kind and nothing was struck. */
	if (!c->w.p->set->kind[TG_KIND_attention_patterns] || c->cut)
		tg_cut_attention(c, unit);
	if (active != UINT32_MAX) {
		pairs(c, active);
		if (tg_cut_coarse(c, active, err) < 0)
			return -1;
	}
	if (one != UINT32_MAX && feature(c, one, err) < 0)
		return -1;
	if (all != UINT32_MAX && all != tg_feature_values(d, unit) &&
	    d->nodes[all].kind == TG_J_ARRAY &&
	    list(c, all, tg_jdoc_find(d, unit, "tokenStrings") != UINT32_MAX,
		err) < 0)
		return -1;
	if (tg_cut_object(c, unit, &left, err) < 0)
		return -1;
	c->left = c->left || left;
	return 0;
}

/* The same, without what is above topk_max. */
static int
capped(struct tg_cut *c, uint32_t unit, struct tg_err *err)
{
	return tg_cut_topk(c, unit, err) < 0 ? -1 : numbers(c, unit, err);
}

/* Whether text @i stands in the tokens, and something was struck in it. */
static bool
struck_text(const struct tg_cut *c, uint32_t i)
{
	const struct tg_text *t = &c->w.r->text[i];

	return t->n_hit > 0 && t->node > c->tokens &&
	    t->node < c->w.doc->nodes[c->tokens].next;
}

/* Which tokens anything was struck in: c->cut, and c->keep of those before or
 * c->gone of each, as the policy says. */
static int
struck_tokens(struct tg_cut *c, struct tg_err *err)
{
	const struct tg_record *r = c->w.r;
	const struct tg_jdoc *d = c->w.doc;
	const uint32_t end = d->nodes[c->tokens].next;
	uint8_t *hit, *gone; /* of a node below the tokens; of a token */
	uint32_t k = 0;

	c->keep = c->n;
	for (uint32_t i = 0; i < r->n_text && !c->cut; i++)
		c->cut = struck_text(c, i);
	if (!c->cut)
		return 0;
	hit = tg_arena_calloc(&c->w.r->arena, end - c->tokens, 1);
	gone = tg_arena_calloc(&c->w.r->arena, (size_t)c->n + 1, 1);
	if (hit == NULL || gone == NULL)
		return tg_fail_memory(err);
	for (uint32_t i = 0; i < r->n_text; i++)
		if (struck_text(c, i))
			hit[r->text[i].node - c->tokens] = 1;
	for (uint32_t i = c->tokens + 1; i < end; i = d->nodes[i].next, k++) {
		gone[k] = memchr(&hit[i - c->tokens], 1,
			      d->nodes[i].next - i) != NULL;
		if (gone[k] != 0 && k < c->keep)
			c->keep = k;
	}
	if (c->w.p->set->on_span == TG_SPAN_ROWS) {
		c->keep = c->n;
		c->gone = gone;
	}
	return 0;
}

/* The string of element @i, or UINT32_MAX. */
static uint32_t
string_of(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind == TG_J_OBJECT)
		i = tg_jdoc_find(d, i, "token");
	return i != UINT32_MAX && d->nodes[i].kind == TG_J_STRING ? i
								  : UINT32_MAX;
}

static int
token(
    struct tg_cut *c, uint32_t s, struct tg_trace_text *out, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	struct tg_jtext t;

	*out = (struct tg_trace_text){"", 0};
	if (s == UINT32_MAX)
		return 0;
	if (tg_jtext_decode(&t, tg_jdoc_str(d, s), d->nodes[s].esc,
		&c->w.r->arena, err) < 0)
		return -1;
	*out = t.text;
	return 0;
}

/* Whether the tokens begin where a context does: with a marker, but not the
 * one of a model that looks ahead ("[CLS]"). */
static int
begins(struct tg_cut *c, bool *yes, struct tg_err *err)
{
	struct tg_trace_text t;

	*yes = false;
	if (c->n == 0)
		return 0;
	if (token(c, string_of(c->w.doc, c->tokens + 1), &t, err) < 0)
		return -1;
	*yes = tg_spell_special(t) && t.bytes[0] != '[';
	return 0;
}

/* What stands for the struck strings of the tokens, by node. */
static const struct tg_hit **
struck(struct tg_cut *c, struct tg_err *err)
{
	const struct tg_record *r = c->w.r;
	const uint32_t end = c->w.doc->nodes[c->tokens].next;
	const struct tg_hit **by =
	    tg_arena_calloc(&c->w.r->arena, end - c->tokens, sizeof(*by));

	if (by == NULL) {
		(void)tg_fail_memory(err);
		return NULL;
	}
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].n_hit > 0 && r->text[i].node > c->tokens &&
		    r->text[i].node < end && r->text[i].kind == TG_TXT_TOKEN)
			by[r->text[i].node - c->tokens] = r->text[i].hit;
	return by;
}

/* The text to trace again: what the tokens spell, struck ones replaced. */
static int
recapture(struct tg_cut *c, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;
	struct tg_pass *p = c->w.p;
	const struct tg_hit **by;

	if (p->on_recapture == NULL)
		return 0;
	by = struck(c, err);
	if (by == NULL)
		return -1;
	tg_buf_reset(&p->redo);
	for (uint32_t i = c->tokens + 1; i < d->nodes[c->tokens].next;
	     i = d->nodes[i].next) {
		struct tg_trace_text t;
		const uint32_t s = string_of(d, i);

		if (s != UINT32_MAX && by[s - c->tokens] != NULL)
			t = (struct tg_trace_text){
			    by[s - c->tokens]->by.p, by[s - c->tokens]->by.n};
		else if (token(c, s, &t, err) < 0)
			return -1;
		if (!tg_spell_special(t) &&
		    tg_spell(&p->redo, t, TG_SPELL_PLAIN, err) < 0)
			return -1;
	}
	tg_spell_mend(&p->redo, 0);
	return p->on_recapture(p->ctx, c->w.r, tg_buf_sv(&p->redo), err);
}

/* verdict() on a unit with a finding. */
static int
with_finding(struct tg_cut *c, const char **why, bool *bare, struct tg_err *err)
{
	const enum tg_span_rule rule = c->w.p->set->on_span;
	bool start;

	c->w.p->counts->contexts_cut++;
	*bare = rule == TG_SPAN_BARE;
	if (*bare || (rule == TG_SPAN_ROWS && c->cut))
		return 0;
	if (rule == TG_SPAN_RECAPTURE) {
		*why = "ACT-RECAPTURE";
		return recapture(c, err);
	}
	if (begins(c, &start, err) < 0)
		return -1;
	if (rule != TG_SPAN_FROM || !start || !c->cut)
		*why = "ACT-CONTEXT";
	else if (c->keep == 0)
		*why = "ACT-POS";
	return 0;
}

/* Why the unit goes as a whole, or NULL; *@bare: its numbers go. */
static int
verdict(struct tg_cut *c, const struct tg_unit *u, const char **why, bool *bare,
    struct tg_err *err)
{
	const struct tg_settings *set = c->w.p->set;

	*why = NULL;
	*bare = false;
	/* Of what only sums leave of, no text does. */
	if (!set->aggregate &&
	    (set->text_drops || set->op[TG_FIELD_prompt_text] != TG_OP_KEEP))
		*why = "ACT-SOURCE";
	else if (!set->kind[TG_KIND_sae_topk])
		*why = "ACT-KIND";
	else if (c->cut || u->prompt_hit)
		return with_finding(c, why, bare, err);
	else
		*bare = set->clean_bare;
	return 0;
}

uint32_t
tg_features_tokens(const struct tg_record *r, uint32_t unit)
{
	for (uint32_t i = unit; i < r->doc.nodes[unit].next; i++)
		if (r->field[i] == TG_FIELD_prompt_text)
			return i;
	return UINT32_MAX;
}

/* Numbers of features without the tokens they are of: nobody has scanned what
 * they were computed from. */
static bool
nothing_beside(const struct tg_jdoc *d, uint32_t unit)
{
	static const char *const names[] = {"values", "tokens_acts_list",
	    "acts", "activation", "activations", "activeFeatures"};

	if (d->nodes[unit].kind != TG_J_OBJECT)
		return false;
	for (size_t k = 0; k < TG_COUNT(names); k++) {
		const uint32_t i = tg_jdoc_find(d, unit, names[k]);

		if (i != UINT32_MAX && d->nodes[i].n > 0)
			return true;
	}
	return false;
}

/* The text of a unit, and none of its numbers. */
static int
without_numbers(
    struct tg_cut *c, uint32_t unit, const char **why, struct tg_err *err)
{
	const struct tg_jdoc *d = c->w.doc;

	c->keep = 0;
	if ((c->n > 0 && d->nodes[c->tokens + 1].kind == TG_J_OBJECT
		    ? per_token(c, err)
		    : tg_cut_bare(c, unit, why, err)) < 0)
		return -1;
	c->w.p->counts->contexts_bare += *why == NULL;
	return 0;
}

static void
count_rows(const struct tg_cut *c)
{
	struct tg_counts *n = c->w.p->counts;

	if (c->w.p->set->aggregate)
		return; /* none leaves */
	for (uint32_t k = 0; k < c->n; k++)
		n->rows_kept += tg_cut_stays(c, k);
	for (uint32_t k = 0; k < c->n && c->gone != NULL; k++)
		n->tokens_struck += c->gone[k];
}

/* Unit @i; *@why: it goes as a whole. */
static int
one_unit(struct tg_cut *c, uint32_t i, const char **why, struct tg_err *err)
{
	struct tg_record *r = c->w.r;
	struct tg_counts *counts = c->w.p->counts;
	struct tg_unit *u = &r->unit[i];
	bool bare;

	*why = NULL;
	c->tokens = tg_features_tokens(r, u->node);
	if (c->tokens == UINT32_MAX) {
		/* An example, or a result, is its tokens. */
		if (u->node != 0 || nothing_beside(&r->doc, u->node))
			*why = "ACT-UNSCANNED";
		return 0;
	}
	c->n = r->doc.nodes[c->tokens].n;
	if (struck_tokens(c, err) < 0)
		return -1;
	/* No number of a lens export leaves, so nothing goes with it. */
	if (r->source == &tg_source_lens)
		return per_token(c, err);
	counts->contexts++;
	counts->rows += c->n;
	if (verdict(c, u, why, &bare, err) < 0)
		return -1;
	u->bare = bare;
	if (*why == NULL && bare)
		return without_numbers(c, u->node, why, err);
	if (*why == NULL && capped(c, u->node, err) < 0)
		return -1;
	if (*why == NULL && c->cut && !c->left)
		*why = "ACT-POS";
	if (*why == NULL)
		count_rows(c);
	return 0;
}

int
tg_features(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	if (r->source == NULL || !r->source->features)
		return 0;
	tg_features_promoted(p, r);
	for (uint32_t i = 0; i < r->n_unit; i++) {
		struct tg_cut c = {.w = {.p = p,
				       .r = r,
				       .doc = &r->doc,
				       .unit = i,
				       .prefix = ""}};
		const char *why;

		if (r->unit[i].dropped)
			continue;
		if (one_unit(&c, i, &why, err) < 0)
			return -1;
		if (why != NULL)
			tg_unit_drop(&r->unit[i], "activations", why);
	}
	return 0;
}
