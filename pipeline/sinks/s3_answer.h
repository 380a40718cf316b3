/*
 * s3_answer.h - what an S3 server said: its error code, and which of our error
 * classes that is.  Bodies are scanned, never echoed.
 */
#ifndef TG_PIPELINE_SINKS_S3_ANSWER_H
#define TG_PIPELINE_SINKS_S3_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/sinks/http.h"
#include "pipeline/sinks/sink.h"
#include "pipeline/sinks/uri.h"

#define TG_S3_CODE_MAX 64 /* bytes of an error code */

struct tg_s3_answer {
	int status; /* 0: none came */
	char code[TG_S3_CODE_MAX + 1];
	char region[TG_URI_REGION_MAX + 1]; /* where the bucket is, or "" */
	int64_t after_ms;		    /* Retry-After, or -1 */
	int64_t date;			    /* the server's clock, or -1 */
	char why[256];			    /* when status is 0 */
};

/*
 * tg_s3_element - the text of the first <@name> in @xml, when it is 1 to @cap
 * - 1 bytes of letters, digits and '-' and closed; else false and *@out is "".
 * Not an XML parser: error documents hold no attributes on these elements.
 */
bool tg_s3_element(char *out, size_t cap, struct tg_sv xml, const char *name);

/*
 * tg_s3_versions - the answer of GetBucketVersioning.  Without a Status there
 * never were versions (S3 API reference).  False: no such answer, or a word
 * that is not known.
 */
bool tg_s3_versions(enum tg_sink_versions *out, struct tg_sv xml) TG_MUST_CHECK;

/* @now: for a Retry-After that is a date. */
void tg_s3_answer(
    struct tg_s3_answer *out, const struct tg_http_reply *reply, int64_t now);

/*
 * tg_s3_fail - sets *@err from an answer that is not going to be better.
 * TG_E_KEY the credentials, TG_E_CONFIG bucket, region, clock or request,
 * TG_E_LIMIT no room, TG_E_IO the server or the way to it.  @last4: of the key
 * id.  Returns -1.
 */
int
tg_s3_fail(struct tg_err *err, const struct tg_s3_answer *a, const char *last4);

#endif
