/* verify_bundle.c - the part of verify.h for a bundle. */
#include "pipeline/verify_bundle.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/name.h"
#include "pipeline/bundle/sums.h"
#include "pipeline/decision.h"
#include "pipeline/decision_doc.h"
#include "pipeline/ledger/checkpoint.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/review.h"
#include "pipeline/verify_priv.h"

#include "base/banned.h"

#define MANIFEST_SCHEMA "https://tracegate.dev/manifest/1"
#define SMALL_MAX (1u << 20) /* bytes of notes, proofs, entries */

/* SHA-256 of a file of the bundle as hex; false with @err. */
static bool
digest(struct tg_verify *v, const char *name, char hex[TG_SHA256_HEX],
    uint64_t *size, struct tg_err *err)
{
	char *path = tg_verify_join(v, name);
	uint8_t sum[TG_SHA256_LEN];
	bool ok;

	if (path == NULL) {
		(void)tg_fail_memory(err);
		return false;
	}
	ok = tg_sha256_file(sum, path, size, err) == 0;
	free(path);
	if (ok)
		tg_sha256_hex(hex, sum);
	return ok;
}

static void
check_manifest(struct tg_bundle_check *b)
{
	struct tg_verify *v = b->v;
	uint8_t sum[TG_SHA256_LEN];
	struct tg_err err = {0};
	bool missing;

	b->m = tg_verify_json(v, TG_BUNDLE_MANIFEST, &b->bytes, &missing, &err);
	if (b->m != NULL &&
	    strcmp(tg_json_get_str(b->m, "schema", ""), MANIFEST_SCHEMA) != 0) {
		(void)tg_fail(&err, TG_E_INTEGRITY,
		    TG_BUNDLE_MANIFEST ": not of the schema " MANIFEST_SCHEMA);
		tg_json_free(b->m);
		b->m = NULL;
	}
	if (b->m == NULL ||
	    tg_sha256_bytes(sum, b->bytes.p, b->bytes.n, &err) < 0) {
		tg_verify_bad(v, "manifest", 0, &err);
		return;
	}
	tg_sha256_hex(b->sha, sum);
	tg_verify_say(v, "manifest", TG_CHECK_OK, 1,
	    "manifest.json has the digest %s", b->sha);
}

/* The key that must have signed: *@who for the text. */
static bool
choose_key(struct tg_bundle_check *b, struct tg_sv sig,
    struct tg_minisign_pub *pub, const char **who, struct tg_err *err)
{
	const struct tg_verify_opts *o = b->v->opts;
	const struct tg_person *p;
	uint8_t id[8];

	*who = "the exporter's key that was given";
	if (o->exporter != NULL)
		return tg_minisign_pub(pub, tg_sv_of(o->exporter), err) == 0;
	if (tg_minisign_sig_id(id, sig, err) < 0)
		return false;
	p = tg_trust_by_key_id(o->trust, id);
	if (p == NULL || !tg_person_has(p, "exporter")) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    p == NULL ? "signed by a key that is not trusted"
			      : "signed by a person who is no exporter");
		return false;
	}
	*pub = p->pub;
	*who = p->name;
	return true;
}

static void
check_signature(struct tg_bundle_check *b)
{
	static const char name[] = "signature";
	struct tg_verify *v = b->v;
	char want[TG_TRUSTED_COMMENT];
	struct tg_minisign_pub pub;
	struct tg_buf sig, comment;
	struct tg_err err = {0};
	const char *who;
	bool missing;

	tg_buf_init(&sig, SMALL_MAX);
	tg_buf_init(&comment, SMALL_MAX);
	if (!tg_verify_slurp(v, &sig, TG_BUNDLE_MANIFEST_SIG, &missing, &err)) {
		tg_verify_bad(v, name, 0, &err);
		goto out;
	}
	if (v->opts->trust == NULL && v->opts->exporter == NULL) {
		tg_verify_say(v, name, TG_CHECK_NOT_ASSESSED, 0,
		    "no trust file: whose signature it is cannot be told");
		goto out;
	}
	if (!choose_key(b, tg_buf_sv(&sig), &pub, &who, &err) ||
	    tg_minisign_verify(&pub, tg_buf_sv(&b->bytes), tg_buf_sv(&sig),
		&comment, &err) < 0) {
		tg_verify_bad(v, name, 1, &err);
		goto out;
	}
	(void)snprintf(want, sizeof(want),
	    "tracegate/1 export bundle=%s sha256=%s",
	    tg_json_get_str(b->m, "bundle_id", ""), b->sha);
	if (!tg_sv_is(tg_buf_sv(&comment), want)) {
		tg_verify_say(v, name, TG_CHECK_FAILED, 1,
		    "the signed comment is not that of this bundle");
		goto out;
	}
	b->is_signed = true;
	tg_verify_say(
	    v, name, TG_CHECK_OK, 1, "manifest.json is signed by %s", who);
out:
	tg_buf_deinit(&sig);
	tg_buf_deinit(&comment);
}

/* The header of one volume names as many recipients as the manifest. */
static bool
check_stanzas(struct tg_bundle_check *b, const char *name, struct tg_err *err)
{
	const size_t want = tg_json_len(
	    tg_json_get(tg_json_get(b->m, "payload"), "recipients"));
	char *path = tg_verify_join(b->v, name);
	size_t n = 0;
	int fd, rc;

	if (path == NULL) {
		(void)tg_fail_memory(err);
		return false;
	}
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	free(path);
	if (fd < 0) {
		(void)tg_fail(err, TG_E_INTEGRITY, "%s: cannot be read", name);
		return false;
	}
	rc = tg_age_stanzas(fd, &n, err);
	(void)close(fd);
	if (rc < 0) {
		(void)tg_fail_in(err, "%s", name);
		return false;
	}
	if (n != want || want == 0) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: sealed for %zu keys, the manifest names %zu", name, n,
		    want);
		return false;
	}
	return true;
}

static bool
check_volume(
    struct tg_bundle_check *b, const struct tg_json *vol, struct tg_err *err)
{
	const char *name = tg_json_get_str(vol, "file", "");
	const int64_t bytes = tg_json_get_int(vol, "bytes", -1);
	char hex[TG_SHA256_HEX];
	uint64_t size;

	if (!tg_name_ok(tg_sv_of(name)) || strchr(name, '/') != NULL) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "the manifest names a volume that cannot be one");
		return false;
	}
	if (!digest(b->v, name, hex, &size, err))
		return false;
	if (bytes < 0 || size != (uint64_t)bytes ||
	    strcmp(hex, tg_json_get_str(vol, "sha256", "")) != 0) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: not the bytes that the manifest names", name);
		return false;
	}
	return check_stanzas(b, name, err);
}

static void
check_volumes(struct tg_bundle_check *b)
{
	const struct tg_json *list =
	    tg_json_get(tg_json_get(b->m, "payload"), "volumes");
	struct tg_err err = {0};
	const size_t n = tg_json_len(list);

	for (size_t i = 0; i < n; i++)
		if (!check_volume(b, tg_json_at(list, i), &err)) {
			tg_verify_bad(b->v, "volumes", i + 1, &err);
			return;
		}
	tg_verify_say(b->v, "volumes", TG_CHECK_OK, n,
	    n == 0 ? "the manifest names no volume"
		   : "volumes have the size, the digest and the number of "
		     "recipients that the manifest names");
}

static void
check_named(struct tg_bundle_check *b)
{
	const struct tg_json *list = tg_json_get(b->m, "files");
	const size_t n = tg_json_len(list);
	struct tg_err err = {0};

	for (size_t i = 0; i < n; i++) {
		const struct tg_json *f = tg_json_at(list, i);
		const char *name = tg_json_get_str(f, "file", "");
		char hex[TG_SHA256_HEX] = "";

		if (!tg_name_ok(tg_sv_of(name)))
			(void)tg_fail(&err, TG_E_INTEGRITY,
			    "the manifest names a file that cannot be one");
		else if (digest(b->v, name, hex, NULL, &err) &&
		    strcmp(hex, tg_json_get_str(f, "sha256", "")) != 0)
			(void)tg_fail(&err, TG_E_INTEGRITY,
			    "%s: not the bytes that the manifest names", name);
		if (err.cls != TG_E_NONE) {
			tg_verify_bad(b->v, "named files", i + 1, &err);
			return;
		}
	}
	tg_verify_say(b->v, "named files", TG_CHECK_OK, n,
	    "files have the digests that the manifest names");
}

/* The ledger's key: given, or out of a manifest whose signature is good. */
static void
choose_vkey(struct tg_bundle_check *b)
{
	const char *own = tg_decision_member(b->m, "ledger", "vkey");
	const char *given = b->v->opts->vkey;
	struct tg_err err = {0};

	b->vkey = given != NULL ? given : b->is_signed ? own : NULL;
	if (b->vkey == NULL) {
		tg_verify_say(b->v, "ledger key", TG_CHECK_NOT_ASSESSED, 0,
		    "neither a verifier key nor a signed manifest that "
		    "names one");
		return;
	}
	if (tg_note_pub(&b->pub, tg_sv_of(b->vkey), &err) < 0) {
		b->vkey = NULL;
		tg_verify_bad(b->v, "ledger key", 1, &err);
	} else if (strcmp(b->vkey, own) != 0 ||
	    strcmp(b->pub.name, tg_decision_member(b->m, "ledger", "origin")) !=
		0) {
		tg_verify_say(b->v, "ledger key", TG_CHECK_FAILED, 1,
		    "the manifest names another ledger");
	} else {
		tg_verify_say(b->v, "ledger key", TG_CHECK_OK, 1,
		    "the ledger is %s", b->pub.name);
	}
}

static void
check_records(struct tg_bundle_check *b)
{
	static const char name[] = "records";
	const struct tg_json *r = tg_json_get(b->m, "records");
	const struct tg_sv root = tg_sv_of(tg_json_get_str(r, "root", ""));
	uint8_t want[TG_LEDGER_HASH];
	struct tg_checkpoint cp;
	struct tg_err err = {0};
	char origin[TG_NOTE_NAME_MAX + 1];
	struct tg_buf note;
	bool missing;
	size_t n;
	int len;

	tg_buf_init(&note, TG_NOTE_MAX);
	if (b->vkey == NULL) {
		tg_verify_say(b->v, name, TG_CHECK_NOT_ASSESSED, 0,
		    "without the ledger's key");
		goto out;
	}
	len = snprintf(origin, sizeof(origin), "%s/bundle/%s", b->pub.name,
	    tg_json_get_str(b->m, "bundle_id", ""));
	if (len < 0 || (size_t)len >= sizeof(origin) ||
	    !tg_verify_slurp(b->v, &note, TG_BUNDLE_RECORDS, &missing, &err) ||
	    tg_checkpoint_open(&cp, &b->pub, origin, tg_buf_sv(&note), &err) <
		0) {
		tg_verify_bad(b->v, name, 0, &err);
		goto out;
	}
	if (!tg_b64_decode(want, sizeof(want), &n, root, TG_B64_PADDED) ||
	    n != sizeof(want) || memcmp(want, cp.root, n) != 0 ||
	    tg_json_get_int(r, "count", -1) != (int64_t)cp.size)
		tg_verify_say(b->v, name, TG_CHECK_FAILED, 1,
		    TG_BUNDLE_RECORDS
		    ": not the count and root that the manifest names");
	else
		tg_verify_say(b->v, name, TG_CHECK_OK, cp.size,
		    "records are committed to by the ledger's key");
out:
	tg_buf_deinit(&note);
}

/* What the entry must say. */
static bool
intent_fits(struct tg_bundle_check *b, const struct tg_json *e, uint64_t index)
{
	return strcmp(tg_json_get_str(e, "type", ""), "export.intent") == 0 &&
	    strcmp(tg_json_get_str(e, "manifest_sha256", ""), b->sha) == 0 &&
	    strcmp(tg_json_get_str(e, "bundle_id", ""),
		tg_json_get_str(b->m, "bundle_id", "-")) == 0 &&
	    tg_json_get_int(e, "seq", -1) == (int64_t)index &&
	    tg_json_get_int(e, "time", -1) >= 0;
}

static void
check_intent(struct tg_bundle_check *b)
{
	static const char name[] = "intent";
	struct tg_buf entry, proof;
	struct tg_json *e = NULL;
	struct tg_err err = {0};
	bool no_entry = false, no_proof = false;
	uint64_t index;

	tg_buf_init(&entry, SMALL_MAX);
	tg_buf_init(&proof, SMALL_MAX);
	if (b->vkey == NULL) {
		tg_verify_say(b->v, name, TG_CHECK_NOT_ASSESSED, 0,
		    "without the ledger's key");
		goto out;
	}
	e = tg_verify_json(b->v, TG_BUNDLE_INTENT, &entry, &no_entry, &err);
	if ((e == NULL && !no_entry) ||
	    (!tg_verify_slurp(
		 b->v, &proof, TG_BUNDLE_INTENT_PROOF, &no_proof, &err) &&
		!no_proof) ||
	    no_entry != no_proof) {
		tg_verify_bad(b->v, name, 1, &err);
	} else if (no_entry) {
		tg_verify_say(b->v, name, TG_CHECK_NOT_ASSESSED, 0,
		    "no intent: it was not sent yet, or this is not all of it");
	} else if (tg_proof_check(tg_buf_sv(&proof), tg_buf_sv(&entry), b->vkey,
		       &index, &err) < 0) {
		tg_verify_bad(b->v, name, 1, &err);
	} else if (!intent_fits(b, e, index)) {
		tg_verify_say(b->v, name, TG_CHECK_FAILED, 1,
		    "the entry is not the intent to send this manifest");
	} else {
		b->sent_at = tg_json_get_int(e, "time", -1);
		tg_verify_say(b->v, name, TG_CHECK_OK, 1,
		    "the intent to send it is entry %" PRIu64 " of the ledger",
		    index);
	}
out:
	tg_json_free(e);
	tg_buf_deinit(&entry);
	tg_buf_deinit(&proof);
}

static void
say_decisions(struct tg_bundle_check *b, const struct tg_decisions *d)
{
	static const char name[] = "decisions";

	if (d->state == TG_DECISIONS_APPROVED)
		tg_verify_say(b->v, name, TG_CHECK_OK, d->counted,
		    b->sent_at >= 0
			? "approvals were in force when the intent was "
			  "recorded"
			: "approvals are in force");
	else if (d->examined == 0 && b->sent_at < 0)
		tg_verify_say(b->v, name, TG_CHECK_NOT_ASSESSED, 0,
		    "nobody has decided yet");
	else
		tg_verify_say(b->v, name, TG_CHECK_FAILED, d->examined,
		    "%s: %s: %s", tg_decisions_name(d->state),
		    d->n_reason > 0 ? d->reason[0].code : "APR-MISSING",
		    d->n_reason > 0 ? d->reason[0].text : "");
}

static void
check_decisions(struct tg_bundle_check *b)
{
	const struct tg_verify_opts *o = b->v->opts;
	struct tg_decision_against a = {.manifest = b->m,
	    .manifest_sha256 = b->sha,
	    .trust = o->trust,
	    .now = b->sent_at >= 0 ? b->sent_at : o->now};
	char *evidence = tg_verify_join(b->v, TG_BUNDLE_EVIDENCE);
	struct tg_decisions d = {.n_reason = 0};
	struct tg_approvals need;
	struct tg_err err = {0};

	if (evidence == NULL)
		return;
	a.evidence_dir = evidence;
	if (o->trust == NULL)
		tg_verify_say(b->v, "decisions", TG_CHECK_NOT_ASSESSED, 0,
		    "no trust file: whose signatures they are cannot be told");
	else if (tg_approvals_of(&need, b->m, &err) < 0 ||
	    tg_decisions_state(&d, b->v->path, &a, &need, &err) < 0)
		tg_verify_bad(b->v, "decisions", 0, &err);
	else
		say_decisions(b, &d);
	tg_decisions_free(&d);
	free(evidence);
}

static void
say_review(struct tg_bundle_check *b, const struct tg_review *r)
{
	static const char name[] = "review";
	const uint64_t read = (uint64_t)r->examined;

	switch (r->state) {
	case TG_REVIEW_NOT_ASKED:
		break;
	case TG_REVIEW_PASSED:
		tg_verify_say(b->v, name, TG_CHECK_OK, read,
		    "a person read the records that the policy asks for, and "
		    "signed");
		break;
	case TG_REVIEW_WAITING:
		tg_verify_say(b->v, name, TG_CHECK_NOT_ASSESSED, 0,
		    "GATE-REVIEW: no person has read the records that the "
		    "policy asks for");
		break;
	case TG_REVIEW_FOUND:
		tg_verify_say(b->v, name, TG_CHECK_FAILED, read,
		    "GATE-REVIEW: personal data was found in %" PRId64
		    " records",
		    r->found);
		break;
	case TG_REVIEW_VOID:
		tg_verify_say(b->v, name, TG_CHECK_FAILED, 0,
		    "GATE-REVIEW: " TG_REVIEW_FILE ": %s", r->why);
		break;
	}
}

static void
check_review(struct tg_bundle_check *b)
{
	const struct tg_verify_opts *o = b->v->opts;
	const struct tg_review_against a = {.bundle = b->v->path,
	    .manifest = b->m,
	    .manifest_sha256 = b->sha,
	    .trust = o->trust,
	    .now = b->sent_at >= 0 ? b->sent_at : o->now};
	struct tg_review r;
	struct tg_err err = {0};

	if (tg_json_get(b->m, "review") == NULL)
		return; /* of a version without it */
	if (o->trust == NULL) {
		tg_verify_say(b->v, "review", TG_CHECK_NOT_ASSESSED, 0,
		    "no trust file: whose signature it is cannot be told");
		return;
	}
	if (tg_review_read(&r, &a, &err) < 0) {
		tg_verify_bad(b->v, "review", 0, &err);
		return;
	}
	say_review(b, &r);
	tg_review_free(&r);
}

void
tg_verify_bundle(struct tg_verify *v)
{
	struct tg_bundle_check b = {.v = v, .sent_at = -1};

	tg_buf_init(&b.bytes, TG_JSON_MAX);
	tg_verify_files(&b);
	check_manifest(&b);
	if (b.m != NULL) {
		check_signature(&b);
		check_volumes(&b);
		check_named(&b);
		choose_vkey(&b);
		check_records(&b);
		check_intent(&b);
		check_decisions(&b);
		check_review(&b);
		tg_verify_accounts(&b);
	}
	tg_fs_names_free(&b.names);
	tg_json_free(b.m);
	tg_buf_deinit(&b.bytes);
}
