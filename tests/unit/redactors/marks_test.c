/* The marks and the start mask: AVX2 and scalar give the same bits, and they
 * are what they say. */
#include "redactors/marks.h"

#include <check.h>

#include "redactors/known.h"
#include "redactors/prefilter.h"
#include "redactors/prefilter_start.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define TEXT_MAX 300
#define ROUNDS 3000
#define BLOCKS (TEXT_MAX / 64 + 1)

static struct tg_marks a, b;
static char text[TEXT_MAX];
static struct tg_heads heads;

static void
start(void)
{
	tg_marks_init(&a, TEXT_MAX);
	tg_marks_init(&b, TEXT_MAX);
	for (size_t i = 0; i < sizeof(heads.at); i++)
		heads.at[i] = (uint8_t)((i % 3 == 0 ? TG_HEADS_RULES / 2 : 0) |
		    (i % 5 == 0 ? TG_HEADS_TITLE : 0));
}

static void
stop(void)
{
	tg_marks_deinit(&a);
	tg_marks_deinit(&b);
	(void)tg_marks_force(NULL);
}

static size_t
draw(uint64_t *seed)
{
	static const char some[] = "aZ09+/-_%&\\\n\r[@ \x80\xff";
	const size_t n = fixture_random(seed, TEXT_MAX + 1);
	const bool any = fixture_random(seed, 2) == 0;

	for (size_t i = 0; i < n; i++)
		text[i] =
		    (char)(any ? (char)fixture_random(seed, 256)
			       : some[fixture_random(seed, sizeof(some) - 1)]);
	return n;
}

static void
make(struct tg_marks *m, const char *path, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};

	/* Where there is no AVX2 the scalar pass stands for both. */
	if (!tg_marks_force(path))
		(void)tg_marks_force("scalar");
	if (tg_marks_make(m, &heads, text, n, &err) < 0)
		ck_abort_msg("%s", err.text);
}

static bool
is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Whether the table has one of @bits for a word that begins at @i. */
static bool
headed(size_t i, size_t n, unsigned bits)
{
	char four[4] = {0};

	if (!is_word(text[i]) || (i > 0 && is_word(text[i - 1])))
		return false;
	memcpy(four, text + i, n - i < sizeof(four) ? n - i : sizeof(four));
	return (heads.at[tg_heads_place(tg_heads_four(four))] & bits) != 0;
}

static bool
in(enum tg_mark kind, size_t i, size_t n)
{
	const char c = text[i];

	switch (kind) {
	case TG_MARK_WORD:
		return is_word(c);
	case TG_MARK_DIGIT:
		return c >= '0' && c <= '9';
	case TG_MARK_UPPER:
		return c >= 'A' && c <= 'Z';
	case TG_MARK_BASE64:
		return ((unsigned char)c < 0x80 && is_word(c)) ||
		    (c != '\0' && strchr("+/-_", c));
	case TG_MARK_ESCAPE:
		return c != '\0' && strchr("%&\\", c) != NULL;
	case TG_MARK_BREAK:
		return c == '\n' || c == '\r';
	case TG_MARK_OPEN:
		return c == '[';
	case TG_MARK_HEAD:
		return headed(i, n, TG_HEADS_RULES);
	case TG_MARK_TITLE:
		return headed(i, n, TG_HEADS_TITLE);
	case TG_MARK_ASKED: /* made later: around_test.c */
	case TG_MARK_N:
		break;
	}
	return false;
}

/* One assertion a text, not one a byte: check notes each on disk. */
static bool
right(const struct tg_marks *m, enum tg_mark kind, size_t n)
{
	size_t next = n;

	for (size_t i = n; i-- > 0;) {
		next = in(kind, i, n) ? i : next;
		if (tg_marks_has(m, kind, i) != in(kind, i, n) ||
		    tg_marks_next(m, kind, i) != next)
			return false;
	}
	return true;
}

START_TEST(marks_are_the_same_and_right)
{
	uint64_t seed = 1;

	for (int r = 0; r < ROUNDS; r++) {
		const size_t n = draw(&seed);

		make(&a, "avx2", n);
		make(&b, "scalar", n);
		ck_assert_uint_eq(a.blocks, b.blocks);
		for (int k = 0; k < TG_MARK_ASKED; k++) {
			ck_assert_mem_eq(a.at[k], b.at[k],
			    (a.blocks + 1) * sizeof(uint64_t));
			ck_assert(right(&a, (enum tg_mark)k, n));
		}
	}
}
END_TEST

START_TEST(end_of_a_run_is_found)
{
	uint64_t seed = 2;

	for (int r = 0; r < ROUNDS / 10; r++) {
		const size_t n = fixture_random(&seed, TEXT_MAX + 1);
		size_t end = n;
		bool found = true;

		for (size_t i = 0; i < n; i++)
			text[i] = fixture_random(&seed, 80) == 0 ? ' ' : 'x';
		make(&a, "avx2", n);
		for (size_t i = n; i-- > 0;) {
			end = text[i] == ' ' ? i : end;
			found =
			    found && tg_marks_end(&a, TG_MARK_WORD, i) == end;
		}
		ck_assert(found);
	}
}
END_TEST

/* A sequence that begins with the bytes of @s, then anything. */
static struct tg_pf_seq
sequence(const char *s)
{
	struct tg_pf_seq q = {.n = 0};

	for (; *s != '\0'; s++) {
		const unsigned char c = (unsigned char)*s;

		if (q.n < TG_PF_LEN)
			q.at[q.n++].w[c >> 6] |= UINT64_C(1) << (c & 63);
	}
	return q;
}

/* Starts of @begin in the text that @mask lacks. */
static uint64_t
missed(const uint64_t *mask, const char *begin, size_t n)
{
	const size_t len = strlen(begin);
	uint64_t m = 0;

	for (size_t i = 0; i + len <= n; i++)
		if (memcmp(text + i, begin, len) == 0)
			m += !((mask[i >> 6] >> (i & 63)) & 1);
	return m;
}

START_TEST(start_masks_are_the_same_and_miss_nothing)
{
	static const char *const begin[] = {"@", "[a", "%0Z", "sk-", "ghp_",
	    "AKIA", "-----B", "xox", "\xff\x80", "eyJ", "://", "bearer to",
	    "1234567", "password"};
	static uint64_t la[BLOCKS], lb[BLOCKS], ga[BLOCKS], gb[BLOCKS];
	static struct tg_pf_start s;
	uint64_t seed = 3, lost = 0;

	s = (struct tg_pf_start){.loose.n = 0};
	for (size_t i = 0; i < TG_COUNT(begin); i++) {
		const struct tg_pf_seq q = sequence(begin[i]);

		tg_pf_start_add(&s, &q, i % 2 != 0);
	}
	tg_pf_start_ready(&s);
	for (int r = 0; r < ROUNDS; r++) {
		const size_t n = draw(&seed), blocks = (n + 63) / 64;
		const char *put = begin[fixture_random(&seed, TG_COUNT(begin))];
		const size_t len = strlen(put);

		if (n > len)
			memcpy(text +
				fixture_random(&seed, (unsigned)(n - len + 1)),
			    put, len);
		if (!tg_marks_force("avx2"))
			(void)tg_marks_force("scalar");
		tg_pf_start_run(&s, la, ga, text, n, 0, blocks);
		(void)tg_marks_force("scalar");
		tg_pf_start_run(&s, lb, gb, text, n, 0, blocks);
		lost += memcmp(la, lb, blocks * sizeof(la[0])) != 0;
		lost += memcmp(ga, gb, blocks * sizeof(ga[0])) != 0;
		for (size_t k = 0; k < TG_COUNT(begin); k++)
			lost += missed(k % 2 != 0 ? ga : la, begin[k], n);
	}
	ck_assert_uint_eq(lost, 0);
}
END_TEST

/* Longer than TG_RECENT_MIN; a number that only a context makes a finding. */
#define LONG_TEXT                                                         \
	"the words of this text say nothing of what the number here may " \
	"be, and so it goes on for a while until 9434765919 comes, and "  \
	"the words behind it are like those before it, of no use at all"

START_TEST(a_text_seen_before_is_found_the_same_whatever_its_key)
{
	static const struct {
		const char *key;
		size_t n;
	} rows[] = {{"", 0}, {"", 0}, {"nhs_number", 1}, {"prompt", 0},
	    {"nhs_number", 1}, {"", 0}};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct tg_findings f =
		    fixture_scan(LONG_TEXT, rows[i].key);

		ck_assert_uint_eq(f.n, rows[i].n);
		ck_assert(f.n != 0 || f.below != 0);
	}
}
END_TEST

START_TEST(a_text_seen_before_is_forgotten_when_the_scanner_changes)
{
	static const char aged[] = LONG_TEXT ", said a 31 year old woman";
	struct tg_scanner *s = fixture_scanner();
	const int type = tg_rules_type_find(fixture_rules(), "AGE");

	ck_assert_int_ge(type, 0);
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(fixture_scan(aged, "").n, 1);
	tg_scanner_set(s, (uint16_t)type, 100, TG_ACT_LABEL);
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(fixture_scan(aged, "").n, 0);
	tg_scanner_set(s, (uint16_t)type, 50, TG_ACT_LABEL);
	ck_assert_uint_eq(fixture_scan(aged, "").n, 1);
}
END_TEST

START_TEST(a_known_text_is_forgotten_when_the_scanner_changes)
{
	struct tg_scanner *s = fixture_scanner();
	const int type = tg_rules_type_find(fixture_rules(), "AGE");

	ck_assert_int_ge(type, 0);
	for (int i = 0; i < 2; i++)
		ck_assert_uint_eq(fixture_scan("service-a", "service").n, 0);
	ck_assert_uint_eq(fixture_scan("a 31 year old", "").n, 1);
	tg_scanner_set(s, (uint16_t)type, 100, TG_ACT_LABEL);
	for (int i = 0; i < 2; i++) {
		const struct tg_findings f = fixture_scan("a 31 year old", "");

		ck_assert_uint_eq(f.n, 0);
		ck_assert_uint_gt(f.below, 0);
	}
	tg_scanner_set(s, (uint16_t)type, 50, TG_ACT_LABEL);
	ck_assert_uint_eq(fixture_scan("a 31 year old", "").n, 1);
}
END_TEST

START_TEST(a_text_is_known_with_its_key_only)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_trace_text t = {"5550132000", 10}, key = {"id", 2},
				   none = {"", 0}, phone = {"phone", 5};
	struct tg_known *k;

	if (tg_known_new(&k, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert(!tg_known_has(k, t, key));
	ck_assert(!tg_known_has(k, none, none));
	tg_known_put(k, t, key);
	ck_assert(tg_known_has(k, t, key));
	ck_assert(!tg_known_has(k, t, phone));
	ck_assert(!tg_known_has(k, t, none));
	tg_known_forget(k);
	ck_assert(!tg_known_has(k, t, key));
	tg_known_free(k);
}
END_TEST

Suite *marks_suite(void);
Suite *
marks_suite(void)
{
	Suite *s = suite_create("marks");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);
	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, marks_are_the_same_and_right);
	tcase_add_test(t, end_of_a_run_is_found);
	tcase_add_test(t, start_masks_are_the_same_and_miss_nothing);
	tcase_add_test(t, a_known_text_is_forgotten_when_the_scanner_changes);
	tcase_add_test(
	    t, a_text_seen_before_is_found_the_same_whatever_its_key);
	tcase_add_test(
	    t, a_text_seen_before_is_forgotten_when_the_scanner_changes);
	tcase_add_test(t, a_text_is_known_with_its_key_only);
	suite_add_tcase(s, t);
	return s;
}
