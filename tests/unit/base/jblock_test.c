/* jblock_test.c - the block scanner: two classifiers, one result; and a second
 * opinion on many broken texts. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/jblock.h"
#include "base/jscan.h"
#include "tests/unit/base/suites.h"

#include "base/banned.h"

struct verdict {
	int rc;
	size_t at;
	char text[TG_ERR_TEXT];
};

static struct verdict
scan(struct tg_jdoc *d, const char *p, size_t n)
{
	struct verdict v = {.at = 0};
	struct tg_err err = {.cls = TG_E_NONE};

	v.rc = tg_jscan(d, (struct tg_sv){p, n}, &v.at, &err);
	memcpy(v.text, err.text, sizeof(v.text));
	return v;
}

static const char whole[] =
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"
    "\"5b8efff798038103d269b633813fc60c\",\"name\":\"caf\xc3\xa9 \\u00e9 "
    "\xf0\x9f\x98\x80\",\"kind\":3,\"ok\":true,\"none\":null,\"f\":-1.5e+10,"
    "\"attributes\":[{\"key\":\"gen_ai.prompt\",\"value\":{\"stringValue\":"
    "\"[{\\\"role\\\":\\\"user\\\"}]\"}},{\"key\":\"no\",\"value\":"
    "{\"boolValue\":false}}]}]}]}]}";

static bool
jansson_takes(const char *p, size_t n)
{
	json_t *j = json_loadb(p, n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL |
		JSON_DECODE_INT_AS_REAL,
	    NULL);

	json_decref(j);
	return j != NULL;
}

static uint64_t
draw(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static bool
same_nodes(const struct tg_jdoc *a, const struct tg_jdoc *b)
{
	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct tg_jnode *x = &a->nodes[i], *y = &b->nodes[i];

		if (x->start != y->start || x->end != y->end ||
		    x->key_start != y->key_start || x->key_end != y->key_end ||
		    x->parent != y->parent || x->next != y->next ||
		    x->n != y->n || x->kind != y->kind || x->esc != y->esc ||
		    x->key_esc != y->key_esc)
			return false;
	}
	return true;
}

/* One to four bytes changed, now and then a cut; at times all is valid. */
static size_t
mutate(char *p, const char *from, size_t n, uint64_t *s)
{
	static const char pool[] =
	    "{}[]:,\"\\ \n\tu0e-.\x01\x0c\x1a\x80\xc3\xf0"
	    "a";
	const unsigned changes = (unsigned)(draw(s) % 4);

	memcpy(p, from, n);
	for (unsigned i = 0; i < changes; i++) {
		const size_t at = draw(s) % n;

		p[at] = draw(s) % 4 == 0 ? (char)(draw(s) & 0xff)
					 : pool[draw(s) % (sizeof(pool) - 1)];
	}
	return draw(s) % 8 == 0 ? draw(s) % n : n;
}

START_TEST(avx2_and_scalar_give_the_same_nodes_and_errors)
{
	const size_t n = sizeof(whole) - 1;
	struct tg_jdoc a, b;
	char *p = malloc(n);
	uint64_t s = 20261124;
	unsigned good = 0;

	ck_assert_ptr_nonnull(p);
	if (!tg_jscan_force("avx2")) {
		(void)printf("skipped: this processor has no AVX2\n");
		free(p);
		return;
	}
	tg_jdoc_init(&a);
	tg_jdoc_init(&b);
	for (unsigned i = 0; i < 60000; i++) {
		const size_t len = mutate(p, whole, n, &s);
		struct verdict x, y;

		ck_assert(tg_jscan_force("avx2"));
		x = scan(&a, p, len);
		ck_assert(tg_jscan_force("scalar"));
		y = scan(&b, p, len);
		ck_assert_int_eq(x.rc, y.rc);
		ck_assert_uint_eq(x.at, y.at);
		ck_assert_str_eq(x.text, y.text);
		ck_assert(same_nodes(&a, &b));
		good += x.rc == 0;
	}
	ck_assert_uint_gt(good, 1000);
	ck_assert_uint_lt(good, 59000);
	ck_assert(tg_jscan_force(NULL));
	tg_jdoc_deinit(&a);
	tg_jdoc_deinit(&b);
	free(p);
}
END_TEST

/* Our caps and the lone surrogates, which jansson refuses, cannot arise from
 * the text that is mutated but by chance; those are told apart. */
START_TEST(verdicts_agree_with_jansson_on_mutations)
{
	const size_t n = sizeof(whole) - 1;
	struct tg_jdoc d;
	char *p = malloc(n);
	uint64_t s = 42;
	unsigned good = 0;

	ck_assert_ptr_nonnull(p);
	tg_jdoc_init(&d);
	for (unsigned i = 0; i < 60000; i++) {
		const size_t len = mutate(p, whole, n, &s);
		const bool ours = scan(&d, p, len).rc == 0;

		if (ours != jansson_takes(p, len)) {
			const char *u = memmem(p, len, "\\ud", 3);

			ck_assert_msg(ours && u != NULL, "%.*s", (int)len, p);
		}
		good += ours;
	}
	ck_assert_uint_gt(good, 1000);
	tg_jdoc_deinit(&d);
	free(p);
}
END_TEST

/* Every byte in every place of a block, against the table. */
START_TEST(both_classifiers_follow_the_table)
{
	static const char *const path[] = {"scalar", "avx2"};

	for (size_t k = 0; k < TG_COUNT(path); k++) {
		if (!tg_jscan_force(path[k]))
			continue;
		for (unsigned c = 0; c < 256; c++) {
			for (unsigned at = 0; at < TG_JBLOCK; at++) {
				struct tg_jblock_map m;
				char p[TG_JBLOCK];
				const uint8_t t = tg_jblock_class[c];

				memset(p, 'a', sizeof(p));
				p[at] = (char)c;
				tg_jblock_classifier()(&m, p, 1);
				ck_assert_uint_eq(m.quote,
				    (uint64_t)((t & TG_JC_QUOTE) != 0) << at);
				ck_assert_uint_eq(m.bslash,
				    (uint64_t)((t & TG_JC_BSLASH) != 0) << at);
				ck_assert_uint_eq(m.op,
				    (uint64_t)((t & TG_JC_OP) != 0) << at);
				ck_assert_uint_eq(m.white,
				    (uint64_t)((t & TG_JC_WHITE) != 0) << at);
				ck_assert_uint_eq(m.ctrl,
				    (uint64_t)((t & TG_JC_CTRL) != 0) << at);
				ck_assert_uint_eq(m.high,
				    (uint64_t)((t & TG_JC_HIGH) != 0) << at);
			}
		}
	}
	ck_assert(tg_jscan_force(NULL));
}
END_TEST

START_TEST(the_path_can_be_named_and_forced)
{
	ck_assert(tg_jscan_force("scalar"));
	ck_assert_str_eq(tg_jscan_path(), "scalar");
	ck_assert(!tg_jscan_force("avx1024"));
	ck_assert_str_eq(tg_jscan_path(), "scalar");
	ck_assert(tg_jscan_force(NULL));
	if (tg_jscan_force("avx2"))
		ck_assert_str_eq(tg_jscan_path(), "avx2");
	ck_assert(tg_jscan_force(NULL));
}
END_TEST

Suite *
jblock_suite(void)
{
	Suite *s = suite_create("jblock");
	TCase *t = tcase_create("jblock");

	tcase_add_test(t, both_classifiers_follow_the_table);
	tcase_add_test(t, avx2_and_scalar_give_the_same_nodes_and_errors);
	tcase_add_test(t, verdicts_agree_with_jansson_on_mutations);
	tcase_add_test(t, the_path_can_be_named_and_forced);
	suite_add_tcase(s, t);
	return s;
}
