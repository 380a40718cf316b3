#include "pipeline/foreign.h"
#include "base/banned.h"

int
tg_foreign(struct tg_pass *p, struct tg_record *r, const struct tg_text *t,
    struct tg_err *err)
{
	uint32_t i, end;

	/* What is packed was asked when it came in. */
	if (p->set->mode == TG_MODE_RECHECK ||
	    !tg_rules_foreign(p->rules, t->text.text))
		return 0;
	p->counts->foreign++;
	if (p->set->foreign == TG_FOREIGN_BLOCKS)
		return tg_fail(err, TG_E_NO,
		    "record %llu: a text in a language that detection does not "
		    "know: the policy blocks the run",
		    (unsigned long long)r->no);
	if (p->set->foreign != TG_FOREIGN_DROPS)
		return 0;
	for (i = tg_record_units(r, t->unit, &end); i < end; i++) {
		r->unit[i].foreign = true;
		tg_unit_drop(&r->unit[i], "redact", "RED-LANGUAGE");
	}
	return 0;
}
