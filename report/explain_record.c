/*
 * explain_record.c - the model of a record: what decided, by which line of the
 * policy, and what the stages before had said.
 *
 * A fact is one of
 *   {"kind":"found", <a finding of the facts>, "minimum":<score>}
 *   {"kind":"draw","number_ppb","rate_ppb"}      its number of the draw
 *   {"kind":"capped",...}                        drawn, and one too many
 *   {"kind":"tokens"|"bytes","value","limit"}
 *   {"kind":"age","day","oldest"}                days since 1970; s
 *   {"kind":"k"|"l","value","limit"}             its class
 *   {"kind":"place","offset","bytes"}            in the input: not understood
 *   {"kind":"findings","value"}                  that were treated
 *   {"kind":"none"}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "report/answer.h"
#include "report/explain_why.h"

#include "base/banned.h"

#define PPB 1000000000u
#define SCORE_DEFAULT 50 /* redactors/redactor.h */

__extension__ typedef unsigned __int128 wide;

/* The stages of a record and what comes behind them, in order. */
static const char *const stages[] = {"decode", "sample", "redact",
    "activations", "limit", "anonymise", "recheck"};

static int64_t
stage_no(const char *stage)
{
	for (size_t i = 0; i < TG_COUNT(stages); i++)
		if (strcmp(stages[i], stage) == 0)
			return (int64_t)i + 1;
	return 0;
}

/* A fact of that kind; NULL when out of memory. */
static struct tg_json *
kind(const char *what)
{
	struct tg_json *o = tg_json_object();

	if (tg_json_set_str(o, "kind", what) == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* ---- the fact ---------------------------------------------------------- */

static int64_t
ppb_of(const char *hex)
{
	const uint64_t h = strtoull(hex, NULL, 16);

	return (int64_t)(((wide)h * PPB) >> 64);
}

static struct tg_json *
draw(const char *what, const struct tg_json *unit, int64_t rate_ppb)
{
	struct tg_json *o = kind(what);
	int bad = 0;

	bad |= tg_json_set_int(
	    o, "number_ppb", ppb_of(tg_json_get_str(unit, "draw", "")));
	bad |= tg_json_set_int(o, "rate_ppb", rate_ppb);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* What @key of the unit is, against @limit. */
static struct tg_json *
against(const char *what, const struct tg_json *unit, const char *key,
    int64_t limit)
{
	struct tg_json *o = kind(what);
	int bad = 0;

	bad |= tg_json_set_int(o, "value", tg_json_get_int(unit, key, -1));
	bad |= tg_json_set_int(o, "limit", limit);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* "0.4" of a policy as a score. */
static int64_t
minimum(const struct tg_json *decided, const char *type)
{
	static const char head[] = "/redaction/detectors/";
	char path[256];
	const char *text;
	uint64_t ppb;

	(void)snprintf(path, sizeof(path), "%s%s/min_score", head, type);
	text = tg_json_get_str(
	    tg_json_get(tg_json_get(decided, "leaves"), path), "value", "");
	if (!tg_parse_ratio_ppb(&ppb, tg_sv_of(text)))
		return SCORE_DEFAULT;
	return (int64_t)(ppb / (PPB / 100));
}

/* The finding that decided: the first that drops the record; else the first. */
static const struct tg_json *
decisive(const struct tg_json *unit, bool drops)
{
	const struct tg_json *list = tg_json_get(unit, "found");

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *f = tg_json_at(list, i);

		if (!drops ||
		    strcmp(tg_json_get_str(f, "action", ""), "drop_record") ==
			0)
			return f;
	}
	return NULL;
}

static struct tg_json *
found(const struct tg_json *f, const struct tg_json *decided)
{
	struct tg_json *o = f == NULL ? kind("none") : tg_json_copy(f);
	int bad = 0;

	if (f == NULL)
		return o;
	bad |= tg_json_set_str(o, "kind", "found");
	bad |= tg_json_set_int(
	    o, "minimum", minimum(decided, tg_json_get_str(f, "type", "")));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
age(const struct tg_json *unit, const struct tg_json *head)
{
	struct tg_json *o = kind("age");
	int bad = 0;

	bad |= tg_json_set_int(o, "day", tg_json_get_int(unit, "day", 0));
	bad |= tg_json_set_int(o, "oldest", tg_json_get_int(head, "oldest", 0));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
limit(const char *what, const struct tg_json *unit, const struct tg_json *head,
    const char *of)
{
	return against(what, unit, what, tg_json_get_int(head, of, 0));
}

static struct tg_json *
place(const struct tg_json *unit)
{
	struct tg_json *o = kind("place");
	int bad = 0;

	bad |= tg_json_set_int(o, "offset", tg_json_get_int(unit, "offset", 0));
	bad |= tg_json_set_int(o, "bytes", tg_json_get_int(unit, "bytes", 0));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

struct asked {
	const struct tg_json *unit, *head, *decided;
	const char *code, *stage;
	int64_t rate_ppb;
};

static struct tg_json *
fact(const struct asked *a)
{
	const bool drawn = tg_json_get(a->unit, "draw") != NULL;

	if (strcmp(a->stage, "decode") == 0)
		return place(a->unit);
	if (strcmp(a->stage, "sample") == 0 && drawn)
		return draw(strcmp(a->code, "SMP-OUT") == 0 ? "draw" : "capped",
		    a->unit, a->rate_ppb);
	if (strcmp(a->stage, "sample") == 0)
		return kind("none");
	if (strcmp(a->stage, "redact") == 0)
		return found(decisive(a->unit, true), a->decided);
	if (strcmp(a->stage, "activations") == 0)
		return found(decisive(a->unit, false), a->decided);
	if (strcmp(a->code, "LIM-TOKENS") == 0)
		return limit("tokens", a->unit, a->head, "max_tokens");
	if (strcmp(a->code, "LIM-BYTES") == 0)
		return limit("bytes", a->unit, a->head, "max_bytes");
	if (strcmp(a->code, "RET-EXPIRED") == 0 ||
	    strcmp(a->code, "RET-HELD") == 0)
		return age(a->unit, a->head);
	if (strcmp(a->code, "ANO-K") == 0)
		return limit("k", a->unit, a->head, "k");
	if (strcmp(a->code, "ANO-L") == 0)
		return limit("l", a->unit, a->head, "l");
	return kind("none");
}

/* ---- the stages before ------------------------------------------------- */

static struct tg_json *
verdict(const struct asked *a, const char *stage)
{
	const struct tg_json *list = tg_json_get(a->unit, "found");

	if (strcmp(stage, "sample") == 0)
		return tg_json_get(a->unit, "draw") == NULL
		    ? kind("none")
		    : draw("draw", a->unit, a->rate_ppb);
	if (strcmp(stage, "redact") == 0) {
		struct tg_json *o = kind("findings");

		if (tg_json_set_int(o, "value",
			(int64_t)tg_json_len(list) +
			    tg_json_get_int(a->unit, "more", 0)) == 0)
			return o;
		tg_json_free(o);
		return NULL;
	}
	if (strcmp(stage, "limit") == 0 &&
	    tg_json_get(a->unit, "tokens") != NULL)
		return limit("tokens", a->unit, a->head, "max_tokens");
	if (strcmp(stage, "anonymise") == 0 &&
	    tg_json_get(a->unit, "k") != NULL)
		return limit("k", a->unit, a->head, "k");
	return kind("none");
}

/* Those that let it through: all before @stage; of one that is in the bundle
 * all. */
static struct tg_json *
earlier(const struct asked *a)
{
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 1; i < TG_COUNT(stages); i++) {
		struct tg_json *o;

		if (strcmp(stages[i], a->stage) == 0 ||
		    strcmp(a->stage, "decode") == 0 ||
		    strcmp(stages[i], "recheck") == 0)
			break;
		o = verdict(a, stages[i]);
		bad |= tg_json_set_str(o, "stage", stages[i]);
		bad |= tg_json_push(list, o);
	}
	if (bad == 0)
		return list;
	tg_json_free(list);
	return NULL;
}

/* ---- a record ---------------------------------------------------------- */

/* Type of the finding that decided, for its own rule. */
static const char *
type_of(const struct asked *a)
{
	if (strcmp(a->stage, "redact") != 0)
		return "";
	return tg_json_get_str(decisive(a->unit, true), "type", "");
}

static int
record(struct tg_json *list, const struct asked *a)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "file", tg_json_get_str(a->unit, "file", ""));
	bad |=
	    tg_json_set_int(o, "record", tg_json_get_int(a->unit, "record", 0));
	bad |= tg_json_set_int(o, "unit", tg_json_get_int(a->unit, "unit", 0));
	bad |= tg_json_set_str(
	    o, "outcome", a->code[0] == '\0' ? "kept" : "dropped");
	bad |= tg_json_set_str(o, "stage", a->stage);
	bad |= tg_json_set_int(o, "stage_no", stage_no(a->stage));
	bad |= tg_json_set_int(o, "stages", (int64_t)TG_COUNT(stages));
	if (a->code[0] != '\0') {
		bad |= tg_explain_why(o, a->decided, a->code, type_of(a));
		bad |= tg_json_set(o, "fact", fact(a));
	} else {
		bad |= tg_json_set(
		    o, "found", tg_json_copy(tg_json_get(a->unit, "found")));
		bad |= tg_json_set_int(
		    o, "more", tg_json_get_int(a->unit, "more", 0));
	}
	bad |= tg_json_set(o, "earlier", earlier(a));
	return bad | tg_json_push(list, o);
}

/* @unit as it stands in the facts, or as the draw or the quarantine tell it. */
static int
unit(struct tg_json *list, const struct asked *run, const struct tg_json *unit)
{
	struct asked a = *run;

	a.unit = unit;
	a.code = tg_json_get_str(unit, "code", "");
	a.stage = tg_json_get_str(unit, "stage", "");
	return record(list, &a);
}

/* A unit that is in no facts because it was not drawn. */
static int
not_drawn(struct tg_json *list, const struct asked *run,
    const struct tg_json *where, const char *number)
{
	struct tg_json *u =
	    where == NULL ? tg_json_object() : tg_json_copy(where);
	int bad = 0;

	bad |= tg_json_set_str(u, "stage", "sample");
	bad |= tg_json_set_str(u, "code", "SMP-OUT");
	if (number != NULL)
		bad |= tg_json_set_str(u, "draw", number);
	if (bad == 0)
		bad = unit(list, run, u);
	tg_json_free(u);
	return bad;
}

static int
quarantined(
    struct tg_json *list, const struct asked *run, const struct tg_json *q)
{
	struct tg_json *u = tg_json_copy(q);
	int bad = 0;

	bad |= tg_json_set_str(u, "stage", "decode");
	if (bad == 0)
		bad = unit(list, run, u);
	tg_json_free(u);
	return bad;
}

/* The records that @found knows of. */
static int
records(
    struct tg_json *list, const struct asked *run, const struct tg_json *found)
{
	const struct tg_json *units = tg_json_get(found, "units");
	const struct tg_json *q = tg_json_get(found, "quarantined");
	const struct tg_json *d = tg_json_get(found, "draw");
	const struct tg_json *at = tg_json_get(found, "place");
	const bool whole = !tg_json_get_bool(found, "incomplete", false);
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(units); i++)
		bad |= unit(list, run, tg_json_at(units, i));
	for (size_t i = 0; i < tg_json_len(q); i++)
		bad |= quarantined(list, run, tg_json_at(q, i));
	if (tg_json_len(list) > 0)
		return bad;
	/* The number alone says that it was not drawn. */
	if (tg_json_kind(d) == TG_JSON_OBJECT &&
	    ppb_of(tg_json_get_str(d, "number", "")) >= run->rate_ppb)
		return not_drawn(
		    list, run, NULL, tg_json_get_str(d, "number", ""));
	/* All that was drawn is in the facts, all that was not understood in
	 * the quarantine. */
	if (tg_json_kind(at) == TG_JSON_OBJECT && whole)
		return not_drawn(list, run, at, NULL);
	return bad;
}

static int
missing(struct tg_json *o, const struct tg_explain_in *in, bool facts)
{
	const struct tg_json *funnel = tg_json_get(in->manifest, "funnel");
	struct tg_json *list = tg_json_array();
	int bad = 0;

	if (!facts)
		bad |= tg_json_push_str(list, "facts");
	if (in->decided == NULL)
		bad |= tg_json_push_str(list, "decided");
	if (!facts)
		bad |= tg_json_set(o, "funnel",
		    funnel == NULL ? tg_json_array() : tg_json_copy(funnel));
	return bad | tg_json_set(o, "missing", list);
}

/* Whether what is in no list was never read.  An id of a trace is in the list
 * of the draw only where traces are drawn. */
static bool
sure(const struct tg_json *found, const struct tg_explain_in *in, bool facts)
{
	const struct tg_json *head = tg_json_get(found, "head");
	const struct tg_json *sampling = tg_json_get(in->manifest, "sampling");
	const char *unit = tg_json_get_str(facts ? head : sampling, "unit", "");

	return tg_json_get_bool(found, "listed", false) &&
	    tg_json_kind(tg_json_get(found, "draw")) != TG_JSON_OBJECT &&
	    strcmp(unit, "trace") == 0;
}

int
tg_explain_record(struct tg_json **out, const struct tg_explain_in *in,
    const struct tg_json *found, struct tg_err *err)
{
	const struct tg_json *head = tg_json_get(found, "head");
	const bool facts = tg_json_kind(head) == TG_JSON_OBJECT;
	const struct asked run = {.head = head,
	    .decided = in->decided,
	    .rate_ppb = facts
		? tg_json_get_int(head, "rate_ppb", 0)
		: tg_json_get_int(
		      tg_json_get(in->manifest, "sampling"), "rate_ppb", PPB)};
	struct tg_json *o = tg_json_object(), *list = tg_json_array();
	bool known;
	int bad = 0;

	bad |= records(list, &run, found);
	known = tg_json_len(list) > 0 || !sure(found, in, facts);
	bad |= tg_json_set_str(o, "asked", "record");
	bad |= tg_json_set_str(o, "run", in->run);
	bad |= tg_json_set_str(o, "state", in->state);
	bad |= tg_json_set_str(o, "id", tg_json_get_str(found, "id", ""));
	bad |=
	    tg_json_set_str(o, "drawn_by", tg_json_get_str(head, "unit", ""));
	bad |= tg_json_set_bool(o, "known", known);
	bad |= tg_json_set_int(o, "more", tg_json_get_int(found, "more", 0));
	bad |= tg_json_set(o, "records", list);
	bad |= missing(o, in, facts);
	if (bad == 0) {
		*out = o;
		return 0;
	}
	tg_json_free(o);
	return tg_fail_memory(err);
}
