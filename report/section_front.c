/* section_front.c - the decision page: one sheet of A4 in both languages,
 * whatever the fields hold.  Long values are cut here and stand in full in
 * their sections. */
#include <string.h>

#include "report/evidence_rows.h"
#include "report/typo.h"
#include "report/view.h"

#include "base/env.h"
#include "base/banned.h"

enum {
	CUT_NAME = 50,	   /* code points of a party's name */
	CUT_PURPOSE = 110, /* of the purpose */
	CUT_REF = 36,	   /* of a reference */
	CUT_ROLE = 36,	   /* of a capacity */
	CUT_SIGNER = 26,   /* of a signer's name */
	CUT_LIST = 100,	   /* of a joined list */
	POINTS_FULL = 4,   /* more open points than this are named in short, */
	POINTS_BRIEF = 10, /* more than this by their number alone, */
	POINTS_TIGHT = 5,  /* or than this where values are long */
	ROOMY_TEXT = 160,  /* code points of all values, for full sentences */
	ROOMY_SIGN = 2,	   /* signatures, likewise */
	ROLE_MAX = 99,	   /* signatures of one role */
	SIGN_ROWS = 3,	   /* rows for signatures; more are counted */
	DIGEST_HEAD = 16   /* digits of a digest where it is only a reminder */
};

static const char *
cut(const struct tg_view *v, const char *s, size_t max)
{
	return tg_typo_cut(v->a, tg_view_stated(v, s), max);
}

static const char *
member(const struct tg_view *v, const char *part, const char *key)
{
	return tg_json_get_str(tg_json_get(v->m, part), key, "");
}

static const struct tg_json *
recipient(const struct tg_view *v)
{
	return tg_json_get(tg_json_get(v->m, "parties"), "recipient");
}

static const char *
purpose(const struct tg_view *v)
{
	const char *text = member(v, "purpose", "text");

	if (text[0] == '\0')
		text = member(v, "purpose", "id");
	return cut(v, text, CUT_PURPOSE);
}

static int64_t
role_count(const struct tg_json *role)
{
	const int64_t n = tg_json_get_int(role, "count", 1);

	return n < 0 ? 0 : n > ROLE_MAX ? ROLE_MAX : n;
}

static int64_t
signatures_needed(const struct tg_view *v)
{
	const struct tg_json *roles =
	    tg_json_get(tg_json_get(v->m, "approvals"), "roles");
	int64_t n = 0;

	for (size_t i = 0; i < tg_json_len(roles); i++)
		n += role_count(tg_json_at(roles, i));
	return n;
}

static void
say_sent(struct tg_view *v)
{
	const char *is_sent = tg_json_get_str(v->m, "sent", "");
	struct tg_para *p = tg_doc_para(v->d);

	if (strcmp(is_sent, "yes") == 0) {
		tg_para_add(v->d, p, TG_RUN_BOLD, TG_SAY(v, sent));
	} else if (strcmp(is_sent, "no") == 0) {
		tg_para_add(v->d, p, TG_RUN_BOLD, TG_SAY(v, not_sent));
		tg_para_add(v->d, p, TG_RUN_TEXT, " ");
		tg_para_add(v->d, p, TG_RUN_TEXT,
		    tg_view_count(
			v, TG_P_not_sent_until, signatures_needed(v)));
	} else {
		tg_para_add(v->d, p, TG_RUN_BOLD, TG_SAY(v, sending));
	}
}

static void
ask(struct tg_view *v)
{
	const struct tg_json *r = recipient(v);
	const int64_t records =
	    tg_json_get_int(tg_json_get(v->m, "records"), "count", 0);
	const int64_t until =
	    tg_json_get_int(tg_json_get(v->m, "retention"), "delete_after", 0);

	tg_doc_open(v->d, TG_BOX_ASK, TG_SAY(v, ask_title));
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, ask),
	    TG_ARGS(tg_view_count(v, TG_P_records, records),
		cut(v, tg_json_get_str(r, "legal_name", ""), CUT_NAME),
		tg_view_term(v, TG_T_COUNTRY,
		    tg_view_stated(v, tg_json_get_str(r, "country", ""))),
		tg_typo_quote(v->a, v->lang, purpose(v)),
		until == 0 ? TG_SAY(v, none_stated) : tg_view_date(v, until)));
	say_sent(v);
	tg_doc_close(v->d);
}

static size_t
count_result(const struct tg_view *v, const char *result)
{
	const struct tg_json *rows = tg_json_get(v->m, "requirements");
	size_t n = 0;

	for (size_t i = 0; i < tg_json_len(rows); i++)
		if (strcmp(tg_json_get_str(tg_json_at(rows, i), "result", ""),
			result) == 0)
			n++;
	return n;
}

/* "To confirm: row 5 (recipient's key), row 6 (transfer abroad)." */
static void
points_short(struct tg_view *v, const char *result, bool bare)
{
	const struct tg_json *rows = tg_json_get(v->m, "requirements");
	struct tg_para *p = tg_doc_para(v->d);
	const char *between = " ";

	tg_para_add(v->d, p, TG_RUN_BOLD,
	    strcmp(result, "not_met") == 0 ? TG_SAY(v, points_not_met)
		: strcmp(result, "to_confirm") == 0
		? TG_SAY(v, points_to_confirm)
		: TG_SAY(v, points_not_assessed));
	for (size_t i = 0; i < tg_json_len(rows); i++) {
		const struct tg_json *r = tg_json_at(rows, i);
		const struct tg_requirement *req =
		    tg_requirement_find(tg_json_get_str(r, "id", ""));

		const char *no = tg_view_int(v, tg_json_get_int(r, "row", 0));

		if (strcmp(tg_json_get_str(r, "result", ""), result) != 0)
			continue;
		tg_para_add(v->d, p, TG_RUN_TEXT, between);
		tg_para_add(v->d, p, TG_RUN_TEXT,
		    bare || req == NULL
			? TG_FILL(v, point_bare, no)
			: TG_FILL(v, point_short, no, req->brief[v->lang]));
		between = ", ";
	}
	tg_para_add(v->d, p, TG_RUN_TEXT, ".");
}

static void
points_full(struct tg_view *v, const char *result)
{
	const struct tg_json *rows = tg_json_get(v->m, "requirements");

	for (size_t i = 0; i < tg_json_len(rows); i++) {
		const struct tg_json *r = tg_json_at(rows, i);
		const struct tg_requirement *req =
		    tg_requirement_find(tg_json_get_str(r, "id", ""));
		struct tg_para *p;

		if (strcmp(tg_json_get_str(r, "result", ""), result) != 0)
			continue;
		p = tg_doc_para(v->d);
		tg_para_add(v->d, p, TG_RUN_BOLD,
		    TG_FILL(v, point_row,
			tg_view_int(v, tg_json_get_int(r, "row", 0))));
		tg_para_add(v->d, p, TG_RUN_TEXT, " ");
		tg_para_add(v->d, p, TG_RUN_TEXT,
		    req == NULL ? "?" : req->point[v->lang]);
	}
}

static size_t
length(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xC0u) != 0x80u;
	return n;
}

/* Whether the values leave room on the sheet for whole sentences. */
static bool
is_roomy(const struct tg_view *v)
{
	const struct tg_json *r = recipient(v);

	return signatures_needed(v) <= ROOMY_SIGN &&
	    length(tg_json_get_str(r, "legal_name", "")) +
		length(tg_json_get_str(r, "contract_ref", "")) +
		length(member(v, "purpose", "text")) +
		length(member(v, "purpose", "assessment_ref")) <=
	    ROOMY_TEXT;
}

static void
points(struct tg_view *v)
{
	static const char *const order[] = {"not_met", "to_confirm"};
	const size_t judged =
	    count_result(v, "not_met") + count_result(v, "to_confirm");
	const size_t unknown = count_result(v, "not_assessed");
	const bool bare =
	    judged + unknown > (is_roomy(v) ? POINTS_BRIEF : POINTS_TIGHT);

	tg_doc_open(v->d, TG_BOX_ATTENTION,
	    judged + unknown == 0
		? TG_SAY(v, no_points)
		: tg_view_count(v, TG_P_points, (int64_t)(judged + unknown)));
	for (size_t i = 0; i < TG_COUNT(order); i++) {
		if (count_result(v, order[i]) == 0)
			continue;
		if (judged <= POINTS_FULL && is_roomy(v))
			points_full(v, order[i]);
		else
			points_short(v, order[i], bare);
	}
	if (unknown > 0)
		points_short(v, "not_assessed", bare);
	tg_doc_close(v->d);
}

static void
score(struct tg_view *v)
{
	const struct tg_json *s = tg_json_get(v->m, "summary");
	struct tg_para *p;

	tg_doc_open(v->d, TG_BOX_SCORE, NULL);
	p = tg_doc_para(v->d);
	tg_para_add(v->d, p, TG_RUN_BOLD,
	    TG_FILL(v, score, tg_view_int(v, tg_json_get_int(s, "met", 0)),
		tg_view_int(v, tg_json_get_int(s, "total", 0))));
	tg_para_add(v->d, p, TG_RUN_TEXT, " ");
	tg_para_add(v->d, p, TG_RUN_TEXT,
	    TG_FILL(v, score_rest,
		tg_view_int(v, tg_json_get_int(s, "to_confirm", 0)),
		tg_view_int(v, tg_json_get_int(s, "not_assessed", 0)),
		tg_view_int(v, tg_json_get_int(s, "not_met", 0))));
	tg_doc_close(v->d);
}

static const char *
agreement(const struct tg_view *v)
{
	const struct tg_json *r = recipient(v);
	const char *ref =
	    cut(v, tg_json_get_str(r, "contract_ref", ""), CUT_REF);
	const struct tg_json *date = tg_json_get(r, "contract_date");
	int64_t t = tg_json_number(date);

	if (tg_json_kind(date) == TG_JSON_STR &&
	    !tg_time_parse(&t, tg_sv_of(tg_json_text(date))))
		t = 0;
	return t == 0 ? ref
		      : TG_FILL(v, agreement_value, ref, tg_view_date(v, t));
}

static const char *
basis(const struct tg_view *v)
{
	const char *code = member(v, "purpose", "legal_basis");
	const char *words = code[0] == '\0'
	    ? TG_SAY(v, none_stated)
	    : cut(v, tg_view_term(v, TG_T_BASIS, code), CUT_NAME);
	const char *ref = member(v, "purpose", "assessment_ref");

	return ref[0] == '\0'
	    ? words
	    : TG_FILL(v, basis_value, words, cut(v, ref, CUT_REF));
}

static const char *
policy(const struct tg_view *v)
{
	const char *digest = member(v, "policy", "effective_sha256");
	const char *regions =
	    tg_view_join(v, TG_T_REGION, tg_json_get(v->m, "regions"), " + ");
	const char *head = tg_arena_fmt(v->a, "%.*s", (int)DIGEST_HEAD, digest);

	if (digest[0] == '\0' || regions == NULL)
		return TG_SAY(v, not_assessed);
	return TG_FILL(v, policy_value, cut(v, regions, CUT_NAME), head);
}

static int64_t
payload_bytes(const struct tg_view *v)
{
	const struct tg_json *vol =
	    tg_json_get(tg_json_get(v->m, "payload"), "volumes");
	int64_t n = 0;

	for (size_t i = 0; i < tg_json_len(vol); i++)
		n += tg_json_get_int(tg_json_at(vol, i), "bytes", 0);
	return n;
}

/* The formats of the source, each once. */
static const char *
formats(const struct tg_view *v)
{
	const struct tg_json *src = tg_json_get(v->m, "source");
	const char *out = "";

	for (size_t i = 0; i < tg_json_len(src); i++) {
		const char *f =
		    tg_json_get_str(tg_json_at(src, i), "format", "?");
		const char *words = tg_view_term(v, TG_T_FORMAT, f);

		if (out != NULL && strstr(out, words) == NULL)
			out = tg_arena_fmt(v->a, "%s%s%s", out,
			    out[0] == '\0' ? "" : ", ", words);
	}
	return out == NULL ? NULL : cut(v, out, CUT_LIST / 2);
}

static void
facts(struct tg_view *v)
{
	const struct tg_json *r = recipient(v);
	const struct tg_json *keep = tg_json_get(v->m, "retention");
	const struct tg_json *payload = tg_json_get(v->m, "payload");
	const int64_t volumes =
	    (int64_t)tg_json_len(tg_json_get(payload, "volumes"));
	const int64_t keys =
	    (int64_t)tg_json_len(tg_json_get(payload, "recipients"));
	const int64_t until = tg_json_get_int(keep, "delete_after", 0);
	struct tg_block *kv;

	tg_view_section(v, "facts", TG_SAY(v, key_facts));
	kv = tg_doc_key_value(v->d);
	tg_view_kv(v, kv, TG_SAY(v, f_recipient), TG_RUN_TEXT,
	    TG_FILL(v, recipient_value,
		cut(v, tg_json_get_str(r, "legal_name", ""), CUT_NAME),
		tg_view_term(v, TG_T_COUNTRY,
		    tg_view_stated(v, tg_json_get_str(r, "country", ""))),
		cut(v,
		    tg_view_term(v, TG_T_PARTY, tg_json_get_str(r, "role", "")),
		    CUT_REF)));
	tg_view_kv(v, kv, TG_SAY(v, f_agreement), TG_RUN_TEXT, agreement(v));
	tg_view_kv(v, kv, TG_SAY(v, f_basis), TG_RUN_TEXT, basis(v));
	tg_view_kv(v, kv, TG_SAY(v, f_policy), TG_RUN_TEXT, policy(v));
	tg_view_kv(v, kv, TG_SAY(v, f_leaves), TG_RUN_TEXT,
	    TG_FILL(v, leaves_value,
		tg_view_count(v, TG_P_records,
		    tg_json_get_int(tg_json_get(v->m, "records"), "count", 0)),
		tg_typo_bytes(v->a, v->lang, payload_bytes(v)),
		tg_view_count(v, TG_P_volumes, volumes), formats(v)));
	tg_view_kv(v, kv, TG_SAY(v, f_kept), TG_RUN_TEXT,
	    until == 0 ? TG_SAY(v, none_stated)
		       : TG_FILL(v, kept_value,
			     tg_view_int(v, tg_json_get_int(keep, "days", 0)),
			     tg_view_date(v, until)));
	tg_view_kv(v, kv, TG_SAY(v, f_protection), TG_RUN_TEXT,
	    keys == 0 ? TG_SAY(v, not_assessed)
		      : tg_view_count(v, TG_P_protection_value, keys));
}

/* The @k-th valid approval of @role, or NULL. */
static const struct tg_json *
approval(const struct tg_view *v, const char *role, int64_t k)
{
	const struct tg_json *list =
	    tg_json_get(tg_json_get(v->m, "approvals"), "signed");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *s = tg_json_at(list, i);

		if (tg_json_get_bool(s, "counts", false) &&
		    strcmp(tg_json_get_str(s, "role", ""), role) == 0 &&
		    k-- == 0)
			return s;
	}
	return NULL;
}

static void
sign_row(struct tg_view *v, struct tg_block *t, const char *role, int64_t k)
{
	const struct tg_json *s = approval(v, role, k);
	const struct tg_json *who = tg_json_get(s, "signer");
	struct tg_row *row = tg_doc_row(v->d, t);

	tg_doc_text(
	    v->d, row, cut(v, tg_view_term(v, TG_T_ROLE, role), CUT_ROLE));
	if (s == NULL)
		return;
	tg_doc_text(
	    v->d, row, cut(v, tg_json_get_str(who, "name", ""), CUT_SIGNER));
	tg_doc_text(
	    v->d, row, tg_view_date(v, tg_json_get_int(s, "signed_at", 0)));
	tg_doc_text(v->d, row,
	    TG_FILL(v, signed_electronically,
		tg_view_term(
		    v, TG_T_DECISION, tg_json_get_str(s, "decision", ""))));
}

static void
signatures(struct tg_view *v)
{
	const struct tg_json *roles =
	    tg_json_get(tg_json_get(v->m, "approvals"), "roles");
	const struct tg_col cols[] = {
	    {TG_SAY(v, c_capacity), TG_LEFT, 36, true},
	    {TG_SAY(v, c_name), TG_LEFT, 22, false},
	    {TG_SAY(v, c_date), TG_LEFT, 19, false},
	    {TG_SAY(v, c_signature), TG_LEFT, 0, false}};
	struct tg_block *t = tg_doc_sign(v->d, cols, TG_COUNT(cols));
	const int64_t all = signatures_needed(v);
	/* The last row says how many more when they do not fit. */
	const int64_t max = all > SIGN_ROWS ? SIGN_ROWS - 1 : all;
	int64_t shown = 0;

	for (size_t i = 0; i < tg_json_len(roles); i++) {
		const struct tg_json *r = tg_json_at(roles, i);
		const int64_t n = role_count(r);

		for (int64_t k = 0; k < n && shown < max; k++, shown++)
			sign_row(v, t, tg_json_get_str(r, "role", "?"), k);
	}
	if (all > shown)
		tg_doc_text(v->d, tg_doc_row(v->d, t),
		    TG_FILL(v, more_roles, tg_view_int(v, all - shown)));
}

static void
decision(struct tg_view *v)
{
	struct tg_block *c;

	tg_view_section(v, "decision", TG_SAY(v, decision_title));
	tg_para_add(
	    v->d, tg_doc_note(v->d), TG_RUN_TEXT, TG_SAY(v, decision_note));
	tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, decision_digest),
	    TG_ARGS(tg_typo_digest(
		v->a, tg_json_get_str(v->m, "manifest_sha256", "?"))));
	c = tg_doc_choices(v->d);
	tg_doc_choice(v->d, c, TG_SAY(v, approved));
	tg_doc_choice(v->d, c, TG_SAY(v, approved_cond));
	tg_doc_choice(v->d, c, TG_SAY(v, refused));
	tg_doc_field(v->d, TG_SAY(v, conditions), "");
	signatures(v);
}

void
tg_section_front(struct tg_view *v)
{
	ask(v);
	score(v);
	points(v);
	facts(v);
	decision(v);
	tg_doc_page_break(v->d);
}
