/* jedit_test.c - byte ranges replaced, marked nodes dropped. */
#include <jansson.h>
#include <stdio.h>

#include "base/jscan.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

static struct tg_jdoc doc, again;
static struct tg_edits edits;
static struct tg_buf out;

static void
setup(void)
{
	tg_jdoc_init(&doc);
	tg_jdoc_init(&again);
	tg_edits_init(&edits, 1000);
	tg_buf_init(&out, 1u << 20);
}

static void
teardown(void)
{
	tg_jdoc_deinit(&doc);
	tg_jdoc_deinit(&again);
	tg_edits_deinit(&edits);
	tg_buf_deinit(&out);
}

static void
scan(const char *text)
{
	size_t at;

	tg_edits_reset(&edits);
	tg_buf_reset(&out);
	ck_assert_int_eq(tg_jscan(&doc, tg_sv_of(text), &at, NULL), 0);
}

static void
add(uint32_t start, uint32_t end, const char *by)
{
	ck_assert_int_eq(
	    tg_edits_add(&edits, start, end, tg_sv_of(by), NULL), 0);
}

static void
spliced_is(const char *want)
{
	struct tg_err err;

	tg_buf_reset(&out);
	ck_assert_msg(
	    tg_edits_splice(&out, doc.text, &edits, &err) == 0, "%s", err.text);
	ck_assert_msg(tg_sv_is(tg_buf_sv(&out), want), "%.*s, not %s",
	    TG_SV_FMT(tg_buf_sv(&out)), want);
}

START_TEST(without_edits_every_byte_stays)
{
	scan(" {\"a\" : [1.50, -0, \"caf\\u00e9\"] }\n");
	spliced_is(" {\"a\" : [1.50, -0, \"caf\\u00e9\"] }\n");
	tg_edits_deinit(&edits);
	spliced_is(" {\"a\" : [1.50, -0, \"caf\\u00e9\"] }\n");
}
END_TEST

START_TEST(edits_are_made_in_the_order_of_the_text)
{
	scan("[10,20,30,40]");
	add(7, 9, "x");
	add(1, 3, "");
	add(4, 6, "long");
	add(13, 13, "!");
	add(0, 0, "<");
	spliced_is("<[,long,x,40]!");
}
END_TEST

START_TEST(the_outer_of_two_edits_wins)
{
	scan("[10,20,30]");
	add(4, 5, "in");
	add(1, 6, "out");
	add(5, 6, "in");
	add(1, 6, "second");
	add(3, 3, "in");
	spliced_is("[out,30]");
}
END_TEST

START_TEST(an_insertion_at_the_start_of_a_replaced_range_is_inside)
{
	scan("[10,20]");
	add(1, 1, "A");
	add(1, 3, "B");
	add(3, 3, "C");
	spliced_is("[BC,20]");
}
END_TEST

START_TEST(insertions_at_one_place_keep_their_order)
{
	scan("[10]");
	add(3, 3, ",1");
	add(3, 3, ",2");
	add(0, 0, " ");
	add(3, 3, ",3");
	spliced_is(" [10,1,2,3]");
}
END_TEST

START_TEST(edits_that_cross_are_a_bug_and_write_nothing)
{
	struct tg_err err;

	scan("[10,20,30]");
	ck_assert_int_eq(tg_buf_adds(&out, "kept", NULL), 0);
	add(1, 5, "a");
	add(4, 8, "b");
	ck_assert_int_eq(tg_edits_splice(&out, doc.text, &edits, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_str_eq(out.p, "kept");
}
END_TEST

START_TEST(edits_outside_the_text_or_backwards_are_a_bug)
{
	struct tg_err err;

	scan("[10]");
	ck_assert_int_eq(tg_edits_add(&edits, 3, 2, TG_SV(""), &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	add(4, 5, "");
	ck_assert_int_eq(tg_edits_splice(&out, doc.text, &edits, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_uint_eq(out.n, 0);
}
END_TEST

START_TEST(more_edits_than_allowed_are_a_limit)
{
	struct tg_err err;

	scan("[10]");
	for (unsigned i = 0; i < 1000; i++)
		add(1, 1, "");
	ck_assert_int_eq(tg_edits_add(&edits, 1, 1, TG_SV(""), &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_uint_eq(edits.n, 1000);
}
END_TEST

/* Every sequence of insertions sorts as a stable sort does. */
START_TEST(many_edits_are_sorted_stably)
{
	char text[302], want[4096];
	size_t n = 0;
	uint64_t s = 7;
	static char name[500][4];
	uint32_t place[500];

	memset(text, ' ', sizeof(text));
	text[0] = '1';
	text[301] = '\0';
	scan(text);
	for (unsigned i = 0; i < 500; i++) {
		s ^= s << 13;
		s ^= s >> 7;
		s ^= s << 17;
		place[i] = (uint32_t)(s % 50);
		(void)snprintf(name[i], sizeof(name[i]), "%03x", i);
		add(place[i], place[i], name[i]);
	}
	for (uint32_t p = 0; p < 301; p++) {
		for (unsigned i = 0; i < 500; i++) {
			if (place[i] == p) {
				memcpy(want + n, name[i], 3);
				n += 3;
			}
		}
		want[n++] = text[p];
	}
	want[n] = '\0';
	spliced_is(want);
}
END_TEST

static void
mark(const char *key)
{
	const uint32_t i = tg_jdoc_find(&doc, 0, key);

	ck_assert_uint_ne(i, UINT32_MAX);
	doc.nodes[i].mark = 1;
}

START_TEST(a_dropped_member_takes_one_comma)
{
	static const struct {
		const char *drop, *want;
	} row[] = {
	    {"", "{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }"},
	    {"a", "{ \"b\" : 2 , \"c\" : 3 }"},
	    {"b", "{ \"a\" : 1 , \"c\" : 3 }"},
	    {"c", "{ \"a\" : 1 , \"b\" : 2 }"},
	    {"ab", "{ \"c\" : 3 }"},
	    {"ac", "{ \"b\" : 2 }"},
	    {"bc", "{ \"a\" : 1 }"},
	    {"abc", "{  }"},
	};

	for (size_t i = 0; i < TG_COUNT(row); i++) {
		scan("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }");
		for (const char *p = row[i].drop; *p != '\0'; p++)
			mark((const char[]){*p, '\0'});
		ck_assert_int_eq(
		    tg_edits_drop_marked(&edits, &doc, 1, NULL), 0);
		spliced_is(row[i].want);
	}
}
END_TEST

START_TEST(only_the_bits_of_the_mask_drop)
{
	scan("[1,2,3]");
	doc.nodes[1].mark = 1;
	doc.nodes[2].mark = 6;
	doc.nodes[3].mark = 8;
	ck_assert_int_eq(tg_edits_drop_marked(&edits, &doc, 4, NULL), 0);
	spliced_is("[1,3]");
}
END_TEST

START_TEST(a_dropped_root_is_a_bug)
{
	struct tg_err err;

	scan("[1]");
	doc.nodes[0].mark = 1;
	ck_assert_int_eq(tg_edits_drop_marked(&edits, &doc, 1, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_uint_eq(edits.n, 0);
}
END_TEST

START_TEST(drops_and_replacements_go_together)
{
	scan("{\"a\":\"x\",\"b\":\"y\",\"c\":[1,\"z\"]}");
	doc.nodes[1].mark = 1; /* a */
	doc.nodes[4].mark = 1; /* c/0 */
	add(doc.nodes[1].start, doc.nodes[1].end, "\"gone\"");
	add(doc.nodes[2].start, doc.nodes[2].end, "\"Y\"");
	add(doc.nodes[5].start, doc.nodes[5].end, "\"Z\"");
	ck_assert_int_eq(tg_edits_drop_marked(&edits, &doc, 1, NULL), 0);
	spliced_is("{\"b\":\"Y\",\"c\":[\"Z\"]}");
}
END_TEST

START_TEST(drops_that_do_not_fit_are_taken_back)
{
	struct tg_err err;

	scan("[1,2,3,4,5]");
	tg_edits_deinit(&edits);
	tg_edits_init(&edits, 1);
	doc.nodes[1].mark = doc.nodes[3].mark = 1;
	ck_assert_int_eq(tg_edits_drop_marked(&edits, &doc, 1, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_uint_eq(edits.n, 0);
}
END_TEST

static const char *const small[] = {
    "[]",
    "[1]",
    "[1,2,3,4]",
    "{\"a\":1,\"b\":2,\"c\":3,\"d\":4}",
    " [ 1 , [ 2 , 3 ] , { \"a\" : 4 } , [ ] ] ",
    "{\"a\":[1,2,{\"b\":3}],\"c\":{\"d\":[],\"e\":{\"f\":0}},\"g\":\"h\"}",
    "[[[1],2],[3,[4]],{\"x\":{\"y\":{\"z\":[5,6]}}}]",
    "{\"k\" : \"v\\\"\" ,\n\t\"l\": [ true , false,null ]\n}",
};

/* The tree without the dropped nodes; jansson as the oracle. */
static json_t *
pruned(uint32_t i)
{
	const struct tg_jnode *n = &doc.nodes[i];
	uint32_t c = i + 1;
	json_t *j;

	if (n->kind != TG_J_OBJECT && n->kind != TG_J_ARRAY)
		return json_loadb(doc.text.p + n->start, n->end - n->start,
		    JSON_DECODE_ANY, NULL);
	j = n->kind == TG_J_OBJECT ? json_object() : json_array();
	for (uint32_t k = 0; k < n->n; k++, c = doc.nodes[c].next) {
		const struct tg_sv key = tg_jdoc_key(&doc, c);
		char name[16] = {0};

		if (doc.nodes[c].mark != 0)
			continue;
		ck_assert_uint_lt(key.n, sizeof(name));
		memcpy(name, key.p, key.n);
		if (n->kind == TG_J_OBJECT)
			ck_assert_int_eq(
			    json_object_set_new(j, name, pruned(c)), 0);
		else
			ck_assert_int_eq(
			    json_array_append_new(j, pruned(c)), 0);
	}
	return j;
}

/* Whatever is dropped, the rest is the same document without it. */
START_TEST(every_subset_of_nodes_can_be_dropped)
{
	unsigned tried = 0;

	for (size_t i = 0; i < TG_COUNT(small); i++) {
		uint32_t nodes;

		scan(small[i]);
		nodes = doc.n;
		ck_assert_uint_le(nodes, 16);
		for (uint32_t set = 0; set < 1u << (nodes - 1); set++) {
			json_t *want, *got;
			size_t at;

			for (uint32_t k = 1; k < nodes; k++)
				doc.nodes[k].mark = set >> (k - 1) & 1;
			tg_edits_reset(&edits);
			tg_buf_reset(&out);
			ck_assert_int_eq(
			    tg_edits_drop_marked(&edits, &doc, 1, NULL), 0);
			ck_assert_int_eq(
			    tg_edits_splice(&out, doc.text, &edits, NULL), 0);
			ck_assert_msg(
			    tg_jscan(&again, tg_buf_sv(&out), &at, NULL) == 0,
			    "%s: %s", small[i], out.p);
			want = pruned(0);
			got = json_loadb(out.p, out.n, 0, NULL);
			ck_assert(json_equal(want, got));
			json_decref(want);
			json_decref(got);
			tried++;
		}
	}
	ck_assert_uint_gt(tried, 5000);
}
END_TEST

Suite *
jedit_suite(void)
{
	Suite *s = suite_create("jedit");
	TCase *t = tcase_create("jedit");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, without_edits_every_byte_stays);
	tcase_add_test(t, edits_are_made_in_the_order_of_the_text);
	tcase_add_test(t, the_outer_of_two_edits_wins);
	tcase_add_test(
	    t, an_insertion_at_the_start_of_a_replaced_range_is_inside);
	tcase_add_test(t, insertions_at_one_place_keep_their_order);
	tcase_add_test(t, edits_that_cross_are_a_bug_and_write_nothing);
	tcase_add_test(t, edits_outside_the_text_or_backwards_are_a_bug);
	tcase_add_test(t, more_edits_than_allowed_are_a_limit);
	tcase_add_test(t, many_edits_are_sorted_stably);
	tcase_add_test(t, a_dropped_member_takes_one_comma);
	tcase_add_test(t, only_the_bits_of_the_mask_drop);
	tcase_add_test(t, a_dropped_root_is_a_bug);
	tcase_add_test(t, drops_and_replacements_go_together);
	tcase_add_test(t, drops_that_do_not_fit_are_taken_back);
	tcase_add_test(t, every_subset_of_nodes_can_be_dropped);
	suite_add_tcase(s, t);
	return s;
}
