/* judge_run.c - rows about keeping, sealing, recording. */
#include <stdio.h>
#include <string.h>

#include "report/judge.h"

#include "base/banned.h"

#define PATH_MAX_LEN 160 /* bytes of a leaf's path */

static bool
days_allowed(const struct tg_judge *j, const char *class, int64_t *out)
{
	char path[PATH_MAX_LEN];
	const int n =
	    snprintf(path, sizeof(path), "/retention/data/%s/max_days", class);

	return n > 0 && (size_t)n < sizeof(path) &&
	    tg_judge_limit(j, path, out);
}

void
tg_judge_retention(struct tg_judge *j)
{
	const char *class = tg_judge_text(j, "retention", "class");
	const int64_t days = tg_judge_count(j, "retention", "days");
	const int64_t until = tg_judge_count(j, "retention", "delete_after");
	int64_t max;

	if (until == 0 || days == 0) {
		tg_judge_say(j, TG_MARK_NOT_MET, "retention-missing", 0);
		return;
	}
	if (!days_allowed(j, class, &max)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "no-policy", 0);
		return;
	}
	if (until <= j->in->now) {
		tg_judge_date(j, until);
		tg_judge_say(j, TG_MARK_NOT_MET, "retention-past", 1);
		return;
	}
	tg_judge_term(j, "class", class);
	tg_judge_int(j, days);
	tg_judge_int(j, max);
	if (days > max) {
		tg_judge_say(j, TG_MARK_NOT_MET, "retention-over", 1);
		return;
	}
	tg_judge_date(j, until);
	tg_judge_say(j, TG_MARK_MET, "retention-ok", 1);
}

void
tg_judge_encrypted(struct tg_judge *j)
{
	const struct tg_json *payload = tg_json_get(j->m, "payload");
	const int64_t volumes =
	    (int64_t)tg_json_len(tg_json_get(payload, "volumes"));
	const int64_t keys =
	    (int64_t)tg_json_len(tg_json_get(payload, "recipients"));
	const char *format = tg_json_get_str(payload, "format", "");
	int64_t min = 1;

	if (volumes == 0)
		return;
	(void)tg_judge_limit(j, "/encryption/min_recipient_keys", &min);
	if (strcmp(format, "age-v1") != 0) {
		tg_judge_int(j, volumes);
		tg_judge_str(j, format);
		tg_judge_say(j, TG_MARK_NOT_MET, "encrypted-format", volumes);
	} else if (keys < min || keys == 0) {
		tg_judge_int(j, keys);
		tg_judge_int(j, min);
		tg_judge_say(j, TG_MARK_NOT_MET, "encrypted-few", volumes);
	} else {
		tg_judge_int(j, volumes);
		tg_judge_str(j, format);
		tg_judge_int(j, keys);
		tg_judge_say(j, TG_MARK_MET, "encrypted-ok", volumes);
	}
}

void
tg_judge_recorded(struct tg_judge *j)
{
	const struct tg_json *ledger = j->in->ledger;
	const int64_t n = (int64_t)tg_json_len(ledger);
	int64_t prepared, intent = -1, done = -1, when;
	bool ordered;

	if (!tg_judge_entry(ledger, "export.prepared", &prepared, &when)) {
		tg_judge_say(j, TG_MARK_NOT_ASSESSED, "recorded-none", 0);
		return;
	}
	(void)tg_judge_entry(ledger, "export.intent", &intent, &when);
	(void)tg_judge_entry(ledger, "export.done", &done, &when);
	ordered = (intent < 0 || prepared < intent) &&
	    (done < 0 || (intent >= 0 && intent < done)) &&
	    (strcmp(j->in->status, "uploaded") != 0 || done >= 0);
	tg_judge_int(j, n);
	tg_judge_int(j, prepared);
	if (ordered)
		tg_judge_say(j, TG_MARK_MET, "recorded-ok", n);
	else
		tg_judge_say(j, TG_MARK_NOT_MET, "recorded-order", n);
}
