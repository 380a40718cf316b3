/*
 * beside_test.c - the texts of a tensor file in a file beside it: scanned,
 * their findings become positions, the rows from there on do not leave.
 */
#include "tests/unit/pipeline/tensor_way.h"

#include "base/banned.h"

Suite *beside_suite(void);

#define TWO "[\"\xe2\x96\x81to\",\"\xe2\x96\x81Ida\",\"\xe2\x96\x81now\"]"

static const struct {
	const char *what, *tail, *texts;
	uint64_t contexts, positions; /* of what leaves; 0: nothing */
	uint64_t told;
} rows[] = {
    /* "to a.b@example.org now": 3 tokens before the finding. */
    {"tokens of one context", ".jsonl",
	"{\"tokens\":[\"<bos>\",\"Hi\",\"\xe2\x96\x81to\",\"\xe2\x96\x81"
	"a\",\".b\",\"@\",\"example\",\".org\",\"\xe2\x96\x81now\"]}\n" TWO
	"\n",
	2, 3, 0},
    {"a document", ".json",
	"[{\"tokens\":[{\"token\":\"Hi\",\"id\":2},{\"token\":\" to\"},"
	"{\"token\":\" a.b@example.com\"}]},\n" TWO "]",
	2, 3, 0},
    {"clean, and shorter than the positions", ".jsonl", TWO "\n" TWO "\n", 2, 3,
	0},
    {"a text without tokens, clean", ".jsonl",
	"{\"text\":\"Hi to Ida\"}\n{\"prompt\":\"now\"}\n", 2, 9, 0},
    {"a text without tokens, a finding", ".jsonl",
	"{\"text\":\"Hi to Ida\"}\n\"mail a.b@example.org\"\n", 1, 9, 0},
    {"the text says more than the tokens", ".jsonl",
	"{\"tokens\":[\"Hi\"],\"text\":\"Hi a.b@example.org\"}\n" TWO "\n", 1,
	3, 0},
    {"an answer says more than its prompt", ".jsonl",
	"{\"prompt\":\"Hi\",\"more\":[{\"answer\":\"a.b@example.org\"}]}\n"
	"{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}\n",
	1, 9, 0},
    {"a secret drops the context", ".jsonl",
	"[\"Hi\",\"sk-\",\"123456789012\"]\n" TWO "\n", 1, 3, 0},
    {"letters that are bytes", ".jsonl",
	"[\"H\xc3\x83\xc2\xa9\",\"\xc4\xa0"
	"a@ex\",\"a.org\"]\n" TWO "\n",
	2, 3, 0},
    {"words without blanks", ".jsonl", "[\"Ms\",\"Ann\",\"Lee\"]\n" TWO "\n", 1,
	3, 0},
    {"one too few", ".jsonl", TWO "\n", 0, 0, 1},
    {"one too many", ".jsonl", TWO "\n" TWO "\n" TWO "\n", 0, 0, 1},
    {"more tokens than positions", ".jsonl",
	TWO "\n[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\"]\n",
	0, 0, 1},
    {"neither tokens nor a text", ".jsonl", TWO "\n{\"x\":1}\n", 0, 0, 1},
    {"a token that is a number", ".jsonl", TWO "\n[1,2]\n", 0, 0, 1},
    {"no JSON", ".jsonl", TWO "\n[\n", 0, 0, 1},
    {"of no name that is known", ".texts", TWO "\n" TWO "\n", 0, 0, 1},
};

static void
texts(struct file *f, const char *name, const char *tail, const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s%s", name, tail);
	scratch_put(scratch_path(&f->w.s, path), tg_sv_of(text));
}

START_TEST(what_stands_beside_tells_which_rows_leave)
{
	const uint64_t shape[] = {2, POSITIONS, 4};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct tg_tensor *t;
		struct file f;

		begin(&f, TG_MODE_REDACT);
		f.w.pass.vocab = NULL;
		(void)tensor(
		    &f, "blocks.3.hook_resid_post", TG_DTYPE_F16, 3, shape);
		texts(&f, "cache", rows[i].tail, rows[i].texts);
		go(&f, "cache.safetensors");
		t = got(&f, "blocks.3.hook_resid_post");
		ck_assert_msg(
		    (t == NULL) == (rows[i].contexts == 0), "%s", rows[i].what);
		ck_assert_msg(t == NULL ||
			(t->shape[0] == rows[i].contexts &&
			    t->shape[1] == rows[i].positions),
		    "%s", rows[i].what);
		ck_assert_msg(f.w.counts->quarantined == rows[i].told,
		    "%s: %llu told", rows[i].what,
		    (unsigned long long)f.w.counts->quarantined);
		end(&f);
	}
}
END_TEST

/* Ids that nobody spelled do not leave, though the rows do. */
START_TEST(ids_without_a_tokenizer_do_not_leave)
{
	const uint8_t *const text[] = {clean};
	const uint64_t shape[] = {POSITIONS, 1, 4};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	f.w.pass.vocab = NULL;
	ids(&f, "token_ids", text, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_F16, 3, shape);
	texts(&f, "req", ".json", "{\"prompt\":\"Hi to now\"}");
	go(&f, "req.safetensors");
	ck_assert_uint_eq(f.got.n, 1);
	shape_is(&f, "hidden_states", 3, POSITIONS, 1, 4);
	ck_assert_uint_eq(f.w.counts->contexts, 1);
	ck_assert_uint_eq(f.w.counts->quarantined, 0);
	end(&f);
}
END_TEST

/* Both are there: what either finds is gone. */
START_TEST(ids_and_texts_are_both_looked_at)
{
	static const struct {
		const char *text;
		const uint8_t *ids;
		uint64_t rows, cut;
	} both[] = {
	    {"{\"prompt\":\"Hi to now\"}", email, 3, 1},
	    {"{\"tokens\":[\"Hi\",\" a.b@example.org\"]}", clean, 1, 1},
	    {"{\"text\":\"a.b@example.org\"}", clean, 0, 1},
	    {"{\"text\":\"Hi to a.b@example.org\"}", email, 3, 1},
	    {"{\"text\":\"Hi\"}", clean, POSITIONS, 0},
	    /* fewer tokens than the ids, and a text beyond both */
	    {"{\"tokens\":[\"Hi\"],\"text\":\"a.b@example.org\"}", clean, 0, 1},
	    {"{\"tokens\":[\"Hi\",\" a.b@example.org\"],\"text\":"
	     "\"Hi a.b@example.org\"}",
		clean, 0, 1},
	};
	const uint64_t shape[] = {POSITIONS, 1, 4};

	for (size_t i = 0; i < TG_COUNT(both); i++) {
		const uint8_t *const text[] = {both[i].ids};
		const struct tg_tensor *t;
		struct file f;

		begin(&f, TG_MODE_REDACT);
		ids(&f, "token_ids", text, 1, false);
		(void)tensor(&f, "hidden_states", TG_DTYPE_F16, 3, shape);
		texts(&f, "req", ".json", both[i].text);
		go(&f, "req.safetensors");
		t = got(&f, "hidden_states");
		ck_assert_msg(
		    (t == NULL ? 0 : t->shape[0]) == both[i].rows, "%zu", i);
		ck_assert_uint_eq(f.w.counts->contexts, 1);
		ck_assert_uint_eq(f.w.counts->contexts_cut, both[i].cut);
		end(&f);
	}
}
END_TEST

/* Where the tokens of a finding go alone: what only one of both finds takes the
 * context. */
START_TEST(what_only_the_text_beside_finds_takes_the_context)
{
	static const struct {
		const char *text;
		const uint8_t *ids; /* NULL: no vocabulary */
		bool rows, bare;    /* something leaves */
	} both[] = {
	    {"{\"prompt\":\"Hi to now\"}", email, true, true},
	    {"{\"text\":\"Hi to a.b@example.org\"}", email, true, true},
	    {"{\"tokens\":[\"<bos>\",\"Hi\",\" to\",\" "
	     "a\",\".b\",\"@\",\"example\",\".org\","
	     "\" now\"]}",
		email, true, true},
	    {"{\"tokens\":[\"Hi\",\" to\",\" a.b@example.org\"]}", clean, false,
		false},
	    {"{\"text\":\"a.b@example.org\"}", clean, false, false},
	    {"{\"tokens\":[\"Hi\",\" to\",\" a.b@example.org\"]}", NULL, true,
		false},
	    {"{\"text\":\"a.b@example.org\"}", NULL, false, false},
	};
	const uint64_t shape[] = {POSITIONS, 1, 4};

	for (size_t i = 0; i < 2 * TG_COUNT(both); i++) {
		const bool bare = i % 2 != 0;
		const uint8_t *const text[] = {
		    both[i / 2].ids == NULL ? clean : both[i / 2].ids};
		struct file f;

		begin(&f, TG_MODE_REDACT);
		f.w.set.on_span = bare ? TG_SPAN_BARE : TG_SPAN_ROWS;
		if (both[i / 2].ids == NULL)
			f.w.pass.vocab = NULL;
		ids(&f, "token_ids", text, 1, false);
		(void)tensor(&f, "hidden_states", TG_DTYPE_F16, 3, shape);
		texts(&f, "req", ".json", both[i / 2].text);
		go(&f, "req.safetensors");
		ck_assert_msg((f.out.n > 0) ==
			(bare ? both[i / 2].bare : both[i / 2].rows),
		    "%zu", i);
		ck_assert_uint_eq(f.w.counts->contexts_cut, 1);
		end(&f);
	}
}
END_TEST

START_TEST(a_named_file_of_texts_that_is_not_there_is_an_error)
{
	const uint64_t shape[] = {1, POSITIONS, 4};
	struct file f;

	begin(&f, TG_MODE_REDACT);
	(void)tensor(&f, "blocks.3.hook_resid_post", TG_DTYPE_F16, 3, shape);
	go(&f, "first");
	f.w.pass.texts = scratch_path(&f.w.s, "nowhere");
	ck_assert_int_eq(tg_input_run(&f.intake, &f.input, -1, &f.w.err), -1);
	ck_assert_int_eq(f.w.err.cls, TG_E_IO);
	end(&f);
}
END_TEST

Suite *
beside_suite(void)
{
	Suite *s = suite_create("beside");
	TCase *t = tcase_create("beside");

	tcase_add_test(t, what_stands_beside_tells_which_rows_leave);
	tcase_add_test(t, ids_without_a_tokenizer_do_not_leave);
	tcase_add_test(t, ids_and_texts_are_both_looked_at);
	tcase_add_test(t, what_only_the_text_beside_finds_takes_the_context);
	tcase_add_test(t, a_named_file_of_texts_that_is_not_there_is_an_error);
	suite_add_tcase(s, t);
	return s;
}
