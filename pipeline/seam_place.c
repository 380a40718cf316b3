#include "pipeline/seam_place.h"

#include "pipeline/seam_orders.h"
#include "base/banned.h"

#define NAME_MAX_VALUE 64 /* longer values under a structural name are text */
#define KEY_FIGURES 4	  /* of a key without letters; fewer count something */

bool
tg_seam_place_stream(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].key_end == 0)
		return true;
	for (unsigned up = 0; up < 3 && i != UINT32_MAX; up++) {
		if (d->nodes[i].key_end != 0 && tg_jdoc_key_is(d, i, "delta"))
			return true;
		i = d->nodes[i].parent;
	}
	return false;
}

/* Beside a token: it goes when the token goes. */
static bool
of_token(const struct tg_jdoc *d, uint32_t i)
{
	for (i = d->nodes[i].parent; i != UINT32_MAX; i = d->nodes[i].parent)
		if (d->nodes[i].mark & TG_MARK_TOKEN)
			return true;
	return false;
}

static enum tg_joins
joins(const struct tg_walk *w, const struct tg_text *t, uint32_t i)
{
	static const char *const structural[] = {"role", "type", "id", "object",
	    "model", "name", "key", "index", "finish_reason", "finishReason",
	    "stop_reason", "tool_call_id", "toolCallId", "call_id", "mime_type",
	    "modality", "status", "created", "system_fingerprint", "language",
	    "lang", "format", "version", "timestamp"};
	const struct tg_sv name = {t->key.bytes, t->key.n};

	if (!w->content || of_token(w->doc, i))
		return TG_JOINS_NOT;
	for (size_t k = 0; k < TG_COUNT(structural); k++)
		if (tg_sv_is(name, structural[k]) &&
		    t->text.text.n <= NAME_MAX_VALUE)
			return TG_JOINS_NOT;
	return tg_seam_place_stream(w->doc, i) ? TG_JOINS_STREAM
					       : TG_JOINS_TEXT;
}

void
tg_seam_place(const struct tg_walk *w, struct tg_text *t, uint32_t i)
{
	t->joins = joins(w, t, i);
	if (t->joins != TG_JOINS_NOT)
		tg_seam_orders_place(w, t, i);
}

void
tg_seam_place_key(const struct tg_walk *w, struct tg_text *t, uint32_t i)
{
	const struct tg_trace_text k = t->text.text;
	unsigned figures = 0, capitals = 0;
	struct tg_sv value;
	bool sign;

	if (!w->content || w->doc->nodes[i].kind != TG_J_STRING)
		return;
	value = tg_jdoc_str(w->doc, i);
	sign = value.n > 0 && *value.p == '@';
	for (size_t c = 0; c < k.n; c++) {
		figures += k.bytes[c] >= '0' && k.bytes[c] <= '9';
		capitals += k.bytes[c] >= 'A' && k.bytes[c] <= 'Z';
		sign = sign || k.bytes[c] == '@';
	}
	if (value.n > 0 &&
	    (sign || (figures > 0 && figures < k.n) || figures >= KEY_FIGURES ||
		(capitals > 1 && capitals == k.n)))
		t->joins = TG_JOINS_KEY;
}
