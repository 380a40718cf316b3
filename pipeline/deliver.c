#include "pipeline/deliver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "pipeline/bucket.h"
#include "pipeline/bundle/sums.h"
#include "pipeline/decision.h"
#include "pipeline/exceptions.h"
#include "pipeline/holds.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/receipt.h"
#include "pipeline/residency.h"
#include "pipeline/review.h"
#include "pipeline/standing.h"
#include "pipeline/verify.h"
#include "base/banned.h"

#define INTENT_DAYS 7 /* an upload that takes longer is looked at by people */
#define DAY 86400

/* The first check that failed, for the error text. */
struct first {
	char text[256];
};

static void
note(void *ctx, const struct tg_verify_check *check)
{
	struct first *f = ctx;

	if (check->result == TG_CHECK_FAILED && f->text[0] == '\0')
		(void)snprintf(f->text, sizeof(f->text), "%s: %s", check->name,
		    check->text);
}

/* The bundle as it lies here is what was signed. */
static int
check(const struct tg_run_ref *run, const struct tg_deliver *how,
    const struct tg_env *env, struct tg_err *err)
{
	struct first f = {""};
	const struct tg_verify_opts opts = {.trust = how->trust,
	    .now = env->now(env->ctx),
	    .report = note,
	    .ctx = &f};
	struct tg_verify_sum sum;
	struct tg_err why = {0};

	/* Before the upload the intent is not assessed yet: TG_E_NO. */
	if (tg_verify_path(&sum, run->bundle, &opts, &why) == 0 ||
	    (why.cls == TG_E_NO && sum.failed == 0 && sum.ok > 0))
		return 0;
	return tg_fail(err, TG_E_INTEGRITY, "%s: %s", run->id,
	    f.text[0] != '\0' ? f.text : why.text);
}

/* Someone decided on other bytes than these: that is no waiting. */
static enum tg_err_class
refusal(const struct tg_decisions *d)
{
	for (size_t i = 0; i < d->n_reason; i++)
		if (strcmp(d->reason[i].code, "APR-DIGEST") == 0)
			return TG_E_INTEGRITY;
	return d->state == TG_DECISIONS_REFUSED ? TG_E_NO : TG_E_WAITING;
}

static int
decided(const struct tg_run_ref *run, const struct tg_deliver *how,
    const struct tg_env *env, struct tg_err *err)
{
	struct tg_decision_against a = {.manifest = run->manifest,
	    .manifest_sha256 = run->manifest_sha256,
	    .evidence_dir = run->evidence,
	    .trust = how->trust,
	    .now = env->now(env->ctx)};
	struct tg_approvals need;
	struct tg_decisions d = {.docs = NULL};
	int rc = -1;

	if (tg_approvals_of(&need, run->manifest, err) < 0 ||
	    tg_standing_ledger(&a.ledger, how->state_dir, run->manifest, err) <
		0)
		return -1;
	rc = tg_decisions_state(&d, run->bundle, &a, &need, err);
	tg_ledger_free(a.ledger);
	if (rc < 0)
		return -1;
	if (d.state == TG_DECISIONS_APPROVED) {
		rc = 0;
	} else {
		rc = tg_fail(err, refusal(&d),
		    "%s is %s: %s %s; nothing was sent", run->id,
		    tg_decisions_name(d.state),
		    d.n_reason > 0 ? d.reason[0].code : "",
		    d.n_reason > 0 ? d.reason[0].text : "");
	}
	tg_decisions_free(&d);
	return rc;
}

/* A hold keeps a bundle past its date; it does not let it leave. */
static int
held(const struct tg_run_ref *run, const struct tg_register *reg,
    struct tg_err *err)
{
	const struct tg_hold_asked what = tg_hold_asked_of(run);
	const int64_t until = tg_json_get_int(
	    tg_json_get(run->manifest, "retention"), "delete_after", 0);
	struct tg_hold_over by;

	if (tg_holds_ask(&by, reg, &what, err) < 0)
		return -1;
	if (by.id[0] == '\0' || reg->now < until)
		return 0;
	return tg_fail(err, TG_E_NO,
	    "RET-HELD: %s is past its date and kept under legal hold %s; that "
	    "lets nothing leave",
	    run->id, by.id);
}

static int
reviewed(const struct tg_run_ref *run, const struct tg_register *reg,
    struct tg_err *err)
{
	const struct tg_review_against a = {.bundle = run->bundle,
	    .manifest = run->manifest,
	    .manifest_sha256 = run->manifest_sha256,
	    .trust = reg->trust,
	    .ledger = reg->ledger,
	    .now = reg->now};
	struct tg_review r;
	int rc;

	if (tg_review_read(&r, &a, err) < 0)
		return -1;
	rc = tg_review_lets(&r, run->id, err);
	tg_review_free(&r);
	return rc;
}

/* What else people have said that is in its way. */
static int
let(const struct tg_run_ref *run, const struct tg_deliver *how,
    const struct tg_env *env, struct tg_err *err)
{
	struct tg_register reg = {.state_dir = how->state_dir,
	    .trust = how->trust,
	    .preparer = tg_json_get_str(
		tg_json_get(run->manifest, "preparer"), "id", ""),
	    .now = env->now(env->ctx)};
	char *dir = tg_fs_join(how->state_dir, "ledger");
	int rc = -1;

	if (dir == NULL)
		(void)tg_fail_memory(err);
	else if (tg_ledger_read(&reg.ledger, dir, NULL, err) == 0)
		rc = reviewed(run, &reg, err) < 0 || held(run, &reg, err) < 0
		    ? -1
		    : 0;
	tg_ledger_free(reg.ledger);
	free(dir);
	return rc;
}

/* The ledger's entry and its proof join the bundle, once: a later proof of the
 * same entry has other bytes, and these may be at the target already. */
static int
proof(const struct tg_run_ref *run, struct tg_ledger *l, uint64_t index,
    struct tg_err *err)
{
	char *entry = tg_fs_join(run->bundle, TG_BUNDLE_INTENT);
	char *path = tg_fs_join(run->bundle, TG_BUNDLE_INTENT_PROOF);
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 1u << 20);
	if (entry == NULL || path == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_exists(path)) {
		rc = 0;
		goto out;
	}
	if (tg_ledger_entry(l, index, &b, err) < 0 ||
	    tg_fs_write(entry, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, err) < 0)
		goto out;
	tg_buf_reset(&b);
	if (tg_ledger_prove(l, index, &b, err) < 0)
		goto out;
	rc = tg_fs_write(path, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, err);
out:
	tg_buf_deinit(&b);
	free(entry);
	free(path);
	return rc;
}

/* Killed between the two files of the intent: both are written again; nothing
 * was sent yet. */
static int
half_intent(const struct tg_run_ref *run, struct tg_err *err)
{
	char *entry = tg_fs_join(run->bundle, TG_BUNDLE_INTENT);
	char *path = tg_fs_join(run->bundle, TG_BUNDLE_INTENT_PROOF);
	int rc = 0;

	if (entry == NULL || path == NULL)
		rc = tg_fail_memory(err);
	else if (!tg_fs_exists(path))
		(void)unlink(entry);
	free(entry);
	free(path);
	return rc;
}

static const char *
content_type(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot == NULL)
		return "text/plain; charset=utf-8";
	if (strcmp(dot, ".json") == 0)
		return "application/json";
	if (strcmp(dot, ".html") == 0)
		return "text/html; charset=utf-8";
	if (strcmp(dot, ".age") == 0)
		return "application/octet-stream";
	return "text/plain; charset=utf-8";
}

static int
put_one(struct tg_delivered *out, const struct tg_run_ref *run,
    const struct tg_deliver *how, struct tg_sink *sink,
    const struct tg_receipt *receipt, const char *file, struct tg_err *err)
{
	const char *until = tg_json_get_str(
	    tg_json_get(run->manifest, "retention"), "expires_at", "");
	struct tg_put put = {.content_type = content_type(file),
	    .expires_at = until[0] == '\0' ? NULL : until};
	struct tg_put_result res = {.was_there = false};
	char *path = tg_fs_join(run->bundle, file);
	char *name = tg_fs_join(run->bundle_id, file);
	int rc = -1;

	if (path == NULL || name == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	put.path = path;
	put.name = name;
	if (tg_sha256_file(put.sha256, path, &put.size, err) < 0 ||
	    tg_sink_put(sink, receipt, &put, &res, err) < 0) {
		(void)tg_fail_in(err, "%s", file);
		goto out;
	}
	out->files++;
	out->bytes += put.size;
	out->were_there += res.was_there;
	out->unmarked += res.unmarked;
	if (how->say != NULL)
		(void)fprintf(how->say, "%s %s (%llu bytes)\n",
		    res.was_there ? "there" : "sent ", name,
		    (unsigned long long)put.size);
	rc = 0;
out:
	free(path);
	free(name);
	return rc;
}

/* Every file; SHA256SUMS last, so that it stands for a whole bundle. */
static int
put_all(struct tg_delivered *out, const struct tg_run_ref *run,
    const struct tg_deliver *how, struct tg_sink *sink,
    const struct tg_receipt *receipt, struct tg_err *err)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_fs_list(&names, run->bundle, true, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++)
		if (strcmp(names.name[i], TG_SUMS_FILE) != 0)
			rc = put_one(
			    out, run, how, sink, receipt, names.name[i], err);
	if (rc == 0)
		rc = put_one(out, run, how, sink, receipt, TG_SUMS_FILE, err);
	tg_fs_names_free(&names);
	return rc;
}

static int
done(struct tg_ledger *l, const struct tg_run_ref *run,
    const struct tg_delivered *d, struct tg_err *err)
{
	struct tg_json *body = tg_json_object();
	uint64_t at;
	int bad = 0;

	bad |= tg_json_set_str(body, "bundle_id", run->bundle_id);
	bad |= tg_json_set_str(body, "manifest_sha256", run->manifest_sha256);
	bad |= tg_json_set_int(body, "intent_index", d->intent_index);
	bad |= tg_json_set_int(body, "files", (int64_t)d->files);
	bad |= tg_json_set_int(body, "bytes", (int64_t)d->bytes);
	bad |= tg_json_set_int(body, "unmarked", (int64_t)d->unmarked);
	if (d->place.asked) {
		bad |= tg_json_set_str(body, "region", d->place.region);
		bad |= tg_json_set_str(body, "country", d->place.country);
	}
	bad |= tg_dsp_done(body, run->manifest);
	if (d->versions != TG_VERSIONS_UNASKED)
		bad |= tg_json_set_str(
		    body, "versions", tg_sink_versions_name(d->versions));
	if (bad) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(l, "export.done", body, &at, err);
}

static int
journal(struct tg_run_ref *run, enum tg_state s, const struct tg_env *env,
    struct tg_err *err)
{
	if (tg_journal_add(run->journal, s, env->now(env->ctx), err) < 0)
		return -1;
	run->state = s;
	return 0;
}

/* What left before lets this leave, too. */
static int
within(struct tg_delivered *out, const struct tg_run_ref *run,
    struct tg_ledger *l, const struct tg_env *env, struct tg_err *err)
{
	const int64_t now = env->now(env->ctx);

	if (tg_budget_check(
		&out->budget, run->manifest, run->bundle, l, now, err) < 0)
		return -1;
	return tg_dsp_check(out->dsp, run->manifest, l, now, err);
}

/* From here on something may leave: the receipt is the ledger's word. */
static int
send_all(struct tg_delivered *out, struct tg_run_ref *run,
    const struct tg_deliver *how, struct tg_ledger *l, struct tg_sink *sink,
    const struct tg_env *env, struct tg_err *err)
{
	const struct tg_intent what = {.bundle_id = run->bundle_id,
	    .manifest_sha256 = run->manifest_sha256,
	    .target = tg_json_get_str(run->manifest, "target", ""),
	    .deadline = env->now(env->ctx) + INTENT_DAYS * DAY};
	struct tg_receipt *receipt = NULL;
	int64_t ended = -1;
	int rc = -1;

	/* Killed after the last entry and before the journal: it is done. */
	if (tg_exceptions_stand(l,
		tg_json_get(tg_json_get(run->manifest, "exceptions"), "used"),
		err) < 0)
		return -1;
	if (tg_ledger_find(l, "export.done", "manifest_sha256",
		run->manifest_sha256, &ended, err) < 0)
		return -1;
	if (ended >= 0) {
		out->done_before = true;
		return journal(run, TG_RUN_UPLOADED, env, err);
	}
	if (within(out, run, l, env, err) < 0 ||
	    tg_receipt_intent(&receipt, l, &what, err) < 0)
		return -1;
	out->intent_index = (int64_t)tg_receipt_index(receipt);
	if (proof(run, l, tg_receipt_index(receipt), err) < 0 ||
	    (run->state < TG_RUN_UPLOADING &&
		journal(run, TG_RUN_UPLOADING, env, err) < 0) ||
	    tg_runs_publish(run, NULL, env, err) < 0 ||
	    put_all(out, run, how, sink, receipt, err) < 0 ||
	    done(l, run, out, err) < 0 ||
	    journal(run, TG_RUN_UPLOADED, env, err) < 0)
		goto out;
	rc = 0;
out:
	tg_receipt_free(receipt);
	return rc;
}

static int
with_ledger(struct tg_delivered *out, struct tg_run_ref *run,
    const struct tg_deliver *how, struct tg_sink *sink,
    const struct tg_env *env, struct tg_err *err)
{
	char *dir = tg_fs_join(how->state_dir, "ledger");
	char *private = tg_fs_join(how->state_dir, "ledger-state");
	struct tg_ledger *l = NULL;
	int rc = -1;

	if (dir == NULL || private == NULL)
		(void)tg_fail_memory(err);
	else if (tg_ledger_open(&l, dir, private, env, err) == 0)
		rc = send_all(out, run, how, l, sink, env, err);
	tg_ledger_free(l);
	free(dir);
	free(private);
	return rc;
}

/* What the budget would say, without the ledger's lock: another upload may be
 * quicker. */
static int
may_leave(struct tg_delivered *out, const struct tg_run_ref *run,
    const struct tg_deliver *how, const struct tg_env *env, struct tg_err *err)
{
	char *dir = tg_fs_join(how->state_dir, "ledger");
	struct tg_ledger *l = NULL;
	int rc = -1;

	if (dir == NULL)
		(void)tg_fail_memory(err);
	else if (tg_ledger_read(&l, dir, NULL, err) == 0)
		rc = within(out, run, l, env, err);
	tg_ledger_free(l);
	free(dir);
	return rc;
}

/* What the target says of itself, then the budget, then the files. */
static int
to_target(struct tg_delivered *out, struct tg_run_ref *run,
    const struct tg_deliver *how, struct tg_sink *sink,
    const struct tg_env *env, struct tg_err *err)
{
	if (tg_residency_check(&out->place, run->manifest, sink, err) < 0 ||
	    tg_bucket_check(&out->versions, run->manifest, sink, err) < 0)
		return -1;
	return how->dry_run ? may_leave(out, run, how, env, err)
			    : with_ledger(out, run, how, sink, env, err);
}

static void
remark(const struct tg_delivered *d, FILE *say)
{
	if (say != NULL && d->budget.warn)
		(void)fprintf(say, "%s\n", d->budget.say);
	if (say != NULL && d->dsp[0] != '\0')
		(void)fprintf(say, "%s\n", d->dsp);
	if (say != NULL && d->unmarked > 0)
		(void)fprintf(say,
		    "%llu files: the target holds no metadata; until when "
		    "they are kept is in manifest.json alone\n",
		    (unsigned long long)d->unmarked);
}

int
tg_deliver(struct tg_delivered *out, struct tg_run_ref *run,
    const struct tg_deliver *how, const struct tg_env *env, struct tg_err *err)
{
	struct tg_sink_options to = how->sink;
	struct tg_sink *sink = NULL;
	const char *target;
	int rc = -1;

	*out = (struct tg_delivered){.intent_index = -1};
	if (tg_run_ref_sealed(run, err) < 0)
		return -1;
	if (run->state == TG_RUN_UPLOADED) {
		out->done_before = true;
		return 0;
	}
	target = tg_json_get_str(run->manifest, "target", "");
	to.owner = tg_bucket_owner(run->manifest);
	/* What an interrupted approval or upload added joins the sums. */
	if ((!how->dry_run &&
		(half_intent(run, err) < 0 ||
		    tg_runs_publish(run, NULL, env, err) < 0)) ||
	    decided(run, how, env, err) < 0 || let(run, how, env, err) < 0 ||
	    check(run, how, env, err) < 0 ||
	    tg_sink_open(&sink, tg_sv_of(target), &to, env, err) < 0)
		return -1;
	rc = to_target(out, run, how, sink, env, err);
	if (rc == 0)
		remark(out, how->say);
	tg_sink_free(sink);
	return rc;
}
