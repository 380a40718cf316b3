/*
 * attack_test.c - YAML that other loaders fall for, as a project's file: each
 * is refused at its place, "p.yaml:LINE:COL: ...", and soon.
 */
#include <check.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *attack_suite(void);

#define SECONDS 5 /* of CPU for one file, by far */

/* PROJECT_HEAD is four lines. */
static const struct {
	const char *text, *want;
} attacks[] = {
    /* Typed by the schema, never by the look of a word. */
    {"targets: {verify_residency: NO}\n",
	"5:29: /targets/verify_residency: true or false is wanted"},
    {"targets: {residency_allow: [no]}\n",
	"5:29: /targets/residency_allow: 'no' is no ISO 3166-1 country code"},
    {"logging: {signed: on}\n",
	"5:19: /logging/signed: true or false is wanted"},
    {"limits: {max_tokens_per_trace: 012}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: 0o12}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: 0x1F}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: 1_000}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: 12:30:45}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: 1e3}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: -1}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: +1}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: ~}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: }\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: 18446744073709551616}\n", "5:32: INT"},
    {"limits: {max_tokens_per_trace: .inf}\n", "5:32: INT"},
    {"sampling: {rate_max: .inf}\n", "5:22: RATIO"},
    {"sampling: {rate_max: .NaN}\n", "5:22: RATIO"},
    {"sampling: {rate_max: 1.0000000001}\n", "5:22: RATIO"},
    {"sampling: {rate_max: 0,01}\n", "5:24: unknown key '01'"},
    /* What the subset does not have. */
    {"limits: {max_tokens_per_trace: 9}\nlimits: {on_exceed: drop_record}\n",
	"6:1: the key stands twice, first in line 5"},
    {"limits: {\"on_exceed\": drop_record, on_exceed: truncate_window}\n",
	"5:36: the key stands twice, first in line 5"},
    {"sampling: &a {unit: subject}\n", "5:11: anchors are not allowed"},
    {"sampling: *a\n", "5:11: aliases are not allowed"},
    {"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
	"5:4: anchors are not allowed"},
    {"sampling:\n  <<: {unit: subject}\n",
	"6:3: merge keys (<<) are not allowed"},
    {"sampling: {unit: !!python/object/apply:os.system [id]}\n",
	"5:18: tags are not allowed"},
    {"sampling: !<tag:yaml.org,2002:map> {unit: subject}\n",
	"5:11: tags are not allowed"},
    {"---\nsampling: {unit: subject}\n",
	"5:1: a second document is not allowed"},
    {"...\nsampling: {unit: subject}\n", "6:1: PARSER"},
    {"%YAML 1.2\n---\nsampling: {unit: subject}\n", "5:1: PARSER"},
    {"? {unit: a}\n: subject\n", "5:3: a key must be plain text"},
    {"sampling:\n\tunit: subject\n",
	"6:1: found character that cannot start any token"},
    {"sampling: {unit: \"sub\\0ject\"}\n",
	"5:18: NUL in a text is not allowed"},
    {"sampling: {unit: \xC3\x28}\n", "5:18: not UTF-8"},
    {"sampling: {unit: \xED\xA0\x80}\n", "5:18: not UTF-8"},
    {"sampling: {unit: \xC0\xAF}\n", "5:18: not UTF-8"},
    {"sampling: {unit: sub\x1bject}\n", "PARSER"},
    {"sampling: {unit: [subject}\n", "5:26: PARSER"},
    {"sampling: {unit: 'subject}\n", "6:1: PARSER"},
    {"sampling: {un/it: subject}\n", "5:12: unknown key 'un/it'"},
    {"\"\": {unit: subject}\n", "5:1: unknown key ''"},
    {"sampling: {\"\xEF\xBD\x95nit\": subject}\n", "5:12: unknown key "},
    {"sampling: {unit: subject\xE2\x80\x8B}\n", "5:18: /sampling/unit: "},
};

static const char *
begins(const char *want)
{
	static const struct {
		const char *name, *text;
	} kinds[] = {{"INT", "/limits/max_tokens_per_trace: a whole number 1"},
	    {"RATIO", "/sampling/rate_max: a ratio 0 to 1"}, {"PARSER", ""}};
	static char out[TG_ERR_TEXT];
	size_t head = strlen(want);

	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		const char *at = strstr(want, kinds[i].name);

		if (at == NULL)
			continue;
		head = (size_t)(at - want);
		(void)snprintf(
		    out, sizeof(out), "%.*s%s", (int)head, want, kinds[i].text);
		return out;
	}
	return want;
}

/* Refused with "p.yaml:LINE:COL: " and soon; what stands after "p.yaml:". */
static const char *
refusal(const char *file, const char *project, struct tg_err *err)
{
	const char *path = sandbox_path(file), *at;
	const clock_t then = clock();
	unsigned line = 0, col = 0;

	ck_assert_ptr_null(compile_from(root_path("policies"),
	    root_path("regions"), "uk", project, NULL, err));
	ck_assert_int_lt((clock() - then) / CLOCKS_PER_SEC, SECONDS);
	ck_assert_int_eq(err->cls, TG_E_CONFIG);
	ck_assert_msg(
	    strncmp(err->text, path, strlen(path)) == 0, "%s", err->text);
	at = err->text + strlen(path);
	ck_assert_msg(
	    sscanf(at, ":%u:%u: ", &line, &col) == 2 && line > 0 && col > 0,
	    "%s", err->text);
	return at + 1;
}

START_TEST(an_attack_is_refused_at_its_place)
{
	const char *want = begins(attacks[_i].want), *got;
	struct tg_err err = {0};
	struct tg_buf text;

	tg_buf_init(&text, 1u << 16);
	ck_assert_int_eq(tg_buf_adds(&text, PROJECT_HEAD, &err), 0);
	ck_assert_int_eq(tg_buf_adds(&text, attacks[_i].text, &err), 0);
	sandbox_write("p.yaml", text.p);
	tg_buf_deinit(&text);
	got = refusal("p.yaml", sandbox_path("p.yaml"), &err);
	ck_assert_msg(
	    strncmp(got, want, strlen(want)) == 0, "%s\n%s", got, want);
}
END_TEST

/* @head, @n times @part. */
static void
write_many(const char *head, const char *part, size_t n)
{
	struct tg_err err = {0};
	struct tg_buf text;
	bool ok;

	tg_buf_init(&text, 4u << 20);
	ok = tg_buf_adds(&text, head, &err) == 0;
	for (size_t i = 0; i < n; i++)
		ok = ok && tg_buf_adds(&text, part, &err) == 0;
	ck_assert(ok);
	sandbox_write("p.yaml", text.p);
	tg_buf_deinit(&text);
}

static const struct {
	const char *head, *part, *want;
	size_t n;
} floods[] = {
    {PROJECT_HEAD "limits: ", "[", "5:32: more than 24 levels deep", 10000},
    {PROJECT_HEAD "limits: ", "{a: ", "5:101: more than 24 levels deep", 10000},
    {PROJECT_HEAD "limits:\n ", "- ", "6:48: more than 24 levels deep", 10000},
    {PROJECT_HEAD, "k", "5:1000001: could not find", 1000000},
    {PROJECT_HEAD "limits: {on_exceed: '", "k", "", 1000000},
    {PROJECT_HEAD "purposes: {deny: [", "a,", "6:1: did not find", 200000},
    {PROJECT_HEAD "purposes: {deny: [", "a,", "1:1: larger than 1048576 bytes",
	600000},
    {PROJECT_HEAD, "a: &a [*a]\n", "5:4: anchors are not allowed", 50000},
    {PROJECT_HEAD, "? ", "5:3: ", 100000},
    {PROJECT_HEAD, "&a ", "5:", 100000},
    {PROJECT_HEAD, "!a ", "5:", 100000},
    {PROJECT_HEAD "a: \"", "\\x41", "", 200000},
    {PROJECT_HEAD, "# ", "1:1: ", 500000},
};

START_TEST(a_flood_is_refused_at_its_place)
{
	struct tg_err err = {0};
	const char *got;

	write_many(floods[_i].head, floods[_i].part, floods[_i].n);
	got = refusal("p.yaml", sandbox_path("p.yaml"), &err);
	ck_assert_msg(
	    strncmp(got, floods[_i].want, strlen(floods[_i].want)) == 0,
	    "%s\n%s", got, floods[_i].want);
}
END_TEST

START_TEST(a_file_of_a_hundred_megabytes_is_not_read)
{
	struct tg_err err = {0};

	sandbox_write("p.yaml", PROJECT_HEAD);
	ck_assert_int_eq(truncate(sandbox_path("p.yaml"), 100 << 20), 0);
	ck_assert_str_eq(refusal("p.yaml", sandbox_path("p.yaml"), &err),
	    "1:1: larger than 1048576 bytes");
}
END_TEST

/* A byte order mark, ends of lines of another system, no last one. */
START_TEST(what_an_editor_does_is_no_attack)
{
	struct tg_err err = {0};
	struct tg_policy *p;
	uint64_t max = 0;

	sandbox_write("p.yaml",
	    "\xEF\xBB\xBFschema: tracegate.policy/1\r\nid: p\r\nversion: 1\r\n"
	    "layer: project\r\nlimits:\r\n  max_tokens_per_trace: 9");
	p = compile_from(root_path("policies"), root_path("regions"), "uk",
	    sandbox_path("p.yaml"), NULL, &err);
	ck_assert_msg(p != NULL, "%s", err.text);
	ck_assert_int_eq(
	    tg_policy_u64(p, "/limits/max_tokens_per_trace", &max, &err), 0);
	ck_assert_uint_eq(max, 9);
	tg_policy_free(p);
}
END_TEST

Suite *
attack_suite(void)
{
	Suite *s = suite_create("policies/attacks");
	TCase *t = tcase_create("attacks");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(
	    t, an_attack_is_refused_at_its_place, 0, (int)TG_COUNT(attacks));
	tcase_add_loop_test(
	    t, a_flood_is_refused_at_its_place, 0, (int)TG_COUNT(floods));
	tcase_add_test(t, a_file_of_a_hundred_megabytes_is_not_read);
	tcase_add_test(t, what_an_editor_does_is_no_attack);
	suite_add_tcase(s, t);
	return s;
}
