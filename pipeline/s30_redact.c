/* s30 - what is found in each text, and what stands for it. */
#include "pipeline/aggregates.h"
#include "pipeline/digits.h"
#include "pipeline/seams.h"
#include "pipeline/stage.h"
#include "base/banned.h"

/* Where the policy lets no real text out, content does not leave. */
static void
drop_text(struct tg_pass *p, struct tg_record *r)
{
	for (uint32_t i = 0; i < r->doc.n; i++)
		if ((r->cls[i] == TG_CLS_CONTENT ||
			r->cls[i] == TG_CLS_TOKENS) &&
		    !tg_aggregates_reads(p, r, i)) {
			r->cls[i] = TG_CLS_DROP;
			p->counts->fields_dropped++;
		}
}

int
tg_s30_redact(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	tg_operators_record(p->ops);
	if (p->set->text_drops)
		drop_text(p, r);
	if (tg_texts_collect(p, r, err) < 0)
		return -1;
	for (uint32_t i = 0; i < r->n_text; i++) {
		struct tg_text *t = &r->text[i];

		if (t->kind == TG_TXT_TOKEN)
			continue; /* scanned joined when collected */
		if (t->kind == TG_TXT_NUMBER && t->text.text.n < TG_DIGITS_MIN)
			continue; /* no one by itself; see seams.h */
		if (tg_text_scan(p, r, t, err) < 0)
			return -1;
	}
	if (p->set->mode <= TG_MODE_REDACT && tg_recall(p, r, err) < 0)
		return -1;
	return tg_seams(p, r, err);
}
