/* approve and reject: the two ways of one decision. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/num.h"
#include "cli/common.h"
#include "pipeline/decision.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/standing.h"
#include "report/evidence.h"
#include "base/banned.h"

#define ANSWERS_MAX 64
#define DIGEST_TAIL 8 /* digits to type */
#define DAY 86400

#define TG_OPT_STANDING(text)             \
	{                                 \
		"standing", 0, NULL, text \
	}

static const struct tg_opt approve_opts[] = {
    TG_OPT_JOB,
    {"role", 0, "ROLE", "the role you decide in: dpo, legal, ..."},
    {"key", 0, "FILE", "your secret key (minisign)"},
    {"digest", 0, "HEX",
	"the manifest's digest as on the document, or its last 8 digits"},
    {"answer", 0, "ROW=TEXT", "answer to an open row of the document"},
    {"answer-all", 0, "TEXT", "one answer to every open row not answered"},
    {"condition", 0, "TEXT", "approve on a condition; may be repeated"},
    {"expires", 0, "SPAN", "the decision lapses after, e.g. 14d"},
    TG_OPT_STANDING("for every export of this kind, within the three caps"),
    {"max-records", 0, "N", "standing: that may leave under it in all"},
    {"max-bytes", 0, "N", "standing: of sealed volumes, in all"},
    {"max-runs", 0, "N", "standing: exports"},
    {"lang", 0, "LANG", "the language you read: en or fr"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const struct tg_opt reject_opts[] = {
    TG_OPT_JOB,
    {"role", 0, "ROLE", "the role you decide in: dpo, legal, ..."},
    {"key", 0, "FILE", "your secret key (minisign)"},
    {"reason", 0, "TEXT", "why; it is signed and recorded"},
    TG_OPT_STANDING("revoke the standing approvals of this kind of export"),
    {"digest", 0, "HEX",
	"the manifest's digest as on the document, or its last 8 digits"},
    {"lang", 0, "LANG", "the language you read: en or fr"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const approve_text[] = {
    "Signs that exactly this bundle, under this policy, may go to this "
    "recipient.  The decision names the manifest, the document, the policy, "
    "the recipient and its keys, and when it lapses; any change voids it.  "
    "Nothing is sent by signing.",
    "Rows of the document that are \"to confirm\" or \"not assessed\" must "
    "each have an answer.  The person who prepared the export cannot approve "
    "it, and two roles are two persons.",
    "--standing signs for the exports of a nightly job that have the policy, "
    "recipient, keys, purpose, class, origin and target of the one that was "
    "read, until a cap is reached; the one that was read needs a decision of "
    "its own.  It counts when every role of /approvals/standing/roles has "
    "signed one.  It suspends itself when a gate fails, the policy, the "
    "recipient or a key changes, or a cap is reached; then people sign anew.",
    NULL,
};

static const char *const reject_text[] = {
    "Signs that this export may not go, with the reason.  The refusal is "
    "recorded; it stands for this bundle.",
    "--standing revokes the standing approvals of the run's origin, also for "
    "what was made under them and is not sent.",
    NULL,
};

static const struct tg_example approve_examples[] = {
    {"after reading the document",
	"tracegate approve latest --role dpo --key dpo.key --digest 63aa5d09 "
	"--answer 10=\"confirmed by telephone, 24 November\""},
    {"the nightly exports of a quarter, as far as the policy lets",
	"tracegate approve latest --standing --max-records 10000 --max-bytes "
	"2147483648 --max-runs 90 --role dpo --key dpo.key --digest 63aa5d09"},
    {NULL, NULL},
};

static const struct tg_example reject_examples[] = {
    {"the purpose is too broad",
	"tracegate reject latest --role legal --key legal.key --digest "
	"63aa5d09 --reason \"purpose too broad\""},
    {NULL, NULL},
};

struct decide {
	struct tg_cli *cli;
	enum tg_decide what;
	bool standing;
	uint64_t cap[3]; /* records, bytes, runs */
	struct tg_job *job;
	struct tg_run_ref run;
	struct tg_trust *trust;
	struct tg_minisign_key *key;
	const struct tg_person *signer;
	const char *role;
	struct tg_answer answer[ANSWERS_MAX];
	size_t n_answer;
	const char *condition[ANSWERS_MAX];
	size_t n_condition;
};

static int
who(struct decide *d)
{
	struct tg_cli *cli = d->cli;
	const char *key = tg_args_value(&cli->args, "key");

	d->role = tg_args_value(&cli->args, "role");
	if (d->role == NULL || key == NULL)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--role ROLE and --key FILE are needed");
	if (tg_trust_load(&d->trust, d->job->trust, &cli->err) < 0 ||
	    tg_cli_key(cli, key, &d->key) < 0)
		return -1;
	d->signer = tg_trust_by_key(d->trust, tg_minisign_public(d->key));
	if (d->signer == NULL) {
		(void)tg_fail(&cli->err, TG_E_KEY, "%s is nobody's key in %s",
		    key, d->job->trust);
		return tg_fail_hint(&cli->err,
		    "tracegate key trust FILE --as NAME --role %s", d->role);
	}
	return 0;
}

/* The digest as typed is the end (or all) of the manifest's. */
static int
digest(struct decide *d)
{
	struct tg_cli *cli = d->cli;
	const char *typed = tg_args_value(&cli->args, "digest");
	const char *full = d->run.manifest_sha256;
	const size_t n = typed == NULL ? 0 : strlen(typed);

	if (typed == NULL) {
		(void)tg_fail(&cli->err, TG_E_USAGE,
		    "--digest: the last %d digits of the manifest's digest, "
		    "as the document prints them",
		    DIGEST_TAIL);
		return tg_fail_hint(
		    &cli->err, "%s/evidence.en.html", d->run.evidence);
	}
	if (n < DIGEST_TAIL || n > strlen(full) ||
	    strcmp(full + strlen(full) - n, typed) != 0)
		return tg_fail(&cli->err, TG_E_INTEGRITY,
		    "the digest is not that of %s: the document that was read "
		    "is another one",
		    d->run.id);
	return 0;
}

static int
add_answer(struct decide *d, int64_t row, const char *text)
{
	if (d->n_answer == ANSWERS_MAX)
		return tg_fail(&d->cli->err, TG_E_USAGE, "more than %d answers",
		    ANSWERS_MAX);
	d->answer[d->n_answer++] = (struct tg_answer){row, text};
	return 0;
}

static int
typed_answers(struct decide *d)
{
	const char *text;

	for (size_t i = 0;
	     (text = tg_args_nth(&d->cli->args, "answer", i)) != NULL; i++) {
		const char *eq = strchr(text, '=');
		int64_t row;

		if (eq == NULL || eq[1] == '\0' ||
		    !tg_parse_i64(&row,
			(struct tg_sv){text, (size_t)(eq - text)}, 1, 999))
			return tg_fail(&d->cli->err, TG_E_USAGE,
			    "--answer ROW=TEXT expected");
		if (add_answer(d, row, eq + 1) < 0)
			return -1;
	}
	while ((text = tg_args_nth(
		    &d->cli->args, "condition", d->n_condition)) != NULL) {
		if (d->n_condition == ANSWERS_MAX)
			return tg_fail(&d->cli->err, TG_E_USAGE,
			    "more than %d conditions", ANSWERS_MAX);
		d->condition[d->n_condition++] = text;
	}
	if (d->n_condition > 0)
		d->what = TG_APPROVE_WITH_CONDITIONS;
	return 0;
}

static int
standing_caps(struct decide *d)
{
	static const char *const cap[] = {
	    "max-records", "max-bytes", "max-runs"};

	if (!d->standing || d->what == TG_REJECT)
		return 0;
	if (d->n_condition > 0)
		return tg_fail(&d->cli->err, TG_E_USAGE,
		    "a standing approval has no conditions but its caps");
	d->what = TG_APPROVE_STANDING;
	for (size_t i = 0; i < TG_COUNT(cap); i++) {
		const char *text = tg_args_value(&d->cli->args, cap[i]);

		if (text == NULL ||
		    !tg_parse_u64(
			&d->cap[i], tg_sv_of(text), 1, INT64_C(1) << 50))
			return tg_fail(&d->cli->err, TG_E_USAGE,
			    "--standing needs --%s N", cap[i]);
	}
	return 0;
}

static bool
answered(const struct decide *d, int64_t row)
{
	for (size_t i = 0; i < d->n_answer; i++)
		if (d->answer[i].row == row)
			return true;
	return false;
}

/* Nobody approves what nobody has read, where the policy asks for it. */
static int
reviewed(struct decide *d)
{
	struct tg_review r;
	int rc;

	if (tg_cli_review(d->cli, d->job, &d->run, &r) < 0)
		return -1;
	rc = tg_review_lets(&r, d->run.id, &d->cli->err);
	tg_review_free(&r);
	return rc;
}

/* Every open row of the document that was published has an answer. */
static int
open_rows(struct decide *d)
{
	const char *rest = tg_args_value(&d->cli->args, "answer-all");
	char *path = tg_fs_join(d->run.evidence, "evidence.json");
	struct tg_evidence_open row[TG_EVIDENCE_ROWS];
	struct tg_json *model = NULL;
	size_t n = 0;
	int rc = -1;

	if (path == NULL)
		return tg_fail_memory(&d->cli->err);
	if (tg_json_load(&model, path, &d->cli->err) < 0 ||
	    tg_evidence_open_rows(row, &n, model, &d->cli->err) < 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (answered(d, row[i].row))
			continue;
		if (rest == NULL) {
			(void)tg_fail(&d->cli->err, TG_E_NO,
			    "row %lld of the document (%s) is open: it needs "
			    "--answer %lld=TEXT",
			    (long long)row[i].row, row[i].id,
			    (long long)row[i].row);
			goto out;
		}
		if (add_answer(d, row[i].row, rest) < 0)
			goto out;
	}
	rc = 0;
out:
	tg_json_free(model);
	free(path);
	return rc;
}

/* Two roles are two persons: said now and not when the upload waits. */
static int
one_role(struct decide *d)
{
	struct tg_decisions now;
	int rc = 0;

	if (tg_cli_decisions(d->cli, d->job, &d->run, &now) < 0)
		return -1;
	for (size_t i = 0; i < tg_json_len(now.docs); i++) {
		const struct tg_json *doc = tg_json_at(now.docs, i);
		const char *role = tg_json_get_str(doc, "role", "");

		if (strcmp(
			tg_json_get_str(tg_json_get(doc, "signer"), "id", ""),
			d->signer->id) == 0 &&
		    strcmp(role, d->role) != 0)
			rc = tg_fail(&d->cli->err, TG_E_NO,
			    "APR-SAME-PERSON: %s decided as %s already; two "
			    "roles are two persons",
			    d->signer->name, role);
	}
	tg_decisions_free(&now);
	return rc;
}

static int
make(struct decide *d, struct tg_json **doc)
{
	struct tg_cli *cli = d->cli;
	const char *span = tg_args_value(&cli->args, "expires");
	const int64_t now = cli->env.now(cli->env.ctx);
	const struct tg_json *asked_for =
	    tg_json_get(d->run.manifest, "approvals");
	int64_t lasts;
	int64_t asked = 0;

	if (d->standing)
		asked_for = tg_json_get(asked_for, "standing");
	lasts = tg_json_get_int(asked_for, "expires_days", 14) * DAY;
	if (span != NULL && !tg_cli_span(&asked, span))
		return tg_fail(
		    &cli->err, TG_E_USAGE, "--expires 14d or 36h expected");
	if (span != NULL && asked < lasts)
		lasts = asked; /* shorter only: the policy has the ceiling */
	const struct tg_decision_spec spec = {.decide = d->what,
	    .role = d->role,
	    .signer = d->signer,
	    .manifest = tg_buf_sv(&d->run.manifest_bytes),
	    .evidence_dir = d->run.evidence,
	    .answer = d->answer,
	    .n_answer = d->n_answer,
	    .condition = d->condition,
	    .n_condition = d->n_condition,
	    .reason = tg_args_value(&cli->args, "reason"),
	    .read_language = tg_lang_tag(cli->lang),
	    .max_records = d->cap[0],
	    .max_bytes = d->cap[1],
	    .max_runs = d->cap[2],
	    .signed_at = now,
	    .expires_at = now + lasts};

	return tg_decision_make(doc, &spec, &cli->err);
}

/* What the decision @file in @folder is in the ledger: a key id, no name. */
static int
record(struct decide *d, const char *folder, const char *file)
{
	static const char *const type[2][2] = {
	    {"export.approved", "export.rejected"},
	    {"standing.approved", "standing.rejected"}};
	struct tg_cli *cli = d->cli;
	char *dir = tg_fs_join(d->job->state, "ledger");
	char *private = tg_fs_join(d->job->state, "ledger-state");
	char *path = tg_fs_join(folder, file);
	struct tg_json *body = tg_json_object();
	struct tg_ledger *l = NULL;
	uint8_t sha[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	uint64_t at;
	int bad = 0, rc = -1;

	if (dir == NULL || private == NULL || path == NULL) {
		(void)tg_fail_memory(&cli->err);
		goto out;
	}
	if (tg_sha256_file(sha, path, NULL, &cli->err) < 0)
		goto out;
	tg_sha256_hex(hex, sha);
	bad |= tg_json_set_str(body, "bundle_id", d->run.bundle_id);
	bad |= tg_json_set_str(body, "manifest_sha256", d->run.manifest_sha256);
	bad |= tg_json_set_str(body, "decision", tg_decide_name(d->what));
	bad |= tg_json_set_str(body, "decision_sha256", hex);
	bad |= tg_json_set_str(body, "role", d->role);
	bad |= tg_json_set_str(body, "approver_keyid", d->signer->key_id);
	if (bad) {
		(void)tg_fail_memory(&cli->err);
		goto out;
	}
	if (tg_ledger_open(&l, dir, private, &cli->env, &cli->err) < 0)
		goto out;
	rc = tg_ledger_append(l, type[d->standing][d->what == TG_REJECT],
	    tg_json_ref(body), &at, &cli->err);
	if (rc == 0 && !cli->json)
		(void)printf("signed %s, ledger #%llu; nothing was sent\n",
		    file, (unsigned long long)at);
out:
	tg_json_free(body);
	tg_ledger_free(l);
	free(dir);
	free(private);
	free(path);
	return rc;
}

/* The ledger calls the old ones revoked before the refusal takes the place of
 * its signer's own. */
static int
revoke(struct decide *d, const char *origin)
{
	struct tg_cli *cli = d->cli;
	struct tg_standing_ask ask = {.state_dir = d->job->state};
	char *dir = tg_fs_join(d->job->state, "ledger");
	char *private = tg_fs_join(d->job->state, "ledger-state");
	int rc = -1;

	if (dir == NULL || private == NULL)
		(void)tg_fail_memory(&cli->err);
	else if (tg_ledger_open(
		     &ask.ledger, dir, private, &cli->env, &cli->err) == 0)
		rc = tg_standing_revoke(
		    &ask, origin, d->signer, d->role, &cli->err);
	tg_ledger_free(ask.ledger);
	free(dir);
	free(private);
	return rc;
}

static int
sign_standing(struct decide *d, const struct tg_json *doc)
{
	struct tg_cli *cli = d->cli;
	const char *origin = tg_json_get_str(d->run.manifest, "origin", "");
	char *folder = tg_standing_dir(d->job->state, origin);
	char name[TG_DECISION_NAME];
	int rc = -1;

	if (folder == NULL)
		return tg_fail_memory(&cli->err);
	if ((d->what != TG_REJECT || revoke(d, origin) == 0) &&
	    tg_fs_mkdirs(folder, 0700, &cli->err) == 0 &&
	    tg_decision_write(name, folder, doc, d->key, &cli->err) == 0)
		rc = record(d, folder, name);
	free(folder);
	return rc;
}

static int
sign(struct decide *d)
{
	struct tg_json *doc = NULL;
	char name[TG_DECISION_NAME];
	int rc = -1;

	if (make(d, &doc) < 0)
		return -1;
	if (d->standing)
		rc = sign_standing(d, doc);
	else if (tg_decision_write(
		     name, d->run.bundle, doc, d->key, &d->cli->err) == 0 &&
	    record(d, d->run.bundle, name) == 0 &&
	    tg_runs_publish(&d->run, name, &d->cli->env, &d->cli->err) == 0)
		rc = 0;
	d->cli->result = doc;
	return rc;
}

static void
what_next(struct decide *d)
{
	struct tg_decisions now;

	if (d->standing || tg_cli_decisions(d->cli, d->job, &d->run, &now) < 0)
		return;
	if (now.state == TG_DECISIONS_APPROVED)
		tg_cli_next(d->cli, "tracegate upload %s", d->run.id);
	else if (now.n_reason > 0)
		tg_cli_note(d->cli, "%s: %s", tg_decisions_name(now.state),
		    now.reason[0].text);
	tg_decisions_free(&now);
}

static int
decide(struct tg_cli *cli, enum tg_decide what)
{
	struct decide d = {.cli = cli,
	    .what = what,
	    .standing = tg_args_given(&cli->args, "standing")};
	int status = 0;

	if (tg_cli_run(cli, &d.job, &d.run) < 0 ||
	    tg_run_ref_sealed(&d.run, &cli->err) < 0 || who(&d) < 0 ||
	    digest(&d) < 0 || typed_answers(&d) < 0 || standing_caps(&d) < 0 ||
	    (what != TG_REJECT &&
		(reviewed(&d) < 0 || one_role(&d) < 0 || open_rows(&d) < 0)) ||
	    sign(&d) < 0)
		status = tg_cli_failed(cli);
	else
		what_next(&d);
	tg_minisign_free(d.key);
	tg_trust_free(d.trust);
	if (d.run.id[0] != '\0')
		tg_run_ref_free(&d.run);
	tg_job_free(d.job);
	return status;
}

static int
approve(struct tg_cli *cli)
{
	return decide(cli, TG_APPROVE);
}

static int
reject(struct tg_cli *cli)
{
	return decide(cli, TG_REJECT);
}

const struct tg_cmd tg_cmd_approve = {
    .name = "approve",
    .group = "Decide",
    .summary = "sign that an export may go",
    .synopsis = "RUN --role ROLE --key FILE --digest HEX [--answer ROW=TEXT] "
		"[--standing --max-records N --max-bytes N --max-runs N]",
    .description = approve_text,
    .opts = approve_opts,
    .exits = "0 signed and recorded; 1 you may not decide this, a row has no "
	     "answer, or the review found personal data; 4 the review is not "
	     "done (tracegate review); 5 the digest is another one; 10 key or "
	     "passphrase.",
    .examples = approve_examples,
    .run = approve,
};

const struct tg_cmd tg_cmd_reject = {
    .name = "reject",
    .group = "Decide",
    .summary = "sign that an export may not go",
    .synopsis = "RUN --role ROLE --key FILE --digest HEX --reason TEXT "
		"[--standing]",
    .description = reject_text,
    .opts = reject_opts,
    .exits = "0 signed and recorded; 1 you may not decide this; 5 the digest "
	     "is another one; 10 key or passphrase.",
    .examples = reject_examples,
    .run = reject,
};
