#include "pipeline/decision.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/num.h"
#include "pipeline/decision_doc.h"

#include "base/banned.h"

/* What is signed says in words what signing it means. */
static const struct {
	const char *name, *meaning;
} decides[] = {
    [TG_APPROVE] = {"approve",
	"I approve the export of exactly these subjects to exactly this "
	"recipient."},
    [TG_APPROVE_WITH_CONDITIONS] = {"approve_with_conditions",
	"I approve the export of exactly these subjects to exactly this "
	"recipient on these conditions."},
    [TG_APPROVE_STANDING] = {"approve_standing",
	"I approve each export of this kind to exactly this recipient, within "
	"these caps, until this lapses, is revoked or suspends itself."},
    [TG_REJECT] = {"reject", "I refuse the export of these subjects."},
};

const char *
tg_decide_name(enum tg_decide d)
{
	return decides[d].name;
}

const char *
tg_decision_member(const struct tg_json *j, const char *a, const char *b)
{
	if (b == NULL)
		return tg_json_get_str(j, a, "");
	return tg_json_get_str(tg_json_get(j, a), b, "");
}

void
tg_decision_comment(char out[TG_TRUSTED_COMMENT], const struct tg_json *doc)
{
	(void)snprintf(out, TG_TRUSTED_COMMENT,
	    "tracegate/1 %s role=%s bundle=%s sha256=%s",
	    tg_decision_member(doc, "decision", NULL),
	    tg_decision_member(doc, "role", NULL),
	    tg_decision_member(doc, "bundle_id", NULL),
	    tg_decision_member(doc, "subjects", "manifest_sha256"));
}

int64_t
tg_manifest_bytes(const struct tg_json *manifest)
{
	const struct tg_json *v =
	    tg_json_get(tg_json_get(manifest, "payload"), "volumes");
	int64_t sum = 0;

	if (tg_json_len(v) == 0)
		return -1;
	for (size_t i = 0; i < tg_json_len(v); i++) {
		const int64_t n =
		    tg_json_get_int(tg_json_at(v, i), "bytes", -1);

		if (n < 0 || __builtin_add_overflow(sum, n, &sum))
			return -1;
	}
	return sum;
}

static bool
is_sha256(const char *s)
{
	uint8_t d[TG_SHA256_LEN];

	if (s == NULL || strlen(s) != TG_SHA256_HEX - 1)
		return false;
	for (const char *p = s; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'F')
			return false;
	return tg_hex_decode(d, sizeof(d), tg_sv_of(s));
}

static bool
text_ok(const char *s)
{
	return s != NULL && s[0] != '\0' && strlen(s) <= TG_DECISION_TEXT &&
	    tg_utf8_valid(tg_sv_of(s)) == strlen(s);
}

static int
check_lists(const struct tg_decision_spec *s, struct tg_err *err)
{
	const bool with = s->decide == TG_APPROVE_WITH_CONDITIONS;

	if (s->n_answer > TG_DECISION_LIST || s->n_condition > TG_DECISION_LIST)
		return tg_fail(err, TG_E_USAGE,
		    "more than %d answers or conditions", TG_DECISION_LIST);
	for (size_t i = 0; i < s->n_answer; i++)
		if (s->answer[i].row < 1 || !text_ok(s->answer[i].text))
			return tg_fail(err, TG_E_USAGE,
			    "an answer is a row and a text of at most %d bytes",
			    TG_DECISION_TEXT);
	for (size_t i = 0; i < s->n_condition; i++)
		if (!text_ok(s->condition[i]))
			return tg_fail(err, TG_E_USAGE,
			    "a condition is a text of at most %d bytes",
			    TG_DECISION_TEXT);
	if (with != (s->n_condition > 0))
		return tg_fail(err, TG_E_USAGE,
		    with ? "approval with conditions without a condition"
			 : "conditions belong to an approval with conditions");
	return 0;
}

static int
check_spec(const struct tg_decision_spec *s, struct tg_err *err)
{
	if (!tg_role_ok(tg_sv_of(s->role)))
		return tg_fail(
		    err, TG_E_USAGE, "role: small letters and '_' only");
	if (s->decide == TG_REJECT && !text_ok(s->reason))
		return tg_fail(err, TG_E_USAGE, "a rejection needs its reason");
	if (s->reason != NULL && s->reason[0] != '\0' && !text_ok(s->reason))
		return tg_fail(err, TG_E_USAGE,
		    "reason: a text of at most %d bytes", TG_DECISION_TEXT);
	if (s->read_language == NULL || strlen(s->read_language) != 2)
		return tg_fail(err, TG_E_USAGE,
		    "which language was read: two letters expected");
	if (s->decide == TG_APPROVE_STANDING &&
	    (s->max_records == 0 || s->max_bytes == 0 || s->max_runs == 0))
		return tg_fail(err, TG_E_USAGE,
		    "a standing approval needs its caps: records, bytes, runs");
	if (s->signed_at < 0 || s->expires_at <= s->signed_at)
		return tg_fail(
		    err, TG_E_USAGE, "a decision ends after it is signed");
	return check_lists(s, err);
}

static int
check_signer(const struct tg_decision_spec *s, const struct tg_json *manifest,
    struct tg_err *err)
{
	if (!tg_person_has(s->signer, s->role))
		return tg_fail(err, TG_E_NO,
		    "APR-ROLE: %s does not hold the role %s", s->signer->id,
		    s->role);
	if (strcmp(tg_decision_member(manifest, "preparer", "id"),
		s->signer->id) == 0 ||
	    strcmp(tg_decision_member(manifest, "preparer", "key"),
		s->signer->key) == 0)
		return tg_fail(err, TG_E_NO,
		    "APR-SAME-PERSON: %s prepared this export", s->signer->id);
	return 0;
}

/* The manifest's members that go into the decision as they are. */
static int
copy_manifest(struct tg_json *d, const struct tg_json *m, struct tg_err *err)
{
	static const struct {
		const char *to, *a, *b;
	} text[] = {{"run", "run", NULL}, {"bundle_id", "bundle_id", NULL},
	    {"country", "recipient", "country"}, {"purpose", "purpose", "id"},
	    {"retention_class", "retention", "class"}};
	const struct tg_json *to =
	    tg_json_get(tg_json_get(m, "payload"), "recipients");
	struct tg_json *keys = tg_json_copy(to);
	struct tg_json *r = tg_json_object();
	const char *const id = tg_decision_member(m, "recipient", "id");
	bool full = tg_json_len(to) > 0 && id[0] != '\0';
	int bad = 0;

	bad |= tg_json_set_str(r, "id", id);
	bad |= tg_json_set(r, "keys", keys);
	bad |= tg_json_set(d, "recipient", r);
	for (size_t i = 0; i < TG_COUNT(text); i++) {
		const char *s = tg_decision_member(m, text[i].a, text[i].b);

		full = full && s[0] != '\0';
		bad |= tg_json_set_str(d, text[i].to, s);
	}
	if (!full)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the manifest does not say what is exported to whom");
	return bad == 0 ? 0 : tg_fail_memory(err);
}

static int
add_subjects(struct tg_json *d, const struct tg_decision_spec *s,
    const struct tg_json *m, struct tg_err *err)
{
	const char *policy =
	    tg_decision_member(m, "policy", "effective_sha256");
	struct tg_json *o, *files = NULL;
	char hex[TG_SHA256_HEX], evidence[TG_SHA256_HEX];
	uint8_t sum[TG_SHA256_LEN];
	int bad = 0;

	if (!is_sha256(policy))
		return tg_fail(
		    err, TG_E_INTEGRITY, "the manifest names no policy digest");
	if (tg_sha256_bytes(sum, s->manifest.p, s->manifest.n, err) < 0 ||
	    tg_decision_evidence(&files, evidence, s->evidence_dir, err) < 0)
		return -1;
	tg_sha256_hex(hex, sum);
	o = tg_json_object();
	bad |= tg_json_set_str(o, "manifest_sha256", hex);
	bad |= tg_json_set_str(o, "evidence_sha256", evidence);
	bad |= tg_json_set_str(o, "policy_sha256", policy);
	bad |= tg_json_set(o, "evidence_files", files);
	bad |= tg_json_set(d, "subjects", o);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

static int
add_caps(struct tg_json *d, const struct tg_decision_spec *s,
    const struct tg_json *m, struct tg_err *err)
{
	const int64_t records =
	    tg_json_get_int(tg_json_get(m, "records"), "count", -1);
	const int64_t bytes = tg_manifest_bytes(m);
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(o, "max_records",
	    s->max_records == 0 ? records : (int64_t)s->max_records);
	bad |= tg_json_set_int(
	    o, "max_bytes", s->max_bytes == 0 ? bytes : (int64_t)s->max_bytes);
	bad |= tg_json_set(d, "caps", o);
	if (records < 0 || bytes < 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the manifest does not count records and bytes");
	return bad == 0 ? 0 : tg_fail_memory(err);
}

static int
add_standing(struct tg_json *d, const struct tg_decision_spec *s,
    const struct tg_json *m, struct tg_err *err)
{
	const char *origin = tg_decision_member(m, "origin", NULL);
	const char *target = tg_decision_member(m, "target", NULL);
	struct tg_json *o;
	int bad = 0;

	if (s->decide != TG_APPROVE_STANDING)
		return 0;
	if (origin[0] == '\0' || target[0] == '\0')
		return tg_fail(err, TG_E_INTEGRITY,
		    "the manifest does not say from where to where");
	o = tg_json_object();
	bad |= tg_json_set_str(o, "origin", origin);
	bad |= tg_json_set_str(o, "target", target);
	bad |= tg_json_set_int(o, "max_runs", (int64_t)s->max_runs);
	bad |= tg_json_set(d, "standing", o);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

static int
add_lists(
    struct tg_json *d, const struct tg_decision_spec *s, struct tg_err *err)
{
	struct tg_json *answers = tg_json_array();
	struct tg_json *conditions = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < s->n_answer; i++) {
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_int(o, "row", s->answer[i].row);
		bad |= tg_json_set_str(o, "text", s->answer[i].text);
		bad |= tg_json_push(answers, o);
	}
	for (size_t i = 0; i < s->n_condition; i++)
		bad |= tg_json_push_str(conditions, s->condition[i]);
	bad |= tg_json_set(d, "answers", answers);
	bad |= tg_json_set(d, "conditions", conditions);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

static int
add_person(
    struct tg_json *d, const struct tg_decision_spec *s, struct tg_err *err)
{
	struct tg_json *who = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(who, "id", s->signer->id);
	bad |= tg_json_set_str(who, "name", s->signer->name);
	bad |= tg_json_set_str(who, "key", s->signer->key_id);
	bad |= tg_json_set(d, "signer", who);
	bad |= tg_json_set_str(d, "schema", TG_DECISION_SCHEMA);
	bad |= tg_json_set_str(d, "decision", decides[s->decide].name);
	bad |= tg_json_set_str(d, "meaning", decides[s->decide].meaning);
	bad |= tg_json_set_str(d, "role", s->role);
	bad |= tg_json_set_str(d, "reason", s->reason == NULL ? "" : s->reason);
	bad |= tg_json_set_str(d, "read_language", s->read_language);
	bad |= tg_json_set_int(d, "signed_at", s->signed_at);
	bad |= tg_json_set_int(d, "expires_at", s->expires_at);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

int
tg_decision_make(struct tg_json **out, const struct tg_decision_spec *spec,
    struct tg_err *err)
{
	struct tg_json *m = NULL, *d = NULL, *same = NULL;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, TG_DECISION_MAX);
	if (check_spec(spec, err) < 0)
		goto out;
	if (tg_json_parse(&m, spec->manifest, "manifest.json", err) < 0) {
		if (err != NULL && err->cls == TG_E_CONFIG)
			err->cls = TG_E_INTEGRITY;
		goto out;
	}
	if (check_signer(spec, m, err) < 0)
		goto out;
	d = tg_json_object();
	if (d == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (copy_manifest(d, m, err) < 0 || add_subjects(d, spec, m, err) < 0 ||
	    add_caps(d, spec, m, err) < 0 ||
	    add_standing(d, spec, m, err) < 0 || add_lists(d, spec, err) < 0 ||
	    add_person(d, spec, err) < 0)
		goto out;
	/* What is signed is what will be accepted. */
	if (tg_json_canonical(&b, d, err) < 0 ||
	    tg_decision_parse(&same, tg_buf_sv(&b), err) < 0)
		goto out;
	*out = d;
	d = NULL;
	rc = 0;
out:
	tg_json_free(same);
	tg_json_free(m);
	tg_json_free(d);
	tg_buf_deinit(&b);
	return rc;
}

/* Members of an object: all of these and no others. */
struct shape {
	const char *key;
	enum tg_json_kind kind;
};

static const struct shape top[] = {{"schema", TG_JSON_STR},
    {"decision", TG_JSON_STR}, {"run", TG_JSON_STR}, {"bundle_id", TG_JSON_STR},
    {"subjects", TG_JSON_OBJECT}, {"recipient", TG_JSON_OBJECT},
    {"country", TG_JSON_STR}, {"purpose", TG_JSON_STR},
    {"retention_class", TG_JSON_STR}, {"caps", TG_JSON_OBJECT},
    {"role", TG_JSON_STR}, {"signer", TG_JSON_OBJECT},
    {"answers", TG_JSON_ARRAY}, {"conditions", TG_JSON_ARRAY},
    {"reason", TG_JSON_STR}, {"read_language", TG_JSON_STR},
    {"meaning", TG_JSON_STR}, {"signed_at", TG_JSON_INT},
    {"expires_at", TG_JSON_INT}, {"standing", TG_JSON_OBJECT}};
static const struct shape subjects[] = {{"manifest_sha256", TG_JSON_STR},
    {"evidence_sha256", TG_JSON_STR}, {"policy_sha256", TG_JSON_STR},
    {"evidence_files", TG_JSON_ARRAY}};
static const struct shape file[] = {
    {"file", TG_JSON_STR}, {"sha256", TG_JSON_STR}};
static const struct shape recipient[] = {
    {"id", TG_JSON_STR}, {"keys", TG_JSON_ARRAY}};
static const struct shape caps[] = {
    {"max_records", TG_JSON_INT}, {"max_bytes", TG_JSON_INT}};
static const struct shape standing[] = {{"origin", TG_JSON_STR},
    {"target", TG_JSON_STR}, {"max_runs", TG_JSON_INT}};
static const struct shape signer[] = {
    {"id", TG_JSON_STR}, {"name", TG_JSON_STR}, {"key", TG_JSON_STR}};
static const struct shape answer[] = {
    {"row", TG_JSON_INT}, {"text", TG_JSON_STR}};

static bool
has_shape(const struct tg_json *j, const struct shape *s, size_t n)
{
	if (j == NULL || tg_json_kind(j) != TG_JSON_OBJECT ||
	    tg_json_len(j) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct tg_json *v = tg_json_get(j, s[i].key);

		if (v == NULL || tg_json_kind(v) != s[i].kind)
			return false;
	}
	return true;
}

static bool
all_texts(const struct tg_json *list)
{
	for (size_t i = 0; i < tg_json_len(list); i++)
		if (tg_json_kind(tg_json_at(list, i)) != TG_JSON_STR)
			return false;
	return true;
}

static bool
shape_ok(const struct tg_json *d)
{
	const struct tg_json *a, *s = tg_json_get(d, "standing");

	/* The last one is of standing approvals alone. */
	if (!has_shape(d, top, TG_COUNT(top) - (s == NULL ? 1 : 0)) ||
	    (s != NULL && !has_shape(s, standing, TG_COUNT(standing))) ||
	    !has_shape(
		tg_json_get(d, "subjects"), subjects, TG_COUNT(subjects)) ||
	    !has_shape(
		tg_json_get(d, "recipient"), recipient, TG_COUNT(recipient)) ||
	    !has_shape(tg_json_get(d, "caps"), caps, TG_COUNT(caps)) ||
	    !has_shape(tg_json_get(d, "signer"), signer, TG_COUNT(signer)))
		return false;
	a = tg_json_get(d, "answers");
	for (size_t i = 0; i < tg_json_len(a); i++)
		if (!has_shape(tg_json_at(a, i), answer, TG_COUNT(answer)))
			return false;
	a = tg_json_get(tg_json_get(d, "subjects"), "evidence_files");
	for (size_t i = 0; i < tg_json_len(a); i++)
		if (!has_shape(tg_json_at(a, i), file, TG_COUNT(file)))
			return false;
	return all_texts(tg_json_get(d, "conditions")) &&
	    all_texts(tg_json_get(tg_json_get(d, "recipient"), "keys"));
}

static bool
values_ok(const struct tg_json *d)
{
	const char *what = tg_decision_member(d, "decision", NULL);
	const size_t conditions = tg_json_len(tg_json_get(d, "conditions"));
	size_t k = 0;

	while (k < TG_COUNT(decides) && strcmp(decides[k].name, what) != 0)
		k++;
	if (k == TG_COUNT(decides) ||
	    strcmp(decides[k].meaning,
		tg_decision_member(d, "meaning", NULL)) != 0 ||
	    (k == TG_APPROVE_WITH_CONDITIONS) != (conditions > 0) ||
	    (k == TG_APPROVE_STANDING) !=
		(tg_json_get(d, "standing") != NULL) ||
	    (k == TG_REJECT &&
		tg_decision_member(d, "reason", NULL)[0] == '\0'))
		return false;
	for (size_t i = 0; i < TG_COUNT(subjects); i++)
		if (subjects[i].kind == TG_JSON_STR &&
		    !is_sha256(
			tg_decision_member(d, "subjects", subjects[i].key)))
			return false;
	return strcmp(tg_decision_member(d, "schema", NULL),
		   TG_DECISION_SCHEMA) == 0 &&
	    tg_role_ok(tg_sv_of(tg_decision_member(d, "role", NULL))) &&
	    tg_json_get_int(d, "signed_at", -1) >= 0 &&
	    tg_json_get_int(d, "expires_at", -1) >
	    tg_json_get_int(d, "signed_at", -1);
}

int
tg_decision_parse(struct tg_json **out, struct tg_sv bytes, struct tg_err *err)
{
	struct tg_json *d = NULL;
	struct tg_buf again;
	int rc = -1;

	tg_buf_init(&again, TG_DECISION_MAX);
	if (bytes.n > TG_DECISION_MAX) {
		(void)tg_fail(err, TG_E_INTEGRITY, "decision too long");
		goto out;
	}
	if (tg_json_parse(&d, bytes, "decision", err) < 0) {
		if (err != NULL && err->cls == TG_E_CONFIG)
			err->cls = TG_E_INTEGRITY;
		goto out;
	}
	if (!shape_ok(d) || !values_ok(d)) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "not a decision of the form " TG_DECISION_SCHEMA);
		goto out;
	}
	if (tg_json_canonical(&again, d, err) < 0)
		goto out;
	if (!tg_sv_eq(tg_buf_sv(&again), bytes)) {
		(void)tg_fail(
		    err, TG_E_INTEGRITY, "decision is not canonical JSON");
		goto out;
	}
	*out = d;
	d = NULL;
	rc = 0;
out:
	tg_json_free(d);
	tg_buf_deinit(&again);
	return rc;
}

bool
tg_decision_name_ok(struct tg_sv name)
{
	const struct tg_sv head = TG_SV("decision-"), tail = TG_SV(".json");
	struct tg_sv role;

	if (!tg_sv_starts(name, head) || name.n < head.n + 1 + tail.n ||
	    !tg_sv_is(
		(struct tg_sv){name.p + name.n - tail.n, tail.n}, ".json"))
		return false;
	role = (struct tg_sv){name.p + head.n, name.n - head.n - tail.n};
	if (role.n > 2 && role.p[role.n - 2] == '-' &&
	    role.p[role.n - 1] >= '2' && role.p[role.n - 1] <= '9')
		role.n -= 2;
	return tg_role_ok(role);
}
