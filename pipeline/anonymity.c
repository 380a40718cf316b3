#include "pipeline/anonymity.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define PATH_MAX_LEN 160 /* bytes of a leaf's path */
#define PPB UINT64_C(1000000000)

__extension__ typedef unsigned __int128 wide;

/* Whether the leaf at @path is @word; a leaf that is not there is not. */
static bool
leaf_is(const struct tg_policy *p, const char *path, const char *word)
{
	const struct tg_leaf *leaf = tg_policy_find(p, path);

	return leaf != NULL && leaf->text != NULL &&
	    strcmp(leaf->text, word) == 0;
}

/* The fields of class quasi that the policy lets out in some form; and those of
 * class direct that leave so that the same value stays the same. */
static int
fields(struct tg_anonymity *a, const struct tg_policy *p, struct tg_err *err)
{
	for (unsigned f = TG_FIELD_none + 1; f < TG_FIELD_COUNT; f++) {
		const char *name = tg_field_name((enum tg_field_id)f);
		char path[PATH_MAX_LEN];
		const char *op;
		bool quasi, direct;

		(void)snprintf(
		    path, sizeof(path), "/anonymisation/fields/%s/class", name);
		quasi = leaf_is(p, path, "quasi");
		direct = leaf_is(p, path, "direct");
		if (!quasi && !direct)
			continue;
		(void)snprintf(
		    path, sizeof(path), "/anonymisation/fields/%s/op", name);
		if (tg_policy_str(p, path, &op, err) < 0)
			return -1;
		a->direct += direct;
		a->link[f] = direct && strcmp(op, "drop") != 0 &&
		    strcmp(op, "label") != 0;
		a->field[f] = quasi && strcmp(op, "drop") != 0;
		if (f == TG_FIELD_timestamp &&
		    leaf_is(p, "/anonymisation/date_granularity", "none"))
			a->field[f] = false;
		a->measured = a->measured || a->field[f];
	}
	return 0;
}

/* Whether a type of the texts is generalised: what stands there then tells
 * people apart. */
static bool
generalises(const struct tg_policy *p)
{
	static const char head[] = "/redaction/detectors/";

	for (size_t i = 0; i < tg_policy_count(p); i++) {
		const struct tg_leaf *leaf = tg_policy_at(p, i);
		const char *last = strrchr(leaf->path, '/');

		if (strncmp(leaf->path, head, sizeof(head) - 1) == 0 &&
		    (strcmp(last, "/operator") == 0 ||
			strcmp(last, "/action") == 0) &&
		    leaf->text != NULL && strcmp(leaf->text, "generalise") == 0)
			return true;
	}
	return false;
}

static int
limits(struct tg_anonymity *a, const struct tg_policy *p, struct tg_err *err)
{
	/* Asked by few policies. */
	static const char l_min[] = "/anonymisation/l_min",
			  k_health[] = "/anonymisation/k_min_health";

	if (tg_policy_u64(p, "/anonymisation/k_min", &a->limits.k, err) < 0 ||
	    tg_policy_ratio(p, "/anonymisation/max_suppression_ratio",
		&a->max_suppressed_ppb, err) < 0)
		return -1;
	if (tg_policy_find(p, k_health) != NULL &&
	    tg_policy_u64(p, k_health, &a->limits.k_health, err) < 0)
		return -1;
	if (tg_policy_find(p, l_min) == NULL)
		return 0;
	return tg_policy_u64(p, l_min, &a->limits.l, err);
}

int
tg_anonymity_ask(struct tg_anonymity *out, const struct tg_policy *p, bool real,
    bool invented, struct tg_err *err)
{
	struct tg_anonymity a = {.measured = false};
	const char *level, *unit, *who;

	if (tg_policy_str(p, "/anonymisation/level", &level, err) < 0 ||
	    tg_policy_str(p, "/anonymisation/k_unit", &unit, err) < 0 ||
	    tg_policy_str(p, "/anonymisation/k_applies_to", &who, err) < 0 ||
	    limits(&a, p, err) < 0 || fields(&a, p, err) < 0)
		return -1;
	a.general = generalises(p);
	a.measured = a.measured || a.general;
	/* What is not known to be a looser word asks for people. */
	a.limits.by_record = strcmp(unit, "record") == 0;
	a.applies_to_all = strcmp(who, "real") != 0;
	a.only_real = !a.applies_to_all && real && invented;
	a.enforced = a.measured && (real || a.applies_to_all) &&
	    strcmp(level, "none") != 0 && strcmp(level, "pseudonymised") != 0;
	*out = a;
	return 0;
}

uint64_t
tg_anonymity_suppressed(const struct tg_anonymity *a)
{
	return a->enforced ? a->result.small + a->result.one_value : 0;
}

int
tg_anonymity_judge(const struct tg_anonymity *a, struct tg_err *err)
{
	const uint64_t go = tg_anonymity_suppressed(a);
	const uint64_t all = a->result.before.rows;
	char texts[64] = "", health[64] = "";
	const uint64_t share =
	    all == 0 ? 0 : (uint64_t)(((wide)go * PPB + all - 1) / all);

	if (share <= a->max_suppressed_ppb)
		return 0;
	if (a->limits.l > 1)
		(void)snprintf(texts, sizeof(texts),
		    " or with fewer than %llu different texts",
		    (unsigned long long)a->limits.l);
	if (a->result.small_health > 0)
		(void)snprintf(health, sizeof(health),
		    " (%llu where there are findings on health)",
		    (unsigned long long)a->limits.k_health);
	(void)tg_fail(err, TG_E_NO,
	    "ANO-SUPPRESSED: %llu of %llu records (%llu.%llu %%) are in groups "
	    "of fewer than %llu %s%s%s; the policy lets %llu.%llu %% go "
	    "(/anonymisation/max_suppression_ratio)",
	    (unsigned long long)go, (unsigned long long)all,
	    (unsigned long long)(share / 10000000),
	    (unsigned long long)(share / 1000000 % 10),
	    (unsigned long long)a->limits.k,
	    a->limits.by_record ? "records" : "people", health, texts,
	    (unsigned long long)(a->max_suppressed_ppb / 10000000),
	    (unsigned long long)(a->max_suppressed_ppb / 1000000 % 10));
	return tg_fail_hint(err,
	    "generalise more (date_granularity, fields), take more records, or "
	    "drop the field that tells people apart");
}

static int
set(struct tg_json *o, const char *key, uint64_t v)
{
	return tg_json_set_int(o, key, (int64_t)v);
}

static struct tg_json *
histogram(const struct tg_class_figures *f)
{
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < TG_CLASS_BUCKETS; i++) {
		struct tg_json *o = tg_json_object();

		bad |= set(o, "from", tg_class_sizes[i]);
		bad |= set(o, "classes", f->bucket[i]);
		bad |= set(o, "records", f->bucket_rows[i]);
		bad |= tg_json_push(list, o);
	}
	if (bad == 0)
		return list;
	tg_json_free(list);
	return NULL;
}

static struct tg_json *
figures(const struct tg_class_figures *f)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= set(o, "records", f->rows);
	bad |= set(o, "subjects", f->subjects);
	bad |= set(o, "classes", f->classes);
	bad |= set(o, "smallest", f->min);
	bad |= set(o, "largest", f->max);
	bad |= set(o, "single", f->single);
	bad |= set(o, "l", f->l_min);
	bad |= set(o, "with_value", f->with_value);
	bad |= set(o, "one_value", f->one_value);
	bad |= set(o, "health_classes", f->health_classes);
	bad |= set(o, "health_records", f->health_rows);
	bad |= set(o, "health_smallest", f->health_min);
	bad |= set(o, "prosecutor_max_ppb", f->prosecutor_max);
	bad |= set(o, "prosecutor_mean_ppb", f->prosecutor_mean);
	bad |= set(o, "marketer_ppb", f->marketer);
	bad |= tg_json_set(o, "histogram", histogram(f));
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

static int
measured(struct tg_json *o, const struct tg_anonymity *a)
{
	static const char *const by[TG_SUBJECT_KINDS] = {
	    "person", "session", "trace", "record"};
	const struct tg_class_result *r = &a->result;
	struct tg_json *subjects = tg_json_object(), *below = tg_json_object();
	int bad = 0;

	for (size_t i = 0; i < TG_SUBJECT_KINDS; i++)
		bad |= set(subjects, by[i], r->by[i]);
	bad |= set(below, "k", r->small);
	bad |= set(below, "k_health", r->small_health);
	bad |= set(below, "l", r->one_value);
	bad |= tg_json_set(o, "subjects_by", subjects);
	bad |= tg_json_set(o, "below", below);
	bad |= set(o, "suppressed", tg_anonymity_suppressed(a));
	bad |= tg_json_set(o, "read", figures(&r->before));
	return bad |
	    tg_json_set(
		o, "left", figures(a->enforced ? &r->after : &r->before));
}

struct tg_json *
tg_anonymity_json(const struct tg_anonymity *a)
{
	struct tg_json *o = tg_json_object(), *list = tg_json_array(),
		       *linking = tg_json_array();
	int bad = 0;

	for (unsigned f = 0; f < TG_FIELD_COUNT; f++) {
		const char *name = tg_field_name((enum tg_field_id)f);

		if (a->field[f])
			bad |= tg_json_push_str(list, name);
		if (a->link[f])
			bad |= tg_json_push_str(linking, name);
	}
	bad |= set(o, "direct", a->direct);
	bad |= tg_json_set(o, "linking", linking);
	if (a->general)
		bad |= tg_json_push_str(list, "generalised_text");
	bad |= tg_json_set_bool(o, "measured", a->measured);
	bad |= tg_json_set_bool(o, "enforced", a->enforced);
	bad |= tg_json_set_str(
	    o, "applies_to", a->applies_to_all ? "all" : "real");
	bad |= tg_json_set_bool(o, "only_real", a->only_real);
	bad |= tg_json_set(o, "fields", list);
	bad |= set(o, "k", a->limits.k);
	bad |= set(o, "k_health", a->limits.k_health);
	bad |= tg_json_set_str(
	    o, "k_unit", a->limits.by_record ? "record" : "subject");
	bad |= set(o, "l_asked", a->limits.l);
	bad |= set(o, "max_suppressed_ppb", a->max_suppressed_ppb);
	if (a->measured)
		bad |= measured(o, a);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}
