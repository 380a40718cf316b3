#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/enc.h"
#include "base/fs.h"
#include "cli/common.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/trust.h"
#include "regions/region.h"
#include "base/banned.h"

#define REGION "uk" /* when none is asked for */

static const struct tg_opt opts[] = {
    {"region", 0, "CODE", "region of the first source (default: " REGION ")"},
    {"preparer", 0, "NAME", "who prepares exports (default: Export Desk)"},
    {"origin", 0, "NAME",
	"the ledger's name, schema-less URL (default: tracegate.local/ledger)"},
    {"no-passphrase", 0, NULL, "leave the export key unencrypted"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Writes a commented job file, an example recipient, the export key and the "
    "key of the pseudonyms, a trust file with the preparer, and an empty "
    "ledger.  What is there already is left as it is.",
    NULL,
};

static const struct tg_example examples[] = {
    {"a new folder", "tracegate init exports --region uk --no-passphrase"},
    {NULL, NULL},
};

#define PASS_MAX 1024
#define FILE_MAX (64u << 10)
#define SCRYPT_MEM (128ull << 20)

static const char job_text[] =
    "# What is exported, from where, why and to whom.  tracegate run\n"
    "schema: tracegate.job/1\n"
    "name: nightly\n"
    "\n"
    "# Files or folders.  origin: the country whose law applies.\n"
    "# text_origin: real (people's text) or synthetic (invented).\n"
    "sources:\n"
    "  - {path: traces, origin: %s, text_origin: real}\n"
    "\n"
    "purpose:\n"
    "  id: safety_research          # of the policy's list\n"
    "  text: \"Independent replication of a safety evaluation\"\n"
    "  legal_basis: A6-1-f          # GDPR article 6(1)(f)\n"
    "  assessment_ref: LIA-0000-00  # balancing test, needed for A6-1-f\n"
    "  dpia_ref: DPIA-0000-00\n"
    "retention_class: debug         # 30 days; formal_audit: 90\n"
    "# rate: 0.01                   # the policy's default when left out\n"
    "# policy: project.yaml         # may only tighten\n"
    "\n"
    "exporter:\n"
    "  legal_name: \"Your organisation\"\n"
    "  country: %s\n"
    "  contact: \"exports@example.org\"\n"
    "  dpo: \"dpo@example.org\"\n"
    "preparer: %s                   # a person of trust.yaml\n"
    "\n"
    "recipient: recipients/example.yaml\n"
    "target:\n"
    "  url: \"file:delivered\"        # or s3://bucket/prefix\n"
    "  residency: %s\n"
    "\n"
    "keys: keys\n"
    "trust: trust.yaml\n"
    "state: state\n";

static const char recipient_text[] =
    "# Who receives.  The key is the recipient's age key: age-keygen, or\n"
    "# tracegate key new NAME --role recipient\n"
    "schema: tracegate.recipient/1\n"
    "id: example-lab\n"
    "legal_name: \"Example Safety Lab Ltd\"\n"
    "role: independent_controller\n"
    "country: %s\n"
    "contact: \"traces@example.com\"\n"
    "contract_ref: DSA-0000-000\n"
    "contract_date: \"2026-01-01\"\n"
    "# of the transfer, where the mechanism rests on one:\n"
    "# assessment_date: \"2026-01-01\"\n"
    "mechanism: %s\n"
    "keys: [age1...]\n"
    "# when the oldest of them was made, who holds the secret keys and where\n"
    "# key_date: \"2026-11-24\"\n"
    "# key_holder: recipient\n"
    "# key_country: %s\n"
    "# key_confirmed: \"telephone, 2026-11-24\"\n"
    "# what the policy wants agreed, and where the contract says it\n"
    "%s";

/* What the region's own policy says: its country, how data stay in it. */
struct place {
	char country[3];
	char *mechanism;
	char *agreed; /* lines of the recipient's file, commented out */
};

struct init {
	struct tg_cli *cli;
	const char *dir;
	struct place place;
	char id[TG_ID_MAX + 1];
	const char *name;
};

static int
exists_is_fine(struct tg_cli *cli, int rc, const char *what)
{
	if (rc < 0 && cli->err.cls == TG_E_NO) {
		tg_err_clear(&cli->err);
		tg_cli_note(cli, "kept   %s", what);
		return 0;
	}
	if (rc == 0)
		tg_cli_note(cli, "wrote  %s", what);
	return rc;
}

static int
put(struct init *in, const char *name, struct tg_sv bytes, mode_t mode)
{
	char *path = tg_fs_join(in->dir, name);
	int rc;

	if (path == NULL)
		return tg_fail_memory(&in->cli->err);
	rc = exists_is_fine(in->cli,
	    tg_fs_write(path, bytes, mode, TG_FS_NEW, &in->cli->err), path);
	free(path);
	return rc;
}

static int
texts(struct init *in)
{
	struct tg_err *err = &in->cli->err;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, FILE_MAX);
	if (tg_buf_addf(&b, err, job_text, in->place.country, in->place.country,
		in->id, in->place.country) < 0 ||
	    put(in, TG_JOB_FILE, tg_buf_sv(&b), 0644) < 0)
		goto out;
	tg_buf_reset(&b);
	if (tg_buf_addf(&b, err, recipient_text, in->place.country,
		in->place.mechanism, in->place.country, in->place.agreed) < 0 ||
	    put(in, "recipients/example.yaml", tg_buf_sv(&b), 0644) < 0)
		goto out;
	rc = 0;
out:
	tg_buf_deinit(&b);
	return rc;
}

static int
pseudonym_key(struct init *in)
{
	uint8_t key[TG_KEY_LEN];
	struct tg_buf b;
	int rc = -1;

	tg_crypt_random(key, sizeof(key));
	tg_buf_init(&b, FILE_MAX);
	if (tg_b64_add(&b, key, sizeof(key), TG_B64_PADDED, &in->cli->err) ==
		0 &&
	    tg_buf_addc(&b, '\n', &in->cli->err) == 0)
		rc = put(in, "keys/pseudonyms.key", tg_buf_sv(&b), 0600);
	tg_crypt_wipe(key, sizeof(key));
	tg_buf_wipe_deinit(&b);
	return rc;
}

static int
export_key(struct init *in, const char *path, const char *pub)
{
	struct tg_cli *cli = in->cli;
	struct tg_buf hold;
	struct tg_sv pass = {NULL, 0};
	int rc = -1;

	tg_buf_init(&hold, PASS_MAX);
	if (tg_fs_exists(path)) {
		tg_cli_note(cli, "kept   %s", path);
		rc = 0;
		goto out;
	}
	if (!tg_args_given(&cli->args, "no-passphrase") &&
	    tg_cli_passphrase(cli, path, &hold, &pass) < 0)
		goto out;
	if (pass.p == NULL && !tg_args_given(&cli->args, "no-passphrase")) {
		(void)tg_fail(
		    &cli->err, TG_E_KEY, "the export key wants a passphrase");
		(void)tg_fail_hint(&cli->err,
		    "--passphrase-file FILE, or --no-passphrase for a job "
		    "that runs by itself");
		goto out;
	}
	rc = exists_is_fine(cli,
	    tg_minisign_keygen(path, pub, pass, SCRYPT_MEM, &cli->err), path);
out:
	tg_buf_wipe_deinit(&hold);
	return rc;
}

static int
trust(struct init *in, const char *pub)
{
	static const char *const role = "exporter";
	struct tg_cli *cli = in->cli;
	char *path = tg_fs_join(in->dir, "trust.yaml");
	struct tg_minisign_pub key;
	char text[TG_MINISIGN_PUB_STR];
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, FILE_MAX);
	if (path == NULL)
		(void)tg_fail_memory(&cli->err);
	else if (tg_fs_exists(path))
		rc = 0;
	else if (tg_fs_slurp(&b, pub, NULL, &cli->err) == 0 &&
	    tg_minisign_pub(&key, tg_buf_sv(&b), &cli->err) == 0) {
		tg_minisign_pub_str(text, &key);
		const struct tg_person p = {.id = in->id,
		    .name = in->name,
		    .role = &role,
		    .n_role = 1,
		    .key = text,
		    .confirmed_by = "",
		    .confirmed_on = ""};

		rc = exists_is_fine(
		    cli, tg_trust_add(path, &p, &cli->err), path);
	}
	tg_buf_deinit(&b);
	free(path);
	return rc;
}

static int
ledger(struct init *in)
{
	struct tg_cli *cli = in->cli;
	const char *origin = tg_args_value(&cli->args, "origin");
	char *dir = tg_fs_join(in->dir, "state/ledger");
	char *private = tg_fs_join(in->dir, "state/ledger-state");
	int rc = -1;

	if (dir == NULL || private == NULL)
		(void)tg_fail_memory(&cli->err);
	else
		rc = exists_is_fine(cli,
		    tg_ledger_create(dir, private,
			origin == NULL ? "tracegate.local/ledger" : origin,
			&cli->env, &cli->err),
		    dir);
	free(dir);
	free(private);
	return rc;
}

static int
folders(struct init *in)
{
	static const char *const names[] = {"keys", "recipients", "state"};

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		char *path = tg_fs_join(in->dir, names[i]);
		const int rc = path == NULL
		    ? tg_fail_memory(&in->cli->err)
		    : tg_fs_mkdirs(path, i == 1 ? 0755 : 0700, &in->cli->err);

		free(path);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
all(struct init *in)
{
	char *key = tg_fs_join(in->dir, "keys/export.key");
	char *pub = tg_fs_join(in->dir, "keys/export.pub");
	int rc = -1;

	if (key == NULL || pub == NULL)
		(void)tg_fail_memory(&in->cli->err);
	else if (folders(in) == 0 && export_key(in, key, pub) == 0 &&
	    pseudonym_key(in) == 0 && trust(in, pub) == 0 && texts(in) == 0)
		rc = ledger(in);
	free(key);
	free(pub);
	return rc;
}

/* The first mechanism of the law of @country for data that stay there. */
static int
mechanism_of(struct place *out, const struct tg_policy *p, struct tg_err *err)
{
	char path[64];
	const struct tg_leaf *leaf;

	(void)snprintf(path, sizeof(path),
	    "/transfers/origins/%s/mechanisms/%s", out->country, out->country);
	leaf = tg_policy_find(p, path);
	if (leaf == NULL || leaf->n == 0)
		return tg_fail(err, TG_E_CONFIG, "E-NO-SUCH-LEAF: %s: %s", path,
		    "what data may stay in their country by");
	out->mechanism = strdup(leaf->item[0]);
	return out->mechanism == NULL ? tg_fail_memory(err) : 0;
}

/* What the recipient's contract must have. */
static int
agreed_of(struct place *out, const struct tg_policy *p, struct tg_err *err)
{
	const struct tg_leaf *clauses = tg_policy_find(p, "/recipient_clauses");
	const char *onward;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, FILE_MAX);
	if (tg_policy_str(p, "/transfers/onward_transfer", &onward, err) < 0 ||
	    tg_buf_addf(
		&b, err, "# onward_transfer: %s\n# clauses:\n", onward) < 0)
		goto out;
	for (size_t i = 0; clauses != NULL && i < clauses->n; i++)
		if (tg_buf_addf(&b, err, "#   %s: \"DSA-0000-000, 0.0\"\n",
			clauses->item[i]) < 0)
			goto out;
	out->agreed = strndup(b.p, b.n);
	rc = out->agreed == NULL ? tg_fail_memory(err) : 0;
out:
	tg_buf_deinit(&b);
	return rc;
}

static int
find_place(struct place *out, struct tg_cli *cli, const char *code)
{
	char *dir = tg_cli_data(cli, "regions");
	struct tg_regions all = {.n = 0};
	struct tg_policy *p = NULL;
	const struct tg_region *r;
	int rc = -1;

	if (dir == NULL)
		return tg_fail_memory(&cli->err);
	if (tg_regions_load(&all, dir, &cli->err) < 0)
		goto out;
	r = tg_regions_find(&all, tg_sv_of(code), &cli->err);
	if (r == NULL)
		cli->err.cls = TG_E_USAGE;
	else if (tg_cli_policy(cli, NULL, code, NULL, &p) == 0) {
		memcpy(out->country, r->jurisdiction, sizeof(out->country));
		rc = mechanism_of(out, p, &cli->err);
		if (rc == 0)
			rc = agreed_of(out, p, &cli->err);
	}
	tg_regions_free(&all);
out:
	tg_policy_free(p);
	free(dir);
	return rc;
}

static int
run(struct tg_cli *cli)
{
	const char *region = tg_args_value(&cli->args, "region");
	const char *name = tg_args_value(&cli->args, "preparer");
	struct init in = {.cli = cli,
	    .dir = cli->args.n_rest > 0 ? cli->args.rest[0] : ".",
	    .name = name == NULL ? "Export Desk" : name};
	int rc;

	tg_cli_person_id(in.id, in.name);
	if (in.id[0] == '\0' || cli->args.n_rest > 1) {
		(void)tg_fail(
		    &cli->err, TG_E_USAGE, "init [DIR] --preparer NAME");
		return tg_cli_failed(cli);
	}
	rc = find_place(&in.place, cli, region == NULL ? REGION : region);
	if (rc == 0)
		rc = all(&in);
	free(in.place.mechanism);
	free(in.place.agreed);
	if (rc < 0)
		return tg_cli_failed(cli);
	cli->result = tg_json_object();
	if (tg_json_set_str(cli->result, "dir", in.dir) < 0 ||
	    tg_json_set_str(cli->result, "country", in.place.country) < 0) {
		(void)tg_fail_memory(&cli->err);
		return tg_cli_failed(cli);
	}
	tg_cli_next(cli, "edit %s/" TG_JOB_FILE ", then tracegate run", in.dir);
	return 0;
}

const struct tg_cmd tg_cmd_init = {
    .name = "init",
    .group = "Set up",
    .summary = "write a commented job, keys, trust file and ledger",
    .synopsis = "[DIR] [--region CODE] [--preparer NAME]",
    .description = description,
    .opts = opts,
    .exits = "0 done; 2 usage; 10 the export key wants a passphrase.",
    .examples = examples,
    .run = run,
};
