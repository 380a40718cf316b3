/* section_end.c - what the report does not show, and the words it uses. */
#include <string.h>

#include "report/evidence_rows.h"
#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

/* The requirements that nothing examined, by name. */
static const char *
untested(const struct tg_view *v)
{
	const struct tg_json *rows = tg_json_get(v->m, "requirements");
	const char *out = "";

	for (size_t i = 0; out != NULL && i < tg_json_len(rows); i++) {
		const struct tg_json *r = tg_json_at(rows, i);
		const struct tg_requirement *req =
		    tg_requirement_find(tg_json_get_str(r, "id", ""));

		if (req != NULL &&
		    strcmp(tg_json_get_str(r, "result", ""), "not_assessed") ==
			0)
			out = tg_arena_fmt(v->a, "%s%s%s", out,
			    out[0] == '\0' ? "" : ", ", req->brief[v->lang]);
	}
	return out;
}

/* The policy's lines that nobody makes true, by their patterns. */
static const char *
unenforced(const struct tg_view *v)
{
	const struct tg_json *list =
	    tg_json_get(tg_json_get(v->m, "policy"), "not_enforced");
	const char *out = "";

	for (size_t i = 0; out != NULL && i < tg_json_len(list); i++)
		out = tg_arena_fmt(v->a, "%s%s%s", out, i == 0 ? "" : ", ",
		    tg_json_text(tg_json_at(list, i)));
	return out;
}

static void
item(struct tg_view *v, struct tg_block *list, const char *text)
{
	tg_para_add(v->d, tg_doc_item(v->d, list), TG_RUN_TEXT, text);
}

void
tg_section_limits(struct tg_view *v)
{
	const struct tg_json *s = tg_json_get(v->m, "sampling");
	const char *gaps = untested(v), *lines = unenforced(v);
	struct tg_block *list;

	tg_view_section(v, "limits", TG_SAY(v, limits_title));
	list = tg_doc_list(v->d);
	item(v, list, TG_SAY(v, lim_absence));
	if (gaps == NULL || gaps[0] != '\0')
		item(v, list, TG_FILL(v, lim_rows, gaps));
	if (lines == NULL || lines[0] != '\0')
		item(v, list, TG_FILL(v, lim_unenforced, lines));
	item(v, list, TG_SAY(v, coverage_blind));
	if (tg_json_get(s, "rate_ppb") != NULL)
		item(v, list,
		    TG_FILL(v, lim_rate,
			tg_typo_percent(
			    v->a, v->lang, tg_json_get_int(s, "rate_ppb", 0))));
	item(v, list, TG_SAY(v, lim_declared));
	item(v, list, TG_SAY(v, lim_recipient));
	item(v, list, TG_SAY(v, lim_signature));
}

void
tg_section_words(struct tg_view *v)
{
	static const enum tg_str_id word[][2] = {
	    {TG_S_g_activations, TG_S_g_activations_d},
	    {TG_S_g_bundle, TG_S_g_bundle_d}, {TG_S_g_digest, TG_S_g_digest_d},
	    {TG_S_g_ledger, TG_S_g_ledger_d},
	    {TG_S_g_manifest, TG_S_g_manifest_d},
	    {TG_S_g_planted, TG_S_g_planted_d},
	    {TG_S_g_pseudonym, TG_S_g_pseudonym_d},
	    {TG_S_g_seed, TG_S_g_seed_d}};
	struct tg_block *kv;

	tg_view_section(v, "words", TG_SAY(v, glossary_title));
	kv = tg_doc_key_value(v->d);
	for (size_t i = 0; i < TG_COUNT(word); i++)
		tg_view_kv(v, kv, tg_str(v->lang, word[i][0]), TG_RUN_TEXT,
		    tg_str(v->lang, word[i][1]));
}
