/* Arrays of tokens with other values among them, and pieces in objects. */

#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

#define GP "\xc4\xa0" /* U+0120 */
#define X(s) "{\"metadata\":{\"x\":" s "}}"

static const struct row {
	const char *in, *out;
} rows[] = {
    /* Short numbers, null, booleans, fractions, objects, arrays between. */
    {X("[\"" GP "a@exam\",\"ple.org\",5]"), X("[\"" GP "[EMAIL]\",\"\",5]")},
    {X("[\"" GP "a@exam\",5,\"ple.org\"]"), X("[\"" GP "[EMAIL]\",5,\"\"]")},
    {X("[5,\"" GP "a@exam\",null,\"ple.org\"]"),
	X("[5,\"" GP "[EMAIL]\",null,\"\"]")},
    {X("[\"" GP "a@exam\",true,\"ple.org\",0.25]"),
	X("[\"" GP "[EMAIL]\",true,\"\",0.25]")},
    {X("[\"" GP "a@exam\",{\"y\":1},\"ple.org\"]"),
	X("[\"" GP "[EMAIL]\",{\"y\":1},\"\"]")},
    {X("[\"" GP "a@exam\",[\"x y\"],\"ple.org\"]"),
	X("[\"" GP "[EMAIL]\",[\"x y\"],\"\"]")},
    {X("[\"" GP "a@exam\",[\"ple\",1],\".org\"]"),
	X("[\"" GP "[EMAIL]\",[\"\",1],\"\"]")},
    {X("[\"" GP "a@exam\",{\"y\":\"ple\"},\"ple.org\"]"),
	X("[\"" GP "[EMAIL]\",{\"y\":\"ple\"},\"\"]")},
    /* A short one beside a value that a long one is part of. */
    {X("[\"" GP "4111\",5,111111111111,\"" GP "x\"]"),
	X("[\"" GP "[CARDX]\",5,\"\",\"" GP "x\"]")},
    /* By name as well, and whichever comes first. */
    {"{\"metadata\":{\"tokens\":[1,\"a@exam\",\"ple.org\"]}}",
	"{\"metadata\":{\"tokens\":[1,\"[EMAIL]\",\"\"]}}"},
    /* Numbers are part of a value, or one by themselves. */
    {X("[\"" GP "4111\",1111,\"1111\",1111]"),
	X("[\"" GP "[CARDX]\",\"\",\"\",\"\"]")},
    {X("[\"" GP "x\",4111111111111111]"), X("[\"" GP "x\",\"[CARDX]\"]")},
    {X("[\"" GP "x\",-4111111111111111.0,\"1\"]"),
	X("[\"" GP "x\",\"[CARDX]\",\"1\"]")},
    {X("[4111,\"<0x31>\",\"111\",\"<0x31>\",\"1111111\",0.5]"),
	X("[\"[CARDX]\",\"\",\"\",\"\",\"\",0.5]")},
    {X("[\"" GP "x y\",\"4111111111111111\",\"1\",0.5]"),
	X("[\"" GP "x y\",\"[CARDX]\",\"1\",0.5]")},
    /* A number that became a label makes room for what is beside it. */
    {X("[\"" GP "x\",\"##4111111111111111\",4222222222222222]"),
	X("[\"" GP "x\",\"[CARDX]\",\"[CARDX]\"]")},
    {X("[\"4111\",\"##111111111111\",4222222222222222,7]"),
	X("[\"[CARDX]\",\"\",\"[CARDX]\",7]")},
    /* Inside a string, and what is no array of tokens. */
    {"{\"metadata\":\"{\\\"x\\\":[\\\"" GP "a@exam\\\",\\\"ple.org\\\","
     "4111111111111111,3]}\"}",
	"{\"metadata\":\"{\\\"x\\\":[\\\"" GP "[EMAIL]\\\",\\\"\\\","
	"\\\"[CARDX]\\\",3]}\"}"},
    {X("[\"41111111\",\"x\",11111111]"), X("[\"41111111\",\"x\",11111111]")},
    {"{\"metadata\":{\"input_ids\":[4111111111111111,7],\"b\":1}}",
	"{\"metadata\":{\"b\":1}}"},
    /* Pieces as members: of the field's libraries, of OTLP, of vLLM. */
    {X("[{\"piece\":\"" GP "a@exam\",\"p\":-0.5},{\"piece\":\"ple.org\"}]"),
	X("[{\"piece\":\"" GP "[EMAIL]\",\"p\":-0.5},{\"piece\":\"\"}]")},
    {X("[{\"text\":\"" GP "a@exam\",\"id\":7},{\"text\":\"ple.org\"},{\"z\":1}"
       "]"),
	X("[{\"text\":\"" GP "[EMAIL]\",\"id\":null},{\"text\":\"\"},{\"z\":1}"
	  "]")},
    {X("[{\"str\":\"a@exam\"},{\"str\":\"##ple.org\"}]"),
	X("[{\"str\":\"[EMAIL]\"},{\"str\":\"\"}]")},
    {X("[{\"bytes\":\"a<0x40>exam\"},{\"bytes\":\"<0x70>\"},{\"bytes\":\"le."
       "org\"}]"),
	X("[{\"bytes\":\"a<0x40>exam\"},{\"bytes\":\"<0x70>\"},{\"bytes\":\"le."
	  "org\"}]")},
    {X("[{\"bytes\":\"a@exam\"},{\"bytes\":\"<0x70>\"},{\"bytes\":\"le.org\"}"
       "]"),
	X("[{\"bytes\":\"[EMAIL]\"},{\"bytes\":\"\"},{\"bytes\":\"\"}]")},
    {X("[{\"y\":0},{\"token\":\"a@exam\"},{\"token\":\"ple.org\"}]"),
	X("[{\"y\":0},{\"token\":\"[EMAIL]\"},{\"token\":\"\"}]")},
    {X("{\"values\":[{\"stringValue\":\"" GP "a@exam\"},{\"stringValue\":"
       "\"ple.org\"},{\"intValue\":\"5\"},{\"intValue\":4111111111111111},"
       "{\"intValue\":\"4222222222222222\"},{\"doubleValue\":0.5}]}"),
	X("{\"values\":[{\"stringValue\":\"" GP "[EMAIL]\"},{\"stringValue\":"
	  "\"\"},{\"intValue\":\"5\"},{\"intValue\":\"[CARDX]\"},"
	  "{\"intValue\":\"[CARDX]\"},{\"doubleValue\":0.5}]}")},
    {X("[null,{\"17\":{\"rank\":1,\"decoded_token\":\"" GP "a@exam\"},\"9\":"
       "{\"decoded_token\":\"" GP "b\"}},{\"8\":{\"decoded_token\":\"ple.org\""
       "}},{\"7\":{\"decoded_token\":\"" GP "ok\"}}]"),
	X("[null,{\"-1\":{\"decoded_token\":\"" GP "[EMAIL]\"}},{\"-1\":"
	  "{\"decoded_token\":\"\"}},{\"7\":{\"decoded_token\":\"" GP
	  "ok\"}}]")},
    /* A token and its figure, in arrays of their own; the id goes too. */
    {X("[[\"" GP "a@exam\",0.5],[\"ple.org\",0.25],[\"" GP "ok\",-1]]"),
	X("[[\"" GP "[EMAIL]\",0.5],[\"\",0.25],[\"" GP "ok\",-1]]")},
    {X("[[17,\"" GP "a@exam\"],[18,\"ple.org\"],[19,\"" GP "ok\"]]"),
	X("[[null,\"" GP "[EMAIL]\"],[null,\"\"],[19,\"" GP "ok\"]]")},
    {X("[[\"" GP "a@exam\"],\"ple.org\",[1,2]]"),
	X("[[\"" GP "[EMAIL]\"],\"\",[1,2]]")},
    {X("[[\"" GP "a@exam\",\"ple.org\"],[\"" GP "b@exam\",\"ple\"]]"),
	X("[[\"" GP "[EMAIL]\",\"\"],[\"" GP "b@exam\",\"ple\"]]")},
    /* A column, as pandas writes it. */
    {X("{\"0\":\"" GP "a@exam\",\"1\":\"ple.org\",\"2\":null,\"3\":7}"),
	X("{\"0\":\"" GP "[EMAIL]\",\"1\":\"\",\"2\":null,\"3\":7}")},
    {"{\"tokens\":{\"0\":\"a@exam\",\"1\":\"<0x70>\",\"2\":\"le.org\"}}",
	"{\"tokens\":{\"0\":\"[EMAIL]\",\"1\":\"\",\"2\":\"\"}}"},
    {X("{\"0\":\"" GP "a@exam\",\"z\":\"x\"}"),
	X("{\"0\":\"" GP "a@exam\",\"z\":\"x\"}")},
    /* Bytes alone. */
    {X("[{\"id\":1,\"bytes\":[97,64,101,120]},{\"bytes\":[97,109,112,108,"
       "101,46,111,114,103]},{\"id\":2,\"bytes\":[226,150]}]"),
	X("[{\"id\":null,\"bytes\":\"[EMAIL]\"},{\"bytes\":\"\"},{\"id\":2,"
	  "\"bytes\":[226,150]}]")},
    /* A message that begins with a special token is no piece. */
    {X("[{\"text\":\"<|user|> to a@exam\"},{\"text\":\"b c\"}]"),
	X("[{\"text\":\"<|user|> to a@exam\"},{\"text\":\"b c\"}]")},
    {X("[{\"text\":\"<|user|> to a@example.org\"},{\"text\":\"b c\"}]"),
	X("[{\"text\":\"<|user|> to [EMAIL]\"},{\"text\":\"b c\"}]")},
};

static int
count_finding(void *ctx, const struct tg_record *r TG_UNUSED,
    const struct tg_text *t TG_UNUSED, const struct tg_finding *f TG_UNUSED,
    struct tg_err *err TG_UNUSED)
{
	(*(unsigned *)ctx)++;
	return 0;
}

START_TEST(mixed_arrays_leave_as_the_table_says)
{
	struct way w, again;
	unsigned told = 0;
	const char *out;

	way_init(&w, TG_MODE_REDACT);
	out = way_go(&w, rows[_i].in);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_str_eq(out, rows[_i].out);
	/* The second pass, which stops a run, sees what the first saw. */
	way_init(&again, TG_MODE_SCAN);
	again.pass.on_finding = count_finding;
	again.pass.ctx = &told;
	ck_assert_ptr_nonnull(way_go(&again, rows[_i].in));
	ck_assert_int_eq(told > 0, strcmp(rows[_i].in, rows[_i].out) != 0);
	told = 0;
	ck_assert_ptr_nonnull(way_go(&again, rows[_i].out));
	ck_assert_uint_eq(told, 0);
	way_deinit(&again);
	way_deinit(&w);
}
END_TEST

struct range {
	uint32_t start, end;
};

static int
note(void *ctx, const struct tg_record *r TG_UNUSED,
    const struct tg_text *t TG_UNUSED, const struct tg_finding *f,
    struct tg_err *err TG_UNUSED)
{
	*(struct range *)ctx = (struct range){f->start, f->end};
	return 0;
}

/* Offsets are of everything in the array; a finding of another view is told as
 * the pieces that it takes. */
START_TEST(a_scan_tells_places_in_the_whole_of_a_mixed_array)
{
	static const struct told {
		const char *in;
		struct range at;
	} told[] = {
	    {X("[\"" GP "x\",4111111111111111]"), {2, 18}},
	    {X("[\"" GP "x \",4111111111111111]"), {3, 19}},
	    {X("[\"" GP "a@exam\",17,\"ple.org\"]"), {0, 16}},
	    {X("[17,\"" GP "a@exam\",\"ple.org\",true]"), {3, 16}},
	};
	struct way w;
	unsigned bad = 0;

	way_init(&w, TG_MODE_SCAN);
	w.pass.on_finding = note;
	for (size_t i = 0; i < TG_COUNT(told); i++) {
		struct range got = {0, 0};

		w.pass.ctx = &got;
		bad += way_go(&w, told[i].in) == NULL ||
		    got.start != told[i].at.start || got.end != told[i].at.end;
	}
	ck_assert_uint_eq(bad, 0);
	way_deinit(&w);
}
END_TEST

/* Where the policy makes a number null, its label is lost, not the rest. */
START_TEST(a_struck_number_is_null_where_the_policy_says_so)
{
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	w.set.number_null = true;
	ck_assert_str_eq(
	    way_go(&w, X("[\"" GP "a@exam\",\"ple.org\",4111111111111111]")),
	    X("[\"" GP "[EMAIL]\",\"\",null]"));
	way_deinit(&w);
}
END_TEST

Suite *mixed_suite(void);

Suite *
mixed_suite(void)
{
	Suite *s = suite_create("mixed arrays");
	TCase *t = tcase_create("pieces");

	tcase_add_loop_test(
	    t, mixed_arrays_leave_as_the_table_says, 0, (int)TG_COUNT(rows));
	tcase_add_test(t, a_scan_tells_places_in_the_whole_of_a_mixed_array);
	tcase_add_test(t, a_struck_number_is_null_where_the_policy_says_so);
	suite_add_tcase(s, t);
	return s;
}
