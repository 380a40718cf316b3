/* replay_text.c - what another policy would have decided (pipeline/replay.h) as
 * lines, in one language. */
#include <string.h>

#include "pipeline/replay.h"
#include "report/explain_out.h"
#include "report/typo.h"

#include "base/banned.h"

#define LISTED 20 /* records, of those in the model */

static const char *
because(enum tg_lang lang, const char *why)
{
	static const char *const words[TG_RW_COUNT][TG_LANGS] = {
#define TG_REPLAY_WHY(id, en, fr) [TG_RW_##id] = {en, fr},
#include "pipeline/replay.def"
#undef TG_REPLAY_WHY
	    [TG_RW_NONE] = {"", ""}};

	for (size_t i = 0; i < TG_RW_COUNT; i++)
		if (strcmp(tg_replay_why_name((enum tg_replay_why)i), why) == 0)
			return words[i][lang];
	return why;
}

static const char *
number(const struct tg_xout *x, const struct tg_json *o, const char *key)
{
	return tg_view_int(&x->v, tg_json_get_int(o, key, 0));
}

static const char *
code(const struct tg_xout *x, const struct tg_json *o, const char *key)
{
	const char *c = tg_json_get_str(o, key, "");

	return c[0] == '\0' ? TG_SAY(&x->v, r_leaves) : c;
}

static const char *
words_of(const struct tg_xout *x, const char *c)
{
	return tg_term_known(TG_T_REASON, c)
	    ? tg_view_term(&x->v, TG_T_REASON, c)
	    : "";
}

static void
moved(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "moved");
	const struct tg_json *unknown = tg_json_get(x->v.m, "unknown");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *m = tg_json_at(list, i);
		const char *is = tg_json_get_str(m, "is", "");

		tg_xout_line(x, TG_SAY(&x->v, r_moved),
		    tg_arena_fmt(x->v.a, "%s  %s -> %s  %s", number(x, m, "n"),
			code(x, m, "was"), code(x, m, "is"),
			words_of(x,
			    is[0] == '\0' ? tg_json_get_str(m, "was", "")
					  : is)));
	}
	for (size_t i = 0; i < tg_json_len(unknown); i++) {
		const struct tg_json *u = tg_json_at(unknown, i);

		tg_xout_line(x, TG_SAY(&x->v, r_unknown),
		    tg_arena_fmt(x->v.a, "%s  %s", number(x, u, "n"),
			because(x->v.lang, tg_json_get_str(u, "why", ""))));
	}
}

static void
findings(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "findings");
	const struct tg_json *records = tg_json_get(x->v.m, "records");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *f = tg_json_at(list, i);
		const char *type = tg_json_get_str(f, "type", "");
		const char *was = tg_json_get_str(f, "was", "");
		const char *n = number(x, f, "n");

		tg_xout_line(x, TG_SAY(&x->v, r_findings),
		    tg_json_get_bool(f, "below", false)
			? TG_FILL(&x->v, r_findings_below, type, was, n)
			: TG_FILL(&x->v, r_findings_line, type, was,
			      tg_json_get_str(f, "is", ""), n));
	}
	if (tg_json_get_int(records, "other_text", 0) > 0)
		tg_xout_line(x, TG_SAY(&x->v, r_texts),
		    TG_FILL(
			&x->v, r_texts_line, number(x, records, "other_text")));
}

static void
draw(struct tg_xout *x)
{
	const struct tg_json *d = tg_json_get(x->v.m, "draw");
	const int64_t was = tg_json_get_int(d, "was_ppb", 0),
		      is = tg_json_get_int(d, "is_ppb", 0);

	if (was != is || tg_json_get_int(d, "new", 0) > 0)
		tg_xout_line(x, TG_SAY(&x->v, r_draw),
		    TG_FILL(&x->v, r_draw_line,
			tg_typo_percent(x->v.a, x->v.lang, was),
			tg_typo_percent(x->v.a, x->v.lang, is),
			number(x, d, "new")));
}

static const char *
doubt(const struct tg_xout *x, const char *what)
{
	if (strcmp(what, "job") == 0)
		return TG_SAY(&x->v, r_job);
	if (strcmp(what, "recipient") == 0)
		return TG_SAY(&x->v, r_recipient);
	if (strcmp(what, "canaries") == 0)
		return TG_SAY(&x->v, r_canaries);
	return strcmp(what, "groups") == 0 ? TG_SAY(&x->v, r_groups)
					   : TG_SAY(&x->v, r_quarantine);
}

/* A code with its words; where no code says it, what it can be. */
static const char *
stop(const struct tg_xout *x, const struct tg_json *o)
{
	const char *c = tg_json_get_str(o, "code", "");

	return c[0] == '\0' ? TG_SAY(&x->v, r_blocked)
			    : tg_arena_fmt(x->v.a, "%s  %s", c, words_of(x, c));
}

static void
stops(struct tg_xout *x)
{
	const struct tg_json *o = tg_json_get(x->v.m, "stops");
	const struct tg_json *was = tg_json_get(o, "was"),
			     *is = tg_json_get(o, "is"),
			     *unknown = tg_json_get(o, "unknown");

	for (size_t i = 0; i < tg_json_len(was); i++)
		tg_xout_line(x, TG_SAY(&x->v, r_stops),
		    TG_FILL(
			&x->v, r_stopped_line, stop(x, tg_json_at(was, i))));
	for (size_t i = 0; i < tg_json_len(is); i++)
		tg_xout_line(x, TG_SAY(&x->v, r_stops),
		    TG_FILL(&x->v, r_stops_line, stop(x, tg_json_at(is, i))));
	for (size_t i = 0; i < tg_json_len(unknown); i++)
		tg_xout_line(x, TG_SAY(&x->v, r_stops),
		    TG_FILL(&x->v, r_stops_unknown,
			doubt(x, tg_json_text(tg_json_at(unknown, i)))));
}

/* "dpo 1, legal 1; 2 persons, 30 days" */
static const char *
people(const struct tg_xout *x, const struct tg_json *o)
{
	const struct tg_json *roles = tg_json_get(o, "roles");
	const char *text = "";

	for (size_t i = 0; i < tg_json_len(roles) && text != NULL; i++) {
		const struct tg_json *r = tg_json_at(roles, i);

		text =
		    tg_arena_fmt(x->v.a, "%s%s%s %s", text, i == 0 ? "" : ", ",
			tg_json_get_str(r, "role", ""), number(x, r, "count"));
	}
	return TG_FILL(&x->v, r_people, text == NULL ? "" : text,
	    number(x, o, "distinct_persons"), number(x, o, "expires_days"));
}

static void
approvals(struct tg_xout *x)
{
	const struct tg_json *o = tg_json_get(x->v.m, "approvals");
	const char *was = people(x, tg_json_get(o, "was"));
	const char *is = people(x, tg_json_get(o, "is"));

	if (was != NULL && is != NULL && strcmp(was, is) != 0)
		tg_xout_line(x, TG_SAY(&x->v, r_approvals),
		    tg_arena_fmt(x->v.a, "%s -> %s", was, is));
}

static void
records(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "list");
	const size_t n = tg_json_len(list);
	const int64_t more = tg_json_get_int(x->v.m, "more", 0) +
	    (n > LISTED ? (int64_t)(n - LISTED) : 0);

	for (size_t i = 0; i < n && i < LISTED; i++) {
		const struct tg_json *r = tg_json_at(list, i);
		const struct tg_json *is = tg_json_get(r, "is");
		const char *why = tg_json_get_str(is, "why", "");

		tg_xout_line(x, TG_SAY(&x->v, r_record),
		    TG_FILL(&x->v, r_record_line,
			tg_json_get_str(r, "file", ""), number(x, r, "record"),
			number(x, r, "unit"),
			code(x, tg_json_get(r, "was"), "code"),
			why[0] == '\0' ? code(x, is, "code")
				       : because(x->v.lang, why)));
	}
	if (more > 0)
		tg_xout_line(
		    x, "", TG_FILL(&x->v, r_more, tg_view_int(&x->v, more)));
}

void
tg_xout_replay(struct tg_xout *x)
{
	const struct tg_json *n = tg_json_get(x->v.m, "records");
	const struct tg_json *draw_of = tg_json_get(x->v.m, "draw");
	const bool begun = tg_json_get_int(n, "read", 0) > 0 ||
	    tg_json_get_int(draw_of, "is_ppb", 0) > 0;

	tg_xout_head(x,
	    TG_FILL(&x->v, r_head, tg_json_get_str(x->v.m, "run", "")),
	    begun ? TG_FILL(&x->v, r_counts, number(x, n, "read"),
			number(x, n, "same"), number(x, n, "moved"),
			number(x, n, "unknown"))
		  : TG_SAY(&x->v, r_refused));
	moved(x);
	findings(x);
	if (begun)
		draw(x);
	stops(x);
	approvals(x);
	records(x);
}
