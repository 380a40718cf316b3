/* A rule set that is not right is refused, and the message says where. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define HEAD "version: 1\npack: t\nrules:\n"
#define RULE "  - id: t.a\n    type: T\n"
#define SCORE "    score: {base: 60}\n"
#define MATCH "      match: ['x1', 'x2']\n"
#define NO_MATCH "      no_match: ['y', 'z']\n"
#define EXAMPLES "    examples:\n" MATCH NO_MATCH
#define PATTERN "    pattern: 'x\\d'\n"

static const struct {
	const char *pack, *want; /* behind the file's name */
} rows[] = {
    {HEAD RULE PATTERN SCORE EXAMPLES, NULL},
    {"", ":1:1: empty"},
    {HEAD, ": no rules in the file"},
    {"version: 2\npack: t\nrules: [1]\n", ":1:10: 'version' is not 1"},
    {HEAD RULE PATTERN SCORE EXAMPLES "    patern: 'x'\n",
	":11:5: unknown key 'patern' (did you mean 'pattern'?)"},
    {HEAD RULE PATTERN SCORE EXAMPLES "    validator: ibn\n",
	":11:16: unknown validator 'ibn' (did you mean 'iban'?)"},
    {HEAD RULE PATTERN SCORE EXAMPLES "    boundary: strickt\n",
	":11:15: unknown boundary 'strickt' (did you mean 'strict'?)"},
    {HEAD RULE PATTERN SCORE, ": rule 't.a' has no examples"},
    {HEAD RULE PATTERN SCORE "    examples:\n      match: ['x1']\n" NO_MATCH,
	": rule 't.a' needs at least two 'match' examples"},
    {HEAD RULE PATTERN SCORE "    examples:\n" MATCH "      no_match: ['y']\n",
	": rule 't.a' needs at least two 'no_match' examples"},
    {HEAD RULE PATTERN SCORE
	"    examples:\n      match: ['x1', 'y2']\n" NO_MATCH,
	":9:21: rule 't.a': this 'match' example is not found"},
    {HEAD RULE PATTERN SCORE
	"    examples:\n      match: ['x1', 'a [[x2 ]]']\n" NO_MATCH,
	":9:21: rule 't.a': found at 2 to 4, not at 2 to 5"},
    {HEAD RULE PATTERN SCORE "    examples:\n" MATCH
			     "      no_match: ['y', 'x3']\n",
	":10:23: rule 't.a': this 'no_match' example is found"},
    {HEAD RULE "    pattern: '(x\\d'\n" SCORE EXAMPLES,
	":6:19: rule 't.a', at byte 4: pattern: group without )"},
    {HEAD RULE "    pattern: 'x\\d+'\n" SCORE EXAMPLES,
	":6:18: rule 't.a', at byte 3: pattern: unbounded repeat; "
	"write {1,N}"},
    {HEAD RULE "    pattern: '(a+)+$'\n" SCORE EXAMPLES,
	":6:17: rule 't.a', at byte 2: pattern: unbounded repeat; "
	"write {1,N}"},
    {HEAD RULE "    pattern: '(x)\\1'\n" SCORE EXAMPLES,
	":6:20: rule 't.a', at byte 5: pattern: this escape is not allowed "
	"in a rule"},
    {HEAD RULE "    pattern: '(*COMMIT)x'\n" SCORE EXAMPLES,
	":6:16: rule 't.a', at byte 1: pattern: verbs are not allowed in a "
	"rule"},
    {HEAD RULE PATTERN "    score: {base: 101}\n" EXAMPLES,
	":7:19: 'base' is not a number from 0 to 100"},
    {HEAD RULE PATTERN EXAMPLES, ": 'score' is missing"},
    {HEAD RULE SCORE EXAMPLES, ": 'pattern' is missing"},
    {HEAD "  - id: T.A\n    type: T\n" PATTERN SCORE EXAMPLES,
	":4:9: 'id' is not up to 40 of a-z 0-9 . _"},
    {HEAD "  - id: t.a\n    type: t\n" PATTERN SCORE EXAMPLES,
	":5:11: 'type' is not up to 40 of A-Z 0-9 _"},
    {HEAD RULE PATTERN SCORE EXAMPLES RULE PATTERN SCORE EXAMPLES,
	": rule 't.a' is there twice"},
    {HEAD RULE PATTERN SCORE EXAMPLES "    form: titled\n",
	": 'form' goes with engine 'person'"},
    {HEAD RULE "    engine: person\n    form: titled\n" SCORE EXAMPLES,
	": rule 't.a' needs a folder of names"},
    {HEAD RULE PATTERN SCORE EXAMPLES "    when: key\n",
	": 'when: key' without context keys"},
    {HEAD RULE PATTERN SCORE EXAMPLES "    context: {words: ['@none']}\n",
	":11:23: unknown list 'none'"},
    {HEAD RULE "    pattern: '\\[?[TE]\\]?'\n    boundary: none\n" SCORE
	       "    examples:\n      match: ['T', 'E']\n" NO_MATCH,
	":4:1: rule 't.a' matches the replacement of type T"},
    {HEAD "  - id: t.a\n    type: T0612345678\n    category: secret\n" PATTERN
	    SCORE EXAMPLES,
	":4: the type 'T0612345678' has more than three digits or 36 letters, "
	"or "
	"ends in '_'"},
};

static int
load(const char *text, struct tg_err *err, char *path, size_t cap)
{
	char folder[] = "/tmp/tg-loader-XXXXXX";
	struct tg_rules *r = NULL;
	const char *pack[] = {path};
	const struct tg_rules_src src = {pack, 1, NULL, 0};
	int rc;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, cap, "%s/p.yaml", folder);
	ck_assert_int_eq(
	    tg_fs_write(path, tg_sv_of(text), 0600, TG_FS_NEW, err), 0);
	rc = tg_rules_load(&r, &src, err);
	tg_rules_free(r);
	ck_assert_int_eq(tg_fs_remove_tree(folder, NULL), 0);
	return rc;
}

START_TEST(a_wrong_pack_is_refused_with_its_reason)
{
	struct tg_err err = {.cls = TG_E_NONE};
	char path[100];
	const int rc = load(rows[_i].pack, &err, path, sizeof(path));
	const size_t n = strlen(path);
	const char *said = err.text;

	if (rows[_i].want == NULL) {
		ck_assert_msg(rc == 0, "%s", err.text);
		return;
	}
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	if (strncmp(said, path, n) == 0)
		said += n;
	/* Rows that begin with ": " leave the position open. */
	if (rows[_i].want[0] == ':' && rows[_i].want[1] == ' ')
		said = strstr(said, ": ");
	ck_assert_ptr_nonnull(said);
	ck_assert_str_eq(said, rows[_i].want);
}
END_TEST

START_TEST(no_rule_files_is_an_error)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_rules_src src = {NULL, 0, NULL, 0};
	struct tg_rules *r = NULL;

	ck_assert_int_eq(tg_rules_load(&r, &src, &err), -1);
	ck_assert_str_eq(err.text, "no rule files");
	ck_assert_ptr_null(r);
}
END_TEST

START_TEST(the_built_in_set_says_what_it_is)
{
	static const char *const types[] = {"EMAIL", "PHONE", "IBAN",
	    "CREDIT_CARD", "IP_ADDRESS", "URL_CREDENTIALS", "UK_NINO",
	    "UK_NHS_NUMBER", "UK_POSTCODE", "FR_NIR", "FR_SIREN", "FR_SIRET",
	    "FR_TAX_ID", "FR_VAT", "FR_RIB", "US_SSN", "US_ITIN", "SECRET",
	    "JWT", "PRIVATE_KEY", "PERSON"};
	const struct tg_rules *r = fixture_rules();
	const char *sha = NULL;
	size_t n = 0, sum = 0;

	for (size_t i = 0; i < TG_COUNT(types); i++)
		ck_assert_msg(
		    tg_rules_type_find(r, types[i]) >= 0, "%s", types[i]);
	ck_assert_int_eq(tg_rules_type_find(r, "NONE"), -1);
	for (size_t i = 0; i < tg_rules_pack_count(r); i++) {
		ck_assert_ptr_nonnull(tg_rules_pack(r, i, &sha, &n));
		ck_assert_uint_eq(strlen(sha), 64);
		sum += n;
	}
	ck_assert_uint_eq(sum, tg_rules_count(r));
	ck_assert_uint_eq(strlen(tg_rules_sha256(r)), 64);
	ck_assert_uint_eq(strlen(tg_rules_names_sha256(r)), 64);
	ck_assert_ptr_null(tg_rules_info(r, (uint16_t)tg_rules_count(r)));
}
END_TEST

START_TEST(a_heavy_pattern_ends_in_a_refused_text)
{
	static const char pack[] =
	    HEAD RULE "    pattern: '(?:a{1,60}){1,60}(?:a{1,60}){1,60}b'\n"
		      "    boundary: none\n" SCORE
		      "    examples:\n      match: ['aab', 'aaab']\n" NO_MATCH;
	char folder[] = "/tmp/tg-heavy-XXXXXX", path[100], text[200];
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_rules *r = NULL;
	struct tg_scanner *s = NULL;
	struct tg_findings f;
	const char *packs[] = {path};
	const struct tg_rules_src src = {packs, 1, NULL, 0};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/p.yaml", folder);
	ck_assert_int_eq(
	    tg_fs_write(path, tg_sv_of(pack), 0600, TG_FS_NEW, &err), 0);
	if (tg_rules_load(&r, &src, &err) < 0 ||
	    tg_scanner_new(&s, r, &err) < 0)
		ck_abort_msg("%s", err.text);
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 2, "cb", 2);
	ck_assert_int_eq(tg_scan(s, (struct tg_trace_text){text, sizeof(text)},
			     (struct tg_trace_text){"", 0}, &f, &err),
	    -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	ck_assert_str_eq(err.text,
	    "rule t.a: matching stopped at byte 0 (engine error -47)");
	tg_scanner_free(s);
	tg_rules_free(r);
	ck_assert_int_eq(tg_fs_remove_tree(folder, NULL), 0);
}
END_TEST

/* The names of all regions, the identifiers of some: their examples hold. */
START_TEST(every_subset_of_regions_loads)
{
	static const char *const region[] = {"uk", "fr", "us"};
	const char *pack[6] = {fixture_path("redactors/rules/generic.yaml"),
	    fixture_path("redactors/rules/secrets.yaml"),
	    fixture_path("redactors/rules/person.yaml")};
	const char *names[] = {fixture_path("regions/uk/names"),
	    fixture_path("regions/fr/names"), fixture_path("regions/us/names")};
	struct tg_rules_src src = {pack, 3, names, TG_COUNT(names)};
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_rules *r = NULL;
	char path[3][64];

	for (int i = 0; i < 3; i++) {
		if (((_i >> i) & 1) == 0)
			continue;
		(void)snprintf(path[i], sizeof(path[i]),
		    "regions/%s/identifiers.yaml", region[i]);
		pack[src.n_pack++] = fixture_path(path[i]);
	}
	ck_assert_msg(tg_rules_load(&r, &src, &err) == 0, "%s", err.text);
	tg_rules_free(r);
}
END_TEST

Suite *loader_suite(void);
Suite *
loader_suite(void)
{
	Suite *s = suite_create("loader");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);

	tcase_add_loop_test(
	    t, a_wrong_pack_is_refused_with_its_reason, 0, (int)TG_COUNT(rows));
	tcase_add_test(t, no_rule_files_is_an_error);
	tcase_add_test(t, the_built_in_set_says_what_it_is);
	tcase_add_test(t, a_heavy_pattern_ends_in_a_refused_text);
	tcase_add_loop_test(t, every_subset_of_regions_loads, 0, 8);
	suite_add_tcase(s, t);
	return s;
}
