/* section_groups.c - the groups of people who look alike: k, l, what was
 * removed, the risks, the histogram (pipeline/classes.h has the definitions).
 */
#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

#define PPB INT64_C(1000000000)

static const char *
percent(const struct tg_view *v, const struct tg_json *o, const char *key)
{
	return tg_typo_percent(
	    v->a, v->lang, tg_typo_up(tg_json_get_int(o, key, 0)));
}

static const char *
count(const struct tg_view *v, const struct tg_json *o, const char *key)
{
	return tg_view_int(v, tg_json_get_int(o, key, 0));
}

static const char *
removed(const struct tg_view *v, const struct tg_json *a)
{
	const struct tg_json *below = tg_json_get(a, "below");
	const struct tg_json *read = tg_json_get(a, "read");
	const int64_t all = tg_json_get_int(read, "records", 0);
	const int64_t gone = tg_json_get_int(a, "suppressed", 0);
	/* all and gone are counts of records: below 2^63 / 10^4. */
	const int64_t ppb = all == 0 ? 0 : gone * 10000 / all * (PPB / 10000);

	if (!tg_json_get_bool(a, "enforced", false))
		return TG_FILL(v, g_stayed, count(v, below, "k"),
		    count(v, below, "l"), tg_view_int(v, all));
	return TG_FILL(v, g_removed, count(v, below, "k"), count(v, below, "l"),
	    tg_view_int(v, all), tg_typo_percent(v->a, v->lang, ppb),
	    percent(v, a, "max_suppressed_ppb"));
}

static const char *
health(const struct tg_view *v, const struct tg_json *a,
    const struct tg_json *left)
{
	if (tg_json_get_int(left, "health_classes", 0) == 0)
		return TG_FILL(v, g_health_none, count(v, a, "k_health"));
	return TG_FILL(v, g_health_v, count(v, left, "health_smallest"),
	    count(v, a, "k_health"), count(v, left, "health_records"));
}

static void
risks(struct tg_view *v, struct tg_block *kv, const struct tg_json *left)
{
	tg_view_kv(v, kv, TG_SAY(v, g_prosecutor), TG_RUN_TEXT,
	    TG_FILL(v, g_prosecutor_v, percent(v, left, "prosecutor_max_ppb"),
		percent(v, left, "prosecutor_mean_ppb")));
	tg_view_kv(v, kv, TG_SAY(v, g_journalist), TG_RUN_TEXT,
	    TG_FILL(v, g_journalist_v, percent(v, left, "prosecutor_max_ppb")));
	tg_view_kv(v, kv, TG_SAY(v, g_marketer), TG_RUN_TEXT,
	    percent(v, left, "marketer_ppb"));
}

static void
figures(struct tg_view *v, const struct tg_json *a)
{
	const struct tg_json *left = tg_json_get(a, "left");
	const struct tg_json *by = tg_json_get(a, "subjects_by");
	struct tg_block *kv = tg_doc_key_value(v->d);

	tg_view_kv(v, kv, TG_SAY(v, g_k), TG_RUN_BOLD,
	    TG_FILL(v, g_k_v, count(v, left, "smallest"), count(v, a, "k")));
	if (tg_json_get_int(a, "k_health", 0) > 0)
		tg_view_kv(v, kv, TG_SAY(v, g_health), TG_RUN_TEXT,
		    health(v, a, left));
	tg_view_kv(v, kv, TG_SAY(v, g_enforced), TG_RUN_TEXT, removed(v, a));
	tg_view_kv(v, kv, TG_SAY(v, g_people), TG_RUN_TEXT,
	    TG_FILL(v, g_people_v, count(v, left, "subjects"),
		count(v, by, "person"), count(v, by, "session"),
		count(v, by, "trace"), count(v, by, "record")));
	tg_view_kv(v, kv, TG_SAY(v, g_l), TG_RUN_TEXT,
	    tg_json_get_int(left, "with_value", 0) == 0
		? TG_SAY(v, g_l_none)
		: TG_FILL(v, g_l_v, count(v, left, "l")));
	risks(v, kv, left);
}

/* "3 to 4", "10,000 and more". */
static const char *
size_of(const struct tg_view *v, const struct tg_json *list, size_t i)
{
	const int64_t from = tg_json_get_int(tg_json_at(list, i), "from", 0);
	const int64_t to = i + 1 < tg_json_len(list)
	    ? tg_json_get_int(tg_json_at(list, i + 1), "from", 0) - 1
	    : 0;

	if (to == 0)
		return TG_FILL(v, g_size_from, tg_view_int(v, from));
	if (from == to)
		return tg_view_int(v, from);
	return tg_arena_fmt(
	    v->a, "%s\xe2\x80\x93%s", tg_view_int(v, from), tg_view_int(v, to));
}

static void
histogram(struct tg_view *v, const struct tg_json *list)
{
	const struct tg_col cols[] = {{TG_SAY(v, c_size), TG_LEFT, 40, true},
	    {TG_SAY(v, c_groups), TG_RIGHT, 30, false},
	    {TG_SAY(v, c_g_records), TG_RIGHT, 0, false}};
	struct tg_block *t =
	    tg_doc_table(v->d, TG_SAY(v, g_table), cols, TG_COUNT(cols));

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *b = tg_json_at(list, i);
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(v->d, row, size_of(v, list, i));
		tg_doc_text(v->d, row, count(v, b, "classes"));
		tg_doc_text(v->d, row, count(v, b, "records"));
	}
}

void
tg_section_groups(struct tg_view *v)
{
	const struct tg_json *a = tg_json_get(v->m, "anonymity");
	const struct tg_json *left = tg_json_get(a, "left");

	if (tg_json_get(a, "measured") == NULL)
		return; /* the requirements say that it was not run */
	tg_doc_heading(v->d, 3, "groups", TG_SAY(v, g_title));
	if (tg_json_get_int(left, "classes", 0) == 0) {
		tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
		    tg_json_get_bool(a, "measured", false)
			? TG_SAY(v, not_assessed)
			: TG_SAY(v, g_none));
		return;
	}
	tg_para_add(v->d, tg_doc_para(v->d), TG_RUN_TEXT,
	    TG_FILL(v, g_what,
		tg_view_join(v, TG_T_FIELD, tg_json_get(a, "fields"), ", ")));
	figures(v, a);
	histogram(v, tg_json_get(left, "histogram"));
	tg_para_add(
	    v->d, tg_doc_note(v->d), TG_RUN_TEXT, TG_SAY(v, g_risk_note));
	tg_view_source(v, a);
}
