#include "report/judge.h"

#include <string.h>

#include "base/banned.h"

void
tg_judge_init(struct tg_judge *j, const struct tg_evidence_in *in)
{
	*j = (struct tg_judge){in, in->manifest, TG_MARK_NOT_ASSESSED, false,
	    "nothing", tg_json_array(), 0};
}

void
tg_judge_deinit(struct tg_judge *j)
{
	tg_json_free(j->args);
	j->args = NULL;
}

void
tg_judge_say(struct tg_judge *j, enum tg_mark mark, const char *finding,
    int64_t examined)
{
	j->examined = examined < 0 ? 0 : examined;
	j->finding = finding;
	j->mark = mark == TG_MARK_MET && j->examined == 0 ? TG_MARK_NOT_ASSESSED
							  : mark;
}

/* A failure drops the whole list: the caller sees NULL once, at the end. */
static void
push(struct tg_judge *j, const char *kind, struct tg_json *take_v)
{
	struct tg_json *arg = tg_json_object();
	int bad = tg_json_set(arg, kind, take_v);

	if (j->args == NULL) {
		tg_json_free(arg);
		return;
	}
	bad |= tg_json_push(j->args, arg);
	if (bad != 0)
		tg_judge_deinit(j);
}

void
tg_judge_int(struct tg_judge *j, int64_t v)
{
	push(j, "int", tg_json_int(v));
}

void
tg_judge_ratio(struct tg_judge *j, int64_t ppb)
{
	push(j, "ratio_ppb", tg_json_int(ppb));
}

void
tg_judge_date(struct tg_judge *j, int64_t t)
{
	push(j, "date", tg_json_int(t));
}

void
tg_judge_str(struct tg_judge *j, const char *s)
{
	push(j, "str", tg_json_str(tg_sv_of(s)));
}

void
tg_judge_terms(struct tg_judge *j, const char *kind, struct tg_json *take_codes)
{
	struct tg_json *pair = tg_json_array();
	int bad = tg_json_push_str(pair, kind);

	bad |= tg_json_push(pair, take_codes);
	if (bad != 0) {
		tg_json_free(pair);
		pair = NULL;
	}
	push(j, "terms", pair);
}

void
tg_judge_term(struct tg_judge *j, const char *kind, const char *code)
{
	struct tg_json *codes = tg_json_array();

	if (tg_json_push_str(codes, code) < 0) {
		tg_json_free(codes);
		codes = NULL;
	}
	tg_judge_terms(j, kind, codes);
}

const char *
tg_judge_text(const struct tg_judge *j, const char *part, const char *key)
{
	return tg_json_get_str(tg_json_get(j->m, part), key, "");
}

int64_t
tg_judge_count(const struct tg_judge *j, const char *part, const char *key)
{
	const int64_t v = tg_json_get_int(tg_json_get(j->m, part), key, 0);

	return v < 0 ? 0 : v;
}

int64_t
tg_judge_stage_in(const struct tg_judge *j, const char *stage)
{
	const struct tg_json *funnel = tg_json_get(j->m, "funnel");

	for (size_t i = 0; i < tg_json_len(funnel); i++) {
		const struct tg_json *s = tg_json_at(funnel, i);

		if (strcmp(tg_json_get_str(s, "stage", ""), stage) == 0) {
			const int64_t v = tg_json_get_int(s, "in", 0);

			return v < 0 ? 0 : v;
		}
	}
	return 0;
}

const char *
tg_judge_declarer(const struct tg_json *manifest)
{
	const char *who =
	    tg_json_get_str(tg_json_get(manifest, "preparer"), "name", "");

	if (who[0] != '\0')
		return who;
	return tg_json_get_str(
	    tg_json_get(manifest, "exporter"), "legal_name", "?");
}

bool
tg_judge_entry(const struct tg_json *ledger, const char *type, int64_t *index,
    int64_t *time)
{
	for (size_t i = 0; i < tg_json_len(ledger); i++) {
		const struct tg_json *e = tg_json_at(ledger, i);

		if (strcmp(tg_json_get_str(e, "type", ""), type) == 0) {
			*index = tg_json_get_int(e, "index", -1);
			*time = tg_json_get_int(e, "time", 0);
			return true;
		}
	}
	return false;
}

const struct tg_leaf *
tg_judge_leaf(const struct tg_judge *j, const char *path)
{
	return j->in->policy == NULL ? NULL
				     : tg_policy_find(j->in->policy, path);
}

bool
tg_judge_limit(const struct tg_judge *j, const char *path, int64_t *out)
{
	uint64_t v;

	if (tg_judge_leaf(j, path) == NULL ||
	    tg_policy_u64(j->in->policy, path, &v, NULL) < 0 || v > INT64_MAX)
		return false;
	*out = (int64_t)v;
	return true;
}

bool
tg_judge_rate(const struct tg_judge *j, const char *path, int64_t *out_ppb)
{
	uint64_t v;

	if (tg_judge_leaf(j, path) == NULL ||
	    tg_policy_ratio(j->in->policy, path, &v, NULL) < 0 || v > INT64_MAX)
		return false;
	*out_ppb = (int64_t)v;
	return true;
}

bool
tg_leaf_has(const struct tg_leaf *leaf, const char *item)
{
	for (size_t i = 0; leaf != NULL && i < leaf->n; i++)
		if (strcmp(leaf->item[i], item) == 0)
			return true;
	return false;
}
