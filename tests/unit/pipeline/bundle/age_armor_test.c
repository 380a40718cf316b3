/* ASCII armor: read strictly, never written. */
#include <stdlib.h>

#include "base/enc.h"
#include "tests/unit/pipeline/bundle/age_kit.h"
#include "tests/unit/pipeline/bundle/aid.h"
#include "tests/unit/pipeline/bundle/suites.h"

#include "base/banned.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----"
#define END_LINE "-----END AGE ENCRYPTED FILE-----"

static void
add(struct tg_buf *b, const char *s)
{
	ck_assert_int_eq(tg_buf_adds(b, s, NULL), 0);
}

/* @age as the age program armors it, with @eol for a line end. */
static void
armor(struct tg_buf *out, const struct tg_buf *age, const char *eol)
{
	tg_buf_init(out, AID_MAX);
	add(out, BEGIN);
	add(out, eol);
	for (size_t at = 0; at < age->n; at += 48) {
		const size_t n = age->n - at < 48 ? age->n - at : 48;

		ck_assert_int_eq(
		    tg_b64_add(out, age->p + at, n, TG_B64_PADDED, NULL), 0);
		add(out, eol);
	}
	add(out, END_LINE);
	add(out, eol);
}

static int
open_plain(const struct tg_buf *text, const void *p, size_t n)
{
	struct tg_err err = {0};
	struct tg_buf out;
	int rc;

	tg_buf_init(&out, AID_MAX);
	rc = kit_open(&out, text->p, text->n, &err);
	if (rc == 0) {
		ck_assert_uint_eq(out.n, n);
		ck_assert(n == 0 || memcmp(out.p, p, n) == 0);
	} else {
		/* A changed share is somebody else's key. */
		ck_assert(err.cls == TG_E_INTEGRITY || err.cls == TG_E_KEY);
		ck_assert_uint_eq(out.n, 0);
	}
	tg_buf_deinit(&out);
	return rc;
}

/* Every length of the last line, full and empty last chunk too. */
START_TEST(age_armor_of_any_length_opens)
{
	uint8_t *const p = malloc(200000);
	struct tg_buf age, text;

	aid_fill(p, 200000, 10);
	for (size_t n = 0; n < 110; n++) {
		kit_seal(&age, p, n, 1);
		armor(&text, &age, n % 2 == 0 ? "\n" : "\r\n");
		ck_assert_int_eq(open_plain(&text, p, n), 0);
		tg_buf_deinit(&text);
		tg_buf_deinit(&age);
	}
	kit_seal(&age, p, 200000, 1);
	armor(&text, &age, "\n");
	ck_assert_int_eq(open_plain(&text, p, 200000), 0);
	tg_buf_deinit(&text);
	tg_buf_deinit(&age);
	free(p);
}
END_TEST

/* Put before or after the armor of a file: does it still open? */
static const struct {
	const char *before, *after;
	bool opens;
} around[] = {
    {"", "", true},
    {"\n\r\n \t", "", true},
    {"", "\n \t\r\n", true},
    {"x", "", false},
    {"\n\v", "", false},
    {"\xef\xbb\xbf", "", false},
    {"", "x", false},
    {"", "\n" BEGIN "\n" END_LINE "\n", false},
    {BEGIN "\n", "", false},
    {"", END_LINE "\n", false},
};

START_TEST(age_armor_has_only_white_space_around_it)
{
	struct tg_buf age, text, all;

	kit_seal(&age, "hello", 5, 1);
	armor(&text, &age, "\n");
	tg_buf_init(&all, AID_MAX);
	add(&all, around[_i].before);
	ck_assert_int_eq(tg_buf_addsv(&all, tg_buf_sv(&text), NULL), 0);
	add(&all, around[_i].after);
	ck_assert_int_eq(
	    open_plain(&all, "hello", 5), around[_i].opens ? 0 : -1);
	tg_buf_deinit(&all);
	tg_buf_deinit(&text);
	tg_buf_deinit(&age);
}
END_TEST

START_TEST(age_armor_white_space_is_capped)
{
	struct tg_buf age, text, all;

	kit_seal(&age, "hello", 5, 1);
	armor(&text, &age, "\n");
	for (unsigned after = 0; after < 2; after++) {
		tg_buf_init(&all, AID_MAX);
		if (after != 0)
			ck_assert_int_eq(
			    tg_buf_addsv(&all, tg_buf_sv(&text), NULL), 0);
		for (unsigned i = 0; i < 5000; i++)
			add(&all, "\n");
		if (after == 0)
			ck_assert_int_eq(
			    tg_buf_addsv(&all, tg_buf_sv(&text), NULL), 0);
		ck_assert_int_eq(open_plain(&all, "hello", 5), -1);
		tg_buf_deinit(&all);
	}
	tg_buf_deinit(&text);
	tg_buf_deinit(&age);
}
END_TEST

START_TEST(age_armor_no_flipped_bit_and_no_cut_is_accepted)
{
	struct tg_buf age, text;

	kit_seal(&age, "hello, this is more than one line of armor", 42, 1);
	armor(&text, &age, "\n");
	for (size_t bit = 0; bit < text.n * 8; bit += AID_STRIDE(5)) {
		const char good = text.p[bit / 8];

		/* Outside the armor white space may stand for white space:
		 * the LF after the END line. */
		if (bit / 8 == text.n - 1)
			continue;
		text.p[bit / 8] = (char)(good ^ (1 << bit % 8));
		ck_assert_msg(open_plain(&text, "", 0) == -1, "bit %zu", bit);
		text.p[bit / 8] = good;
	}
	text.n--; /* the LF after the END line may be missing */
	ck_assert_int_eq(
	    open_plain(&text, "hello, this is more than one line of armor", 42),
	    0);
	while (text.n-- > 0)
		ck_assert_msg(
		    open_plain(&text, "", 0) == -1, "cut to %zu", text.n);
	tg_buf_deinit(&text);
	tg_buf_deinit(&age);
}
END_TEST

Suite *
age_armor_suite(void)
{
	Suite *const s = suite_create("age_armor");
	TCase *const t = tcase_create("age_armor");

	tcase_add_test(t, age_armor_of_any_length_opens);
	tcase_add_loop_test(t, age_armor_has_only_white_space_around_it, 0,
	    (int)TG_COUNT(around));
	tcase_add_test(t, age_armor_white_space_is_capped);
	tcase_add_test(t, age_armor_no_flipped_bit_and_no_cut_is_accepted);
	suite_add_tcase(s, t);
	return s;
}
