/* Rows of features beside tokens: what goes with a struck token. */
#include "pipeline/sources/source.h"
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

#define TOKENS(first)                                                       \
	"\"tokens\":[\"" first "\",\"Hi\",\" a\",\"@exam\",\"ple.org\",\" " \
	"z\"]"
#define STRUCK(first) \
	"\"tokens\":[\"" first "\",\"Hi\",\"[EMAIL]\",\"\",\"\",\" z\"]"
#define ROW "\"modelId\":\"m\",\"layer\":\"l\",\"index\":\"1\","

struct row {
	const char *in, *out; /* out NULL: quarantine */
	const char *word;     /* of the reason */
};

static const struct row rows[] = {
    /* What is derived is computed anew; what cannot be goes. */
    {"{" ROW TOKENS("<bos>") ",\"values\":[0, 1.50,0,9,0,0.5],"
			     "\"maxValue\":9,\"minValue\":0,"
			     "\"maxValueTokenIndex\":3,\"binMin\":1}",
	"{" ROW STRUCK("<bos>") ",\"values\":[0, 1.50,0,0,0,0],"
				"\"maxValue\":1.5,\"minValue\":0,"
				"\"maxValueTokenIndex\":1}",
	NULL},
    /* Zeros as they were written; nothing else is touched. */
    {"{" ROW TOKENS("<bos>") ",\"values\":[ 0.00,1.5e0,0.0,-0,0e5,0 ],"
			     "\"maxValue\":1.50}",
	"{" ROW STRUCK("<bos>") ",\"values\":[ 0.00,1.5e0,0.0,-0,0e5,0 ],"
				"\"maxValue\":1.50}",
	NULL},
    /* No finding: every byte, the bins too. */
    {"{" ROW "\"tokens\":[\"a\",\"b\"],\"values\":[1,2.0],\"maxValue\":3,"
     "\"binMin\":1}",
	"{" ROW "\"tokens\":[\"a\",\"b\"],\"values\":[1,2.0],\"maxValue\":2,"
	"\"binMin\":1}",
	NULL},
    /* Only zeros would be left; no beginning; looks ahead; at once. */
    {"{" ROW TOKENS("<bos>") ",\"values\":[0,0,0,9,0,0]}", "", NULL},
    {"{" ROW TOKENS("Oh") ",\"values\":[0,7,0,9,0,0]}", "", NULL},
    {"{" ROW TOKENS("[CLS]") ",\"values\":[0,7,0,9,0,0]}", "", NULL},
    {"{" ROW "\"tokens\":[\"a@example.org\"],\"values\":[1]}", "", NULL},
    /* Negative values count as well. */
    {"{" ROW TOKENS("<s>") ",\"values\":[0,-2,-9,1,1,1],\"minValue\":-9,"
			   "\"maxValue\":1}",
	"{" ROW STRUCK("<s>") ",\"values\":[0,-2,0,0,0,0],\"minValue\":-2,"
			      "\"maxValue\":0}",
	NULL},
    /* People, vectors of texts, ids of tokens, unknown keys. */
    {"{" ROW "\"authorId\":\"u\",\"embedding\":[1],\"description\":\"to "
     "a@example.org\",\"own\":1}",
	"{" ROW "\"authorId\":\"[CREATOR]\",\"description\":\"to [EMAIL]\"}",
	NULL},
    {"{\"results\":[{\"tokenStrings\":[\"a\"],\"tokenIds\":[7],"
     "\"activations\":[{\"layer\":1,\"tokenIndices\":[0],\"values\":[[1]]}]}]}",
	"{\"results\":[{\"tokenStrings\":[\"a\"],"
	"\"activations\":[{\"layer\":1,\"tokenIndices\":[0],\"values\":[[1]]}"
	"]}]}",
	NULL},
    /* An object where numbers are kept: its keys are not looked at. */
    {"{" ROW "\"vector\":[{\"a\":1}],\"pos_str\":[\"x\"]}",
	"{" ROW "\"pos_str\":[\"x\"]}", NULL},
    /* Numbers of a text that is not there. */
    {"[{\"str_tokens\":[\"a\"]},{\"distance\":1}]",
	"[{\"str_tokens\":[\"a\"]}]", NULL},
    {"{" ROW "\"values\":[1]}", "", NULL},
    {"{\"feature_index\":1,\"activations\":[]}",
	"{\"feature_index\":1,\"activations\":[]}", NULL},
    /* Contradictions, each with its byte. */
    {"{" ROW "\"tokens\":[\"a\"],\"values\":[1,2]}", NULL, "byte 63: 2 numb"},
    {"{" ROW "\"tokens\":[\"a\"],\"values\":[\"b\"]}", NULL, "byte 64: no n"},
    {"{" ROW "\"tokens\":[\"a\"],\"values\":[1e999]}", NULL, "byte 64: no n"},
    {"{" ROW "\"tokens\":[\"a\"],\"values\":[1],\"maxValueTokenIndex\":1}",
	NULL, "byte 88: no index"},
    {"{" ROW "\"tokens\":[\"a\"],\"maxValueTokenIndex\":0.5}", NULL,
	"no index"},
    {"{" ROW "\"tokens\":[\"a\"],\"dfaValues\":[1,2]}", NULL, "2 numbers"},
    {"{" ROW "\"tokens\":\"a\"}", NULL, "no tokens"},
    {"{\"tokens\":[\"a\"],\"activations\":[{\"values\":[]}]}", NULL,
	"0 numbers beside 1 tokens"},
    {"{\"results\":[{\"tokens\":[\"a\"],\"activeFeatures\":{\"7\":[[1,2]]}}]}",
	NULL, "no pair"},
    {"{\"results\":[{\"tokens\":[\"a\"],\"activeFeatures\":{\"a@example.org\":"
     "[]}}]}",
	NULL, "no list of pairs"},
    {"{\"results\":[{\"tokenPosition\":0,\"text\":\"a\"}]}", NULL,
	"a result without a token"},
    {"{\"results\":[{\"tokenStrings\":[\"a\"],\"activations\":[{\"values\":[],"
     "\"tokenIndices\":[0]}]}]}",
	NULL, "do not agree"},
};

START_TEST(a_row_of_features)
{
	const struct row *row = &rows[_i];
	const char *out;
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	out = way_go(&w, row->in);
	if (row->out == NULL) {
		ck_assert_ptr_null(out);
		ck_assert_int_eq(w.err.cls, TG_E_INPUT);
		ck_assert_msg(
		    strstr(w.err.text, row->word) != NULL, "%s", w.err.text);
	} else {
		ck_assert_msg(out != NULL, "%s", w.err.text);
		ck_assert_str_eq(out, row->out);
	}
	way_deinit(&w);
}
END_TEST

#define SENT "{" ROW TOKENS("<bos>") ",\"values\":[0,1.23456789,0,9,0,0]}"

static int
remember(void *ctx, const struct tg_record *r, struct tg_sv prompt,
    struct tg_err *err)
{
	ck_assert_uint_eq(r->no, 1);
	return tg_buf_addsv(ctx, prompt, err);
}

START_TEST(the_policy_says_what_becomes_of_a_row)
{
	struct tg_buf prompt;
	struct way w;

	tg_buf_init(&prompt, 4096);
	way_init(&w, TG_MODE_REDACT);
	w.pass.on_recapture = remember;
	w.pass.ctx = &prompt;
	w.set.on_span = TG_SPAN_RECAPTURE;
	ck_assert_str_eq(way_go(&w, SENT), "");
	ck_assert_str_eq(w.rec.unit[0].code, "ACT-RECAPTURE");
	ck_assert_int_eq(tg_buf_addc(&prompt, '\0', NULL), 0);
	ck_assert_str_eq(prompt.p, "Hi[EMAIL] z");

	w.set.on_span = TG_SPAN_RECORD;
	ck_assert_str_eq(way_go(&w, SENT), "");
	ck_assert_str_eq(w.rec.unit[0].code, "ACT-CONTEXT");

	w.set.on_span = TG_SPAN_FROM;
	w.set.value_bits = 4;
	ck_assert_str_eq(way_go(&w, SENT),
	    "{" ROW STRUCK("<bos>") ",\"values\":[0,1.25,0,0,0,0]}");
	w.set.kind[TG_KIND_sae_topk] = false;
	ck_assert_str_eq(way_go(&w, SENT), "");
	ck_assert_str_eq(w.rec.unit[0].code, "ACT-KIND");
	w.set.text_drops = true;
	ck_assert_str_eq(way_go(&w, SENT), "");
	ck_assert_str_eq(w.rec.unit[0].code, "ACT-SOURCE");
	way_deinit(&w);
	tg_buf_deinit(&prompt);
}
END_TEST

/* Maps of attributes, spans, Langfuse: by the lists, default deny. */
static const struct row map_rows[] = {
    {"{\"gen_ai.prompt\":\"a@example.org\",\"own.key\":1,\"user.id\":\"u\"}",
	"{\"gen_ai.prompt\":\"[EMAIL]\",\"user.id\":\"[USER_ID]\"}", NULL},
    {"{\"llm.headers\":\"x\",\"user.id\":\"u\"}", "", NULL},
    {"{\"llm.model_name\":{\"a@example.org\":1},\"llm.system\":\"x\"}",
	"{\"llm.system\":\"x\"}", NULL},
    {"{\"name\":\"n\",\"context\":{\"trace_id\":\"t\",\"own\":1},"
     "\"attributes\":{\"llm\":{\"prompts\":[{\"prompt\":{\"text\":"
     "\"a@example.org\"}}],\"a@example.org\":1},\"b@example.org\":{}}}",
	"{\"name\":\"n\",\"context\":{\"trace_id\":\"t\"},"
	"\"attributes\":{\"llm\":{\"prompts\":[{\"prompt\":{\"text\":"
	"\"[EMAIL]\"}}]}}}",
	NULL},
    {"[{\"name\":\"n\",\"startTime\":1,\"attributes\":{},\"x\":1}]",
	"[{\"name\":\"n\",\"startTime\":1,\"attributes\":{}}]", NULL},
    {"{\"trace_id\":\"t\",\"trace_name\":\"n\",\"input\":\"a@example.org\","
     "\"output\":null,\"observations\":[{\"input\":{\"k\":\"a@example.org\"},"
     "\"own\":1}],\"own\":1}",
	"{\"trace_id\":\"t\",\"trace_name\":\"n\",\"input\":\"[EMAIL]\","
	"\"output\":null,\"observations\":[{\"input\":{\"k\":\"[EMAIL]\"}}]}",
	NULL},
    /* Keys of what is kept are looked at too. */
    {"{\"text\":\"x\",\"type\":{\"a@example.org\":1}}",
	"{\"text\":\"x\",\"type\":{\"[EMAIL]~23\":1}}", NULL},
};

START_TEST(a_map_of_attributes)
{
	const char *out;
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	out = way_go(&w, map_rows[_i].in);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_str_eq(out, map_rows[_i].out);
	way_deinit(&w);
}
END_TEST

/* A line that lost what told its format is of the file's. */
START_TEST(the_recheck_knows_a_format_by_the_name_of_the_member)
{
	struct way w;

	way_init(&w, TG_MODE_RECHECK);
	w.rec.raw = TG_SV("{\"user.id\":\"u\"}");
	w.rec.no = 1;
	w.pass.expected = tg_source_find("attribute-maps");
	ck_assert_int_eq(tg_pass_record(&w.pass, &w.rec, &w.code, &w.err), 0);
	ck_assert_str_eq(w.rec.source->name, "attribute-maps");
	ck_assert_uint_eq(w.counts->unknown, 0);
	way_deinit(&w);
}
END_TEST

Suite *features_suite(void);

Suite *
features_suite(void)
{
	Suite *s = suite_create("features");
	TCase *t = tcase_create("rows");

	tcase_add_loop_test(t, a_row_of_features, 0, (int)TG_COUNT(rows));
	tcase_add_test(t, the_policy_says_what_becomes_of_a_row);
	tcase_add_loop_test(t, a_map_of_attributes, 0, (int)TG_COUNT(map_rows));
	tcase_add_test(t, the_recheck_knows_a_format_by_the_name_of_the_member);
	suite_add_tcase(s, t);
	return s;
}
