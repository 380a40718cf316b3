/* What changes nothing about a text changes nothing about its findings: words
 * before it and behind it, a disguise over a disguise, what was scanned before,
 * where in a block of 64 bytes it begins. */
#include <stdlib.h>

#include "base/enc.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define TEXT_MAX 16384
#define PADS 140   /* more than two blocks of 64 bytes */
#define MANY 32	   /* findings of one of our texts, at most */
#define ROUNDS 300 /* random towers of disguises */

/* Values that need no word beside them; each one finding of its type. */
static const struct {
	const char *type, *value;
} values[] = {{"EMAIL", "jean.dupont@exemple.example"},
    {"IBAN", "GB82 WEST 1234 5698 7654 32"},
    {"CREDIT_CARD", "4111 1111 1111 1111"}, {"PHONE", "+44 20 7946 0958"},
    {"FR_NIR", "1 85 05 78 006 084 91"}, {"FR_SIRET", "732 829 320 00074"},
    {"UK_NINO", "AB 12 34 56 C"}, {"US_SSN", "536-90-4399"},
    {"SECRET", "ghp_000000000000000000000000000000demo22"}};

struct text {
	char p[TEXT_MAX];
	size_t n;
};

static void
add(struct text *t, const void *p, size_t n)
{
	ck_assert_uint_lt(t->n + n, TEXT_MAX);
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
}

static void
adds(struct text *t, const char *s)
{
	add(t, s, strlen(s));
}

static void
copy(struct tg_finding *out, size_t *n, struct tg_findings f)
{
	ck_assert_uint_le(f.n, MANY);
	memcpy(out, f.f, f.n * sizeof(*out));
	*n = f.n;
}

static bool
moved(const struct tg_finding *a, const struct tg_finding *b, size_t by)
{
	return a->start + by == b->start && a->end + by == b->end &&
	    a->rule == b->rule && a->score == b->score;
}

/* The texts: each value in a sentence, then all of them. */
static void
sentence(struct text *t, size_t k)
{
	t->n = 0;
	for (size_t i = 0; i < TG_COUNT(values); i++) {
		if (k < TG_COUNT(values) && i != k)
			continue;
		adds(t, "it says ");
		adds(t, values[i].value);
		adds(t, " there, and so on. ");
	}
}

START_TEST(padding_moves_every_finding_and_changes_none)
{
	static const char filler[] = "-- - --- . -- ; - ";
	struct tg_finding want[MANY];
	struct text base, t;
	size_t n = 0;
	bool same = true;

	sentence(&base, (size_t)_i);
	copy(want, &n, fixture_scan_n(base.p, base.n, ""));
	ck_assert_uint_ge(n, (size_t)_i < TG_COUNT(values) ? 1 : 9);
	for (size_t pad = 1; pad < PADS && same; pad++) {
		struct tg_findings f;

		t.n = 0;
		for (size_t i = 0; i + 1 < pad; i++)
			add(&t, &filler[i % (sizeof(filler) - 1)], 1);
		adds(&t, "\n");
		add(&t, base.p, base.n);
		/* Behind it as much again. */
		for (size_t i = 0; i < pad; i++)
			add(&t, &filler[i % (sizeof(filler) - 1)], 1);
		f = fixture_scan_n(t.p, t.n, "");
		same = f.n == n;
		for (size_t k = 0; k < n && same; k++)
			same = moved(&want[k], &f.f[k], pad);
		if (!same)
			ck_abort_msg("%zu bytes before", pad);
	}
}
END_TEST

START_TEST(two_texts_far_apart_have_the_findings_of_both)
{
	struct tg_finding one[MANY], two[MANY];
	size_t n1 = 0, n2 = 0;
	struct text a, b, both = {.n = 0};
	struct tg_findings f;
	bool same = true;

	sentence(&a, (size_t)_i % TG_COUNT(values));
	sentence(&b, (size_t)_i / TG_COUNT(values));
	copy(one, &n1, fixture_scan_n(a.p, a.n, ""));
	copy(two, &n2, fixture_scan_n(b.p, b.n, ""));
	add(&both, a.p, a.n);
	/* Further than any rule looks for context. */
	for (size_t i = 0; i < TG_RULE_WINDOW; i++)
		adds(&both, "ab ");
	adds(&both, "\n\n");
	f = fixture_scan_n(both.p, both.n, "");
	ck_assert_uint_eq(f.n, n1);
	add(&both, b.p, b.n);
	f = fixture_scan_n(both.p, both.n, "");
	ck_assert_uint_eq(f.n, n1 + n2);
	for (size_t k = 0; k < n1 && same; k++)
		same = moved(&one[k], &f.f[k], 0);
	for (size_t k = 0; k < n2 && same; k++)
		same = moved(&two[k], &f.f[n1 + k], both.n - b.n);
	ck_assert(same);
}
END_TEST

START_TEST(what_was_scanned_before_does_not_matter)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_scanner *fresh = NULL;
	struct tg_finding want[MANY];
	struct tg_findings f;
	uint64_t seed = 5;
	struct text t;
	size_t n = 0;

	for (int round = 0; round < 40; round++) {
		sentence(&t, fixture_random(&seed, TG_COUNT(values) + 1));
		copy(want, &n, fixture_scan_n(t.p, t.n, "text"));
		ck_assert_int_eq(
		    tg_scanner_new(&fresh, fixture_rules(), &err), 0);
		ck_assert_int_eq(
		    tg_scan(fresh, (struct tg_trace_text){t.p, t.n},
			(struct tg_trace_text){"text", 4}, &f, &err),
		    0);
		ck_assert_uint_eq(f.n, n);
		for (size_t k = 0; k < n; k++)
			ck_assert(moved(&want[k], &f.f[k], 0));
		tg_scanner_free(fresh);
	}
}
END_TEST

/* Disguises that any text can put on, so that they can be worn together. */
static void
percent(struct text *t, const char *p, size_t n)
{
	char h[3];

	for (size_t i = 0; i < n; i++) {
		adds(t, "%");
		tg_hex(h, p + i, 1);
		adds(t, h);
	}
}

static void
escapes(struct text *t, const char *p, size_t n)
{
	char h[3];

	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)p[i] >= 0x80) {
			add(t, p + i, 1);
			continue;
		}
		adds(t, "\\u00");
		tg_hex(h, p + i, 1);
		adds(t, h);
	}
}

static void
base64(struct text *t, const char *p, size_t n)
{
	struct tg_buf b;

	tg_buf_init(&b, 4 * TEXT_MAX);
	ck_assert_int_eq(tg_b64_add(&b, p, n, TG_B64_PADDED, NULL), 0);
	add(t, b.p, b.n);
	tg_buf_deinit(&b);
}

static void
hex(struct text *t, const char *p, size_t n)
{
	char h[3];

	for (size_t i = 0; i < n; i++) {
		tg_hex(h, p + i, 1);
		adds(t, h);
	}
}

/* A zero width space behind every third character. */
static void
zero_width(struct text *t, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add(t, p + i, 1);
		if (i % 3 == 2 && i + 1 < n &&
		    ((unsigned char)p[i + 1] & 0xc0) != 0x80)
			adds(t, "\xe2\x80\x8b");
	}
}

static void
full_width(struct text *t, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned cp = 0xff01u + (unsigned char)p[i] - '!';
		const char u[3] = {(char)(0xe0 | cp >> 12),
		    (char)(0x80 | ((cp >> 6) & 0x3f)),
		    (char)(0x80 | (cp & 0x3f))};

		if (p[i] > ' ' && p[i] < 0x7f)
			add(t, u, 3);
		else
			add(t, p + i, 1);
	}
}

static const struct {
	const char *name;
	void (*dress)(struct text *t, const char *p, size_t n);
	bool coding; /* counts for the depth */
} disguises[] = {{"percent", percent, true}, {"escapes", escapes, true},
    {"base64", base64, true}, {"hex", hex, true},
    {"zero width", zero_width, false}, {"full width", full_width, false}};

/* One disguise over another, codings at most three deep. */
START_TEST(a_disguise_over_a_disguise_keeps_the_finding)
{
	uint64_t seed = 77;
	const int rounds = getenv("TG_VALGRIND") != NULL ? 10 : ROUNDS;

	for (int round = 0; round < rounds; round++) {
		const size_t k = fixture_random(&seed, TG_COUNT(values));
		const unsigned high = 1 + fixture_random(&seed, 3);
		struct text now = {.n = 0}, next, whole = {.n = 0},
			    worn = {.n = 0};
		size_t start;

		/* Enough to be a run of base64 or hex by itself. */
		adds(&now, "note: ");
		adds(&now, values[k].value);
		adds(&now, " ok");
		for (unsigned i = 0; i < high; i++) {
			const unsigned d =
			    fixture_random(&seed, TG_COUNT(disguises));

			next.n = 0;
			disguises[d].dress(&next, now.p, now.n);
			now = next;
			adds(&worn, disguises[d].name);
			adds(&worn, ", ");
		}
		adds(&whole, "see ");
		start = whole.n;
		add(&whole, now.p, now.n);
		adds(&whole, " end");
		if (!fixture_has(fixture_scan_n(whole.p, whole.n, "text"),
			values[k].type))
			ck_abort_msg("%s from %zu under: %s", values[k].type,
			    start, worn.p);
	}
}
END_TEST

Suite *metamorphic_suite(void);
Suite *
metamorphic_suite(void)
{
	Suite *s = suite_create("metamorphic");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);
	tcase_add_loop_test(t, padding_moves_every_finding_and_changes_none, 0,
	    (int)TG_COUNT(values) + 1);
	tcase_add_loop_test(t, two_texts_far_apart_have_the_findings_of_both, 0,
	    (int)(TG_COUNT(values) * TG_COUNT(values)));
	tcase_add_test(t, what_was_scanned_before_does_not_matter);
	tcase_add_test(t, a_disguise_over_a_disguise_keeps_the_finding);
	suite_add_tcase(s, t);
	return s;
}
