#include "report/hold_text.h"

#include "report/explain_out.h"

#include "base/banned.h"

static const char *
names(const struct tg_xout *x, const char *key)
{
	const struct tg_json *list = tg_json_get(x->v.m, key);

	return tg_json_len(list) == 0
	    ? TG_SAY(&x->v, h_nobody)
	    : tg_view_join(&x->v, TG_T_UNIT, list, ", ");
}

/* "EXP-1, EXP-2; GB; captured 2026-11-01 to 2026-11-20": all of it must fit. */
static const char *
scope(const struct tg_xout *x)
{
	static const char *const lists[] = {"runs", "bundles", "origins"};
	const struct tg_json *s = tg_json_get(x->v.m, "scope");
	const struct tg_json *days = tg_json_get(s, "captured");
	const char *text = "";

	for (size_t i = 0; i < TG_COUNT(lists); i++)
		if (tg_json_get(s, lists[i]) != NULL)
			text = tg_arena_fmt(x->v.a, "%s%s%s", text,
			    text[0] == '\0' ? "" : "; ",
			    tg_view_join(&x->v, TG_T_UNIT,
				tg_json_get(s, lists[i]), ", "));
	if (days == NULL)
		return text;
	return tg_arena_fmt(x->v.a, "%s%s%s", text, text[0] == '\0' ? "" : "; ",
	    TG_FILL(&x->v, h_captured, tg_json_get_str(days, "from", "?"),
		tg_json_get_str(days, "until", "?")));
}

static void
hold(struct tg_xout *x, bool whole)
{
	const struct tg_json *h = x->v.m;
	const char *state = tg_json_get_str(h, "state", "?");

	tg_xout_head(x, tg_json_get_str(h, "id", "?"),
	    tg_view_term(&x->v, TG_T_STATUS, state));
	tg_xout_line(x, TG_SAY(&x->v, h_held),
	    TG_FILL(&x->v, h_held_is, tg_json_get_str(h, "holder", "?"),
		tg_json_get_str(h, "case_reference", "?")));
	tg_xout_line(x, TG_SAY(&x->v, h_scope), scope(x));
	tg_xout_line(x, TG_SAY(&x->v, h_days),
	    TG_FILL(&x->v, h_days_are, tg_json_get_str(h, "placed_on", "?"),
		tg_json_get_str(h, "review_by", "?")));
	tg_xout_line(x, TG_SAY(&x->v, h_signed), names(x, "signed_by"));
	if (tg_json_len(tg_json_get(h, "released_by")) > 0)
		tg_xout_line(
		    x, TG_SAY(&x->v, h_released), names(x, "released_by"));
	if (whole)
		tg_xout_line(x, "", tg_json_get_str(h, "reason", ""));
	if (strcmp(state, "draft") == 0)
		tg_xout_line(x, "", TG_SAY(&x->v, h_draft));
	if (tg_json_get_bool(h, "due", true))
		tg_xout_line(x, "!", TG_SAY(&x->v, h_due));
}

int
tg_hold_text(struct tg_buf *out, const struct tg_json *h, bool whole,
    enum tg_lang lang, struct tg_err *err)
{
	struct tg_xout x;

	if (tg_xout_begin(&x, out, h, lang, err) < 0)
		return -1;
	hold(&x, whole);
	return tg_xout_end(&x);
}

int
tg_hold_none(struct tg_buf *out, bool due, size_t examined, enum tg_lang lang,
    struct tg_err *err)
{
	struct tg_xout x;

	if (tg_xout_begin(&x, out, NULL, lang, err) < 0)
		return -1;
	tg_xout_head(&x,
	    due ? TG_FILL(
		      &x.v, h_none_due, tg_view_int(&x.v, (int64_t)examined))
		: TG_SAY(&x.v, h_none),
	    "");
	return tg_xout_end(&x);
}
