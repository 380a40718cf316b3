/* evidence_model.c - evidence.json: what the manifest, the policy, the
 * decisions and the ledger say, each part with the state of its figures. */
#include <string.h>

#include "base/binomial.h"
#include "report/evidence.h"
#include "report/evidence_rows.h"
#include "report/judge.h"
#include "report/words.h"

#include "base/env.h"
#include "base/banned.h"

static struct tg_json *
copy_or_null(const struct tg_json *j)
{
	return j == NULL ? tg_json_null() : tg_json_copy(j);
}

/* A copy of member @part of the manifest with "state" and "src" added; an
 * empty object, not assessed, when it is not there. */
static struct tg_json *
part_of(const struct tg_json *m, const char *part, const char *src,
    const char *state)
{
	const struct tg_json *from = tg_json_get(m, part);
	struct tg_json *out = tg_json_kind(from) == TG_JSON_OBJECT
	    ? tg_json_copy(from)
	    : tg_json_object();
	int bad = 0;

	if (tg_json_len(from) == 0)
		state = "not_assessed";
	bad |= tg_json_set_str(out, "state", state);
	bad |= tg_json_set_str(out, "src", src);
	if (bad != 0) {
		tg_json_free(out);
		return NULL;
	}
	return out;
}

static const char *
measured(bool any)
{
	return any ? "measured" : "not_assessed";
}

/* "yes" once sending is done, "started" from the intent on, else "no". */
static const char *
sent(const struct tg_evidence_in *in)
{
	static const char *const after[] = {
	    "uploaded", "acknowledged", "expired", "purged"};
	int64_t index, when;

	for (size_t i = 0; i < TG_COUNT(after); i++)
		if (strcmp(in->status, after[i]) == 0)
			return "yes";
	if (tg_judge_entry(in->ledger, "export.done", &index, &when))
		return "yes";
	if (strcmp(in->status, "uploading") == 0 ||
	    tg_judge_entry(in->ledger, "export.intent", &index, &when))
		return "started";
	return "no";
}

static int
set_head(struct tg_json *o, const struct tg_evidence_in *in)
{
	static const char *const same[] = {"run", "bundle_id", "created",
	    "as_of", "origin", "regions", "target", "residency", "tool",
	    "source"};
	struct tg_json *languages = tg_json_array();
	int bad = 0;

	bad |= tg_json_push_str(languages, "en");
	bad |= tg_json_push_str(languages, "fr");
	bad |= tg_json_set(o, "languages", languages);
	bad |= tg_json_set_str(o, "schema", TG_EVIDENCE_SCHEMA);
	bad |= tg_json_set_str(o, "edition", "internal");
	bad |= tg_json_set_int(o, "generated_at", in->now);
	bad |= tg_json_set_str(o, "status", in->status);
	bad |= tg_json_set_str(o, "sent", sent(in));
	bad |= tg_json_set_str(o, "manifest_sha256", in->manifest_sha256);
	for (size_t i = 0; i < TG_COUNT(same); i++)
		bad |= tg_json_set(o, same[i],
		    copy_or_null(tg_json_get(in->manifest, same[i])));
	return bad;
}

static int
set_parties(struct tg_json *o, const struct tg_json *m)
{
	struct tg_json *p = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(p, "state", "declared");
	bad |= tg_json_set_str(p, "by", tg_judge_declarer(m));
	bad |= tg_json_set(
	    p, "exporter", part_of(m, "exporter", "/exporter", "declared"));
	bad |= tg_json_set(
	    p, "recipient", part_of(m, "recipient", "/recipient", "declared"));
	bad |= tg_json_set(
	    p, "preparer", part_of(m, "preparer", "/preparer", "declared"));
	bad |= tg_json_set(o, "parties", p);
	bad |= tg_json_set(
	    o, "purpose", part_of(m, "purpose", "/purpose", "declared"));
	return bad;
}

/* The spread that the rate predicts for this population: of what is drawn as
 * a whole (a trace), where the manifest counts that. */
static struct tg_json *
sampling_of(const struct tg_json *m)
{
	struct tg_json *s = part_of(m, "sampling", "/sampling", "measured");
	const struct tg_json *ids = tg_json_get(s, "identities");
	struct tg_binomial b;
	int bad = 0;

	if (s == NULL)
		return NULL;
	if (!tg_binomial(&b,
		ids == NULL ? tg_json_get_int(s, "seen", 0)
			    : tg_json_get_int(ids, "seen", 0),
		tg_json_get_int(s, "rate_ppb", -1),
		ids == NULL ? tg_json_get_int(s, "kept", 0)
			    : tg_json_get_int(ids, "drawn", 0))) {
		bad |= tg_json_set_str(s, "state", "not_assessed");
	} else {
		bad |= tg_json_set_int(s, "expected_milli", b.expected_milli);
		bad |= tg_json_set_int(s, "interval_low", b.low);
		bad |= tg_json_set_int(s, "interval_high", b.high);
		bad |= tg_json_set_int(s, "z_milli", b.z_milli);
	}
	if (bad != 0) {
		tg_json_free(s);
		return NULL;
	}
	return s;
}

static struct tg_json *
list_part(const struct tg_json *m, const char *part, const char *src,
    const char *key, const char *state)
{
	struct tg_json *o = tg_json_object();
	const struct tg_json *list = tg_json_get(m, part);
	int bad = 0;

	bad |= tg_json_set_str(o, "state", state);
	bad |= tg_json_set_str(o, "src", src);
	bad |= tg_json_set(
	    o, key, list == NULL ? tg_json_array() : tg_json_copy(list));
	if (bad != 0) {
		tg_json_free(o);
		return NULL;
	}
	return o;
}

/* What the policy asks for, and what the person found. */
static int
set_review(struct tg_json *o, const struct tg_evidence_in *in)
{
	static const char *const number[] = {
	    "population", "examined", "found", "upper_ppb", "signed_at"};
	static const char *const text[] = {"role", "reviewer_keyid"};
	const struct tg_json *from = in->review;
	struct tg_json *r;
	int bad = 0;

	if (tg_json_get(in->manifest, "review") == NULL)
		return 0;
	r = part_of(in->manifest, "review", "/review", measured(from != NULL));
	for (size_t i = 0; from != NULL && i < TG_COUNT(number); i++)
		bad |= tg_json_set_int(
		    r, number[i], tg_json_get_int(from, number[i], -1));
	for (size_t i = 0; from != NULL && i < TG_COUNT(text); i++)
		bad |= tg_json_set_str(
		    r, text[i], tg_json_get_str(from, text[i], ""));
	if (from != NULL)
		bad |= tg_json_set(
		    r, "types", copy_or_null(tg_json_get(from, "types")));
	return bad | tg_json_set(o, "review", r);
}

static int
set_retention(struct tg_json *o, const struct tg_evidence_in *in)
{
	struct tg_json *r =
	    part_of(in->manifest, "retention", "/retention", "measured");
	int bad = 0;

	if (in->hold != NULL)
		bad |= tg_json_set(r, "bundle_hold", tg_json_copy(in->hold));
	return bad | tg_json_set(o, "retention", r);
}

/* The counting parts: measured only if something was examined. */
static int
set_figures(struct tg_json *o, const struct tg_evidence_in *in)
{
	const struct tg_json *m = in->manifest;
	struct tg_json *redaction;
	struct tg_judge j;
	int64_t redacted, read;
	int bad = 0;

	tg_judge_init(&j, in);
	redacted = tg_judge_stage_in(&j, "redact");
	read =
	    tg_json_get_int(tg_json_at(tg_json_get(m, "funnel"), 0), "in", 0);
	bad |= tg_json_set(o, "funnel",
	    list_part(m, "funnel", "/funnel", "stages", measured(read > 0)));
	bad |= tg_json_set(o, "sampling", sampling_of(m));
	redaction = list_part(
	    m, "redaction", "/redaction", "types", measured(redacted > 0));
	bad |= tg_json_set_int(redaction, "examined", redacted);
	bad |= tg_json_set_int(redaction, "below_threshold",
	    tg_json_get_int(m, "below_threshold", 0));
	bad |= tg_json_set(o, "redaction", redaction);
	bad |= tg_json_set(
	    o, "fields", part_of(m, "fields", "/fields", "measured"));
	bad |= tg_json_set(o, "residual",
	    part_of(m, "residual", "/residual",
		measured(tg_judge_count(&j, "residual", "examined") > 0)));
	bad |= set_review(o, in);
	if (tg_json_get(m, "gates") != NULL)
		bad |= tg_json_set(
		    o, "gates", part_of(m, "gates", "/gates", "measured"));
	if (tg_json_get(m, "canaries") != NULL)
		bad |= tg_json_set(o, "canaries",
		    part_of(m, "canaries", "/canaries", "measured"));
	bad |= tg_json_set(o, "activations",
	    part_of(m, "activations", "/activations",
		measured(tg_judge_count(&j, "activations", "graphs") > 0 ||
		    tg_json_get(tg_json_get(m, "activations"), "tensors") !=
			NULL ||
		    tg_json_get(tg_json_get(m, "activations"), "aggregates") !=
			NULL)));
	bad |= tg_json_set(
	    o, "limits", part_of(m, "limits", "/limits", "measured"));
	bad |= set_retention(o, in);
	bad |= tg_json_set(
	    o, "payload", part_of(m, "payload", "/payload", "measured"));
	bad |= tg_json_set(
	    o, "records", part_of(m, "records", "/records", "measured"));
	bad |= tg_json_set(o, "files", copy_or_null(tg_json_get(m, "files")));
	tg_judge_deinit(&j);
	return bad;
}

static int
set_coverage(struct tg_json *o, const struct tg_evidence_in *in)
{
	const struct tg_leaf *none = in->policy == NULL
	    ? NULL
	    : tg_policy_find(in->policy, "/redaction/types_without_detector");
	struct tg_json *c =
	    part_of(in->manifest, "redactors", "/redactors", "measured");
	struct tg_json *not_covered =
	    none == NULL ? tg_json_null() : tg_json_array();
	int bad = 0;

	for (size_t i = 0; none != NULL && i < none->n; i++)
		bad |= tg_json_push_str(not_covered, none->item[i]);
	bad |= tg_json_set(c, "not_covered", not_covered);
	bad |= tg_json_set(o, "coverage", c);
	return bad;
}

/* The three questions, with their figures; whether all were passed. */
static int
set_tests(struct tg_json *tests, const struct tg_json *m, bool *passed)
{
	static const char *const test[] = {
	    "singling_out", "linkability", "inference"};
	int bad = 0;

	*passed = true;
	for (size_t i = 0; i < TG_COUNT(test); i++) {
		struct tg_json *t = tg_json_object();
		int64_t examined, found;
		const enum tg_mark mark =
		    tg_judge_test(m, test[i], &examined, &found);

		*passed = *passed && mark == TG_MARK_MET;
		bad |= tg_json_set_str(t, "id", test[i]);
		bad |= tg_json_set_str(
		    t, "state", measured(mark != TG_MARK_NOT_ASSESSED));
		if (mark != TG_MARK_NOT_ASSESSED) {
			bad |= tg_json_set_str(t, "result",
			    mark == TG_MARK_MET		  ? "met"
				: mark == TG_MARK_NOT_MET ? "not_met"
							  : "to_confirm");
			bad |= tg_json_set_int(t, "examined", examined);
			bad |= tg_json_set_int(t, "found", found);
		}
		bad |= tg_json_push(tests, t);
	}
	return bad;
}

/* What became of the key, and what the policy says; nothing where it was not
 * looked up. */
static int
set_key(struct tg_json *o, const struct tg_evidence_in *in)
{
	const struct tg_json *a = tg_json_get(in->manifest, "anonymisation");
	struct tg_json *k;
	int bad = 0;

	if (in->pseudonym_key == NULL)
		return 0;
	k = tg_json_copy(in->pseudonym_key);
	bad |= tg_json_set_str(
	    k, "key_destroyed_at", tg_json_get_str(a, "key_destroyed_at", ""));
	return bad | tg_json_set(o, "pseudonym_key", k);
}

/* Pseudonyms leave, and their key may still be there. */
static bool
key_left(const struct tg_evidence_in *in)
{
	const struct tg_json *linking =
	    tg_json_get(tg_json_get(in->manifest, "anonymity"), "linking");

	return tg_json_len(linking) > 0 &&
	    strcmp(tg_json_get_str(in->pseudonym_key, "state", ""),
		"destroyed") != 0;
}

/* A claim stands only as far as its tests passed, and as nobody can make the
 * pseudonyms again. */
static int
set_claims(struct tg_json *o, const struct tg_evidence_in *in)
{
	const struct tg_json *m = in->manifest;
	struct tg_json *a =
	    part_of(m, "anonymisation", "/anonymisation", "measured");
	const struct tg_json *asked = tg_json_get(a, "claims");
	struct tg_json *tests = tg_json_array();
	bool passed;
	int bad = set_tests(tests, m, &passed);

	passed = passed && !key_left(in);
	for (size_t i = 0; i < tg_json_len(asked); i++) {
		struct tg_json *c = tg_json_at(asked, i);
		const char *claim = tg_json_get_str(c, "claim", "");

		bad |= tg_json_set_str(c, "verdict",
		    strcmp(claim, "pseudonymised") == 0 ? "pseudonymised"
			: passed			? claim
							: "refused");
	}
	bad |= tg_json_set(a, "tests", tests);
	bad |= tg_json_set(o, "anonymisation", a);
	bad |= tg_json_set(o, "linkability",
	    part_of(m, "linkability", "/linkability", "measured"));
	bad |= set_key(o, in);
	bad |= tg_json_set(o, "anonymity",
	    part_of(m, "anonymity", "/anonymity",
		measured(tg_json_get_bool(
		    tg_json_get(m, "anonymity"), "measured", false))));
	return bad;
}

/* Seconds, from a number or RFC 3339 text; 0 when neither. */
static int64_t
time_of(const struct tg_json *v)
{
	int64_t t = 0;

	if (tg_json_kind(v) == TG_JSON_INT)
		return tg_json_number(v);
	if (tg_json_kind(v) == TG_JSON_STR &&
	    !tg_time_parse(&t, tg_sv_of(tg_json_text(v))))
		t = 0;
	return t;
}

static bool
is_approval(const char *decision)
{
	/* approved, approved-with-conditions; approve… */
	return strncmp(decision, "approve", 7) == 0;
}

static int
set_decision(struct tg_json *signed_, const struct tg_json *from, int64_t now)
{
	const char *what = tg_json_get_str(from, "decision", "");
	const int64_t expires = time_of(tg_json_get(from, "expires_at"));
	const bool lapsed = expires != 0 && expires <= now;
	struct tg_json *d = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(d, "decision", what);
	bad |= tg_json_set_str(d, "role", tg_json_get_str(from, "role", ""));
	bad |=
	    tg_json_set(d, "signer", copy_or_null(tg_json_get(from, "signer")));
	bad |= tg_json_set(
	    d, "answers", copy_or_null(tg_json_get(from, "answers")));
	bad |= tg_json_set(
	    d, "conditions", copy_or_null(tg_json_get(from, "conditions")));
	bad |=
	    tg_json_set_str(d, "reason", tg_json_get_str(from, "reason", ""));
	bad |= tg_json_set_int(
	    d, "signed_at", time_of(tg_json_get(from, "signed_at")));
	bad |= tg_json_set_int(d, "expires_at", expires);
	bad |= tg_json_set_bool(d, "lapsed", lapsed);
	bad |= tg_json_set_bool(
	    d, "counts", is_approval(what) && expires != 0 && !lapsed);
	bad |= tg_json_push(signed_, d);
	return bad;
}

static int
set_approvals(struct tg_json *o, const struct tg_evidence_in *in)
{
	struct tg_json *a =
	    part_of(in->manifest, "approvals", "/approvals", "measured");
	struct tg_json *signed_ = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < tg_json_len(in->decisions); i++)
		bad |= set_decision(
		    signed_, tg_json_at(in->decisions, i), in->now);
	bad |= tg_json_set(a, "signed", signed_);
	bad |= tg_json_set(o, "approvals", a);
	return bad;
}

static int
set_ledger(struct tg_json *o, const struct tg_evidence_in *in)
{
	struct tg_json *l =
	    part_of(in->manifest, "ledger", "/ledger", "measured");
	int bad = 0;

	bad |= tg_json_set(l, "entries",
	    in->ledger == NULL ? tg_json_array() : tg_json_copy(in->ledger));
	if (tg_json_len(in->ledger) == 0)
		bad |= tg_json_set_str(l, "state", "not_assessed");
	bad |= tg_json_set(o, "ledger", l);
	return bad;
}

static struct tg_json *
leaf_of(const struct tg_leaf *leaf)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "path", leaf->path);
	bad |= tg_json_set_str(o, "file", leaf->file);
	bad |= tg_json_set_int(o, "line", leaf->line);
	bad |= tg_json_set_str(o, "source", leaf->source);
	bad |= tg_json_set_str(o, "rule", leaf->rule);
	if (leaf->kind == TG_LEAF_LIST) {
		struct tg_json *list = tg_json_array();

		for (size_t i = 0; i < leaf->n; i++)
			bad |= tg_json_push_str(list, leaf->item[i]);
		bad |= tg_json_set(o, "value", list);
	} else {
		bad |= tg_json_set_str(o, "value", leaf->text);
	}
	if (bad != 0) {
		tg_json_free(o);
		return NULL;
	}
	return o;
}

static struct tg_json *
files_of(const struct tg_policy *policy)
{
	const struct tg_policy_file *file;
	const size_t n = tg_policy_files(policy, &file);
	struct tg_json *out = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct tg_json *f = tg_json_object();

		bad |= tg_json_set_str(f, "file", file[i].name);
		bad |= tg_json_set_str(f, "version", file[i].version);
		bad |= tg_json_set_str(f, "sha256", file[i].sha256);
		bad |= tg_json_set_sv(f, "text", file[i].text);
		bad |= tg_json_push(out, f);
	}
	if (bad != 0) {
		tg_json_free(out);
		return NULL;
	}
	return out;
}

static int
set_policy(struct tg_json *o, const struct tg_evidence_in *in)
{
	struct tg_json *p =
	    part_of(in->manifest, "policy", "/policy", "measured");
	struct tg_json *leaves = tg_json_array();
	int bad = 0;

	if (in->policy == NULL)
		bad |= tg_json_set_str(p, "state", "not_assessed");
	else
		bad |= tg_json_set(p, "files", files_of(in->policy)) |
		    tg_json_set(
			p, "not_enforced", tg_judge_unenforced(in->policy));
	for (size_t i = 0;
	     in->policy != NULL && i < tg_policy_count(in->policy); i++)
		bad |=
		    tg_json_push(leaves, leaf_of(tg_policy_at(in->policy, i)));
	bad |= tg_json_set(p, "leaves", leaves);
	bad |= tg_json_set(o, "policy", p);
	return bad;
}

/* A page about another policy than the manifest's would be a lie. */
static int
check(const struct tg_evidence_in *in, struct tg_err *err)
{
	const char *stated = tg_json_get_str(
	    tg_json_get(in->manifest, "policy"), "effective_sha256", "");

	if (tg_json_get_str(in->manifest, "run", "")[0] == '\0' ||
	    tg_json_get(in->manifest, "recipient") == NULL)
		return tg_fail(err, TG_E_CONFIG,
		    "evidence: this is not a manifest: no run, no recipient");
	if (in->policy != NULL &&
	    strcmp(stated, tg_policy_sha256(in->policy)) != 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "evidence: the policy at hand is not the manifest's");
	return 0;
}

/* Only where the region's folder brings any. */
static int
set_words(struct tg_json *o, const struct tg_evidence_in *in)
{
	struct tg_json *words = tg_words_json(in->wording);

	if (words != NULL && tg_json_len(words) == 0) {
		tg_json_free(words);
		return 0;
	}
	return tg_json_set(o, "words", words);
}

int
tg_evidence_model(
    struct tg_json **out, const struct tg_evidence_in *in, struct tg_err *err)
{
	struct tg_json *o;
	int bad = 0;

	if (check(in, err) < 0)
		return -1;
	o = tg_json_object();
	bad |= set_head(o, in);
	bad |= set_parties(o, in->manifest);
	bad |= set_figures(o, in);
	bad |= set_coverage(o, in);
	bad |= set_claims(o, in);
	bad |= set_approvals(o, in);
	bad |= set_ledger(o, in);
	bad |= tg_json_set(o, "exceptions",
	    part_of(in->manifest, "exceptions", "/exceptions", "measured"));
	bad |= set_policy(o, in);
	bad |= set_words(o, in);
	if (bad != 0) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	if (tg_evidence_rows(o, in, err) < 0) {
		tg_json_free(o);
		return -1;
	}
	*out = o;
	return 0;
}
