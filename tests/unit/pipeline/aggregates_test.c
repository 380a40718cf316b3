/*
 * aggregates_test.c - which numbers of a record, and of a tensor file, go into
 * the aggregates, under which name and for whom; and that nothing else leaves.
 */
#include "pipeline/aggregates.h"

#include "pipeline/sources/tensor_value.h"
#include "tests/unit/pipeline/tensor_way.h"

#include "base/banned.h"

Suite *aggregates_suite(void);

static const uint8_t key[TG_KEY_LEN] = {9};

/* "at cell:subjects:sum at cell:…" */
static int
tell(void *ctx, const struct tg_aggregate_cell *c, struct tg_err *err)
{
	return tg_buf_addf(ctx, err, "%.*s|%.*s %u:%lld:%lld;",
	    TG_SV_FMT(c->group->model), TG_SV_FMT(c->group->at), c->cell,
	    (long long)c->subjects, (long long)c->sum);
}

static struct tg_aggregate *
sink(struct way *w, uint64_t k, bool named)
{
	const struct tg_aggregate_limits l = {
	    .k = k, .clip = 1000, .named = named};
	struct tg_aggregate *a;

	ck_assert_int_eq(tg_aggregate_new(&a, scratch_path(&w->s, "aggregate"),
			     &l, key, 1u << 16, &w->err),
	    0);
	w->set.aggregate = true;
	w->pass.aggregate = a;
	return a;
}

/* What leaves of the sink, which is freed. */
static void
told(struct way *w, struct tg_aggregate *a, const char *want)
{
	struct tg_buf b;

	tg_buf_init(&b, 1u << 16);
	ck_assert_int_eq(tg_aggregate_finish(a, NULL, tell, &b, &w->err), 0);
	ck_assert_str_eq(b.p == NULL ? "" : b.p, want);
	tg_buf_deinit(&b);
	tg_aggregate_free(a);
}

#define T "\"tokens\":[\"<bos>\",\" to\",\" a@exam\",\"ple.org\",\" z\"]"
#define ROW "\"modelId\":\"m\",\"layer\":\"3-res\",\"index\":\"12\","

static const struct {
	const char *in, *want;
	uint64_t unplaced;
} row[] = {
    /* The numbers before the finding, zeros left out: (1 + 2) / 2. */
    {"{" ROW "\"tokens\":[\"<bos>\",\" a\",\" b\"],\"values\":[1,0,2]}",
	"m|3-res 12:1:1536;", 0},
    {"{" ROW T ",\"values\":[0,2,9,9,9]}", "m|3-res 12:1:2048;", 0},
    /* Nothing but zeros: the feature was not active in anybody. */
    {"{" ROW "\"tokens\":[\"<bos>\",\" a\"],\"values\":[0,0]}", "", 0},
    /* Names that may say anything. */
    {"{\"modelId\":\"m\",\"layer\":\"of Ann\",\"index\":\"1\",\"tokens\":["
     "\"a\"],\"values\":[1]}",
	"", 1},
    {"{\"modelId\":\"m\",\"layer\":\"4111111111111111\",\"index\":\"1\","
     "\"tokens\":[\"a\"],\"values\":[1]}",
	"", 1},
    {"{\"modelId\":\"m\",\"layer\":\"l\",\"index\":\"x\",\"tokens\":[\"a\"],"
     "\"values\":[1]}",
	"", 1},
    {"{\"tokens\":[\"a\",\"b\"],\"activations\":[{\"source\":\"s\",\"index\":7,"
     "\"values\":[1,3]},{\"source\":\"s\",\"index\":9,\"values\":[0,-4]}]}",
	"|s 7:1:2048;|s 9:1:-4096;", 0},
    {"{\"results\":[{\"tokens\":[\"a\",\"b\"],\"activeFeatures\":{\"12\":[[0,"
     "1],[1,2]],\"40\":[[1,5]]}}]}",
	"| 12:1:1536;| 40:1:5120;", 0},
    {"{\"results\":[{\"tokens\":[\"<bos>\",\" a@example.org\"],"
     "\"activeFeatures\":{\"12\":[[0,1],[1,9]],\"40\":[[1,5]]}}]}",
	"| 12:1:1024;", 0},
    {"{\"results\":[{\"tokenPosition\":0,\"token\":\"<bos>\",\"topFeatures\":[{"
     "\"featureIndex\":5,\"activationValue\":2}]},{\"tokenPosition\":1,"
     "\"token\":\"a\",\"topFeatures\":[{\"featureIndex\":5,"
     "\"activationValue\":1},{\"featureIndex\":6,\"activationValue\":1}]}]}",
	"| 5:1:1536;| 6:1:1024;", 0},
    {"{\"hookPoint\":\"blocks.17.hook_resid_post\",\"results\":[{"
     "\"tokenStrings\":[\"a\",\"b\"],\"activations\":[{\"layer\":17,"
     "\"tokenIndices\":[0,1],\"values\":[[1,0],[3,2]]}]}]}",
	"|blocks.17.hook_resid_post:17 0:1:2048;|blocks.17.hook_resid_post:17 "
	"1:1:1024;",
	0},
    /* Examples: two of one feature, each a trace of its own. */
    {"{\"index\":5,\"examples_quantiles\":[{\"quantile_name\":\"q\","
     "\"examples\":[{\"tokens\":[\"a\"],\"tokens_acts_list\":[1]},{\"tokens\":["
     "\"b\"],\"tokens_acts_list\":[3]}]}]}",
	"| 5:2:4096;", 0},
    {"[{\"str_tokens\":[\"a\"],\"activations\":[1]}]", "", 1},
};

START_TEST(numbers_of_a_record_are_summed_and_do_not_leave)
{
	struct way w;
	struct tg_aggregate *a;

	way_init(&w, TG_MODE_EXPORT);
	a = sink(&w, 1, false);
	ck_assert_str_eq(way_go(&w, row[_i].in), "");
	ck_assert_str_eq(w.rec.unit[0].code, "ANO-AGGREGATE");
	ck_assert_uint_eq(tg_aggregate_result(a)->unplaced, row[_i].unplaced);
	told(&w, a, row[_i].want);
	way_deinit(&w);
}
END_TEST

#define PLAIN(id, more) \
	"{\"id\":\"" id "\"," ROW more "\"tokens\":[\"a\"],\"values\":[1]}"

START_TEST(a_trace_counts_once_and_k_less_one_not_at_all)
{
	for (uint64_t k = 2; k <= 3; k++) {
		struct way w;
		struct tg_aggregate *a;

		way_init(&w, TG_MODE_EXPORT);
		a = sink(&w, k, false);
		ck_assert_str_eq(way_go(&w, PLAIN("u", "")), "");
		ck_assert_str_eq(way_go(&w, PLAIN("u", "")), "");
		ck_assert_str_eq(way_go(&w, PLAIN("U", "")), "");
		ck_assert_str_eq(way_go(&w, PLAIN("v", "")), "");
		told(&w, a, k == 2 ? "m|3-res 12:2:2048;" : "");
		way_deinit(&w);
	}
}
END_TEST

START_TEST(whom_nobody_names_does_not_count_where_named_is_asked)
{
	struct way w;
	struct tg_aggregate *a;

	way_init(&w, TG_MODE_EXPORT);
	a = sink(&w, 1, true);
	ck_assert_str_eq(way_go(&w, PLAIN("u", "")), "");
	ck_assert_str_eq(way_go(&w, PLAIN("v", "\"user_id\":\"ann\",")), "");
	ck_assert_str_eq(way_go(&w, PLAIN("w", "\"user_id\":\"ann\",")), "");
	ck_assert_uint_eq(tg_aggregate_result(a)->unnamed, 1);
	ck_assert_uint_eq(tg_aggregate_result(a)->by[TG_SUBJECT_PERSON], 2);
	told(&w, a, "m|3-res 12:1:1024;");
	way_deinit(&w);
}
END_TEST

/* No text leaves, so that the policy's word on texts is kept; it is looked at
 * all the same. */
START_TEST(texts_that_may_not_leave_are_still_looked_at)
{
	struct way w;
	struct tg_aggregate *a;

	way_init(&w, TG_MODE_EXPORT);
	a = sink(&w, 1, false);
	w.set.text_drops = true;
	ck_assert_str_eq(way_go(&w, "{" ROW T ",\"values\":[0,2,9,9,9]}"), "");
	ck_assert_str_eq(way_go(&w, "{" ROW "\"description\":\"of Ann\"}"),
	    "{\"modelId\":\"m\",\"layer\":\"3-res\",\"index\":\"12\"}");
	told(&w, a, "m|3-res 12:1:2048;");
	way_deinit(&w);
}
END_TEST

START_TEST(what_the_limits_keep_back_is_not_counted)
{
	struct way w;
	struct tg_aggregate *a;

	way_init(&w, TG_MODE_EXPORT);
	a = sink(&w, 1, false);
	w.set.max_tokens = 1;
	ck_assert_str_eq(way_go(&w,
			     "{" ROW "\"tokens\":[\"a\",\"b\"],\"values\":[1,"
			     "1]}"),
	    "");
	ck_assert_str_eq(w.rec.unit[0].code, "LIM-TOKENS");
	told(&w, a, "");
	way_deinit(&w);
}
END_TEST

START_TEST(other_records_leave_as_ever)
{
	struct way w;
	struct tg_aggregate *a;

	way_init(&w, TG_MODE_EXPORT);
	a = sink(&w, 1, false);
	ck_assert_str_eq(
	    way_go(&w, "{\"text\":\"fine\"}"), "{\"text\":\"fine\"}");
	told(&w, a, "");
	way_deinit(&w);
}
END_TEST

START_TEST(a_graph_does_not_leave)
{
	struct way w;
	struct tg_aggregate *a;

	way_init(&w, TG_MODE_EXPORT);
	a = sink(&w, 1, false);
	ck_assert_str_eq(way_go(&w,
			     "{\"nodes\":[],\"links\":[],\"metadata\":{"
			     "\"slug\":\"s\",\"prompt\":\"fine\","
			     "\"prompt_tokens\":[]}}"),
	    "");
	ck_assert_str_eq(w.rec.unit[0].code, "ANO-AGGREGATE");
	ck_assert_uint_eq(w.counts->graphs_dropped, 1);
	told(&w, a, "");
	way_deinit(&w);
}
END_TEST

/* ---- tensor files ----------------------------------------------------------
 */

/* F32 of a small whole number. */
static uint32_t
single(float v)
{
	uint32_t u;

	memcpy(&u, &v, sizeof(u));
	return u;
}

/* Rows [2 contexts, POSITIONS, 2]: 1 + p and 10 (c + 1) at token p. */
static void
dense(struct file *f, const uint8_t *first, const uint8_t *second)
{
	const uint8_t *const text[] = {first, second};
	const uint64_t shape[] = {2, POSITIONS, 2};
	struct tg_buf *b;

	begin(f, TG_MODE_EXPORT);
	ids(f, "tokens", text, 2, true);
	b = tensor(f, "blocks.4.hook_resid_post", TG_DTYPE_F32, 3, shape);
	for (size_t c = 0; c < 2; c++)
		for (size_t p = 0; p < POSITIONS; p++) {
			put(b, 2 * (c * POSITIONS + p), 4,
			    single((float)(1 + p)));
			put(b, 2 * (c * POSITIONS + p) + 1, 4,
			    single((float)(10 * (c + 1))));
		}
}

START_TEST(a_residual_stream_is_summed_over_the_rows_that_could_leave)
{
	struct file f;
	struct tg_aggregate *a;

	/* Of the e-mail's context tokens 0 to 2 stay: their mean is 2. */
	dense(&f, clean, email);
	a = sink(&f.w, 1, false);
	meta(&f, "model_id", "m");
	go(&f, "x");
	ck_assert_uint_eq(f.out.n, 0);
	ck_assert_uint_eq(f.w.counts->tensors_kept, 0);
	ck_assert_uint_eq(f.w.counts->rows_kept, 0);
	/* 5 of nine rows and 2 of three; 10 and 20. */
	told(&f.w, a,
	    "m|blocks.4.hook_resid_post 0:2:7168;"
	    "m|blocks.4.hook_resid_post 1:2:30720;");
	end(&f);
}
END_TEST

START_TEST(a_file_of_one_person_is_one_subject)
{
	struct file f;
	struct tg_aggregate *a;

	dense(&f, clean, email);
	a = sink(&f.w, 1, true);
	meta(&f, "user_id", "ann");
	go(&f, "x");
	/* 45 and 6 of twelve rows; 9 of 10 and 3 of 20. */
	told(&f.w, a,
	    "|blocks.4.hook_resid_post 0:1:4352;"
	    "|blocks.4.hook_resid_post 1:1:12800;");
	end(&f);
}
END_TEST

START_TEST(fewer_contexts_than_k_make_no_cell)
{
	struct file f;
	struct tg_aggregate *a;

	dense(&f, clean, email);
	a = sink(&f.w, 3, false);
	go(&f, "x");
	told(&f.w, a, "");
	/* The same text twice is one. */
	end(&f);
	dense(&f, clean, clean);
	a = sink(&f.w, 2, false);
	go(&f, "x");
	told(&f.w, a, "");
	end(&f);
}
END_TEST

START_TEST(what_nobody_could_read_is_not_summed)
{
	struct file f;
	struct tg_aggregate *a;

	dense(&f, clean, email);
	a = sink(&f.w, 1, false);
	f.w.pass.vocab = NULL;
	go(&f, "x");
	told(&f.w, a, "");
	end(&f);
	dense(&f, clean, email);
	a = sink(&f.w, 1, false);
	f.w.pass.whole = false;
	go(&f, "x");
	told(&f.w, a, "");
	end(&f);
	dense(&f, clean, email);
	a = sink(&f.w, 1, false);
	f.w.set.kind[TG_KIND_residual_stream] = false;
	go(&f, "x");
	told(&f.w, a, "");
	end(&f);
}
END_TEST

START_TEST(a_coordinate_list_is_summed_by_feature)
{
	static const uint16_t at[][3] = {
	    {0, 1, 40}, {0, 2, 40}, {0, 2, 41}, {1, 1, 40}, {1, 5, 41}};
	static const uint16_t half[] = {
	    0x3c00, 0x4200, 0x4000, 0x4400, 0x3c00}; /* 1 3 2 4 1 */
	const uint8_t *const text[] = {clean, email};
	const uint64_t shape[] = {TG_COUNT(at), 3};
	struct tg_buf *l, *v;
	struct file f;
	struct tg_aggregate *a;

	begin(&f, TG_MODE_EXPORT);
	ids(&f, "tokens", text, 2, true);
	l = tensor(&f, "locations", TG_DTYPE_U16, 2, shape);
	v = tensor(&f, "activations", TG_DTYPE_F16, 1, shape);
	for (size_t i = 0; i < TG_COUNT(at); i++) {
		for (size_t k = 0; k < 3; k++)
			put(l, 3 * i + k, 2, at[i][k]);
		put(v, i, 2, half[i]);
	}
	a = sink(&f.w, 1, false);
	go(&f, "x");
	/* Token 5 of the second context is behind the finding. */
	told(&f.w, a, "| 40:2:6144;| 41:1:2048;");
	end(&f);
}
END_TEST

START_TEST(a_table_of_examples_is_summed_by_row)
{
	static const uint64_t at[][2] = {
	    {0, 1}, {1, 1}, {0, 2}, {UINT64_MAX, UINT64_MAX}};
	const uint8_t *const text[] = {clean, email};
	const uint64_t shape[] = {2, 2};
	struct tg_buf *s, *q, *v;
	struct file f;
	struct tg_aggregate *a;

	begin(&f, TG_MODE_EXPORT);
	ids(&f, "tokens", text, 2, true);
	s = tensor(&f, "seq_ids", TG_DTYPE_I64, 2, shape);
	q = tensor(&f, "positions", TG_DTYPE_I64, 2, shape);
	v = tensor(&f, "activations", TG_DTYPE_F32, 2, shape);
	for (size_t i = 0; i < TG_COUNT(at); i++) {
		put(s, i, 8, at[i][0]);
		put(q, i, 8, at[i][1]);
		put(v, i, 4, single((float)(i + 1)));
	}
	a = sink(&f.w, 1, false);
	go(&f, "x");
	told(&f.w, a, "| 0:2:3072;| 1:1:3072;");
	end(&f);
}
END_TEST

START_TEST(an_element_is_a_number)
{
	static const struct {
		enum tg_dtype dtype;
		uint64_t bits;
		double v;
	} e[] = {{TG_DTYPE_F16, 0x3c00, 1}, {TG_DTYPE_F16, 0xc500, -5},
	    {TG_DTYPE_F16, 0x0001, 1.0 / 16777216},
	    {TG_DTYPE_BF16, 0x3fc0, 1.5}, {TG_DTYPE_F32, 0xbf800000, -1},
	    {TG_DTYPE_F64, 0x4000000000000000, 2}, {TG_DTYPE_I8, 0xff, -1},
	    {TG_DTYPE_U8, 0xff, 255}, {TG_DTYPE_I16, 0x8000, -32768},
	    {TG_DTYPE_I64, UINT64_MAX, -1}, {TG_DTYPE_U32, 7, 7}};
	bool same = true;

	for (size_t i = 0; i < TG_COUNT(e); i++) {
		uint8_t p[8];
		double v;

		for (unsigned k = 0; k < 8; k++)
			p[k] = (uint8_t)(e[i].bits >> (8 * k));
		v = tg_tensor_value(e[i].dtype, p);
		same = same && tg_tensor_value_can(e[i].dtype) && v <= e[i].v &&
		    v >= e[i].v;
	}
	ck_assert(same);
	ck_assert(!tg_tensor_value_can(TG_DTYPE_C64));
	ck_assert(!tg_tensor_value_can(TG_DTYPE_BOOL));
}
END_TEST

Suite *
aggregates_suite(void)
{
	Suite *s = suite_create("aggregates");
	TCase *t = tcase_create("aggregates");

	tcase_add_loop_test(t, numbers_of_a_record_are_summed_and_do_not_leave,
	    0, (int)TG_COUNT(row));
	tcase_add_test(t, a_trace_counts_once_and_k_less_one_not_at_all);
	tcase_add_test(
	    t, whom_nobody_names_does_not_count_where_named_is_asked);
	tcase_add_test(t, texts_that_may_not_leave_are_still_looked_at);
	tcase_add_test(t, what_the_limits_keep_back_is_not_counted);
	tcase_add_test(t, other_records_leave_as_ever);
	tcase_add_test(t, a_graph_does_not_leave);
	tcase_add_test(
	    t, a_residual_stream_is_summed_over_the_rows_that_could_leave);
	tcase_add_test(t, a_file_of_one_person_is_one_subject);
	tcase_add_test(t, fewer_contexts_than_k_make_no_cell);
	tcase_add_test(t, what_nobody_could_read_is_not_summed);
	tcase_add_test(t, a_coordinate_list_is_summed_by_feature);
	tcase_add_test(t, a_table_of_examples_is_summed_by_row);
	tcase_add_test(t, an_element_is_a_number);
	suite_add_tcase(s, t);
	return s;
}
