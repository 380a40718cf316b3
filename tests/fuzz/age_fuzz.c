/*
 * age_fuzz.c - the age opener and the readers of age keys on any bytes.
 *
 * What holds for each input:
 *  - taken as a file, it opens or is refused as damaged or not for our key:
 *    no other class of error;
 *  - what opens has a header that can be counted, and sealed again and opened
 *    it is the same;
 *  - what is taken for a recipient or an identity is written back as it was;
 *  - sealed and with the bytes of the input XORed over it, it never opens to
 *    anything but the truth.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... or with replay.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "pipeline/bundle/age.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define PLAIN_MAX (4U << 20)
#define MAX_LOG_N 10 /* scrypt that does not slow the fuzzer down */

/* C2SP age.md, "The X25519 recipient type". */
static const struct tg_sv identity = {"AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJ"
				      "ZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
    74};

static uint8_t sk[1][TG_AGE_KEY_LEN], pk[1][TG_AGE_KEY_LEN];

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "age_fuzz: broken: %s\n", rule);
	abort();
}

static int
take(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	return tg_buf_add(ctx, p, n, err);
}

static int
memfd_of(const void *p, size_t n)
{
	const int fd = memfd_create("age", MFD_CLOEXEC);

	hold(fd >= 0 && tg_fs_write_all(fd, p, n, NULL) == 0 &&
		lseek(fd, 0, SEEK_SET) == 0,
	    "the test has a file");
	return fd;
}

static int
open_bytes(struct tg_buf *out, const void *p, size_t n, struct tg_err *err)
{
	const struct tg_age_keys keys = {
	    (const uint8_t(*)[TG_AGE_KEY_LEN])sk, 1, {"pass", 4}, MAX_LOG_N};
	const int fd = memfd_of(p, n);
	int rc;

	tg_buf_init(out, PLAIN_MAX);
	rc = tg_age_open(fd, &keys, take, out, err);
	(void)close(fd);
	return rc;
}

static void
seal_bytes(struct tg_buf *out, struct tg_sv plain)
{
	struct tg_age_writer *w;

	tg_buf_init(out, 2 * PLAIN_MAX);
	hold(tg_age_writer_new(&w, (const uint8_t(*)[TG_AGE_KEY_LEN])pk, 1,
		 take, out, NULL) == 0 &&
		tg_age_write(w, plain.p, plain.n, NULL) == 0 &&
		tg_age_finish(w, NULL) == 0,
	    "anything can be sealed");
	tg_age_writer_free(w);
}

static void
check_opened(const uint8_t *p, size_t n, struct tg_sv plain)
{
	const int fd = memfd_of(p, n);
	struct tg_buf age, again;
	size_t stanzas = 0;

	hold(tg_age_stanzas(fd, &stanzas, NULL) == 0 && stanzas > 0,
	    "what opens has stanzas");
	(void)close(fd);
	seal_bytes(&age, plain);
	hold(open_bytes(&again, age.p, age.n, NULL) == 0 &&
		tg_sv_eq(tg_buf_sv(&again), plain),
	    "sealed again it opens to the same");
	tg_buf_deinit(&age);
	tg_buf_deinit(&again);
}

static void
check_keys(struct tg_sv text)
{
	uint8_t key[TG_AGE_KEY_LEN];
	struct tg_buf again;

	tg_buf_init(&again, 256);
	if (tg_age_recipient(key, text, NULL) == 0)
		hold(tg_age_recipient_str(&again, key, NULL) == 0 &&
			tg_sv_eq(tg_buf_sv(&again), text),
		    "a recipient has one text");
	tg_buf_reset(&again);
	if (tg_age_identity(key, text, NULL) == 0)
		hold(tg_age_identity_str(&again, key, NULL) == 0 &&
			tg_sv_eq(tg_buf_sv(&again), text),
		    "an identity has one text");
	tg_buf_deinit(&again);
}

static void
check_damage(const uint8_t *p, size_t n)
{
	static const struct tg_sv plain = {"the truth", 9};
	struct tg_buf age, out;
	bool changed = false;

	seal_bytes(&age, plain);
	for (size_t i = 0; i < n && i < age.n; i++) {
		age.p[i] = (char)(age.p[i] ^ (char)p[i]);
		changed = changed || p[i] != 0;
	}
	hold((open_bytes(&out, age.p, age.n, NULL) == 0) == !changed,
	    "a changed file does not open");
	hold(out.n == 0 || tg_sv_eq(tg_buf_sv(&out), plain),
	    "nothing but the truth is given out");
	tg_buf_deinit(&age);
	tg_buf_deinit(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_err err = {0};
	struct tg_buf out;

	if (tg_crypt_init(NULL) < 0 ||
	    tg_age_identity(sk[0], identity, NULL) < 0)
		abort();
	tg_age_public(pk[0], sk[0]);
	if (open_bytes(&out, p, n, &err) == 0)
		check_opened(p, n, tg_buf_sv(&out));
	else
		hold(err.cls == TG_E_INTEGRITY || err.cls == TG_E_KEY ||
			err.cls == TG_E_LIMIT, /* of the test's buffer */
		    "refused as damaged or not for this key");
	tg_buf_deinit(&out);
	check_keys((struct tg_sv){(const char *)p, n});
	check_damage(p, n);
	return 0;
}
