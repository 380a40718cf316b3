#include "tests/unit/pipeline/export.h"

#include "base/enc.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/seal.h"
#include "pipeline/bundle/sums.h"
#include "pipeline/ledger/receipt.h"
#include "pipeline/verify.h"

#include "base/banned.h"

static const struct {
	const char *id, *name;
	const char *roles[3];
} persons[WHO] = {
    [PREPARER] = {"e.moreau", "Elise Moreau", {"exporter"}},
    [LEGAL] = {"m.hartley", "Mary Hartley", {"legal"}},
    [DPO] = {"c.besson", "Claire Besson", {"dpo"}},
    [BOTH] = {"t.brandt", "Theo Brandt", {"dpo", "legal"}},
    [STRANGER] = {"n.obody", "N. Obody", {"legal"}},
};

const char *
export_path(struct export *x, const char *name)
{
	char below[160];

	(void)snprintf(below, sizeof(below), "bundle/%s", name);
	return scratch_path(&x->s, below);
}

static void
make_person(struct export *x, enum who who)
{
	char key[160], pub[160], rw[TG_MINISIGN_PUB_STR];
	struct tg_person p = {.id = persons[who].id,
	    .name = persons[who].name,
	    .role = persons[who].roles,
	    .key = rw,
	    .confirmed_by = "telephone",
	    .confirmed_on = "2026-11-20"};
	bool pass;
	struct tg_err err;

	(void)snprintf(key, sizeof(key), "%s/%s.key", x->s.dir, p.id);
	(void)snprintf(pub, sizeof(pub), "%s/%s.pub", x->s.dir, p.id);
	OK(tg_minisign_keygen(
	    key, pub, (struct tg_sv){NULL, 0}, 1 << 25, &err));
	OK(tg_minisign_load(
	    &x->key[who], key, (struct tg_sv){NULL, 0}, &pass, &err));
	tg_minisign_pub_str(rw, tg_minisign_public(x->key[who]));
	while (persons[who].roles[p.n_role] != NULL)
		p.n_role++;
	if (who != STRANGER)
		OK(tg_trust_add(scratch_path(&x->s, "trust.yaml"), &p, &err));
}

static struct tg_json *
obj(const char *const *pairs)
{
	struct tg_json *o = tg_json_object();

	for (; *pairs != NULL; pairs += 2)
		ck_assert_int_eq(tg_json_set_str(o, pairs[0], pairs[1]), 0);
	return o;
}

static void
put_file(struct export *x, const char *name, struct tg_sv bytes,
    struct tg_json *list)
{
	struct tg_json *o = tg_json_object();
	uint8_t sum[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	scratch_put(export_path(x, name), bytes);
	ck_assert_int_eq(tg_sha256_bytes(sum, bytes.p, bytes.n, NULL), 0);
	tg_sha256_hex(hex, sum);
	ck_assert_int_eq(tg_json_set_str(o, "file", name), 0);
	ck_assert_int_eq(tg_json_set_str(o, "sha256", hex), 0);
	ck_assert_int_eq(tg_json_push(list, o), 0);
}

static struct tg_json *
payload(struct export *x)
{
	const char *plain = scratch_path(&x->s, "plain");
	const char *out = export_path(x, "payload-00000.tar.zst.age");
	struct tg_seal_member m = {
	    "data/records/part-00000.jsonl", plain, 4, {0}};
	struct tg_seal_spec spec = {.out = out,
	    .member = &m,
	    .n_member = 1,
	    .n_recipient = 1,
	    .zstd_level = 3};
	uint8_t sk[TG_AGE_KEY_LEN] = {1, 2, 3}, pk[1][TG_AGE_KEY_LEN];
	struct tg_json *o = tg_json_object(), *keys = tg_json_array();
	struct tg_json *volumes = tg_json_array(), *v = tg_json_object();
	char hex[TG_SHA256_HEX];
	struct tg_volume vol;
	struct tg_buf b;
	struct tg_err err;
	int bad = 0;

	scratch_put(plain, TG_SV("{}\n\n"));
	ck_assert_int_eq(tg_sha256_bytes(m.sha256, "{}\n\n", 4, NULL), 0);
	tg_age_public(pk[0], sk);
	spec.recipient = (const uint8_t(*)[TG_AGE_KEY_LEN])pk;
	OK(tg_seal_volume(&vol, &spec, &err));
	tg_buf_init(&b, sizeof(x->recipient) - 1);
	OK(tg_age_recipient_str(&b, pk[0], &err));
	(void)snprintf(x->recipient, sizeof(x->recipient), "%s", b.p);
	tg_buf_deinit(&b);
	tg_sha256_hex(hex, vol.sha256);
	bad |= tg_json_push_str(keys, x->recipient);
	bad |= tg_json_set_str(v, "file", "payload-00000.tar.zst.age");
	bad |= tg_json_set_str(v, "sha256", hex);
	bad |= tg_json_set_int(v, "bytes", (int64_t)vol.bytes);
	bad |= tg_json_push(volumes, v);
	bad |= tg_json_set(o, "recipients", keys);
	bad |= tg_json_set(o, "volumes", volumes);
	ck_assert_int_eq(bad, 0);
	return o;
}

static struct tg_json *
records(struct export *x, struct tg_json *files)
{
	struct tg_json *o = tg_json_object();
	uint8_t root[TG_LEDGER_HASH];
	struct tg_merkle tree;
	struct tg_buf b;
	struct tg_err err;

	tg_merkle_init(&tree);
	for (int i = 0; i < 3; i++)
		OK(tg_merkle_add(&tree, "salt", 4, &i, sizeof(i), &err));
	OK(tg_merkle_root(&tree, root, &err));
	tg_buf_init(&b, 4096);
	OK(tg_b64_add(&b, root, sizeof(root), TG_B64_PADDED, &err));
	ck_assert_int_eq(tg_json_set_int(o, "count", 3), 0);
	ck_assert_int_eq(tg_json_set_sv(o, "root", tg_buf_sv(&b)), 0);
	tg_buf_reset(&b);
	OK(tg_ledger_note(
	    x->l, EXPORT_ORIGIN "/bundle/" EXPORT_ID, 3, root, &b, &err));
	put_file(x, TG_BUNDLE_RECORDS, tg_buf_sv(&b), files);
	tg_buf_deinit(&b);
	return o;
}

static struct tg_json *
approvals(void)
{
	static const char *const role[] = {"dpo", "legal"};
	struct tg_json *o = tg_json_object(), *roles = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(role); i++) {
		struct tg_json *r = tg_json_object();

		bad |= tg_json_set_str(r, "role", role[i]);
		bad |= tg_json_set_int(r, "count", 1);
		bad |= tg_json_push(roles, r);
	}
	bad |= tg_json_set(o, "roles", roles);
	bad |= tg_json_set_int(o, "distinct_persons", 3);
	bad |= tg_json_set_int(o, "expires_days", 15);
	ck_assert_int_eq(bad, 0);
	return o;
}

static void
sign_manifest(struct export *x)
{
	uint8_t sum[TG_SHA256_LEN];
	char comment[256];
	struct tg_buf sig;
	struct tg_err err;

	tg_buf_reset(&x->bytes);
	tg_buf_init(&sig, 4096);
	OK(tg_json_canonical(&x->bytes, x->manifest, &err));
	OK(tg_sha256_bytes(sum, x->bytes.p, x->bytes.n, &err));
	tg_sha256_hex(x->sha, sum);
	(void)snprintf(comment, sizeof(comment),
	    "tracegate/1 export bundle=" EXPORT_ID " sha256=%s", x->sha);
	OK(tg_minisign_sign(
	    &sig, x->key[PREPARER], tg_buf_sv(&x->bytes), comment, &err));
	scratch_put(export_path(x, TG_BUNDLE_MANIFEST), tg_buf_sv(&x->bytes));
	scratch_put(export_path(x, TG_BUNDLE_MANIFEST_SIG), tg_buf_sv(&sig));
	tg_buf_deinit(&sig);
}

void
export_change(struct export *x, const char *key, struct tg_json *take_v)
{
	ck_assert_int_eq(tg_json_set(x->manifest, key, take_v), 0);
	sign_manifest(x);
}

static void
make_manifest(struct export *x)
{
	char rw[TG_MINISIGN_PUB_STR];
	struct tg_json *m = tg_json_object(), *files = tg_json_array();
	int bad = 0;

	tg_minisign_pub_str(rw, tg_minisign_public(x->key[PREPARER]));
	put_file(x, "VERIFY.txt", TG_SV("how to verify\n"), files);
	bad |= tg_json_set_str(m, "schema", "https://tracegate.dev/manifest/1");
	bad |= tg_json_set_str(m, "bundle_id", EXPORT_ID);
	bad |= tg_json_set_str(m, "run", "EXP-2026-11-24-UK-01");
	bad |= tg_json_set(
	    m, "purpose", obj((const char *[]){"id", "safety_research", NULL}));
	bad |= tg_json_set(
	    m, "retention", obj((const char *[]){"class", "debug", NULL}));
	bad |= tg_json_set(m, "preparer",
	    obj((const char *[]){
		"id", "e.moreau", "name", "Elise Moreau", "key", rw, NULL}));
	bad |= tg_json_set(m, "recipient",
	    obj((const char *[]){"id", "rcp-lab", "country", "GB", NULL}));
	bad |= tg_json_set(m, "policy",
	    obj((const char *[]){"effective_sha256",
		"60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c7"
		"52",
		NULL}));
	bad |= tg_json_set(m, "ledger",
	    obj((const char *[]){
		"origin", EXPORT_ORIGIN, "vkey", tg_ledger_vkey(x->l), NULL}));
	bad |= tg_json_set(m, "payload", payload(x));
	bad |= tg_json_set(m, "records", records(x, files));
	bad |= tg_json_set(m, "files", files);
	bad |= tg_json_set(m, "approvals", approvals());
	ck_assert_int_eq(bad, 0);
	x->manifest = m;
	sign_manifest(x);
}

static void
make_evidence(struct export *x)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
	    "{\"manifest_sha256\":\"%s\",\"schema\":\"evidence\"}\n", x->sha);
	scratch_put(export_path(x, "evidence/evidence.json"), tg_sv_of(text));
	scratch_put(
	    export_path(x, "evidence/evidence.en.html"), TG_SV("<p>read\n"));
}

void
export_init(struct export *x)
{
	struct tg_err err;

	memset(x, 0, sizeof(*x));
	scratch_init(&x->s);
	tg_buf_init(&x->bytes, TG_JSON_MAX);
	(void)snprintf(
	    x->dir, sizeof(x->dir), "%s", scratch_path(&x->s, "bundle"));
	(void)snprintf(
	    x->ledger, sizeof(x->ledger), "%s", scratch_path(&x->s, "ledger"));
	(void)snprintf(
	    x->state, sizeof(x->state), "%s", scratch_path(&x->s, "state"));
	OK(tg_fs_mkdirs(export_path(x, "evidence"), 0700, &err));
	for (int who = 0; who < WHO; who++)
		make_person(x, (enum who)who);
	OK(tg_trust_load(&x->trust, scratch_path(&x->s, "trust.yaml"), &err));
	OK(tg_ledger_create(
	    x->ledger, x->state, EXPORT_ORIGIN, &x->s.env, &err));
	OK(tg_ledger_open(&x->l, x->ledger, x->state, &x->s.env, &err));
	make_manifest(x);
	make_evidence(x);
}

void
export_deinit(struct export *x)
{
	for (int who = 0; who < WHO; who++)
		tg_minisign_free(x->key[who]);
	tg_trust_free(x->trust);
	tg_ledger_free(x->l);
	tg_json_free(x->manifest);
	tg_buf_deinit(&x->bytes);
	scratch_deinit(&x->s);
}

/* The person as the trust file has it; the stranger is in none. */
static struct tg_person
who_is(struct export *x, enum who who)
{
	const struct tg_person *p = tg_trust_find(x->trust, persons[who].id);
	struct tg_person q;

	if (p != NULL)
		return *p;
	q = (struct tg_person){.id = persons[who].id,
	    .name = persons[who].name,
	    .role = persons[who].roles,
	    .n_role = 1,
	    .key = "",
	    .pub = *tg_minisign_public(x->key[who])};
	tg_minisign_id(q.key_id, &q.pub);
	return q;
}

int
export_decide(struct export *x, enum who who, const char *role,
    enum tg_decide decide, char name[TG_DECISION_NAME], struct tg_err *err)
{
	static const struct tg_answer answer = {10, "Telephone, 24 Nov."};
	static const char *const condition = "Deletion in writing.";
	const struct tg_person p = who_is(x, who);
	const bool with = decide == TG_APPROVE_WITH_CONDITIONS;
	const struct tg_decision_spec spec = {.decide = decide,
	    .role = role,
	    .signer = &p,
	    .manifest = tg_buf_sv(&x->bytes),
	    .evidence_dir = export_path(x, "evidence"),
	    .answer = &answer,
	    .n_answer = 1,
	    .condition = &condition,
	    .n_condition = with ? 1 : 0,
	    .reason = decide == TG_REJECT ? "The basis is not shown." : "",
	    .read_language = "en",
	    .signed_at = x->s.clock.now,
	    .expires_at = x->s.clock.now + 10 * EXPORT_DAY};
	struct tg_json *doc = NULL;
	int rc;

	if (tg_decision_make(&doc, &spec, err) < 0)
		return -1;
	rc = tg_decision_write(name, x->dir, doc, x->key[who], err);
	tg_json_free(doc);
	return rc;
}

struct tg_decision_against
export_against(struct export *x)
{
	return (struct tg_decision_against){.manifest = x->manifest,
	    .manifest_sha256 = x->sha,
	    .evidence_dir = export_path(x, "evidence"),
	    .trust = x->trust,
	    .now = x->s.clock.now};
}

struct tg_decisions
export_state(struct export *x)
{
	const struct tg_decision_against a = export_against(x);
	struct tg_approvals need;
	struct tg_decisions d;
	struct tg_err err;

	OK(tg_approvals_of(&need, x->manifest, &err));
	OK(tg_decisions_state(&d, x->dir, &a, &need, &err));
	return d;
}

void
export_approve(struct export *x, enum who who, const char *role,
    char name[TG_DECISION_NAME])
{
	struct tg_err err;

	OK(export_decide(x, who, role, TG_APPROVE, name, &err));
}

void
export_state_is(struct export *x, enum tg_decisions_now want, const char *code)
{
	struct tg_decisions d = export_state(x);

	ck_assert_msg(d.state == want, "%s, not %s: %s %s",
	    tg_decisions_name(d.state), tg_decisions_name(want),
	    d.n_reason > 0 ? d.reason[0].code : "",
	    d.n_reason > 0 ? d.reason[0].text : "");
	if (code == NULL)
		ck_assert_uint_eq(d.n_reason, 0);
	else
		ck_assert_str_eq(d.n_reason > 0 ? d.reason[0].code : "", code);
	tg_decisions_free(&d);
}

void
export_reason_is(struct export *x, const char *file, const char *code)
{
	const struct tg_decision_against a = export_against(x);
	struct tg_decision_reason why;
	struct tg_err err;

	OK(tg_decision_verify(NULL, &why, x->dir, file, &a, &err));
	ck_assert_msg(strcmp(why.code, code) == 0, "\"%s\" not \"%s\": %s",
	    why.code, code, why.text);
}

void
export_intent(struct export *x)
{
	const struct tg_intent what = {
	    EXPORT_ID, x->sha, "file:/srv/out", x->s.clock.now + 3600};
	struct tg_receipt *r = NULL;
	struct tg_buf b;
	struct tg_err err;

	tg_buf_init(&b, 1 << 17);
	OK(tg_receipt_intent(&r, x->l, &what, &err));
	OK(tg_ledger_entry(x->l, tg_receipt_index(r), &b, &err));
	scratch_put(export_path(x, TG_BUNDLE_INTENT), tg_buf_sv(&b));
	tg_buf_reset(&b);
	OK(tg_ledger_prove(x->l, tg_receipt_index(r), &b, &err));
	scratch_put(export_path(x, TG_BUNDLE_INTENT_PROOF), tg_buf_sv(&b));
	tg_receipt_free(r);
	tg_buf_deinit(&b);
}

void
export_sums(struct export *x)
{
	struct tg_fs_names names;
	struct tg_sum sum[32];
	struct tg_buf b;
	struct tg_err err;
	size_t n = 0;

	OK(tg_fs_list(&names, x->dir, true, &err));
	ck_assert_uint_le(names.n, TG_COUNT(sum));
	for (size_t i = 0; i < names.n; i++) {
		if (strcmp(names.name[i], TG_SUMS_FILE) == 0)
			continue;
		sum[n].name = tg_sv_of(names.name[i]);
		OK(tg_sha256_file(sum[n++].sha256,
		    export_path(x, names.name[i]), NULL, &err));
	}
	tg_buf_init(&b, 1 << 16);
	OK(tg_sums_add(&b, sum, n, &err));
	scratch_put(export_path(x, TG_SUMS_FILE), tg_buf_sv(&b));
	tg_buf_deinit(&b);
	tg_fs_names_free(&names);
}
