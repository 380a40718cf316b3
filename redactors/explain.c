#include "redactors/explain.h"

#include "redactors/context.h"

#include "base/banned.h"

static const char *const fates[] = {[TG_FATE_FOUND] = "found",
    [TG_FATE_BELOW] = "below",
    [TG_FATE_ALLOWED] = "allowed",
    [TG_FATE_NEGATIVE] = "negative",
    [TG_FATE_INVALID] = "invalid",
    [TG_FATE_BOUNDARY] = "boundary"};

const char *
tg_fate_name(enum tg_fate f)
{
	return (size_t)f < TG_COUNT(fates) ? fates[f] : NULL;
}

/* How @v was decoded from the view above, or NULL: it was not. */
static const char *
encoding(const struct tg_look *v)
{
	if (v->up == NULL || v->kind != TG_VIEW_DECODED)
		return NULL;
	/* Two digits a byte; four letters for three bytes. */
	if (v->whole)
		return v->n * 2 <= v->run.end - v->run.start ? "hex" : "base64";
	/* Undone escapes are shorter; an unchanged copy is not. */
	return v->n < v->up->n ? "escapes" : NULL;
}

static void
views(struct tg_why *out, const struct tg_look *v)
{
	const char *inner[TG_WHY_CHAIN];
	size_t n = 0;

	out->view = v->joined		? "joined"
	    : v->kind == TG_VIEW_SHADOW ? "shadow"
					: "raw";
	for (; v != NULL; v = v->up) {
		const char *name = encoding(v);

		if (name != NULL && n < TG_WHY_CHAIN)
			inner[n++] = name;
	}
	if (n > 0)
		out->view = "decoded";
	out->n_chain = n;
	for (size_t i = 0; i < n; i++)
		out->chain[i] = inner[n - 1 - i];
}

static bool
stands(const struct tg_words *w, struct tg_sv text)
{
	return text.n != 0 && tg_context_has(w, text.p, text.n);
}

/* Which list of the rule, and on which side. */
static void
context(struct tg_why *out, const struct tg_rule *r, const struct tg_match *m,
    const struct tg_explain *e)
{
	if (!e->context)
		return;
	out->context = r->context;
	if (m->context) {
		out->list = r->keyed ? "keys" : "pattern";
		out->place = r->keyed ? "key" : NULL;
	} else if (stands(&r->words, e->before)) {
		out->list = "words";
		out->place = "before";
	} else if (stands(&r->words, e->after)) {
		out->list = "words";
		out->place = "after";
	} else if (stands(&r->words, e->key)) {
		out->list = "words";
		out->place = "key";
	} else {
		out->list = "keys";
		out->place = "key";
	}
}

void
tg_explain(struct tg_why *out, const struct tg_rules *r,
    const struct tg_match *m, const struct tg_explain *e)
{
	const struct tg_rule *rule = m->rule;
	const struct tg_span at = tg_look_root(m->look, m->span);
	unsigned score;

	*out = (struct tg_why){.start = (uint32_t)at.start,
	    .end = (uint32_t)at.end,
	    .rule = (uint16_t)(rule - r->rule),
	    .type = rule->type,
	    .validator = rule->check == NULL ? NULL : rule->check->name,
	    .verdict = m->checked ? "ok" : "none",
	    .base = m->checked ? 0 : m->base,
	    .valid = m->checked ? m->base : 0,
	    .whole = e->whole ? rule->whole : 0,
	    .minimum = e->minimum};
	context(out, rule, m, e);
	score = (unsigned)m->base + out->context + out->whole;
	out->score = (uint8_t)(score > 100 ? 100 : score);
	views(out, m->look);
}
