#include "policies/hold.h"

#include <stdio.h>
#include <string.h>

#include "base/env.h"

#include "base/banned.h"

#define DAY 86400
#define MAX_REVIEW "/retention/legal_hold/max_review_days"
#define REQUIRES "/retention/legal_hold/requires"

bool
tg_hold_id_ok(struct tg_sv id)
{
	return tg_pfile_id_ok(id, TG_SV("HOLD-"), TG_HOLD_ID);
}

/* ---- the file ---------------------------------------------------------- */

static int
fail_at(const struct tg_hold *h, const struct tg_ynode *map, const char *key,
    struct tg_err *err, const char *what)
{
	const struct tg_ynode *at = tg_ynode_get(map, key);

	return tg_yaml_fail(
	    h->file.yaml, at == NULL ? map : at, err, "'%s': %s", key, what);
}

static int
texts(struct tg_hold *h, const struct tg_ynode *root, struct tg_err *err)
{
	const struct {
		const char *key, **to;
	} text[] = {{"id", &h->id}, {"holder", &h->holder},
	    {"case_reference", &h->case_reference},
	    {"requested_by", &h->requested_by}, {"reason", &h->reason}};

	for (size_t i = 0; i < TG_COUNT(text); i++)
		if (tg_pfile_str(
			text[i].to, &h->file, root, text[i].key, true, err) < 0)
			return -1;
	return tg_hold_id_ok(tg_sv_of(h->id))
	    ? 0
	    : fail_at(h, root, "id", err,
		  "HOLD- and capitals, digits, '-' expected");
}

static int
list(struct tg_hold_list *out, const struct tg_hold *h,
    const struct tg_ynode *scope, const char *key, struct tg_arena *mem,
    struct tg_err *err)
{
	const struct tg_ynode *seq = tg_ynode_get(scope, key);

	if (seq == NULL)
		return 0;
	if (tg_pfile_list(&out->item, &out->n, &h->file, seq, mem, err) < 0)
		return -1;
	return out->n > 0
	    ? 0
	    : fail_at(h, scope, key, err, "an empty list holds nothing");
}

static bool
is_country(const char *s)
{
	return strlen(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' &&
	    s[1] <= 'Z';
}

/* A line with a slip of the pen would hold nothing, silently. */
static int
lists_ok(
    const struct tg_hold *h, const struct tg_ynode *scope, struct tg_err *err)
{
	for (size_t i = 0; i < h->runs.n; i++)
		if (!tg_sv_starts(tg_sv_of(h->runs.item[i]), TG_SV("EXP-")))
			return fail_at(h, scope, "runs", err,
			    "a run's id begins with EXP-");
	for (size_t i = 0; i < h->bundles.n; i++)
		if (!tg_sv_starts(tg_sv_of(h->bundles.item[i]), TG_SV("tg-")))
			return fail_at(h, scope, "bundles", err,
			    "a bundle's id begins with tg-");
	for (size_t i = 0; i < h->origins.n; i++)
		if (!is_country(h->origins.item[i]))
			return fail_at(h, scope, "origins", err,
			    "two capitals each, as in a job");
	return 0;
}

static int
captured(struct tg_hold *h, const struct tg_ynode *scope, struct tg_err *err)
{
	static const char *const keys[] = {"from", "until", NULL};
	const struct tg_ynode *map = tg_ynode_get(scope, "captured");

	if (map == NULL)
		return 0;
	if (map->kind != TG_Y_MAP)
		return fail_at(h, scope, "captured", err,
		    "{from: DATE, until: DATE} expected");
	if (tg_pfile_keys(&h->file, map, keys, err) < 0 ||
	    tg_pfile_date(&h->from, &h->file, map, "from", true, err) < 0 ||
	    tg_pfile_date(&h->until, &h->file, map, "until", true, err) < 0)
		return -1;
	if (h->until < h->from)
		return fail_at(
		    h, map, "until", err, "it ends before it begins");
	h->until += DAY;
	h->dated = true;
	return 0;
}

static int
scope_of(struct tg_hold *h, const struct tg_ynode *root, struct tg_arena *mem,
    struct tg_err *err)
{
	static const char *const keys[] = {
	    "runs", "bundles", "origins", "captured", NULL};
	const struct tg_ynode *map = tg_ynode_get(root, "scope");

	if (map == NULL || map->kind != TG_Y_MAP || map->n == 0)
		return fail_at(h, root, "scope", err,
		    "one of runs, bundles, origins, captured at least");
	if (tg_pfile_keys(&h->file, map, keys, err) < 0 ||
	    list(&h->runs, h, map, "runs", mem, err) < 0 ||
	    list(&h->bundles, h, map, "bundles", mem, err) < 0 ||
	    list(&h->origins, h, map, "origins", mem, err) < 0 ||
	    lists_ok(h, map, err) < 0)
		return -1;
	return captured(h, map, err);
}

static int
days(struct tg_hold *h, const struct tg_ynode *root, struct tg_err *err)
{
	if (tg_pfile_date(&h->placed, &h->file, root, "placed_on", true, err) <
		0 ||
	    tg_pfile_date(
		&h->review_by, &h->file, root, "review_by", true, err) < 0)
		return -1;
	return h->review_by > h->placed
	    ? 0
	    : fail_at(h, root, "review_by", err, "it is after placed_on");
}

int
tg_hold_open(struct tg_hold *out, const char *path, struct tg_arena *mem,
    struct tg_err *err)
{
	static const char *const keys[] = {"schema", "id", "holder",
	    "case_reference", "requested_by", "reason", "scope", "placed_on",
	    "review_by", NULL};
	const struct tg_ynode *root;
	struct tg_hold h = {.id = NULL};

	if (tg_pfile_open(&h.file, path, path, mem, err) < 0)
		return -1;
	root = tg_pfile_root(&h.file, TG_HOLD_SCHEMA, err);
	if (root == NULL || tg_pfile_keys(&h.file, root, keys, err) < 0 ||
	    texts(&h, root, err) < 0 || scope_of(&h, root, mem, err) < 0 ||
	    days(&h, root, err) < 0) {
		tg_hold_close(&h);
		return -1;
	}
	*out = h;
	return 0;
}

void
tg_hold_close(struct tg_hold *h)
{
	tg_pfile_close(&h->file);
}

/* ---- the scope --------------------------------------------------------- */

static bool
fits(const struct tg_hold_list *list, const char *what)
{
	if (list->n == 0 || what[0] == '\0')
		return true;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->item[i], what) == 0)
			return true;
	return false;
}

bool
tg_hold_covers(const struct tg_hold *h, const struct tg_hold_asked *what)
{
	if (!fits(&h->runs, what->run) || !fits(&h->bundles, what->bundle_id) ||
	    !fits(&h->origins, what->origin))
		return false;
	return !h->dated || what->from == 0 ||
	    (what->from < h->until && what->until >= h->from);
}

/* ---- the policy -------------------------------------------------------- */

static int
needs(struct tg_hold_need *need, const char *item, struct tg_err *err)
{
	static const char tail[] = "_approval";
	const size_t t = sizeof(tail) - 1, n = strlen(item);

	if (strcmp(item, "case_reference") == 0)
		return 0; /* each has one */
	if (n <= t || n - t >= sizeof(need->role[0]) ||
	    strcmp(item + n - t, tail) != 0)
		return tg_fail(err, TG_E_CONFIG,
		    REQUIRES ": '%.64s' is nothing that a hold can show", item);
	for (size_t i = 0; i < need->n; i++)
		if (strlen(need->role[i]) == n - t &&
		    strncmp(need->role[i], item, n - t) == 0)
			return 0;
	if (need->n == TG_HOLD_ROLES)
		return tg_fail(err, TG_E_CONFIG,
		    REQUIRES ": more than %d roles", TG_HOLD_ROLES);
	(void)snprintf(need->role[need->n++], sizeof(need->role[0]), "%.*s",
	    (int)(n - t), item);
	return 0;
}

int
tg_hold_allowed(struct tg_hold_need *need, const struct tg_hold *h,
    const struct tg_policy *p, struct tg_err *err)
{
	const struct tg_leaf *list = tg_policy_find(p, REQUIRES);
	uint64_t most;

	if (tg_policy_u64(p, MAX_REVIEW, &most, err) < 0)
		return -1;
	if (list == NULL)
		return tg_fail(err, TG_E_CONFIG,
		    "E-NO-SUCH-LEAF: the policy does not say " REQUIRES);
	if ((uint64_t)((h->review_by - h->placed) / DAY) > most)
		return fail_at(h, tg_yaml_root(h->file.yaml), "review_by", err,
		    "later than the days of " MAX_REVIEW " after placed_on");
	for (size_t i = 0; i < list->n; i++)
		if (needs(need, list->item[i], err) < 0)
			return -1;
	return 0;
}
