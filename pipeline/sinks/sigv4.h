/*
 * sigv4.h - Signature Version 4 of Amazon S3 and its twin of Google Cloud
 * Storage, in the Authorization header.
 *
 * Own code because the signer inside libcurl 7.88.1 hashes an upload as an
 * empty body, sorts headers wrongly and signs headers it does not send.
 * Source: Amazon S3 API reference, "Authenticating requests: using the
 * Authorization header (AWS Signature Version 4)".  S3 does not normalise the
 * path.
 */
#ifndef TG_PIPELINE_SINKS_SIGV4_H
#define TG_PIPELINE_SINKS_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/sv.h"

/* What differs between the two. */
struct tg_sigv4_scheme {
	const char *algorithm;	   /* "AWS4-HMAC-SHA256" */
	const char *key_prefix;	   /* "AWS4" */
	const char *terminator;	   /* "aws4_request" */
	const char *service;	   /* "s3" */
	const char *header_prefix; /* "x-amz-" */
};
extern const struct tg_sigv4_scheme tg_sigv4_aws, tg_sigv4_goog;

#define TG_SIGV4_TIME 17     /* "20130524T000000Z" and NUL */
#define TG_SIGV4_PAIRS 32    /* most headers, most query parameters */
#define TG_SIGV4_TEXT 65536u /* bytes of a canonical request */

struct tg_sigv4_pair {
	const char *name, *value;
};

struct tg_sigv4_who {
	const char *key_id, *secret, *region;
	int64_t time; /* seconds UTC, the same as in the date header */
};

struct tg_sigv4_request {
	const char *method;
	const char *path; /* percent-encoded, as on the request line */
	/* Parameters, not encoded, any order. */
	const struct tg_sigv4_pair *query;
	size_t n_query;
	/* Headers to sign, names in lower case, any order; "host" is one. */
	const struct tg_sigv4_pair *header;
	size_t n_header;
	const char *payload; /* SHA-256 in hex, or "UNSIGNED-PAYLOAD" */
};

void tg_sigv4_time(char out[TG_SIGV4_TIME], int64_t t);

/*
 * tg_sigv4_signs - whether a header goes into the signature: host, those with
 * the scheme's prefix, content-md5, if-none-match.  No others, because front
 * ends rewrite them (accept-encoding, user-agent, expect, content-type).
 */
bool tg_sigv4_signs(const struct tg_sigv4_scheme *scheme, struct tg_sv name)
    TG_MUST_CHECK;

/* Appends "a=1&b=" encoded and in order.  TG_E_LIMIT, TG_E_MEMORY. */
int tg_sigv4_query(struct tg_buf *out, const struct tg_sigv4_pair *query,
    size_t n, struct tg_err *err) TG_MUST_CHECK;

/* The signature in hex over all of @req's headers.  TG_E_LIMIT, TG_E_MEMORY. */
int tg_sigv4_signature(char out[TG_SHA256_HEX],
    const struct tg_sigv4_scheme *scheme, const struct tg_sigv4_who *who,
    const struct tg_sigv4_request *req, struct tg_err *err) TG_MUST_CHECK;

/* Appends the value of the Authorization header. */
int tg_sigv4_authorization(struct tg_buf *out,
    const struct tg_sigv4_scheme *scheme, const struct tg_sigv4_who *who,
    const struct tg_sigv4_request *req, struct tg_err *err) TG_MUST_CHECK;

#endif
