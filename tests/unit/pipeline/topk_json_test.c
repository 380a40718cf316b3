/* topk_json_test.c - the policy's topk_max on features in JSON. */
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

Suite *topk_json_suite(void);

#define NODE(id, layer, at)                                        \
	"{\"node_id\":\"" id "\",\"feature\":1,\"layer\":\"" layer \
	"\",\"ctx_idx\":" at ",\"feature_type\":\"cross layer transcoder\"}"
#define GRAPH(nodes)                                          \
	"{\"metadata\":{\"slug\":\"s\",\"prompt\":\"a b\","   \
	"\"prompt_tokens\":[\"a\",\" b\"]},\"nodes\":[" nodes \
	"],\"links\":[]}"
#define TWO NODE("0_1_0", "0", "0") "," NODE("0_2_0", "0", "0")
#define TOP(at, list)                                                          \
	"{\"tokenPosition\":" at ",\"token\":\"a\",\"topFeatures\":[" list "]" \
	"}"
#define F(i, v) "{\"featureIndex\":" i ",\"activationValue\":" v "}"
#define VALUES(i, v) "{\"source\":\"s\",\"index\":" i ",\"values\":[" v "]}"
#define ROW "\"modelId\":\"m\",\"layer\":\"l\",\"index\":\"1\","

/* At most two. */
static const struct {
	const char *in, *out;
	uint64_t over;
} row[] = {
    /* The greatest of a token, where they stood. */
    {"{\"results\":[" TOP(
	 "0", F("1", "1") "," F("2", "3") "," F("3", "2")) "," TOP("1",
	 F("4", "1") "," F("5", "1")) "]}",
	"{\"results\":[" TOP("0", F("2", "3") "," F("3", "2")) "," TOP(
	    "1", F("4", "1") "," F("5", "1")) "]}",
	1},
    /* Of equal ones the first. */
    {"{\"results\":[" TOP(
	 "0", F("1", "1") "," F("2", "1") "," F("3", "1")) "]}",
	"{\"results\":[" TOP("0", F("1", "1") "," F("2", "1")) "]}", 1},
    /* Pairs are counted by their token; a feature without one goes. */
    {"{\"results\":[{\"tokens\":[\"a\",\"b\"],\"activeFeatures\":{\"7\":[[0,1],"
     "[1,5]],\"8\":[[0,2]],\"9\":[[0,3]],\"10\":[[0,0.5]]}}]}",
	"{\"results\":[{\"tokens\":[\"a\",\"b\"],\"activeFeatures\":{\"7\":[[1,"
	"5]],\"8\":[[0,2]],\"9\":[[0,3]]}}]}",
	2},
    {"{\"tokens\":[\"a\",\"b\"],\"activations\":[" VALUES(
	 "7", "1,2") "," VALUES("8", "0,-9") "," VALUES("9", "3,0") "]}",
	"{\"tokens\":[\"a\",\"b\"],\"activations\":[" VALUES(
	    "8", "0,-9") "," VALUES("9", "3,0") "]}",
	1},
    {"{" ROW "\"pos_str\":[\"x\",\"y\",\"z\"],\"pos_values\":[3,2,1],"
     "\"neg_str\":[\"u\",\"v\"]}",
	"{" ROW "\"pos_str\":[\"x\",\"y\"],\"pos_values\":[3,2],"
	"\"neg_str\":[\"u\",\"v\"]}",
	2},
    {"{\"index\":5,\"examples_quantiles\":[{\"quantile_name\":\"q\","
     "\"examples\":[{\"tokens\":[\"a\"],\"tokens_acts_list\":[1]}]}],"
     "\"top_logits\":[\"x\",\"y\",\"z\"],\"bottom_logits\":[]}",
	"{\"index\":5,\"examples_quantiles\":[{\"quantile_name\":\"q\","
	"\"examples\":[{\"tokens\":[\"a\"],\"tokens_acts_list\":[1]}]}],"
	"\"top_logits\":[\"x\",\"y\"],\"bottom_logits\":[]}",
	1},
};

START_TEST(of_the_features_of_a_token_the_greatest_stay)
{
	struct way w;
	const char *out;

	way_init(&w, TG_MODE_REDACT);
	w.set.topk = 2;
	out = way_go(&w, row[_i].in);
	ck_assert_msg(out != NULL, "%s", w.err.text);
	ck_assert_str_eq(out, row[_i].out);
	ck_assert_uint_eq(w.counts->features_over, row[_i].over);
	/* Three are none too many. */
	w.set.topk = 4;
	ck_assert_str_eq(way_go(&w, row[_i].in), row[_i].in);
	w.set.topk = 0;
	ck_assert_str_eq(way_go(&w, row[_i].in), row[_i].in);
	way_deinit(&w);
}
END_TEST

START_TEST(a_graph_with_more_of_a_layer_at_a_token_does_not_leave)
{
	static const struct {
		const char *graph;
		bool stays;
	} g[] = {
	    {GRAPH(TWO), true},
	    {GRAPH(TWO "," NODE("1_3_0", "1", "0")), true},
	    {GRAPH(TWO "," NODE("0_3_1", "0", "1")), true},
	    {GRAPH(TWO "," NODE("0_3_0", "0", "0")), false},
	    {GRAPH(NODE("0_3_0", "0", "0") "," NODE("1_3_0", "1", "0") "," TWO),
		false},
	};

	for (size_t i = 0; i < TG_COUNT(g); i++) {
		struct way w;
		const char *out;

		way_init(&w, TG_MODE_REDACT);
		w.set.topk = 2;
		out = way_go(&w, g[i].graph);
		ck_assert_msg(out != NULL, "%s", w.err.text);
		ck_assert_int_eq(out[0] != '\0', g[i].stays);
		if (!g[i].stays)
			ck_assert_str_eq(w.rec.unit[0].code, "ACT-TOPK");
		ck_assert_uint_eq(w.counts->graphs_dropped, !g[i].stays);
		way_deinit(&w);
	}
}
END_TEST

Suite *
topk_json_suite(void)
{
	Suite *s = suite_create("topk json");
	TCase *t = tcase_create("topk");

	tcase_add_loop_test(t, of_the_features_of_a_token_the_greatest_stay, 0,
	    (int)TG_COUNT(row));
	tcase_add_test(
	    t, a_graph_with_more_of_a_layer_at_a_token_does_not_leave);
	suite_add_tcase(s, t);
	return s;
}
