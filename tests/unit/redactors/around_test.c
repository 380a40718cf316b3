/* Where it is said to be plain that no word of a rule stands around a match,
 * none does. */
#include <stdlib.h>

#include "redactors/around.h"
#include "redactors/prefilter_gate.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define TEXTS 3000
#define TEXT_MAX 500
#define SPANS 8 /* of a text */

static const char *const between[] = {" ", " ", ", ", "", "-", "\n", "[EMAIL]",
    " [PERSON_3] ", "[", "[X", "]", "4111", "'", "\xc3\xa9", "x", "Ab"};

static size_t
put(char *out, size_t max, const char *s)
{
	size_t n = 0;

	for (; *s != '\0' && n < max; s++)
		out[n++] = *s;
	return n;
}

/* A phrase of the rule, in small letters or with a capital at its words; a
 * replacement may stand in it. */
static size_t
phrase(char *out, size_t max, const struct tg_rule *r, uint64_t *seed)
{
	const struct tg_words *const w =
	    fixture_random(seed, 2) != 0 && r->negative.n > 0 ? &r->negative
							      : &r->words;
	const bool camel = fixture_random(seed, 3) == 0;
	size_t n = 0;
	bool first = true;

	if (w->n == 0)
		return 0;
	for (const char *p = w->p[fixture_random(seed, (unsigned)w->n)];
	     *p != '\0' && n < max; p++) {
		if (camel && *p == ' ') {
			first = true;
			continue;
		}
		if (fixture_random(seed, 40) == 0)
			n += put(out + n, max - n - 1, "[EMAIL]");
		out[n++] = (char)(camel && first && *p >= 'a' && *p <= 'z'
			? *p - 'a' + 'A'
			: *p);
		first = false;
	}
	return n;
}

static size_t
made(char *text, uint64_t *seed)
{
	const struct tg_rules *r = fixture_rules();
	const size_t end = 20 + fixture_random(seed, TEXT_MAX - 60);
	size_t n = 0;

	while (n < end) {
		n += phrase(text + n, TEXT_MAX - n,
		    &r->rule[fixture_random(seed, (unsigned)r->n)], seed);
		n += put(text + n, TEXT_MAX - n,
		    between[fixture_random(seed, TG_COUNT(between))]);
	}
	return n;
}

struct tally {
	size_t silent, spoken, far, wrong;
};

static bool
word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Whether the rule may match @s, as far as its ends and its length tell. */
static bool
may_match(const struct tg_rule *r, const struct tg_look *v, struct tg_span s)
{
	return s.end - s.start <= r->most &&
	    !(s.start > 0 && word(v->p[s.start - 1]) && word(v->p[s.start])) &&
	    !(s.end < v->n && word(v->p[s.end - 1]) && word(v->p[s.end]));
}

/* All rules around one span, by bits and by words. */
static void
around(struct tally *t, const struct tg_look *v, const struct tg_marks *m,
    struct tg_span s)
{
	const struct tg_rules *r = fixture_rules();

	for (size_t i = 0; i < r->n; i++) {
		const struct tg_rule *rule = &r->rule[i];
		struct tg_around a = {.made = false};
		bool has;

		if (rule->words.n + rule->negative.n == 0)
			continue;
		tg_around_make(&a, v, s, rule);
		has = tg_around_has(&rule->words, &a) ||
		    tg_around_has(&rule->negative, &a);
		t->spoken += has;
		if (tg_gate_near(r->gate, (uint16_t)i) &&
		    may_match(rule, v, s) &&
		    tg_around_far(r, (uint16_t)i, v, m, s.start)) {
			t->far++;
			t->wrong += has;
		}
		if (!tg_around_silent(r, (uint16_t)i, v, m, s))
			continue;
		t->silent++;
		t->wrong += has;
	}
}

START_TEST(what_is_said_to_be_silent_is)
{
	const struct tg_rules *r = fixture_rules();
	const int texts = getenv("TG_VALGRIND") != NULL ? TEXTS / 100 : TEXTS;
	size_t *next = calloc(r->n, sizeof(*next));
	struct tally t = {0};
	struct tg_marks m;
	uint64_t seed = 19;
	char text[TEXT_MAX];

	ck_assert_ptr_nonnull(next);
	tg_marks_init(&m, TEXT_MAX);
	for (int d = 0; d < texts; d++) {
		const struct tg_look v = {
		    .p = text, .n = made(text, &seed), .kind = TG_VIEW_RAW};

		ck_assert(tg_marks_make(&m, &r->heads, text, v.n, NULL) == 0);
		tg_gate_run(r->gate, text, &m, TG_SV(""), next, v.n);
		for (int k = 0; k < SPANS; k++) {
			const size_t start =
			    fixture_random(&seed, (unsigned)v.n);
			size_t len = v.n - start;

			len = 1 +
			    fixture_random(
				&seed, len < 20 ? (unsigned)len : 20);
			around(
			    &t, &v, &m, (struct tg_span){start, start + len});
		}
	}
	ck_assert_uint_eq(t.wrong, 0);
	/* Both were met, often. */
	ck_assert_uint_gt(t.spoken, (size_t)texts);
	ck_assert_uint_gt(t.silent, (size_t)texts);
	ck_assert_uint_gt(t.far, (size_t)texts / 10);
	tg_marks_deinit(&m);
	free(next);
}
END_TEST

Suite *around_suite(void);
Suite *
around_suite(void)
{
	Suite *s = suite_create("around");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);
	tcase_add_test(t, what_is_said_to_be_silent_is);
	suite_add_tcase(s, t);
	return s;
}
