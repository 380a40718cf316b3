/* What makes it fast changes nothing: the same findings as PCRE2 rule by rule,
 * with AVX2 and without, with machine code and without, whatever the order of
 * the rules. */
#include <stdio.h>
#include <stdlib.h>

#include "base/enc.h"
#include "base/fs.h"
#include "base/num.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#ifdef __SANITIZE_ADDRESS__ /* looks for other mistakes, ten times slower */
#define DOCUMENTS 1000
#else
#define DOCUMENTS 20000
#endif
#define DOCUMENT_MAX 400
#define SAMPLE_LINE_MAX 20000

#define LOADED_DOCUMENTS 2000 /* for a rule set that is loaded anew */

static struct tg_scanner *plain, *other;

static bool
same_finding(const struct tg_rules *ra, const struct tg_finding *a,
    const struct tg_rules *rb, const struct tg_finding *b)
{
	return a->start == b->start && a->end == b->end &&
	    a->score == b->score && a->action == b->action &&
	    a->view == b->view && a->checked == b->checked &&
	    strcmp(tg_rules_info(ra, a->rule)->id,
		tg_rules_info(rb, b->rule)->id) == 0;
}

/* The findings of @b, whose rules are @r, are those of the fixture's scanner.
 */
static void
compare_with(
    struct tg_scanner *b, const struct tg_rules *r, const char *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_findings want = fixture_scan_n(p, n, "");
	struct tg_findings got;

	if (tg_scan(b, (struct tg_trace_text){p, n},
		(struct tg_trace_text){"", 0}, &got, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_uint_eq(want.n, got.n);
	ck_assert_uint_eq(want.below, got.below);
	for (size_t i = 0; i < want.n; i++)
		ck_assert(
		    same_finding(fixture_rules(), &want.f[i], r, &got.f[i]));
}

static void
same(struct tg_findings a, struct tg_findings b)
{
	ck_assert_uint_eq(a.n, b.n);
	ck_assert_uint_eq(a.below, b.below);
	for (size_t i = 0; i < a.n; i++)
		ck_assert_mem_eq(&a.f[i], &b.f[i], sizeof(a.f[i]));
}

static void
compare(const char *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_findings a, b;

	/* Another scanner, so that no text is known to it already. */
	ck_assert(tg_marks_force("scalar"));
	if (tg_scan(other, (struct tg_trace_text){p, n},
		(struct tg_trace_text){"", 0}, &b, &err) < 0)
		ck_abort_msg("%s", err.text);
	(void)tg_marks_force(NULL);
	a = fixture_scan_n(p, n, "");
	same(a, b);
	if (tg_scan(plain, (struct tg_trace_text){p, n},
		(struct tg_trace_text){"", 0}, &b, &err) < 0)
		ck_abort_msg("%s", err.text);
	same(a, b);
}

static void
start(void)
{
	struct tg_err err = {.cls = TG_E_NONE};

	if (tg_scanner_new(&plain, fixture_rules(), &err) < 0 ||
	    tg_scanner_new(&other, fixture_rules(), &err) < 0 ||
	    tg_scanner_plain(plain, true, &err) < 0)
		ck_abort_msg("%s", err.text);
}

static void
stop(void)
{
	tg_scanner_free(plain);
	tg_scanner_free(other);
}

/* A piece of a rule's example, or noise. */
static size_t
piece(char *out, size_t max, uint64_t *seed)
{
	static const char noise[] =
	    "0123456789 .-+()@/:_\"'\nabcdefXYZ,%\\;[]{}<>=";
	const struct tg_rules *r = fixture_rules();
	const struct tg_rule *rule =
	    &r->rule[fixture_random(seed, (unsigned)r->n)];
	const bool good = fixture_random(seed, 4) != 0;
	const struct tg_example *e = good
	    ? &rule->match[fixture_random(seed, (unsigned)rule->n_match)]
	    : &rule->no_match[fixture_random(seed, (unsigned)rule->n_no_match)];
	size_t n = e->n < max ? e->n : max;

	if (fixture_random(seed, 6) == 0) {
		n = fixture_random(seed, 12);
		n = n < max ? n : max;
		for (size_t i = 0; i < n; i++)
			out[i] = noise[fixture_random(seed, sizeof(noise) - 1)];
		return n;
	}
	memcpy(out, e->text, n);
	/* Now and then one byte is another. */
	if (n > 0 && fixture_random(seed, 3) == 0) {
		const size_t at = fixture_random(seed, (unsigned)n);

		if ((unsigned char)out[at] < 0x80)
			out[at] =
			    noise[fixture_random(seed, sizeof(noise) - 1)];
	}
	return n;
}

static size_t
document(char *text, uint64_t *seed)
{
	size_t n = 0;

	while (n + 40 < DOCUMENT_MAX && fixture_random(seed, 8) != 0) {
		n += piece(text + n, DOCUMENT_MAX - n, seed);
		if (n < DOCUMENT_MAX && fixture_random(seed, 3) != 0)
			text[n++] = ' ';
	}
	/* A cut character at the end of a piece. */
	return tg_utf8_valid((struct tg_sv){text, n});
}

/* Under valgrind a sample does: all were compared without it. */
static int
fewer(int n)
{
	return getenv("TG_VALGRIND") != NULL ? n / 200 : n;
}

/* `make differential` asks for more, from another seed. */
static uint64_t
asked(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t n = otherwise;

	if (text != NULL)
		ck_assert(tg_parse_u64(&n, tg_sv_of(text), 1, 100000000));
	return n;
}

START_TEST(generated_documents_have_the_same_findings)
{
	const uint64_t n = asked("TG_DOCUMENTS", (uint64_t)fewer(DOCUMENTS));
	uint64_t seed = asked("TG_SEED", 42), found = 0;
	char text[DOCUMENT_MAX + 1];

	for (uint64_t d = 0; d < n; d++) {
		const size_t len = document(text, &seed);

		compare(text, len);
		found += fixture_scan_n(text, len, "").n;
	}
	/* Documents without a finding would prove little. */
	ck_assert_uint_gt(found, n);
	if (n > DOCUMENTS)
		(void)printf("%llu documents, %llu findings: the same by "
			     "PCRE2 rule by rule, AVX2, scalar\n",
		    (unsigned long long)n, (unsigned long long)found);
}
END_TEST

/* Documents through the rules @r, which are freed. */
static void
compare_loaded(struct tg_rules *r, uint64_t seed)
{
	struct tg_err err = {.cls = TG_E_NONE};
	char text[DOCUMENT_MAX + 1];
	struct tg_scanner *s;
	size_t found = 0;

	if (tg_scanner_new(&s, r, &err) < 0)
		ck_abort_msg("%s", err.text);
	for (int d = 0; d < fewer(LOADED_DOCUMENTS); d++) {
		const size_t n = document(text, &seed);

		compare_with(s, r, text, n);
		found += fixture_scan_n(text, n, "").n;
	}
	ck_assert_uint_gt(found, (size_t)fewer(LOADED_DOCUMENTS));
	tg_scanner_free(s);
	tg_rules_free(r);
}

START_TEST(order_of_the_rules_does_not_matter)
{
	compare_loaded(fixture_rules_backwards(), 7);
}
END_TEST

START_TEST(without_machine_code_the_findings_are_the_same)
{
	struct tg_rules *r;

	tg_regex_use_jit(false);
	r = fixture_rules_backwards();
	tg_regex_use_jit(true);
	for (size_t i = 0; i < r->n; i++)
		ck_assert(!r->rule[i].re.jit);
	compare_loaded(r, 8);
}
END_TEST

static const char *const samples[] = {"stdnum", "datadog_validators",
    "presidio_unit_tests", "presidio_research_synth_v2", "detect_secrets_tests",
    "neg_activation_traces_part", "ner_wikigold_en", "ner_europeana_fr_part"};

START_TEST(sample_lines_have_the_same_findings)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_buf b;
	char path[600];
	const int step = 200 / fewer(200);
	size_t at = 0;

	(void)snprintf(path, sizeof(path), "%s/%s.jsonl",
	    fixture_path("../shared/samples/text"), samples[_i]);
	if (!tg_fs_exists(path)) {
		(void)fprintf(
		    stderr, "skipped: no samples/text/%s\n", samples[_i]);
		return;
	}
	tg_buf_init(&b, 8u << 20);
	if (tg_fs_slurp(&b, path, NULL, &err) < 0)
		ck_abort_msg("%s", err.text);
	while (at < b.n) {
		const char *nl = memchr(b.p + at, '\n', b.n - at);
		size_t n = nl == NULL ? b.n - at : (size_t)(nl - (b.p + at));

		if (n <= SAMPLE_LINE_MAX && at % (size_t)step == 0)
			compare(b.p + at, n);
		at += n + 1;
	}
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(no_built_in_rule_is_slow)
{
	const struct tg_rules *r = fixture_rules();

	for (size_t i = 0; i < r->n; i++)
		ck_assert_msg(!r->rule[i].slow || r->rule[i].keyed, "%s",
		    r->rule[i].info.id);
}
END_TEST

Suite *differential_suite(void);
Suite *
differential_suite(void)
{
	Suite *s = suite_create("differential");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);

	tcase_add_checked_fixture(t, start, stop);
	tcase_add_test(t, generated_documents_have_the_same_findings);
	tcase_add_test(t, order_of_the_rules_does_not_matter);
	tcase_add_test(t, without_machine_code_the_findings_are_the_same);
	tcase_add_loop_test(
	    t, sample_lines_have_the_same_findings, 0, (int)TG_COUNT(samples));
	tcase_add_test(t, no_built_in_rule_is_slow);
	suite_add_tcase(s, t);
	return s;
}
