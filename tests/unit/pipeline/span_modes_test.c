/*
 * span_modes_test.c - drop_activations and drop_span_rows: of a text with a
 * finding its tokens leave without it, and no numbers, or all rows but its own.
 */
#include "tests/unit/pipeline/tensor_way.h"

#include "base/banned.h"

Suite *span_modes_suite(void);

/* The tokens of the address in email[]. */
#define FROM 4
#define TO 8
#define MASK 0 /* <pad> */

static bool
touched(size_t k)
{
	return k >= FROM - 1 && k < TO;
}

static bool
zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Row @k of @width bytes as it came, or zero. */
static bool
row_is(const char *out, const struct tg_buf *in, size_t k, size_t at,
    size_t width, bool stays)
{
	return stays ? memcmp(out + k * width, in->p + at * width, width) == 0
		     : zero(out + k * width, width);
}

static void
start(struct file *f, enum tg_span_rule rule)
{
	begin(f, TG_MODE_REDACT);
	f->w.set.on_span = rule;
	f->w.pass.causal = false; /* nothing rests on it */
}

START_TEST(only_the_rows_of_the_finding_go)
{
	const uint8_t *const rows[] = {email};
	const uint64_t shape[] = {POSITIONS, 2, 2};
	struct file f;
	bool ok = true;

	start(&f, TG_SPAN_ROWS);
	ids(&f, "token_ids", rows, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_BF16, 3, shape);
	go(&f, "req");
	shape_is(&f, "hidden_states", 3, POSITIONS, 2, 2);
	for (size_t k = 0; k < POSITIONS; k++) {
		const char *id = bytes(&f, "token_ids") + 4 * k;

		ok = ok &&
		    row_is(bytes(&f, "hidden_states"), &f.data[1], k, k, 8,
			!touched(k)) &&
		    id[0] == (touched(k) ? MASK : (char)email[k]) &&
		    bytes(&f, "redaction_mask")[k] == touched(k);
	}
	ck_assert(ok);
	ck_assert_uint_eq(f.w.counts->rows, POSITIONS);
	ck_assert_uint_eq(f.w.counts->rows_kept, POSITIONS - 5);
	ck_assert_uint_eq(f.w.counts->tokens_struck, 5);
	ck_assert_uint_eq(f.w.counts->contexts_cut, 1);
	ck_assert_uint_eq(f.w.counts->contexts_bare, 0);
	end(&f);
}
END_TEST

START_TEST(of_a_context_alone_its_tokens_leave_without_numbers)
{
	const uint8_t *const rows[] = {email};
	const uint64_t shape[] = {POSITIONS, 2, 2};
	struct file f;
	bool ok = true;

	start(&f, TG_SPAN_BARE);
	ids(&f, "token_ids", rows, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_BF16, 3, shape);
	go(&f, "req");
	ck_assert_ptr_null(got(&f, "hidden_states"));
	for (size_t k = 0; k < POSITIONS; k++)
		ok = ok &&
		    bytes(&f, "token_ids")[4 * k] ==
			(touched(k) ? MASK : (char)email[k]) &&
		    bytes(&f, "redaction_mask")[k] == (touched(k) ? 1 : 2);
	ck_assert(ok);
	ck_assert_uint_eq(f.w.counts->rows_kept, 0);
	ck_assert_uint_eq(f.w.counts->contexts_bare, 1);
	end(&f);
}
END_TEST

/* A batch: the clean context whole, of the other its tokens; the one with a
 * secret is gone and the others are numbered anew. */
START_TEST(in_a_batch_clean_contexts_keep_their_numbers)
{
	const uint8_t *const rows[] = {secret, clean, email};
	const uint64_t shape[] = {3, POSITIONS, 4};
	struct file f;
	bool ok = true;

	for (unsigned bare = 0; bare < 2; bare++) {
		start(&f, bare ? TG_SPAN_BARE : TG_SPAN_ROWS);
		ids(&f, "tokens", rows, 3, true);
		(void)tensor(
		    &f, "blocks.3.hook_resid_post", TG_DTYPE_F32, 3, shape);
		go(&f, "cache");
		shape_is(&f, "tokens", 2, 2, POSITIONS, 0);
		for (size_t k = 0; k < 2 * POSITIONS; k++) {
			const size_t p = k % POSITIONS;
			const bool one = k >= POSITIONS;
			const char mask = !one ? 0
			    : touched(p)       ? 1
					       : (char)(2 * bare);

			ok = ok &&
			    row_is(bytes(&f, "blocks.3.hook_resid_post"),
				&f.data[1], k, k + POSITIONS, 16,
				!one || (!bare && !touched(p))) &&
			    bytes(&f, "tokens")[4 * k] ==
				(one ? (touched(p) ? MASK : (char)email[p])
				     : (char)clean[p]) &&
			    bytes(&f, "redaction_mask")[k] == mask;
		}
		ck_assert_msg(ok, "bare %u", bare);
		end(&f);
	}
}
END_TEST

/* Both token axes of a pattern lose the struck tokens; a vector made of all
 * tokens is a function of them. */
START_TEST(both_axes_of_a_pattern_lose_the_tokens)
{
	const uint8_t *const rows[] = {email};
	const uint64_t two[] = {1, 2, POSITIONS, POSITIONS};
	struct file f;
	bool ok = true;

	start(&f, TG_SPAN_ROWS);
	f.w.set.kind[TG_KIND_attention_patterns] = true;
	ids(&f, "tokens", rows, 1, true);
	(void)tensor(&f, "blocks.3.attn.hook_pattern", TG_DTYPE_U8, 4, two);
	go(&f, "cache");
	for (size_t i = 0; i < 2 * POSITIONS * POSITIONS; i++)
		ok = ok &&
		    row_is(bytes(&f, "blocks.3.attn.hook_pattern"), &f.data[1],
			i, i, 1,
			!touched(i % POSITIONS) &&
			    !touched(i / POSITIONS % POSITIONS));
	ck_assert(ok);
	end(&f);
}
END_TEST

START_TEST(a_vector_of_all_tokens_needs_all_of_them)
{
	const uint8_t *const rows[] = {clean, email};
	const char *const map[] = {"pooled=b.:residual_stream"};
	const uint64_t shape[] = {2, 4};

	for (int r = TG_SPAN_BARE; r <= TG_SPAN_ROWS; r++) {
		struct file f;

		start(&f, (enum tg_span_rule)r);
		f.w.set.tensor_map = (struct tg_tensor_map){map, 1};
		ids(&f, "tokens", rows, 2, true);
		(void)tensor(&f, "pooled", TG_DTYPE_F32, 2, shape);
		go(&f, "p");
		ck_assert(
		    row_is(bytes(&f, "pooled"), &f.data[1], 0, 0, 16, true) &&
		    row_is(bytes(&f, "pooled"), &f.data[1], 1, 1, 16, false));
		end(&f);
	}
}
END_TEST

START_TEST(entries_of_tokens_without_numbers_are_left_out)
{
	const uint8_t *const rows[] = {email, clean};
	static const uint16_t at[][3] = {
	    {0, 1, 5}, {0, 4, 6}, {0, 8, 7}, {1, 4, 8}};
	static const uint16_t kept[2][3] = {{5, 7, 8}, {8}};
	const uint64_t shape[] = {TG_COUNT(at), 3};

	for (unsigned bare = 0; bare < 2; bare++) {
		const size_t n = bare ? 1 : 3;
		struct tg_buf *b;
		struct file f;
		bool ok = true;

		start(&f, bare ? TG_SPAN_BARE : TG_SPAN_ROWS);
		ids(&f, "tokens", rows, 2, true);
		b = tensor(&f, "locations", TG_DTYPE_U16, 2, shape);
		for (size_t i = 0; i < 3 * TG_COUNT(at); i++)
			put(b, i, 2, at[i / 3][i % 3]);
		(void)tensor(&f, "activations", TG_DTYPE_F16, 1, shape);
		go(&f, "0_127");
		shape_is(&f, "locations", 2, n, 3, 0);
		for (size_t i = 0; i < n; i++)
			ok = ok &&
			    bytes(&f, "locations")[6 * i + 4] ==
				(char)kept[bare][i];
		ck_assert_msg(ok, "bare %u", bare);
		end(&f);
	}
}
END_TEST

/* "sk-", an address, twelve digits: without the address a secret is left. */
START_TEST(what_is_left_is_looked_at_again)
{
	static const uint8_t apart[POSITIONS] = {1, 10, 4, 5, 6, 7, 8, 11, 9};
	static const char want[POSITIONS] = {1, 0, 0, 0, 0, 0, 0, 0, 9};
	const uint8_t *const rows[] = {apart};
	const uint64_t shape[] = {POSITIONS, 2, 2};
	struct file f;
	bool ok = true;

	start(&f, TG_SPAN_ROWS);
	ids(&f, "token_ids", rows, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_BF16, 3, shape);
	go(&f, "req");
	for (size_t k = 0; k < POSITIONS; k++)
		ok = ok && bytes(&f, "token_ids")[4 * k] == want[k];
	ck_assert(ok);
	end(&f);
}
END_TEST

START_TEST(clean_numbers_stay_only_where_the_policy_lets_them)
{
	const uint8_t *const rows[] = {clean};
	const uint64_t shape[] = {POSITIONS, 2, 2};
	struct file f;

	start(&f, TG_SPAN_BARE);
	f.w.set.clean_bare = true;
	ids(&f, "token_ids", rows, 1, false);
	(void)tensor(&f, "hidden_states", TG_DTYPE_BF16, 3, shape);
	go(&f, "req");
	ck_assert_ptr_null(got(&f, "hidden_states"));
	ck_assert_int_eq(
	    memcmp(bytes(&f, "token_ids"), f.data[0].p, f.data[0].n), 0);
	ck_assert_uint_eq(f.w.counts->contexts_cut, 0);
	ck_assert_uint_eq(f.w.counts->contexts_bare, 1);
	end(&f);
}
END_TEST

/* Nothing says that the context begins where it was read from: nothing. */
START_TEST(a_window_does_not_leave_under_any_rule)
{
	const uint8_t *const rows[] = {email};
	const uint64_t shape[] = {POSITIONS, 2, 2};

	for (int r = TG_SPAN_BARE; r <= TG_SPAN_ROWS; r++) {
		struct file f;

		start(&f, (enum tg_span_rule)r);
		f.w.pass.whole = false;
		ids(&f, "token_ids", rows, 1, false);
		(void)tensor(&f, "hidden_states", TG_DTYPE_BF16, 3, shape);
		go(&f, "req");
		ck_assert_uint_eq(f.out.n, 0);
		end(&f);
	}
}
END_TEST

/* ---- rows of features --------------------------------------------------- */

#define ROW "\"modelId\":\"m\",\"layer\":\"l\",\"index\":"
#define TOKENS "\"tokens\":[\"Oh\",\"Hi\",\" a\",\"@exam\",\"ple.org\",\" z\"]"
#define STRUCK "\"tokens\":[\"Oh\",\"Hi\",\"[EMAIL]\",\"\",\"\",\" z\"]"

static const struct {
	const char *in, *bare, *rows; /* "": the unit goes */
} texts[] = {
    {"{" ROW "\"7\"," TOKENS ",\"values\":[0,2,0,9,0,3],\"maxValue\":9,"
     "\"maxValueTokenIndex\":3,\"binMin\":1,\"dataSource\":\"d\"}",
	"{" ROW "null," STRUCK ",\"dataSource\":\"d\"}",
	"{" ROW "\"7\"," STRUCK ",\"values\":[0,2,0,0,0,3],\"maxValue\":3,"
	"\"maxValueTokenIndex\":5,\"dataSource\":\"d\"}"},
    {"{" TOKENS ",\"activation\":{\"source\":\"s\",\"index\":7,\"values\":"
     "[0,2,0,9,0,3],\"maxValue\":9,\"dfaValues\":[1,1,1,1,1,1],"
     "\"dfaTargetIndex\":3,\"dfaMaxValue\":1}}",
	"{" STRUCK ",\"activation\":{\"source\":\"s\",\"index\":7}}",
	"{" STRUCK ",\"activation\":{\"source\":\"s\",\"index\":7,\"values\":"
	"[0,2,0,0,0,3],\"maxValue\":3,\"dfaValues\":[],\"dfaTargetIndex\":null,"
	"\"dfaMaxValue\":null}}"},
    {"{" TOKENS ",\"activations\":[{\"source\":\"s\",\"index\":7,\"values\":"
     "[0,0,0,9,0,0]},{\"source\":\"s\",\"index\":8,\"values\":"
     "[0,0,0,9,0,1]}],\"counts\":[1,1,1,1,1,1]}",
	"{" STRUCK ",\"activations\":[]}",
	"{" STRUCK ",\"activations\":[{\"source\":\"s\",\"index\":8,\"values\":"
	"[0,0,0,0,0,1]}],\"counts\":[1,1,0,0,0,1]}"},
    {"{\"results\":[{" TOKENS ",\"activeFeatures\":{\"7\":[[3,1]],"
     "\"8\":[[1,1],[4,1],[5,1]]}}]}",
	"{\"results\":[{" STRUCK ",\"activeFeatures\":{}}]}",
	"{\"results\":[{" STRUCK
	",\"activeFeatures\":{\"8\":[[1,1],[5,1]]}}]}"},
    {"{\"results\":[{\"tokenPosition\":0,\"token\":\"Hi\",\"topFeatures\":"
     "[[1,2]]},{\"tokenPosition\":1,\"token\":\" a@example.org\","
     "\"topFeatures\":[[3,2]]},{\"tokenPosition\":2,\"token\":\" z\","
     "\"topFeatures\":[[4,2]]}]}",
	"{\"results\":[{\"tokenPosition\":0,\"token\":\"Hi\",\"topFeatures\":"
	"[]},{\"tokenPosition\":1,\"token\":\"[EMAIL]\","
	"\"topFeatures\":[]},{\"tokenPosition\":2,\"token\":\" z\","
	"\"topFeatures\":[]}]}",
	"{\"results\":[{\"tokenPosition\":0,\"token\":\"Hi\",\"topFeatures\":"
	"[[1,2]]},{\"tokenPosition\":1,\"token\":\"[EMAIL]\","
	"\"topFeatures\":[]},{\"tokenPosition\":2,\"token\":\" z\","
	"\"topFeatures\":[[4,2]]}]}"},
    /* An entry of a feature's list is there because the feature was active. */
    {"{\"feature_index\":1,\"activations\":[{" TOKENS
     ",\"values\":[0,2,0,9,0,3]}]}",
	"",
	"{\"feature_index\":1,\"activations\":[{" STRUCK
	",\"values\":[0,2,0,0,0,3]}]}"},
    /* Only the struck token had a number. */
    {"{" ROW "\"7\"," TOKENS ",\"values\":[0,0,0,9,0,0]}",
	"{" ROW "null," STRUCK "}", ""},
};

START_TEST(a_row_of_features_by_rule)
{
	for (unsigned bare = 0; bare < 2; bare++) {
		struct way w;
		const char *out;

		way_init(&w, TG_MODE_REDACT);
		w.set.on_span = bare ? TG_SPAN_BARE : TG_SPAN_ROWS;
		out = way_go(&w, texts[_i].in);
		ck_assert_msg(out != NULL, "%s", w.err.text);
		ck_assert_str_eq(out, bare ? texts[_i].bare : texts[_i].rows);
		way_deinit(&w);
	}
}
END_TEST

START_TEST(a_clean_row_without_its_numbers)
{
	struct way w;

	way_init(&w, TG_MODE_REDACT);
	w.set.clean_bare = true;
	w.set.on_span = TG_SPAN_BARE;
	ck_assert_str_eq(
	    way_go(&w, "{" ROW "\"7\",\"tokens\":[\"Hi\"],\"values\":[1]}"),
	    "{" ROW "null,\"tokens\":[\"Hi\"]}");
	ck_assert_uint_eq(w.counts->contexts_bare, 1);
	/* A graph is its nodes and links. */
	ck_assert_str_eq(way_go(&w,
			     "{\"nodes\":[],\"links\":[],\"metadata\":"
			     "{\"slug\":\"s\",\"prompt\":\"Hi\","
			     "\"prompt_tokens\":[]}}"),
	    "");
	ck_assert_str_eq(w.rec.unit[0].code, "ACT-BARE");
	ck_assert_uint_eq(w.counts->graphs_dropped, 1);
	way_deinit(&w);
}
END_TEST

Suite *
span_modes_suite(void)
{
	Suite *s = suite_create("span_modes");
	TCase *t = tcase_create("span_modes");

	tcase_add_test(t, only_the_rows_of_the_finding_go);
	tcase_add_test(t, of_a_context_alone_its_tokens_leave_without_numbers);
	tcase_add_test(t, in_a_batch_clean_contexts_keep_their_numbers);
	tcase_add_test(t, both_axes_of_a_pattern_lose_the_tokens);
	tcase_add_test(t, a_vector_of_all_tokens_needs_all_of_them);
	tcase_add_test(t, entries_of_tokens_without_numbers_are_left_out);
	tcase_add_test(t, what_is_left_is_looked_at_again);
	tcase_add_test(t, clean_numbers_stay_only_where_the_policy_lets_them);
	tcase_add_test(t, a_window_does_not_leave_under_any_rule);
	tcase_add_loop_test(
	    t, a_row_of_features_by_rule, 0, (int)TG_COUNT(texts));
	tcase_add_test(t, a_clean_row_without_its_numbers);
	suite_add_tcase(s, t);
	return s;
}
