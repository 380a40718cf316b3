/* exceptions_run.c - the part of exceptions.h that a run asks. */
#include <stdio.h>
#include <string.h>

#include "pipeline/exceptions.h"

#include "base/banned.h"

/* What {bundle: RUN} says is known when the run has its id. */
static bool
in_scope(const struct tg_exception *e, const struct tg_exceptions_ask *ask)
{
	switch (e->scope) {
	case TG_EXCEPTION_BUNDLE:
		return true;
	case TG_EXCEPTION_RECIPIENT:
		return strcmp(e->scope_id, ask->recipient) == 0;
	case TG_EXCEPTION_PROJECT:
		return strcmp(e->scope_id, ask->project) == 0;
	}
	return false;
}

static int
fail_scope(const struct tg_exception *e, struct tg_err *err)
{
	return tg_fail(err, TG_E_CONFIG, "EXC-SCOPE: %s is for the %s %s",
	    e->id, tg_exception_scope_name(e->scope), e->scope_id);
}

static int
in_force(const struct tg_exception_now *x, const struct tg_register *reg,
    const struct tg_exceptions_ask *ask, struct tg_err *err)
{
	const struct tg_exception *e = &x->e;

	if (x->revoked)
		return tg_fail(
		    err, TG_E_CONFIG, "EXC-REVOKED: %s is revoked", e->id);
	if (reg->now < e->from || reg->now >= e->until)
		return tg_fail(err, TG_E_CONFIG, "EXC-EXPIRED: %s is %s", e->id,
		    reg->now < e->from ? "not in force yet"
				       : "no longer in force");
	return in_scope(e, ask) ? 0 : fail_scope(e, err);
}

int
tg_exceptions_open(struct tg_exceptions *out, const struct tg_register *reg,
    const char *const *id, size_t n, const struct tg_exceptions_ask *ask,
    struct tg_arena *mem, struct tg_err *err)
{
	*out = (struct tg_exceptions){.n = 0};
	for (size_t i = 0; i < n; i++) {
		struct tg_exception_now *x = &out->x[i];

		if (tg_exception_find(x, reg, id[i], mem, err) < 0) {
			tg_exceptions_free(out);
			return -1;
		}
		out->n++;
		if (in_force(x, reg, ask, err) < 0) {
			tg_exceptions_free(out);
			return -1;
		}
		out->src[i] =
		    (struct tg_policy_exception){x->path, x->e.file.sha256};
	}
	return 0;
}

void
tg_exceptions_free(struct tg_exceptions *x)
{
	for (size_t i = 0; i < x->n; i++)
		tg_exception_now_free(&x->x[i]);
	x->n = 0;
}

int
tg_exceptions_signed(const struct tg_exceptions *x, const struct tg_policy *p,
    struct tg_err *err)
{
	uint64_t persons = 0;

	if (x->n > 0 &&
	    tg_policy_u64(p, "/exceptions/distinct_persons", &persons, err) < 0)
		return -1;
	for (size_t i = 0; i < x->n; i++)
		if (x->x[i].by.n < persons)
			return tg_fail(err, TG_E_CONFIG,
			    "EXC-UNSIGNED: %s is signed by %zu of %llu persons",
			    x->x[i].e.id, x->x[i].by.n,
			    (unsigned long long)persons);
	return 0;
}

int
tg_exceptions_bundle(
    const struct tg_exceptions *x, const char *run, struct tg_err *err)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->x[i].e.scope == TG_EXCEPTION_BUNDLE &&
		    strcmp(x->x[i].e.scope_id, run) != 0)
			return fail_scope(&x->x[i].e, err);
	return 0;
}

/* Whether the leaf has its value in @p from this record. */
static bool
holds(const struct tg_exception *e, const struct tg_policy *p)
{
	const struct tg_leaf *leaf = tg_policy_find(p, e->path);

	return leaf != NULL && strcmp(leaf->file, e->file.name) == 0;
}

int
tg_exceptions_manifest(struct tg_json **out, const struct tg_exceptions *x,
    const struct tg_policy *p, struct tg_err *err)
{
	struct tg_json *o = tg_json_object(), *used = tg_json_array();
	int bad = 0, rc = 0;

	for (size_t i = 0; i < x->n && rc == 0; i++) {
		struct tg_json *one = NULL;

		if (!holds(&x->x[i].e, p))
			continue;
		rc = tg_exception_json(&one, &x->x[i], err);
		if (rc == 0)
			bad |= tg_json_push(used, one);
	}
	bad |= tg_json_set_int(o, "declared", (int64_t)x->n);
	bad |= tg_json_set(o, "used", used);
	if (rc < 0 || bad) {
		tg_json_free(o);
		return rc < 0 ? -1 : tg_fail_memory(err);
	}
	*out = o;
	return 0;
}

/* A use is of one record by one bundle. */
static int
record_one(struct tg_ledger *l, const struct tg_json *used, const char *run,
    const char *bundle_id, struct tg_err *err)
{
	const char *sha = tg_json_get_str(used, "sha256", "");
	struct tg_json *body;
	int64_t before;
	uint64_t at;
	char use[160];
	int bad = 0;

	(void)snprintf(use, sizeof(use), "%s/%s", sha, bundle_id);
	if (tg_ledger_find(l, "exception.used", "use", use, &before, err) < 0)
		return -1;
	if (before >= 0)
		return 0;
	body = tg_json_object();
	bad |= tg_json_set_str(body, "use", use);
	bad |=
	    tg_json_set_str(body, "exception", tg_json_get_str(used, "id", ""));
	bad |= tg_json_set_str(body, "exception_sha256", sha);
	bad |= tg_json_set_str(body, "run", run);
	bad |= tg_json_set_str(body, "bundle_id", bundle_id);
	if (bad) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(l, "exception.used", body, &at, err);
}

int
tg_exceptions_record(struct tg_ledger *l, const struct tg_json *used,
    const char *run, const char *bundle_id, struct tg_err *err)
{
	for (size_t i = 0; i < tg_json_len(used); i++)
		if (record_one(l, tg_json_at(used, i), run, bundle_id, err) < 0)
			return -1;
	return 0;
}

int
tg_exceptions_stand(
    struct tg_ledger *l, const struct tg_json *used, struct tg_err *err)
{
	for (size_t i = 0; i < tg_json_len(used); i++) {
		const struct tg_json *x = tg_json_at(used, i);
		int64_t at;

		if (tg_ledger_find(l, "exception.revoked", "exception_sha256",
			tg_json_get_str(x, "sha256", ""), &at, err) < 0)
			return -1;
		if (at >= 0)
			return tg_fail(err, TG_E_NO,
			    "EXC-REVOKED: %s, under which this was made, is "
			    "revoked",
			    tg_json_get_str(x, "id", ""));
	}
	return 0;
}
