/* section_exceptions.c - the part of "Policy" that says where this export was
 * let go further than the policy goes, by whom, until when and why. */
#include <string.h>

#include "report/view.h"

#include "base/banned.h"

/* "risk · control · control": what was weighed against it. */
static const char *
weighed(const struct tg_view *v, const struct tg_json *x)
{
	return tg_arena_fmt(v->a, "%s · %s · %s",
	    tg_json_get_str(x, "justification", "?"),
	    tg_json_get_str(x, "risk", "?"),
	    tg_view_join(
		v, TG_T_UNIT, tg_json_get(x, "compensating_controls"), " · "));
}

static void
row_of(struct tg_view *v, struct tg_block *t, const struct tg_json *x)
{
	struct tg_row *row = tg_doc_row(v->d, t);

	tg_doc_text(v->d, row, tg_json_get_str(x, "id", "?"));
	tg_view_mono(v, row, tg_json_get_str(x, "policy_path", "?"));
	tg_doc_text(v->d, row,
	    tg_arena_fmt(v->a, "%s → %s",
		tg_json_get_str(x, "inherited_value", "?"),
		tg_json_get_str(x, "requested_value", "?")));
	tg_doc_text(v->d, row, tg_json_get_str(x, "requested_by", "?"));
	tg_doc_text(v->d, row,
	    tg_view_join(v, TG_T_UNIT, tg_json_get(x, "approved_by"), ", "));
	tg_doc_text(v->d, row, tg_json_get_str(x, "valid_until", "?"));
	tg_doc_text(v->d, row, weighed(v, x));
}

void
tg_part_exceptions(struct tg_view *v)
{
	const struct tg_json *x = tg_json_get(v->m, "exceptions");
	const struct tg_json *used = tg_json_get(x, "used");
	const int64_t declared = tg_json_get_int(x, "declared", -1);
	const struct tg_col cols[] = {
	    {TG_SAY(v, c_exception), TG_LEFT, 12, true},
	    {TG_SAY(v, c_setting), TG_LEFT, 20, false},
	    {TG_SAY(v, c_value), TG_LEFT, 12, false},
	    {TG_SAY(v, c_asked), TG_LEFT, 11, false},
	    {TG_SAY(v, c_allowed), TG_LEFT, 13, false},
	    {TG_SAY(v, c_last_day), TG_LEFT, 10, false},
	    {TG_SAY(v, c_weighed), TG_LEFT, 0, false}};
	struct tg_block *t;

	if (declared < 0)
		return; /* of a version without a register */
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, exceptions_count),
	    TG_ARGS(tg_view_int(v, declared),
		tg_view_int(v, (int64_t)tg_json_len(used))));
	if (tg_json_len(used) == 0)
		return;
	t = tg_doc_table(
	    v->d, TG_SAY(v, exceptions_table), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(used); i++)
		row_of(v, t, tg_json_at(used, i));
}
