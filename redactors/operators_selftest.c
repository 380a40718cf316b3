/* operators_selftest.c - an operator whose text is found again is refused
 * before a record is read. */
#include "redactors/operators_priv.h"
#include "redactors/scan.h"

#include "base/banned.h"

#define TEXT_MAX (64u << 10)

static int
refuse(const struct tg_rules *r, const char *type, enum tg_action a,
    const struct tg_finding *by, struct tg_err *err)
{
	return tg_fail(err, TG_E_CONFIG,
	    "%s: what the operator %s writes is found again by rule '%s'", type,
	    tg_action_name(a), r->rule[by->rule].info.id);
}

/* The example with its finding at @span replaced, into @out. */
static int
replaced(struct tg_operators *o, struct tg_buf *out, const struct tg_finding *f,
    const struct tg_example *e, struct tg_span *at, struct tg_err *err)
{
	const struct tg_trace_text text = {e->text, e->n};
	const struct tg_operand x = {
	    .f = f, .text = text, .session = text, .record = text};

	tg_buf_reset(out);
	if (tg_buf_add(out, e->text, f->start, err) < 0)
		return -1;
	at->start = out->n;
	if (tg_operators_apply(o, out, &x, NULL, err) < 0)
		return -1;
	at->end = out->n;
	return tg_buf_add(out, e->text + f->end, e->n - f->end, err);
}

static int
one(struct tg_operators *o, const struct tg_rules *r, struct tg_scanner *s,
    struct tg_buf *b, const struct tg_rule *rule, const struct tg_example *e,
    enum tg_action a, struct tg_err *err)
{
	const struct tg_trace_text key = {e->key, strlen(e->key)};
	struct tg_finding f = {.start = (uint32_t)e->span.start,
	    .end = (uint32_t)e->span.end,
	    .type = rule->type,
	    .action = (uint8_t)a};
	struct tg_findings found;
	struct tg_span at = {0, 0};

	if (!e->marked || replaced(o, b, &f, e, &at, err) < 0)
		return e->marked ? -1 : 0;
	if (tg_scan(s, (struct tg_trace_text){b->p, b->n}, key, &found, err) <
	    0)
		return -1;
	for (size_t i = 0; i < found.n; i++)
		if (found.f[i].start < at.end && found.f[i].end > at.start)
			return refuse(r, rule->info.type, a, &found.f[i], err);
	return 0;
}

int
tg_operators_selftest(struct tg_operators *o, const struct tg_rules *r,
    uint16_t type, enum tg_action action, struct tg_err *err)
{
	struct tg_scanner *s = NULL;
	struct tg_buf b;
	int rc = 0;

	if (action <= TG_ACT_KEEP || action >= TG_ACT_LABEL)
		return 0;
	if (tg_scanner_new(&s, r, err) < 0)
		return -1;
	tg_buf_init(&b, TEXT_MAX);
	for (size_t i = 0; i < r->n && rc == 0; i++) {
		const struct tg_rule *rule = &r->rule[i];

		for (size_t k = 0;
		     rule->type == type && k < rule->n_match && rc == 0; k++)
			rc = one(
			    o, r, s, &b, rule, &rule->match[k], action, err);
	}
	tg_buf_deinit(&b);
	tg_scanner_free(s);
	return rc;
}
