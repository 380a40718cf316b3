/* Values that stand in more than one place: over tokens, texts, numbers. */

#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

struct row {
	const char *in, *out; /* out NULL: quarantine */
};

#define SP "\xe2\x96\x81" /* U+2581 */
#define GP "\xc4\xa0"	  /* U+0120 */
#define NL "\xc4\x8a"	  /* U+010A */

static const struct row token_rows[] = {
    /* SentencePiece, GPT-2, its alphabet, WordPiece, bytes. */
    {"{\"tokens\":[\"" SP "to\",\"" SP "a@exam\",\"ple.org\"]}",
	"{\"tokens\":[\"" SP "to\",\"[EMAIL]\",\"\"]}"},
    {"{\"tokens\":[\"to\",\"" GP "a@exam\",\"ple.org\",\"" NL "\"]}",
	"{\"tokens\":[\"to\",\"[EMAIL]\",\"\",\"" NL "\"]}"},
    {"{\"tokens\":[\"\\u0120a@exam\",\"ple.org\",\"\\u0120ok\"]}",
	"{\"tokens\":[\"[EMAIL]\",\"\",\"\\u0120ok\"]}"},
    /* e with acute as two letters; the view of bytes finds the person. */
    {"{\"tokens\":[\"Ms\",\"" GP "An\",\"\xc3\x83\",\"\xc2\xa9\",\"e\","
     "\"" GP "a@exam\",\"ple.org\"]}",
	"{\"tokens\":[\"Ms\",\"" GP "An\",\"\xc3\x83\",\"\xc2\xa9\",\"e\","
	"\"[EMAIL]\",\"\"]}"},
    /* A character that is cut off goes on with no value; one that no byte goes
     * on with is a letter. */
    {"{\"tokens\":[\"" GP "AB12\",\"3456C\",\"\xc3\x83\"]}",
	"{\"tokens\":[\"[NINOX]\",\"\",\"\xc3\x83\"]}"},
    {"{\"tokens\":[\"" GP "AB12\",\"3456C\",\"\xc3\x83\",\"<eos>\",\"ok\"]}",
	"{\"tokens\":[\"[NINOX]\",\"\",\"\xc3\x83\",\"<eos>\",\"ok\"]}"},
    {"{\"tokens\":[\"" GP "AB12\",\"3456C\",\"\xc3\xa9\",\"e\"]}",
	"{\"tokens\":[\"" GP "AB12\",\"3456C\",\"\xc3\xa9\",\"e\"]}"},
    /* A digit of three bytes (U+FF16), each a letter. */
    {"{\"tokens\":[\"" GP "AB12\",\"345\",\"\xc3\xaf\xc2\xbc\xc4\xb8\",\"C\"]}",
	"{\"tokens\":[\"[NINOX]\",\"\",\"\",\"\"]}"},
    {"{\"tokens\":[\"write\",\"a\",\"##b\",\"@\",\"exam\",\"##ple\",\".\","
     "\"org\",\"now\"]}",
	"{\"tokens\":[\"write\",\"[EMAIL]\",\"\",\"\",\"\",\"\",\"\",\"\","
	"\"now\"]}"},
    {"{\"tokens\":[\"pay\",\"4111\",\"##1111\",\"##11111111\",\"now\"]}",
	"{\"tokens\":[\"pay\",\"[CARDX]\",\"\",\"\",\"now\"]}"},
    {"{\"tokens\":[\"a\",\"<0x40>\",\"example\",\"<0x2E>\",\"org\"]}",
	"{\"tokens\":[\"[EMAIL]\",\"\",\"\",\"\",\"\"]}"},
    /* Special tokens are nothing inside a value. */
    {"{\"tokens\":[\"<bos>\",\"a@exa\",\"<|endoftext|>\",\"mple.org\"]}",
	"{\"tokens\":[\"<bos>\",\"[EMAIL]\",\"\",\"\"]}"},
    {"{\"tokens\":[\"41111111\",\"<eos>\",\"<bos>\",\"11111111\",\" x\"]}",
	"{\"tokens\":[\"[CARDX]\",\"\",\"\",\"\",\" x\"]}"},
    /* What only looks special is read. */
    {"{\"tokens\":[\"<|a@example.org|>\"]}", "{\"tokens\":[\"[EMAIL]\"]}"},
    {"{\"tokens\":[\"4111\",\"<|1111|>\",\"\"]}",
	"{\"tokens\":[\"4111\",\"<|1111|>\",\"\"]}"},
    /* Arrays in arrays, null, objects. */
    {"{\"tokens\":[[\"a@exam\",\"ple.org\"],[\"ok\"]]}",
	"{\"tokens\":[[\"[EMAIL]\",\"\"],[\"ok\"]]}"},
    {"{\"tokens\":[\"a@exam\",null,\"ple.org\"]}",
	"{\"tokens\":[\"[EMAIL]\",null,\"\"]}"},
    {"{\"tokens\":[{\"id\":7,\"text\":\"a@exam\"},{\"id\":8,\"text\":"
     "\"ple.org\"},{\"id\":9,\"text\":\" ok\"}]}",
	"{\"tokens\":[{\"id\":null,\"text\":\"[EMAIL]\"},{\"id\":null,"
	"\"text\":\"\"},{\"id\":9,\"text\":\" ok\"}]}"},
    {"{\"tokens\":7}", "{\"tokens\":7}"},
    {"{\"tokens\":\"a@example.org\"}", "{\"tokens\":\"[EMAIL]\"}"},
    {"{\"tokens\":[\"a\",1]}", NULL},
    {"{\"tokens\":[[1]]}", NULL},
    {"{\"tokens\":[]}", "{\"tokens\":[]}"},
    {"{\"metadata\":{\"tokens\":[\"a\",1]}}",
	"{\"metadata\":{\"tokens\":[\"a\",1]}}"},
    {"{\"metadata\":{\"x\":[{\"token\":\"a\"},{\"y\":1}]}}",
	"{\"metadata\":{\"x\":[{\"token\":\"a\"},{\"y\":1}]}}"},
    /* In content: by name, by marks, by the objects; ids do not leave. */
    {"{\"metadata\":{\"output_tokens\":[\"a@exam\",\"ple.org\"]}}",
	"{\"metadata\":{\"output_tokens\":[\"[EMAIL]\",\"\"]}}"},
    {"{\"metadata\":{\"x\":[\"to\",\"" GP "a@exam\",\"ple.org\"]}}",
	"{\"metadata\":{\"x\":[\"to\",\"" GP "[EMAIL]\",\"\"]}}"},
    {"{\"metadata\":\"{\\\"tokens\\\":[\\\"a@exam\\\",\\\"ple.org\\\"]}\"}",
	"{\"metadata\":\"{\\\"tokens\\\":[\\\"[EMAIL]\\\",\\\"\\\"]}\"}"},
    {"{\"metadata\":{\"a\":1,\"input_ids\":[17,4],\"b\":2}}",
	"{\"metadata\":{\"a\":1,\"b\":2}}"},
    {"{\"metadata\":{\"tokens\":[\"a@exam\",\"ple.org\",\" ok\"],\"ids\":"
     "[17,4,9],\"logprobs\":[-0.1,-0.2,-0.3],\"top_logprobs\":[{\"a@exam\":"
     "-0.1},{\"ple.com\":-1},{\" ok\":-2}]}}",
	"{\"metadata\":{\"tokens\":[\"[EMAIL]\",\"\",\" ok\"],\"ids\":"
	"[null,null,9],\"logprobs\":[-0.1,-0.2,-0.3],\"top_logprobs\":[{},{},"
	"{\" ok\":-2}]}}"},
    {"{\"choices\":[{\"logprobs\":{\"content\":["
     "{\"token\":\"a@exam\",\"logprob\":-0.1,\"bytes\":[97,64],"
     "\"top_logprobs\":[{\"token\":\"a@exam\",\"logprob\":-0.1,\"bytes\":"
     "null}]},{\"token\":\"ple.org\",\"logprob\":-0.5,\"bytes\":[112]},"
     "{\"token\":\" ok\",\"logprob\":-1,\"bytes\":[32,111,107]}]}}]}",
	"{\"choices\":[{\"logprobs\":{\"content\":["
	"{\"token\":\"[EMAIL]\",\"logprob\":-0.1,\"bytes\":null,"
	"\"top_logprobs\":[]},{\"token\":\"\",\"logprob\":-0.5,\"bytes\":null"
	"},{\"token\":\" ok\",\"logprob\":-1,\"bytes\":[32,111,107]}]}}]}"},
    /* What is no string in an array of pieces: passed over, or of the value. */
    {"{\"text\":[\"" GP "AB123456\",\"C\",5]}",
	"{\"text\":[\"" GP "[NINOX]\",\"\",5]}"},
    {"{\"text\":[null,\"" GP "AB123456\",\"C\",185057800608491]}",
	"{\"text\":[null,\"" GP "[NINOX]\",\"\",185057800608491]}"},
    {"{\"text\":[\"" GP "AB12\",34,\"56C\",0.7]}",
	"{\"text\":[\"" GP "[NINOX]\",\"\",\"\",0.7]}"},
    {"{\"metadata\":{\"x\":[\"" GP "41111111\",\"11111111\","
     "185057800608491]}}",
	"{\"metadata\":{\"x\":[\"" GP "[CARDX]\",\"\",185057800608491]}}"},
    {"{\"text\":[\"" GP "no\",4111111111111111,true]}",
	"{\"text\":[\"" GP "no\",\"[CARDX]\",true]}"},
    {"{\"text\":[\"" GP "AB123456\",{\"a\":1},\"C\",[\"a@example.org\"]]}",
	"{\"text\":[\"" GP "[NINOX]\",{\"a\":1},\"\",[\"[EMAIL]\"]]}"},
    {"{\"text\":[9434765919,\"<0x2D>@\",\"x\",\"<eos>\"]}",
	"{\"text\":[9434765919,\"<0x2D>@\",\"x\",\"<eos>\"]}"},
    {"{\"text\":[0.5,\"" GP "a@exam\",1.5,\"ple.org\"]}",
	"{\"text\":[0.5,\"" GP "[EMAIL]\",1.5,\"\"]}"},
    /* An array of OTLP. */
    {"{\"metadata\":{\"arrayValue\":{\"values\":[{\"stringValue\":\"" GP
     "AB12\"},{\"intValue\":\"34\"},{\"stringValue\":\"56C\"},"
     "{\"intValue\":4111111111111111}]}}}",
	"{\"metadata\":{\"arrayValue\":{\"values\":[{\"stringValue\":\"" GP
	"[NINOX]\"},{\"intValue\":\"\"},{\"stringValue\":\"\"},"
	"{\"intValue\":\"[CARDX]\"}]}}}"},
    /* The bytes say what the strings do not. */
    {"{\"logprobs\":{\"content\":[{\"token\":\"?\",\"bytes\":[97,64,101]},"
     "{\"token\":\"?\",\"bytes\":[120,97,109,112,108,101,46,111,114,103]}]}}",
	"{\"logprobs\":{\"content\":[{\"token\":\"[EMAIL]\",\"bytes\":null},"
	"{\"token\":\"\",\"bytes\":null}]}}"},
};

static const struct row other_rows[] = {
    /* Numbers. */
    {"{\"text\":-4111111111111111}", "{\"text\":\"[CARDX]\"}"},
    {"{\"text\":4111111111111111.0}", "{\"text\":\"[CARDX]\"}"},
    {"{\"text\":4111111111111111.5}", "{\"text\":4111111111111111.5}"},
    {"{\"text\":1234567.0}", "{\"text\":1234567.0}"},
    {"{\"text\":[4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
	"{\"text\":[\"[CARDX]\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
	"\"\",\"\",\"\",\"\",\"\",\"\"]}"},
    {"{\"text\":[97,64,101,120,97,109,112,108,101,46,111,114,103,33]}",
	"{\"text\":[\"[EMAIL]\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\","
	"\"\",\"\",\"\",33]}"},
    {"{\"text\":[1, 0,1,300,7,8,9,1]}", "{\"text\":[1, 0,1,300,7,8,9,1]}"},
    /* Keys. */
    {"{\"metadata\":{\"a@example.org\":3}}", NULL},
    /* Texts side by side. */
    {"{\"prompt\":\"to a@exam\",\"response\":\"ple.org ok\"}",
	"{\"prompt\":\"to [EMAIL]\",\"response\":\"[EMAIL] ok\"}"},
    {"{\"messages\":[{\"role\":\"user\",\"content\":\"4111\"},{\"role\":"
     "\"user\",\"content\":\"1111\"},{\"role\":\"user\",\"content\":"
     "\"11111111\"}]}",
	"{\"messages\":[{\"role\":\"user\",\"content\":\"[CARDX]\"},{\"role\":"
	"\"user\",\"content\":\"\"},{\"role\":\"user\",\"content\":\"\"}]}"},
    /* An address that is whole on one side goes on in the other. */
    {"{\"prompt\":\"to b.\",\"response\":\"a@example.org ok\"}",
	"{\"prompt\":\"to [EMAIL]\",\"response\":\"[EMAIL] ok\"}"},
    /* JSON in a string, escapes, percent. */
    {"{\"prompt\":\"[{\\\"content\\\":\\\"a@exam\\\"},{\\\"content\\\":"
     "\\\"ple.org\\\"}]\"}",
	"{\"prompt\":\"[{\\\"content\\\":\\\"[EMAIL]\\\"},{\\\"content\\\":"
	"\\\"\\\"}]\"}"},
    {"{\"prompt\":\"to a\\u0040exam\",\"response\":\"\\u0070le.org ok\"}",
	"{\"prompt\":\"to [EMAIL]\",\"response\":\"[EMAIL] ok\"}"},
    {"{\"prompt\":\"to a%40exam\",\"response\":\"ple.org ok\"}",
	"{\"prompt\":\"to [EMAIL]\",\"response\":\"[EMAIL] ok\"}"},
    {"{\"prompt\":\"to a%4\",\"response\":\"0example.org ok\"}",
	"{\"prompt\":\"to [EMAIL]\",\"response\":\"[EMAIL] ok\"}"},
    /* What is not joined: names, kept fields, what is between spaces. */
    {"{\"prompt\":\"Ms\",\"response\":\" Ann Lee\"}",
	"{\"prompt\":\"Ms\",\"response\":\" Ann Lee\"}"},
    {"{\"prompt\":\"a@exam\",\"model\":\"ple.org\"}",
	"{\"prompt\":\"a@exam\",\"model\":\"ple.org\"}"},
    {"{\"prompt\":\"a@exam \",\"response\":\"ple.org\"}",
	"{\"prompt\":\"a@exam \",\"response\":\"ple.org\"}"},
    {"{\"prompt\":\"[1,2]\",\"response\":[\"41\",\"12\"]}",
	"{\"prompt\":\"[1,2]\",\"response\":[\"41\",\"12\"]}"},
};

static void
as_told(const struct row *row)
{
	struct way w;
	const char *out;

	way_init(&w, TG_MODE_REDACT);
	out = way_go(&w, row->in);
	if (row->out == NULL && out == NULL) {
		ck_assert_int_eq(w.err.cls, TG_E_INPUT);
	} else if (row->out == NULL) {
		ck_assert_ptr_null(strstr(out, "a@example.org"));
	} else {
		ck_assert_msg(out != NULL, "%s", w.err.text);
		ck_assert_str_eq(out, row->out);
	}
	way_deinit(&w);
}

START_TEST(tokens_leave_as_the_table_says)
{
	as_told(&token_rows[_i]);
}
END_TEST

START_TEST(what_spans_values_leaves_as_the_table_says)
{
	as_told(&other_rows[_i]);
}
END_TEST

/* How a value is written in pieces; %s are the pieces. */
static const char *const two_texts[] = {
    "{\"messages\":[{\"role\":\"user\",\"content\":\"see %s\"},{\"role\":"
    "\"user\",\"content\":\"%s there\"}]}",
    "{\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"see %s\"},"
    "{\"type\":\"text\",\"text\":\"%s there\"}]}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"see %s\"}},"
    "{\"index\":0,\"delta\":{\"content\":\"%s there\"}}]}",
    "{\"question\":\"see %s\",\"answer\":\"%s there\"}",
    "{\"input\":\"{\\\"a\\\":\\\"see %s\\\",\\\"b\\\":\\\"%s there\\\"}\"}",
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":["
    "{\"key\":\"gen_ai.input.messages\",\"value\":{\"stringValue\":"
    "\"[{\\\"role\\\":\\\"user\\\",\\\"parts\\\":[{\\\"type\\\":\\\"text\\\","
    "\\\"content\\\":\\\"see %s\\\"},{\\\"type\\\":\\\"text\\\","
    "\\\"content\\\":\\\"%s there\\\"}]}]\"}}]}]}]}]}",
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":["
    "{\"key\":\"gen_ai.prompt.0.content\",\"value\":{\"stringValue\":"
    "\"see %s\"}},{\"key\":\"gen_ai.prompt.0.role\",\"value\":{"
    "\"stringValue\":\"user\"}},{\"key\":\"gen_ai.prompt.1.content\","
    "\"value\":{\"stringValue\":\"%s there\"}}]}]}]}]}",
    "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":"
    "\"5b8efff798038103d269b633813fc60c\",\"body\":{\"stringValue\":"
    "\"see %s\"}},{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
    "\"body\":{\"stringValue\":\"%s there\"}}]}]}]}",
    "{\"tokens\":[\"see \",\"%s\",\"%s\",\" there\"]}",
    "{\"tokens\":[\"see\",\"" SP "%s\",\"%s\",\"" SP "there\"]}",
    "{\"tokens\":[\"see\",\"" GP "%s\",\"%s\",\"" GP "there\"]}",
    "{\"tokens\":[\"see\",\"%s\",\"##%s\",\"there\"]}",
    "{\"tokens\":[[\"see \",\"%s\",\"<|im_end|>\",\"%s\",\" there\"]]}",
    "{\"tokens\":[{\"token\":\"see \"},{\"token\":\"%s\"},{\"token\":\"%s\"},"
    "{\"token\":\" there\"}]}",
    "{\"input\":\"{\\\"tokens\\\":[\\\"see \\\",\\\"%s\\\",\\\"%s\\\","
    "\\\" there\\\"]}\"}",
};

static const char *const values[] = {
    "priya.raman@example.org", "4111111111111111"};

static size_t
count_of(const char *s, char c)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == c;
	return n;
}

static int
nothing(void *ctx, const struct tg_record *r TG_UNUSED,
    const struct tg_text *t TG_UNUSED, const struct tg_finding *f TG_UNUSED,
    struct tg_err *err TG_UNUSED)
{
	(*(unsigned *)ctx)++;
	return 0;
}

static void
put(char *out, size_t cap, const char *form, const char *a, const char *b)
{
	const char *first = strstr(form, "%s");
	const char *second = strstr(first + 2, "%s");

	(void)snprintf(out, cap, "%.*s%s%.*s%s%s", (int)(first - form), form, a,
	    (int)(second - first - 2), first + 2, b, second + 2);
}

START_TEST(a_value_cut_anywhere_is_gone_in_both_places)
{
	const char *form = two_texts[_i];
	struct way w, again;
	unsigned told = 0, bad = 0;

	way_init(&w, TG_MODE_REDACT);
	way_init(&again, TG_MODE_SCAN);
	again.pass.on_finding = nothing;
	again.pass.ctx = &told;
	for (size_t v = 0; v < TG_COUNT(values); v++)
		for (size_t cut = 1; cut < strlen(values[v]); cut++) {
			char a[64], text[2048], last[64];
			const char *b = values[v] + cut;
			const char *out;
			const char *again_out;

			(void)snprintf(
			    a, sizeof(a), "%.*s", (int)cut, values[v]);
			put(text, sizeof(text), form, a, b);
			out = way_go(&w, text);
			if (out == NULL || *out == '\0') {
				bad++;
				continue;
			}
			/* Neither part stands where it stood. */
			(void)snprintf(last, sizeof(last), "%s%s",
			    strchr(form, '#') != NULL ? "##" : "", b);
			bad += strstr(out, a) != NULL && cut > 2;
			bad += strstr(out, last) != NULL &&
			    strlen(values[v]) - cut > 2;
			bad += strstr(out, "there") == NULL ||
			    strstr(out, "see") == NULL;
			bad += count_of(out, ',') != count_of(text, ',');
			told = 0;
			again_out = way_go(&again, out);
			bad += again_out == NULL || told != 0;
		}
	ck_assert_uint_eq(bad, 0);
	way_deinit(&w);
	way_deinit(&again);
}
END_TEST

START_TEST(a_value_of_single_letters_is_gone)
{
	static const char *const forms[] = {
	    "{\"tokens\":[", "{\"text\":[", "{\"metadata\":{\"x\":["};
	static const char *const ends[] = {"]}", "]}", "]}}"};
	struct way w;
	unsigned bad = 0;

	way_init(&w, TG_MODE_REDACT);
	for (size_t f = 0; f < TG_COUNT(forms); f++)
		for (size_t v = 0; v < TG_COUNT(values); v++) {
			char text[1024], want[1024];
			size_t n = 0, m = 0;

			for (size_t i = 0; values[v][i] != '\0'; i++) {
				n += (size_t)snprintf(text + n,
				    sizeof(text) - n, "%s\"%c\"",
				    i == 0 ? forms[f] : ",", values[v][i]);
				m +=
				    (size_t)snprintf(want + m, sizeof(want) - m,
					"%s\"%s\"", i == 0 ? forms[f] : ",",
					i > 0	     ? ""
					    : v == 0 ? "[EMAIL]"
						     : "[CARDX]");
			}
			(void)snprintf(
			    text + n, sizeof(text) - n, "%s", ends[f]);
			(void)snprintf(
			    want + m, sizeof(want) - m, "%s", ends[f]);
			const char *out = way_go(&w, text);

			bad += out == NULL || strcmp(out, want) != 0;
		}
	ck_assert_uint_eq(bad, 0);
	way_deinit(&w);
}
END_TEST

struct place {
	char path[64];
	uint32_t start, end;
};

struct places {
	struct place at[8];
	size_t n;
};

static int
note(void *ctx, const struct tg_record *r TG_UNUSED, const struct tg_text *t,
    const struct tg_finding *f, struct tg_err *err TG_UNUSED)
{
	struct places *p = ctx;

	if (p->n < TG_COUNT(p->at)) {
		(void)snprintf(p->at[p->n].path, sizeof(p->at[0].path), "%s",
		    t->path == NULL ? "" : t->path);
		p->at[p->n].start = f->start;
		p->at[p->n].end = f->end;
	}
	p->n++;
	return 0;
}

/* Padding before and behind moves the offsets by its length, no more. */
START_TEST(a_scan_names_both_places_whatever_is_around)
{
	static const size_t pads[] = {
	    0, 1, 95, 96, 97, 1000, 1119, 1120, 1121, 2239, 2240, 2241, 5000};
	struct way w;
	struct places found;
	unsigned bad = 0;

	way_init(&w, TG_MODE_SCAN);
	w.pass.on_finding = note;
	w.pass.ctx = &found;
	w.pass.want_paths = true;
	for (size_t i = 0; i < TG_COUNT(pads); i++)
		for (size_t k = 0; k < TG_COUNT(pads); k++) {
			static char text[16384];
			char a[5002], b[5002];

			memset(a, 'x', pads[i]);
			memset(b, 'y', pads[k]);
			for (size_t s = 7; s < pads[i]; s += 11)
				a[s] = ' ';
			for (size_t s = 7; s < pads[k]; s += 11)
				b[s] = ' ';
			a[pads[i]] = b[pads[k]] = '\0';
			(void)snprintf(text, sizeof(text),
			    "{\"prompt\":\"%s a@exam\",\"response\":"
			    "\"ple.org %s\"}",
			    a, b);
			found.n = 0;
			if (way_go(&w, text) == NULL || found.n != 2) {
				bad++;
				continue;
			}
			bad += strcmp(found.at[0].path, "/prompt") != 0 ||
			    strcmp(found.at[1].path, "/response") != 0;
			bad += found.at[0].start != pads[i] + 1 ||
			    found.at[0].end != pads[i] + 7;
			bad += found.at[1].start != 0 || found.at[1].end != 7;
		}
	ck_assert_uint_eq(bad, 0);
	way_deinit(&w);
}
END_TEST

/* The findings of a text, as the program that scans is told of them. */
static int
note_all(void *ctx, const struct tg_record *r, const struct tg_text *t,
    const struct tg_findings *found, struct tg_err *err)
{
	for (size_t k = 0; k < found->n; k++)
		if (note(ctx, r, t, &found->f[k], err) < 0)
			return -1;
	return 0;
}

static const struct told {
	const char *in;
	size_t n; /* findings */
	struct place at[2];
} told_rows[] = {
    /* Token arrays: offsets are of what they spell together. */
    {"{\"tokens\":[\"to\",\" \",\"a@exam\",\"ple.org\"]}", 1,
	{{"/tokens", 3, 16}}},
    {"{\"tokens\":[\"" SP "to\",\"" SP "a@exam\",\"ple.org\"]}", 1,
	{{"/tokens", 4, 17}}},
    /* Another spelling found it: the tokens that it takes, in the plain one. */
    {"{\"tokens\":[\"hi \",\"a@exa\",\"<eos>\",\"mple.org\",\" ok\"]}", 1,
	{{"/tokens", 3, 17}}},
    /* Two texts: a finding in each, of its part alone. */
    {"{\"prompt\":\"to a@exam\",\"response\":\"ple.org ok\"}", 2,
	{{"/prompt", 3, 9}, {"/response", 0, 7}}},
    {"{\"messages\":[{\"role\":\"user\",\"content\":\"pay 41111111\"},"
     "{\"role\":\"user\",\"content\":\"11111111 now\"}]}",
	2, {{"/messages/0/content", 4, 12}, {"/messages/1/content", 0, 8}}},
    /* What a text holds by itself is told once. */
    {"{\"prompt\":\"to a@example.org\",\"response\":\"ok\"}", 1,
	{{"/prompt", 3, 16}}},
    {"{\"tokens\":[\"a@exam\",\"ple.com\"],\"prompt\":\"x@example.org\"}", 2,
	{{"/tokens", 0, 13}, {"/prompt", 0, 13}}},
    {"{\"tokens\":[\"a@exam\",\" ple.org\"]}", 0, {{"", 0, 0}}},
};

/* Whichever of the two is asked for is told, and both the same. */
START_TEST(a_scan_tells_what_joined_texts_hold)
{
	const struct told *row = &told_rows[_i];
	struct places one = {.n = 0}, all = {.n = 0};
	struct places *const got[] = {&one, &all};
	struct way w;

	way_init(&w, TG_MODE_SCAN);
	w.pass.want_paths = true;
	w.pass.on_finding = note;
	w.pass.ctx = &one;
	ck_assert_ptr_nonnull(way_go(&w, row->in));
	w.pass.on_finding = NULL;
	w.pass.on_text = note_all;
	w.pass.ctx = &all;
	ck_assert_ptr_nonnull(way_go(&w, row->in));
	for (size_t g = 0; g < TG_COUNT(got); g++) {
		ck_assert_uint_eq(got[g]->n, row->n);
		for (size_t k = 0; k < row->n; k++) {
			ck_assert_str_eq(got[g]->at[k].path, row->at[k].path);
			ck_assert_uint_eq(
			    got[g]->at[k].start, row->at[k].start);
			ck_assert_uint_eq(got[g]->at[k].end, row->at[k].end);
		}
	}
	way_deinit(&w);
}
END_TEST

/* Numbers and strings that spell nothing keep every byte. */
START_TEST(what_holds_nothing_keeps_its_bytes)
{
	static const char *const same[] = {
	    "{\"metadata\":{\"x\":[0.25, 1e5,-3 ,12],\"y\":[ 1,2,3,4,5,6,7,8]}"
	    "}",
	    "{\"tokens\":[\"<bos>\",\"" GP "one\",\"\\u0120two\",\"##s\"]}",
	    "{\"messages\":[{\"content\":\"In 2024\"},{\"content\":\"2025 "
	    "was\"}"
	    "]}",
	    "{\"metadata\":{\"a\":[[1,2],[\"x\",null]],\"b\":{\"bytes\":[1,2,3]"
	    "}}}",
	    "{\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"a\","
	    "\"logprob\":-0.5,\"bytes\":[97],\"top_logprobs\":[{\"token\":"
	    "\"b\",\"logprob\":-1.25,\"bytes\":[98]}]}]}}]}",
	};
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	ck_assert_str_eq(way_go(&w, same[_i]), same[_i]);
	way_deinit(&w);
}
END_TEST

/* One unit's verdict is on the units of both parts. */
START_TEST(a_value_over_two_units_drops_both)
{
	static const char text[] =
	    "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":"
	    "\"5b8efff798038103d269b633813fc60c\",\"body\":{\"stringValue\":"
	    "\"sk-123456\"}},{\"traceId\":\"%s\",\"body\":{\"stringValue\":"
	    "\"789012 x\"}}]}]}]}";
	char raw[512];
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	(void)snprintf(
	    raw, sizeof(raw), text, "5b8efff798038103d269b633813fc60c");
	ck_assert_str_eq(way_go(&w, raw), "");
	/* Of two conversations they are not joined. */
	(void)snprintf(
	    raw, sizeof(raw), text, "6b8efff798038103d269b633813fc60c");
	ck_assert_ptr_nonnull(strstr(way_go(&w, raw), "sk-123456"));
	way_deinit(&w);
}
END_TEST

Suite *views_suite(void);

Suite *
views_suite(void)
{
	Suite *s = suite_create("views");
	TCase *t = tcase_create("joined");

	tcase_add_loop_test(
	    t, tokens_leave_as_the_table_says, 0, (int)TG_COUNT(token_rows));
	tcase_add_loop_test(t, what_spans_values_leaves_as_the_table_says, 0,
	    (int)TG_COUNT(other_rows));
	tcase_add_loop_test(t, a_value_cut_anywhere_is_gone_in_both_places, 0,
	    (int)TG_COUNT(two_texts));
	tcase_add_test(t, a_value_of_single_letters_is_gone);
	tcase_add_test(t, a_scan_names_both_places_whatever_is_around);
	tcase_add_loop_test(t, a_scan_tells_what_joined_texts_hold, 0,
	    (int)TG_COUNT(told_rows));
	tcase_add_loop_test(t, what_holds_nothing_keeps_its_bytes, 0, 5);
	tcase_add_test(t, a_value_over_two_units_drops_both);
	suite_add_tcase(s, t);
	return s;
}
