/* judge_gates.c - rows about what tests the removal: planted values, reading by
 * people, the motivated intruder. */
#include <string.h>

#include "report/judge.h"

#include "base/binomial.h"
#include "base/env.h"
#include "report/typo.h"
#include "base/banned.h"

#define PPB INT64_C(1000000000)
#define DAY 86400

void
tg_judge_intruder(struct tg_judge *j)
{
	const char *ref = tg_judge_text(j, "intruder_test", "ref");
	const char *date = tg_judge_text(j, "intruder_test", "date");
	const int64_t as_of = tg_json_get_int(j->m, "as_of", 0);
	int64_t made, max;

	if (ref[0] == '\0' || !tg_time_parse(&made, tg_sv_of(date)) ||
	    !tg_judge_limit(j, "/gates/intruder_test_max_age_days", &max)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "not-run", 0);
		return;
	}
	j->declared = true;
	tg_judge_str(j, ref);
	tg_judge_date(j, made);
	tg_judge_int(j, max);
	tg_judge_str(j, tg_judge_declarer(j->m));
	tg_judge_say(j,
	    made <= as_of && (as_of - made) / DAY <= max ? TG_MARK_MET
							 : TG_MARK_NOT_MET,
	    "intruder-made", 1);
}

/* What the person found who has read it. */
static void
reviewed(struct tg_judge *j, const struct tg_json *r)
{
	const int64_t examined = tg_json_get_int(r, "examined", 0);
	const int64_t found = tg_json_get_int(r, "found", -1);
	const int64_t most =
	    tg_json_get_int(tg_json_get(j->m, "review"), "max_findings", -1);

	tg_judge_int(j, found);
	tg_judge_int(j, examined);
	if (found < 0 || found > most) {
		tg_judge_say(j, TG_MARK_NOT_MET, "review-found", examined);
		return;
	}
	if (examined == tg_json_get_int(r, "population", -1)) {
		tg_judge_say(j, TG_MARK_MET, "review-all", examined);
		return;
	}
	tg_judge_ratio(j, tg_typo_up(tg_json_get_int(r, "upper_ppb", PPB)));
	tg_judge_say(j, TG_MARK_MET, "review-ok", examined);
}

/* Without a review: what a sample of the size that the policy asks for could
 * show. */
void
tg_judge_review(struct tg_judge *j)
{
	int64_t wanted, upper;

	if (j->in->review != NULL) {
		reviewed(j, j->in->review);
		return;
	}
	if (!tg_judge_limit(j, "/gates/human_review_min_records", &wanted) ||
	    !tg_binomial_upper(&upper, wanted, 0)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "not-run", 0);
		return;
	}
	tg_judge_int(j, wanted);
	tg_judge_ratio(j, tg_typo_up(upper));
	tg_judge_say(j, TG_MARK_NOT_ASSESSED, "review-none", 0);
}

/* Whether the row of a type reaches the policy's share for its class. */
static bool
reaches(const struct tg_judge *j, const struct tg_json *t)
{
	const bool free_text =
	    strcmp(tg_json_get_str(t, "class", ""), "free_text") == 0;
	const int64_t planted = tg_json_get_int(t, "planted", 0);
	const int64_t found = tg_json_get_int(t, "found", -1);
	int64_t min;

	return tg_judge_rate(j,
		   free_text ? "/gates/canary_recall_min_free_text"
			     : "/gates/canary_recall_min_structured",
		   &min) &&
	    planted > 0 && planted <= INT64_MAX / PPB && found <= planted &&
	    found * PPB >= min * planted;
}

void
tg_judge_planted(struct tg_judge *j)
{
	const struct tg_json *c = tg_json_get(j->m, "canaries");
	const struct tg_json *types = tg_json_get(c, "types");
	struct tg_json *few = tg_json_array();
	int64_t planted = 0, found = 0;
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(types); i++) {
		const struct tg_json *t = tg_json_at(types, i);

		planted += tg_json_get_int(t, "planted", 0);
		found += tg_json_get_int(t, "found", 0);
		if (!reaches(j, t))
			bad |= tg_json_push_str(
			    few, tg_json_get_str(t, "type", "?"));
	}
	if (planted <= 0 || bad != 0) {
		tg_json_free(few);
		return;
	}
	if (j->in->policy == NULL) {
		tg_json_free(few);
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
		return;
	}
	tg_judge_int(j, planted);
	tg_judge_int(j, (int64_t)tg_json_len(types));
	tg_judge_int(j, found);
	if (tg_json_len(few) == 0) {
		tg_json_free(few);
		tg_judge_int(
		    j, (int64_t)tg_json_len(tg_json_get(c, "not_covered")));
		tg_judge_say(j, TG_MARK_MET, "planted-ok", planted);
		return;
	}
	tg_judge_terms(j, "type", few);
	tg_judge_say(j, TG_MARK_NOT_MET, "planted-few", planted);
}
