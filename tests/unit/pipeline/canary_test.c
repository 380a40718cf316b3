/* Values that are planted and looked for. */
#include "pipeline/canary.h"

#include "base/json.h"
#include "pipeline/ruleset.h"
#include "redactors/validator.h"
#include "tests/unit/pipeline/uk_policy.h"
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

Suite *canary_suite(void);

#define SEEDS 3

/* What comes of the canaries of @seed under the rules of @w. */
static void
plant(struct tg_canaries *out, struct way *w, const struct tg_policy *p,
    uint8_t seed)
{
	const uint8_t key[TG_KEY_LEN] = {seed};

	ck_assert_msg(tg_canaries_run(out, p, w->rules, w->attrs, &w->set, key,
			  &w->err) == 0,
	    "%s", w->err.text);
}

static const struct tg_canary *
of(const struct tg_canaries *c, const char *type)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->type[i].type, type) == 0)
			return &c->type[i];
	ck_abort_msg("no type %s", type);
	return NULL;
}

/* All types that have a row in canaries.def, in every form. */
START_TEST(the_shipped_rules_find_what_is_planted)
{
	static struct tg_canaries c;
	const char *root = getenv("TG_ROOT");
	struct tg_policy *p;
	struct way w;
	uint64_t missed = 0, few = 0, measured = 0;

	way_init(&w, TG_MODE_EXPORT);
	tg_rules_free(w.rules);
	w.rules = NULL;
	tg_pass_deinit(&w.pass);
	ck_assert_int_eq(tg_ruleset_load(&w.rules, root == NULL ? "." : root,
			     NULL, 0, &w.err),
	    0);
	p = uk_policy(&w.s, "");
	for (uint8_t seed = 0; seed < SEEDS; seed++) {
		plant(&c, &w, p, seed);
		ck_assert_msg(
		    tg_canaries_judge(&c, &w.err) == 0, "%s", w.err.text);
		for (size_t i = 0; i < c.n; i++) {
			const struct tg_canary *t = &c.type[i];

			missed += t->planted - t->found;
			few += t->state == TG_CANARY_MEASURED &&
			    t->planted != c.per_type;
			measured += t->state == TG_CANARY_MEASURED;
		}
	}
	ck_assert_uint_eq(c.per_type, 20);
	ck_assert_uint_eq(missed, 0);
	ck_assert_uint_eq(few, 0);
	ck_assert_uint_ge(measured, 50 * SEEDS);
	ck_assert_int_eq(of(&c, "CRYPTO_BTC")->state, TG_CANARY_NOT_COVERED);
	tg_policy_free(p);
	way_deinit(&w);
}
END_TEST

/* The pattern of the tests' own rule knows no digits in front of the '@' and
 * no host with two dots: of the two rows of EMAIL it finds the first. */
START_TEST(a_rule_that_misses_some_stops_the_run)
{
	static struct tg_canaries c;
	struct tg_policy *p;
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	p = uk_policy(&w.s, "");
	plant(&c, &w, p, 0);
	/* Rows change after each round of eight forms. */
	ck_assert_uint_eq(of(&c, "EMAIL")->planted, 20);
	ck_assert_uint_eq(of(&c, "EMAIL")->found, 12);
	ck_assert_int_eq(of(&c, "NINOX")->state, TG_CANARY_NOT_COVERED);
	ck_assert_int_eq(tg_canaries_judge(&c, &w.err), -1);
	ck_assert_int_eq(w.err.cls, TG_E_NO);
	ck_assert_ptr_nonnull(strstr(
	    w.err.text, "GATE-CANARY: of 20 planted values of EMAIL 12 "));
	tg_policy_free(p);
	way_deinit(&w);
}
END_TEST

/* A rule of e-mail addresses, and what is to be changed in it. */
struct change {
	const char *context; /* lines */
	const char *project; /* lines of the policy */
	bool found;
};

static const struct change changes[] = {
    {"", "", true},
    /* A word that the rule's author thought to be harmless. */
    {"    context: {words: [zzz], negative: [hello], before: 40}\n", "", false},
    {"", "gates: {canary_min_per_type: 200}\n", true},
};

START_TEST(what_a_pack_leaves_alone_is_missed)
{
	const struct change *x = &changes[_i];
	static struct tg_canaries c;
	char rules[1200];
	struct tg_policy *p;
	struct way w;
	const char *pack;

	way_init(&w, TG_MODE_EXPORT);
	pack = scratch_path(&w.s, "mail.yaml");
	(void)snprintf(rules, sizeof(rules),
	    "version: 1\npack: mail\nrules:\n"
	    "  - id: mail.any\n    type: EMAIL\n    category: "
	    "direct_identifier\n"
	    "    pattern: '[0-9a-z.]{1,32}@[a-z.]{1,32}\\.(?:org|com)'\n"
	    "    boundary: none\n    score: {base: 90}\n%s"
	    "    examples:\n"
	    "      match: ['to [[a.b@example.org]]', '[[x@m.example.com]]!']\n"
	    "      no_match: ['a at b', '@example.org']\n",
	    x->context);
	ck_assert_int_eq(
	    tg_fs_write(pack, tg_sv_of(rules), 0600, TG_FS_NEW, &w.err), 0);
	const struct tg_rules_src src = {&pack, 1, NULL, 0};

	tg_pass_deinit(&w.pass);
	tg_rules_free(w.rules);
	w.rules = NULL;
	if (tg_rules_load(&w.rules, &src, &w.err) < 0)
		ck_abort_msg("%s", w.err.text);
	p = uk_policy(&w.s, x->project);
	plant(&c, &w, p, 0);
	ck_assert_msg(
	    (tg_canaries_judge(&c, &w.err) == 0) == x->found, "%s", w.err.text);
	ck_assert_uint_eq(of(&c, "EMAIL")->planted, c.per_type);
	ck_assert_uint_eq(c.per_type, x->project[0] == '\0' ? 20 : 200);
	tg_policy_free(p);
	way_deinit(&w);
}
END_TEST

/* Fewer would do: what is judged is the share, and of none nothing is said. */
START_TEST(the_minimum_of_the_class_counts)
{
	struct tg_canaries c = {.per_type = 20,
	    .min_ppb = {1000000000, 950000000},
	    .n = 1,
	    .type = {{.type = "PERSON",
		.class = TG_CANARY_FREE_TEXT,
		.planted = 20,
		.found = 19}}};
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_json *o = tg_canaries_json(&c);
	const struct tg_json *t = tg_json_at(tg_json_get(o, "types"), 0);

	ck_assert_int_eq(tg_canaries_judge(&c, &err), 0);
	/* One missed of 20: the other end of the bound for 1 of 20. */
	ck_assert_int_eq(
	    tg_json_get_int(t, "recall_low_ppb", 0), 1000000000 - 216106165);
	ck_assert_str_eq(tg_json_get_str(t, "class", ""), "free_text");
	c.type[0].found = 18;
	ck_assert_int_eq(tg_canaries_judge(&c, &err), -1);
	c.type[0].found = 19;
	c.type[0].class = TG_CANARY_STRUCTURED;
	ck_assert_int_eq(tg_canaries_judge(&c, &err), -1);
	c.type[0].planted = c.type[0].found = 0;
	ck_assert_int_eq(tg_canaries_judge(&c, &err), 0);
	tg_json_free(o);
	o = tg_canaries_json(&c);
	ck_assert_uint_eq(tg_json_len(tg_json_get(o, "types")), 0);
	tg_json_free(o);
}
END_TEST

/* Each row gives valid values, others for another number and key. */
START_TEST(values_are_drawn_with_the_key_and_are_valid)
{
	static const uint8_t key[2][TG_KEY_LEN] = {{1}, {2}};
	const struct tg_canary_row *row = tg_canary_row((size_t)_i);
	struct tg_canary_value a, b;
	struct tg_err err = {.cls = TG_E_NONE};
	unsigned same = 0, bad = 0;

	for (uint64_t no = 0; no < 20; no++) {
		bad += tg_canary_draw(&a, row, key[0], no, &err) < 0;
		bad += tg_canary_draw(&b, row, key[0], no, &err) < 0;
		bad += a.n != b.n || memcmp(a.text, b.text, a.n) != 0;
		bad += a.start >= a.end || a.end > a.n;
		bad += tg_canary_draw(&b, row, key[1], no, &err) < 0;
		same += a.n == b.n && memcmp(a.text, b.text, a.n) == 0;
		if (row->good) {
			const struct tg_validator *v =
			    tg_validator_find(tg_sv_of(row->validator));
			struct tg_cut cut = {0, a.end - a.start};

			bad += v->run(a.text + a.start, a.end - a.start,
				   &cut) != TG_CHECK_GOOD;
		}
	}
	ck_assert_uint_eq(bad, 0);
	/* Of 8 towns and 100 addresses some come twice. */
	ck_assert_uint_le(same, 10);
}
END_TEST

Suite *
canary_suite(void)
{
	Suite *s = suite_create("pipeline/canary");
	TCase *c = tcase_create("all");
	int rows = 0;

	while (tg_canary_row((size_t)rows) != NULL)
		rows++;
	tcase_add_test(c, the_shipped_rules_find_what_is_planted);
	tcase_add_test(c, a_rule_that_misses_some_stops_the_run);
	tcase_add_loop_test(
	    c, what_a_pack_leaves_alone_is_missed, 0, (int)TG_COUNT(changes));
	tcase_add_test(c, the_minimum_of_the_class_counts);
	tcase_add_loop_test(
	    c, values_are_drawn_with_the_key_and_are_valid, 0, rows);
	suite_add_tcase(s, c);
	return s;
}
