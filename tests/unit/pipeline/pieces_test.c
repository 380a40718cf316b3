/* Values in pieces that are members of objects and cells of tables: read in
 * more orders than one, and spelled where they are tokens. */

#include "base/buf.h"
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

struct row {
	const char *in, *out; /* the value of "metadata" */
};

#define SP "\xe2\x96\x81" /* U+2581 */
#define GP "\xc4\xa0"	  /* U+0120 */
#define NL "\xc4\x8a"	  /* U+010A */

static const struct row rows[] = {
    /* Pieces of tokens under names of their own. */
    {"{\"a\":\"" GP "AB123456C\"}", "{\"a\":\"" GP "[NINOX]\"}"},
    {"{\"a\":\"" GP "AB123456\",\"b\":\"C\"}",
	"{\"a\":\"" GP "[NINOX]\",\"b\":\"\"}"},
    {"{\"a\":\"" SP "AB123456\",\"b\":\"C\"}",
	"{\"a\":\"" SP "[NINOX]\",\"b\":\"\"}"},
    {"{\"a\":\"x\",\"b\":\"" NL "AB12\",\"c\":\"3456C\"}",
	"{\"a\":\"x\",\"b\":\"" NL "[NINOX]\",\"c\":\"\"}"},
    {"{\"a\":\"\\u0120AB12\",\"b\":{\"c\":\"34\",\"d\":{\"e\":\"56C\"}}}",
	"{\"a\":\"\\u0120[NINOX]\",\"b\":{\"c\":\"\",\"d\":{\"e\":\"\"}}}"},
    {"{\"a\":\"no\",\"b\":\"AB\",\"c\":\"##1234\",\"d\":\"##56C\",\"e\":"
     "\"ok\"}",
	"{\"a\":\"no\",\"b\":\"[NINOX]\",\"c\":\"\",\"d\":\"\",\"e\":"
	"\"ok\"}"},
    {"{\"a\":\"" SP "a\",\"b\":\"<0x40>\",\"c\":\"example.org\"}",
	"{\"a\":\"" SP "[EMAIL]\",\"b\":\"\",\"c\":\"\"}"},
    {"{\"a\":\"" GP "41111111\",\"b\":\"<eos>\",\"c\":\"11111111\"}",
	"{\"a\":\"" GP "[CARDX]\",\"b\":\"\",\"c\":\"\"}"},
    {"{\"a\":\"" GP "my\",\"b\":\"" GP "a@exam\",\"c\":\"ple.org\",\"d\":\"" GP
     "ok\"}",
	"{\"a\":\"" GP "my\",\"b\":\"" GP "[EMAIL]\",\"c\":\"\",\"d\":\"" GP
	"ok\"}"},
    {"\"{\\\"a\\\":\\\"" GP "AB123456\\\",\\\"b\\\":\\\"C\\\"}\"",
	"\"{\\\"a\\\":\\\"" GP "[NINOX]\\\",\\\"b\\\":\\\"\\\"}\""},
    /* A text that is no token keeps what is around the value. */
    {"{\"a\":\"" GP "x\",\"b\":\"of all the numbers that were ever told to us "
     "this one was AB12\",\"c\":\"3456C and so on\"}",
	"{\"a\":\"" GP
	"x\",\"b\":\"of all the numbers that were ever told to us this one was "
	"[NINOX]\",\"c\":\"[NINOX] and so on\"}"},
    /* By kin: one path. */
    {"[{\"u\":\"a@exam\",\"f\":\"the web\"},{\"u\":\"ple.org\",\"f\":\"x\"}]",
	"[{\"u\":\"[EMAIL]\",\"f\":\"the web\"},{\"u\":\"\",\"f\":\"x\"}]"},
    {"[{\"u\":\"a@exam\",\"f\":\"the web\"},{\"f\":\"x\",\"u\":\"ple.org\"}]",
	"[{\"u\":\"[EMAIL]\",\"f\":\"the web\"},{\"f\":\"x\",\"u\":\"\"}]"},
    {"[{\"u\":\"" GP "AB12\",\"f\":\"" GP "so\"},{\"u\":\"3456C\",\"f\":\"" GP
     "y\"}]",
	"[{\"u\":\"" GP "[NINOX]\",\"f\":\"" GP "so\"},{\"u\":\"\",\"f\":\"" GP
	"y\"}]"},
    {"{\"part.0.text\":\"a@exam\",\"part.0.of\":\"the web\",\"part.1.text\":"
     "\"ple.org\"}",
	"{\"part.0.text\":\"[EMAIL]\",\"part.0.of\":\"the web\","
	"\"part.1.text\":\"\"}"},
    {"{\"attributes\":[{\"key\":\"t.0\",\"value\":{\"stringValue\":\"a@exam\"}}"
     ",{\"key\":\"f\",\"value\":{\"stringValue\":\"the web\"}},{\"key\":"
     "\"t.1\",\"value\":{\"stringValue\":\"ple.org\"}}]}",
	"{\"attributes\":[{\"key\":\"t.0\",\"value\":{\"stringValue\":"
	"\"[EMAIL]\"}},{\"key\":\"f\",\"value\":{\"stringValue\":\"the web\"}}"
	",{\"key\":\"t.1\",\"value\":{\"stringValue\":\"\"}}]}"},
    {"[\"{\\\"u\\\":\\\"a@exam\\\",\\\"f\\\":\\\"the web\\\"}\",\"{\\\"u\\\":"
     "\\\"ple.org\\\"}\"]",
	"[\"{\\\"u\\\":\\\"[EMAIL]\\\",\\\"f\\\":\\\"the web\\\"}\",\"{"
	"\\\"u\\\":\\\"\\\"}\"]"},
    /* By column, by name. */
    {"[[\"a@exam\",\"the web\"],[\"ple.org\",\"x\"]]",
	"[[\"[EMAIL]\",\"the web\"],[\"\",\"x\"]]"},
    {"{\"one\":{\"u\":\"a@exam\",\"f\":\"the web\"},\"two\":{\"u\":"
     "\"ple.org\"}}",
	"{\"one\":{\"u\":\"[EMAIL]\",\"f\":\"the web\"},\"two\":{\"u\":\"\"}"
	"}"},
    /* Words around a number that stands apart; figures of a column. */
    {"[{\"u\":\"pay by 4111 no, 41111111\",\"f\":\"the web\"},{\"u\":"
     "\"11111111 ok\"}]",
	"[{\"u\":\"pay by 4111 no, [CARDX]\",\"f\":\"the web\"},{\"u\":"
	"\"[CARDX] ok\"}]"},
    {"[{\"u\":\"41111111\",\"f\":\"the web\"},{\"u\":\"11111111\"}]",
	"[{\"u\":\"41111111\",\"f\":\"the web\"},{\"u\":\"11111111\"}]"},
    {"[{\"u\":\"" GP "41111111\",\"f\":\"the\"},{\"u\":\"11111111\"}]",
	"[{\"u\":\"" GP "[CARDX]\",\"f\":\"the\"},{\"u\":\"\"}]"},
    /* Rows of a table of tokens, one after the other and by column. */
    {"[[\"" GP "my\",\"" GP "AB12\"],[\"3456\",\"C\"]]",
	"[[\"" GP "my\",\"" GP "[NINOX]\"],[\"\",\"\"]]"},
    {"[[\"" GP "my\",\"" GP "AB12\"],[\"3456\",\"C\",\"" GP "ok\"]]",
	"[[\"" GP "my\",\"" GP "[NINOX]\"],[\"\",\"\",\"" GP "ok\"]]"},
    {"[[\"" GP "my\",\"x\",0.1],[\"" GP "AB12\",\"y\",0.2],[\"3456\",\"z\","
     "0.1],[\"C\",\"w\",0.3]]",
	"[[\"" GP "my\",\"x\",0.1],[\"" GP "[NINOX]\",\"y\",0.2],[\"\","
	"\"z\",0.1],[\"\",\"w\",0.3]]"},
    {"{\"tokens\":[[\"" GP "my\",\"" GP "AB12\"],[\"3456\",\"C\"]]}",
	"{\"tokens\":[[\"" GP "my\",\"[NINOX]\"],[\"\",\"\"]]}"},
    {"\"[[\\\"" GP "my\\\",\\\"" GP "AB12\\\"],[\\\"3456\\\",\\\"C\\\"]]\"",
	"\"[[\\\"" GP "my\\\",\\\"" GP "[NINOX]\\\"],[\\\"\\\",\\\"\\\"]]\""},
    /* Arrays of tokens that go on; what stands beside goes along, also in JSON
     * in a string that another was read behind. */
    {"{\"a\":{\"tokens\":[\"" GP "my\",\"" GP "AB12\"],\"alt\":[{\"a\":1},"
     "{\"b\":2}]},\"b\":{\"tokens\":[\"3456C\",\"" GP "ok\"],\"alt\":["
     "{\"c\":3},{\"d\":4}]}}",
	"{\"a\":{\"tokens\":[\"" GP "my\",\"[NINOX]\"],\"alt\":[{\"a\":1},{}]},"
	"\"b\":{\"tokens\":[\"\",\"" GP "ok\"],\"alt\":[{},{\"d\":4}]}}"},
    {"[\"{\\\"tokens\\\":[\\\"" GP "my\\\",\\\"" GP
     "AB12\\\"],\\\"alt\\\":[{\\\"a\\\":1},{\\\"b\\\":2}]}\",\"{"
     "\\\"tokens\\\":[\\\"3456C\\\"]}\"]",
	"[\"{\\\"tokens\\\":[\\\"" GP
	"my\\\",\\\"[NINOX]\\\"],\\\"alt\\\":[{\\\"a\\\":1},{}]}\",\"{"
	"\\\"tokens\\\":[\\\"\\\"]}\"]"},
    /* Found in the row by itself: told once. */
    {"[[\"" GP "my\",\"" GP "AB123456C\"],[\"" GP "ok\"]]",
	"[[\"" GP "my\",\"" GP "[NINOX]\"],[\"" GP "ok\"]]"},
    /* A word beside the value does not hide it. */
    {"[\"number please\",\"AB12\",\"3456C\",\"thanks\"]",
	"[\"number please\",\"[NINOX]\",\"\",\"thanks\"]"},
    {"[{\"text\":\"my number is "
     "AB12\"},{\"text\":\"3456C\"},{\"text\":\"thanks\"}]",
	"[{\"text\":\"my number is "
	"[NINOX]\"},{\"text\":\"\"},{\"text\":\"thanks\"}]"},
    {"[{\"text\":\"please\"},{\"text\":\"AB12\"},{\"text\":\"3456C, thanks\"}]",
	"[{\"text\":\"please\"},{\"text\":\"[NINOX]\"},{\"text\":\"[NINOX], "
	"thanks\"}]"},
    {"[{\"text\":\"please\"},{\"text\":\"AB\"},{\"text\":\"1234\"},{\"text\":"
     "\"56C\"},{\"text\":\"ok\"}]",
	"[{\"text\":\"please\"},{\"text\":\"[NINOX]\"},{\"text\":\"\"},{"
	"\"text\":\"\"},{\"text\":\"ok\"}]"},
    /* A number between strings. */
    {"{\"a\":\"AB12\",\"b\":3456,\"c\":\"C\"}",
	"{\"a\":\"[NINOX]\",\"b\":\"\",\"c\":\"\"}"},
    {"{\"a\":\"no AB\",\"b\":123456,\"c\":\"C ok\"}",
	"{\"a\":\"no [NINOX]\",\"b\":\"\",\"c\":\"[NINOX] ok\"}"},
    {"[\"AB12\",3456,\"C\"]", "[\"[NINOX]\",\"\",\"\"]"},
    {"{\"a\":\"sk-12\",\"b\":3456789012,\"c\":\"x\"}",
	"{\"a\":\"sk-12\",\"b\":3456789012,\"c\":\"x\"}"},
    {"{\"a\":\"4111\",\"b\":11111111,\"c\":\"1111\"}",
	"{\"a\":\"4111\",\"b\":11111111,\"c\":\"1111\"}"},
    {"{\"a\":\"AB12\",\"b\":3456.5,\"c\":\"C\"}",
	"{\"a\":\"AB12\",\"b\":3456.5,\"c\":\"C\"}"},
    /* A key and its value. */
    {"{\"AB12\":\"3456C\"}", "{\"[NINOX]~16\":\"\"}"},
    {"{\"a@exam\":\"ple.org\",\"x\":\"y\"}",
	"{\"[EMAIL]~18\":\"\",\"x\":\"y\"}"},
    {"{\"a\":\"@example.org\"}", "{\"[EMAIL]~16\":\"\"}"},
    {"{\"email1\":\"a@example.org\"}", "{\"email1\":\"[EMAIL]\"}"},
    {"{\"AB\":\"123456C\"}", "{\"AB\":\"123456C\"}"},
    {"[{\"text\":\"please\"},{\"text\":\"AB12\"},{\"text\":\"3456\"},{\"text\":"
     "\"C\"},{\"text\":\"thanks\"}]",
	"[{\"text\":\"please\"},{\"text\":\"[NINOX]\"},{\"text\":\"\"},{"
	"\"text\":\"\"},{\"text\":\"thanks\"}]"},
    /* What one says goes on behind what another said. */
    {"[{\"role\":\"user\",\"content\":\"it is "
     "AB12\"},{\"role\":\"assistant\",\"content\":\"go "
     "on\"},{\"role\":\"user\",\"content\":\"3456C\"}]",
	"[{\"role\":\"user\",\"content\":\"it is "
	"[NINOX]\"},{\"role\":\"assistant\",\"content\":\"go "
	"on\"},{\"role\":\"user\",\"content\":\"\"}]"},
    {"[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"it is "
     "AB12\"}]},{\"role\":\"assistant\",\"content\":\"go "
     "on\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
     "\"3456C\"}]}]",
	"[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"it is "
	"[NINOX]\"}]},{\"role\":\"assistant\",\"content\":\"go "
	"on\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
	"\"\"}]}]"},
    /* Lines of JSON in a string, and the events of a stream. */
    {"\"{\\\"t\\\":\\\"it is AB12\\\"}\\n{\\\"t\\\":\\\"3456C ok\\\"}\"",
	"\"{\\\"t\\\":\\\"it is [NINOX]\\\"}\\n{\\\"t\\\":\\\"[NINOX] "
	"ok\\\"}\""},
    {"\"data: {\\\"delta\\\":\\\"it is AB12\\\"}\\r\\n\\r\\nid: 7\\ndata: "
     "{\\\"delta\\\":\\\"3456C\\\"}\\r\\n\\r\\ndata: [DONE]\\n\"",
	"\"data: {\\\"delta\\\":\\\"it is [NINOX]\\\"}\\r\\n\\r\\nid: "
	"7\\ndata: {\\\"delta\\\":\\\"\\\"}\\r\\n\\r\\ndata: [DONE]\\n\""},
    {"\"event: x\\ndata: {\\\"t\\\":\\\"\\\\u0041B123456C\\\"}\\n: to "
     "a@example.org\\n\"",
	"\"event: x\\ndata: {\\\"t\\\":\\\"[NINOX]\\\"}\\n: to [EMAIL]\\n\""},
    {"\"{\\\"t\\\":\\\"Ok:\\\"}\\n[to] "
     "AB12\\n3456C\\n{\\\"t\\\":\\\"a@example.org\\\"}\"",
	"\"{\\\"t\\\":\\\"Ok:\\\"}\\n[to] "
	"AB12\\n3456C\\n{\\\"t\\\":\\\"[EMAIL]\\\"}\""},
    {"\"[x]\\nMs Ann\\nAB123456C [y]\\n[z]\"",
	"\"[x]\\nMs Ann\\n[NINOX] [y]\\n[z]\""},
    /* What a terminal does not show. */
    {"\"x \\u001b[1mAB123456C\\u001b[0m ok\"", "\"x \\u001b[1m[NINOX] ok\""},
    {"\"x AB12\\u001b[31;1m3456C\\u001b[0m ok\"", "\"x [NINOX] ok\""},
    {"\"x A\\u0000B\\u00001\\u00002\\u00003\\u00004\\u00005\\u00006\\u0000C "
     "ok\"",
	"\"x [NINOX] ok\""},
    {"\"a\\u000bAB123456C\\fb\"", "\"a\\u000b[NINOX]\\fb\""},
    {"\"x \\u001b[0m y\"", "\"x \\u001b[0m y\""},
    {"\"x \\u001b]8;;a@example.org\\u0007y\"", "\"x \\u001b]8;;[EMAIL]y\""},
    /* Packed: nobody has seen what is in it. */
    {"\"H4sIAAAAAAAAA0tUSMwrycxLVUjKTwEAnD3KqBEAAAA=\"", "\"[BLOB]\""},
    {"\"H4sI is how gzip begins in base64\"",
	"\"H4sI is how gzip begins in base64\""},
    {"[\"\\u0010a@exam\",\"\\u0010ple.org\\u0010\"]", "[\"[EMAIL]\",\"\"]"},
    /* Names are made by chance. */
    {"[{\"u\":\"Ms Ann\",\"f\":\"the web\"},{\"u\":\" Lee\"}]",
	"[{\"u\":\"Ms Ann\",\"f\":\"the web\"},{\"u\":\" Lee\"}]"},
};

START_TEST(pieces_apart_leave_as_the_table_says)
{
	char in[1024], want[1024];
	const char *out;
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	(void)snprintf(in, sizeof(in), "{\"metadata\":%s}", rows[_i].in);
	(void)snprintf(want, sizeof(want), "{\"metadata\":%s}", rows[_i].out);
	out = way_go(&w, in);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_str_eq(out, want);
	/* What came out holds nothing more. */
	(void)snprintf(in, sizeof(in), "%s", want);
	ck_assert_str_eq(way_go(&w, in), want);
	way_deinit(&w);
}
END_TEST

#define KEY_LINES 40
#define KEY_LINE 65 /* with its end */

/* A private key of KEY_LINES lines. */
static void
make_key(char *out, size_t cap)
{
	size_t n = 0;

	n += (size_t)snprintf(out, cap, "-----BEGIN KEY-----\n");
	for (unsigned i = 0; i < KEY_LINES * KEY_LINE; i++)
		out[n++] = i % KEY_LINE == KEY_LINE - 1
		    ? '\n'
		    : (char)((i % 3 == 0 ? '0' : 'A') + (int)(i * i / 7 % 10));
	(void)snprintf(out + n, cap - n, "-----END KEY-----");
}

/* A text in JSON, in pieces of @n bytes. */
static void
in_pieces(struct tg_buf *b, const char *text, size_t n)
{
	const size_t all = strlen(text);

	tg_buf_reset(b);
	ck_assert_int_eq(tg_buf_adds(b, "{\"parts\":[", NULL), 0);
	for (size_t i = 0; i < all; i += n)
		if (tg_buf_adds(b, i == 0 ? "{\"text\":\"" : ",{\"text\":\"",
			NULL) < 0 ||
		    tg_json_escape(b,
			(struct tg_sv){text + i, all - i < n ? all - i : n},
			NULL) < 0 ||
		    tg_buf_adds(b, "\"}", NULL) < 0)
			ck_abort_msg("memory");
	ck_assert_int_eq(tg_buf_adds(b, "]}", NULL), 0);
}

static const size_t key_cuts[] = {3, 7, 15, 25, 90, 700, 1300, 1320, 2600};

/* Longer than what is looked at around a seam; cut also in its marks. */
START_TEST(a_long_key_in_pieces_is_gone)
{
	char key[4096];
	const char *out;
	struct tg_buf in;
	struct way w;
	bool left = false;

	tg_buf_init(&in, 1u << 20);
	way_init(&w, TG_MODE_REDACT);
	make_key(key, sizeof(key));
	in_pieces(&in, key, key_cuts[_i]);
	out = way_go(&w, in.p);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_uint_eq(
	    w.counts->type[tg_rules_type_find(w.rules, "KEYX")].spans, 1);
	/* Each text is the label or nothing. */
	for (out = strstr(out, "\"text\":"); out != NULL && !left;
	     out = strstr(out, "\"text\":")) {
		out += strlen("\"text\":");
		left = strncmp(out, "\"\"", 2) != 0 &&
		    strncmp(out, "\"[KEYX]\"", 8) != 0;
	}
	ck_assert(!left);
	tg_buf_deinit(&in);
	way_deinit(&w);
}
END_TEST

struct seen {
	unsigned n;
	char path[4][64];
};

static int
see(void *ctx, const struct tg_record *r TG_UNUSED, const struct tg_text *t,
    const struct tg_finding *f TG_UNUSED, struct tg_err *err TG_UNUSED)
{
	struct seen *s = ctx;

	if (s->n < TG_COUNT(s->path))
		(void)snprintf(
		    s->path[s->n], sizeof(s->path[0]), "%s", t->path);
	s->n++;
	return 0;
}

/* One value, told where each part of it stands, once. */
START_TEST(a_scan_tells_every_piece_once)
{
	struct seen seen = {0};
	struct way w;

	way_init(&w, TG_MODE_SCAN);
	w.pass.want_paths = true;
	w.pass.on_finding = see;
	w.pass.ctx = &seen;
	(void)way_go(&w,
	    "{\"metadata\":[{\"u\":\"" GP
	    "AB12\",\"f\":\"the web\"},{\"u\":\"3456C\",\"f\":\"x\"}]}");
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_str_eq(seen.path[0], "/metadata/0/u");
	ck_assert_str_eq(seen.path[1], "/metadata/1/u");
	ck_assert_uint_eq(
	    w.counts->type[tg_rules_type_find(w.rules, "NINOX")].spans, 1);
	way_deinit(&w);
}
END_TEST

/* Tokens of two arrays; each is told as the whole it stands in. */
START_TEST(a_scan_tells_arrays_of_tokens_once)
{
	struct seen seen = {0};
	struct way w;

	way_init(&w, TG_MODE_SCAN);
	w.pass.want_paths = true;
	w.pass.on_finding = see;
	w.pass.ctx = &seen;
	(void)way_go(&w,
	    "{\"metadata\":[{\"tokens\":[\"" GP "AB123456C\",\"" GP
	    "AB12\"]},{\"tokens\":[\"3456C\",\"" GP "ok\"]}]}");
	ck_assert_uint_eq(seen.n, 3);
	ck_assert_str_eq(seen.path[0], "/metadata/0/tokens");
	ck_assert_str_eq(seen.path[1], "/metadata/0/tokens");
	ck_assert_str_eq(seen.path[2], "/metadata/1/tokens");
	ck_assert_uint_eq(
	    w.counts->type[tg_rules_type_find(w.rules, "NINOX")].spans, 2);
	way_deinit(&w);
}
END_TEST

Suite *pieces_suite(void);

Suite *
pieces_suite(void)
{
	Suite *s = suite_create("pieces");
	TCase *tc = tcase_create("apart");

	tcase_add_loop_test(
	    tc, pieces_apart_leave_as_the_table_says, 0, (int)TG_COUNT(rows));
	tcase_add_loop_test(
	    tc, a_long_key_in_pieces_is_gone, 0, (int)TG_COUNT(key_cuts));
	tcase_add_test(tc, a_scan_tells_every_piece_once);
	tcase_add_test(tc, a_scan_tells_arrays_of_tokens_once);
	suite_add_tcase(s, tc);
	return s;
}
