#include "report/evidence_rows.h"

#include <string.h>

#include "report/judge.h"
#include "report/words.h"

#include "base/banned.h"

static const struct tg_requirement requirements[] = {
#define REQ(sym, id, policy, src, unit, te, tf, be, bf, pe, pf) \
	{id, policy, src, unit, {te, tf}, {be, bf}, {pe, pf}},
#include "report/requirements.def"
#undef REQ
};

static void (*const judges[])(struct tg_judge *) = {
#define REQ(sym, ...) tg_judge_##sym,
#include "report/requirements.def"
#undef REQ
};

_Static_assert(
    TG_COUNT(requirements) <= TG_EVIDENCE_ROWS, "more rows than allowed");

struct source {
	const char *id, *region, *control, *clause[TG_LANGS];
};

static const struct source sources[] = {
#define SOURCE(id, region, control, en, fr) {id, region, control, {en, fr}},
#include "report/sources.def"
#undef SOURCE
};

size_t
tg_requirement_count(void)
{
	return TG_COUNT(requirements);
}

int64_t
tg_requirement_row(const char *id)
{
	for (size_t i = 0; i < TG_COUNT(requirements); i++)
		if (strcmp(requirements[i].id, id) == 0)
			return (int64_t)i + 1;
	return 0;
}

const struct tg_requirement *
tg_requirement_find(const char *id)
{
	const int64_t row = tg_requirement_row(id);

	return row == 0 ? NULL : &requirements[row - 1];
}

const char *
tg_requirement_clause(enum tg_lang lang, const char *id, const char *control)
{
	for (size_t i = 0; i < TG_COUNT(sources); i++)
		if (strcmp(sources[i].id, id) == 0 &&
		    strcmp(sources[i].control, control) == 0)
			return sources[i].clause[lang];
	return NULL;
}

static bool
applies(const struct tg_json *regions, const char *region)
{
	if (region[0] == '\0')
		return true;
	for (size_t i = 0; i < tg_json_len(regions); i++)
		if (strcmp(tg_json_text(tg_json_at(regions, i)), region) == 0)
			return true;
	return false;
}

/* The controls of "source.<id>.<CONTROL>" among the region's own words. */
static int
brought(struct tg_json *out, const char *id, struct tg_json *words)
{
	const size_t head = sizeof(TG_WORDS_SOURCE) - 1, n = strlen(id);
	void *iter = NULL;
	int bad = 0;

	for (const char *k = tg_json_key_first(words, &iter); k != NULL;
	     k = tg_json_key_next(words, &iter))
		if (strncmp(k, TG_WORDS_SOURCE, head) == 0 &&
		    strncmp(k + head, id, n) == 0 && k[head + n] == '.')
			bad |= tg_json_push_str(out, k + head + n + 1);
	return bad;
}

static struct tg_json *
controls_of(
    const char *id, const struct tg_json *regions, struct tg_json *words)
{
	struct tg_json *out = tg_json_array();
	int bad = out == NULL ? -1 : 0;

	for (size_t i = 0; bad == 0 && i < TG_COUNT(sources); i++)
		if (strcmp(sources[i].id, id) == 0 &&
		    applies(regions, sources[i].region))
			bad |= tg_json_push_str(out, sources[i].control);
	if (words != NULL)
		bad |= brought(out, id, words);
	if (bad != 0) {
		tg_json_free(out);
		return NULL;
	}
	return out;
}

static const char *
result_code(enum tg_mark mark)
{
	switch (mark) {
	case TG_MARK_MET:
		return "met";
	case TG_MARK_CONFIRM:
		return "to_confirm";
	case TG_MARK_NOT_MET:
		return "not_met";
	case TG_MARK_NOT_ASSESSED:
	default:
		return "not_assessed";
	}
}

static struct tg_json *
row_of(size_t i, const struct tg_judge *j, struct tg_json *words)
{
	const struct tg_requirement *r = &requirements[i];
	struct tg_json *row = tg_json_object();
	struct tg_json *finding = tg_json_object();
	struct tg_json *examined = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(finding, "id", j->finding);
	bad |= tg_json_set(finding, "args", tg_json_ref(j->args));
	bad |= tg_json_set_int(examined, "v", j->examined);
	bad |= tg_json_set_str(examined, "unit", r->unit);
	bad |= tg_json_set_int(row, "row", (int64_t)i + 1);
	bad |= tg_json_set_str(row, "id", r->id);
	bad |= tg_json_set_str(row, "result", result_code(j->mark));
	bad |= tg_json_set_str(row, "state",
	    j->mark == TG_MARK_NOT_ASSESSED ? "not_assessed"
		: j->declared		    ? "declared"
					    : "measured");
	bad |= tg_json_set(row, "finding", finding);
	bad |= tg_json_set(row, "examined", examined);
	bad |= tg_json_set_str(row, "policy", r->policy);
	bad |= tg_json_set_str(row, "src", r->src);
	bad |= tg_json_set(row, "controls",
	    controls_of(r->id, tg_json_get(j->m, "regions"), words));
	if (bad != 0) {
		tg_json_free(row);
		return NULL;
	}
	return row;
}

static int
summary(struct tg_json *model, const int64_t count[TG_MARK_NOT_MET + 1])
{
	struct tg_json *s = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(s, "total", (int64_t)TG_COUNT(requirements));
	for (enum tg_mark m = TG_MARK_MET; m <= TG_MARK_NOT_MET; m++)
		bad |= tg_json_set_int(s, result_code(m), count[m]);
	if (bad != 0) {
		tg_json_free(s);
		return -1;
	}
	return tg_json_set(model, "summary", s);
}

int
tg_evidence_rows(
    struct tg_json *model, const struct tg_evidence_in *in, struct tg_err *err)
{
	int64_t count[TG_MARK_NOT_MET + 1] = {0};
	struct tg_json *rows = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(requirements) && bad == 0; i++) {
		struct tg_judge j;

		tg_judge_init(&j, in);
		judges[i](&j);
		count[j.mark]++;
		bad |= j.args == NULL ? -1 : 0;
		bad |= tg_json_push(
		    rows, row_of(i, &j, tg_json_get(model, "words")));
		tg_judge_deinit(&j);
	}
	bad |= tg_json_set(model, "requirements", rows);
	bad |= summary(model, count);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

int
tg_evidence_open_rows(struct tg_evidence_open out[TG_EVIDENCE_ROWS], size_t *n,
    const struct tg_json *model, struct tg_err *err)
{
	const struct tg_json *rows = tg_json_get(model, "requirements");
	const size_t all = tg_json_len(rows);
	size_t k = 0;

	if (all == 0 || all > TG_EVIDENCE_ROWS)
		return tg_fail(err, TG_E_CONFIG,
		    "evidence: %zu requirements; 1 to %d expected", all,
		    TG_EVIDENCE_ROWS);
	for (size_t i = 0; i < all; i++) {
		const struct tg_json *r = tg_json_at(rows, i);
		const char *result = tg_json_get_str(r, "result", "");

		/* Anything but a plain yes or no is open. */
		if (strcmp(result, "met") == 0 ||
		    strcmp(result, "not_met") == 0)
			continue;
		out[k++] =
		    (struct tg_evidence_open){tg_json_get_int(r, "row", 0),
			tg_json_get_str(r, "id", ""), result};
	}
	*n = k;
	return 0;
}
