/* What a rule says that it begins with takes no match away. */
#include <stdio.h>

#include "redactors/rule.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define WORDS 400
#define WORD_MAX 24
#define PATTERN_MAX 8192

struct words {
	size_t n;
	char w[WORDS][WORD_MAX];
};

/* Behind the group that opens at @p. */
static const char *
behind_group(const char *p)
{
	int depth = 0;

	for (bool set = false; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (set || *p == '[')
			set = *p != ']';
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return p;
}

static bool
of_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* The runs of letters of @p: keywords are among them. */
static void
words_of(struct words *w, const char *p)
{
	w->n = 0;
	while (*p != '\0' && w->n < WORDS) {
		size_t n = 0;

		while (of_word(p[n]) && n + 1 < WORD_MAX)
			n++;
		if (n >= 2) {
			memcpy(w->w[w->n], p, n);
			w->w[w->n++][n] = '\0';
		}
		p += n == 0 ? 1 : n;
	}
}

static void
with_case(char *w, int how)
{
	for (size_t i = 0; w[i] != '\0'; i++)
		if (w[i] >= 'a' && w[i] <= 'z' && (how == 2 || i == 0))
			w[i] = (char)(w[i] - 'a' + 'A');
}

struct both {
	struct tg_regex with, without;
	struct tg_regex_scratch *s;
	size_t matches;
};

static bool
agree(struct both *b, const char *text)
{
	struct tg_span a[2] = {{0, 0}}, v[2] = {{0, 0}};
	struct tg_err err = {.cls = TG_E_NONE};
	int rc[2];

	tg_regex_scratch_start(b->s);
	rc[0] = tg_regex_match(&b->with, b->s, TG_REGEX_AT, text, strlen(text),
	    0, &a[0], &v[0], &err);
	rc[1] = tg_regex_match(&b->without, b->s, TG_REGEX_AT, text,
	    strlen(text), 0, &a[1], &v[1], &err);
	b->matches += rc[1] == 1;
	return rc[0] == rc[1] && a[0].end == a[1].end &&
	    v[0].start == v[1].start && v[0].end == v[1].end;
}

/* Numbers, what may stand behind them, keywords, what may follow. */
static bool
all_agree(struct both *b, const struct words *w)
{
	static const char *const number[] = {
	    "7", "12", "123", "1234", "12345", "123456"};
	static const char *const sep[] = {" ", ", ", "b ", "B, ", " c ", " D, ",
	    "bis ", " Bis, ", "ter ", " BIS ", "-14 ", " / 3, ", "/4 ", " -15 ",
	    "- 6, ", "a-7b, ", " N ", " 42nd "};
	static const char *const tail[] = {" de la Paix", " Wren Street",
	    ". wren hollow 75002 Paris", " road", ""};
	bool ok = true;

	for (size_t i = 0; i < 3 * w->n; i++) {
		char word[WORD_MAX], text[128];

		memcpy(word, w->w[i / 3], WORD_MAX);
		if (i % 3 != 0)
			with_case(word, (int)(i % 3));
		for (size_t k = 0; k < TG_COUNT(number) * TG_COUNT(sep); k++)
			for (size_t t = 0; t < TG_COUNT(tail); t++) {
				(void)snprintf(text, sizeof(text), "%s%s%s%s",
				    number[k % TG_COUNT(number)],
				    sep[k / TG_COUNT(number)], word, tail[t]);
				ok = agree(b, text) && ok;
			}
	}
	return ok;
}

static size_t
rule_agrees(const struct tg_rule *r)
{
	static struct words w;
	struct tg_err err = {.cls = TG_E_NONE};
	struct both b = {.s = NULL};
	char pattern[PATTERN_MAX];
	const char *rest;
	size_t where;

	(void)snprintf(
	    pattern, sizeof(pattern), "%.*s", (int)r->pattern.n, r->pattern.p);
	rest = behind_group(pattern);
	words_of(&w, rest);
	ck_assert_uint_gt(w.n, 20);
	ck_assert_int_eq(
	    tg_regex_compile(&b.with, tg_sv_of(pattern), &where, &err), 0);
	ck_assert_int_eq(
	    tg_regex_compile(&b.without, tg_sv_of(rest), &where, &err), 0);
	ck_assert_int_eq(tg_regex_scratch_new(&b.s, &err), 0);
	ck_assert_msg(all_agree(&b, &w), "%s", r->info.id);
	ck_assert_uint_gt(b.matches, 100);
	tg_regex_scratch_free(b.s);
	tg_regex_deinit(&b.with);
	tg_regex_deinit(&b.without);
	return 1;
}

START_TEST(what_a_rule_begins_with_takes_no_match_away)
{
	const struct tg_rules *r = fixture_rules();
	size_t rules = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->rule[i].engine == TG_ENGINE_PCRE2 &&
		    r->rule[i].pattern.n > 3 &&
		    memcmp(r->rule[i].pattern.p, "(?=", 3) == 0)
			rules += rule_agrees(&r->rule[i]);
	ck_assert_uint_ge(rules, 3);
}
END_TEST

Suite *beginning_suite(void);

Suite *
beginning_suite(void)
{
	Suite *s = suite_create("beginning");
	TCase *c = tcase_create("rules");

	tcase_add_unchecked_fixture(c, fixture_start, fixture_stop);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, what_a_rule_begins_with_takes_no_match_away);
	suite_add_tcase(s, c);
	return s;
}
