#include "pipeline/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "pipeline/bundle/sums.h"
#include "pipeline/decision.h"
#include "pipeline/decision_doc.h"
#include "pipeline/pseudonym_key.h"
#include "pipeline/standing.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/verify_priv.h"

#include "base/banned.h"

const char *
tg_verify_kind_name(enum tg_verify_kind kind)
{
	static const char *const name[] = {"unknown", "bundle", "ledger",
	    "decision", "evidence", "key-destruction"};

	return name[kind];
}

void
tg_verify_name(char *out, size_t cap, const char *name)
{
	size_t i = 0;

	for (; name[i] != '\0' && i + 1 < cap; i++)
		out[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
	out[i] = '\0';
}

void
tg_verify_say(struct tg_verify *v, const char *name,
    enum tg_verify_result result, uint64_t examined, const char *fmt, ...)
{
	char text[TG_VERIFY_TEXT];
	struct tg_verify_check c = {name, result, examined, text};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (result == TG_CHECK_OK && examined == 0)
		c.result = TG_CHECK_NOT_ASSESSED;
	switch (c.result) {
	case TG_CHECK_OK:
		v->sum.ok++;
		break;
	case TG_CHECK_FAILED:
		v->sum.failed++;
		break;
	case TG_CHECK_NOT_ASSESSED:
		v->sum.not_assessed++;
		break;
	}
	v->sum.examined += examined;
	if (v->opts->report != NULL)
		v->opts->report(v->opts->ctx, &c);
}

void
tg_verify_bad(struct tg_verify *v, const char *name, uint64_t examined,
    const struct tg_err *err)
{
	char text[TG_VERIFY_TEXT];

	v->memory = v->memory || err->cls == TG_E_MEMORY;
	tg_verify_name(text, sizeof(text), err->text);
	tg_verify_say(v, name, TG_CHECK_FAILED, examined, "%s", text);
}

char *
tg_verify_join(struct tg_verify *v, const char *name)
{
	char *p = tg_fs_join(v->path, name);

	v->memory = v->memory || p == NULL;
	return p;
}

bool
tg_verify_slurp(struct tg_verify *v, struct tg_buf *out, const char *name,
    bool *missing, struct tg_err *err)
{
	char *path = tg_verify_join(v, name);
	int rc;

	*missing = false;
	if (path == NULL) {
		(void)tg_fail_memory(err);
		return false;
	}
	rc = tg_fs_slurp(out, path, missing, err);
	if (*missing)
		(void)tg_fail(err, TG_E_INTEGRITY, "%s: missing", name);
	free(path);
	return rc == 0;
}

struct tg_json *
tg_verify_json(struct tg_verify *v, const char *name, struct tg_buf *bytes,
    bool *missing, struct tg_err *err)
{
	struct tg_json *j = NULL;
	struct tg_buf again;

	tg_buf_init(&again, TG_JSON_MAX);
	if (!tg_verify_slurp(v, bytes, name, missing, err) ||
	    tg_json_parse(&j, tg_buf_sv(bytes), name, err) < 0)
		goto out;
	if (tg_json_canonical(&again, j, err) == 0) {
		if (tg_sv_eq(tg_buf_sv(&again), tg_buf_sv(bytes)))
			goto out;
		(void)tg_fail(
		    err, TG_E_INTEGRITY, "%s: not canonical JSON", name);
	}
	tg_json_free(j);
	j = NULL;
out:
	tg_buf_deinit(&again);
	return j;
}

static bool
has(const char *dir, const char *name)
{
	char *p = tg_fs_join(dir, name);
	const bool yes = p != NULL && tg_fs_exists(p);

	free(p);
	return yes;
}

/* A file that begins as @schema does. */
static bool
is_document(const char *path, const char *schema)
{
	struct tg_json *j = NULL;
	struct tg_buf b;
	bool yes = false;

	tg_buf_init(&b, TG_DECISION_MAX);
	if (tg_fs_slurp(&b, path, NULL, NULL) == 0 &&
	    tg_json_parse(&j, tg_buf_sv(&b), schema, NULL) == 0)
		yes = strcmp(tg_json_get_str(j, "schema", ""), schema) == 0;
	tg_json_free(j);
	tg_buf_deinit(&b);
	return yes;
}

static enum tg_verify_kind
file_kind(const char *path)
{
	const char *slash = strrchr(path, '/');

	/* By its name, too: a decision that was damaged is one. */
	if (tg_decision_name_ok(tg_sv_of(slash == NULL ? path : slash + 1)) ||
	    is_document(path, TG_DECISION_SCHEMA))
		return TG_VERIFY_DECISION;
	return is_document(path, TG_PSEUDONYM_RECORD) ? TG_VERIFY_DESTRUCTION
						      : TG_VERIFY_UNKNOWN;
}

enum tg_verify_kind
tg_verify_kind(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return TG_VERIFY_UNKNOWN;
	if (S_ISREG(st.st_mode))
		return file_kind(path);
	if (!S_ISDIR(st.st_mode))
		return TG_VERIFY_UNKNOWN;
	if (has(path, TG_BUNDLE_MANIFEST) ||
	    has(path, TG_BUNDLE_MANIFEST_SIG) || has(path, TG_SUMS_FILE))
		return TG_VERIFY_BUNDLE;
	if (has(path, "checkpoint") || has(path, "tile"))
		return TG_VERIFY_LEDGER;
	if (has(path, "evidence.json"))
		return TG_VERIFY_EVIDENCE;
	return TG_VERIFY_UNKNOWN;
}

static void
verify_ledger(struct tg_verify *v)
{
	struct tg_err err = {0};
	uint64_t n = 0;

	if (tg_ledger_check(v->path, v->opts->vkey, &n, &err) < 0)
		tg_verify_bad(v, "ledger", n, &err);
	else
		tg_verify_say(v, "ledger", TG_CHECK_OK, n,
		    "every entry is in the tree that the checkpoint signs");
	if (v->opts->vkey == NULL)
		tg_verify_say(v, "key", TG_CHECK_NOT_ASSESSED, 0,
		    "no verifier key was given: the folder was only held "
		    "against the key it brings itself");
	else if (v->sum.failed == 0)
		tg_verify_say(v, "key", TG_CHECK_OK, 1,
		    "signed by the key that was given");
}

/* manifest.json beside a decision or an evidence folder; NULL: none. */
static struct tg_json *
manifest_beside(const char *dir, char sha[TG_SHA256_HEX])
{
	char *path = tg_fs_join(dir, TG_BUNDLE_MANIFEST);
	struct tg_json *j = NULL;
	uint8_t sum[TG_SHA256_LEN];
	struct tg_buf b;

	tg_buf_init(&b, TG_JSON_MAX);
	if (path != NULL && tg_fs_slurp(&b, path, NULL, NULL) == 0 &&
	    tg_sha256_bytes(sum, b.p, b.n, NULL) == 0 &&
	    tg_json_parse(&j, tg_buf_sv(&b), "manifest", NULL) == 0)
		tg_sha256_hex(sha, sum);
	tg_buf_deinit(&b);
	free(path);
	return j;
}

static void
say_subjects(struct tg_verify *v, const struct tg_json *manifest)
{
	if (manifest == NULL)
		tg_verify_say(v, "subjects", TG_CHECK_NOT_ASSESSED, 0,
		    "no manifest.json beside it: what it decides on is not "
		    "here");
	else
		tg_verify_say(v, "subjects", TG_CHECK_OK, 1,
		    "it decides on exactly this manifest, evidence, policy, "
		    "recipient and key");
}

static void
verify_decision(struct tg_verify *v)
{
	const char *slash = strrchr(v->path, '/');
	const char *name = slash == NULL ? v->path : slash + 1;
	char *dir = slash == NULL
	    ? strdup(".")
	    : strndup(v->path, (size_t)(slash - v->path) + 1);
	char *evidence = dir == NULL ? NULL : tg_fs_join(dir, "evidence");
	struct tg_decision_against a = {.now = v->opts->now};
	struct tg_decision_reason why;
	struct tg_json *m = NULL;
	struct tg_err err = {0};
	char sha[TG_SHA256_HEX];

	if (evidence == NULL) {
		v->memory = true;
		goto out;
	}
	if (v->opts->trust == NULL) {
		tg_verify_say(v, "decision", TG_CHECK_NOT_ASSESSED, 0,
		    "no trust file: whose signature it is cannot be told");
		goto out;
	}
	m = manifest_beside(dir, sha);
	a.manifest = m;
	a.manifest_sha256 = sha;
	a.evidence_dir = evidence;
	a.trust = v->opts->trust;
	if (tg_decision_verify(NULL, &why, dir, name, &a, &err) < 0) {
		tg_verify_bad(v, "decision", 0, &err);
	} else if (why.code[0] != '\0') {
		tg_verify_say(v, "decision", TG_CHECK_FAILED, 1, "%s: %s",
		    why.code, why.text);
	} else {
		tg_verify_say(v, "decision", TG_CHECK_OK, 1,
		    "signed by a person who holds the role %s, in force",
		    why.role);
		say_subjects(v, m);
	}
out:
	tg_json_free(m);
	free(evidence);
	free(dir);
}

/* The decisions beside it that name exactly this evidence, and all others. */
static void
evidence_decisions(struct tg_verify *v, const char *up, const struct tg_json *m,
    const char *sha)
{
	const struct tg_decision_against a = {.manifest = m,
	    .manifest_sha256 = sha,
	    .evidence_dir = v->path,
	    .trust = v->opts->trust,
	    .now = v->opts->now};
	struct tg_fs_names names = {NULL, 0};
	struct tg_decision_reason why;
	struct tg_err err = {0};
	uint64_t n = 0;

	if (v->opts->trust == NULL || m == NULL ||
	    tg_fs_list(&names, up, false, &err) < 0) {
		tg_verify_say(v, "decisions", TG_CHECK_NOT_ASSESSED, 0,
		    "no trust file or no bundle around it");
		return;
	}
	for (size_t i = 0; i < names.n; i++) {
		struct tg_json *doc = NULL;
		bool standing;

		if (!tg_decision_name_ok(tg_sv_of(names.name[i])))
			continue;
		if (tg_decision_verify(
			&doc, &why, up, names.name[i], &a, &err) < 0) {
			tg_verify_bad(v, "decisions", n, &err);
			goto out;
		}
		/* A standing approval was signed over other evidence. */
		standing = doc != NULL && tg_standing_is(doc);
		tg_json_free(doc);
		n += standing ? 0 : 1;
		/* That it lapsed since does not change what was read. */
		if (why.code[0] != '\0' &&
		    strcmp(why.code, "APR-EXPIRED") != 0) {
			tg_verify_say(v, "decisions", TG_CHECK_FAILED, n,
			    "%s: %s: %s", names.name[i], why.code, why.text);
			goto out;
		}
	}
	tg_verify_say(v, "decisions", TG_CHECK_OK, n,
	    n == 0 ? "nobody has signed this evidence yet"
		   : "signed over exactly these files");
out:
	tg_fs_names_free(&names);
}

static void
verify_evidence(struct tg_verify *v)
{
	char *up = tg_verify_join(v, "..");
	struct tg_json *model = NULL, *m = NULL, *files = NULL;
	char sha[TG_SHA256_HEX], own[TG_SHA256_HEX];
	struct tg_err err = {0};
	struct tg_buf b;
	bool missing;

	tg_buf_init(&b, TG_JSON_MAX);
	if (up == NULL)
		goto out;
	model = tg_verify_json(v, "evidence.json", &b, &missing, &err);
	if (model == NULL ||
	    tg_decision_evidence(&files, own, v->path, &err) < 0) {
		tg_verify_bad(v, "evidence", 0, &err);
		goto out;
	}
	tg_verify_say(v, "evidence", TG_CHECK_OK, tg_json_len(files),
	    "a readable evidence.json and its pages");
	m = manifest_beside(up, sha);
	if (m == NULL)
		tg_verify_say(v, "manifest", TG_CHECK_NOT_ASSESSED, 0,
		    "no bundle around it");
	else if (strcmp(tg_json_get_str(model, "manifest_sha256", ""), sha) !=
	    0)
		tg_verify_say(v, "manifest", TG_CHECK_FAILED, 1,
		    "it speaks of another manifest");
	else
		tg_verify_say(v, "manifest", TG_CHECK_OK, 1,
		    "it speaks of the manifest beside it");
	evidence_decisions(v, up, m, sha);
out:
	tg_json_free(files);
	tg_json_free(model);
	tg_json_free(m);
	tg_buf_deinit(&b);
	free(up);
}

/* The digest of a record is in the ledger that @dir holds. */
static void
in_ledger(struct tg_verify *v, const char *dir, const char *sha256)
{
	struct tg_ledger *l = NULL;
	struct tg_err err = {0};
	int64_t index = -1;

	if (v->opts->vkey == NULL)
		tg_verify_say(v, "ledger", TG_CHECK_NOT_ASSESSED, 0,
		    "no verifier key was given: whether the ledger has it was "
		    "not looked up");
	else if (tg_ledger_read(&l, dir, v->opts->vkey, &err) < 0 ||
	    tg_ledger_find(l, TG_PSEUDONYM_ENTRY, "record_sha256", sha256,
		&index, &err) < 0)
		tg_verify_bad(v, "ledger", 0, &err);
	else if (index < 0)
		tg_verify_say(v, "ledger", TG_CHECK_FAILED, tg_ledger_size(l),
		    "no entry has the digest of this record");
	else
		tg_verify_say(v, "ledger", TG_CHECK_OK, 1,
		    "entry %lld has the digest of this record",
		    (long long)index);
	tg_ledger_free(l);
}

/* state/pseudonyms/destroyed/<id>.json: the key beside its folder is gone. */
static void
key_is_gone(
    struct tg_verify *v, const struct tg_json *record, const char *sha256)
{
	const char *slash = strrchr(v->path, '/');
	char *state = NULL, *key = NULL, *ledger = NULL;

	if (asprintf(&state, "%.*s/../..",
		slash == NULL ? 1 : (int)(slash - v->path),
		slash == NULL ? "." : v->path) < 0)
		state = NULL;
	key = state == NULL
	    ? NULL
	    : tg_pseudonym_path(
		  state, tg_json_get_str(record, "key_id", ""), ".key");
	ledger = state == NULL ? NULL : tg_fs_join(state, "ledger");
	if (key == NULL || ledger == NULL) {
		v->memory = true;
	} else if (!tg_fs_is_dir(ledger)) {
		tg_verify_say(v, "key", TG_CHECK_NOT_ASSESSED, 0,
		    "the record is not in the state folder of its key");
	} else {
		tg_verify_say(v, "key",
		    tg_fs_exists(key) ? TG_CHECK_FAILED : TG_CHECK_OK, 1,
		    tg_fs_exists(key) ? "the key is still in the state folder"
				      : "no such key is in the state folder");
		in_ledger(v, ledger, sha256);
	}
	free(state);
	free(key);
	free(ledger);
}

static void
verify_destruction(struct tg_verify *v)
{
	struct tg_json *r = NULL;
	struct tg_err err = {0};
	char sha256[TG_SHA256_HEX];

	if (v->opts->trust == NULL) {
		tg_verify_say(v, "record", TG_CHECK_NOT_ASSESSED, 0,
		    "no trust file: whose signature it is cannot be told");
		return;
	}
	if (tg_pseudonym_record(
		&r, sha256, v->path, v->opts->trust, NULL, &err) < 0) {
		tg_verify_bad(v, "record", 1, &err);
		return;
	}
	tg_verify_say(v, "record", TG_CHECK_OK, 1,
	    "signed by the exporter who it says destroyed the key");
	key_is_gone(v, r, sha256);
	tg_json_free(r);
}

static int
verdict(const struct tg_verify *v, struct tg_err *err)
{
	const char *what = tg_verify_kind_name(v->sum.kind);

	if (v->memory)
		return tg_fail_memory(err);
	if (v->sum.failed > 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "%s: %u of %u checks failed", what, v->sum.failed,
		    v->sum.ok + v->sum.failed + v->sum.not_assessed);
	if (v->sum.not_assessed > 0 || v->sum.ok == 0)
		return tg_fail(err, TG_E_NO,
		    "%s: %u checks could not be made, so this is no pass", what,
		    v->sum.not_assessed);
	return 0;
}

int
tg_verify_path(struct tg_verify_sum *out, const char *path,
    const struct tg_verify_opts *opts, struct tg_err *err)
{
	struct tg_verify v = {.opts = opts, .path = path};
	int rc;

	v.sum.kind = tg_verify_kind(path);
	switch (v.sum.kind) {
	case TG_VERIFY_BUNDLE:
		tg_verify_bundle(&v);
		break;
	case TG_VERIFY_LEDGER:
		verify_ledger(&v);
		break;
	case TG_VERIFY_DECISION:
		verify_decision(&v);
		break;
	case TG_VERIFY_EVIDENCE:
		verify_evidence(&v);
		break;
	case TG_VERIFY_DESTRUCTION:
		verify_destruction(&v);
		break;
	case TG_VERIFY_UNKNOWN:
		break;
	}
	if (v.sum.kind == TG_VERIFY_UNKNOWN)
		rc = tg_fail(err, TG_E_USAGE,
		    "neither a bundle, a ledger, an evidence folder, a "
		    "decision nor the record of a key's destruction");
	else
		rc = verdict(&v, err);
	if (out != NULL)
		*out = v.sum;
	return rc;
}
