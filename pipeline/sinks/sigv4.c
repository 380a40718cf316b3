#include "pipeline/sinks/sigv4.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "base/env.h"
#include "pipeline/sinks/uri.h"

#include "base/banned.h"

#define SHA256_BLOCK 64 /* bytes: FIPS 180-4, for HMAC (RFC 2104) */
#define SECRET_MAX 512	/* bytes of "AWS4" and the secret */

const struct tg_sigv4_scheme tg_sigv4_aws = {
    "AWS4-HMAC-SHA256", "AWS4", "aws4_request", "s3", "x-amz-"};
/* Cloud Storage documentation, "Signatures: credential scope". */
const struct tg_sigv4_scheme tg_sigv4_goog = {
    "GOOG4-HMAC-SHA256", "GOOG4", "goog4_request", "storage", "x-goog-"};

void
tg_sigv4_time(char out[TG_SIGV4_TIME], int64_t t)
{
	char iso[TG_TIME_LEN];
	size_t n = 0;

	tg_time_format(iso, t);
	for (size_t i = 0; iso[i] != '\0' && n + 1 < TG_SIGV4_TIME; i++) {
		if (iso[i] != '-' && iso[i] != ':')
			out[n++] = iso[i];
	}
	out[n] = '\0';
}

bool
tg_sigv4_signs(const struct tg_sigv4_scheme *scheme, struct tg_sv name)
{
	return tg_sv_is(name, "host") || tg_sv_is(name, "content-md5") ||
	    tg_sv_is(name, "if-none-match") ||
	    tg_sv_starts(name, tg_sv_of(scheme->header_prefix));
}

/* HMAC-SHA-256 (RFC 2104).  @out may be @key. */
static int
hmac(uint8_t out[TG_SHA256_LEN], struct tg_sv key, struct tg_sv text,
    struct tg_err *err)
{
	uint8_t pad[SHA256_BLOCK] = {0}, inner[TG_SHA256_LEN];
	struct tg_sha256 h = {NULL};
	int rc = -1;

	if (key.n > sizeof(pad)) {
		if (tg_sha256_bytes(pad, key.p, key.n, err) < 0)
			goto out;
	} else if (key.n > 0) {
		memcpy(pad, key.p, key.n);
	}
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	if (tg_sha256_init(&h, err) < 0)
		goto out;
	tg_sha256_add(&h, pad, sizeof(pad));
	tg_sha256_add(&h, text.p, text.n);
	tg_sha256_end(&h, inner);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	if (tg_sha256_init(&h, err) < 0)
		goto out;
	tg_sha256_add(&h, pad, sizeof(pad));
	tg_sha256_add(&h, inner, sizeof(inner));
	tg_sha256_end(&h, out);
	rc = 0;
out:
	tg_crypt_wipe(pad, sizeof(pad));
	tg_crypt_wipe(inner, sizeof(inner));
	return rc;
}

static int
by_name_value(const void *a, const void *b)
{
	const struct tg_sigv4_pair *x = a, *y = b;
	const int c = strcmp(x->name, y->name);

	return c != 0 ? c : strcmp(x->value, y->value);
}

int
tg_sigv4_query(struct tg_buf *out, const struct tg_sigv4_pair *query, size_t n,
    struct tg_err *err)
{
	struct tg_sigv4_pair coded[TG_SIGV4_PAIRS];
	size_t at[2 * TG_SIGV4_PAIRS];
	struct tg_buf text;
	int rc = -1;

	if (n > TG_SIGV4_PAIRS)
		return tg_fail(err, TG_E_LIMIT, "over %d query parameters",
		    TG_SIGV4_PAIRS);
	/* Encoded first: it is the encoded names that are in order. */
	tg_buf_init(&text, TG_SIGV4_TEXT);
	for (size_t i = 0; i < 2 * n; i++) {
		at[i] = text.n;
		if (tg_uri_encode(&text,
			tg_sv_of(i % 2 == 0 ? query[i / 2].name
					    : query[i / 2].value),
			false, err) < 0 ||
		    tg_buf_addc(&text, '\0', err) < 0)
			goto out;
	}
	for (size_t i = 0; i < n; i++)
		coded[i] = (struct tg_sigv4_pair){
		    text.p + at[2 * i], text.p + at[2 * i + 1]};
	qsort(coded, n, sizeof(coded[0]), by_name_value);
	for (size_t i = 0; i < n; i++) {
		if (tg_buf_addf(out, err, "%s%s=%s", i == 0 ? "" : "&",
			coded[i].name, coded[i].value) < 0)
			goto out;
	}
	rc = 0;
out:
	tg_buf_deinit(&text);
	return rc;
}

/* Trimmed, runs of spaces made one. */
static int
add_value(struct tg_buf *out, const char *v, struct tg_err *err)
{
	bool gap = false, any = false;

	for (; *v != '\0'; v++) {
		if (*v == ' ' || *v == '\t') {
			gap = any;
			continue;
		}
		if ((gap && tg_buf_addc(out, ' ', err) < 0) ||
		    tg_buf_addc(out, *v, err) < 0)
			return -1;
		gap = false;
		any = true;
	}
	return 0;
}

/* The names "a;b;c" of sorted headers. */
static int
add_names(struct tg_buf *out, const struct tg_sigv4_pair *h, size_t n,
    struct tg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (tg_buf_addf(
			out, err, "%s%s", i == 0 ? "" : ";", h[i].name) < 0)
			return -1;
	}
	return 0;
}

static int
sorted(struct tg_sigv4_pair *out, const struct tg_sigv4_request *req,
    struct tg_err *err)
{
	if (req->n_header > TG_SIGV4_PAIRS)
		return tg_fail(
		    err, TG_E_LIMIT, "over %d headers", TG_SIGV4_PAIRS);
	memcpy(out, req->header, req->n_header * sizeof(*out));
	qsort(out, req->n_header, sizeof(*out), by_name_value);
	return 0;
}

static int
canonical(
    struct tg_buf *out, const struct tg_sigv4_request *req, struct tg_err *err)
{
	struct tg_sigv4_pair h[TG_SIGV4_PAIRS];

	if (sorted(h, req, err) < 0 ||
	    tg_buf_addf(out, err, "%s\n%s\n", req->method, req->path) < 0 ||
	    tg_sigv4_query(out, req->query, req->n_query, err) < 0 ||
	    tg_buf_addc(out, '\n', err) < 0)
		return -1;
	for (size_t i = 0; i < req->n_header; i++) {
		if (tg_buf_addf(out, err, "%s:", h[i].name) < 0 ||
		    add_value(out, h[i].value, err) < 0 ||
		    tg_buf_addc(out, '\n', err) < 0)
			return -1;
	}
	if (tg_buf_addc(out, '\n', err) < 0 ||
	    add_names(out, h, req->n_header, err) < 0)
		return -1;
	return tg_buf_addf(out, err, "\n%s", req->payload);
}

/* "20130524/us-east-1/s3/aws4_request" */
static int
add_scope(struct tg_buf *out, const struct tg_sigv4_scheme *scheme,
    const struct tg_sigv4_who *who, struct tg_err *err)
{
	char when[TG_SIGV4_TIME];

	tg_sigv4_time(when, who->time);
	return tg_buf_addf(out, err, "%.8s/%s/%s/%s", when, who->region,
	    scheme->service, scheme->terminator);
}

static int
signing_key(uint8_t key[TG_SHA256_LEN], const struct tg_sigv4_scheme *scheme,
    const struct tg_sigv4_who *who, struct tg_err *err)
{
	const struct tg_sv k = {(const char *)key, TG_SHA256_LEN};
	char when[TG_SIGV4_TIME], first[SECRET_MAX];
	const int n = snprintf(
	    first, sizeof(first), "%s%s", scheme->key_prefix, who->secret);
	int rc = -1;

	tg_sigv4_time(when, who->time);
	if (n < 0 || (size_t)n >= sizeof(first)) {
		(void)tg_fail(err, TG_E_LIMIT, "secret over %zu bytes",
		    sizeof(first) - 1);
		goto out;
	}
	if (hmac(key, (struct tg_sv){first, (size_t)n}, (struct tg_sv){when, 8},
		err) < 0 ||
	    hmac(key, k, tg_sv_of(who->region), err) < 0 ||
	    hmac(key, k, tg_sv_of(scheme->service), err) < 0 ||
	    hmac(key, k, tg_sv_of(scheme->terminator), err) < 0)
		goto out;
	rc = 0;
out:
	tg_crypt_wipe(first, sizeof(first));
	return rc;
}

int
tg_sigv4_signature(char out[TG_SHA256_HEX],
    const struct tg_sigv4_scheme *scheme, const struct tg_sigv4_who *who,
    const struct tg_sigv4_request *req, struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN], key[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX], when[TG_SIGV4_TIME];
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, TG_SIGV4_TEXT);
	if (canonical(&text, req, err) < 0 ||
	    tg_sha256_bytes(digest, text.p, text.n, err) < 0)
		goto out;
	tg_sha256_hex(hex, digest);
	tg_sigv4_time(when, who->time);
	tg_buf_reset(&text);
	if (tg_buf_addf(&text, err, "%s\n%s\n", scheme->algorithm, when) < 0 ||
	    add_scope(&text, scheme, who, err) < 0 ||
	    tg_buf_addf(&text, err, "\n%s", hex) < 0)
		goto out;
	if (signing_key(key, scheme, who, err) < 0 ||
	    hmac(digest, (struct tg_sv){(const char *)key, sizeof(key)},
		tg_buf_sv(&text), err) < 0)
		goto out;
	tg_sha256_hex(out, digest);
	rc = 0;
out:
	tg_crypt_wipe(key, sizeof(key));
	tg_buf_deinit(&text);
	return rc;
}

int
tg_sigv4_authorization(struct tg_buf *out, const struct tg_sigv4_scheme *scheme,
    const struct tg_sigv4_who *who, const struct tg_sigv4_request *req,
    struct tg_err *err)
{
	struct tg_sigv4_pair h[TG_SIGV4_PAIRS];
	char signature[TG_SHA256_HEX];

	if (sorted(h, req, err) < 0 ||
	    tg_sigv4_signature(signature, scheme, who, req, err) < 0 ||
	    tg_buf_addf(out, err, "%s Credential=%s/", scheme->algorithm,
		who->key_id) < 0 ||
	    add_scope(out, scheme, who, err) < 0 ||
	    tg_buf_adds(out, ",SignedHeaders=", err) < 0 ||
	    add_names(out, h, req->n_header, err) < 0)
		return -1;
	return tg_buf_addf(out, err, ",Signature=%s", signature);
}
