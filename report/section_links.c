/* section_links.c - what records can be linked by, in the bundle and with
 * earlier ones (pipeline/linkage.h has the definitions), and what became of the
 * key of the pseudonyms. */
#include <string.h>

#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

static const char *
count(const struct tg_view *v, const struct tg_json *o, const char *key)
{
	return tg_view_int(v, tg_json_get_int(o, key, 0));
}

/* "41 (1.03%)" of @all. */
static const char *
share(const struct tg_view *v, const struct tg_json *o, const char *key,
    int64_t all)
{
	const int64_t n = tg_json_get_int(o, key, 0);
	/* Counts of records: below 2^63 / 10^4. */
	const int64_t ppb = all <= 0 ? 0 : n * 10000 / all * 100000;

	return tg_arena_fmt(v->a, "%s (%s)", tg_view_int(v, n),
	    tg_typo_percent(v->a, v->lang, ppb));
}

static const char *
compared(const struct tg_view *v, const struct tg_json *l)
{
	const struct tg_json *e = tg_json_get(l, "earlier");

	if (tg_json_get_int(e, "bundles", 0) +
		tg_json_get_int(e, "not_compared", 0) ==
	    0)
		return TG_SAY(v, l_first);
	return TG_FILL(v, l_earlier_v, count(v, e, "bundles"),
	    count(v, e, "recipients"), count(v, e, "not_compared"));
}

void
tg_section_links(struct tg_view *v)
{
	const struct tg_json *l = tg_json_get(v->m, "linkability");
	const struct tg_json *values = tg_json_get(l, "values");
	const struct tg_json *unique = tg_json_get(l, "unique");
	const struct tg_json *texts = tg_json_get(l, "texts");
	const int64_t with_text = tg_json_get_int(texts, "records", 0);
	struct tg_block *kv;

	tg_doc_heading(v->d, 3, "links", TG_SAY(v, l_title));
	if (!tg_view_has(v, l))
		return;
	kv = tg_doc_key_value(v->d);
	tg_view_kv(v, kv, TG_SAY(v, l_earlier), TG_RUN_TEXT, compared(v, l));
	tg_view_kv(v, kv, TG_SAY(v, l_values), TG_RUN_TEXT,
	    TG_FILL(v, l_values_v, count(v, values, "values"),
		count(v, values, "linked_records"), count(v, l, "records"),
		count(v, values, "earlier_same_recipient"),
		count(v, values, "earlier_other_recipients")));
	tg_view_kv(v, kv, TG_SAY(v, l_unique), TG_RUN_TEXT,
	    TG_FILL(v, l_unique_v, count(v, unique, "combinations"),
		count(v, unique, "earlier")));
	tg_view_kv(v, kv, TG_SAY(v, l_texts), TG_RUN_TEXT,
	    TG_FILL(v, l_texts_v, tg_view_int(v, with_text),
		share(v, texts, "here", with_text),
		share(v, texts, "earlier", with_text)));
	tg_para_add(v->d, tg_doc_note(v->d), TG_RUN_TEXT, TG_SAY(v, l_note));
	tg_view_source(v, l);
}

/* "72e9…: destroyed on 24 November 2026, …". */
static const char *
became(const struct tg_view *v, const struct tg_json *k)
{
	const char *state = tg_json_get_str(k, "state", "");
	const char *when = tg_view_term(
	    v, TG_T_KEY_END, tg_json_get_str(k, "key_destroyed_at", ""));

	if (strcmp(state, "held") == 0)
		return TG_FILL(v, k_held, when);
	if (strcmp(state, "destroyed") == 0)
		return TG_FILL(v, k_gone,
		    tg_view_date(v, tg_json_get_int(k, "destroyed_at", 0)),
		    tg_view_term(
			v, TG_T_KEY_END, tg_json_get_str(k, "reason", "")),
		    count(v, k, "ledger_index"),
		    tg_json_get_str(k, "record_sha256", ""));
	return TG_FILL(v, k_unknown, when);
}

void
tg_part_pseudonym_key(struct tg_view *v, struct tg_block *kv)
{
	const struct tg_json *k = tg_json_get(v->m, "pseudonym_key");

	if (tg_json_len(k) == 0)
		return;
	tg_view_kv(v, kv, TG_SAY(v, k_id), TG_RUN_MONO,
	    tg_json_get_str(k, "key_id", ""));
	tg_view_kv(v, kv, TG_SAY(v, k_state), TG_RUN_TEXT, became(v, k));
}
