#include "base/log.h"

#include <stdlib.h>

#include "tests/unit/base/suites.h"

#include "base/banned.h"

/* One line of @text under "k" into a new string. */
static char *
line(struct tg_sv text, bool json)
{
	const struct tg_log_kv kv[] = {TG_KV("k", text), TG_KN("n", -5)};
	struct tg_log log = {NULL, TG_LOG_INFO, json};
	char *out = NULL;
	size_t n = 0;

	log.out = open_memstream(&out, &n);
	ck_assert_ptr_nonnull(log.out);
	tg_log(&log, TG_LOG_DEBUG, "not.shown", NULL, 0);
	tg_log(&log, TG_LOG_WARN, "an.event", kv, TG_COUNT(kv));
	(void)fclose(log.out);
	return out;
}

static const struct {
	const char *text, *plain, *json;
} values[] = {
    {"word", "word", "\"word\""},
    {"", "\"\"", "\"\""},
    {"two words", "\"two words\"", "\"two words\""},
    {"a=b", "\"a=b\"", "\"a=b\""},
    {"q\"\\", "\"q\\\"\\\\\"", "\"q\\\"\\\\\""},
    {"1\n2", "\"1\\n2\"", "\"1\\n2\""},
    {"\x1B[31m", "\"\\u001b[31m\"", "\"\\u001b[31m\""},
    {"\x7F", "\"\\u007f\"", "\"\\u007f\""},
    {"\xC2\x9B"
     "1m",
	"\"\\u009b1m\"", "\"\\u009b1m\""},
    {"caf\xC3\xA9", "\"caf\xC3\xA9\"", "\"caf\xC3\xA9\""},
    {"x\xFFy", "\"x\\xffy\"", "\"x\\ufffdy\""},
    {"x\xE2\x82", "\"x\\xe2\\x82\"", "\"x\\ufffd\\ufffd\""},
};

START_TEST(a_value_cannot_break_out_of_its_line)
{
	char want[200];
	char *got = line(tg_sv_of(values[_i].text), false);

	(void)snprintf(want, sizeof(want),
	    "level=warn event=an.event k=%s n=-5\n", values[_i].plain);
	ck_assert_str_eq(got, want);
	free(got);
	got = line(tg_sv_of(values[_i].text), true);
	(void)snprintf(want, sizeof(want),
	    "{\"level\":\"warn\",\"event\":\"an.event\",\"k\":%s,\"n\":-5}\n",
	    values[_i].json);
	ck_assert_str_eq(got, want);
	free(got);
}
END_TEST

START_TEST(without_a_log_nothing_happens)
{
	struct tg_log log = {NULL, TG_LOG_DEBUG, false};

	tg_log(NULL, TG_LOG_ERROR, "x", NULL, 0);
	tg_log(&log, TG_LOG_ERROR, "x", NULL, 0);
}
END_TEST

Suite *
log_suite(void)
{
	Suite *s = suite_create("log");
	TCase *t = tcase_create("log");

	tcase_add_loop_test(
	    t, a_value_cannot_break_out_of_its_line, 0, (int)TG_COUNT(values));
	tcase_add_test(t, without_a_log_nothing_happens);
	suite_add_tcase(s, t);
	return s;
}
