/* All that is wrong with a pack at once; what is valid but costs. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "redactors/pack_lint.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define HEAD "version: 1\npack: t\nrules:\n"
#define RULE(id, pattern)                                           \
	"  - id: " id "\n    type: T\n    pattern: '" pattern "'\n" \
	"    boundary: none\n    score: {base: 60}\n"               \
	"    examples: {match: [" MATCH "], no_match: ['-', '--']}\n"

#define SAID_MAX 16

struct said {
	char text[SAID_MAX][256];
	bool fatal[SAID_MAX];
	size_t n;
	const char *folder;
};

static void
complain(void *ctx, bool fatal, const char *text)
{
	struct said *s = ctx;
	const char *tail = strstr(text, "p.yaml:");

	ck_assert_ptr_nonnull(tail);
	ck_assert_uint_lt(s->n, SAID_MAX);
	s->fatal[s->n] = fatal;
	(void)snprintf(s->text[s->n++], sizeof(s->text[0]), "%s", tail);
}

/* 0 when it loads, then with its warnings. */
static int
check(struct said *s, const char *text, struct tg_err *err)
{
	char folder[] = "/tmp/tg-lint-XXXXXX", path[100];
	struct tg_complaints all = {complain, s, 0};
	struct tg_rules *r = NULL;
	const char *pack[] = {path};
	const struct tg_rules_src src = {pack, 1, NULL, 0};
	int rc;

	s->n = 0;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/p.yaml", folder);
	ck_assert_int_eq(
	    tg_fs_write(path, tg_sv_of(text), 0600, TG_FS_NEW, err), 0);
	rc = tg_rules_load_all(&r, &src, &all, err);
	if (rc == 0)
		ck_assert_uint_eq(tg_rules_lint(r, path, complain, s), s->n);
	else
		ck_assert_uint_eq(all.n, s->n);
	tg_rules_free(r);
	ck_assert_int_eq(tg_fs_remove_tree(folder, NULL), 0);
	return rc;
}

START_TEST(every_wrong_rule_is_told)
{
	static const char pack[] =
	    HEAD "  - id: t.a\n    type: T\n    pattern: 'x\\d'\n"
		 "    validator: ibn\n    score: {base: 60}\n"
		 "    examples: {match: [x1, x2], no_match: [y, z]}\n"
		 "  - id: t.b\n    type: T\n    patern: 'x\\d'\n"
		 "    score: {base: 60}\n"
		 "    examples: {match: [x1, x2], no_match: [y, z]}\n"
		 "  - id: t.c\n    type: T\n    pattern: 'x\\d'\n"
		 "    score: {base: 60}\n"
		 "    examples: {match: [x1], no_match: [y, z]}\n";
	static const char *const want[] = {
	    "p.yaml:7:16: unknown validator 'ibn' (did you mean 'iban'?)",
	    "p.yaml:12:5: unknown key 'patern' (did you mean 'pattern'?)",
	    "p.yaml:19:23: rule 't.c' needs at least two 'match' examples"};
	struct tg_err err = {.cls = TG_E_NONE};
	struct said s;

	ck_assert_int_eq(check(&s, pack, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_str_eq(err.text, "3 errors in the rules");
	ck_assert_uint_eq(s.n, TG_COUNT(want));
	for (size_t i = 0; i < s.n; i++) {
		ck_assert_str_eq(s.text[i], want[i]);
		ck_assert(s.fatal[i]);
	}
}
END_TEST

START_TEST(an_id_twice_is_told_once)
{
	static const char pack[] =
	    HEAD "  - id: t.a\n    type: T\n    pattern: 'x\\d'\n"
		 "    score: {base: 60}\n"
		 "    examples: {match: [x1, x2], no_match: [y, z]}\n"
		 "  - id: t.a\n    type: T\n    pattern: 'x\\d'\n"
		 "    score: {base: 60}\n"
		 "    examples: {match: [x1, x2], no_match: [y, z]}\n";
	struct tg_err err = {.cls = TG_E_NONE};
	struct said s;

	ck_assert_int_eq(check(&s, pack, &err), -1);
	ck_assert_uint_eq(s.n, 1);
	ck_assert_str_eq(s.text[0], "p.yaml:9:1: rule 't.a' is there twice");
}
END_TEST

#define MATCH "'abc1', 'abcd1'"

/* Classic patterns that cost without limit: told with their place. */
static const char *const endless[] = {
    "(a+)+$", "(a|a)*b", "(.*a){1,20}", "([a-zA-Z]+)*x", "a{2,}", "(a|aa)+$"};

START_TEST(an_unbounded_repeat_is_an_error)
{
	char pack[1024];
	struct tg_err err = {.cls = TG_E_NONE};
	struct said s;

	(void)snprintf(pack, sizeof(pack),
	    HEAD "  - id: t.a\n    type: T\n    pattern: '%s'\n"
		 "    score: {base: 60}\n"
		 "    examples: {match: [a, aa], no_match: [y, z]}\n",
	    endless[_i]);
	ck_assert_int_eq(check(&s, pack, &err), -1);
	ck_assert_uint_eq(s.n, 1);
	ck_assert_msg(strncmp(s.text[0], "p.yaml:6:", 9) == 0 &&
		strstr(s.text[0], "unbounded repeat; write {1,N}") != NULL,
	    "%s", s.text[0]);
}
END_TEST

static const struct {
	const char *pack, *want; /* NULL: no warning */
} rows[] = {
    {HEAD RULE("t.a", "abcd?\\d"), NULL},
    {HEAD RULE("t.a", "[a-z0-9]{1,9}cd?\\d"), "p.yaml:6:15: SLOW-LANE: "},
    {HEAD RULE("t.a", "(?:abc|abc|abcd)\\d"),
	"p.yaml:6:22: UNREACHABLE: rule 't.a': this alternative is never "
	"taken: the one at byte 3 is the same"},
    /* What follows decides: both are taken. */
    {HEAD RULE("t.a", "(?:abc|abcd)\\d"), NULL},
    {HEAD RULE("t.a", "abc\\d|abcd\\d"), NULL},
    {HEAD RULE("t.a", "abc|abcd"),
	"p.yaml:6:19: UNREACHABLE: rule 't.a': this alternative is never "
	"taken: the one at byte 0 matches first"},
    {HEAD RULE("t.a", "(?:abc|abcd)"),
	"p.yaml:6:22: UNREACHABLE: rule 't.a': this alternative is never "
	"taken: the one at byte 3 matches first"},
    {HEAD RULE("t.a", "ab(?:[|c)]|(?:c|d))d?\\d"), NULL},
    {HEAD RULE("t.a", "ab(?:c(?:d|x|d)?)\\d"), "p.yaml:6:28: UNREACHABLE: "},
};

START_TEST(what_costs_is_a_warning)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct said s;

	ck_assert_msg(check(&s, rows[_i].pack, &err) == 0, "%s%s", err.text,
	    s.n > 0 ? s.text[0] : "");
	if (rows[_i].want == NULL) {
		ck_assert_msg(s.n == 0, "%s", s.n > 0 ? s.text[0] : "");
		return;
	}
	ck_assert_uint_eq(s.n, 1);
	ck_assert_msg(
	    strncmp(s.text[0], rows[_i].want, strlen(rows[_i].want)) == 0, "%s",
	    s.text[0]);
	ck_assert(!s.fatal[0]);
}
END_TEST

START_TEST(the_built_in_packs_have_no_warning)
{
	const struct tg_rules *r = fixture_rules();
	struct said s = {.n = 0};

	for (size_t i = 0; i < tg_rules_pack_count(r); i++) {
		const char *sha;
		size_t n;

		(void)tg_rules_lint(
		    r, tg_rules_pack(r, i, &sha, &n), complain, &s);
	}
	ck_assert_uint_eq(s.n, 0);
}
END_TEST

Suite *lint_suite(void);

Suite *
lint_suite(void)
{
	Suite *s = suite_create("lint");
	TCase *t = tcase_create("packs");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);
	tcase_add_test(t, every_wrong_rule_is_told);
	tcase_add_test(t, an_id_twice_is_told_once);
	tcase_add_loop_test(
	    t, an_unbounded_repeat_is_an_error, 0, (int)TG_COUNT(endless));
	tcase_add_loop_test(t, what_costs_is_a_warning, 0, (int)TG_COUNT(rows));
	tcase_add_test(t, the_built_in_packs_have_no_warning);
	suite_add_tcase(s, t);
	return s;
}
