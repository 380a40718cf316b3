/* judge_groups.c - rows about the groups of people who look alike: the
 * smallest of them (k), and the three questions of WP29 Opinion 05/2014. */
#include <string.h>

#include "report/judge.h"

#include "base/banned.h"

#define QUESTIONS 3

/* Records whose person is not known: a session, a trace, the record alone
 * stands for him. */
static int64_t
nameless(const struct tg_json *a)
{
	const struct tg_json *by = tg_json_get(a, "subjects_by");

	return tg_json_get_int(by, "session", 0) +
	    tg_json_get_int(by, "trace", 0) + tg_json_get_int(by, "record", 0);
}

static bool
measured(const struct tg_json *a)
{
	const struct tg_json *left = tg_json_get(a, "left");

	return tg_json_get_bool(a, "measured", false) &&
	    tg_json_get_int(left, "classes", 0) > 0 &&
	    tg_json_get_int(left, "smallest", 0) > 0;
}

/* The smallest group is of @smallest where the policy asks @k. */
static void
under_k(struct tg_judge *j, const struct tg_json *a, int64_t smallest,
    int64_t k, const char *finding)
{
	const struct tg_json *left = tg_json_get(a, "left");
	const bool enforced = tg_json_get_bool(a, "enforced", false);
	const int64_t groups = tg_json_get_int(left, "classes", 0);

	tg_judge_int(j, groups);
	tg_judge_int(j, tg_json_get_int(left, "records", 0));
	tg_judge_int(j, smallest);
	tg_judge_int(j, k);
	if (!enforced && tg_judge_all_synthetic(j))
		tg_judge_say(j, TG_MARK_CONFIRM, "k-invented", groups);
	else
		tg_judge_say(j, TG_MARK_NOT_MET, finding, groups);
}

/* The smallest group with findings on health; 0: there is none, or the policy
 * asks no other figure of it.  *@k: what it asks, else what the run used. */
static int64_t
health(const struct tg_judge *j, const struct tg_json *a, int64_t *k)
{
	*k = tg_json_get_int(a, "k_health", 0);
	(void)tg_judge_limit(j, "/anonymisation/k_min_health", k);
	return *k == 0
	    ? 0
	    : tg_json_get_int(tg_json_get(a, "left"), "health_smallest", 0);
}

void
tg_judge_k(struct tg_judge *j)
{
	const struct tg_json *a = tg_json_get(j->m, "anonymity");
	const struct tg_json *left = tg_json_get(a, "left");
	const int64_t groups = tg_json_get_int(left, "classes", 0);
	const int64_t smallest = tg_json_get_int(left, "smallest", 0);
	int64_t k, k_health, ill;

	if (tg_json_kind(a) != TG_JSON_OBJECT) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "not-run", 0);
		return;
	}
	if (!measured(a)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED,
		    tg_json_get_bool(a, "measured", false) ? "nothing"
							   : "k-none",
		    0);
		return;
	}
	if (!tg_judge_limit(j, "/anonymisation/k_min", &k)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
		return;
	}
	ill = health(j, a, &k_health);
	if (smallest < k) {
		under_k(j, a, smallest, k, "k-under");
		return;
	}
	if (ill > 0 && ill < k_health) {
		under_k(j, a, ill, k_health, "k-health");
		return;
	}
	tg_judge_int(j, groups);
	tg_judge_int(j, tg_json_get_int(left, "records", 0));
	tg_judge_int(j, smallest);
	tg_judge_int(j, k);
	tg_judge_int(j, tg_json_get_int(a, "suppressed", 0));
	if (nameless(a) == 0) {
		tg_judge_say(j, TG_MARK_MET, "k-ok", groups);
		return;
	}
	/* Two sessions of one person count as two people. */
	tg_judge_int(j, nameless(a));
	tg_judge_say(j, TG_MARK_CONFIRM, "k-nameless", groups);
}

/* Whether real sentences may be in the bundle: fields alone do not settle who
 * can be singled out then. */
static bool
free_text_leaves(const struct tg_json *m)
{
	const char *text =
	    tg_json_get_str(tg_json_get(m, "anonymisation"), "free_text", "");

	return strcmp(text, "synthetic_only") != 0 && strcmp(text, "none") != 0;
}

static int64_t
figure(const struct tg_json *l, const char *part, const char *key)
{
	return tg_json_get_int(tg_json_get(l, part), key, 0);
}

/*
 * Linked are records with the same identifier, or its pseudonym (WP29 05/2014,
 * 4), and those that a combination of fields or a text of real people joins
 * with others.  A first bundle is compared with itself alone: there is nothing
 * else among our exports.  An earlier one that cannot be compared leaves the
 * question open.
 */
static enum tg_mark
linkability(const struct tg_json *m, int64_t *examined, int64_t *found)
{
	const struct tg_json *l = tg_json_get(m, "linkability");
	const bool texts = free_text_leaves(m);
	const int64_t n = tg_json_get_int(l, "records", 0);

	if (n <= 0)
		return TG_MARK_NOT_ASSESSED;
	*examined = n;
	*found = figure(l, "values", "linked_records") +
	    figure(l, "values", "earlier_same_recipient") +
	    figure(l, "values", "earlier_other_recipients") +
	    figure(l, "unique", "earlier");
	if (texts)
		*found +=
		    figure(l, "texts", "here") + figure(l, "texts", "earlier");
	if (*found > 0)
		return TG_MARK_NOT_MET;
	if (figure(l, "earlier", "not_compared") > 0)
		return TG_MARK_NOT_ASSESSED;
	return texts ? TG_MARK_CONFIRM : TG_MARK_MET;
}

static bool
claims_anonymity(const struct tg_json *m)
{
	const struct tg_json *list =
	    tg_json_get(tg_json_get(m, "anonymisation"), "claims");

	for (size_t i = 0; i < tg_json_len(list); i++)
		if (strcmp(tg_json_get_str(tg_json_at(list, i), "claim", ""),
			"anonymised") == 0)
			return true;
	return false;
}

enum tg_mark
tg_judge_test(const struct tg_json *m, const char *test, int64_t *examined,
    int64_t *found)
{
	const struct tg_json *a = tg_json_get(m, "anonymity");
	const struct tg_json *left = tg_json_get(a, "left");
	const int64_t groups = tg_json_get_int(left, "classes", 0);
	const int64_t with = tg_json_get_int(left, "with_value", 0);

	*examined = *found = 0;
	if (strcmp(test, "linkability") == 0)
		return linkability(m, examined, found);
	if (!measured(a))
		return TG_MARK_NOT_ASSESSED;
	if (strcmp(test, "singling_out") == 0) {
		*examined = groups;
		*found = tg_json_get_int(left, "single", groups);
		return *found > 0	  ? TG_MARK_NOT_MET
		    : free_text_leaves(m) ? TG_MARK_CONFIRM
					  : TG_MARK_MET;
	}
	if (strcmp(test, "inference") == 0 && with > 0) {
		*examined = with;
		*found = tg_json_get_int(left, "one_value", with);
		return *found > 0   ? TG_MARK_NOT_MET
		    : with < groups ? TG_MARK_CONFIRM
				    : TG_MARK_MET;
	}
	return TG_MARK_NOT_ASSESSED;
}

/* The questions of one answer: failed, or not examined. */
static struct tg_json *
questions(const struct tg_json *m, enum tg_mark want, int64_t *n)
{
	static const char *const test[] = {
	    "singling_out", "linkability", "inference"};
	struct tg_json *out = tg_json_array();

	*n = 0;
	for (size_t i = 0; i < TG_COUNT(test); i++) {
		int64_t examined, found;

		if (tg_judge_test(m, test[i], &examined, &found) != want)
			continue;
		++*n;
		if (tg_json_push_str(out, test[i]) < 0) {
			tg_json_free(out);
			return NULL;
		}
	}
	return out;
}

/* The answer is no to all three. */
static void
passed(struct tg_judge *j)
{
	int64_t n_met;

	tg_json_free(questions(j->m, TG_MARK_MET, &n_met));
	if (n_met == QUESTIONS)
		tg_judge_say(j, TG_MARK_MET, "tests-passed", QUESTIONS);
	else
		tg_judge_say(j, TG_MARK_CONFIRM, "tests-free-text", QUESTIONS);
}

void
tg_judge_wp29(struct tg_judge *j)
{
	int64_t n_failed, n_open;
	struct tg_json *failed, *open;

	if (tg_json_kind(tg_json_get(j->m, "anonymity")) != TG_JSON_OBJECT) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "not-run", 0);
		return;
	}
	failed = questions(j->m, TG_MARK_NOT_MET, &n_failed);
	open = questions(j->m, TG_MARK_NOT_ASSESSED, &n_open);
	tg_judge_int(j, QUESTIONS - n_open);
	if (n_failed > 0) {
		tg_judge_terms(j, "test", failed);
		tg_json_free(open);
		/* Data that are called pseudonymised may be linked. */
		tg_judge_say(j,
		    claims_anonymity(j->m) ? TG_MARK_NOT_MET : TG_MARK_CONFIRM,
		    "tests-failed", QUESTIONS - n_open);
		return;
	}
	tg_json_free(failed);
	if (n_open > 0) {
		tg_judge_terms(j, "test", open);
		tg_judge_say(
		    j, TG_MARK_NOT_ASSESSED, "tests-part", QUESTIONS - n_open);
		return;
	}
	tg_json_free(open);
	passed(j);
}
