/* out_text.c - findings as lines for people. */
#include "cli/seen.h"
#include "base/banned.h"

/* The reasons, below the finding. */
static int
reasons(struct tg_report *r, const struct tg_seen *s, struct tg_err *err)
{
	const struct tg_why *w = s->why;
	struct tg_buf *b = &r->line;

	if (tg_buf_addf(b, err,
		"    %s:%u, %s; check %s%s%s%s; score %u of %u:"
		" base %u, valid %u, context %u",
		tg_seen_pack(r->cli, s->rule->pack), s->rule->line,
		s->rule->category, w->verdict, w->validator == NULL ? "" : " (",
		w->validator == NULL ? "" : w->validator,
		w->validator == NULL ? "" : ")", w->score, w->minimum, w->base,
		w->valid, w->context) < 0)
		return -1;
	if (w->list != NULL &&
	    tg_buf_addf(b, err, " (%s%s%s)", w->list,
		w->place == NULL ? "" : ", ",
		w->place == NULL ? "" : w->place) < 0)
		return -1;
	if (tg_buf_addf(b, err, ", whole %u; view ", w->whole) < 0 ||
	    tg_seen_view(b, w, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n_conflict; i++)
		if (tg_buf_addf(b, err, "%s%s (%s)", i == 0 ? "; also " : ", ",
			s->conflict[i]->type, s->conflict[i]->id) < 0)
			return -1;
	return tg_buf_addc(b, '\n', err);
}

static int
one(struct tg_report *r, const struct tg_seen *s, struct tg_err *err)
{
	const char *by = tg_seen_suppressed(s->state);

	if (tg_buf_addf(&r->line, err,
		"%s:%llu  %.*s[%u..%u]  %s  %u  %s  %s%s", s->file,
		(unsigned long long)s->record, TG_SV_FMT(s->path), s->start,
		s->end, s->rule->type, s->score, s->rule->id,
		by == NULL ? "" : "not counted: ",
		by == NULL ? s->action : by) < 0)
		return -1;
	if (tg_buf_addc(&r->line, '\n', err) < 0 ||
	    (s->why != NULL && reasons(r, s, err) < 0))
		return -1;
	return tg_report_put(r, err);
}

static int
types(struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	const char *lead = ": ";

	for (size_t i = 0; i < tg_rules_type_count(r->rules); i++) {
		const char *type = tg_rules_type(r->rules, (uint16_t)i);

		if (t->type[i] == 0)
			continue;
		if (tg_buf_addf(&r->line, err, "%s%llu %s%s", lead,
			(unsigned long long)t->type[i], type,
			strcmp(type, "PERSON") == 0 ? " (best effort)" : "") <
		    0)
			return -1;
		lead = ", ";
	}
	return 0;
}

static int
end(struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	struct tg_buf *b = &r->line;

	if (r->cli->quiet && !r->to_file)
		return 0;
	if (t->contexts &&
	    tg_buf_addf(b, err, "%zu contexts stand in 5 or more traces\n",
		t->n_context) < 0)
		return -1;
	for (size_t i = 0; i < t->n_context; i++)
		if (tg_buf_addf(b, err, "  %s\n", t->context[i]) < 0)
			return -1;
	if (tg_buf_addf(b, err,
		"%llu findings in %llu of %llu records, %llu texts examined",
		(unsigned long long)t->found, (unsigned long long)t->units,
		(unsigned long long)t->records,
		(unsigned long long)t->texts) < 0 ||
	    types(r, t, err) < 0 ||
	    tg_buf_addf(b, err,
		".\n%llu below their threshold, %llu suppressed by a rule, ",
		(unsigned long long)t->below,
		(unsigned long long)t->suppressed) < 0)
		return -1;
	if (t->baseline &&
	    tg_buf_addf(b, err, "%llu known from the baseline, ",
		(unsigned long long)t->known) < 0)
		return -1;
	if (tg_buf_addf(b, err, "%llu records left out\n",
		(unsigned long long)t->left_out) < 0)
		return -1;
	return tg_report_put(r, err);
}

const struct tg_writer tg_writer_text = {
    .name = "text", .one = one, .end = end};
