/* The operators on the way of a record: JSON, scopes, counts, the policy. */
#include <stdio.h>

#include "policies/schema.h"
#include "redactors/operators.h"
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

static const uint8_t key_a[TG_KEY_LEN] = {1}, key_b[TG_KEY_LEN] = {2};

static void
keys(struct way *w, const uint8_t *key)
{
	tg_operators_keys(w->pass.ops,
	    &(struct tg_operators_keys){
		.link = key, .run = key, .table = key, .year = 2026});
}

static void
act(struct way *w, const char *type, struct tg_operator p)
{
	const int t = tg_rules_type_find(w->rules, type);

	ck_assert_int_ge(t, 0);
	tg_operators_set(w->pass.ops, (uint16_t)t, &p);
	tg_scanner_set(w->pass.scanner, (uint16_t)t, 50, p.action);
}

/* Objects as the filter of plain JSON lines sees them. */
static const struct {
	struct tg_operator p;
	const char *type, *in, *out;
} rows[] = {
    {{.action = TG_ACT_KEEP}, "EMAIL", "{\"text\":\"to a.b@example.org\"}",
	"{\"text\":\"to a.b@example.org\"}"},
    {{.action = TG_ACT_TAG}, "EMAIL", "{\"text\":\"to a.b@example.org\"}",
	"{\"text\":\"to [EMAIL:15]\"}"},
    {{.action = TG_ACT_MASK, .mask_first = 1}, "EMAIL",
	"{\"text\":\"to a.b@example.org\"}",
	"{\"text\":\"to a.*@*******.***\"}"},
    {{.action = TG_ACT_NUMBER}, "EMAIL",
	"{\"text\":\"a@example.org b@example.org a@example.org\"}",
	"{\"text\":\"[EMAIL_1] [EMAIL_2] [EMAIL_1]\"}"},
    {{.action = TG_ACT_LABEL}, "EMAIL", "{\"text\":\"to a.b@example.org\"}",
	"{\"text\":\"to [EMAIL]\"}"},
    {{.action = TG_ACT_REDACT}, "EMAIL", "{\"text\":\"to a.b@example.org!\"}",
	"{\"text\":\"to !\"}"},
    {{.action = TG_ACT_DROP_FIELD}, "EMAIL",
	"{\"text\":\"to a.b@example.org!\"}", "{\"text\":\"[EMAIL]\"}"},
    {{.action = TG_ACT_DROP_RECORD}, "EMAIL",
	"{\"text\":\"to a.b@example.org!\"}", ""},
    /* generalise knows no e-mail address */
    {{.action = TG_ACT_GENERALISE}, "EMAIL",
	"{\"text\":\"to a.b@example.org\"}", "{\"text\":\"to [EMAIL]\"}"},
    /* a number becomes a string that says what it was */
    {{.action = TG_ACT_LABEL}, "CARDX",
	"{\"text\":\"x\",\"messages\":[{\"content\":{\"n\":4111111111111111}}]"
	"}",
	"{\"text\":\"x\",\"messages\":[{\"content\":{\"n\":\"[CARDX]\"}}]}"},
    {{.action = TG_ACT_MASK, .mask_last = 4}, "CARDX",
	"{\"text\":\"{\\\"n\\\":4111111111111111}\"}",
	"{\"text\":\"{\\\"n\\\":\\\"************1111\\\"}\"}"},
    {{.action = TG_ACT_REDACT}, "CARDX",
	"{\"text\":\"{\\\"n\\\":4111111111111111}\"}",
	"{\"text\":\"{\\\"n\\\":\\\"\\\"}\"}"},
    /* two keys of one object stay two */
    {{.action = TG_ACT_REDACT}, "EMAIL",
	"{\"text\":\"{\\\"a@example.org\\\":1,\\\"b@example.org\\\":2}\"}",
	"{\"text\":\"{\\\"~3\\\":1,\\\"~19\\\":2}\"}"},
};

START_TEST(a_record_through_each_operator)
{
	struct way w;
	const char *out;

	way_init(&w, TG_MODE_REDACT);
	keys(&w, key_a);
	act(&w, rows[_i].type, rows[_i].p);
	out = way_go(&w, rows[_i].in);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	if (strstr(rows[_i].in, "{\\\"a@") == NULL)
		ck_assert_str_eq(out, rows[_i].out);
	else
		ck_assert_ptr_null(strstr(out, "example"));
	way_deinit(&w);
}
END_TEST

START_TEST(a_json_number_becomes_null_where_the_policy_says_so)
{
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	w.set.number_null = true;
	ck_assert_str_eq(
	    way_go(&w, "{\"text\":\"{\\\"n\\\":4111111111111111}\"}"),
	    "{\"text\":\"{\\\"n\\\":null}\"}");
	way_deinit(&w);
}
END_TEST

START_TEST(equal_keys_write_equal_text_and_a_second_pass_changes_none)
{
	static const char in[] =
	    "{\"text\":\"Ms Ann Lee a@example.org 4111111111111111\"}";
	static const enum tg_action all[] = {TG_ACT_TAG, TG_ACT_TOKENISE,
	    TG_ACT_HASH, TG_ACT_PSEUDONYMISE, TG_ACT_NUMBER, TG_ACT_LABEL,
	    TG_ACT_REDACT};
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	for (size_t i = 0; i < TG_COUNT(all); i++) {
		const bool linked =
		    all[i] >= TG_ACT_TOKENISE && all[i] <= TG_ACT_PSEUDONYMISE;
		char first[512], again[512];

		act(&w, "EMAIL", (struct tg_operator){.action = all[i]});
		act(&w, "CARDX", (struct tg_operator){.action = all[i]});
		act(&w, "PERSON", (struct tg_operator){.action = all[i]});
		keys(&w, key_a);
		(void)snprintf(first, sizeof(first), "%s", way_go(&w, in));
		ck_assert_ptr_null(strstr(first, "example"));
		ck_assert_ptr_null(strstr(first, "Ann"));
		(void)snprintf(again, sizeof(again), "%s", way_go(&w, first));
		ck_assert_str_eq(first, again);
		keys(&w, key_b);
		(void)snprintf(again, sizeof(again), "%s", way_go(&w, in));
		ck_assert_int_eq(strcmp(first, again) != 0, linked);
	}
	way_deinit(&w);
}
END_TEST

START_TEST(numbers_begin_again_with_the_scope)
{
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	keys(&w, key_a);
	act(&w, "EMAIL", (struct tg_operator){.action = TG_ACT_NUMBER});
	(void)way_go(&w, "{\"text\":\"a@example.org\"}");
	ck_assert_str_eq(way_go(&w, "{\"text\":\"b@example.org\"}"),
	    "{\"text\":\"[EMAIL_1]\"}");
	act(&w, "EMAIL",
	    (struct tg_operator){
		.action = TG_ACT_NUMBER, .number_scope = TG_NUMBER_FILE});
	(void)way_go(&w, "{\"text\":\"a@example.org\"}");
	ck_assert_str_eq(way_go(&w, "{\"text\":\"b@example.org\"}"),
	    "{\"text\":\"[EMAIL_2]\"}");
	tg_operators_file(w.pass.ops);
	ck_assert_str_eq(way_go(&w, "{\"text\":\"b@example.org\"}"),
	    "{\"text\":\"[EMAIL_1]\"}");
	way_deinit(&w);
}
END_TEST

START_TEST(a_repeated_surname_goes_whatever_stands_for_the_name)
{
	static const struct {
		enum tg_action a;
		const char *out;
	} list[] = {{TG_ACT_LABEL, "{\"text\":\"[PERSON]. [PERSON] said\"}"},
	    {TG_ACT_NUMBER, "{\"text\":\"[PERSON_1]. [PERSON] said\"}"},
	    {TG_ACT_REDACT, "{\"text\":\".  said\"}"},
	    {TG_ACT_MASK, "{\"text\":\"** *** ********. [PERSON] said\"}"}};

	for (size_t i = 0; i < TG_COUNT(list); i++) {
		struct way w;

		way_init(&w, TG_MODE_REDACT);
		act(&w, "PERSON", (struct tg_operator){.action = list[i].a});
		ck_assert_str_eq(
		    way_go(&w, "{\"text\":\"Ms Ann Thornley. Thornley said\"}"),
		    list[i].out);
		way_deinit(&w);
	}
}
END_TEST

START_TEST(what_was_done_is_counted_by_type_and_operator)
{
	struct way w;
	const struct tg_count_type *email;

	way_init(&w, TG_MODE_REDACT);
	act(&w, "EMAIL", (struct tg_operator){.action = TG_ACT_HASH});
	email = &w.counts->type[tg_rules_type_find(w.rules, "EMAIL")];
	(void)way_go(&w, "{\"text\":\"a@example.org\"}");
	/* No key: the label stands in, and it is said. */
	ck_assert_uint_eq(email->done[TG_ACT_LABEL], 1);
	ck_assert_uint_eq(email->done[TG_ACT_HASH], 0);
	keys(&w, key_a);
	(void)way_go(&w, "{\"text\":\"a@example.org b@example.org\"}");
	ck_assert_uint_eq(email->done[TG_ACT_HASH], 2);
	act(&w, "EMAIL", (struct tg_operator){.action = TG_ACT_KEEP});
	(void)way_go(&w, "{\"text\":\"a@example.org\"}");
	ck_assert_uint_eq(email->done[TG_ACT_KEEP], 1);
	ck_assert_uint_eq(w.counts->kept_findings, 1);
	ck_assert_uint_eq(email->spans, 3);
	way_deinit(&w);
}
END_TEST

START_TEST(a_field_is_generalised_where_something_coarser_is_known)
{
	static const struct {
		const char *key, *value, *want;
		enum tg_field_id field;
	} list[] = {{"client.address", "203.0.113.9", "\"203.0.113.x\"",
			TG_FIELD_client_ip},
	    {"client.address", "2001:db8:7::1", "\"2001.db8.7.x\"",
		TG_FIELD_client_ip},
	    {"client.address", "somewhere", NULL, TG_FIELD_client_ip},
	    {"user.id", "u-17", NULL, TG_FIELD_user_id}};

	for (size_t i = 0; i < TG_COUNT(list); i++) {
		char in[512];
		const char *out;
		struct way w;

		way_init(&w, TG_MODE_EXPORT);
		w.set.op[list[i].field] = TG_OP_GENERALISE;
		(void)snprintf(in, sizeof(in),
		    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{"
		    "\"traceId\":\"5b8efff798038103d269b633813fc60c\","
		    "\"attributes\":[{\"key\":\"%s\",\"value\":{"
		    "\"stringValue\":\"%s\"}}]}]}]}]}",
		    list[i].key, list[i].value);
		out = way_go(&w, in);
		ck_assert_msg(out != NULL, "%s", w.err.text);
		ck_assert_ptr_null(strstr(out, list[i].value));
		if (list[i].want == NULL)
			ck_assert_ptr_null(strstr(out, list[i].key));
		else
			ck_assert_msg(
			    strstr(out, list[i].want) != NULL, "%s", out);
		way_deinit(&w);
	}
}
END_TEST

/* ---- what the policy's words mean --------------------------------------- */

START_TEST(the_schema_has_the_operators_in_their_order)
{
	static const char *const leaves[] = {"action", "floor", "operator"};

	for (size_t i = 0; i < TG_COUNT(leaves); i++) {
		const struct tg_schema_row *row;
		char path[64];
		unsigned a = 0;

		(void)snprintf(path, sizeof(path),
		    "/redaction/detectors/EMAIL/%s", leaves[i]);
		ck_assert_int_eq(
		    tg_schema_find(&row, tg_sv_of(path)), TG_SCHEMA_LEAF);
		for (; row->words[a] != NULL; a++)
			ck_assert_str_eq(
			    row->words[a], tg_action_name((enum tg_action)a));
		ck_assert_uint_eq(a, TG_ACT_BLOCK_RUN + 1);
	}
}
END_TEST

static const char *
root(const char *below)
{
	static char path[4][512];
	static unsigned i;
	const char *r = getenv("TG_ROOT");

	i = (i + 1) % 4;
	(void)snprintf(
	    path[i], sizeof(path[i]), "%s/%s", r == NULL ? "." : r, below);
	return path[i];
}

static struct tg_policy *
compiled(struct way *w, const char *leaves)
{
	static const char *const region = "uk";
	const char *file = scratch_path(&w->s, "p.yaml");
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p = NULL;
	char text[600];

	(void)snprintf(text, sizeof(text),
	    "schema: tracegate.policy/1\nid: p\nversion: 1\nlayer: project\n"
	    "redaction: {detectors: {%s}}\n",
	    leaves);
	ck_assert_int_eq(
	    tg_fs_write(file, tg_sv_of(text), 0600, TG_FS_OVERWRITE, &err), 0);
	const struct tg_policy_src src = {.policy_dir = root("policies"),
	    .region_dir = root("regions"),
	    .region = &region,
	    .n_region = 1,
	    .project = file};

	if (tg_policy_compile(&p, &src, &err) < 0)
		return NULL;
	return p;
}

START_TEST(policy_and_operators_know_the_same_coarser_types)
{
	static const char *const types[] = {"AGE", "CREDIT_CARD",
	    "DATE_OF_BIRTH", "FR_POSTCODE", "GPS", "IBAN", "IP_ADDRESS",
	    "UK_POSTCODE", "US_ZIP"};
	struct way w;
	size_t n = 0;

	way_init(&w, TG_MODE_REDACT);
	for (size_t i = 0; i < TG_COUNT(types); i++) {
		struct tg_policy *p;
		char leaves[100];

		(void)snprintf(leaves, sizeof(leaves),
		    "%s: {operator: generalise}", types[i]);
		p = compiled(&w, leaves);
		/* A region's type has no action in a policy of the UK. */
		if (strncmp(types[i], "FR_", 3) != 0 &&
		    strncmp(types[i], "US_", 3) != 0)
			ck_assert_msg(
			    (p != NULL) == tg_operators_generalises(types[i]),
			    "%s", types[i]);
		n += tg_operators_generalises(types[i]);
		tg_policy_free(p);
	}
	ck_assert_uint_eq(n, 7);
	way_deinit(&w);
}
END_TEST

START_TEST(the_policy_sets_scanner_and_operators)
{
	struct tg_policy *p;
	struct tg_err err = {.cls = TG_E_NONE};
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	keys(&w, key_a);
	p = compiled(&w,
	    "PERSON: {operator: number, number_scope: file}, "
	    "EMAIL: {operator: redact}");
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(
	    tg_settings_scanner(w.pass.scanner, w.rules, p, &err), 0);
	ck_assert_int_eq(
	    tg_settings_operators(w.pass.ops, w.rules, p, &err), 0);
	tg_operators_file(w.pass.ops);
	(void)way_go(&w, "{\"text\":\"Ms Ida Roe\"}");
	ck_assert_str_eq(way_go(&w, "{\"text\":\"Ms Ann Lee, a@example.org\"}"),
	    "{\"text\":\"[PERSON_2], \"}");
	ck_assert_str_eq(tg_settings_action(p, "PERSON"), "number");
	ck_assert_str_eq(tg_settings_action(p, "PHONE"), "label");
	ck_assert_str_eq(tg_settings_action(p, "NOBODY"), "label");
	tg_policy_free(p);
	way_deinit(&w);
}
END_TEST

START_TEST(a_policy_whose_mask_is_found_again_is_refused)
{
	struct tg_policy *p;
	struct tg_err err = {.cls = TG_E_NONE};
	struct way w;

	/* "a.b@example.org" as xs would be an address of the tests' own rule.
	 */
	way_init(&w, TG_MODE_REDACT);
	p = compiled(&w, "CREDIT_CARD: {operator: mask, mask_char: x}");
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(
	    tg_settings_operators(w.pass.ops, w.rules, p, &err), 0);
	tg_policy_free(p);
	act(&w, "EMAIL",
	    (struct tg_operator){.action = TG_ACT_MASK, .mask_char = 'x'});
	ck_assert_int_eq(tg_operators_selftest(w.pass.ops, w.rules,
			     (uint16_t)tg_rules_type_find(w.rules, "EMAIL"),
			     TG_ACT_MASK, &err),
	    0); /* the tests' rule asks for .org */
	act(&w, "CARDX",
	    (struct tg_operator){.action = TG_ACT_MASK, .mask_char = '4'});
	ck_assert_int_eq(tg_operators_selftest(w.pass.ops, w.rules,
			     (uint16_t)tg_rules_type_find(w.rules, "CARDX"),
			     TG_ACT_MASK, &err),
	    -1);
	ck_assert_ptr_nonnull(strstr(err.text, "found again by rule 't.card'"));
	/* Without the self-test the record would still go out clean. */
	ck_assert_str_eq(way_go(&w, "{\"text\":\"n 4111111111111111\"}"),
	    "{\"text\":\"n [CARDX]\"}");
	way_deinit(&w);
}
END_TEST

Suite *operators_way_suite(void);
Suite *
operators_way_suite(void)
{
	Suite *s = suite_create("pipeline/operators");
	TCase *t = tcase_create("operators");

	tcase_add_loop_test(
	    t, a_record_through_each_operator, 0, TG_COUNT(rows));
	tcase_add_test(t, a_json_number_becomes_null_where_the_policy_says_so);
	tcase_add_test(
	    t, equal_keys_write_equal_text_and_a_second_pass_changes_none);
	tcase_add_test(t, numbers_begin_again_with_the_scope);
	tcase_add_test(t, a_repeated_surname_goes_whatever_stands_for_the_name);
	tcase_add_test(t, what_was_done_is_counted_by_type_and_operator);
	tcase_add_test(
	    t, a_field_is_generalised_where_something_coarser_is_known);
	tcase_add_test(t, the_schema_has_the_operators_in_their_order);
	tcase_add_test(t, policy_and_operators_know_the_same_coarser_types);
	tcase_add_test(t, the_policy_sets_scanner_and_operators);
	tcase_add_test(t, a_policy_whose_mask_is_found_again_is_refused);
	suite_add_tcase(s, t);
	return s;
}
