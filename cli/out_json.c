/* out_json.c - findings as objects: one document, or one a line. */
#include "base/json.h"
#include "cli/seen.h"
#include "base/banned.h"

static int
set_or_null(struct tg_json *o, const char *key, const char *v)
{
	return v == NULL ? tg_json_set(o, key, tg_json_null())
			 : tg_json_set_str(o, key, v);
}

static struct tg_json *
score(const struct tg_why *w)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(o, "base", w->base);
	bad |= tg_json_set_int(o, "valid", w->valid);
	bad |= tg_json_set_int(o, "context", w->context);
	bad |= tg_json_set_int(o, "whole", w->whole);
	bad |= tg_json_set_int(o, "total", w->score);
	bad |= tg_json_set_int(o, "minimum", w->minimum);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
context(const struct tg_why *w)
{
	struct tg_json *o;
	int bad = 0;

	if (w->list == NULL)
		return tg_json_null();
	o = tg_json_object();
	bad |= tg_json_set_str(o, "list", w->list);
	bad |= set_or_null(o, "place", w->place);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
conflicts(const struct tg_seen *s)
{
	struct tg_json *a = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < s->n_conflict; i++) {
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "rule", s->conflict[i]->id);
		bad |= tg_json_set_str(o, "type", s->conflict[i]->type);
		bad |= tg_json_push(a, o);
	}
	if (!bad)
		return a;
	tg_json_free(a);
	return NULL;
}

static int
explain(struct tg_json *o, struct tg_report *r, const struct tg_seen *s)
{
	const struct tg_why *w = s->why;
	struct tg_json *e;
	int bad = 0;

	bad |= tg_json_set_str(o, "state", tg_seen_state_name(s->state));
	bad |= set_or_null(o, "suppressed_by", tg_seen_suppressed(s->state));
	bad |= tg_json_set_str(o, "category", s->rule->category);
	bad |= tg_json_set_str(o, "pack", tg_seen_pack(r->cli, s->rule->pack));
	bad |= tg_json_set_int(o, "line", s->rule->line);
	bad |= tg_json_set(o, "conflicts", conflicts(s));
	if (w == NULL)
		return bad | tg_json_set(o, "explain", tg_json_null());
	e = tg_json_object();
	tg_buf_reset(&r->text);
	bad |= tg_seen_view(&r->text, w, NULL);
	bad |= set_or_null(e, "validator", w->validator);
	bad |= tg_json_set_str(e, "verdict", w->verdict);
	bad |= tg_json_set(e, "score", score(w));
	bad |= tg_json_set(e, "context", context(w));
	bad |= tg_json_set_sv(e, "view", tg_buf_sv(&r->text));
	return bad | tg_json_set(o, "explain", e);
}

int
tg_seen_json(struct tg_json **out, struct tg_report *r, const struct tg_seen *s,
    struct tg_err *err)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "file", s->file);
	bad |= tg_json_set_int(o, "record", (int64_t)s->record);
	bad |= tg_json_set_sv(o, "path", s->path);
	bad |= tg_json_set_int(o, "start", s->start);
	bad |= tg_json_set_int(o, "end", s->end);
	bad |= tg_json_set_str(o, "type", s->rule->type);
	bad |= tg_json_set_int(o, "score", s->score);
	bad |= tg_json_set_str(o, "rule", s->rule->id);
	bad |= tg_json_set_str(o, "action", s->action);
	if (s->fingerprint != NULL) {
		bad |= tg_json_set_str(o, "fingerprint", s->fingerprint);
		bad |=
		    tg_json_set_str(o, "state", tg_seen_state_name(s->state));
	}
	if (r->explain)
		bad |= explain(o, r, s);
	if (bad) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	*out = o;
	return 0;
}

static int
one_document(struct tg_report *r, const struct tg_seen *s, struct tg_err *err)
{
	struct tg_json *o;

	if (tg_seen_json(&o, r, s, err) < 0)
		return -1;
	return tg_json_push(r->cli->result, o) < 0 ? tg_fail_memory(err) : 0;
}

static int
begin_document(struct tg_report *r, struct tg_err *err)
{
	r->cli->result = tg_json_array();
	return r->cli->result == NULL ? tg_fail_memory(err) : 0;
}

static int
end_document(
    struct tg_report *r, const struct tg_tally *t, struct tg_err *err TG_UNUSED)
{
	tg_cli_note(r->cli,
	    "%llu found, %llu below their threshold, %llu suppressed by a "
	    "rule, %llu known from the baseline, %llu records left out",
	    (unsigned long long)t->found, (unsigned long long)t->below,
	    (unsigned long long)t->suppressed, (unsigned long long)t->known,
	    (unsigned long long)t->left_out);
	for (size_t i = 0; i < t->n_context; i++)
		tg_cli_note(r->cli, "context in %s", t->context[i]);
	return 0;
}

static int
one_line(struct tg_report *r, const struct tg_seen *s, struct tg_err *err)
{
	struct tg_json *o;
	int rc;

	if (tg_seen_json(&o, r, s, err) < 0)
		return -1;
	rc = tg_json_canonical(&r->line, o, err);
	tg_json_free(o);
	return rc < 0 ? -1 : tg_report_put(r, err);
}

const struct tg_writer tg_writer_json = {.name = "json",
    .begin = begin_document,
    .one = one_document,
    .end = end_document};
const struct tg_writer tg_writer_lines = {
    .name = "json=lines", .one = one_line};
