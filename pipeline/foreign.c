#include "pipeline/foreign.h"
#include "base/banned.h"

int
tg_foreign(struct tg_pass *p, struct tg_record *r, const struct tg_text *t,
    struct tg_err *err)
{
	if (!tg_rules_foreign(p->rules, t->text.text))
		return 0;
	p->counts->foreign++;
	if (p->set->foreign == TG_FOREIGN_BLOCKS)
		return tg_fail(err, TG_E_NO,
		    "record %llu: a text in a language that detection does not "
		    "know: the policy blocks the run",
		    (unsigned long long)r->no);
	if (p->set->foreign != TG_FOREIGN_DROPS)
		return 0;
	for (uint32_t i = 0; i < r->n_unit; i++)
		if (t->unit == TG_UNIT_NONE || t->unit == i) {
			r->unit[i].foreign = true;
			tg_unit_drop(&r->unit[i], "redact", "RED-LANGUAGE");
		}
	return 0;
}
