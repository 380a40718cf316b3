/*
 * s3_call.h - one signed request to one bucket.  Knows the target and the
 * credentials; does not know what a put is (sink_s3.c does).
 */
#ifndef TG_PIPELINE_SINKS_S3_CALL_H
#define TG_PIPELINE_SINKS_S3_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/env.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/sinks/credentials.h"
#include "pipeline/sinks/http.h"
#include "pipeline/sinks/s3_answer.h"
#include "pipeline/sinks/sink.h"
#include "pipeline/sinks/uri.h"

/* The header that makes an object comparable, on every server. */
#define TG_S3_META "x-amz-meta-tg-sha256"
#define TG_S3_EXPIRES "x-amz-meta-expires-at"

#define TG_S3_OWNER_MAX 64 /* bytes of an account's id */

struct tg_s3 {
	struct tg_env env;
	struct tg_credentials *who;
	struct tg_http *http;
	struct tg_uri_s3 at;
	struct tg_uri_endpoint endpoint;
	bool path_style;
	char region[TG_URI_REGION_MAX + 1];
	bool region_named;		 /* by someone; else it is our guess */
	char owner[TG_S3_OWNER_MAX + 1]; /* whose the bucket must be, or "" */
	int64_t skew; /* seconds the server's clock is ahead */
};

/*
 * tg_s3_init - endpoint: option, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
 * profile, else Amazon's of the region.  Region: option, AWS_REGION,
 * AWS_DEFAULT_REGION, profile, else us-east-1 for an endpoint of one's own and
 * TG_E_CONFIG for Amazon's: where data goes is not guessed.  Plain HTTP to
 * another host than loopback: TG_E_CONFIG unless allowed.  With an expected
 * owner each request says whose the bucket must be (S3 API reference,
 * x-amz-expected-bucket-owner: another's is 403); one that is no account's id
 * is TG_E_CONFIG.
 */
int tg_s3_init(struct tg_s3 *s3, struct tg_sv url,
    const struct tg_sink_options *opt, const struct tg_env *env,
    struct tg_err *err) TG_MUST_CHECK;
void tg_s3_deinit(struct tg_s3 *s3);
/* Whether the endpoint is Amazon's own. */
bool tg_s3_amazon(const struct tg_s3 *s3);

struct tg_s3_request {
	enum tg_http_method method;
	const char *key; /* below the bucket; NULL: the bucket itself */
	int fd;		 /* -1: no body */
	uint64_t size;
	const char *sha256; /* of the body, hex; NULL: no body */
	const char *content_type;
	const char *expires_at; /* NULL: none */
	const char *about; /* of the bucket: "location", "versioning"; NULL:
			    * the key */
	bool absent;	   /* If-None-Match: * */
	bool peek;	   /* GET of the first byte */
	void (*progress)(void *ctx, uint64_t sent, uint64_t total);
	void *progress_ctx;
};

/* tg_s3_call - signs with the present time, region and skew, and sends.
 * As tg_http_do; the reply is to be released always. */
int tg_s3_call(struct tg_s3 *s3, const struct tg_s3_request *req,
    struct tg_http_reply *reply, struct tg_err *err) TG_MUST_CHECK;

#endif
