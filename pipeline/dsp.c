#include "pipeline/dsp.h"

#include <stdio.h>
#include <string.h>

#include "policies/gate.h"

#include "base/banned.h"

#define MEMBER "us_dsp"
#define HEAD "/us_dsp/thresholds_us_persons/"
#define HOME "US"
#define DAY 86400
/* Under which all identifiers together count (202.212). */
#define ALL "covered_identifiers"

/* The fides keys of a category, by their head (fideslang 3.1). */
static const struct {
	const char *category, *fides;
} keys[] = {{"health", "user.health_and_medical"},
    {"financial", "user.financial"}, {"biometric", "user.biometric"},
    {"geo_precise_devices", "user.location.precise"},
    {"human_genomic", "user.genetic"}, {"human_omic", "user.genetic"}};

/* ---- what a run brings ------------------------------------------------- */

static bool
is_of(const struct tg_policy *p, const char *type, const char *category)
{
	char path[160];
	const struct tg_leaf *fides;

	if (strcmp(category, ALL) == 0)
		return true;
	(void)snprintf(
	    path, sizeof(path), "/redaction/detectors/%.64s/fides", type);
	fides = tg_policy_find(p, path);
	for (size_t i = 0; fides != NULL && i < TG_COUNT(keys); i++)
		if (strcmp(keys[i].category, category) == 0 &&
		    strncmp(
			fides->text, keys[i].fides, strlen(keys[i].fides)) == 0)
			return true;
	return false;
}

static bool
all_invented(const struct tg_manifest_in *in)
{
	for (size_t i = 0; i < in->n_input; i++)
		if (strcmp(in->text_origin[i], "synthetic") != 0)
			return false;
	return in->n_input > 0;
}

/* Units that the draw has kept. */
static uint64_t
drawn(const struct tg_counts *c)
{
	for (size_t i = 0; i < c->n_stage; i++)
		if (strcmp(c->stage[i].name, "sample") == 0)
			return c->stage[i].out;
	return 0;
}

static uint64_t
persons(const struct tg_manifest_in *in, const char *category)
{
	uint64_t n = strcmp(category, ALL) == 0 ? drawn(in->counts) : 0;

	if (all_invented(in))
		return 0;
	for (size_t i = 0;
	     i < tg_rules_type_count(in->rules) && i < TG_COUNT_TYPES; i++)
		if (is_of(in->policy, tg_rules_type(in->rules, (uint16_t)i),
			category))
			n += in->counts->type[i].spans;
	return n;
}

static int
counts(struct tg_json *list, const struct tg_manifest_in *in)
{
	int bad = 0;

	for (size_t i = 0; i < tg_policy_count(in->policy); i++) {
		const struct tg_leaf *leaf = tg_policy_at(in->policy, i);
		const char *category = leaf->path + strlen(HEAD);
		struct tg_json *o;
		uint64_t max;

		if (strncmp(leaf->path, HEAD, strlen(HEAD)) != 0)
			continue;
		o = tg_json_object();
		bad |= tg_policy_u64(in->policy, leaf->path, &max, NULL) < 0;
		bad |= tg_json_set_str(o, "category", category);
		bad |= tg_json_set_int(
		    o, "persons", (int64_t)persons(in, category));
		bad |= tg_json_set_int(o, "threshold", bad ? 0 : (int64_t)max);
		bad |= tg_json_push(list, o);
	}
	return bad;
}

struct tg_json *
tg_dsp_json(const struct tg_manifest_in *in)
{
	const struct tg_policy *p = in->policy;
	uint64_t days = 0, block = 0, warn = 0;
	struct tg_json *o, *list;
	int bad = 0;

	if (strcmp(in->recipient->country, HOME) == 0 ||
	    tg_policy_find(p, "/us_dsp/window_days") == NULL)
		return tg_json_null();
	o = tg_json_object();
	list = tg_json_array();
	bad |= tg_policy_u64(p, "/us_dsp/window_days", &days, NULL) < 0;
	bad |= tg_policy_ratio(p, "/us_dsp/block_ratio", &block, NULL) < 0;
	bad |= tg_policy_ratio(p, "/us_dsp/warn_ratio", &warn, NULL) < 0;
	bad |= tg_json_set_int(o, "window_days", (int64_t)days);
	bad |= tg_json_set_int(o, "block_ppb", (int64_t)block);
	bad |= tg_json_set_int(o, "warn_ppb", (int64_t)warn);
	bad |= counts(list, in);
	bad |= tg_json_set(o, "counts", list);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* ---- what the recipient has got ---------------------------------------- */

struct window {
	int64_t from; /* seconds; what is older does not count */
	const char *category;
	uint64_t persons;
};

static uint64_t
count_of(const struct tg_json *list, const char *category)
{
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *o = tg_json_at(list, i);
		const int64_t n = tg_json_get_int(o, "persons", 0);

		if (strcmp(tg_json_get_str(o, "category", ""), category) == 0)
			return n < 0 ? 0 : (uint64_t)n;
	}
	return 0;
}

static int
add_entry(void *ctx, uint64_t index TG_UNUSED, const struct tg_json *entry,
    struct tg_err *err TG_UNUSED)
{
	struct window *w = ctx;

	if (strcmp(tg_json_get_str(entry, "type", ""), "export.done") == 0 &&
	    tg_json_get_int(entry, "time", INT64_MAX) > w->from)
		w->persons += count_of(tg_json_get(entry, MEMBER), w->category);
	return 0;
}

static int
judge(char say[TG_DSP_SAY], const struct tg_json *dsp,
    const struct tg_json *count, uint64_t n, struct tg_err *err)
{
	const char *category = tg_json_get_str(count, "category", "?");
	const int64_t max = tg_json_get_int(count, "threshold", 0);
	const int64_t days = tg_json_get_int(dsp, "window_days", 0);
	const int64_t block = tg_json_get_int(dsp, "block_ppb", 0);
	const int64_t warn = tg_json_get_int(dsp, "warn_ppb", 0);

	if (tg_policy_reached(n, (uint64_t)max, (uint64_t)block))
		return tg_fail(err, TG_E_NO,
		    "DSP-BULK: with this export the recipient has got data of "
		    "up to %llu U.S. persons (%s) within %lld days, the "
		    "threshold is %lld; nothing was sent",
		    (unsigned long long)n, category, (long long)days,
		    (long long)max);
	if (say[0] == '\0' &&
	    tg_policy_reached(n, (uint64_t)max, (uint64_t)warn))
		(void)snprintf(say, TG_DSP_SAY,
		    "DSP-WARN: up to %llu U.S. persons (%.64s) within %lld "
		    "days, the threshold is %lld",
		    (unsigned long long)n, category, (long long)days,
		    (long long)max);
	return 0;
}

int
tg_dsp_check(char say[TG_DSP_SAY], const struct tg_json *manifest,
    struct tg_ledger *l, int64_t now, struct tg_err *err)
{
	const struct tg_json *dsp = tg_json_get(manifest, MEMBER);
	const struct tg_json *list = tg_json_get(dsp, "counts");
	const char *to =
	    tg_json_get_str(tg_json_get(manifest, "recipient"), "id", "");
	const int64_t from = now - tg_json_get_int(dsp, "window_days", 0) * DAY;

	say[0] = '\0';
	for (size_t i = 0; i < tg_json_len(list); i++) {
		const struct tg_json *count = tg_json_at(list, i);
		struct window w = {
		    from, tg_json_get_str(count, "category", ""), 0};

		if (tg_ledger_each(l, "recipient", to, add_entry, &w, err) < 0)
			return -1;
		w.persons += count_of(list, w.category);
		if (judge(say, dsp, count, w.persons, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_dsp_done(struct tg_json *body, const struct tg_json *manifest)
{
	struct tg_json *list =
	    tg_json_get(tg_json_get(manifest, MEMBER), "counts");
	int bad = tg_json_set_str(body, "recipient",
	    tg_json_get_str(tg_json_get(manifest, "recipient"), "id", ""));

	if (tg_json_len(list) > 0)
		bad |= tg_json_set(body, MEMBER, tg_json_ref(list));
	return bad;
}
