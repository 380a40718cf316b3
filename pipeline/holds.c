#include "pipeline/holds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

#include "base/banned.h"

#define FOLDER "holds"
#define KIND "hold"
#define PLACE "place"
#define RELEASE "release"
#define PLACED "hold.placed"
#define RELEASED "hold.released"
#define DAY 86400
#define MEMORY (TG_YAML_MAX + (1u << 16))

const char *
tg_hold_state_name(enum tg_hold_state s)
{
	static const char *const name[] = {[TG_HOLD_IN_FORCE] = "in force",
	    [TG_HOLD_DRAFT] = "draft",
	    [TG_HOLD_RELEASED] = "released"};

	return name[s];
}

/* ---- who signed -------------------------------------------------------- */

struct apart {
	const struct tg_hold *h;
	const struct tg_register *reg;
};

static bool
is_apart(const void *ctx, const struct tg_person *p)
{
	const struct apart *a = ctx;

	return tg_signed_apart(a->reg, a->h->requested_by, p);
}

static bool
holds_any(const struct tg_person *p, const struct tg_hold_need *need)
{
	for (size_t i = 0; i < need->n; i++)
		if (tg_person_has(p, need->role[i]))
			return true;
	return false;
}

/* Whether each role has its signature; never of nobody. */
static bool
complete(const struct tg_signers *by, const struct tg_hold_need *need)
{
	for (size_t i = 0; i < need->n; i++) {
		bool found = false;

		for (size_t k = 0; k < by->n; k++)
			found =
			    found || tg_person_has(by->by[k], need->role[i]);
		if (!found)
			return false;
	}
	return need->n > 0;
}

/* ---- the ledger -------------------------------------------------------- */

struct history {
	const struct tg_hold *h;
	struct tg_hold_need placed; /* none: not placed */
	bool released;
};

static int
happened(
    void *ctx, uint64_t index, const struct tg_json *entry, struct tg_err *err)
{
	struct history *c = ctx;
	const char *type = tg_json_get_str(entry, "type", "");
	const struct tg_json *roles = tg_json_get(entry, "roles");

	if (strcmp(tg_json_get_str(entry, "hold_sha256", ""),
		c->h->file.sha256) != 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: it is not the record that ledger #%llu names",
		    c->h->file.path, (unsigned long long)index);
	if (strcmp(type, RELEASED) == 0)
		c->released = true;
	if (strcmp(type, PLACED) != 0)
		return 0;
	for (size_t i = 0; i < tg_json_len(roles) && i < TG_HOLD_ROLES; i++)
		(void)snprintf(c->placed.role[i], sizeof(c->placed.role[i]),
		    "%s", tg_json_text(tg_json_at(roles, i)));
	c->placed.n = tg_json_len(roles) < TG_HOLD_ROLES ? tg_json_len(roles)
							 : TG_HOLD_ROLES;
	return 0;
}

static int
look(struct tg_hold_now *x, const struct tg_register *reg, const char *dir,
    struct tg_err *err)
{
	const struct tg_signed s =
	    tg_signed_of(reg, dir, KIND, x->h.id, &x->h.file);
	const struct apart a = {&x->h, reg};
	struct history c = {.h = &x->h};

	if (tg_signed_by(&x->placed, &s, PLACE, is_apart, &a, err) < 0 ||
	    tg_signed_by(&x->released, &s, RELEASE, is_apart, &a, err) < 0 ||
	    tg_ledger_each(reg->ledger, "hold", x->h.id, happened, &c, err) < 0)
		return -1;
	x->need = c.placed;
	if (c.placed.n == 0)
		x->state = TG_HOLD_DRAFT;
	else if (c.released && complete(&x->released, &c.placed))
		x->state = TG_HOLD_RELEASED;
	else
		x->state = TG_HOLD_IN_FORCE;
	x->due =
	    x->state == TG_HOLD_IN_FORCE && reg->now >= x->h.review_by + DAY;
	return 0;
}

/* ---- the register ------------------------------------------------------ */

static int
open_one(struct tg_hold_now *out, const struct tg_register *reg,
    const char *dir, const char *id, struct tg_arena *mem, struct tg_err *err)
{
	const char *path = tg_signed_path(dir, id, mem);
	struct tg_hold_now x = {.state = TG_HOLD_IN_FORCE};
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_hold_open(&x.h, path, mem, err) < 0)
		return -1;
	rc = strcmp(x.h.id, id) == 0
	    ? look(&x, reg, dir, err)
	    : tg_fail(err, TG_E_INTEGRITY, "%s: it is the record of %s", path,
		  x.h.id);
	if (rc < 0)
		tg_hold_close(&x.h);
	else
		*out = x;
	return rc;
}

/* What the ledger calls placed must be in the folder. */
static int
is_there(
    void *ctx, uint64_t index, const struct tg_json *entry, struct tg_err *err)
{
	const char *id = tg_json_get_str(entry, "hold", "");

	return tg_holds_by_id(ctx, id) != NULL
	    ? 0
	    : tg_fail(err, TG_E_INTEGRITY,
		  "the record of the legal hold %.*s is gone: ledger #%llu "
		  "has it placed",
		  TG_HOLD_ID, id, (unsigned long long)index);
}

int
tg_holds_open(struct tg_holds *out, const struct tg_register *reg,
    struct tg_arena *mem, struct tg_err *err)
{
	char *dir = tg_signed_dir(reg->state_dir, FOLDER, err);
	struct tg_holds all = {.n = 0};
	const char *const *id;
	size_t n;
	int rc = -1;

	if (dir == NULL)
		return -1;
	if (tg_signed_ids(&id, &n, dir, tg_hold_id_ok, mem, err) < 0)
		goto out;
	if (n > TG_HOLDS_MAX) {
		(void)tg_fail(err, TG_E_LIMIT, "%s: more than %d holds", dir,
		    TG_HOLDS_MAX);
		goto out;
	}
	all.hold = tg_arena_calloc(mem, n + 1, sizeof(*all.hold));
	if (all.hold == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	for (; all.n < n; all.n++)
		if (open_one(&all.hold[all.n], reg, dir, id[all.n], mem, err) <
		    0)
			goto out;
	rc = tg_ledger_each(reg->ledger, "type", PLACED, is_there, &all, err);
out:
	free(dir);
	if (rc < 0)
		tg_holds_free(&all);
	else
		*out = all;
	return rc;
}

void
tg_holds_free(struct tg_holds *h)
{
	for (size_t i = 0; i < h->n; i++)
		tg_hold_close(&h->hold[i].h);
	h->n = 0;
}

const struct tg_hold_now *
tg_holds_by_id(const struct tg_holds *h, const char *id)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->hold[i].h.id, id) == 0)
			return &h->hold[i];
	return NULL;
}

const struct tg_hold_now *
tg_holds_over(const struct tg_holds *h, const struct tg_hold_asked *what)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->hold[i].state == TG_HOLD_IN_FORCE &&
		    tg_hold_covers(&h->hold[i].h, what))
			return &h->hold[i];
	return NULL;
}

int
tg_holds_ask(struct tg_hold_over *out, const struct tg_register *reg,
    const struct tg_hold_asked *what, struct tg_err *err)
{
	const struct tg_hold_now *by;
	struct tg_holds all;
	struct tg_arena mem;
	int rc;

	*out = (struct tg_hold_over){.id = ""};
	tg_arena_init(&mem, TG_HOLDS_MEMORY);
	rc = tg_holds_open(&all, reg, &mem, err);
	by = rc < 0 ? NULL : tg_holds_over(&all, what);
	if (by != NULL) {
		(void)snprintf(out->id, sizeof(out->id), "%s", by->h.id);
		out->reviewed = by->h.placed;
		out->review_by = by->h.review_by;
	}
	if (rc == 0)
		tg_holds_free(&all);
	tg_arena_deinit(&mem);
	return rc;
}

struct tg_hold_asked
tg_hold_asked_of(const struct tg_run_ref *run)
{
	const struct tg_json *m = run->manifest;
	const struct tg_json *r = tg_json_get(m, "retention");
	struct tg_hold_asked what = {.run = run->id,
	    .bundle_id = run->bundle_id,
	    .origin = tg_json_get_str(m == NULL ? run->plan : m, "origin", "")};

	/* Its oldest record is as old as its last day says; the newest was
	 * there when it was made.  One without a time could be of any day. */
	if (tg_json_get_int(r, "undated", 1) != 0)
		return what;
	what.from = tg_json_get_int(r, "delete_after", 0) -
	    tg_json_get_int(r, "days", 0) * DAY;
	what.until = tg_json_get_int(m, "created", INT64_MAX);
	return what;
}

size_t
tg_holds_due(const struct tg_holds *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->hold[i].due;
	return n;
}

/* ---- as a document ----------------------------------------------------- */

static int
set_list(struct tg_json *o, const char *key, const struct tg_hold_list *list)
{
	struct tg_json *a;
	int bad = 0;

	if (list->n == 0)
		return 0;
	a = tg_json_array();
	for (size_t i = 0; i < list->n; i++)
		bad |= tg_json_push_str(a, list->item[i]);
	return bad | tg_json_set(o, key, a);
}

static int
set_day(struct tg_json *o, const char *key, int64_t t)
{
	char text[TG_TIME_LEN];

	tg_time_format(text, t);
	return tg_json_set_sv(o, key, (struct tg_sv){text, 10});
}

static int
set_scope(struct tg_json *o, const struct tg_hold *h)
{
	struct tg_json *scope = tg_json_object(), *days;
	int bad = 0;

	bad |= set_list(scope, "runs", &h->runs);
	bad |= set_list(scope, "bundles", &h->bundles);
	bad |= set_list(scope, "origins", &h->origins);
	if (h->dated) {
		days = tg_json_object();
		bad |= set_day(days, "from", h->from);
		bad |= set_day(days, "until", h->until - DAY);
		bad |= tg_json_set(scope, "captured", days);
	}
	return bad | tg_json_set(o, "scope", scope);
}

static int
set_signers(struct tg_json *o, const char *key, const struct tg_signers *by)
{
	struct tg_json *a = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < by->n; i++)
		bad |= tg_json_push_str(a, by->by[i]->id);
	return bad | tg_json_set(o, key, a);
}

int
tg_hold_json(
    struct tg_json **out, const struct tg_hold_now *x, struct tg_err *err)
{
	const struct tg_hold *h = &x->h;
	const char *const text[][2] = {{"id", h->id},
	    {"sha256", h->file.sha256}, {"state", tg_hold_state_name(x->state)},
	    {"holder", h->holder}, {"case_reference", h->case_reference},
	    {"requested_by", h->requested_by}, {"reason", h->reason}};
	struct tg_json *o = tg_json_object();
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(text); i++)
		bad |= tg_json_set_str(o, text[i][0], text[i][1]);
	bad |= tg_json_set_bool(o, "due", x->due);
	bad |= set_scope(o, h);
	bad |= set_day(o, "placed_on", h->placed);
	bad |= set_day(o, "review_by", h->review_by);
	bad |= set_signers(o, "signed_by", &x->placed);
	bad |= set_signers(o, "released_by", &x->released);
	if (bad) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	*out = o;
	return 0;
}

/* ---- written ----------------------------------------------------------- */

/* Whether the register has @h under its id already: the same bytes. */
static int
same_there(bool *there, const struct tg_hold *h, const char *dir,
    struct tg_arena *mem, struct tg_err *err)
{
	const char *path = tg_signed_path(dir, h->id, mem);
	struct tg_pfile old;
	int rc;

	*there = path != NULL && tg_fs_exists(path);
	if (path == NULL)
		return tg_fail_memory(err);
	if (!*there)
		return 0;
	if (tg_pfile_read(&old, path, path, TG_YAML_MAX, mem, err) < 0)
		return -1;
	rc = strcmp(old.sha256, h->file.sha256) == 0
	    ? 0
	    : tg_fail(err, TG_E_NO,
		  "%s: the register has another record of that id", h->id);
	tg_pfile_close(&old);
	return rc;
}

int
tg_hold_add(char id[TG_HOLD_ID + 1], const char *state_dir, const char *path,
    struct tg_err *err)
{
	struct tg_hold h = {.id = NULL};
	char *dir = tg_signed_dir(state_dir, FOLDER, err);
	struct tg_arena mem;
	bool there;
	int rc = -1;

	if (dir == NULL)
		return -1;
	tg_arena_init(&mem, 2 * MEMORY);
	if (tg_hold_open(&h, path, &mem, err) == 0 &&
	    same_there(&there, &h, dir, &mem, err) == 0) {
		rc = there ? 0 : tg_signed_add(dir, h.id, h.file.text, err);
		(void)snprintf(id, TG_HOLD_ID + 1, "%s", h.id);
	}
	tg_hold_close(&h);
	tg_arena_deinit(&mem);
	free(dir);
	return rc;
}

static int
may_sign(const struct tg_hold_now *x, const struct tg_register *reg,
    const struct tg_hold_need *need, bool release, const struct tg_person *who,
    struct tg_err *err)
{
	const struct apart a = {&x->h, reg};

	if (x->state != (release ? TG_HOLD_IN_FORCE : TG_HOLD_DRAFT))
		return tg_fail(err, TG_E_NO, "%s is %s", x->h.id,
		    release && x->state == TG_HOLD_DRAFT
			? "a draft: it holds nothing"
			: tg_hold_state_name(x->state));
	if (!holds_any(who, need))
		return tg_fail(err, TG_E_NO,
		    "APR-ROLE: %s does not hold the role %s", who->id,
		    need->n == 0 ? "?" : need->role[0]);
	if (!is_apart(&a, who))
		return tg_fail(err, TG_E_NO,
		    "APR-SAME-PERSON: %s asks for %s, or prepares the export",
		    who->id, x->h.id);
	return 0;
}

static int
to_ledger(const struct tg_register *reg, const struct tg_hold *h,
    const struct tg_hold_need *need, const struct tg_signers *by, bool release,
    struct tg_err *err)
{
	struct tg_json *body = tg_json_object(), *roles = tg_json_array(),
		       *keys = tg_json_array();
	uint64_t at;
	int bad = 0;

	for (size_t i = 0; i < need->n; i++)
		bad |= tg_json_push_str(roles, need->role[i]);
	for (size_t i = 0; i < by->n; i++)
		bad |= tg_json_push_str(keys, by->by[i]->key_id);
	bad |= tg_json_set_str(body, "hold", h->id);
	bad |= tg_json_set_str(body, "hold_sha256", h->file.sha256);
	bad |= set_day(body, "review_by", h->review_by);
	bad |= tg_json_set(body, "roles", roles);
	bad |= tg_json_set(body, "approver_keyids", keys);
	if (bad) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(
	    reg->ledger, release ? RELEASED : PLACED, body, &at, err);
}

int
tg_hold_sign(const struct tg_hold_now *x, const struct tg_register *reg,
    const struct tg_hold_need *need, bool release, const struct tg_person *who,
    const struct tg_minisign_key *key, struct tg_err *err)
{
	const char *verb = release ? RELEASE : PLACE;
	const struct apart a = {&x->h, reg};
	char *dir = tg_signed_dir(reg->state_dir, FOLDER, err);
	struct tg_signers by;
	struct tg_signed s;
	int rc = -1;

	if (dir == NULL)
		return -1;
	s = tg_signed_of(reg, dir, KIND, x->h.id, &x->h.file);
	if (may_sign(x, reg, need, release, who, err) == 0 &&
	    tg_signed_sign(&s, verb, who, key, err) == 0 &&
	    tg_signed_by(&by, &s, verb, is_apart, &a, err) == 0)
		rc = complete(&by, need)
		    ? to_ledger(reg, &x->h, need, &by, release, err)
		    : 0;
	free(dir);
	return rc;
}
