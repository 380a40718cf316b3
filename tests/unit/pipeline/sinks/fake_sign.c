/*
 * fake_sign.c - the fake server's own Signature Version 4, written against the
 * specification and libcrypto, sharing nothing with the code under test.
 */
#include "tests/unit/pipeline/sinks/fake_priv.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

const char *
fake_header(const struct fake_request *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcasecmp(r->name[i], name) == 0)
			return r->value[i];
	}
	return NULL;
}

static void
hex_of(char out[65], const unsigned char *d)
{
	for (int i = 0; i < 32; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", d[i]);
}

void
fake_sha256(char out[65], const void *p, size_t n)
{
	unsigned char d[32];

	ck_assert_int_eq(EVP_Digest(p, n, d, NULL, EVP_sha256(), NULL), 1);
	hex_of(out, d);
}

static void
hmac(unsigned char out[32], const void *key, size_t n, const char *text)
{
	unsigned int len = 32;
	unsigned char d[32];

	ck_assert_ptr_nonnull(HMAC(EVP_sha256(), key, (int)n,
	    (const unsigned char *)text, strlen(text), d, &len));
	memcpy(out, d, 32);
}

void
fake_problem(struct fake_s3 *f, const char *what)
{
	if (f->problem[0] == '\0')
		(void)snprintf(f->problem, sizeof(f->problem), "%s", what);
}

static bool
may_be_signed(const char *name)
{
	return strcmp(name, "host") == 0 || strncmp(name, "x-amz-", 6) == 0 ||
	    strcmp(name, "content-md5") == 0 ||
	    strcmp(name, "if-none-match") == 0;
}

/* Path bytes are unreserved, '/' or %XX of a byte that needs it. */
void
fake_check_path(struct fake_s3 *f, const char *p)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				    "qrstuvwxyz0123456789-._~";

	for (; *p != '\0' && *p != '?'; p++) {
		char hex[3] = {0};
		unsigned byte;

		if (*p == '/' || strchr(plain, *p) != NULL)
			continue;
		(void)snprintf(hex, sizeof(hex), "%.2s", p + 1);
		if (*p != '%' || strspn(hex, "0123456789ABCDEF") != 2) {
			fake_problem(f, "path not encoded");
			return;
		}
		byte = (unsigned)strtoul(hex, NULL, 16);
		if (byte == '/' || (byte != 0 && strchr(plain, (int)byte)))
			fake_problem(f, "path over-encoded");
		p += 2;
	}
}

void
fake_check_headers(
    struct fake_s3 *f, const struct fake_request *r, const char *names)
{
	char list[1024], *save = NULL, before[128] = "";

	(void)snprintf(list, sizeof(list), ";%s;", names);
	for (size_t i = 0; i < r->n; i++) {
		char probe[160];

		(void)snprintf(probe, sizeof(probe), ";%s;", r->name[i]);
		if (strncasecmp(r->name[i], "x-amz-", 6) == 0 &&
		    strcasestr(list, probe) == NULL)
			fake_problem(f, "an x-amz- header is not signed");
		if (strcasecmp(r->name[i], "expect") == 0)
			fake_problem(f, "Expect was sent");
		if (strstr(r->value[i], f->secret) != NULL)
			fake_problem(f, "the secret was sent");
	}
	if (strstr(list, ";host;") == NULL)
		fake_problem(f, "host is not signed");
	for (char *n = strtok_r(list, ";", &save); n != NULL;
	     n = strtok_r(NULL, ";", &save)) {
		if (!may_be_signed(n))
			fake_problem(
			    f, "a header that proxies rewrite is signed");
		if (strcmp(before, n) >= 0)
			fake_problem(f, "signed headers are not in order");
		(void)snprintf(before, sizeof(before), "%s", n);
	}
}

static void
canonical(char *out, size_t cap, const struct fake_request *r,
    const char *names, const char *payload)
{
	char list[1024], *save = NULL;
	/* The one query there is has no value. */
	const size_t path = strcspn(r->target, "?");
	const char *query = r->target[path] == '\0'	 ? ""
	    : strcmp(r->target + path, "?location") == 0 ? "location="
							 : "versioning=";
	size_t n = (size_t)snprintf(
	    out, cap, "%s\n%.*s\n%s\n", r->method, (int)path, r->target, query);

	(void)snprintf(list, sizeof(list), "%s", names);
	for (char *h = strtok_r(list, ";", &save); h != NULL;
	     h = strtok_r(NULL, ";", &save)) {
		const char *v = fake_header(r, h);

		n += (size_t)snprintf(
		    out + n, cap - n, "%s:%s\n", h, v == NULL ? "" : v);
	}
	(void)snprintf(out + n, cap - n, "\n%s\n%s", names, payload);
}

void
fake_signature(char out[65], const struct fake_s3 *f,
    const struct fake_request *r, const struct fake_auth *a)
{
	static char canon[16384];
	char hex[65], text[512], secret[256];
	const char *date = fake_header(r, "x-amz-date");
	unsigned char k[32];

	canonical(canon, sizeof(canon), r, a->names,
	    fake_header(r, "x-amz-content-sha256"));
	fake_sha256(hex, canon, strlen(canon));
	(void)snprintf(text, sizeof(text),
	    "AWS4-HMAC-SHA256\n%s\n%s/%s/s3/aws4_request\n%s", date, a->date,
	    a->region, hex);
	(void)snprintf(secret, sizeof(secret), "AWS4%s", f->secret);
	hmac(k, secret, strlen(secret), a->date);
	hmac(k, k, 32, a->region);
	hmac(k, k, 32, "s3");
	hmac(k, k, 32, "aws4_request");
	hmac(k, k, 32, text);
	hex_of(out, k);
}
