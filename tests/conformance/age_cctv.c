/*
 * age_cctv.c - runs the age opener over one folder of the C2SP test vectors
 * (C2SP/CCTV, age/README.md "Test file format").
 *
 * usage: age_cctv FOLDER
 *
 * For every vector: the class of the result and the SHA-256 of all plaintext
 * given out must be what the vector says.  Post-quantum vectors must never
 * succeed.  Prints a line for each miss and one total; exits 0 when there was
 * no miss and something was examined.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/crypt.h"
#include "base/digest.h"
#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/bundle/age.h"

#include "base/banned.h"

#define KEYS 8
#define FILE_MAX (64U << 20)
#define MAX_LOG_N 20

struct vector {
	struct tg_sv expect, payload, passphrase;
	uint8_t sk[KEYS][TG_AGE_KEY_LEN];
	size_t n_sk;
	bool zlib, hybrid;
	struct tg_sv body; /* the age file */
};

static bool
next_line(struct tg_sv *line, struct tg_sv *rest)
{
	const char *const lf = memchr(rest->p, '\n', rest->n);

	if (lf == NULL)
		return false;
	*line = (struct tg_sv){rest->p, (size_t)(lf - rest->p)};
	rest->n -= line->n + 1;
	rest->p = lf + 1;
	return true;
}

static bool
value_of(struct tg_sv *value, struct tg_sv line, const char *key)
{
	const struct tg_sv k = tg_sv_of(key);

	if (!tg_sv_starts(line, k))
		return false;
	*value = (struct tg_sv){line.p + k.n, line.n - k.n};
	return true;
}

static bool
read_vector(struct vector *v, struct tg_sv text)
{
	struct tg_sv line, x;

	while (next_line(&line, &text) && line.n > 0) {
		(void)(value_of(&v->expect, line, "expect: ") ||
		    value_of(&v->payload, line, "payload: ") ||
		    value_of(&v->passphrase, line, "passphrase: "));
		if (value_of(&x, line, "compressed: "))
			v->zlib = tg_sv_is(x, "zlib");
		if (!value_of(&x, line, "identity: "))
			continue;
		if (tg_sv_starts(x, TG_SV("AGE-SECRET-KEY-PQ-")))
			v->hybrid = true;
		else if (v->n_sk == KEYS ||
		    tg_age_identity(v->sk[v->n_sk++], x, NULL) < 0)
			return false;
	}
	v->body = text;
	return v->expect.n > 0;
}

static int
inflate_to(int fd, struct tg_sv in)
{
	unsigned char out[65536];
	z_stream z = {.avail_in = (uInt)in.n};
	int rc;

	/* zlib's input pointer is not const; the bytes are not written. */
	memcpy(&z.next_in, &in.p, sizeof in.p);
	if (inflateInit(&z) != Z_OK)
		return -1;
	do {
		z.next_out = out;
		z.avail_out = sizeof out;
		rc = inflate(&z, Z_NO_FLUSH);
		if (tg_fs_write_all(fd, out, sizeof out - z.avail_out, NULL) <
		    0)
			rc = Z_ERRNO;
	} while (rc == Z_OK);
	(void)inflateEnd(&z);
	return rc == Z_STREAM_END ? 0 : -1;
}

static int
take(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	(void)err;
	tg_sha256_add(ctx, p, n);
	return 0;
}

/* What the vector calls the class of @err. */
static bool
class_fits(int rc, const struct tg_err *err, struct tg_sv expect)
{
	if (rc == 0)
		return tg_sv_is(expect, "success");
	if (err->cls == TG_E_KEY)
		return tg_sv_is(expect, "no match");
	return err->cls == TG_E_INTEGRITY &&
	    (tg_sv_is(expect, "header failure") ||
		tg_sv_is(expect, "HMAC failure") ||
		tg_sv_is(expect, "armor failure") ||
		tg_sv_is(expect, "payload failure"));
}

static bool
plaintext_fits(const uint8_t digest[TG_SHA256_LEN], const struct vector *v)
{
	char hex[TG_SHA256_HEX];

	if (v->payload.n == 0)
		return true;
	tg_sha256_hex(hex, digest);
	return tg_sv_is(v->payload, hex);
}

static bool
run(const char *name, const struct vector *v, int fd)
{
	const struct tg_age_keys keys = {
	    (const uint8_t(*)[TG_AGE_KEY_LEN])v->sk, v->n_sk, v->passphrase,
	    MAX_LOG_N};
	uint8_t digest[TG_SHA256_LEN];
	struct tg_err err = {0};
	struct tg_sha256 h;
	bool fits;
	int rc;

	if (tg_sha256_init(&h, NULL) < 0)
		return false;
	rc = tg_age_open(fd, &keys, take, &h, &err);
	tg_sha256_end(&h, digest);
	if (v->hybrid && v->n_sk == 0)
		fits = rc != 0;
	else
		fits = class_fits(rc, &err, v->expect) &&
		    (rc != 0 || v->payload.n > 0) && plaintext_fits(digest, v);
	if (!fits)
		(void)printf("MISS %s: wants %.*s, got %s\n", name,
		    TG_SV_FMT(v->expect), rc == 0 ? "success" : err.text);
	return fits;
}

static bool
one(const char *folder, const char *name, bool *hybrid)
{
	char *const path = tg_fs_join(folder, name);
	const int fd = memfd_create("age", MFD_CLOEXEC);
	struct vector v = {0};
	struct tg_buf text;
	bool ok;

	tg_buf_init(&text, FILE_MAX);
	ok = path != NULL && fd >= 0 &&
	    tg_fs_slurp(&text, path, NULL, NULL) == 0 &&
	    read_vector(&v, tg_buf_sv(&text)) &&
	    (v.zlib ? inflate_to(fd, v.body)
		    : tg_fs_write_all(fd, v.body.p, v.body.n, NULL)) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0;
	if (!ok)
		(void)printf("MISS %s: the vector cannot be read\n", name);
	else
		ok = run(name, &v, fd);
	*hybrid = v.hybrid;
	tg_buf_deinit(&text);
	free(path);
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

int
main(int argc, char **argv)
{
	struct tg_fs_names names;
	size_t hybrids = 0, misses = 0;

	if (argc != 2 || tg_crypt_init(NULL) < 0 ||
	    tg_fs_list(&names, argv[1], false, NULL) < 0)
		return 2;
	for (size_t i = 0; i < names.n; i++) {
		bool hybrid = false;

		if (!one(argv[1], names.name[i], &hybrid))
			misses++;
		if (hybrid)
			hybrids++;
	}
	(void)printf("age vectors: %zu examined (%zu of them post-quantum), "
		     "%zu missed\n",
	    names.n, hybrids, misses);
	(void)printf("%zu passed, %zu failed\n", names.n - misses,
	    misses + (names.n == 0));
	misses += names.n == 0;
	tg_fs_names_free(&names);
	return misses == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
