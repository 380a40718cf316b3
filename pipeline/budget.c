#include "pipeline/budget.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/env.h"
#include "base/fs.h"

#include "base/banned.h"

#define MEMBER "budget"
#define WARN "warn_bytes"
#define CAP "cap_bytes"
#define GB UINT64_C(1000000000) /* leaves are at most 10^9: it fits */

struct tg_json *
tg_budget_json(const struct tg_policy *p)
{
	struct tg_json *o = tg_json_object();
	uint64_t warn = 0, cap = 0;
	int bad =
	    tg_policy_u64(p, "/budget/warn_gb_per_month", &warn, NULL) < 0;

	bad |= tg_policy_u64(p, "/budget/cap_gb_per_month", &cap, NULL) < 0;
	bad |= tg_json_set_int(o, WARN, (int64_t)(warn * GB));
	bad |= tg_json_set_int(o, CAP, (int64_t)(cap * GB));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static bool
add(uint64_t *to, uint64_t n)
{
	if (n > UINT64_MAX - *to)
		return false;
	*to += n;
	return true;
}

int
tg_budget_judge(struct tg_budget *out, const struct tg_json *manifest,
    uint64_t gone, uint64_t bytes, struct tg_err *err)
{
	const struct tg_json *b = tg_json_get(manifest, MEMBER);
	const int64_t warn = tg_json_get_int(b, WARN, -1);
	const int64_t cap = tg_json_get_int(b, CAP, -1);

	*out = (struct tg_budget){.say = ""};
	if (tg_json_kind(b) != TG_JSON_OBJECT)
		return 0;
	if (warn < 0 || cap < 0)
		return tg_fail(
		    err, TG_E_INTEGRITY, "the manifest's budget is none");
	out->month = gone;
	if (!add(&out->month, bytes) || out->month > (uint64_t)cap)
		return tg_fail(err, TG_E_NO,
		    "BUD-CAP: %llu bytes have left this month, with %llu more "
		    "they are over the %lld of the policy; nothing was sent",
		    (unsigned long long)gone, (unsigned long long)bytes,
		    (long long)cap);
	out->warn = out->month > (uint64_t)warn;
	if (out->warn)
		(void)snprintf(out->say, sizeof(out->say),
		    "BUD-WARN: %llu bytes with this export this month, over "
		    "the %lld of the policy's warning",
		    (unsigned long long)out->month, (long long)warn);
	return 0;
}

/* ---- what left, and what is to leave ----------------------------------- */

struct month {
	int year, month;
	uint64_t bytes;
};

static int
add_entry(
    void *ctx, uint64_t index, const struct tg_json *entry, struct tg_err *err)
{
	struct month *m = ctx;
	const int64_t bytes = tg_json_get_int(entry, "bytes", -1);
	int year, month, day;

	tg_time_civil(tg_json_get_int(entry, "time", 0), &year, &month, &day);
	if (year != m->year || month != m->month)
		return 0;
	if (bytes < 0 || !add(&m->bytes, (uint64_t)bytes))
		return tg_fail(err, TG_E_INTEGRITY,
		    "entry %llu of the ledger has no bytes",
		    (unsigned long long)index);
	return 0;
}

static int
bytes_of(uint64_t *out, const char *bundle, struct tg_err *err)
{
	struct tg_fs_names names;
	int rc = 0;

	*out = 0;
	if (tg_fs_list(&names, bundle, true, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		char *path = tg_fs_join(bundle, names.name[i]);
		struct stat st;

		if (path == NULL)
			rc = tg_fail_memory(err);
		else if (stat(path, &st) < 0)
			rc = tg_fail_errno(err, errno, "%s", path);
		else
			*out += (uint64_t)st.st_size;
		free(path);
	}
	tg_fs_names_free(&names);
	return rc;
}

int
tg_budget_check(struct tg_budget *out, const struct tg_json *manifest,
    const char *bundle, struct tg_ledger *l, int64_t now, struct tg_err *err)
{
	struct month m = {.bytes = 0};
	uint64_t bytes;
	int day;

	tg_time_civil(now, &m.year, &m.month, &day);
	if (bytes_of(&bytes, bundle, err) < 0 ||
	    tg_ledger_each(l, "type", "export.done", add_entry, &m, err) < 0)
		return -1;
	return tg_budget_judge(out, manifest, m.bytes, bytes, err);
}
