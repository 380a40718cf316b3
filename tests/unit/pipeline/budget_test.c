#include "pipeline/budget.h"

#include <check.h>

#include "base/env.h"
#include "tests/unit/pipeline/ledger/book.h"

#include "base/banned.h"

Suite *budget_suite(void);

#define NOV_1 INT64_C(1793491200) /* 2026-11-01T00:00:00Z */
#define CAP 1000
#define WARN 900

/* What left: 300 bytes a second before November, 500 in its first second, 7
 * that were only about to. */
static const struct {
	int64_t time;
	const char *type;
	int64_t bytes;
} entries[] = {{NOV_1 - 1, "export.done", 300}, {NOV_1, "export.done", 500},
    {NOV_1 + 1, "export.intent", 7}};

static void
fill(struct book *b)
{
	for (size_t i = 0; i < TG_COUNT(entries); i++) {
		struct tg_json *body = tg_json_object();
		struct tg_ledger *l;
		struct tg_err err;
		uint64_t at;

		b->s.clock.now = entries[i].time;
		l = book_open(b);
		ck_assert_int_eq(
		    tg_json_set_int(body, "bytes", entries[i].bytes), 0);
		OK(tg_ledger_append(l, entries[i].type, body, &at, &err));
		tg_ledger_free(l);
	}
}

/* A bundle of @n bytes in two files, one in a folder. */
static const char *
bundle(struct book *b, size_t n)
{
	static char bytes[CAP + 1];
	const char *dir = scratch_path(&b->s, "bundle");
	const char *deep = scratch_path(&b->s, "bundle/evidence");
	struct tg_err err;

	OK(tg_fs_mkdirs(deep, 0700, &err));
	scratch_put(scratch_path(&b->s, "bundle/a"), (struct tg_sv){bytes, 1});
	scratch_put(scratch_path(&b->s, "bundle/evidence/b"),
	    (struct tg_sv){bytes, n - 1});
	return dir;
}

static const struct {
	int64_t now;
	size_t bytes;
	int rc;
	bool warn;
	uint64_t month;
} rows[] = {
    {NOV_1 + 60, 400, 0, false, 900},
    {NOV_1 + 60, 401, 0, true, 901},
    {NOV_1 + 60, 500, 0, true, 1000},
    {NOV_1 + 60, 501, -1, false, 0},
    /* the month before, and a month in which nothing left */
    {NOV_1 - 1, 700, 0, true, 1000},
    {NOV_1 - 1, 701, -1, false, 0},
    {NOV_1 + 40 * 86400, 900, 0, false, 900},
};

START_TEST(what_left_in_the_month_counts)
{
	struct tg_json *m = NULL;
	struct tg_ledger *l = NULL;
	struct tg_budget out;
	struct book b;
	struct tg_err err = {.cls = TG_E_NONE};
	int rc;

	book_init(&b);
	b.s.clock.now = NOV_1 - 100;
	book_create(&b);
	fill(&b);
	OK(tg_json_parse(&m,
	    TG_SV("{\"budget\":{\"cap_bytes\":1000,\"warn_bytes\":900}}"),
	    "manifest", &err));
	OK(tg_ledger_read(&l, b.dir, NULL, &err));
	rc = tg_budget_check(
	    &out, m, bundle(&b, rows[_i].bytes), l, rows[_i].now, &err);
	ck_assert_int_eq(rc, rows[_i].rc);
	if (rc == 0) {
		ck_assert_uint_eq(out.month, rows[_i].month);
		ck_assert_int_eq(out.warn, rows[_i].warn);
		ck_assert_int_eq(out.say[0] != '\0', rows[_i].warn);
	} else {
		ck_assert_int_eq(err.cls, TG_E_NO);
	}
	tg_ledger_free(l);
	tg_json_free(m);
	book_deinit(&b);
}
END_TEST

START_TEST(a_budget_that_is_none_stops_and_none_asks_nothing)
{
	struct tg_json *none = NULL, *broken = NULL;
	struct tg_budget out;
	struct tg_err err = {.cls = TG_E_NONE};

	OK(tg_json_parse(&none, TG_SV("{}"), "manifest", &err));
	OK(tg_json_parse(&broken, TG_SV("{\"budget\":{\"cap_bytes\":1}}"),
	    "manifest", &err));
	OK(tg_budget_judge(&out, none, UINT64_MAX, 1, &err));
	ck_assert(!out.warn);
	FAILS(tg_budget_judge(&out, broken, 0, 1, &err), TG_E_INTEGRITY);
	tg_json_free(none);
	tg_json_free(broken);
}
END_TEST

Suite *
budget_suite(void)
{
	Suite *s = suite_create("pipeline/budget");
	TCase *t = tcase_create("month");

	tcase_add_loop_test(
	    t, what_left_in_the_month_counts, 0, (int)TG_COUNT(rows));
	tcase_add_test(t, a_budget_that_is_none_stops_and_none_asks_nothing);
	suite_add_tcase(s, t);
	return s;
}
