/*
 * retry.h - which failures are worth another try, and how long to wait.
 */
#ifndef TG_PIPELINE_SINKS_RETRY_H
#define TG_PIPELINE_SINKS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/env.h"
#include "base/err.h"

/* Choices of ours, near the standard mode of the AWS SDKs. */
#define TG_RETRY_TRIES 8
#define TG_RETRY_BASE_MS 250
#define TG_RETRY_CAP_MS 20000
#define TG_RETRY_AFTER_CAP_MS 60000 /* longest Retry-After obeyed */

/*
 * tg_retry_worth - whether the same request may succeed later.  @status: HTTP
 * status, 0 when no answer came.  @code: the <Code> of an S3 error or "".
 * A code that is known decides before the status.
 */
bool tg_retry_worth(int status, const char *code) TG_MUST_CHECK;

/* The tries of one transfer; HEADs and PUTs share them. */
struct tg_retry {
	const struct tg_env *env;
	unsigned max;	 /* tries in all */
	unsigned failed; /* so far */
};

/*
 * tg_retry_wait_ms - full jitter: uniform in 0 .. min(cap, base * 2^failed),
 * but at least @after_ms (Retry-After, -1: none), which is cut at its cap.
 */
int64_t tg_retry_wait_ms(const struct tg_retry *r, int64_t after_ms);

/* tg_retry_again - counts a failure and waits; false: no try is left. */
bool tg_retry_again(struct tg_retry *r, int64_t after_ms) TG_MUST_CHECK;

#endif
