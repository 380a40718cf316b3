/* section_policy.c - which rules decided: files, digests, the values that
 * matter and where each comes from; the texts in the appendix. */
#include <string.h>

#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

/* The values shown: a leaf whose path is one of these or lies under one that
 * ends in '/'.  All of them are in evidence.json. */
static const char *const shown[] = {"/purposes/allow", "/purposes/deny",
    "/legal/basis_allow", "/legal/assessment_required_for",
    "/legal/special_categories", "/transfers/onward_transfer",
    "/retention/data/", "/retention/clock_starts", "/sampling/rate_default",
    "/sampling/rate_max", "/sampling/per_purpose/", "/sampling/unit",
    "/sampling/caps/", "/limits/max_tokens_per_trace", "/limits/on_exceed",
    "/redaction/on_detector_error", "/redaction/types_without_detector",
    "/anonymisation/level", "/anonymisation/k_min",
    "/anonymisation/date_granularity", "/anonymisation/free_text",
    "/anonymisation/pseudonym/", "/activations/kinds_allow",
    "/activations/kinds_deny", "/activations/on_prompt_finding",
    "/activations/on_clean", "/activations/on_span",
    "/activations/on_span_asked", "/activations/span_rows_approver",
    "/gates/residual_findings_max", "/approvals/per_bundle/",
    "/encryption/min_recipient_keys", "/logging/personal_data_in_logs"};

static bool
is_shown(const char *path)
{
	for (size_t i = 0; i < TG_COUNT(shown); i++) {
		const size_t n = strlen(shown[i]);

		if (shown[i][n - 1] == '/' ? strncmp(path, shown[i], n) == 0
					   : strcmp(path, shown[i]) == 0)
			return true;
	}
	return false;
}

static void
files(struct tg_view *v, const struct tg_json *p)
{
	const struct tg_json *list = tg_json_get(p, "files");
	const struct tg_col cols[] = {{TG_SAY(v, c_file), TG_LEFT, 30, true},
	    {TG_SAY(v, c_version), TG_LEFT, 10, false},
	    {TG_SAY(v, c_sha256), TG_LEFT, 0, false}};
	struct tg_block *t =
	    tg_doc_table(v->d, TG_SAY(v, policy_files), cols, TG_COUNT(cols));

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *f = tg_json_at(list, i);
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(v->d, row, tg_json_get_str(f, "file", "?"));
		tg_doc_text(v->d, row, tg_json_get_str(f, "version", ""));
		tg_view_mono(v, row,
		    tg_typo_digest(v->a, tg_json_get_str(f, "sha256", "?")));
	}
}

static void
leaf_row(struct tg_view *v, struct tg_block *t, const struct tg_json *l)
{
	const struct tg_json *value = tg_json_get(l, "value");
	const char *source = tg_json_get_str(l, "source", "");
	struct tg_row *row = tg_doc_row(v->d, t);

	tg_view_mono(v, row, tg_json_get_str(l, "path", "?"));
	tg_doc_text(v->d, row,
	    tg_json_kind(value) == TG_JSON_ARRAY
		? tg_view_join(v, TG_T_UNIT, value, ", ")
		: tg_json_text(value));
	tg_doc_text(v->d, row,
	    tg_arena_fmt(v->a, "%s:%lld", tg_json_get_str(l, "file", "?"),
		(long long)tg_json_get_int(l, "line", 0)));
	tg_doc_text(v->d, row, tg_view_term(v, TG_T_SOURCE, source));
}

static void
leaves(struct tg_view *v, const struct tg_json *p)
{
	const struct tg_json *list = tg_json_get(p, "leaves");
	const struct tg_col cols[] = {{TG_SAY(v, c_setting), TG_LEFT, 39, true},
	    {TG_SAY(v, c_value), TG_LEFT, 25, false},
	    {TG_SAY(v, c_from), TG_LEFT, 24, false},
	    {TG_SAY(v, c_why), TG_LEFT, 0, false}};
	struct tg_block *t =
	    tg_doc_table(v->d, TG_SAY(v, policy_leaves), cols, TG_COUNT(cols));

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *l = tg_json_at(list, i);

		if (is_shown(tg_json_get_str(l, "path", "")))
			leaf_row(v, t, l);
	}
	tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, policy_all),
	    TG_ARGS(tg_view_int(v, (int64_t)tg_json_len(list))));
}

void
tg_section_policy(struct tg_view *v)
{
	const struct tg_json *p = tg_json_get(v->m, "policy");
	const char *scope = tg_json_get_str(p, "scope_config_sha256", "");

	tg_view_section(v, "policy", TG_SAY(v, policy_title));
	tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, policy_effective),
	    TG_ARGS(tg_typo_digest(
		v->a, tg_json_get_str(p, "effective_sha256", "?"))));
	if (scope[0] != '\0')
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, scope_config),
		    TG_ARGS(tg_typo_digest(v->a, scope)));
	tg_part_exceptions(v);
	files(v, p);
	if (tg_json_len(tg_json_get(p, "leaves")) > 0)
		leaves(v, p);
	else
		(void)tg_view_has(v, p);
}

void
tg_section_texts(struct tg_view *v)
{
	const struct tg_json *list =
	    tg_json_get(tg_json_get(v->m, "policy"), "files");
	size_t n = 0;

	tg_doc_page_break(v->d);
	tg_doc_heading(v->d, 2, "texts", TG_SAY(v, appendix_title));
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *f = tg_json_at(list, i);
		const char *text = tg_json_get_str(f, "text", NULL);

		if (text == NULL)
			continue;
		n++;
		tg_doc_heading(v->d, 3, tg_arena_fmt(v->a, "text-%zu", i + 1),
		    TG_FILL(v, appendix_file, tg_json_get_str(f, "file", "?"),
			tg_json_get_str(f, "sha256", "?")));
		tg_doc_code(v->d, text);
	}
	if (n == 0)
		tg_para_status(v->d, tg_doc_para(v->d), TG_MARK_NOT_ASSESSED,
		    TG_SAY(v, appendix_none));
}
