#include "pipeline/sinks/retry.h"

#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

static const struct row {
	int status;
	const char *code;
	bool again;
} rows[] = {
    {0, "", true}, /* no answer */
    {408, "", true},
    {429, "", true},
    {500, "", true},
    {502, "", true},
    {503, "", true},
    {504, "", true},
    {500, "InternalError", true},
    {503, "SlowDown", true},
    {503, "ServiceUnavailable", true},
    {400, "RequestTimeout", true},
    {400, "BadDigest", true},
    {400, "XAmzContentSHA256Mismatch", true},
    {400, "IncompleteBody", true},
    {409, "ConditionalRequestConflict", true},
    {409, "OperationAborted", true},
    {501, "", false},
    {501, "NotImplemented", false},
    {507, "", false},
    {507, "InsufficientStorage", false},
    {503, "QuotaExceeded", false}, /* the code decides */
    {400, "", false},
    {400, "InvalidDigest", false},
    {400, "InvalidRequest", false},
    {401, "", false},
    {403, "AccessDenied", false},
    {403, "SignatureDoesNotMatch", false},
    {403, "InvalidAccessKeyId", false},
    {403, "QuotaExceeded", false},
    {404, "NoSuchBucket", false},
    {409, "", false},
    {412, "PreconditionFailed", false},
    {413, "EntityTooLarge", false},
    {301, "PermanentRedirect", false},
    {200, "", false},
    {403, "SomethingNew", false},
    {500, "SomethingNew", true},
};

START_TEST(worth_is_what_may_pass)
{
	ck_assert_int_eq(
	    tg_retry_worth(rows[_i].status, rows[_i].code), rows[_i].again);
}
END_TEST

/* Randomness that always gives the byte @ctx points at. */
static void
fill_random(void *ctx, void *p, size_t n)
{
	memset(p, *(const int *)ctx, n);
}

static int64_t waited[16];
static size_t n_waited;

static void
note_wait(void *ctx TG_UNUSED, int64_t ms)
{
	waited[n_waited++ % TG_COUNT(waited)] = ms;
}

START_TEST(wait_is_jittered_below_a_doubling_cap)
{
	struct tg_env_fixed fixed = {.now = 0, .seed = 7};
	struct tg_env env = tg_env_fixed(&fixed);
	struct tg_retry r = {&env, 100, 0};
	int64_t cap = TG_RETRY_BASE_MS, most = 0;

	for (; r.failed < 40; r.failed++) {
		most = 0;
		for (int i = 0; i < 200; i++) {
			const int64_t ms = tg_retry_wait_ms(&r, -1);

			ck_assert_int_ge(ms, 0);
			ck_assert_int_le(ms, cap);
			if (ms > most)
				most = ms;
		}
		/* Spread over the range, not stuck near zero. */
		ck_assert_int_gt(most, cap / 2);
		cap = cap * 2 > TG_RETRY_CAP_MS ? TG_RETRY_CAP_MS : cap * 2;
	}
}
END_TEST

START_TEST(retry_after_is_obeyed_up_to_its_cap)
{
	int byte = 0;
	struct tg_env env = {.random = fill_random, .ctx = &byte};
	struct tg_retry r = {&env, 8, 0};

	ck_assert_int_eq(tg_retry_wait_ms(&r, -1), 0);
	ck_assert_int_eq(tg_retry_wait_ms(&r, 3000), 3000);
	ck_assert_int_eq(
	    tg_retry_wait_ms(&r, INT64_MAX), TG_RETRY_AFTER_CAP_MS);
}
END_TEST

START_TEST(again_waits_between_tries_and_ends)
{
	int byte = 0;
	struct tg_env env = {
	    .random = fill_random, .wait_ms = note_wait, .ctx = &byte};
	struct tg_retry r = {&env, 3, 0};

	n_waited = 0;
	ck_assert(tg_retry_again(&r, 10));
	ck_assert(tg_retry_again(&r, 20));
	ck_assert(!tg_retry_again(&r, 30));
	ck_assert_uint_eq(n_waited, 2);
	ck_assert_int_eq(waited[0], 10);
	ck_assert_int_eq(waited[1], 20);
	r = (struct tg_retry){&env, 1, 0};
	ck_assert(!tg_retry_again(&r, -1));
	env.wait_ms = NULL; /* may be missing */
	r = (struct tg_retry){&env, 2, 0};
	ck_assert(tg_retry_again(&r, -1));
}
END_TEST

Suite *
retry_suite(void)
{
	Suite *s = suite_create("retry");
	TCase *tc = tcase_create("retry");

	tcase_add_loop_test(tc, worth_is_what_may_pass, 0, TG_COUNT(rows));
	tcase_add_test(tc, wait_is_jittered_below_a_doubling_cap);
	tcase_add_test(tc, retry_after_is_obeyed_up_to_its_cap);
	tcase_add_test(tc, again_waits_between_tries_and_ends);
	suite_add_tcase(s, tc);
	return s;
}
