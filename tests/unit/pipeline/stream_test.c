/* Pieces of a stream, one a line: they do not leave, whoever wrote them. */

#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

enum leaves {
	ALWAYS,
	UNLESS_OPEN, /* a piece came before in the file: this may be the last */
	NEVER
};

struct row {
	enum leaves leaves;
	const char *in;
};

#define CHUNK(delta, reason)                                                \
	"{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{" \
	"\"index\":0,\"delta\":{" delta "},\"finish_reason\":" reason "}]}"

static const struct row rows[] = {
    /* OpenAI, Azure, vLLM. */
    {NEVER, CHUNK("\"content\":\"a@exam\"", "null")},
    {NEVER, CHUNK("\"content\":\"ple.org\"", "\"stop\"")},
    {NEVER, CHUNK("\"role\":\"assistant\"", "null")},
    {NEVER, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}"},
    {NEVER, "{\"object\":\"chat.completion.chunk\",\"choices\":[]}"},
    {NEVER, "{\"delta\":\"a@exam\"}"},
    {NEVER, "{\"d\\u0065lta\":{\"content\":\"a@exam\"}}"},
    {NEVER, "{\"response\":" CHUNK("\"content\":\"a@e\"", "null") "}"},
    {NEVER, "{\"response\":\"{\\\"delta\\\":{\\\"content\\\":\\\"a@e\\\"}}\"}"},
    {NEVER,
	"{\"object\":\"text_completion\",\"choices\":[{\"index\":0,"
	"\"text\":\"a@exam\",\"finish_reason\":null}]}"},
    {UNLESS_OPEN,
	"{\"object\":\"text_completion\",\"choices\":[{\"index\":0,"
	"\"text\":\"ple.org\",\"finish_reason\":\"stop\"}]}"},
    {NEVER,
	"{\"type\":\"response.output_text.delta\",\"item_id\":\"i\","
	"\"delta\":\"a@exam\"}"},
    {NEVER,
	"{\"object\":\"thread.message.delta\",\"delta\":{\"content\":[{"
	"\"type\":\"text\",\"text\":{\"value\":\"a@exam\"}}]}}"},
    /* Anthropic. */
    {NEVER,
	"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
	"\"type\":\"text_delta\",\"text\":\"a@exam\"}}"},
    {NEVER,
	"{\"type\":\"content_block_start\",\"content\":{\"type\":\"text\","
	"\"text\":\"a@exam\"}}"},
    {NEVER,
	"{\"type\":\"completion\",\"completion\":\"a@\",\"stop_reason\":"
	"null}"},
    {UNLESS_OPEN,
	"{\"type\":\"completion\",\"completion\":\"b\",\"stop_reason\":"
	"\"stop_sequence\"}"},
    /* Ollama, llama.cpp, TGI, Gemini, Bedrock, AI SDK, LangChain, Cohere. */
    {NEVER,
	"{\"model\":\"m\",\"created_at\":\"2026-01-02T03:04:05Z\","
	"\"message\":{\"role\":\"assistant\",\"content\":\"a@exam\"},"
	"\"done\":false}"},
    {UNLESS_OPEN,
	"{\"model\":\"m\",\"created_at\":\"2026-01-02T03:04:05Z\","
	"\"response\":\"ple.org\",\"done\":true}"},
    {NEVER, "{\"content\":\"a@exam\",\"stop\":false}"},
    {UNLESS_OPEN, "{\"content\":\"ple.org\",\"stop\":true}"},
    {NEVER,
	"{\"token\":{\"id\":7,\"text\":\"a@exam\"},\"generated_text\":null}"},
    {NEVER,
	"{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a@exam\"}]},"
	"\"index\":0}]}"},
    {UNLESS_OPEN,
	"{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"ple.org\"}]},"
	"\"finishReason\":\"STOP\"}]}"},
    {NEVER,
	"{\"contentBlockDelta\":{\"delta\":{\"text\":\"a@exam\"},"
	"\"contentBlockIndex\":0}}"},
    {NEVER, "{\"generation\":\"a@exam\",\"stop_reason\":null}"},
    {NEVER, "{\"outputText\":\"a@exam\",\"completionReason\":null}"},
    {NEVER, "{\"type\":\"text-delta\",\"id\":\"0\",\"text\":\"a@exam\"}"},
    {NEVER, "{\"type\":\"AIMessageChunk\",\"content\":\"a@exam\"}"},
    {NEVER, "{\"event_type\":\"text-generation\",\"text\":\"a@exam\"}"},
    /* As a server sends it: one event, and all of them. */
    {NEVER, "{\"response\":\"data: {\\\"delta\\\":\\\"a@exam\\\"}\\n\\n\"}"},
    {ALWAYS,
	"{\"response\":\"data: {\\\"delta\\\":\\\"a@exam\\\"}\\n\\ndata: "
	"{\\\"delta\\\":\\\"ple.org\\\"}\\n\\ndata: [DONE]\\n\"}"},
    /* A stream that was joined, and one that goes on. */
    {UNLESS_OPEN,
	"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a@exam\"}},"
	"{\"index\":0,\"delta\":{\"content\":\"ple.org\"}}]}"},
    {UNLESS_OPEN,
	"{\"chunks\":[" CHUNK("\"content\":\"a\"", "null") "," CHUNK(
	    "\"content\":\"b\"", "\"stop\"") "]}"},
    {NEVER,
	"{\"chunks\":[" CHUNK("\"content\":\"a\"", "null") "," CHUNK(
	    "\"content\":\"b\"", "null") "]}"},
    /* Whole. */
    {ALWAYS, "{\"text\":\"a\"}"},
    {ALWAYS, "{\"type\":\"chunk\",\"text\":\"a paragraph\"}"},
    {ALWAYS, "{\"type\":\"delta_lake\",\"text\":\"a\"}"},
    {ALWAYS, "{\"text\":\"a\",\"delta\":0.25}"},
    {ALWAYS,
	"{\"object\":\"chat.completion\",\"choices\":[{\"message\":{"
	"\"role\":\"assistant\",\"content\":\"a\"},\"finish_reason\":"
	"\"stop\"}]}"},
    {ALWAYS,
	"{\"choices\":[{\"message\":{\"content\":\"a\"},"
	"\"finish_reason\":null}]}"},
    {ALWAYS, "{\"prompt\":\"a\",\"completion\":\"b\",\"stop_reason\":null}"},
    {ALWAYS, "{\"message\":{\"content\":\"a\"},\"done\":false}"},
    {ALWAYS,
	"{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{"
	"\"type\":\"text\",\"text\":\"a\"}],\"stop_reason\":\"end_turn\"}"},
};

static void
goes(struct way *w, const struct row *row, bool open, bool want)
{
	const char *out;

	w->pass.stream = open;
	out = way_go(w, row->in);
	ck_assert_msg((out != NULL) == want, "%s %s", row->in, w->err.text);
	if (want)
		return;
	ck_assert_int_eq(w->err.cls, TG_E_INPUT);
	ck_assert_ptr_nonnull(strstr(w->err.text, "a piece of a stream"));
	ck_assert(w->pass.stream);
}

START_TEST(a_piece_of_a_stream_does_not_leave)
{
	const struct row *row = &rows[_i];
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	goes(&w, row, false, row->leaves != NEVER);
	goes(&w, row, true, row->leaves == ALWAYS);
	way_deinit(&w);
}
END_TEST

/* A span, and how many leave with it: one that says nothing stands beside. */
static const struct unit_row {
	bool leaves;
	const char *in;
} unit_rows[] = {
    /* JSON in a string, the KeyValues of OTLP, an event's name. */
    {false,
	"\"attributes\":[{\"key\":\"output.value\",\"value\":{\"stringValue\":"
	"\"{\\\"delta\\\":\\\"a@exam\\\"}\"}}]"},
    {false,
	"\"attributes\":[{\"key\":\"gen_ai.output.messages\",\"value\":{"
	"\"kvlistValue\":{\"values\":[{\"key\":\"delta\",\"value\":{"
	"\"stringValue\":\"a@exam\"}}]}}}]"},
    {false,
	"\"events\":[{\"name\":\"gen_ai.content.completion.chunk\","
	"\"attributes\":[{\"key\":\"gen_ai.completion\",\"value\":{"
	"\"stringValue\":\"a@exam\"}}]}]"},
    /* All of them in one; a number; no text. */
    {true,
	"\"attributes\":[{\"key\":\"output.value\",\"value\":{\"stringValue\":"
	"\"[{\\\"delta\\\":\\\"a@exam\\\"},{\\\"delta\\\":\\\"ple.org\\\"}]\"}"
	"}]"},
    {true,
	"\"attributes\":[{\"key\":\"gen_ai.output.messages\",\"value\":{"
	"\"kvlistValue\":{\"values\":[{\"key\":\"delta\",\"value\":{"
	"\"doubleValue\":0.5}}]}}}]"},
    {true, "\"events\":[{\"name\":\"llm.content.completion.chunk\"}]"},
    {true,
	"\"events\":[{\"name\":\"gen_ai.choice\",\"attributes\":[{\"key\":"
	"\"gen_ai.completion\",\"value\":{\"stringValue\":\"whole\"}}]}]"},
};

START_TEST(a_span_with_a_piece_does_not_leave)
{
	const struct unit_row *row = &unit_rows[_i];
	char in[1024];
	const char *out;
	struct way w;

	(void)snprintf(in, sizeof(in),
	    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"kind\":1,%s},"
	    "{\"kind\":3}]}]}]}",
	    row->in);
	way_init(&w, TG_MODE_REDACT);
	out = way_go(&w, in);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_ptr_nonnull(strstr(out, "\"kind\":3"));
	ck_assert_int_eq(strstr(out, "\"kind\":1") != NULL, row->leaves);
	ck_assert_ptr_null(strstr(out, "a@exam"));
	if (!row->leaves)
		ck_assert_str_eq(w.rec.unit[0].code, "DEC-STREAM");
	/* The next record is another's. */
	ck_assert(!w.pass.stream);
	way_deinit(&w);
	/* A scan looks at it and says so. */
	way_init(&w, TG_MODE_SCAN);
	ck_assert_int_eq(way_go(&w, in) != NULL, row->leaves);
	ck_assert(!w.rec.unit[0].dropped);
	way_deinit(&w);
}
END_TEST

/* Says what is in it, and that it was not seen whole. */
START_TEST(a_scan_looks_at_a_piece_and_leaves_it_out)
{
	struct way w;

	way_init(&w, TG_MODE_SCAN);
	ck_assert_ptr_null(
	    way_go(&w, CHUNK("\"content\":\"to a@example.org\"", "null")));
	ck_assert_int_eq(w.err.cls, TG_E_INPUT);
	ck_assert_uint_eq(
	    w.counts->type[tg_rules_type_find(w.rules, "EMAIL")].spans, 1);
	ck_assert_ptr_null(way_go(&w,
	    "{\"response\":\"{\\\"delta\\\":{\\\"content\\\":"
	    "\\\"a@example.com\\\"}}\"}"));
	ck_assert_uint_eq(
	    w.counts->type[tg_rules_type_find(w.rules, "EMAIL")].spans, 2);
	way_deinit(&w);
}
END_TEST

Suite *stream_suite(void);

Suite *
stream_suite(void)
{
	Suite *s = suite_create("stream");
	TCase *tc = tcase_create("pieces");

	tcase_add_loop_test(
	    tc, a_piece_of_a_stream_does_not_leave, 0, (int)TG_COUNT(rows));
	tcase_add_loop_test(tc, a_span_with_a_piece_does_not_leave, 0,
	    (int)TG_COUNT(unit_rows));
	tcase_add_test(tc, a_scan_looks_at_a_piece_and_leaves_it_out);
	suite_add_tcase(s, tc);
	return s;
}
