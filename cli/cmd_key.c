#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/digest.h"
#include "base/fs.h"
#include "cli/common.h"
#include "pipeline/bundle/age.h"
#include "pipeline/ledger/ledger.h"
#include "base/banned.h"

#define PASS_MAX 1024
#define FILE_MAX (64u << 10)
#define SCRYPT_MEM (128ull << 20) /* bytes; the stock tool honours it */

static const struct tg_opt opts[] = {
    TG_OPT_JOB,
    {"role", 0, "ROLE",
	"new, trust: the key's (export, approver, recipient) or the "
	"person's (exporter, dpo, legal, ...)"},
    {"dir", 0, "DIR", "folder of the keys (default: keys)"},
    {"as", 0, "NAME", "trust: the person's name"},
    {"id", 0, "ID", "trust: the person's id (default: made from the name)"},
    {"confirmed-by", 0, "HOW", "trust: how the key was confirmed: phone, ..."},
    {"trust", 0, "FILE", "the trust file (default: the job's)"},
    {"no-passphrase", 0, NULL, "new: leave the key unencrypted"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "new NAME --role ROLE: a new key, DIR/NAME.key (0600) and DIR/NAME.pub.  "
    "export and approver keys are minisign keys, recipient keys age "
    "identities.  An approver's key wants a passphrase.",
    "list: the keys of a folder.  show FILE: public key and fingerprint, to "
    "read out on the telephone.  trust FILE --as NAME --role ROLE: the "
    "person's public key joins the trust file, and the ledger records it by "
    "its key id.",
    NULL,
};

static const struct tg_example examples[] = {
    {"an approver's key",
	"tracegate key new c.besson --role approver --passphrase-file pass"},
    {"trust it, after a telephone call",
	"tracegate key trust c.besson.pub --as \"C. Besson\" --role dpo "
	"--confirmed-by phone"},
    {NULL, NULL},
};

static const char *
folder(const struct tg_cli *cli)
{
	const char *dir = tg_args_value(&cli->args, "dir");

	return dir == NULL ? "keys" : dir;
}

/* First 16 hex digits of the SHA-256, in groups of four. */
static int
fingerprint(char out[20], const char *text, struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	if (tg_sha256_bytes(digest, text, strlen(text), err) < 0)
		return -1;
	tg_sha256_hex(hex, digest);
	(void)snprintf(
	    out, 20, "%.4s %.4s %.4s %.4s", hex, hex + 4, hex + 8, hex + 12);
	return 0;
}

static int
say_key(
    struct tg_cli *cli, const char *name, const char *kind, const char *public)
{
	char print[20];
	struct tg_json *o = tg_json_object();
	int bad = 0;

	if (fingerprint(print, public, &cli->err) < 0) {
		tg_json_free(o);
		return -1;
	}
	if (!cli->json)
		(void)printf(
		    "%s  %s  %s  fingerprint %s\n", name, kind, public, print);
	bad |= tg_json_set_str(o, "name", name);
	bad |= tg_json_set_str(o, "kind", kind);
	bad |= tg_json_set_str(o, "public", public);
	bad |= tg_json_set_str(o, "fingerprint", print);
	bad |= tg_json_push(cli->result, o);
	return bad ? tg_fail_memory(&cli->err) : 0;
}

static int
new_age(struct tg_cli *cli, const char *path, const char *pub_path)
{
	uint8_t *sk = tg_secret_alloc(TG_AGE_KEY_LEN);
	uint8_t pk[TG_AGE_KEY_LEN];
	struct tg_buf file, pub;
	int rc = -1;

	tg_buf_init(&file, FILE_MAX);
	tg_buf_init(&pub, FILE_MAX);
	if (sk == NULL) {
		(void)tg_fail_memory(&cli->err);
		goto out;
	}
	tg_crypt_random(sk, TG_AGE_KEY_LEN);
	tg_age_public(pk, sk);
	if (tg_age_recipient_str(&pub, pk, &cli->err) < 0 ||
	    tg_buf_addf(&file, &cli->err, "# public key: %s\n", pub.p) < 0 ||
	    tg_age_identity_str(&file, sk, &cli->err) < 0 ||
	    tg_buf_addc(&file, '\n', &cli->err) < 0 ||
	    tg_buf_addc(&pub, '\n', &cli->err) < 0 ||
	    tg_fs_write(path, tg_buf_sv(&file), 0600, TG_FS_NEW, &cli->err) <
		0 ||
	    tg_fs_write(pub_path, tg_buf_sv(&pub), 0644, TG_FS_NEW, &cli->err) <
		0)
		goto out;
	pub.p[pub.n - 1] = '\0';
	rc = say_key(cli, path, "recipient", pub.p);
out:
	tg_secret_free(sk);
	tg_buf_wipe_deinit(&file);
	tg_buf_deinit(&pub);
	return rc;
}

static int
read_pub(struct tg_cli *cli, const char *path, struct tg_minisign_pub *pub)
{
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, FILE_MAX);
	if (tg_fs_slurp(&b, path, NULL, &cli->err) == 0)
		rc = tg_minisign_pub(pub, tg_buf_sv(&b), &cli->err);
	tg_buf_deinit(&b);
	return rc < 0 ? tg_fail_in(&cli->err, "%s", path) : 0;
}

static int
new_minisign(
    struct tg_cli *cli, const char *path, const char *pub_path, bool approver)
{
	struct tg_minisign_pub pub;
	char text[TG_MINISIGN_PUB_STR];
	struct tg_buf hold;
	struct tg_sv pass = {NULL, 0};
	int rc = -1;

	tg_buf_init(&hold, PASS_MAX);
	if (!tg_args_given(&cli->args, "no-passphrase") &&
	    tg_cli_passphrase(cli, path, &hold, &pass) < 0)
		goto out;
	if (pass.p == NULL && approver &&
	    !tg_args_given(&cli->args, "no-passphrase")) {
		(void)tg_fail(&cli->err, TG_E_KEY,
		    "an approver's key wants a passphrase");
		(void)tg_fail_hint(
		    &cli->err, "--passphrase-file FILE, or --no-passphrase");
		goto out;
	}
	if (tg_minisign_keygen(path, pub_path, pass, SCRYPT_MEM, &cli->err) <
		0 ||
	    read_pub(cli, pub_path, &pub) < 0)
		goto out;
	tg_minisign_pub_str(text, &pub);
	rc = say_key(cli, path, approver ? "approver" : "export", text);
out:
	tg_buf_wipe_deinit(&hold);
	return rc;
}

static int new (struct tg_cli *cli)
{
	const char *role = tg_args_value(&cli->args, "role");
	const char *name = cli->args.n_rest > 1 ? cli->args.rest[1] : NULL;
	char path[4096], pub[4096];

	if (name == NULL || role == NULL || !tg_id_ok(tg_sv_of(name)))
		return tg_fail(&cli->err, TG_E_USAGE,
		    "key new NAME --role export|approver|recipient expected");
	(void)snprintf(path, sizeof(path), "%s/%s.key", folder(cli), name);
	(void)snprintf(pub, sizeof(pub), "%s/%s.pub", folder(cli), name);
	if (tg_fs_mkdirs(folder(cli), 0700, &cli->err) < 0)
		return -1;
	if (strcmp(role, "recipient") == 0)
		return new_age(cli, path, pub);
	if (strcmp(role, "export") != 0 && strcmp(role, "approver") != 0)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--role export, approver or recipient, not %s", role);
	return new_minisign(cli, path, pub, strcmp(role, "approver") == 0);
}

static int
show_file(struct tg_cli *cli, const char *path)
{
	struct tg_minisign_pub pub;
	char text[TG_MINISIGN_PUB_STR];
	uint8_t pk[TG_AGE_KEY_LEN];
	struct tg_buf b;
	struct tg_err quiet;
	struct tg_sv line;
	int rc = -1;

	tg_buf_init(&b, FILE_MAX);
	if (tg_fs_slurp(&b, path, NULL, &cli->err) < 0)
		goto out;
	line = tg_buf_sv(&b);
	while (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (tg_age_recipient(pk, line, &quiet) == 0) {
		b.p[line.n] = '\0';
		rc = say_key(cli, path, "recipient", b.p);
	} else if (tg_minisign_pub(&pub, tg_buf_sv(&b), &cli->err) == 0) {
		tg_minisign_pub_str(text, &pub);
		rc = say_key(cli, path, "minisign", text);
	} else {
		(void)tg_fail_in(&cli->err, "%s", path);
	}
out:
	tg_buf_deinit(&b);
	return rc;
}

static int
list(struct tg_cli *cli)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_fs_list(&names, folder(cli), false, &cli->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		const size_t n = strlen(names.name[i]);
		char *path;

		if (n < 4 || strcmp(names.name[i] + n - 4, ".pub") != 0)
			continue;
		path = tg_fs_join(folder(cli), names.name[i]);
		rc = path == NULL ? tg_fail_memory(&cli->err)
				  : show_file(cli, path);
		free(path);
	}
	tg_fs_names_free(&names);
	return rc;
}

static int
record(struct tg_cli *cli, const char *state, const struct tg_minisign_pub *pub,
    const char *role)
{
	char *dir = tg_fs_join(state, "ledger");
	char *private = tg_fs_join(state, "ledger-state");
	char id[TG_MINISIGN_ID_HEX], key[TG_MINISIGN_PUB_STR];
	struct tg_json *body = tg_json_object();
	struct tg_ledger *l = NULL;
	uint64_t at;
	int bad = 0, rc = -1;

	tg_minisign_id(id, pub);
	tg_minisign_pub_str(key, pub);
	bad |= tg_json_set_str(body, "keyid", id);
	bad |= tg_json_set_str(body, "pub", key);
	bad |= tg_json_set_str(body, "role", role);
	if (bad || dir == NULL || private == NULL)
		(void)tg_fail_memory(&cli->err);
	else if (tg_ledger_open(&l, dir, private, &cli->env, &cli->err) == 0)
		rc = tg_ledger_append(
		    l, "key.added", tg_json_ref(body), &at, &cli->err);
	tg_json_free(body);
	tg_ledger_free(l);
	free(dir);
	free(private);
	return rc;
}

static int
trust(struct tg_cli *cli)
{
	const char *name = tg_args_value(&cli->args, "as");
	const char *role = tg_args_value(&cli->args, "role");
	const char *how = tg_args_value(&cli->args, "confirmed-by");
	const char *id = tg_args_value(&cli->args, "id");
	const char *file = tg_args_value(&cli->args, "trust");
	char made[TG_ID_MAX + 1], key[TG_MINISIGN_PUB_STR], day[TG_TIME_LEN];
	struct tg_minisign_pub pub;
	struct tg_job *job = NULL;
	int rc = -1;

	if (cli->args.n_rest != 2 || name == NULL || role == NULL)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "key trust FILE --as NAME --role ROLE expected");
	if (tg_cli_job(cli, &job) < 0)
		return -1;
	tg_cli_person_id(made, name);
	tg_time_format(day, cli->env.now(cli->env.ctx));
	day[10] = '\0';
	if (read_pub(cli, cli->args.rest[1], &pub) == 0) {
		tg_minisign_pub_str(key, &pub);
		const struct tg_person p = {.id = id == NULL ? made : id,
		    .name = name,
		    .role = &role,
		    .n_role = 1,
		    .key = key,
		    .confirmed_by = how == NULL ? "" : how,
		    .confirmed_on = how == NULL ? "" : day};

		if (tg_trust_add(
			file == NULL ? job->trust : file, &p, &cli->err) == 0 &&
		    record(cli, job->state, &pub, role) == 0)
			rc = say_key(cli, p.id, role, key);
	}
	tg_job_free(job);
	return rc;
}

static int
run(struct tg_cli *cli)
{
	const char *word = cli->args.n_rest > 0 ? cli->args.rest[0] : "";
	int rc;

	cli->result = tg_json_array();
	if (strcmp(word, "new") == 0)
		rc = new (cli);
	else if (strcmp(word, "list") == 0)
		rc = list(cli);
	else if (strcmp(word, "show") == 0 && cli->args.n_rest == 2)
		rc = show_file(cli, cli->args.rest[1]);
	else if (strcmp(word, "trust") == 0)
		rc = trust(cli);
	else
		rc = tg_fail(&cli->err, TG_E_USAGE,
		    "key new, list, show FILE or trust FILE expected");
	return rc < 0 ? tg_cli_failed(cli) : 0;
}

const struct tg_cmd tg_cmd_key = {
    .name = "key",
    .group = "Set up",
    .summary = "make, list, show and trust keys",
    .synopsis = "new NAME --role ROLE | list | show FILE | trust FILE --as "
		"NAME --role ROLE",
    .description = description,
    .opts = opts,
    .exits = "0 done; 1 a key of that name exists; 10 passphrase or key.",
    .examples = examples,
    .run = run,
};
