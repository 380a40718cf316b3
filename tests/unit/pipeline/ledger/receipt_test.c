#include <check.h>
#include <string.h>

#include "pipeline/ledger/receipt.h"
#include "tests/unit/pipeline/ledger/book.h"

#include "base/banned.h"

#define MANIFEST \
	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
#define OTHER "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"

Suite *receipt_suite(void);

static struct book b;

static void
set_up(void)
{
	book_init(&b);
	book_create(&b);
}

static void
tear_down(void)
{
	book_deinit(&b);
}

static uint64_t
intent(struct tg_ledger *l, const char *bundle, const char *manifest,
    const char *target)
{
	const struct tg_intent what = {bundle, manifest, target, 1800000000};
	struct tg_receipt *r = NULL;
	struct tg_err err;
	uint64_t index;

	OK(tg_receipt_intent(&r, l, &what, &err));
	ck_assert_str_eq(tg_receipt_bundle(r), bundle);
	ck_assert_str_eq(tg_receipt_manifest(r), manifest);
	ck_assert_str_eq(tg_receipt_target(r), target);
	index = tg_receipt_index(r);
	ck_assert_uint_lt(index, tg_ledger_size(l));
	tg_receipt_free(r);
	return index;
}

static void
end(struct tg_ledger *l, const char *type, uint64_t of)
{
	struct tg_json *j = tg_json_object();
	struct tg_err err;
	uint64_t index;

	ck_assert_int_eq(tg_json_set_int(j, "intent_index", (int64_t)of), 0);
	OK(tg_ledger_append(l, type, j, &index, &err));
}

START_TEST(the_same_intent_is_taken_up_again)
{
	struct tg_ledger *l = book_open(&b);
	const uint64_t first = intent(l, "tg-1", MANIFEST, "file:/a");

	ck_assert_uint_eq(intent(l, "tg-1", MANIFEST, "file:/a"), first);
	tg_ledger_free(l);
	l = book_open(&b); /* after a crash */
	ck_assert_uint_eq(intent(l, "tg-1", MANIFEST, "file:/a"), first);
	ck_assert_uint_eq(tg_ledger_size(l), 2);
	tg_ledger_free(l);
}
END_TEST

START_TEST(another_bundle_manifest_or_target_is_another_intent)
{
	struct tg_ledger *l = book_open(&b);

	ck_assert_uint_eq(intent(l, "tg-1", MANIFEST, "file:/a"), 1);
	ck_assert_uint_eq(intent(l, "tg-2", MANIFEST, "file:/a"), 2);
	ck_assert_uint_eq(intent(l, "tg-1", OTHER, "file:/a"), 3);
	ck_assert_uint_eq(intent(l, "tg-1", MANIFEST, "file:/b"), 4);
	ck_assert_uint_eq(intent(l, "tg-1", MANIFEST, "file:/a"), 1);
	ck_assert_uint_eq(tg_ledger_size(l), 5);
	tg_ledger_free(l);
}
END_TEST

START_TEST(an_intent_that_ended_is_not_taken_up)
{
	static const char *const last[] = {
	    "export.done", "export.failed", "export.abandoned"};
	struct tg_ledger *l = book_open(&b);
	uint64_t index = intent(l, "tg-1", MANIFEST, "file:/a");

	for (size_t i = 0; i < TG_COUNT(last); i++) {
		uint64_t next;

		end(l, "test.other", index); /* ends nothing */
		ck_assert_uint_eq(
		    intent(l, "tg-1", MANIFEST, "file:/a"), index);
		end(l, last[i], index);
		next = intent(l, "tg-1", MANIFEST, "file:/a");
		ck_assert_uint_gt(next, index);
		ck_assert_uint_eq(intent(l, "tg-1", MANIFEST, "file:/a"), next);
		index = next;
	}
	tg_ledger_free(l);
	ck_assert_uint_eq(book_check(&b), 11);
}
END_TEST

START_TEST(the_intent_is_signed_on_disk_when_the_receipt_is_there)
{
	struct tg_ledger *l = book_open(&b), *seen = NULL;
	const uint64_t index = intent(l, "tg-1", MANIFEST, "file:/a");
	struct tg_buf e;
	struct tg_err err;

	OK(tg_ledger_read(&seen, b.dir, tg_ledger_vkey(l), &err));
	tg_buf_init(&e, TG_LEDGER_ENTRY_MAX);
	OK(tg_ledger_entry(seen, index, &e, &err));
	ck_assert_ptr_nonnull(strstr(e.p, "\"type\":\"export.intent\""));
	ck_assert_ptr_nonnull(strstr(e.p, MANIFEST));
	tg_buf_deinit(&e);
	tg_ledger_free(seen);
	tg_ledger_free(l);
}
END_TEST

START_TEST(no_receipt_without_a_ledger_that_can_be_written)
{
	static const struct tg_intent good = {
	    "tg-1", MANIFEST, "file:/a", 1800000000};
	static const struct tg_intent bad[] = {{"", MANIFEST, "file:/a", 0},
	    {"tg-1", "abc", "file:/a", 0}, {"tg-1", MANIFEST, "", 0}};
	struct tg_ledger *l = book_open(&b), *seen = NULL;
	struct tg_receipt *r = NULL;
	struct tg_err err;

	for (size_t i = 0; i < TG_COUNT(bad); i++)
		FAILS(tg_receipt_intent(&r, l, &bad[i], &err), TG_E_BUG);
	OK(tg_ledger_read(&seen, b.dir, NULL, &err));
	FAILS(tg_receipt_intent(&r, seen, &good, &err), TG_E_BUG);
	ck_assert_ptr_null(r);
	tg_ledger_free(seen);
	tg_ledger_free(l);
	ck_assert_uint_eq(book_check(&b), 1);
}
END_TEST

Suite *
receipt_suite(void)
{
	Suite *s = suite_create("receipt");
	TCase *c = tcase_create("receipt");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, the_same_intent_is_taken_up_again);
	tcase_add_test(c, another_bundle_manifest_or_target_is_another_intent);
	tcase_add_test(c, an_intent_that_ended_is_not_taken_up);
	tcase_add_test(
	    c, the_intent_is_signed_on_disk_when_the_receipt_is_there);
	tcase_add_test(c, no_receipt_without_a_ledger_that_can_be_written);
	suite_add_tcase(s, c);
	return s;
}
