/* The way of single records: what stays, what goes, what stands for it. */
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

struct row {
	const char *in, *out; /* out NULL: quarantine */
};

/* REDACT mode: labels, default deny, untouched bytes. */
static const struct row redact_rows[] = {
    {"{\"text\":\"hi\"}", "{\"text\":\"hi\"}"},
    {"{ \"text\" : \"to a@example.org.\" }", "{ \"text\" : \"to [EMAIL].\" }"},
    {"{\"text\":\"a\\\"a@example.org\\\"b\"}",
	"{\"text\":\"a\\\"[EMAIL]\\\"b\"}"},
    {"{\"text\":\"\\u0061@example.org\"}", "{\"text\":\"[EMAIL]\"}"},
    {"{\"foo\":1,\"text\":\"x\"}", "{\"text\":\"x\"}"},
    {"{\"text\":\"x\",\"foo\":{\"a\":[1]}}", "{\"text\":\"x\"}"},
    {"{\"foo\":1}", "{}"},
    {"{\"text\":4111111111111111}", "{\"text\":\"[CARDX]\"}"},
    {"{\"text\":0.4111111111111111}", "{\"text\":0.4111111111111111}"},
    {"{\"text\":[1.50,2e3,-0]}", "{\"text\":[1.50,2e3,-0]}"},
    {"{\"text\":\"key sk-123456789012\"}", ""},
    {"{\"text\":\"{\\\"m\\\":\\\"a@example.org\\\"}\"}",
	"{\"text\":\"{\\\"m\\\":\\\"[EMAIL]\\\"}\"}"},
    {"{\"text\":\"[\\\"{\\\\\\\"m\\\\\\\":\\\\\\\"a@example.org\\\\\\\"}"
     "\\\"]\"}",
	"{\"text\":\"[\\\"{\\\\\\\"m\\\\\\\":\\\\\\\"[EMAIL]\\\\\\\"}\\\"]\"}"},
    {"{\"messages\":[{\"role\":\"user\",\"name\":\"Priya\",\"content\":\"x\"}]"
     "}",
	"{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"},
    {"{\"text\":\"[{\\\"role\\\":\\\"user\\\",\\\"name\\\":\\\"P\\\"}]\"}",
	"{\"text\":\"[{\\\"role\\\":\\\"user\\\"}]\"}"},
    {"{\"user_id\":\"a@example.org\"}", "{\"user_id\":\"[USER_ID]\"}"},
    {"{\"user_id\":7,\"text\":\"x\"}", "{\"text\":\"x\"}"},
    {"{\"tokens\":[\"a\",\"@\",\"example\",\".\",\"org\",\" ok\"]}",
	"{\"tokens\":[\"[EMAIL]\",\"\",\"\",\"\",\"\",\" ok\"]}"},
    {"{\"tokens\":[\"\xe2\x96\x81to\",\"\xe2\x96\x81"
     "a@exam\",\"ple.org\"]}",
	"{\"tokens\":[\"\xe2\x96\x81to\",\"[EMAIL]\",\"\"]}"},
    {"{\"prompt\":\"Ms Imogen Barrett\",\"output\":\"Barrett? Barretts "
     "barrett\"}",
	"{\"prompt\":\"[PERSON]\",\"output\":\"[PERSON]? Barretts barrett\"}"},
    {"{\"prompt\":\"Ms Imogen Barrett\",\"output\":\"rue Imogen-Simonet\"}",
	"{\"prompt\":\"[PERSON]\",\"output\":\"rue [PERSON][PERSON]\"}"},
    {"{\"tokens\":[1,2]}", NULL},
    {"{\"text\":\"x\"", NULL},
    {"[1]", NULL},
    {"{\"text\":\"41\\ud83d11\"}", NULL},
    {"{\"a\\uDc00\":1,\"text\":\"x\"}", NULL},
    {"{\"text\":\"\\ud83d\\ude00 \\ufffd\"}",
	"{\"text\":\"\\ud83d\\ude00 \\ufffd\"}"},
    {"{\"text\":\"a\",\"text\":\"b\"}", NULL},
    {"{\"nodes\":[],\"links\":[],\"metadata\":{\"slug\":\"s\",\"prompt\":"
     "\"to a@example.org\",\"prompt_tokens\":[]}}",
	""},
    {"{\"nodes\":[{\"node_id\":\"E_1_0\",\"clerp\":\"a@example.org\","
     "\"secret\":1}],\"links\":[],\"metadata\":{\"slug\":\"s\",\"prompt\":"
     "\"clean\",\"prompt_tokens\":[\"clean\"],\"info\":{\"creator_name\":\"J"
     "\"}}}",
	"{\"nodes\":[{\"node_id\":\"E_1_0\",\"clerp\":\"[EMAIL]\"}],"
	"\"links\":[],\"metadata\":{\"slug\":\"[TRACE_ID]\",\"prompt\":"
	"\"clean\","
	"\"prompt_tokens\":[\"clean\"],\"info\":{}}}"},
};

START_TEST(a_record_leaves_as_the_table_says)
{
	const struct row *row = &redact_rows[_i];
	struct way w;
	const char *out;

	way_init(&w, TG_MODE_REDACT);
	out = way_go(&w, row->in);
	if (row->out == NULL) {
		ck_assert_ptr_null(out);
		ck_assert_int_eq(w.err.cls, TG_E_INPUT);
	} else {
		ck_assert_msg(out != NULL, "%s", w.err.text);
		ck_assert_str_eq(out, row->out);
	}
	way_deinit(&w);
}
END_TEST

/* OTLP around an attribute. */
static const char *
span(const char *attributes)
{
	static char text[8192];

	(void)snprintf(text, sizeof(text),
	    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[]},"
	    "\"scopeSpans\":[{\"spans\":[{\"traceId\":"
	    "\"5B8EFFF798038103D269B633813FC60C\",\"spanId\":"
	    "\"eee19b7ec3c1b174\",\"startTimeUnixNano\":"
	    "\"1765900000123000000\",\"attributes\":[%s]}]}]}]}",
	    attributes);
	return text;
}

static const struct row attribute_rows[] = {
    {"{\"key\":\"gen_ai.request.model\",\"value\":{\"stringValue\":\"g\"}}",
	"{\"key\":\"gen_ai.request.model\",\"value\":{\"stringValue\":\"g\"}}"},
    {"{\"key\":\"nobody.knows\",\"value\":{\"stringValue\":\"g\"}}", ""},
    {"{\"key\":\"gen_ai.prompt.12.content\",\"value\":{\"stringValue\":"
     "\"a@example.org\"}}",
	"{\"key\":\"gen_ai.prompt.12.content\",\"value\":{\"stringValue\":"
	"\"[EMAIL]\"}}"},
    {"{\"key\":\"gen_ai.prompt.x.content\",\"value\":{\"stringValue\":\"g\"}}",
	""},
    {"{\"key\":\"input.value\",\"value\":{\"bytesValue\":\"AAAA\"}}", ""},
    {"{\"key\":\"user.id\",\"value\":{\"stringValue\":\"u-7\"}}",
	"{\"key\":\"user.id\",\"value\":{\"stringValue\":\"[USER_ID]\"}}"},
    {"{\"key\":\"user.id\",\"value\":{\"intValue\":7}}", ""},
    {"{\"key\":\"gen_ai.input.messages\",\"value\":{\"arrayValue\":{\"values\":"
     "[{\"kvlistValue\":{\"values\":[{\"key\":\"content\",\"value\":"
     "{\"stringValue\":\"a@example.org\"}}]}}]}}}",
	"{\"key\":\"gen_ai.input.messages\",\"value\":{\"arrayValue\":"
	"{\"values\":[{\"kvlistValue\":{\"values\":[{\"key\":\"content\","
	"\"value\":{\"stringValue\":\"[EMAIL]\"}}]}}]}}}"},
    {"{\"key\":\"gen_ai.request.model\",\"value\":{\"kvlistValue\":{\"values\":"
     "[]}}}",
	""},
};

START_TEST(an_attribute_leaves_as_the_allow_list_says)
{
	const struct row *row = &attribute_rows[_i];
	struct way w;
	char want[8192];
	const char *out;

	way_init(&w, TG_MODE_REDACT);
	(void)snprintf(want, sizeof(want), "%s", span(row->out));
	out = way_go(&w, span(row->in));
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_str_eq(out, want);
	way_deinit(&w);
}
END_TEST

static void
export_settings(struct way *w)
{
	w->set.mode = TG_MODE_EXPORT;
	w->set.granularity = TG_TIME_DAY;
	w->set.op[TG_FIELD_trace_id] = TG_OP_PSEUDONYMISE;
	w->set.op[TG_FIELD_user_id] = TG_OP_PSEUDONYMISE;
	w->set.op[TG_FIELD_client_ip] = TG_OP_DROP;
	memset(w->set.pseudonym_key, 9, TG_KEY_LEN);
}

START_TEST(an_export_pseudonymises_and_generalises)
{
	struct way w;
	const char *out;
	char first[64];

	way_init(&w, TG_MODE_EXPORT);
	export_settings(&w);
	out = way_go(&w,
	    span("{\"key\":\"user.id\",\"value\":{\"stringValue\":\"u\"}},"
		 "{\"key\":\"client.address\",\"value\":{\"stringValue\":"
		 "\"203.0.113.9\"}}"));
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_ptr_null(strstr(out, "5B8EFFF7"));
	ck_assert_ptr_null(strstr(out, "203.0.113.9"));
	ck_assert_ptr_null(strstr(out, "client.address"));
	ck_assert_ptr_nonnull(strstr(out, "\"1765843200000000000\""));
	ck_assert_ptr_nonnull(strstr(out, "{\"stringValue\":\"p_"));
	(void)snprintf(
	    first, sizeof(first), "%.32s", strstr(out, "\"traceId\":\"") + 11);
	ck_assert(first[0] >= 'a' && first[0] <= 'f');
	/* The same id in lower case is the same trace; another key is not. */
	out = way_go(&w,
	    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"
	    "\"5b8efff798038103d269b633813fc60c\"}]}]}]}");
	ck_assert_ptr_nonnull(strstr(out, first));
	memset(w.set.pseudonym_key, 8, TG_KEY_LEN);
	out = way_go(&w, span(""));
	ck_assert_ptr_null(strstr(out, first));
	way_deinit(&w);
}
END_TEST

/* 45 CFR 164.514(b)(2)(i)(C): of what is about health the year alone. */
START_TEST(a_time_of_a_record_about_health_becomes_the_year)
{
	static const char day[] = "\"1765843200000000000\"",
			  year[] = "\"1735689600000000000\"";
	static const char ill[] = "{\"key\":\"gen_ai.prompt\",\"value\":"
				  "{\"stringValue\":\"to a@example.org\"}}";
	static const struct {
		enum tg_harbor harbor;
		const char *attribute, *want;
	} cases[] = {{TG_HARBOR_NEVER, ill, day}, {TG_HARBOR_HEALTH, "", day},
	    {TG_HARBOR_HEALTH, ill, year}, {TG_HARBOR_ALWAYS, "", year}};
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	export_settings(&w);
	w.pass.health[tg_rules_type_find(w.rules, "EMAIL")] = true;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const char *out;

		w.set.harbor = cases[i].harbor;
		out = way_go(&w, span(cases[i].attribute));
		ck_assert_msg(out != NULL, "%s", w.err.text);
		ck_assert_msg(
		    strstr(out, cases[i].want) != NULL, "%zu: %s", i, out);
	}
	way_deinit(&w);
}
END_TEST

START_TEST(a_dropped_span_takes_empty_scopes_along)
{
	struct way w;
	const char *out;

	way_init(&w, TG_MODE_REDACT);
	out = way_go(&w,
	    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":"
	    "\"sk-123456789012\"}]},{\"spans\":[{\"name\":\"ok\"}]}]}]}");
	ck_assert_str_eq(out,
	    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":"
	    "\"ok\"}]}]}]}");
	ck_assert_uint_eq(w.counts->units_out, 1);
	/* In what all spans share, it takes them all. */
	out = way_go(&w,
	    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":"
	    "\"service.name\",\"value\":{\"stringValue\":\"sk-123456789012\"}}"
	    "]},\"scopeSpans\":[{\"spans\":[{\"name\":\"ok\"}]}]}]}");
	ck_assert_str_eq(out, "");
	way_deinit(&w);
}
END_TEST

static const char *
leaves(struct way *w, const char *text)
{
	const char *out = way_go(w, text);

	if (out == NULL)
		ck_abort_msg("%s", w->err.text);
	return out;
}

START_TEST(sampling_nests_and_goes_by_trace)
{
	struct way w;
	unsigned one = 0, five = 0;

	way_init(&w, TG_MODE_EXPORT);
	export_settings(&w);
	memset(w.set.sample_key, 3, TG_KEY_LEN);
	for (unsigned i = 0; i < 20000; i++) {
		char text[128];
		bool at_one, at_five;

		(void)snprintf(text, sizeof(text),
		    "{\"trace_id\":\"t-%u\",\"text\":\"x\"}", i);
		w.set.rate_ppb = 10000000;
		at_one = *leaves(&w, text) != '\0';
		w.set.rate_ppb = 50000000;
		at_five = *leaves(&w, text) != '\0';
		ck_assert(!at_one || at_five);
		one += at_one;
		five += at_five;
	}
	/* 200 and 1000 expected; five standard deviations. */
	ck_assert_uint_ge(one, 130);
	ck_assert_uint_le(one, 270);
	ck_assert_uint_ge(five, 846);
	ck_assert_uint_le(five, 1154);
	way_deinit(&w);
}
END_TEST

struct cut {
	const char *text;
	uint64_t max, tokens;
	uint32_t cut;
};

static const struct cut cuts[] = {
    {"", 10, 0, 0},
    {"one two", 10, 2, 7},
    {"one two three", 2, 4, 8},
    {"abcdefghij", 2, 3, 0},
    {"a, b", 2, 3, 3},
    {"a b c", 0, 3, 0},
};

START_TEST(tokens_are_estimated_and_cut_between_words)
{
	const struct cut *c = &cuts[_i];
	const struct tg_trace_text t = {c->text, strlen(c->text)};
	uint32_t cut;

	ck_assert_uint_eq(tg_tokens_estimate(t, c->max, &cut), c->tokens);
	ck_assert_uint_eq(cut, c->cut);
}
END_TEST

START_TEST(the_limit_cuts_text_but_not_a_replacement)
{
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	export_settings(&w);
	w.set.max_tokens = 3;
	ck_assert_str_eq(way_go(&w, "{\"text\":\"one two six ten\"}"),
	    "{\"text\":\"one two six \"}");
	ck_assert_str_eq(way_go(&w, "{\"text\":\"go aa.bb@example.org on\"}"),
	    "{\"text\":\"go \"}");
	w.set.exceed_drops = true;
	ck_assert_str_eq(way_go(&w, "{\"text\":\"one two six ten\"}"), "");
	ck_assert_str_eq(way_go(&w, "{\"text\":\"one two six\"}"),
	    "{\"text\":\"one two six\"}");
	way_deinit(&w);
}
END_TEST

START_TEST(no_more_records_than_the_cap)
{
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	export_settings(&w);
	w.set.max_records = 2;
	ck_assert_str_ne(leaves(&w, "{\"text\":\"a\"}"), "");
	ck_assert_str_ne(leaves(&w, "{\"text\":\"b\"}"), "");
	ck_assert_str_eq(leaves(&w, "{\"text\":\"c\"}"), "");
	ck_assert_str_eq(w.rec.unit[0].code, "SMP-CAP-TOTAL");
	way_deinit(&w);
}
END_TEST

START_TEST(real_text_stays_where_the_policy_says_synthetic_only)
{
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	export_settings(&w);
	w.set.text_drops = true;
	ck_assert_str_eq(way_go(&w, "{\"text\":\"x\",\"model\":\"g\"}"),
	    "{\"model\":\"g\"}");
	way_deinit(&w);
}
END_TEST

START_TEST(an_old_unit_does_not_leave)
{
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	export_settings(&w);
	w.set.oldest = 1765900001;
	ck_assert_str_eq(way_go(&w, span("")), "");
	w.set.oldest = 1765900000;
	ck_assert_str_ne(way_go(&w, span("")), "");
	ck_assert_int_eq(w.counts->oldest, 1765900000);
	way_deinit(&w);
}
END_TEST

#define MANY 6000

/* What stands for them grows with their number, not with its square. */
START_TEST(a_text_of_thousands_of_findings_leaves)
{
	struct tg_buf text;
	struct way w;
	const char *out;
	size_t n = 0;
	int bad = 0;

	way_init(&w, TG_MODE_REDACT);
	tg_buf_init(&text, 1u << 20);
	bad |= tg_buf_adds(&text, "{\"text\":\"", NULL);
	for (int i = 0; i < MANY; i++)
		bad |= tg_buf_adds(&text, "to a.b@example.org ", NULL);
	bad |= tg_buf_adds(&text, "\"}", NULL);
	ck_assert_int_eq(bad, 0);
	out = way_go(&w, text.p);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	while ((out = strstr(out, "[EMAIL]")) != NULL) {
		out++;
		n++;
	}
	ck_assert_uint_eq(n, MANY);
	ck_assert_uint_lt(w.rec.arena.used, MANY * 400);
	tg_buf_deinit(&text);
	way_deinit(&w);
}
END_TEST

START_TEST(a_record_that_needs_too_much_memory_is_left_out_alone)
{
	static const char text[] =
	    "{\"text\":\"to a.b@example.org and Ms Ann Lee\"}";
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	w.rec.arena.max = 64;
	ck_assert_ptr_null(way_go(&w, text));
	ck_assert_int_eq(w.err.cls, TG_E_INPUT);
	ck_assert_str_eq(w.code, "RED-ENGINE-ERROR");
	ck_assert_str_eq(
	    w.err.text, "record 1: needs more memory than a record may have");
	w.rec.arena.max = 1u << 20;
	ck_assert_str_eq(
	    way_go(&w, text), "{\"text\":\"to [EMAIL] and [PERSON]\"}");
	/* Unless the policy says that it stops everything. */
	w.rec.arena.max = 64;
	w.set.error_blocks = true;
	ck_assert_ptr_null(way_go(&w, text));
	ck_assert_int_eq(w.err.cls, TG_E_NO);
	way_deinit(&w);
}
END_TEST

Suite *stage_suite(void);

Suite *
stage_suite(void)
{
	Suite *s = suite_create("stage");
	TCase *t = tcase_create("records");

	tcase_add_loop_test(t, a_record_leaves_as_the_table_says, 0,
	    (int)TG_COUNT(redact_rows));
	tcase_add_loop_test(t, an_attribute_leaves_as_the_allow_list_says, 0,
	    (int)TG_COUNT(attribute_rows));
	tcase_add_test(t, an_export_pseudonymises_and_generalises);
	tcase_add_test(t, a_time_of_a_record_about_health_becomes_the_year);
	tcase_add_test(t, a_dropped_span_takes_empty_scopes_along);
	tcase_add_test(t, sampling_nests_and_goes_by_trace);
	tcase_add_loop_test(t, tokens_are_estimated_and_cut_between_words, 0,
	    (int)TG_COUNT(cuts));
	tcase_add_test(t, the_limit_cuts_text_but_not_a_replacement);
	tcase_add_test(t, no_more_records_than_the_cap);
	tcase_add_test(t, real_text_stays_where_the_policy_says_synthetic_only);
	tcase_add_test(t, an_old_unit_does_not_leave);
	tcase_add_test(t, a_text_of_thousands_of_findings_leaves);
	tcase_add_test(
	    t, a_record_that_needs_too_much_memory_is_left_out_alone);
	suite_add_tcase(s, t);
	return s;
}
