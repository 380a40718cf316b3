/*
 * people_alloc.c - every allocation of the ledger, of trust and recipient files
 * and of decisions fails once.  Built and run by people_alloc.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/digest.h"
#include "base/fs.h"
#include "pipeline/decision.h"
#include "pipeline/ledger/receipt.h"
#include "pipeline/trust.h"
#include "tests/fault/alloc.h"

#include "base/banned.h"

#define PATH 256
#define ORIGIN "exports.example.org/tracegate/uk"
#define NOW 1795478400
#define DIGEST \
	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define KEY_A "RWQBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
#define KEY_B "RWQCAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"

static struct tg_minisign_key *key;
static struct tg_trust *trust;
static struct tg_json *manifest;

static const char lab[] =
    "id: rcp-lab\nlegal_name: Example Safety Lab Ltd\nrole: processor\n"
    "country: GB\ncontact: privacy@lab.example.org\n"
    "contract_ref: DPA-2026-014\ncontract_date: 2026-01-31\n"
    "keys: [age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj]\n"
    "checks: [tra]\nclauses: {delete_and_confirm: nine}\nkey_date: "
    "2026-01-31\n";

static const char manifest_text[] =
    "{\"approvals\":{\"distinct_persons\":2,\"expires_days\":15,\"roles\":["
    "{\"count\":1,\"role\":\"dpo\"}]},\"bundle_id\":\"tg-1\","
    "\"payload\":{\"recipients\":[\"age1x\"],\"volumes\":[{\"bytes\":9}]},"
    "\"policy\":{\"effective_sha256\":\"" DIGEST "\"},"
    "\"preparer\":{\"id\":\"e.moreau\",\"key\":\"" KEY_A "\"},"
    "\"purpose\":{\"id\":\"study\"},\"recipient\":{\"country\":\"GB\","
    "\"id\":\"rcp-lab\"},\"records\":{\"count\":3},"
    "\"retention\":{\"class\":\"debug\"},\"run\":\"EXP-1\"}\n";

/* The result is not what it must be: never to be taken for a memory error. */
static int
wrong(struct tg_err *err)
{
	return tg_fail(err, TG_E_BUG, "the result is wrong");
}

static const char *
below(const char *name)
{
	static char path[4][PATH];
	static unsigned next;
	char *p = path[next++ % TG_COUNT(path)];

	(void)snprintf(p, PATH, "%.128s/%s", tg_fault_scratch, name);
	return p;
}

static int
run_trust(struct tg_err *err)
{
	static const char *const dpo[] = {"dpo"};
	const struct tg_person p[] = {{.id = "b",
					  .name = "B",
					  .role = dpo,
					  .n_role = 1,
					  .key = KEY_A,
					  .confirmed_by = "",
					  .confirmed_on = ""},
	    {.id = "a",
		.name = "A",
		.role = dpo,
		.n_role = 1,
		.key = KEY_B,
		.confirmed_by = "telephone",
		.confirmed_on = "2026-11-20"}};
	const char *path = below("t.yaml");
	struct tg_trust *t = NULL;
	int rc = -1;

	(void)unlink(path);
	if (tg_trust_add(path, &p[0], err) < 0 ||
	    tg_trust_add(path, &p[1], err) < 0 ||
	    tg_trust_load(&t, path, err) < 0)
		return -1;
	rc = tg_trust_count(t) == 2 && strcmp(tg_trust_at(t, 0)->id, "a") == 0
	    ? 0
	    : wrong(err);
	tg_trust_free(t);
	return rc;
}

static int
run_recipient(struct tg_err *err)
{
	struct tg_recipient *r = NULL;
	int rc;

	if (tg_recipient_parse(&r, tg_sv_of(lab), "lab", err) < 0)
		return -1;
	rc = r->n_key == 1 && r->n_check == 1 ? 0 : wrong(err);
	tg_recipient_free(r);
	return rc;
}

static int
use_ledger(struct tg_ledger *l, const char *dir, struct tg_err *err)
{
	static const struct tg_intent what = {"tg-1", DIGEST, "file:/a", NOW};
	struct tg_receipt *r = NULL;
	struct tg_buf entry, proof;
	uint64_t index = 0, n = 0;
	int rc = -1;

	tg_buf_init(&entry, 1u << 17);
	tg_buf_init(&proof, 1u << 17);
	if (tg_receipt_intent(&r, l, &what, err) < 0 ||
	    tg_ledger_entry(l, tg_receipt_index(r), &entry, err) < 0 ||
	    tg_ledger_prove(l, tg_receipt_index(r), &proof, err) < 0 ||
	    tg_proof_check(tg_buf_sv(&proof), tg_buf_sv(&entry),
		tg_ledger_vkey(l), &index, err) < 0 ||
	    tg_ledger_check(dir, tg_ledger_vkey(l), &n, err) < 0)
		goto out;
	rc = index == 1 && n == 2 ? 0 : wrong(err);
out:
	tg_receipt_free(r);
	tg_buf_deinit(&entry);
	tg_buf_deinit(&proof);
	return rc;
}

static int
run_ledger(struct tg_err *err)
{
	struct tg_env_fixed clock = {.now = NOW, .seed = 1};
	const struct tg_env env = tg_env_fixed(&clock);
	const char *dir = below("ledger"), *state = below("state");
	struct tg_err why = {0};
	struct tg_ledger *l = NULL;
	int rc;

	/* Cleaning up needs memory as well: again until it is there. */
	while (tg_fs_remove_tree(dir, &why) < 0 ||
	    tg_fs_remove_tree(state, &why) < 0)
		if (why.cls != TG_E_MEMORY && why.cls != TG_E_IO)
			return wrong(err);
	if (tg_ledger_create(dir, state, ORIGIN, &env, err) < 0 ||
	    tg_ledger_open(&l, dir, state, &env, err) < 0)
		return -1;
	rc = use_ledger(l, dir, err);
	tg_ledger_free(l);
	return rc;
}

static int
judge(struct tg_err *err)
{
	struct tg_decision_against a = {.manifest = manifest,
	    .evidence_dir = below("evidence"),
	    .trust = trust,
	    .now = NOW};
	struct tg_approvals need;
	struct tg_decisions d;
	char hex[TG_SHA256_HEX];
	uint8_t sum[TG_SHA256_LEN];
	int rc;

	if (tg_sha256_bytes(
		sum, manifest_text, sizeof(manifest_text) - 1, err) < 0)
		return -1;
	tg_sha256_hex(hex, sum);
	a.manifest_sha256 = hex;
	if (tg_approvals_of(&need, manifest, err) < 0 ||
	    tg_decisions_state(&d, tg_fault_scratch, &a, &need, err) < 0)
		return -1;
	rc = d.state == TG_DECISIONS_APPROVED ? 0 : wrong(err);
	if (rc < 0 && d.n_reason > 0)
		(void)fprintf(stderr, "%s\n", d.reason[0].text);
	tg_decisions_free(&d);
	return rc;
}

static int
run_decision(struct tg_err *err)
{
	static const struct tg_answer answer = {1, "Telephone."};
	static const char *const condition = "Deletion in writing.";
	const struct tg_decision_spec spec = {
	    .decide = TG_APPROVE_WITH_CONDITIONS,
	    .role = "dpo",
	    .signer = tg_trust_find(trust, "c.besson"),
	    .manifest = {manifest_text, sizeof(manifest_text) - 1},
	    .evidence_dir = below("evidence"),
	    .answer = &answer,
	    .n_answer = 1,
	    .condition = &condition,
	    .n_condition = 1,
	    .read_language = "en",
	    .signed_at = NOW,
	    .expires_at = NOW + 86400};
	char name[TG_DECISION_NAME];
	struct tg_json *doc = NULL;
	int rc;

	if (tg_decision_make(&doc, &spec, err) < 0)
		return -1;
	rc = tg_decision_write(name, tg_fault_scratch, doc, key, err);
	tg_json_free(doc);
	return rc < 0 ? -1 : judge(err);
}

static const struct tg_fault_row rows[] = {
    {"trust file", run_trust},
    {"recipient", run_recipient},
    {"ledger, receipt, proof", run_ledger},
    {"decision", run_decision},
};

static int
prepare(struct tg_err *err)
{
	static const char *const dpo[] = {"dpo"};
	char rw[TG_MINISIGN_PUB_STR];
	struct tg_person p = {.id = "c.besson",
	    .name = "Claire Besson",
	    .role = dpo,
	    .n_role = 1,
	    .key = rw,
	    .confirmed_by = "",
	    .confirmed_on = ""};
	bool pass;

	if (tg_minisign_keygen(below("k.key"), below("k.pub"),
		(struct tg_sv){NULL, 0}, 1u << 25, err) < 0 ||
	    tg_minisign_load(
		&key, below("k.key"), (struct tg_sv){NULL, 0}, &pass, err) < 0)
		return -1;
	tg_minisign_pub_str(rw, tg_minisign_public(key));
	if (tg_trust_add(below("trust.yaml"), &p, err) < 0 ||
	    tg_trust_load(&trust, below("trust.yaml"), err) < 0 ||
	    tg_fs_mkdirs(below("evidence"), 0700, err) < 0 ||
	    tg_fs_write(below("evidence/evidence.json"), TG_SV("{}\n"), 0600,
		TG_FS_NEW, err) < 0)
		return -1;
	return tg_json_parse(
	    &manifest, tg_sv_of(manifest_text), "manifest", err);
}

int
main(void)
{
	const int rc = tg_fault_main(rows, TG_COUNT(rows), prepare);

	tg_minisign_free(key);
	tg_trust_free(trust);
	tg_json_free(manifest);
	return rc;
}
