/* A rule of a user that costs without end is refused, or stops at its limits:
 * the text fails closed.  No clock: what is counted is PCRE2's own count. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define RUN 6000 /* bytes of a hostile text */

static const char pack[] = "version: 1\n"
			   "pack: user\n"
			   "rules:\n"
			   "  - id: user.one\n"
			   "    type: ONE\n"
			   "    category: direct_identifier\n"
			   "    pattern: '%s'\n"
			   "    boundary: none\n"
			   "    score: {base: 60}\n"
			   "    examples:\n"
			   "      match: ['%s', '- %s']\n"
			   "      no_match: ['#', '## #']\n";

/* The one rule as a user's file; NULL and *err when it is refused. */
static struct tg_rules *
load(const char *pattern, const char *example, struct tg_err *err)
{
	const char *tmp = getenv("TMPDIR");
	char path[200], text[2000];
	const char *const packs[] = {path};
	const struct tg_rules_src src = {packs, 1, NULL, 0};
	struct tg_rules *r = NULL;
	int fd, n;

	(void)snprintf(path, sizeof(path), "%s/tracegate-hostile-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	fd = mkstemp(path);
	n = snprintf(text, sizeof(text), pack, pattern, example, example);
	ck_assert_int_lt(n, (int)sizeof(text));
	ck_assert(fd >= 0 && tg_fs_write_all(fd, text, (size_t)n, err) == 0);
	(void)close(fd);
	if (tg_rules_load(&r, &src, err) < 0)
		r = NULL;
	(void)unlink(path);
	return r;
}

static const char *const refused[] = {"(a+)+$", "(a|aa)+$", "(.*a){20}",
    "((a*)*)*b", "(\\w+\\s?)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a|a?)+$",
    "([a-zA-Z]+)*\\d", "(x{0,5000}y)*z", "(a{2,}){2,}b", "(?:a|b|ab)*c",
    "(.*)*x", "(\\d+)\\1+$", "^(a?){,}a$"};

START_TEST(a_pattern_without_a_bound_is_refused)
{
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_ptr_null(load(refused[_i], "a", &err));
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "user.one"));
}
END_TEST

/* Bounded on paper; @fill repeated and @last behind it cost the most. */
static const struct {
	const char *pattern, *example, *fill, *last;
} bounded[] = {{"(?:a{1,50}){1,50}!", "a!", "a", "#!"},
    {"(?:a|aa){1,15}!", "a!", "a", "#!"}, {"(?:a|a?){1,40}!", "a!", "a", "#!"},
    {"(?:.{0,60}a){20}!", "aaaaaaaaaaaaaaaaaaaa!", "a", "#!"},
    {"(?:\\w{1,30}\\s?){1,40}!", "a!", "a", "#!"},
    {"(?:[a-z]{1,20}.){1,20}[A-Z][a-z]{1,20}!", "abAa!", "a", "#!"},
    {"(?:x{0,5000}y?){1,40}!", "y!", "x", "#!"},
    {"(?:(?:ab|a|b){1,8}){1,8}!", "a!", "ab", "#!"},
    {"(?:[a-zA-Z]{1,40}){1,40}\\d", "a1", "a", "#1"},
    {"(?:a?){30}a{30}!", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "a", "#!"},
    {"(?:(?:(?:a{1,9}){1,9}){1,9}){1,9}!", "a!", "a", "#!"}};

static void
fill(char *text, const char *with, const char *last)
{
	const size_t n = strlen(with);

	for (size_t i = 0; i < RUN; i++)
		text[i] = with[i % n];
	memcpy(text + RUN - strlen(last), last, strlen(last));
}

/* PCRE2's count of a match at the start of @text, up to @limit. */
static bool
costs_over(const char *pattern, const char *text, uint32_t limit)
{
	size_t where;
	int code;
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
	    PCRE2_ANCHORED, &code, &where, NULL);
	pcre2_match_data *data = pcre2_match_data_create(8, NULL);
	pcre2_match_context *ctx = pcre2_match_context_create(NULL);

	ck_assert(re != NULL && data != NULL && ctx != NULL);
	(void)pcre2_jit_compile(re, PCRE2_JIT_COMPLETE);
	(void)pcre2_set_match_limit(ctx, limit);
	code =
	    pcre2_match(re, (PCRE2_SPTR)text, RUN, 0, PCRE2_NO_JIT, data, ctx);
	pcre2_match_context_free(ctx);
	pcre2_match_data_free(data);
	pcre2_code_free(re);
	return code == PCRE2_ERROR_MATCHLIMIT;
}

/* Machine code under valgrind: see fixture.c. */
static bool
skipped(void)
{
	return getenv("TG_VALGRIND") != NULL;
}

START_TEST(a_pattern_that_costs_too_much_fails_the_text)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_rules *r =
	    load(bounded[_i].pattern, bounded[_i].example, &err);
	struct tg_scanner *s = NULL;
	struct tg_findings f;
	static char text[RUN];
	int rc;

	if (skipped())
		goto out;
	if (r == NULL) {
		/* Too large for PCRE2: refused is good too. */
		ck_assert_int_eq(err.cls, TG_E_CONFIG);
		return;
	}
	fill(text, bounded[_i].fill, bounded[_i].last);
	/* It is hostile: one start costs more than a match may lightly. */
	ck_assert(costs_over(bounded[_i].pattern, text, TG_REGEX_LIGHT_LIMIT));
	ck_assert_int_eq(tg_scanner_new(&s, r, &err), 0);
	rc = tg_scan(s, (struct tg_trace_text){text, RUN},
	    (struct tg_trace_text){"", 0}, &f, &err);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_ptr_nonnull(strstr(err.text, "user.one"));
	/* Nothing of the text is in the error. */
	ck_assert_ptr_null(strstr(err.text, "aaa"));
	/* And the next text is as good as ever. */
	rc = tg_scan(s,
	    (struct tg_trace_text){
		bounded[_i].example, strlen(bounded[_i].example)},
	    (struct tg_trace_text){"", 0}, &f, &err);
	ck_assert(rc == 0 && f.n == 1);
	tg_scanner_free(s);
out:
	tg_rules_free(r);
}
END_TEST

/* The most that one text may cost, counted: so many matches over the light
 * limit, each below the hard one; then no more. */
START_TEST(the_cost_of_a_text_has_a_bound)
{
	static const char pattern[] = "(?:a|aa){1,15}!";
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_regex_scratch *s = NULL;
	static char text[RUN];
	struct tg_span all, value;
	struct tg_regex re;
	size_t where, at = 0;
	int rc = 0;

	if (skipped())
		return;
	tg_regex_use_jit(_i == 0);
	ck_assert_int_eq(
	    tg_regex_compile(&re, tg_sv_of(pattern), &where, &err), 0);
	tg_regex_use_jit(true);
	ck_assert_int_eq(tg_regex_scratch_new(&s, &err), 0);
	fill(text, "a", "#!");
	ck_assert(costs_over(pattern, text, TG_REGEX_LIGHT_LIMIT));
	for (int k = 0; k < 2; k++) {
		tg_regex_scratch_start(s);
		for (at = 0; at < RUN && rc == 0; at++)
			rc = tg_regex_match(&re, s, TG_REGEX_AT, text, RUN, at,
			    &all, &value, &err);
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.cls, TG_E_INPUT);
		ck_assert_uint_le(at, TG_REGEX_HEAVY + 1);
		rc = 0;
	}
	/* A search stops as well. */
	tg_regex_scratch_start(s);
	rc = tg_regex_match(
	    &re, s, TG_REGEX_FIND, text, RUN, 0, &all, &value, &err);
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	tg_regex_scratch_free(s);
	tg_regex_deinit(&re);
}
END_TEST

/* What is dear but allowed is found where a plain search finds it. */
START_TEST(a_dear_match_is_still_found)
{
	static const char pattern[] = "(?:a|aa){1,12}!";
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_regex_scratch *s = NULL;
	struct tg_span all, value;
	struct tg_regex re;
	char text[120];
	size_t where;

	if (skipped())
		return;
	memset(text, 'a', sizeof(text));
	memset(text, 'b', 60);
	text[60] = '#';
	text[100] = '!';
	ck_assert_int_eq(
	    tg_regex_compile(&re, tg_sv_of(pattern), &where, &err), 0);
	ck_assert_int_eq(tg_regex_scratch_new(&s, &err), 0);
	tg_regex_scratch_start(s);
	ck_assert_int_eq(tg_regex_match(&re, s, TG_REGEX_FIND, text,
			     sizeof(text), 0, &all, &value, &err),
	    1);
	/* Twelve times two at most. */
	ck_assert_uint_eq(all.start, 76);
	ck_assert_uint_eq(all.end, 101);
	tg_regex_scratch_free(s);
	tg_regex_deinit(&re);
}
END_TEST

Suite *hostile_suite(void);
Suite *
hostile_suite(void)
{
	Suite *s = suite_create("hostile");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(
	    t, a_pattern_without_a_bound_is_refused, 0, (int)TG_COUNT(refused));
	tcase_add_loop_test(t, a_pattern_that_costs_too_much_fails_the_text, 0,
	    (int)TG_COUNT(bounded));
	tcase_add_loop_test(t, the_cost_of_a_text_has_a_bound, 0, 2);
	tcase_add_test(t, a_dear_match_is_still_found);
	suite_add_tcase(s, t);
	return s;
}
