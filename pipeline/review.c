#include "pipeline/review.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/binomial.h"
#include "base/digest.h"
#include "base/fs.h"
#include "pipeline/decision_doc.h"
#include "pipeline/standing.h"

#include "base/banned.h"

#define SELECTION "blake2b64-least/1"
#define SIG_MAX 4096
#define RECORDED "review.recorded"
#define PPB INT64_C(1000000000)

const char *
tg_review_state_name(enum tg_review_state s)
{
	static const char *const name[] = {[TG_REVIEW_WAITING] = "waiting",
	    [TG_REVIEW_NOT_ASKED] = "not asked for",
	    [TG_REVIEW_PASSED] = "passed",
	    [TG_REVIEW_FOUND] = "found",
	    [TG_REVIEW_VOID] = "void"};

	return name[s];
}

static void
comment_of(char out[TG_TRUSTED_COMMENT], const char *bundle_id,
    const char *manifest_sha256)
{
	(void)snprintf(out, TG_TRUSTED_COMMENT,
	    "tracegate/1 review bundle=%.64s sha256=%.64s", bundle_id,
	    manifest_sha256);
}

/* The share that may be left, 95 %; of all records, the one that was found. */
static bool
upper(int64_t *ppb, int64_t examined, int64_t found, int64_t population)
{
	if (examined < population)
		return tg_binomial_upper(ppb, examined, found);
	*ppb = population == 0 || found > population || found < 0
	    ? 0
	    : (found * PPB + population - 1) / population;
	return population > 0 && found >= 0 && found <= population;
}

/* ---- read -------------------------------------------------------------- */

/* What the document must say of this export; NULL: it does. */
static const char *
wrong(const struct tg_json *doc, const struct tg_review_against *a,
    int64_t wanted)
{
	const struct tg_json *records = tg_json_get(a->manifest, "records");
	const int64_t all = tg_json_get_int(records, "count", -1);
	const int64_t examined = tg_json_get_int(doc, "examined", -1);
	const int64_t found = tg_json_get_int(doc, "found", -1);
	int64_t ppb;

	if (strcmp(tg_json_get_str(doc, "schema", ""), TG_REVIEW_SCHEMA) != 0 ||
	    strcmp(tg_json_get_str(doc, "selection", ""), SELECTION) != 0)
		return "not of the form " TG_REVIEW_SCHEMA;
	if (strcmp(tg_json_get_str(doc, "manifest_sha256", ""),
		a->manifest_sha256) != 0 ||
	    strcmp(tg_json_get_str(doc, "records_root", ""),
		tg_json_get_str(records, "root", "?")) != 0 ||
	    tg_json_get_int(doc, "population", -2) != all)
		return "of another export";
	if (examined < wanted || examined > all || examined < 1)
		return "fewer records were read than the policy asks for";
	if (!upper(&ppb, examined, found, all) ||
	    tg_json_get_int(doc, "upper_ppb", -1) != ppb)
		return "its figures are not those of what was found";
	if (tg_json_get_int(doc, "signed_at", INT64_MAX) >
	    a->now + TG_DECISION_SKEW)
		return "signed in the future";
	return NULL;
}

/* Whether a person of the trust file who did not prepare it has signed. */
static const char *
unsigned_by(const struct tg_json *doc, struct tg_sv bytes, struct tg_sv sig,
    const struct tg_review_against *a)
{
	const char *role = tg_json_get_str(doc, "role", "");
	char want[TG_TRUSTED_COMMENT];
	const struct tg_person *p = NULL;
	struct tg_err bad = {0};
	struct tg_buf comment;
	uint8_t id[8];
	const char *why = NULL;

	tg_buf_init(&comment, TG_TRUSTED_COMMENT);
	if (tg_minisign_sig_id(id, sig, &bad) == 0)
		p = tg_trust_by_key_id(a->trust, id);
	comment_of(want, tg_json_get_str(a->manifest, "bundle_id", ""),
	    a->manifest_sha256);
	if (p == NULL ||
	    tg_minisign_verify(&p->pub, bytes, sig, &comment, &bad) < 0 ||
	    !tg_sv_is(tg_buf_sv(&comment), want) ||
	    strcmp(p->key_id, tg_json_get_str(doc, "reviewer_keyid", "")) != 0)
		why = "not signed by a trusted key";
	else if (!tg_person_has(p, role))
		why = "signed without the role it names";
	else if (strcmp(p->id,
		     tg_decision_member(a->manifest, "preparer", "id")) == 0)
		why = "signed by who prepared the export";
	tg_buf_deinit(&comment);
	return why;
}

/* A file of the bundle; *@missing, or too long to be one. */
static int
slurp(struct tg_buf *b, const char *dir, const char *name, bool *missing,
    struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_slurp(b, path, missing, err);
	free(path);
	if (rc < 0 && (*missing || err->cls == TG_E_LIMIT)) {
		tg_err_clear(err);
		return 0;
	}
	return rc;
}

static void
judge(struct tg_review *r, const struct tg_review_against *a,
    struct tg_sv bytes, struct tg_sv sig, int64_t most)
{
	struct tg_err bad = {0};
	struct tg_json *doc = NULL;
	struct tg_buf again;
	const char *why = "not canonical JSON";

	r->state = TG_REVIEW_VOID;
	tg_buf_init(&again, TG_DECISION_MAX);
	if (tg_json_parse(&doc, bytes, TG_REVIEW_FILE, &bad) == 0 &&
	    tg_json_canonical(&again, doc, &bad) == 0 &&
	    tg_sv_eq(tg_buf_sv(&again), bytes))
		why = unsigned_by(doc, bytes, sig, a);
	if (why == NULL)
		why = wrong(doc, a, r->wanted);
	if (why == NULL) {
		r->doc = doc;
		r->examined = tg_json_get_int(doc, "examined", 0);
		r->found = tg_json_get_int(doc, "found", 0);
		r->state = tg_json_get_int(doc, "found", INT64_MAX) > most
		    ? TG_REVIEW_FOUND
		    : TG_REVIEW_PASSED;
	} else {
		(void)snprintf(r->why, sizeof(r->why), "%s", why);
		tg_json_free(doc);
	}
	tg_buf_deinit(&again);
}

struct past {
	struct tg_review *r;
	int64_t most;
};

/* What was found once stays found. */
static int
happened(
    void *ctx, uint64_t index, const struct tg_json *entry, struct tg_err *err)
{
	const struct past *p = ctx;
	const int64_t found = tg_json_get_int(entry, "found", 0);

	(void)index;
	(void)err;
	if (strcmp(tg_json_get_str(entry, "type", ""), RECORDED) != 0 ||
	    found <= p->most)
		return 0;
	p->r->state = TG_REVIEW_FOUND;
	p->r->examined = tg_json_get_int(entry, "examined", 0);
	p->r->found = found;
	return 0;
}

static int
ask_ledger(struct tg_review *r, const struct tg_review_against *a, int64_t most,
    struct tg_err *err)
{
	struct past p = {r, most};

	return a->ledger == NULL ? 0
				 : tg_ledger_each(a->ledger, "manifest_sha256",
				       a->manifest_sha256, happened, &p, err);
}

int
tg_review_read(struct tg_review *out, const struct tg_review_against *a,
    struct tg_err *err)
{
	const struct tg_json *asked = tg_json_get(a->manifest, "review");
	const int64_t least = tg_json_get_int(asked, "min_records", -1);
	const int64_t most = tg_json_get_int(asked, "max_findings", -1);
	const int64_t all =
	    tg_json_get_int(tg_json_get(a->manifest, "records"), "count", -1);
	struct tg_review r = {.state = TG_REVIEW_WAITING};
	bool missing = false, no_sig = false;
	struct tg_buf doc, sig;
	int rc = -1;

	if (least < 0 || most < 0 || all < 0) {
		*out = (struct tg_review){.state = TG_REVIEW_VOID,
		    .why = "the manifest does not say how many are read"};
		return 0;
	}
	r.wanted = least < all ? least : all;
	tg_buf_init(&doc, TG_DECISION_MAX);
	tg_buf_init(&sig, SIG_MAX);
	if (slurp(&doc, a->bundle, TG_REVIEW_FILE, &missing, err) < 0 ||
	    slurp(&sig, a->bundle, TG_REVIEW_SIG, &no_sig, err) < 0)
		goto out;
	if (!missing)
		judge(&r, a, tg_buf_sv(&doc), tg_buf_sv(&sig), most);
	else if (!tg_json_get_bool(asked, "demanded", true))
		r.state = TG_REVIEW_NOT_ASKED;
	rc = ask_ledger(&r, a, most, err);
	if (rc < 0)
		tg_review_free(&r);
	else
		*out = r;
out:
	tg_buf_deinit(&doc);
	tg_buf_deinit(&sig);
	return rc;
}

void
tg_review_free(struct tg_review *r)
{
	tg_json_free(r->doc);
	r->doc = NULL;
}

int
tg_review_lets(const struct tg_review *r, const char *run, struct tg_err *err)
{
	switch (r->state) {
	case TG_REVIEW_NOT_ASKED:
	case TG_REVIEW_PASSED:
		return 0;
	case TG_REVIEW_FOUND:
		(void)tg_fail(err, TG_E_NO,
		    "GATE-REVIEW: %s: personal data was found in %" PRId64
		    " of %" PRId64 " records that were read",
		    run, r->found, r->examined);
		return tg_fail_hint(err,
		    "correct the rule that missed it, then prepare it again "
		    "as a new run");
	case TG_REVIEW_VOID:
		return tg_fail(err, TG_E_INTEGRITY, "GATE-REVIEW: %s: %s: %s",
		    run, TG_REVIEW_FILE, r->why);
	case TG_REVIEW_WAITING:
		break;
	}
	(void)tg_fail(err, TG_E_WAITING,
	    "GATE-REVIEW: %s: %" PRId64
	    " redacted records are to be read by a person first",
	    run, r->wanted);
	return tg_fail_hint(err, "tracegate review %s", run);
}

/* ---- signed ------------------------------------------------------------ */

/* Found types, each with the number of records, in the order of their names. */
static struct tg_json *
types_of(const struct tg_review_draw *d)
{
	struct tg_json *n = tg_json_object(), *list = tg_json_array();
	void *iter = NULL;
	int bad = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct tg_json *t =
		    tg_json_get(tg_json_at(d->items, i), "types");

		for (size_t k = 0; k < tg_json_len(t); k++) {
			const char *type = tg_json_text(tg_json_at(t, k));

			bad |= tg_json_set_int(
			    n, type, tg_json_get_int(n, type, 0) + 1);
		}
	}
	for (const char *type = tg_json_key_first(n, &iter);
	     type != NULL && bad == 0; type = tg_json_key_next(n, &iter)) {
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "type", type);
		bad |=
		    tg_json_set_int(o, "records", tg_json_get_int(n, type, 0));
		bad |= tg_json_push(list, o);
	}
	tg_json_free(n);
	if (bad == 0)
		return list;
	tg_json_free(list);
	return NULL;
}

static int
make(struct tg_json **out, const struct tg_review_sign *s,
    const struct tg_review_draw *d, struct tg_err *err)
{
	const struct tg_run_ref *run = s->run;
	const int64_t all = tg_json_get_int(d->doc, "population", -1);
	struct tg_json *o;
	size_t examined, found;
	int64_t ppb = 0;
	int bad = 0;

	tg_review_draw_count(d, &examined, &found);
	if (examined < d->n || d->n == 0)
		return tg_fail(err, TG_E_WAITING,
		    "%s: %zu of %zu records are answered", run->id, examined,
		    d->n);
	if (!upper(&ppb, (int64_t)examined, (int64_t)found, all))
		return tg_fail(
		    err, TG_E_BUG, "%s: no bound for these figures", run->id);
	o = tg_json_object();
	bad |= tg_json_set_str(o, "schema", TG_REVIEW_SCHEMA);
	bad |= tg_json_set_str(o, "run", run->id);
	bad |= tg_json_set_str(o, "bundle_id", run->bundle_id);
	bad |= tg_json_set_str(o, "manifest_sha256", run->manifest_sha256);
	bad |= tg_json_set_str(o, "records_root",
	    tg_decision_member(run->manifest, "records", "root"));
	bad |= tg_json_set_int(o, "population", all);
	bad |= tg_json_set_int(o, "examined", (int64_t)examined);
	bad |= tg_json_set_int(o, "found", (int64_t)found);
	bad |= tg_json_set(o, "types", types_of(d));
	bad |= tg_json_set_int(o, "upper_ppb", ppb);
	bad |= tg_json_set_str(o, "selection", SELECTION);
	bad |= tg_json_set_str(o, "role", s->role);
	bad |= tg_json_set_str(o, "reviewer_keyid", s->who->key_id);
	bad |= tg_json_set_int(o, "signed_at", s->now);
	if (bad) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	*out = o;
	return 0;
}

/* The signature goes first: a document alone would be a bad one. */
static int
write_pair(const struct tg_review_sign *s, const struct tg_json *doc,
    struct tg_err *err)
{
	char comment[TG_TRUSTED_COMMENT];
	char *path = tg_fs_join(s->run->bundle, TG_REVIEW_FILE);
	char *sig_path = tg_fs_join(s->run->bundle, TG_REVIEW_SIG);
	struct tg_buf b, sig;
	int rc = -1;

	tg_buf_init(&b, TG_DECISION_MAX);
	tg_buf_init(&sig, SIG_MAX);
	comment_of(comment, s->run->bundle_id, s->run->manifest_sha256);
	if (path == NULL || sig_path == NULL)
		(void)tg_fail_memory(err);
	else if (tg_json_canonical(&b, doc, err) == 0 &&
	    tg_minisign_sign(&sig, s->key, tg_buf_sv(&b), comment, err) == 0 &&
	    tg_fs_write(
		sig_path, tg_buf_sv(&sig), 0644, TG_FS_OVERWRITE, err) == 0)
		rc = tg_fs_write(
		    path, tg_buf_sv(&b), 0644, TG_FS_OVERWRITE, err);
	tg_buf_deinit(&b);
	tg_buf_deinit(&sig);
	free(path);
	free(sig_path);
	return rc;
}

/* Once: the same review is found there after an interruption. */
static int
to_ledger(const struct tg_review_sign *s, const struct tg_json *doc,
    struct tg_err *err)
{
	uint8_t sum[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	struct tg_json *body;
	struct tg_buf b;
	int64_t before = -1;
	uint64_t at;
	int bad = 0, rc = -1;

	tg_buf_init(&b, TG_DECISION_MAX);
	if (tg_json_canonical(&b, doc, err) < 0 ||
	    tg_sha256_bytes(sum, b.p, b.n, err) < 0)
		goto out;
	tg_sha256_hex(hex, sum);
	if (tg_ledger_find(
		s->ledger, RECORDED, "review_sha256", hex, &before, err) < 0)
		goto out;
	rc = 0;
	if (before >= 0)
		goto out;
	body = tg_json_object();
	bad |= tg_json_set_str(body, "bundle_id", s->run->bundle_id);
	bad |=
	    tg_json_set_str(body, "manifest_sha256", s->run->manifest_sha256);
	bad |= tg_json_set_str(body, "review_sha256", hex);
	bad |= tg_json_set_int(
	    body, "examined", tg_json_get_int(doc, "examined", 0));
	bad |= tg_json_set_int(body, "found", tg_json_get_int(doc, "found", 0));
	bad |= tg_json_set_str(
	    body, "reviewer_keyid", tg_json_get_str(doc, "reviewer_keyid", ""));
	rc = bad ? tg_fail_memory(err)
		 : tg_ledger_append(
		       s->ledger, RECORDED, tg_json_ref(body), &at, err);
	tg_json_free(body);
out:
	tg_buf_deinit(&b);
	return rc;
}

static int
may_sign(const struct tg_review_sign *s, struct tg_err *err)
{
	if (!tg_person_has(s->who, s->role))
		return tg_fail(err, TG_E_NO,
		    "APR-ROLE: %s does not hold the role %s", s->who->id,
		    s->role);
	if (strcmp(s->who->id,
		tg_decision_member(s->run->manifest, "preparer", "id")) == 0)
		return tg_fail(err, TG_E_NO,
		    "APR-SAME-PERSON: %s prepared this export", s->who->id);
	return 0;
}

/* A gate that failed takes the standing approvals away. */
static int
suspend(const struct tg_review_sign *s, struct tg_err *err)
{
	static const char cause[] = "gate_failure";
	const struct tg_standing_ask ask = {.state_dir = s->state_dir,
	    .trust = s->trust,
	    .ledger = s->ledger,
	    .now = s->now};

	if (!tg_standing_suspends(s->run->manifest, cause))
		return 0;
	return tg_standing_suspend(&ask,
	    tg_decision_member(s->run->manifest, "origin", NULL), cause,
	    s->run->id, err);
}

/* What was signed stands; only what comes behind it is done again. */
static int
document(struct tg_json **out, const struct tg_review_sign *s,
    const struct tg_review_draw *d, const struct tg_review_against *a,
    struct tg_err *err)
{
	struct tg_review now;
	int rc;

	if (tg_review_read(&now, a, err) < 0)
		return -1;
	if (now.doc != NULL) {
		*out = tg_json_ref(now.doc);
		rc = 0;
	} else if (now.state == TG_REVIEW_FOUND) {
		rc = tg_review_lets(&now, s->run->id, err);
	} else {
		rc = make(out, s, d, err);
		if (rc == 0 && write_pair(s, *out, err) < 0) {
			tg_json_free(*out);
			rc = -1;
		}
	}
	tg_review_free(&now);
	return rc;
}

int
tg_review_sign(const struct tg_review_sign *s, const struct tg_review_draw *d,
    struct tg_err *err)
{
	const struct tg_review_against a = {.bundle = s->run->bundle,
	    .manifest = s->run->manifest,
	    .manifest_sha256 = s->run->manifest_sha256,
	    .trust = s->trust,
	    .ledger = s->ledger,
	    .now = s->now};
	struct tg_json *doc = NULL;
	struct tg_review now;
	int rc = -1;

	if (may_sign(s, err) < 0 || document(&doc, s, d, &a, err) < 0)
		return -1;
	if (to_ledger(s, doc, err) == 0 && tg_review_read(&now, &a, err) == 0) {
		if (now.state == TG_REVIEW_FOUND)
			rc = suspend(s, err);
		else
			rc = now.state == TG_REVIEW_PASSED
			    ? 0
			    : tg_fail(err, TG_E_BUG,
				  "what was signed is %s: %s",
				  tg_review_state_name(now.state), now.why);
		tg_review_free(&now);
	}
	tg_json_free(doc);
	return rc;
}
