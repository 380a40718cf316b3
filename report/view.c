#include "report/view.h"

#include <string.h>

#include "report/typo.h"
#include "report/words.h"
#include "base/banned.h"

#define JOIN_MAX (64u << 10) /* bytes of a joined list */
#define ARGS_MAX 8	     /* arguments of a finding */

const char *
tg_view_int(const struct tg_view *v, int64_t n)
{
	return tg_typo_int(v->a, v->lang, n);
}

const char *
tg_view_date(const struct tg_view *v, int64_t t)
{
	return tg_typo_date(v->a, v->lang, t);
}

const char *
tg_view_datetime(const struct tg_view *v, int64_t t)
{
	return tg_typo_datetime(v->a, v->lang, t);
}

const char *
tg_view_term(const struct tg_view *v, enum tg_term_kind kind, const char *code)
{
	const char *brought;

	if (code == NULL || tg_term_known(kind, code))
		return tg_term(v->lang, kind, code);
	brought = tg_words_find(tg_json_get(v->m, "words"), v->lang,
	    tg_arena_fmt(v->a, "%s.%s", tg_term_kind_name(kind), code));
	return brought == NULL ? code : brought;
}

const char *
tg_view_count(const struct tg_view *v, enum tg_plural_id id, int64_t n)
{
	return tg_doc_fill(
	    v->d, tg_plural(v->lang, id, n), TG_ARGS(tg_view_int(v, n)));
}

const char *
tg_view_stated(const struct tg_view *v, const char *s)
{
	return s == NULL || s[0] == '\0' ? TG_SAY(v, none_stated) : s;
}

const char *
tg_view_join(const struct tg_view *v, enum tg_term_kind kind,
    const struct tg_json *codes, const char *between)
{
	const char *text = NULL;
	struct tg_buf out;
	int rc = 0;

	tg_buf_init(&out, JOIN_MAX);
	for (size_t i = 0; rc == 0 && i < tg_json_len(codes); i++) {
		const char *code = tg_json_text(tg_json_at(codes, i));

		if (i != 0)
			rc = tg_buf_adds(&out, between, NULL);
		if (rc == 0)
			rc = tg_buf_adds(
			    &out, tg_view_term(v, kind, code), NULL);
	}
	if (rc == 0)
		text = tg_arena_str(v->a, tg_buf_sv(&out));
	tg_buf_deinit(&out);
	return text;
}

static enum tg_term_kind
kind_of(const char *name)
{
	enum tg_term_kind kind;

	return tg_term_kind_find(&kind, tg_sv_of(name)) ? kind : TG_T_UNIT;
}

const char *
tg_view_arg(const struct tg_view *v, const struct tg_json *arg)
{
	const struct tg_json *x;

	if ((x = tg_json_get(arg, "int")) != NULL)
		return tg_view_int(v, tg_json_number(x));
	if ((x = tg_json_get(arg, "ratio_ppb")) != NULL)
		return tg_typo_percent(v->a, v->lang, tg_json_number(x));
	if ((x = tg_json_get(arg, "date")) != NULL)
		return tg_view_date(v, tg_json_number(x));
	if ((x = tg_json_get(arg, "terms")) != NULL)
		return tg_view_join(v, kind_of(tg_json_text(tg_json_at(x, 0))),
		    tg_json_at(x, 1), ", ");
	return tg_json_get_str(arg, "str", "?");
}

const char *
tg_view_finding(const struct tg_view *v, const struct tg_json *row)
{
	const struct tg_json *f = tg_json_get(row, "finding");
	const struct tg_json *args = tg_json_get(f, "args");
	const char *arg[ARGS_MAX];
	size_t n = 0;

	while (n < tg_json_len(args) && n < ARGS_MAX) {
		arg[n] = tg_view_arg(v, tg_json_at(args, n));
		n++;
	}
	return tg_doc_fill(v->d,
	    tg_view_term(v, TG_T_FINDING, tg_json_get_str(f, "id", "")), arg,
	    n);
}

enum tg_mark
tg_view_mark(const char *result)
{
	if (strcmp(result, "met") == 0)
		return TG_MARK_MET;
	if (strcmp(result, "to_confirm") == 0)
		return TG_MARK_CONFIRM;
	if (strcmp(result, "not_met") == 0)
		return TG_MARK_NOT_MET;
	return TG_MARK_NOT_ASSESSED;
}

void
tg_view_section(struct tg_view *v, const char *id, const char *title)
{
	const char *no = tg_arena_fmt(v->a, "%u", ++v->section);

	tg_doc_heading(v->d, 2, id, TG_FILL(v, heading_no, no, title));
}

bool
tg_view_has(struct tg_view *v, const struct tg_json *part)
{
	if (strcmp(tg_json_get_str(part, "state", "not_assessed"),
		"not_assessed") != 0)
		return true;
	tg_para_status(v->d, tg_doc_para(v->d), TG_MARK_NOT_ASSESSED,
	    tg_json_len(part) > 2 ? TG_SAY(v, zero_none)
				  : TG_SAY(v, block_none));
	return false;
}

void
tg_view_source(struct tg_view *v, const struct tg_json *part)
{
	tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, measured),
	    TG_ARGS(tg_json_get_str(part, "src", "/")));
}

void
tg_view_declared(struct tg_view *v)
{
	const struct tg_json *p = tg_json_get(v->m, "parties");

	tg_para_fill(v->d, tg_doc_note(v->d), TG_SAY(v, declared_on),
	    TG_ARGS(tg_json_get_str(p, "by", "?"),
		tg_view_date(v, tg_json_get_int(v->m, "created", 0))));
}

void
tg_view_kv(struct tg_view *v, struct tg_block *kv, const char *label,
    enum tg_run_kind kind, const char *text)
{
	tg_para_add(v->d, tg_doc_key(v->d, kv, label), kind, text);
}

void
tg_view_mono(struct tg_view *v, struct tg_row *row, const char *text)
{
	tg_para_add(v->d, tg_doc_cell(v->d, row), TG_RUN_MONO, text);
}

void
tg_view_status(struct tg_view *v, struct tg_row *row, const char *result)
{
	tg_para_status(v->d, tg_doc_cell(v->d, row), tg_view_mark(result),
	    tg_view_term(v, TG_T_RESULT, result));
}
