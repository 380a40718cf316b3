#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "cli/common.h"
#include "pipeline/bundle/age.h"
#include "pipeline/bundle/open.h"
#include "base/banned.h"

#define IDENTITIES_MAX 64
#define LOG_N_MAX 20 /* scrypt work factor accepted: 1 GiB */
#define PASS_MAX 1024
#define TAR_MAX (1ull << 40)
#define MEMBERS_MAX 1000000u

static const struct tg_opt opts[] = {
    {"identity", 'i', "FILE", "age identity file; may be repeated"},
    {"output", 'o', "PATH",
	"- : the decrypted bytes to standard output; a folder: the files"},
    TG_OPT_PASS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Decrypts an age v1 file, ours or not.  With -o - the plaintext goes to "
    "standard output, chunk by authenticated chunk: never a byte that was not "
    "authenticated.  With -o DIR a payload volume of a bundle is unpacked into "
    "a new folder and its checksums are compared; nothing is left of a volume "
    "with a defect.",
    "It does not tell who made the file: verify the bundle first.",
    NULL,
};

static const struct tg_example examples[] = {
    {"a volume's files",
	"tracegate open payload-00000.tar.zst.age -i lab.key -o out"},
    {"any age file", "tracegate open notes.age -i lab.key -o -"},
    {NULL, NULL},
};

struct keys {
	uint8_t (*sk)[TG_AGE_KEY_LEN]; /* secret memory */
	struct tg_buf hold;
	struct tg_age_keys keys;
};

static int
load(struct tg_cli *cli, struct keys *k)
{
	const char *file;
	size_t n = 0, got;

	k->sk = tg_secret_alloc(IDENTITIES_MAX * sizeof(*k->sk));
	if (k->sk == NULL)
		return tg_fail_memory(&cli->err);
	for (size_t i = 0;
	     (file = tg_args_nth(&cli->args, "identity", i)) != NULL; i++) {
		if (tg_age_identity_file(k->sk + n, IDENTITIES_MAX - n, &got,
			file, &cli->err) < 0)
			return -1;
		n += got;
	}
	k->keys =
	    (struct tg_age_keys){.sk = (const uint8_t(*)[TG_AGE_KEY_LEN])k->sk,
		.n = n,
		.max_log_n = LOG_N_MAX};
	if (n == 0 &&
	    tg_cli_passphrase(cli, "the file", &k->hold, &k->keys.passphrase) <
		0)
		return -1;
	if (n == 0 && k->keys.passphrase.p == NULL)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "-i IDENTITY or a passphrase is needed");
	return 0;
}

static int
to_stdout(void *ctx TG_UNUSED, const void *p, size_t n, struct tg_err *err)
{
	return tg_fs_write_all(STDOUT_FILENO, p, n, err);
}

static int
decrypt(struct tg_cli *cli, const struct keys *k, const char *path)
{
	int fd, rc;

	if (isatty(STDOUT_FILENO) == 1)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "not to a terminal: redirect standard output");
	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
				    : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tg_fail_errno(&cli->err, errno, "%s", path);
	rc = tg_age_open(fd, &k->keys, to_stdout, NULL, &cli->err);
	(void)close(fd);
	return rc < 0 ? tg_fail_in(&cli->err, "%s", path) : 0;
}

static int
unpack(
    struct tg_cli *cli, const struct keys *k, const char *path, const char *dir)
{
	const struct tg_bundle_open spec = {.path = path,
	    .keys = &k->keys,
	    .max_tar_bytes = TAR_MAX,
	    .max_members = MEMBERS_MAX,
	    .out_dir = dir};
	struct tg_volume v;
	char hex[TG_SHA256_HEX];
	int bad = 0;

	if (tg_bundle_open_volume(&v, &spec, &cli->err) < 0)
		return -1;
	tg_sha256_hex(hex, v.tar_sha256);
	if (!cli->json) {
		(void)printf("%s: %llu files, tar sha256 %s\n", dir,
		    (unsigned long long)v.tar_members, hex);
		return 0;
	}
	cli->result = tg_json_object();
	bad |= tg_json_set_str(cli->result, "dir", dir);
	bad |= tg_json_set_int(cli->result, "files", (int64_t)v.tar_members);
	bad |= tg_json_set_str(cli->result, "tar_sha256", hex);
	return bad ? tg_fail_memory(&cli->err) : 0;
}

static int
run(struct tg_cli *cli)
{
	const char *out = tg_args_value(&cli->args, "output");
	struct keys k = {.sk = NULL};
	int rc = -1;

	tg_buf_init(&k.hold, PASS_MAX);
	if (cli->args.n_rest != 1 || out == NULL)
		(void)tg_fail(&cli->err, TG_E_USAGE,
		    "one file and -o - or -o DIR expected");
	else if (cli->json && strcmp(out, "-") == 0)
		(void)tg_fail(&cli->err, TG_E_USAGE,
		    "--json: standard output cannot hold the plaintext too");
	else if (load(cli, &k) == 0)
		rc = strcmp(out, "-") == 0
		    ? decrypt(cli, &k, cli->args.rest[0])
		    : unpack(cli, &k, cli->args.rest[0], out);
	tg_secret_free(k.sk);
	tg_buf_wipe_deinit(&k.hold);
	return rc < 0 ? tg_cli_failed(cli) : 0;
}

const struct tg_cmd tg_cmd_open = {
    .name = "open",
    .group = "Deliver",
    .summary = "decrypt a received file",
    .synopsis = "FILE -i IDENTITY -o DIR|-",
    .description = description,
    .opts = opts,
    .exits = "0 decrypted; 5 the file is damaged or is none; 10 no key fits.",
    .examples = examples,
    .run = run,
};
