/* decision_check.c - the part of decision.h that holds one decision against
 * what is exported now. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/decision.h"
#include "pipeline/decision_doc.h"
#include "pipeline/standing.h"

#include "base/banned.h"

#define DAY 86400    /* seconds */
#define SIG_MAX 4096 /* bytes of a .minisig */

static void TG_PRINTF(3, 4) because(
    struct tg_decision_reason *why, const char *code, const char *fmt, ...)
{
	va_list ap;

	(void)snprintf(why->code, sizeof(why->code), "%s", code);
	va_start(ap, fmt);
	(void)vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
}

/* @dir/@name<@tail>.  A file that is missing or too long is a reason. */
static int
slurp(struct tg_buf *out, struct tg_decision_reason *why, const char *dir,
    const char *name, const char *tail, struct tg_err *err)
{
	char full[TG_DECISION_NAME + 16];
	bool missing;
	char *path;
	int rc;

	(void)snprintf(full, sizeof(full), "%s%s", name, tail);
	path = tg_fs_join(dir, full);
	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_slurp(out, path, &missing, err);
	free(path);
	if (rc < 0 && (missing || (err != NULL && err->cls == TG_E_LIMIT))) {
		tg_err_clear(err);
		because(why, "APR-DIGEST", "%s: %s", full,
		    missing ? "missing" : "too long");
		return 0;
	}
	return rc;
}

/* The name the file must have says the role that the document says. */
static bool
name_fits(const char *name, const char *role)
{
	const size_t n = strlen("decision-"), k = strlen(role);

	return strncmp(name + n, role, k) == 0 &&
	    (name[n + k] == '.' || name[n + k] == '-');
}

/* Signature, person, comment: *@who is who signed, or NULL with @why set.  -1
 * is TG_E_MEMORY. */
static int
check_signature(const struct tg_person **who, struct tg_decision_reason *why,
    const struct tg_json *doc, struct tg_sv bytes, struct tg_sv sig,
    const struct tg_trust *trust, struct tg_err *err)
{
	char want[TG_TRUSTED_COMMENT];
	const struct tg_person *p;
	struct tg_err bad = {0};
	struct tg_buf comment;
	uint8_t id[8];
	int rc = 0;

	*who = NULL;
	tg_buf_init(&comment, TG_TRUSTED_COMMENT);
	if (tg_minisign_sig_id(id, sig, &bad) < 0) {
		because(why, "APR-DIGEST", "%.200s", bad.text);
		return 0;
	}
	p = tg_trust_by_key_id(trust, id);
	if (p == NULL) {
		because(why, "APR-ROLE", "signed by a key that is not trusted");
		return 0;
	}
	if (tg_minisign_verify(&p->pub, bytes, sig, &comment, &bad) < 0) {
		if (bad.cls == TG_E_MEMORY)
			rc = tg_fail_memory(err);
		because(why, "APR-DIGEST", "%.200s", bad.text);
		goto out;
	}
	tg_decision_comment(want, doc);
	if (!tg_sv_is(tg_buf_sv(&comment), want)) {
		because(why, "APR-DIGEST",
		    "the signed comment is not that of this decision");
		goto out;
	}
	if (strcmp(p->id, tg_decision_member(doc, "signer", "id")) != 0 ||
	    strcmp(p->key_id, tg_decision_member(doc, "signer", "key")) != 0) {
		because(why, "APR-ROLE", "signed by %s in the name of another",
		    p->id);
		goto out;
	}
	*who = p;
out:
	tg_buf_deinit(&comment);
	return rc;
}

static bool
same_text(const struct tg_json *x, const char *a, const char *b,
    const struct tg_json *y, const char *c, const char *d)
{
	return strcmp(tg_decision_member(x, a, b),
		   tg_decision_member(y, c, d)) == 0;
}

bool
tg_decision_same_keys(const struct tg_json *doc, const struct tg_json *m)
{
	const struct tg_json *x =
	    tg_json_get(tg_json_get(doc, "recipient"), "keys");
	const struct tg_json *y =
	    tg_json_get(tg_json_get(m, "payload"), "recipients");

	if (tg_json_len(x) == 0 || tg_json_len(x) != tg_json_len(y))
		return false;
	for (size_t i = 0; i < tg_json_len(x); i++)
		if (strcmp(tg_json_text(tg_json_at(x, i)),
			tg_json_text(tg_json_at(y, i))) != 0)
			return false;
	return true;
}

/* The evidence is byte for byte what was signed. */
static int
check_evidence(struct tg_decision_reason *why, const struct tg_json *doc,
    const char *dir, struct tg_err *err)
{
	const struct tg_json *subjects = tg_json_get(doc, "subjects");
	struct tg_json *files = NULL;
	char sha[TG_SHA256_HEX];
	struct tg_err bad = {0};
	struct tg_buf x, y;
	int rc = -1;

	tg_buf_init(&x, TG_DECISION_MAX);
	tg_buf_init(&y, TG_DECISION_MAX);
	if (dir == NULL || tg_decision_evidence(&files, sha, dir, &bad) < 0) {
		rc = bad.cls == TG_E_NONE || bad.cls == TG_E_INTEGRITY ? 0 : -1;
		if (rc < 0 && err != NULL)
			*err = bad;
		because(why, "APR-DIGEST", "no evidence to hold it against");
		goto out;
	}
	if (tg_json_canonical(&x, files, err) < 0 ||
	    tg_json_canonical(
		&y, tg_json_get(subjects, "evidence_files"), err) < 0)
		goto out;
	if (!tg_sv_eq(tg_buf_sv(&x), tg_buf_sv(&y)) ||
	    strcmp(tg_decision_member(subjects, "evidence_sha256", NULL),
		sha) != 0)
		because(why, "APR-DIGEST", "decided on other evidence");
	rc = 0;
out:
	tg_json_free(files);
	tg_buf_deinit(&x);
	tg_buf_deinit(&y);
	return rc;
}

/* The decision is about exactly this export. */
static void
check_subjects(struct tg_decision_reason *why, const struct tg_json *doc,
    const struct tg_decision_against *a)
{
	const struct tg_json *m = a->manifest;
	const struct tg_json *caps = tg_json_get(doc, "caps");
	const char *policy = a->policy_sha256 != NULL
	    ? a->policy_sha256
	    : tg_decision_member(m, "policy", "effective_sha256");

	if (strcmp(tg_decision_member(doc, "subjects", "manifest_sha256"),
		a->manifest_sha256) != 0)
		because(why, "APR-DIGEST", "decided on another manifest");
	else if (strcmp(tg_decision_member(doc, "subjects", "policy_sha256"),
		     policy) != 0)
		because(why, "APR-DIGEST", "decided under another policy");
	else if (!same_text(doc, "recipient", "id", m, "recipient", "id") ||
	    !same_text(doc, "country", NULL, m, "recipient", "country") ||
	    !tg_decision_same_keys(doc, m))
		because(why, "APR-DIGEST",
		    "decided for another recipient, country or key");
	else if (!same_text(doc, "bundle_id", NULL, m, "bundle_id", NULL) ||
	    !same_text(doc, "run", NULL, m, "run", NULL) ||
	    !same_text(doc, "purpose", NULL, m, "purpose", "id") ||
	    !same_text(doc, "retention_class", NULL, m, "retention", "class"))
		because(why, "APR-DIGEST",
		    "decided for another run, purpose or retention class");
	else if (tg_json_get_int(caps, "max_records", -1) <
		tg_json_get_int(
		    tg_json_get(m, "records"), "count", INT64_MAX) ||
	    tg_manifest_bytes(m) < 0 ||
	    tg_json_get_int(caps, "max_bytes", -1) < tg_manifest_bytes(m))
		because(why, "APR-DIGEST",
		    "decided for fewer records or bytes than there are");
}

/* What became of a standing approval since it was signed. */
static int
check_since(struct tg_decision_reason *why, struct tg_standing_fact *f,
    const char *sha256, const struct tg_decision_against *a, struct tg_err *err)
{
	*f = (struct tg_standing_fact){.revoked = false};
	if (a->ledger != NULL &&
	    tg_standing_fact(f, a->ledger, sha256,
		tg_decision_member(a->manifest, "bundle_id", NULL), err) < 0)
		return -1;
	if (f->revoked)
		because(
		    why, "APR-REVOKED", "the standing approval was revoked");
	else if (f->cause[0] != '\0')
		because(why, "APR-SUSPENDED",
		    "the standing approval suspended itself: %s", f->cause);
	return 0;
}

/* A standing approval is about exports like this one. */
static int
check_standing(struct tg_decision_reason *why, const struct tg_json *doc,
    const char *sha256, const struct tg_decision_against *a, struct tg_err *err)
{
	struct tg_standing_fact f;
	const char *cause;

	if (check_since(why, &f, sha256, a, err) < 0)
		return -1;
	if (why->code[0] != '\0')
		return 0;
	cause = tg_standing_differs(doc, a->manifest);
	if (cause != NULL)
		because(why, "APR-SCOPE", "the standing approval is for %s",
		    cause[0] == '\0'
			? "another purpose, class, origin or target"
			: "another policy, recipient or key");
	else if (!tg_standing_fits(doc, &f, a->manifest))
		because(why, "APR-CAP",
		    "more records, bytes or runs than the standing approval "
		    "is for");
	else if (!a->choosing && !tg_standing_listed(a->manifest, sha256))
		because(why, "APR-DIGEST",
		    "a standing approval that the manifest does not rely on");
	return 0;
}

/* The longest that a decision of this kind is in force; 0: no limit. */
static int64_t
max_days(const struct tg_json *doc, const struct tg_decision_against *a)
{
	const struct tg_json *standing =
	    tg_json_get(tg_json_get(a->manifest, "approvals"), "standing");

	return tg_standing_is(doc)
	    ? tg_json_get_int(standing, "expires_days", 0)
	    : a->max_days;
}

/* In force at a->now.  A rejection does not lapse. */
static void
check_time(struct tg_decision_reason *why, const struct tg_json *doc,
    const struct tg_decision_against *a)
{
	const int64_t from = tg_json_get_int(doc, "signed_at", INT64_MAX);
	const int64_t days = max_days(doc, a);
	int64_t to = tg_json_get_int(doc, "expires_at", 0);
	int64_t cap;

	if (from > a->now && from - a->now > TG_DECISION_SKEW) {
		because(why, "APR-EXPIRED", "signed in the future");
		return;
	}
	if (strcmp(tg_decision_member(doc, "decision", NULL),
		tg_decide_name(TG_REJECT)) == 0)
		return;
	if (days > 0 && !__builtin_mul_overflow(days, (int64_t)DAY, &cap) &&
	    !__builtin_add_overflow(from, cap, &cap) && cap < to)
		to = cap;
	if (a->now >= to)
		because(why, "APR-EXPIRED", "no longer in force");
}

static void
check_role(struct tg_decision_reason *why, const struct tg_json *doc,
    const struct tg_person *who, const struct tg_json *m)
{
	const char *role = tg_decision_member(doc, "role", NULL);

	if (!tg_person_has(who, role))
		because(why, "APR-ROLE", "%s does not hold the role %s",
		    who->id, role);
	else if (strcmp(who->id, tg_decision_member(m, "preparer", "id")) ==
		0 ||
	    strcmp(who->key, tg_decision_member(m, "preparer", "key")) == 0)
		because(
		    why, "APR-SAME-PERSON", "%s prepared this export", who->id);
}

/* The document of a trusted person and its digest, or NULL with @why set. */
static int
read_signed(struct tg_json **doc, char sha256[TG_SHA256_HEX],
    const struct tg_person **who, struct tg_decision_reason *why,
    const char *dir, const char *name, const struct tg_trust *trust,
    struct tg_err *err)
{
	struct tg_err bad = {0};
	uint8_t digest[TG_SHA256_LEN];
	struct tg_json *d = NULL;
	struct tg_buf b, sig;
	int rc = -1;

	*who = NULL;
	tg_buf_init(&b, TG_DECISION_MAX);
	tg_buf_init(&sig, SIG_MAX);
	if (slurp(&b, why, dir, name, "", err) < 0 ||
	    slurp(&sig, why, dir, name, ".minisig", err) < 0 ||
	    tg_sha256_bytes(digest, b.p, b.n, err) < 0)
		goto out;
	tg_sha256_hex(sha256, digest);
	rc = 0;
	if (why->code[0] != '\0')
		goto out;
	if (tg_decision_parse(&d, tg_buf_sv(&b), &bad) < 0) {
		if (bad.cls == TG_E_MEMORY)
			rc = tg_fail_memory(err);
		because(why, "APR-DIGEST", "%.200s", bad.text);
		goto out;
	}
	(void)snprintf(why->role, sizeof(why->role), "%s",
	    tg_decision_member(d, "role", NULL));
	if (!name_fits(name, why->role)) {
		because(
		    why, "APR-DIGEST", "the file is named for another role");
		goto out;
	}
	rc = check_signature(
	    who, why, d, tg_buf_sv(&b), tg_buf_sv(&sig), trust, err);
	if (*who != NULL) {
		*doc = d;
		d = NULL;
	}
out:
	tg_json_free(d);
	tg_buf_deinit(&b);
	tg_buf_deinit(&sig);
	return rc;
}

/* What it is about.  A refusal to let any more go is about no one export. */
static int
check_about(struct tg_decision_reason *why, const struct tg_json *d,
    const char *sha256, const struct tg_decision_against *a, struct tg_err *err)
{
	if (tg_standing_is(d))
		return check_standing(why, d, sha256, a, err);
	if (a->choosing) {
		if (strcmp(tg_decision_member(d, "decision", NULL),
			tg_decide_name(TG_REJECT)) != 0)
			because(why, "APR-SCOPE", "not a standing approval");
		return 0;
	}
	check_subjects(why, d, a);
	return why->code[0] == '\0'
	    ? check_evidence(why, d, a->evidence_dir, err)
	    : 0;
}

int
tg_decision_verify(struct tg_json **doc, struct tg_decision_reason *why,
    const char *dir, const char *name, const struct tg_decision_against *a,
    struct tg_err *err)
{
	const struct tg_person *who;
	char sha256[TG_SHA256_HEX];
	struct tg_json *d = NULL;
	int rc = 0;

	memset(why, 0, sizeof(*why));
	if (doc != NULL)
		*doc = NULL;
	if (!tg_decision_name_ok(tg_sv_of(name)) ||
	    strlen(name) >= TG_DECISION_NAME)
		return tg_fail(err, TG_E_USAGE, "not the name of a decision");
	if (read_signed(&d, sha256, &who, why, dir, name, a->trust, err) < 0)
		return -1;
	if (d == NULL)
		return 0;
	check_role(why, d, who, a->manifest);
	if (why->code[0] == '\0' && a->manifest != NULL)
		rc = check_about(why, d, sha256, a, err);
	if (why->code[0] == '\0')
		check_time(why, d, a);
	if (rc == 0 && doc != NULL) {
		*doc = d;
		d = NULL;
	}
	tg_json_free(d);
	return rc;
}
