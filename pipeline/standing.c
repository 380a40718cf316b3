#include "pipeline/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "pipeline/decision_doc.h"
#include "pipeline/standing_priv.h"

#include "base/banned.h"

#define POLICY "policy_change"
#define RECIPIENT "recipient_change"
#define KEY "key_change"
#define CAP "cap_exceeded"

bool
tg_standing_is(const struct tg_json *doc)
{
	return strcmp(tg_decision_member(doc, "decision", NULL),
		   tg_decide_name(TG_APPROVE_STANDING)) == 0;
}

/* ---- held against an export -------------------------------------------- */

const char *
tg_standing_differs(const struct tg_json *doc, const struct tg_json *manifest)
{
	static const struct {
		const char *a, *b, *of_a, *of_b, *cause;
	} same[] = {
	    {"subjects", "policy_sha256", "policy", "effective_sha256", POLICY},
	    {"recipient", "id", "recipient", "id", RECIPIENT},
	    {"country", NULL, "recipient", "country", RECIPIENT},
	    {"purpose", NULL, "purpose", "id", ""},
	    {"retention_class", NULL, "retention", "class", ""},
	    {"standing", "origin", "origin", NULL, ""},
	    {"standing", "target", "target", NULL, ""}};

	for (size_t i = 0; i < TG_COUNT(same); i++)
		if (strcmp(tg_decision_member(doc, same[i].a, same[i].b),
			tg_decision_member(
			    manifest, same[i].of_a, same[i].of_b)) != 0)
			return same[i].cause;
	return tg_decision_same_keys(doc, manifest) ? NULL : KEY;
}

static bool
under(int64_t before, int64_t now, int64_t cap)
{
	int64_t sum;

	return now >= 0 && !__builtin_add_overflow(before, now, &sum) &&
	    sum <= cap;
}

static int64_t
count_of(const struct tg_json *manifest)
{
	return tg_json_get_int(tg_json_get(manifest, "records"), "count", -1);
}

bool
tg_standing_fits(const struct tg_json *doc, const struct tg_standing_fact *f,
    const struct tg_json *manifest)
{
	const struct tg_json *caps = tg_json_get(doc, "caps");

	return under(f->runs, 1,
		   tg_json_get_int(
		       tg_json_get(doc, "standing"), "max_runs", 0)) &&
	    under(f->records, count_of(manifest),
		tg_json_get_int(caps, "max_records", 0)) &&
	    under(f->bytes, tg_manifest_bytes(manifest),
		tg_json_get_int(caps, "max_bytes", 0));
}

static const struct tg_json *
relied_on(const struct tg_json *manifest)
{
	return tg_json_get(
	    tg_json_get(tg_json_get(manifest, "approvals"), "standing"),
	    "used");
}

bool
tg_standing_listed(const struct tg_json *manifest, const char *decision_sha256)
{
	const struct tg_json *used = relied_on(manifest);

	for (size_t i = 0; i < tg_json_len(used); i++)
		if (strcmp(tg_json_get_str(
			       tg_json_at(used, i), "decision_sha256", ""),
			decision_sha256) == 0)
			return true;
	return false;
}

/* ---- the ledger -------------------------------------------------------- */

struct facts {
	struct tg_standing_fact *f;
	const char *bundle_id;
};

static int
happened(
    void *ctx, uint64_t index, const struct tg_json *entry, struct tg_err *err)
{
	const struct facts *c = ctx;
	const char *type = tg_json_get_str(entry, "type", "");

	(void)index;
	(void)err;
	if (strcmp(type, "standing.revoked") == 0)
		c->f->revoked = true;
	else if (strcmp(type, "standing.suspended") == 0)
		(void)snprintf(c->f->cause, sizeof(c->f->cause), "%s",
		    tg_json_get_str(entry, "cause", "?"));
	else if (strcmp(type, "standing.used") == 0 &&
	    strcmp(tg_json_get_str(entry, "bundle_id", ""), c->bundle_id) !=
		0) {
		c->f->runs++;
		c->f->records += tg_json_get_int(entry, "records", 0);
		c->f->bytes += tg_json_get_int(entry, "bytes", 0);
	}
	return 0;
}

int
tg_standing_fact(struct tg_standing_fact *out, struct tg_ledger *l,
    const char *decision_sha256, const char *bundle_id, struct tg_err *err)
{
	struct facts c = {out, bundle_id};

	*out = (struct tg_standing_fact){.revoked = false};
	return tg_ledger_each(
	    l, "decision_sha256", decision_sha256, happened, &c, err);
}

static int
append(struct tg_ledger *l, const char *type, struct tg_json *take_body,
    int bad, struct tg_err *err)
{
	uint64_t at;

	if (bad || take_body == NULL) {
		tg_json_free(take_body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(l, type, take_body, &at, err);
}

static int
suspend_one(struct tg_ledger *l, const char *sha, const char *cause,
    const char *run, struct tg_err *err)
{
	struct tg_json *body = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(body, "decision_sha256", sha);
	bad |= tg_json_set_str(body, "cause", cause);
	bad |= tg_json_set_str(body, "run", run);
	return append(l, "standing.suspended", body, bad, err);
}

/* ---- the folder -------------------------------------------------------- */

char *
tg_standing_dir(const char *state_dir, const char *origin)
{
	char below[64];

	(void)snprintf(
	    below, sizeof(below), TG_STANDING_FOLDER "/%.16s", origin);
	return tg_fs_join(state_dir, below);
}

/* A file that is no standing approval is passed over: it counts for nothing. */
static int
look(const char *dir, const char *name, tg_standing_tell fn, void *ctx,
    struct tg_err *err)
{
	struct tg_standing_found f = {.dir = dir, .name = name};
	char *path = tg_fs_join(dir, name);
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	struct tg_json *doc = NULL;
	struct tg_err bad = {0};
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, TG_DECISION_MAX);
	if (path == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_slurp(&b, path, NULL, err) < 0 ||
	    tg_sha256_bytes(digest, b.p, b.n, err) < 0)
		goto out;
	tg_sha256_hex(hex, digest);
	f.bytes = tg_buf_sv(&b);
	f.sha256 = hex;
	rc = 0;
	if (tg_decision_parse(&doc, f.bytes, &bad) < 0)
		rc = bad.cls == TG_E_MEMORY ? tg_fail_memory(err) : 0;
	f.doc = doc;
	if (doc != NULL && tg_standing_is(doc))
		rc = fn(ctx, &f, err);
out:
	tg_json_free(doc);
	tg_buf_deinit(&b);
	free(path);
	return rc;
}

int
tg_standing_each(const struct tg_standing_ask *ask, const char *origin,
    tg_standing_tell fn, void *ctx, struct tg_err *err)
{
	char *dir = tg_standing_dir(ask->state_dir, origin);
	struct tg_fs_names names = {NULL, 0};
	int rc = 0;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_fs_is_dir(dir))
		rc = tg_fs_list(&names, dir, false, err);
	for (size_t i = 0; i < names.n && rc == 0; i++)
		if (tg_decision_name_ok(tg_sv_of(names.name[i])))
			rc = look(dir, names.name[i], fn, ctx, err);
	tg_fs_names_free(&names);
	free(dir);
	return rc;
}

/* ---- suspended, revoked ------------------------------------------------ */

bool
tg_standing_suspends(const struct tg_json *manifest, const char *cause)
{
	const struct tg_json *on = tg_json_get(
	    tg_json_get(tg_json_get(manifest, "approvals"), "standing"),
	    "suspend_on");

	for (size_t i = 0; i < tg_json_len(on); i++)
		if (strcmp(tg_json_text(tg_json_at(on, i)), cause) == 0)
			return true;
	return false;
}

struct end {
	const struct tg_standing_ask *ask;
	const char *cause, *run; /* suspended; cause NULL: revoked by */
	const struct tg_person *who;
	const char *role;
};

static int
end_one(void *ctx, const struct tg_standing_found *f, struct tg_err *err)
{
	const struct end *e = ctx;
	struct tg_standing_fact fact;
	struct tg_json *body;
	int bad = 0;

	if (tg_standing_fact(&fact, e->ask->ledger, f->sha256, "", err) < 0)
		return -1;
	if (fact.revoked || (e->cause != NULL && fact.cause[0] != '\0'))
		return 0;
	if (e->cause != NULL)
		return suspend_one(
		    e->ask->ledger, f->sha256, e->cause, e->run, err);
	body = tg_json_object();
	bad |= tg_json_set_str(body, "decision_sha256", f->sha256);
	bad |= tg_json_set_str(body, "role", e->role);
	bad |= tg_json_set_str(body, "approver_keyid", e->who->key_id);
	return append(e->ask->ledger, "standing.revoked", body, bad, err);
}

int
tg_standing_suspend(const struct tg_standing_ask *ask, const char *origin,
    const char *cause, const char *run, struct tg_err *err)
{
	struct end e = {.ask = ask, .cause = cause, .run = run};

	return tg_standing_each(ask, origin, end_one, &e, err);
}

int
tg_standing_revoke(const struct tg_standing_ask *ask, const char *origin,
    const struct tg_person *who, const char *role, struct tg_err *err)
{
	struct end e = {.ask = ask, .who = who, .role = role};

	return tg_standing_each(ask, origin, end_one, &e, err);
}

/* ---- a run ------------------------------------------------------------- */

struct choose {
	const struct tg_standing_ask *ask;
	const struct tg_json *manifest;
	const struct tg_decision_against *against;
	struct tg_json *used;
	size_t seen;
};

/* What no longer fits this export suspends itself. */
static int
fit_one(void *ctx, const struct tg_standing_found *f, struct tg_err *err)
{
	struct choose *c = ctx;
	const char *cause = tg_standing_differs(f->doc, c->manifest);
	struct tg_standing_fact fact;

	c->seen++;
	if (tg_standing_fact(&fact, c->ask->ledger, f->sha256,
		tg_decision_member(c->manifest, "bundle_id", NULL), err) < 0)
		return -1;
	if (cause == NULL && !tg_standing_fits(f->doc, &fact, c->manifest))
		cause = CAP;
	if (cause == NULL || fact.revoked || fact.cause[0] != '\0' ||
	    !tg_standing_suspends(c->manifest, cause))
		return 0;
	return suspend_one(c->ask->ledger, f->sha256, cause,
	    tg_decision_member(c->manifest, "run", NULL), err);
}

static int
use_one(void *ctx, const struct tg_standing_found *f, struct tg_err *err)
{
	struct choose *c = ctx;
	struct tg_decision_reason why;
	struct tg_json *o;
	int bad = 0;

	if (tg_decision_verify(NULL, &why, f->dir, f->name, c->against, err) <
	    0)
		return -1;
	if (why.code[0] != '\0')
		return 0;
	o = tg_json_object();
	bad |= tg_json_set_str(
	    o, "role", tg_decision_member(f->doc, "role", NULL));
	bad |= tg_json_set_str(
	    o, "signer", tg_decision_member(f->doc, "signer", "id"));
	bad |= tg_json_set_str(o, "decision_sha256", f->sha256);
	bad |= tg_json_push(c->used, o);
	return bad ? tg_fail_memory(err) : 0;
}

/* All of the folder together, as decisions are judged. */
static int
judge(struct tg_standing_choice *out, struct choose *c, const char *dir,
    struct tg_err *err)
{
	const struct tg_decision_against a = {.manifest = c->manifest,
	    .trust = c->ask->trust,
	    .ledger = c->ask->ledger,
	    .choosing = true,
	    .now = c->ask->now};
	struct tg_approvals need;
	struct tg_decisions d;
	int rc = 0;

	c->against = &a;
	if (tg_approvals_standing(&need, c->manifest, err) < 0 ||
	    tg_decisions_state(&d, dir, &a, &need, err) < 0)
		return -1;
	if (d.state != TG_DECISIONS_APPROVED)
		(void)snprintf(out->why, sizeof(out->why), "%s: %s",
		    d.n_reason > 0 ? d.reason[0].code : "APR-MISSING",
		    d.n_reason > 0 ? d.reason[0].text : "");
	else
		rc = tg_standing_each(c->ask,
		    tg_decision_member(c->manifest, "origin", NULL), use_one, c,
		    err);
	tg_decisions_free(&d);
	return rc;
}

int
tg_standing_choose(struct tg_standing_choice *out,
    const struct tg_standing_ask *ask, const struct tg_json *manifest,
    struct tg_err *err)
{
	const char *origin = tg_decision_member(manifest, "origin", NULL);
	struct choose c = {
	    .ask = ask, .manifest = manifest, .used = tg_json_array()};
	char *dir = tg_standing_dir(ask->state_dir, origin);
	int rc = -1;

	*out = (struct tg_standing_choice){.why = ""};
	if (dir == NULL || c.used == NULL)
		(void)tg_fail_memory(err);
	else if (tg_standing_each(ask, origin, fit_one, &c, err) == 0)
		rc = c.seen == 0 ? 0 : judge(out, &c, dir, err);
	free(dir);
	if (rc < 0)
		tg_json_free(c.used);
	else
		out->used = c.used;
	return rc;
}

struct record {
	const struct tg_standing_ask *ask;
	const char *bundle;
	const struct tg_json *manifest;
};

static int
copy(const char *from, const char *to, const char *name, const char *tail,
    struct tg_err *err)
{
	char full[TG_DECISION_NAME + 16];
	char *a = NULL, *z = NULL;
	struct tg_buf b;
	int rc = -1;

	(void)snprintf(full, sizeof(full), "%s%s", name, tail);
	tg_buf_init(&b, TG_DECISION_MAX);
	a = tg_fs_join(from, full);
	z = tg_fs_join(to, full);
	if (a == NULL || z == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_slurp(&b, a, NULL, err) == 0)
		rc = tg_fs_write(z, tg_buf_sv(&b), 0644, TG_FS_OVERWRITE, err);
	tg_buf_deinit(&b);
	free(a);
	free(z);
	return rc;
}

static int
record_one(void *ctx, const struct tg_standing_found *f, struct tg_err *err)
{
	const struct record *r = ctx;
	const char *bundle_id =
	    tg_decision_member(r->manifest, "bundle_id", NULL);
	struct tg_json *body;
	char use[160];
	int64_t before;
	int bad = 0;

	if (!tg_standing_listed(r->manifest, f->sha256))
		return 0;
	(void)snprintf(use, sizeof(use), "%s/%s", f->sha256, bundle_id);
	if (copy(f->dir, r->bundle, f->name, ".minisig", err) < 0 ||
	    copy(f->dir, r->bundle, f->name, "", err) < 0 ||
	    tg_ledger_find(
		r->ask->ledger, "standing.used", "use", use, &before, err) < 0)
		return -1;
	if (before >= 0)
		return 0;
	body = tg_json_object();
	bad |= tg_json_set_str(body, "use", use);
	bad |= tg_json_set_str(body, "decision_sha256", f->sha256);
	bad |= tg_json_set_str(body, "bundle_id", bundle_id);
	bad |= tg_json_set_int(body, "records", count_of(r->manifest));
	bad |= tg_json_set_int(body, "bytes", tg_manifest_bytes(r->manifest));
	return append(r->ask->ledger, "standing.used", body, bad, err);
}

int
tg_standing_record(const struct tg_standing_ask *ask, const char *bundle,
    const struct tg_json *manifest, struct tg_err *err)
{
	struct record r = {ask, bundle, manifest};

	if (tg_json_len(relied_on(manifest)) == 0)
		return 0;
	return tg_standing_each(ask,
	    tg_decision_member(manifest, "origin", NULL), record_one, &r, err);
}

int
tg_standing_ledger(struct tg_ledger **out, const char *state_dir,
    const struct tg_json *manifest, struct tg_err *err)
{
	char *dir;
	int rc;

	*out = NULL;
	if (tg_json_len(relied_on(manifest)) == 0)
		return 0;
	dir = tg_fs_join(state_dir, "ledger");
	if (dir == NULL)
		return tg_fail_memory(err);
	rc = tg_ledger_read(out, dir, NULL, err);
	free(dir);
	return rc;
}
