#include "pipeline/sinks/retry.h"

#include <string.h>

#include "base/banned.h"

/* S3 API reference, "Error responses: list of error codes"; the last four are
 * a body that was damaged on its way, which the next try may not be. */
static const struct code_row {
	const char *code;
	bool again;
} CODES[] = {
    {"ConditionalRequestConflict", true},
    {"InternalError", true},
    {"OperationAborted", true},
    {"RequestTimeout", true},
    {"ServiceUnavailable", true},
    {"SlowDown", true},
    {"Throttling", true},
    {"ThrottlingException", true},
    {"TooManyRequests", true},
    {"RequestLimitExceeded", true},
    {"BadDigest", true},
    {"IncompleteBody", true},
    {"InvalidDigest", false},
    {"XAmzContentSHA256Mismatch", true},
    {"NotImplemented", false},
    {"InsufficientStorage", false},
    {"QuotaExceeded", false},
};

/* Statuses below 500 that may pass, and those from 500 that will not. */
static const struct status_row {
	int status;
	bool again;
} STATUSES[] = {
    {0, true},
    {408, true},
    {425, true},
    {429, true},
    {501, false},
    {505, false},
    {507, false},
};

bool
tg_retry_worth(int status, const char *code)
{
	for (size_t i = 0; i < TG_COUNT(CODES); i++) {
		if (strcmp(CODES[i].code, code) == 0)
			return CODES[i].again;
	}
	for (size_t i = 0; i < TG_COUNT(STATUSES); i++) {
		if (STATUSES[i].status == status)
			return STATUSES[i].again;
	}
	return status >= 500;
}

/* Uniform in 0..@max; the modulo's bias of 2^-40 is of no matter here. */
static int64_t
uniform(const struct tg_env *env, int64_t max)
{
	uint64_t v = 0;

	env->random(env->ctx, &v, sizeof(v));
	return (int64_t)(v % ((uint64_t)max + 1));
}

int64_t
tg_retry_wait_ms(const struct tg_retry *r, int64_t after_ms)
{
	int64_t cap = TG_RETRY_BASE_MS, wait;

	for (unsigned i = 0; i < r->failed && cap < TG_RETRY_CAP_MS; i++)
		cap *= 2;
	if (cap > TG_RETRY_CAP_MS)
		cap = TG_RETRY_CAP_MS;
	wait = uniform(r->env, cap);
	if (after_ms > TG_RETRY_AFTER_CAP_MS)
		after_ms = TG_RETRY_AFTER_CAP_MS;
	return after_ms > wait ? after_ms : wait;
}

bool
tg_retry_again(struct tg_retry *r, int64_t after_ms)
{
	int64_t wait;

	r->failed++;
	if (r->failed >= r->max)
		return false;
	wait = tg_retry_wait_ms(r, after_ms);
	if (r->env->wait_ms != NULL)
		r->env->wait_ms(r->env->ctx, wait);
	return true;
}
