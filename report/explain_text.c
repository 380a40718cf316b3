/* explain_text.c - the model of answer.h as lines, in one language. */
#include <stdio.h>
#include <string.h>

#include "report/answer.h"
#include "report/explain_out.h"
#include "report/typo.h"

#include "base/banned.h"

#define DAY 86400

/* ---- lines ------------------------------------------------------------- */

static unsigned
columns(const char *s)
{
	unsigned n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void
tg_xout_line(struct tg_xout *x, const char *label, const char *text)
{
	const unsigned used = columns(label);

	if (x->rc == 0)
		x->rc = tg_buf_addf(x->out, x->err, "  %s%*s %s\n", label,
		    used < TG_XOUT_LABEL ? (int)(TG_XOUT_LABEL - used) : 0, "",
		    text == NULL ? "" : text);
}

int
tg_xout_begin(struct tg_xout *x, struct tg_buf *out,
    const struct tg_json *model, enum tg_lang lang, struct tg_err *err)
{
	struct tg_doc *d;

	/* Of the document only its memory and its sentences. */
	if (tg_doc_new(&d, lang, err) < 0)
		return -1;
	*x = (struct tg_xout){.out = out, .err = err};
	x->v = (struct tg_view){
	    .d = d, .a = tg_doc_arena(d), .lang = lang, .m = model};
	return 0;
}

int
tg_xout_end(struct tg_xout *x)
{
	if (x->rc == 0)
		x->rc = tg_doc_check(x->v.d, x->err);
	tg_doc_free(x->v.d);
	return x->rc;
}

void
tg_xout_head(struct tg_xout *x, const char *what, const char *verdict)
{
	if (x->rc == 0)
		x->rc = tg_buf_addf(x->out, x->err, "%s%s%s\n", what,
		    verdict[0] == '\0' ? "" : "  ", verdict);
}

const char *
tg_xout_words(const struct tg_xout *x, const struct tg_json *both)
{
	return tg_json_get_str(both, tg_lang_tag(x->v.lang), "");
}

/* A value of the policy: a word, a number, a set. */
static const char *
value(const struct tg_xout *x, const struct tg_json *v)
{
	const char *text = "";

	switch (tg_json_kind(v)) {
	case TG_JSON_STR:
		return tg_json_text(v);
	case TG_JSON_INT:
		return tg_arena_fmt(
		    x->v.a, "%lld", (long long)tg_json_number(v));
	case TG_JSON_ARRAY:
		for (size_t i = 0; i < tg_json_len(v) && text != NULL; i++)
			text = tg_arena_fmt(x->v.a, "%s%s%s", text,
			    i == 0 ? "[" : ", ",
			    tg_json_text(tg_json_at(v, i)));
		return tg_arena_fmt(x->v.a, "%s]", text);
	case TG_JSON_NULL:
		return "-";
	case TG_JSON_BOOL:
	case TG_JSON_REAL:
	case TG_JSON_OBJECT:
	default:
		return "...";
	}
}

static bool
lacks(const struct tg_json *model, const char *what)
{
	const struct tg_json *list = tg_json_get(model, "missing");

	for (size_t i = 0; i < tg_json_len(list); i++)
		if (strcmp(tg_json_text(tg_json_at(list, i)), what) == 0)
			return true;
	return false;
}

/* "/a/b" as "a.b". */
static const char *
dotted(const struct tg_xout *x, const char *path)
{
	char *s =
	    tg_arena_str(x->v.a, tg_sv_of(path[0] == '/' ? path + 1 : path));

	for (char *p = s; p != NULL && *p != '\0'; p++)
		if (*p == '/')
			*p = '.';
	return s == NULL ? "" : s;
}

const char *
tg_xout_rule(const struct tg_xout *x, const struct tg_json *r)
{
	const char *path = tg_json_get_str(r, "path", "");
	const char *file = tg_json_get_str(r, "file", "");
	const char *layer;

	if (path[0] == '\0')
		return TG_SAY(&x->v, x_no_rule);
	if (file[0] == '\0')
		return lacks(x->v.m, "decided")
		    ? TG_FILL(&x->v, x_no_lines, dotted(x, path))
		    : TG_FILL(&x->v, x_not_said, dotted(x, path));
	layer = tg_arena_fmt(x->v.a, "%s %s", tg_json_get_str(r, "layer", ""),
	    tg_json_get_str(r, "version", ""));
	return tg_arena_fmt(x->v.a, "%s:%lld  %s = %s   %s", file,
	    (long long)tg_json_get_int(r, "line", 0), dotted(x, path),
	    value(x, tg_json_get(r, "value")),
	    TG_FILL(&x->v, x_base, value(x, tg_json_get(r, "base")), layer));
}

void
tg_xout_why(struct tg_xout *x, const struct tg_json *o)
{
	const struct tg_json *list = tg_json_get(o, "controls");
	const char *remedy = tg_xout_words(x, tg_json_get(o, "remedy"));

	tg_xout_line(
	    x, TG_SAY(&x->v, x_rule), tg_xout_rule(x, tg_json_get(o, "rule")));
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *c = tg_json_at(list, i);

		tg_xout_line(x, TG_SAY(&x->v, x_control),
		    tg_arena_fmt(x->v.a, "%s  %s", tg_json_get_str(c, "id", ""),
			TG_FILL(&x->v, bold_term,
			    tg_json_get_str(c, "source", ""),
			    tg_xout_words(x, tg_json_get(c, "duty")))));
	}
	if (remedy[0] != '\0')
		tg_xout_line(x, TG_SAY(&x->v, x_remedy), remedy);
}

/* ---- a fact ------------------------------------------------------------ */

static const char *
number(const struct tg_xout *x, const struct tg_json *o, const char *key)
{
	return tg_view_int(&x->v, tg_json_get_int(o, key, 0));
}

static const char *
score(const struct tg_xout *x, const struct tg_json *o, const char *key)
{
	return tg_typo_fixed(x->v.a, x->v.lang, tg_json_get_int(o, key, 0), 2);
}

/* Parts per billion as a fraction: whole, so that close ones differ. */
static const char *
fraction(const struct tg_xout *x, const struct tg_json *o, const char *key)
{
	return tg_typo_fixed(x->v.a, x->v.lang, tg_json_get_int(o, key, 0), 9);
}

/* "E-mail address (EMAIL)" */
static const char *
typed(const struct tg_xout *x, const struct tg_json *f)
{
	const char *type = tg_json_get_str(f, "type", "");

	return TG_FILL(
	    &x->v, x_found_type, tg_view_term(&x->v, TG_T_TYPE, type), type);
}

static const char *
found(const struct tg_xout *x, const struct tg_json *f)
{
	const int64_t from = tg_json_get_int(f, "from", 0);
	const int64_t to = tg_json_get_int(f, "to", 0);
	const char *text = TG_FILL(&x->v, x_found, typed(x, f),
	    tg_json_get_str(f, "rule", ""), score(x, f, "score"),
	    score(x, f, "minimum"), tg_json_get_str(f, "field", ""),
	    tg_view_int(&x->v, from), tg_view_int(&x->v, to),
	    number(x, f, "of"), tg_view_int(&x->v, to - from));

	if (tg_json_get_bool(f, "checked", false))
		text = TG_FILL(&x->v, x_checked, text);
	if (tg_json_get_bool(f, "shared", false))
		text = TG_FILL(&x->v, x_shared, text);
	if (tg_json_get(f, "byte") != NULL)
		text = TG_FILL(&x->v, x_byte, text, number(x, f, "byte"));
	return text;
}

static const char *
fact(const struct tg_xout *x, const struct tg_json *f)
{
	const char *kind = tg_json_get_str(f, "kind", "");

	if (strcmp(kind, "found") == 0)
		return found(x, f);
	if (strcmp(kind, "draw") == 0)
		return TG_FILL(&x->v, x_draw_out, fraction(x, f, "number_ppb"),
		    fraction(x, f, "rate_ppb"));
	if (strcmp(kind, "capped") == 0)
		return TG_FILL(&x->v, x_capped, fraction(x, f, "number_ppb"),
		    fraction(x, f, "rate_ppb"));
	if (strcmp(kind, "tokens") == 0)
		return TG_FILL(&x->v, x_tokens, number(x, f, "value"),
		    number(x, f, "limit"));
	if (strcmp(kind, "bytes") == 0)
		return TG_FILL(&x->v, x_bytes, number(x, f, "value"),
		    number(x, f, "limit"));
	if (strcmp(kind, "age") == 0)
		return TG_FILL(&x->v, x_age,
		    tg_view_date(&x->v, tg_json_get_int(f, "day", 0) * DAY),
		    tg_view_date(&x->v, tg_json_get_int(f, "oldest", 0)));
	if (strcmp(kind, "k") == 0)
		return TG_FILL(
		    &x->v, x_k, number(x, f, "value"), number(x, f, "limit"));
	if (strcmp(kind, "l") == 0)
		return TG_FILL(
		    &x->v, x_l, number(x, f, "value"), number(x, f, "limit"));
	if (strcmp(kind, "place") == 0)
		return TG_FILL(&x->v, x_place, number(x, f, "bytes"),
		    number(x, f, "offset"));
	return NULL;
}

static const char *
let_through(const struct tg_xout *x, const struct tg_json *e)
{
	const char *kind = tg_json_get_str(e, "kind", "");

	if (strcmp(kind, "draw") == 0)
		return TG_FILL(&x->v, x_e_draw, fraction(x, e, "number_ppb"),
		    fraction(x, e, "rate_ppb"));
	if (strcmp(kind, "findings") == 0)
		return tg_view_count(
		    &x->v, TG_P_x_e_findings, tg_json_get_int(e, "value", 0));
	if (strcmp(kind, "tokens") == 0)
		return TG_FILL(&x->v, x_e_tokens, number(x, e, "value"),
		    number(x, e, "limit"));
	if (strcmp(kind, "k") == 0)
		return TG_FILL(
		    &x->v, x_e_k, number(x, e, "value"), number(x, e, "limit"));
	return TG_FILL(&x->v, x_e_kept, tg_json_get_str(e, "stage", ""));
}

/* ---- a record ---------------------------------------------------------- */

static const char *
where(const struct tg_xout *x, const struct tg_json *r, const char *id)
{
	const char *file = tg_json_get_str(r, "file", "");
	const int64_t record = tg_json_get_int(r, "record", 0);
	const int64_t unit = tg_json_get_int(r, "unit", 0);
	const char *at =
	    tg_arena_fmt(x->v.a, "%s:%lld", file, (long long)record);

	if (file[0] == '\0')
		return TG_FILL(&x->v, x_where_record, id);
	if (record == 0)
		return TG_FILL(&x->v, x_where_file, file);
	if (unit == 0)
		return TG_FILL(&x->v, x_where_record, at);
	return TG_FILL(&x->v, x_where, at, tg_view_int(&x->v, unit));
}

static void
before(struct tg_xout *x, const struct tg_json *list)
{
	const char *text = "";

	for (size_t i = 0; i < tg_json_len(list) && text != NULL; i++)
		text = tg_arena_fmt(x->v.a, "%s%s%s", text, i == 0 ? "" : " · ",
		    let_through(x, tg_json_at(list, i)));
	if (tg_json_len(list) > 0)
		tg_xout_line(x, TG_SAY(&x->v, x_earlier), text);
}

/* What was found in a record that is in the bundle, and what became of it. */
static void
done(struct tg_xout *x, const struct tg_json *r)
{
	const struct tg_json *list = tg_json_get(r, "found");
	const int64_t more = tg_json_get_int(r, "more", 0);

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *f = tg_json_at(list, i);

		tg_xout_line(x, TG_SAY(&x->v, x_done),
		    TG_FILL(&x->v, x_done_line, typed(x, f),
			tg_view_term(&x->v, TG_T_ACTION,
			    tg_json_get_str(f, "action", "")),
			tg_json_get_str(f, "field", ""), number(x, f, "from"),
			number(x, f, "to"), number(x, f, "of")));
	}
	if (more > 0)
		tg_xout_line(x, TG_SAY(&x->v, x_done),
		    TG_FILL(&x->v, x_done_more, tg_view_int(&x->v, more)));
}

static void
record(struct tg_xout *x, const struct tg_json *r, const char *id)
{
	const char *stage = tg_json_get_str(r, "stage", "");
	const char *code = tg_json_get_str(r, "code", "");
	const char *text;

	if (code[0] == '\0') {
		tg_xout_head(x, where(x, r, id),
		    TG_FILL(&x->v, x_kept,
			tg_view_term(&x->v, TG_T_STATUS,
			    tg_json_get_str(x->v.m, "state", ""))));
		done(x, r);
		before(x, tg_json_get(r, "earlier"));
		return;
	}
	tg_xout_head(x, where(x, r, id),
	    TG_FILL(&x->v, x_dropped, stage, number(x, r, "stage_no"),
		number(x, r, "stages")));
	tg_xout_line(x, TG_SAY(&x->v, x_code),
	    tg_arena_fmt(x->v.a, "%s  %s", code,
		tg_xout_words(x, tg_json_get(r, "words"))));
	text = fact(x, tg_json_get(r, "fact"));
	if (text == NULL)
		text = strcmp(code, "SMP-OUT") == 0 ? TG_SAY(&x->v, x_not_drawn)
						    : TG_SAY(&x->v, x_no_fact);
	tg_xout_line(x, TG_SAY(&x->v, x_fact), text);
	tg_xout_why(x, r);
	before(x, tg_json_get(r, "earlier"));
}

/* What the manifest says of all records, where each one's facts are gone. */
static void
funnel(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "funnel");

	tg_xout_head(x,
	    tg_json_len(list) > 0 ? TG_SAY(&x->v, x_facts_gone)
				  : TG_SAY(&x->v, x_nothing_left),
	    "");
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *s = tg_json_at(list, i);
		const struct tg_json *d = tg_json_get(s, "dropped");

		for (size_t k = 0; k < tg_json_len(d); k++) {
			const struct tg_json *c = tg_json_at(d, k);
			const char *code = tg_json_get_str(c, "code", "");

			tg_xout_line(x, tg_json_get_str(s, "stage", ""),
			    tg_arena_fmt(x->v.a, "%s  %s  %s",
				number(x, c, "n"), code,
				tg_view_term(&x->v, TG_T_REASON, code)));
		}
	}
}

void
tg_xout_record(struct tg_xout *x)
{
	const struct tg_json *list = tg_json_get(x->v.m, "records");
	const char *id = tg_json_get_str(x->v.m, "id", "");
	const int64_t more = tg_json_get_int(x->v.m, "more", 0);

	for (size_t i = 0; i < tg_json_len(list); i++) {
		if (i > 0)
			tg_xout_head(x, "", "");
		record(x, tg_json_at(list, i), id);
	}
	if (more > 0)
		tg_xout_head(
		    x, TG_FILL(&x->v, x_more, tg_view_int(&x->v, more)), "");
	if (tg_json_len(list) > 0)
		return;
	if (lacks(x->v.m, "facts"))
		funnel(x);
	else
		tg_xout_head(x,
		    TG_FILL(&x->v, x_unsure,
			tg_view_term(&x->v, TG_T_UNIT,
			    tg_json_get_str(x->v.m, "drawn_by", ""))),
		    "");
}

/* ---- all --------------------------------------------------------------- */

int
tg_explain_text(struct tg_buf *out, const struct tg_json *model,
    enum tg_lang lang, struct tg_err *err)
{
	struct tg_xout x;

	if (tg_xout_begin(&x, out, model, lang, err) < 0)
		return -1;
	if (strcmp(tg_json_get_str(model, "asked", ""), "record") == 0)
		tg_xout_record(&x);
	else if (strcmp(tg_json_get_str(model, "asked", ""), "replay") == 0)
		tg_xout_replay(&x);
	else
		tg_xout_bundle(&x);
	return tg_xout_end(&x);
}
