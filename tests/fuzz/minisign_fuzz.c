/*
 * minisign_fuzz.c - the readers of minisign texts on any bytes.
 *
 * What holds for each input:
 *  - as a signature it is refused with TG_E_INTEGRITY, or it is the one true
 *    signature, byte for byte, after its untrusted comment;
 *  - as a public key it is refused, or its text ends in what is written back;
 *  - as a key file it is refused with TG_E_KEY, or the key in it signs what its
 *    public half verifies.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... or with replay.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "pipeline/bundle/minisign.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* A key made for this test and a signature by it over "x". */
static const struct tg_sv pub_text = {
    "RWS6UCo604J0vB2xSz3KfnKp3ZDtJ3Zvjy/SE71SbhnJS+34O/YnyESW", 56};
static const struct tg_sv true_sig = {
    "RUS6UCo604J0vERC2X2l9pMWTeSUb7NiZ9WhAlzhoYS97Avtn2dxY8kwl+ndGmndxfBIV+3r+"
    "ubpLXU6rjO1EWtN0Ldy2Y4HNwE=\n"
    "trusted comment: tracegate/1 test\n"
    "vcf4BtXC5GKlzTF30OZk0lRypKI3klNsd/"
    "Vl5aGKO8JJ3jrJCvZ0yVV6ug4mefE7ugxo5pTNBOx3A47fbxJIAQ==\n",
    101 + 34 + 89};

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "minisign_fuzz: broken: %s\n", rule);
	abort();
}

static void
check_sig(struct tg_sv text)
{
	struct tg_minisign_pub pub;
	struct tg_err err = {0};
	struct tg_buf trusted;
	const char *lf;

	hold(tg_minisign_pub(&pub, pub_text, NULL) == 0, "the key is one");
	tg_buf_init(&trusted, 16384);
	if (tg_minisign_verify(&pub, TG_SV("x"), text, &trusted, &err) < 0) {
		hold(err.cls == TG_E_INTEGRITY && trusted.n == 0,
		    "refused as not intact, without its comment");
	} else {
		lf = memchr(text.p, '\n', text.n);
		hold(lf != NULL &&
			tg_sv_eq((struct tg_sv){lf + 1,
				     text.n - (size_t)(lf + 1 - text.p)},
			    true_sig),
		    "only the true signature verifies");
	}
	tg_buf_deinit(&trusted);
}

static void
check_pub(struct tg_sv text)
{
	char again[TG_MINISIGN_PUB_STR];
	struct tg_minisign_pub pub;

	if (tg_minisign_pub(&pub, text, NULL) < 0)
		return;
	tg_minisign_pub_str(again, &pub);
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	hold(text.n >= 56 && memcmp(text.p + text.n - 56, again, 56) == 0,
	    "a public key has one text");
}

static void
check_key(const char *path)
{
	struct tg_minisign_key *k;
	struct tg_err err = {0};
	struct tg_buf sig;

	if (tg_minisign_load(&k, path, (struct tg_sv){NULL, 0}, NULL, &err) <
	    0) {
		hold(err.cls == TG_E_KEY || err.cls == TG_E_LIMIT,
		    "refused as no key");
		return;
	}
	tg_buf_init(&sig, 1024);
	hold(tg_minisign_sign(&sig, k, TG_SV("x"), "c", NULL) == 0 &&
		tg_minisign_verify(tg_minisign_public(k), TG_SV("x"),
		    tg_buf_sv(&sig), NULL, NULL) == 0,
	    "a key that loads is a pair");
	tg_buf_deinit(&sig);
	tg_minisign_free(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct tg_sv text = {(const char *)p, n};
	char path[] = "/tmp/tg-minisign-fuzz-XXXXXX";
	int fd;

	if (tg_crypt_init(NULL) < 0)
		abort();
	check_sig(text);
	check_pub(text);
	fd = mkstemp(path);
	hold(fd >= 0 && tg_fs_write_all(fd, p, n, NULL) == 0,
	    "the test has a file");
	check_key(path);
	(void)close(fd);
	(void)unlink(path);
	return 0;
}
