/* section_parties.c - who gives, who gets, why and on what basis. */
#include <string.h>

#include "report/typo.h"
#include "report/view.h"
#include "report/words.h"

#include "base/env.h"
#include "base/banned.h"

static const struct tg_json *
party(const struct tg_view *v, const char *who)
{
	return tg_json_get(tg_json_get(v->m, "parties"), who);
}

static const char *
text(const struct tg_view *v, const struct tg_json *o, const char *key)
{
	return tg_view_stated(v, tg_json_get_str(o, key, ""));
}

static void
party_row(struct tg_view *v, struct tg_block *t, const char *label,
    const struct tg_json *p, const char *role, const char *contact)
{
	struct tg_row *row = tg_doc_row(v->d, t);

	tg_doc_text(v->d, row, label);
	tg_doc_text(v->d, row, text(v, p, "legal_name"));
	tg_doc_text(v->d, row, role);
	tg_doc_text(
	    v->d, row, tg_view_term(v, TG_T_COUNTRY, text(v, p, "country")));
	tg_doc_text(v->d, row, contact);
}

static void
table(struct tg_view *v)
{
	const struct tg_json *from = party(v, "exporter");
	const struct tg_json *to = party(v, "recipient");
	const char *dpo = tg_json_get_str(from, "dpo", "");
	const struct tg_col cols[] = {{TG_SAY(v, c_party), TG_LEFT, 14, true},
	    {TG_SAY(v, c_legal_name), TG_LEFT, 26, false},
	    {TG_SAY(v, c_role), TG_LEFT, 19, false},
	    {TG_SAY(v, c_country), TG_LEFT, 14, false},
	    {TG_SAY(v, c_contact), TG_LEFT, 0, false}};
	struct tg_block *t = tg_doc_table(v->d, NULL, cols, TG_COUNT(cols));

	party_row(v, t, TG_SAY(v, exporter), from, TG_SAY(v, controller),
	    dpo[0] == '\0' ? text(v, from, "contact")
			   : TG_FILL(v, dpo_of, text(v, from, "contact"), dpo));
	party_row(v, t, TG_SAY(v, recipient), to,
	    tg_view_term(v, TG_T_PARTY, text(v, to, "role")),
	    text(v, to, "contact"));
}

static const char *
contract(const struct tg_view *v)
{
	const struct tg_json *to = party(v, "recipient");
	const struct tg_json *date = tg_json_get(to, "contract_date");
	int64_t t = tg_json_number(date);

	if (tg_json_kind(date) == TG_JSON_STR &&
	    !tg_time_parse(&t, tg_sv_of(tg_json_text(date))))
		t = 0;
	return t == 0 ? text(v, to, "contract_ref")
		      : TG_FILL(v, agreement_value, text(v, to, "contract_ref"),
			    tg_view_date(v, t));
}

/* The terms of Article 28(3) GDPR and UK GDPR, by letter. */
static void
processor_terms(struct tg_view *v)
{
	static const struct {
		const char *letter;
		enum tg_str_id text;
	} term[] = {{"–", TG_S_art28_0}, {"a", TG_S_art28_a},
	    {"b", TG_S_art28_b}, {"c", TG_S_art28_c}, {"d", TG_S_art28_d},
	    {"e", TG_S_art28_e}, {"f", TG_S_art28_f}, {"g", TG_S_art28_g},
	    {"h", TG_S_art28_h}};
	const struct tg_col cols[] = {{TG_SAY(v, c_letter), TG_LEFT, 8, false},
	    {TG_SAY(v, c_term), TG_LEFT, 0, true},
	    {TG_SAY(v, c_result), TG_LEFT, 18, false}};
	struct tg_block *t;

	tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, art28_note),
	    TG_ARGS(contract(v)));
	t = tg_doc_table(v->d, NULL, cols, TG_COUNT(cols));
	for (size_t i = 0; i < TG_COUNT(term); i++) {
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(v->d, row, term[i].letter);
		tg_doc_text(v->d, row, tg_str(v->lang, term[i].text));
		tg_view_status(v, row, "to_confirm");
	}
}

static void
art28(struct tg_view *v)
{
	const char *role = tg_json_get_str(party(v, "recipient"), "role", "");

	tg_doc_heading(v->d, 3, "art28", TG_SAY(v, art28_title));
	if (strcmp(role, "controller") == 0 ||
	    strcmp(role, "joint_controller") == 0)
		tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, art28_na),
		    TG_ARGS(tg_view_term(v, TG_T_PARTY, role)));
	else
		processor_terms(v);
}

/* A folder has nobody to ask; what a server says is known when it is sent. */
static void
stored(struct tg_view *v, struct tg_block *kv)
{
	const struct tg_json *r = tg_json_get(v->m, "residency");
	const char *where =
	    tg_view_term(v, TG_T_COUNTRY, text(v, r, "declared"));
	const char *target = tg_json_get_str(v->m, "target", "");

	if (tg_json_kind(r) != TG_JSON_OBJECT)
		return;
	tg_view_kv(v, kv, TG_SAY(v, stored), TG_RUN_TEXT,
	    tg_json_get_bool(r, "verify", false) &&
		    strncmp(target, "file:", 5) != 0
		? TG_FILL(v, stored_asked, where)
		: TG_FILL(v, stored_declared, where));
}

/* What the recipient has agreed to, in the words of the region that asks. */
static void
clauses(struct tg_view *v)
{
	const struct tg_json *list =
	    tg_json_get(party(v, "recipient"), "clauses");
	const struct tg_col cols[] = {{TG_SAY(v, c_clause), TG_LEFT, 0, true},
	    {TG_SAY(v, c_place), TG_LEFT, 30, false}};
	struct tg_block *t;

	if (tg_json_len(list) == 0)
		return;
	t = tg_doc_table(v->d, TG_SAY(v, clauses), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *c = tg_json_at(list, i);
		const char *name = tg_json_get_str(c, "clause", "?");
		const char *words = tg_words_find(tg_json_get(v->m, "words"),
		    v->lang, tg_arena_fmt(v->a, TG_WORDS_CLAUSE "%s", name));
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(v->d, row, words == NULL ? name : words);
		tg_doc_text(v->d, row, text(v, c, "ref"));
	}
}

void
tg_section_parties(struct tg_view *v)
{
	const struct tg_json *to = party(v, "recipient");
	const struct tg_json *keys =
	    tg_json_get(tg_json_get(v->m, "payload"), "recipients");
	const char *confirmed = tg_json_get_str(to, "key_confirmed", "");
	struct tg_block *kv;

	tg_view_section(v, "parties", TG_SAY(v, parties_title));
	table(v);
	kv = tg_doc_key_value(v->d);
	tg_view_kv(v, kv, TG_SAY(v, preparer), TG_RUN_TEXT,
	    text(v, party(v, "preparer"), "name"));
	tg_view_kv(v, kv, TG_SAY(v, f_agreement), TG_RUN_TEXT, contract(v));
	tg_view_kv(v, kv, TG_SAY(v, transfer), TG_RUN_TEXT,
	    TG_FILL(v, from_to,
		tg_view_term(v, TG_T_COUNTRY, text(v, v->m, "origin")),
		tg_view_term(v, TG_T_COUNTRY, text(v, to, "country"))));
	tg_view_kv(
	    v, kv, TG_SAY(v, target), TG_RUN_MONO, text(v, v->m, "target"));
	stored(v, kv);
	tg_view_kv(v, kv, TG_SAY(v, key_of), TG_RUN_MONO,
	    tg_view_join(v, TG_T_UNIT, keys, ", "));
	tg_view_kv(v, kv, TG_SAY(v, key_check), TG_RUN_TEXT,
	    tg_view_stated(v, confirmed));
	tg_view_kv(
	    v, kv, TG_SAY(v, key_made), TG_RUN_TEXT, text(v, to, "key_date"));
	tg_view_kv(v, kv, TG_SAY(v, key_kept), TG_RUN_TEXT,
	    TG_FILL(v, key_kept_v,
		strcmp(tg_json_get_str(to, "key_holder", ""), "recipient") == 0
		    ? TG_SAY(v, key_alone)
		    : text(v, to, "key_holder"),
		tg_view_term(v, TG_T_COUNTRY, text(v, to, "key_country"))));
	tg_view_kv(v, kv, TG_SAY(v, onward), TG_RUN_TEXT,
	    tg_view_term(v, TG_T_ONWARD, text(v, to, "onward_transfer")));
	tg_view_declared(v);
	clauses(v);
	art28(v);
}

void
tg_section_purpose(struct tg_view *v)
{
	const struct tg_json *p = tg_json_get(v->m, "purpose");
	const struct tg_json *leaves =
	    tg_json_get(tg_json_get(v->m, "policy"), "leaves");
	const char *special = NULL;
	struct tg_block *kv;

	for (size_t i = 0; i < tg_json_len(leaves); i++) {
		const struct tg_json *l = tg_json_at(leaves, i);

		if (strcmp(tg_json_get_str(l, "path", ""),
			"/legal/special_categories") == 0)
			special = tg_json_get_str(l, "value", NULL);
	}
	tg_view_section(v, "purpose", TG_SAY(v, purpose_title));
	kv = tg_doc_key_value(v->d);
	tg_view_kv(
	    v, kv, TG_SAY(v, f_purpose), TG_RUN_TEXT, text(v, p, "text"));
	tg_view_kv(v, kv, TG_SAY(v, purpose_id), TG_RUN_MONO, text(v, p, "id"));
	tg_view_kv(v, kv, TG_SAY(v, f_basis), TG_RUN_TEXT,
	    tg_view_term(v, TG_T_BASIS, text(v, p, "legal_basis")));
	tg_view_kv(v, kv, TG_SAY(v, assessment), TG_RUN_TEXT,
	    text(v, p, "assessment_ref"));
	tg_view_kv(v, kv, TG_SAY(v, dpia), TG_RUN_TEXT, text(v, p, "dpia_ref"));
	tg_view_kv(v, kv, TG_SAY(v, special), TG_RUN_TEXT,
	    special == NULL ? TG_SAY(v, not_assessed)
			    : tg_view_term(v, TG_T_SPECIAL, special));
	tg_view_declared(v);
}
