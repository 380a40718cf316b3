/*
 * property_test.c - what holds for any two policies, on generated ones: a base
 * over all of schema.def, children and laws over it.  oracle.h says what is
 * right, policies/merge.h what is done.
 *
 * TG_POLICY_PAIRS pairs and TG_POLICY_TEXTS pairs of texts (make
 * policy-properties: 10,000 of each), from TG_SEED.  Pair i depends on the
 * seed and on i alone.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "policies/effective.h"
#include "policies/merge.h"
#include "tests/unit/policies/oracle.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *property_suite(void);

#define PAIRS 1500 /* of 10,000 */
#define TEXTS 150
#define MEMORY (16u << 20)

static uint64_t
setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* One pair at work. */
struct at {
	uint64_t i, first, seed;
	struct tg_arena mem;
	struct tg_layer from; /* every generated leaf's file */
	/* how often */
	size_t taken, relaxed, apart, locked, met, empty, incomparable, unlike,
	    settled, grouped;
};

static void
start(struct at *t, uint64_t i)
{
	t->i = i;
	t->seed = t->first * UINT64_C(1000003) + i;
	tg_arena_reset(&t->mem);
}

static void
open_at(struct at *t)
{
	*t = (struct at){.from = {.kind = TG_LAYER_REGION, .id = "g"}};
	t->from.file.path = "g.yaml";
	t->first = setting("TG_SEED", 7);
	tg_arena_init(&t->mem, MEMORY);
	(void)oracle_slots();
}

/* @ok, or the test ends with the pair and the leaf. */
static void
need(bool ok, const struct at *t, const char *what, size_t slot)
{
	if (!ok)
		ck_abort_msg("pair %llu: %s: %s", (unsigned long long)t->i,
		    what,
		    slot < oracle_slots() ? oracle_slot(slot)->path : "-");
}

/* A refusal has the code and the leaf (or the map of it) that the oracle has.
 */
static void
need_refusal(
    const struct at *t, const struct tg_err *err, const char *code, size_t slot)
{
	const struct slot *s = oracle_slot(slot);
	char want[192];

	(void)snprintf(
	    want, sizeof(want), "%s: %.*s", code, (int)s->map, s->path);
	if (err->cls != TG_E_CONFIG || strstr(err->text, want) == NULL ||
	    (!s->rule->closed && s->rule->absent == NULL &&
		strstr(err->text, s->path) == NULL))
		ck_abort_msg("pair %llu: %s for %s", (unsigned long long)t->i,
		    err->text, want);
}

static void
need_same_values(const struct at *t, const struct opol *a, const struct opol *b,
    const char *what)
{
	size_t slot = 0;
	const bool same = oracle_same(a, b, &slot);

	need(same, t, what, slot);
}

static void
need_not_looser(const struct at *t, const struct opol *a, const struct opol *b,
    const char *what)
{
	size_t slot = 0;
	const bool ok = oracle_not_looser(a, b, &slot);

	need(ok, t, what, slot);
}

static void
count(struct at *t, const char *code, bool extend)
{
	t->relaxed += extend && strcmp(code, "E-RELAX") == 0;
	t->apart += extend && strcmp(code, "E-INCOMPARABLE") == 0;
	t->locked += extend && strcmp(code, "E-LOCKED") == 0;
	t->empty += !extend && strcmp(code, "E-EMPTY") == 0;
	t->incomparable += !extend && strcmp(code, "E-INCOMPARABLE") == 0;
	t->unlike += !extend && strcmp(code, "E-LOCKED") == 0;
}

/* ---- extend ------------------------------------------------------------ */

/* What merge.h makes of @parent and @child is what the oracle makes of them;
 * whether it was taken. */
static bool
extend(struct at *t, struct opol *out, const struct opol *parent,
    const struct opol *child, bool project)
{
	struct tg_layer layer = {
	    .kind = project ? TG_LAYER_PROJECT : TG_LAYER_REGION, .id = "c"};
	struct tg_leaves leaves, merged = {0};
	struct tg_err err = {0};
	struct opol got;
	size_t slot = 0;
	const char *code = oracle_extend(out, parent, child, project, &slot);
	int rc;

	layer.file.path = "c.yaml";
	oracle_leaves(&leaves, parent, &t->from, &t->mem);
	oracle_leaves(&layer.leaves, child, &layer, &t->mem);
	rc = tg_merge_extend(&merged, &leaves, &layer, &t->mem, &err);
	need((rc == 0) == (code == NULL), t,
	    code == NULL ? err.text : "a looser leaf was taken", slot);
	if (code != NULL) {
		need_refusal(t, &err, code, slot);
		count(t, code, true);
		return false;
	}
	need(oracle_read(&got, &merged), t, "the merged leaves", SIZE_MAX);
	need_same_values(t, &got, out, "extend gives another value");
	need_not_looser(t, &got, parent, "looser than the parent");
	t->taken++;
	return true;
}

/* No leaf is loosened; what a child says holds as it says it or is refused. */
static void
extend_pair(struct at *t)
{
	const uint64_t naughty[] = {0, 0, 2, 40, 200};
	const uint64_t pick = oracle_random(&t->seed);
	const bool project = (pick & 1) != 0;
	struct opol base, child, out;

	oracle_base(&base, NOWHERE, &t->seed);
	oracle_child(&child, &base, project, NOWHERE,
	    naughty[(pick >> 8) % TG_COUNT(naughty)], &t->seed);
	if (!extend(t, &out, &base, &child, project))
		return;
	for (size_t i = 0; i < oracle_slots(); i++)
		need(!child.v[i].there || oracle_slot(i)->rule->way == GROW ||
			(out.v[i].num == child.v[i].num &&
			    out.v[i].set == child.v[i].set),
		    t, "another value than the child's", i);
}

START_TEST(a_child_never_loosens_a_generated_parent)
{
	const uint64_t n = setting("TG_POLICY_PAIRS", PAIRS);
	struct at t;

	open_at(&t);
	for (uint64_t i = 0; i < n; i++) {
		start(&t, i);
		extend_pair(&t);
	}
	(void)printf("extend: %llu pairs: %zu taken, refused: %zu E-RELAX, "
		     "%zu E-INCOMPARABLE, %zu E-LOCKED\n",
	    (unsigned long long)n, t.taken, t.relaxed, t.apart, t.locked);
	tg_arena_deinit(&t.mem);
	/* Nothing examined is no pass. */
	ck_assert_uint_gt(t.taken, n / 4);
	ck_assert_uint_gt(t.relaxed, n / 10);
	ck_assert_uint_gt(t.apart, 0);
	ck_assert_uint_gt(t.locked, 0);
}
END_TEST

/* ---- meet -------------------------------------------------------------- */

/* The leaves, the policy read from them, its bytes; NULL code: there. */
struct met {
	const char *code;
	size_t slot;
	struct opol p;
	struct tg_leaves leaves;
};

static void
meet(struct at *t, struct met *out, const struct met *a, const struct met *b)
{
	struct tg_err err = {0};
	struct opol got;
	int rc;

	*out = (struct met){0};
	out->code = oracle_meet(&out->p, &a->p, &b->p, &out->slot);
	rc = tg_merge_meet(&out->leaves, &a->leaves, &b->leaves, &t->mem, &err);
	need((rc == 0) == (out->code == NULL), t,
	    out->code == NULL ? err.text : "a contradiction was met",
	    out->slot);
	if (out->code != NULL) {
		need_refusal(t, &err, out->code, out->slot);
		return;
	}
	need(oracle_read(&got, &out->leaves), t, "the met leaves", SIZE_MAX);
	need_same_values(t, &got, &out->p, "meet gives another value");
	need_not_looser(t, &got, &a->p, "looser than the first law");
	need_not_looser(t, &got, &b->p, "looser than the second law");
}

static void
need_same(const struct at *t, const struct met *a, const struct met *b,
    const char *what)
{
	need((a->code == NULL) == (b->code == NULL), t, what, a->slot);
	if (a->code == NULL)
		need_same_values(t, &a->p, &b->p, what);
}

/* A law of base: what a region says over it. */
static void
law(struct at *t, struct met *out, const struct opol *base, enum agree agree)
{
	struct opol child;

	*out = (struct met){0};
	oracle_child(&child, base, false, agree, 0, &t->seed);
	need(extend(t, &out->p, base, &child, false), t,
	    "a tighter region was refused", SIZE_MAX);
	oracle_leaves(&out->leaves, &out->p, &t->from, &t->mem);
}

/*
 * Three laws, grouped either way.  A refusal is never turned into another
 * value; it may depend on the grouping where a third law settles what two
 * cannot agree on (drop over generalise and label; a key that is closed).
 */
static void
meet_three(struct at *t, const struct met *ab, const struct met *a,
    const struct met *b, const struct met *c)
{
	struct met ab_c = {.code = "none"}, bc, a_bc = {.code = "none"};

	if (ab->code == NULL)
		meet(t, &ab_c, ab, c);
	meet(t, &bc, b, c);
	if (bc.code == NULL)
		meet(t, &a_bc, a, &bc);
	if (ab_c.code == NULL && a_bc.code == NULL) {
		need_same(t, &ab_c, &a_bc, "another value in other groups");
		t->grouped++;
	} else if (ab_c.code == NULL || a_bc.code == NULL) {
		const struct met *no = ab_c.code == NULL
		    ? (bc.code != NULL ? &bc : &a_bc)
		    : (ab->code != NULL ? ab : &ab_c);
		const struct rule *r = oracle_slot(no->slot)->rule;

		need(r->way == FIELD || r->closed, t,
		    "refused in one grouping alone", no->slot);
		t->settled++;
	}
}

static void
meet_pair(struct at *t)
{
	const enum agree agree = t->i % 4 == 0 ? NOWHERE
	    : t->i % 4 == 1		       ? BUT_FOR_SOME
					       : EVERYWHERE;
	struct met a, b, c, ab, ba, aa, back;
	struct opol base, child, tight;

	oracle_base(&base, agree, &t->seed);
	law(t, &a, &base, agree);
	law(t, &b, &base, agree);
	law(t, &c, &base, agree);
	meet(t, &aa, &a, &a);
	need_same(t, &aa, &a, "a law met with itself is another");
	meet(t, &ab, &a, &b);
	meet(t, &ba, &b, &a);
	need_same(t, &ab, &ba, "the order of the laws counts");
	meet_three(t, &ab, &a, &b, &c);
	if (ab.code != NULL) {
		count(t, ab.code, false);
		return;
	}
	t->met++;
	/* What is tighter than a law meets it as itself. */
	oracle_child(&child, &ab.p, true, agree, 0, &t->seed);
	need(extend(t, &tight, &ab.p, &child, true), t,
	    "a tighter project was refused", SIZE_MAX);
	back = (struct met){.p = tight};
	oracle_leaves(&back.leaves, &tight, &t->from, &t->mem);
	meet(t, &aa, &back, &ab);
	need_same(t, &aa, &back, "met with its parent it is another");
}

START_TEST(two_laws_meet_in_any_order_at_the_strictest)
{
	const uint64_t n = setting("TG_POLICY_PAIRS", PAIRS);
	struct at t;

	open_at(&t);
	for (uint64_t i = 0; i < n; i++) {
		start(&t, i);
		meet_pair(&t);
	}
	(void)printf("meet: %llu pairs: %zu met, refused: %zu E-EMPTY, %zu "
		     "E-INCOMPARABLE, %zu E-LOCKED; in threes: %zu the same, "
		     "%zu settled by the third\n",
	    (unsigned long long)n, t.met, t.empty, t.incomparable, t.unlike,
	    t.grouped, t.settled);
	tg_arena_deinit(&t.mem);
	ck_assert_uint_gt(t.met, n / 4);
	ck_assert_uint_gt(t.grouped, n / 8);
	ck_assert(n < 10000 || t.settled > 0);
	ck_assert_uint_gt(t.empty, 0);
	ck_assert_uint_gt(t.incomparable, 0);
	ck_assert_uint_gt(t.unlike, 0);
}
END_TEST

/* ---- texts ------------------------------------------------------------- */

/* The policy of @text, over @base or alone, and its digest. */
static void
digest_of(struct at *t, char sha256[TG_SHA256_HEX], const struct opol *want,
    const struct opol *base, struct tg_sv text)
{
	const struct tg_reference none = {0};
	struct tg_policy p = {.sha256 = ""};
	struct tg_pfile f = {.path = "t.yaml", .name = "t.yaml", .text = text};
	struct tg_leaves parent;
	struct tg_layer layer;
	struct tg_err err = {0};
	struct opol got;

	need(tg_yaml_parse(&f.yaml, text, "t.yaml", &err) == 0, t, err.text,
	    SIZE_MAX);
	need(tg_layer_fragment(
		 &layer, &f, tg_yaml_root(f.yaml), &none, &t->mem, &err) == 0,
	    t, err.text, SIZE_MAX);
	need(oracle_read(&got, &layer.leaves), t, "the leaves of a text",
	    SIZE_MAX);
	need_same_values(t, &got, want, "a text has another value");
	oracle_leaves(&parent, base, &t->from, &t->mem);
	need(tg_merge_extend(&p.leaves, &parent, &layer, &t->mem, &err) == 0, t,
	    err.text, SIZE_MAX);
	tg_arena_init(&p.mem, MEMORY);
	need(tg_effective_seal(&p, &err) == 0, t, err.text, SIZE_MAX);
	memcpy(sha256, p.sha256, TG_SHA256_HEX);
	tg_arena_deinit(&p.mem);
	tg_yaml_free(f.yaml);
}

/* Only the file's own patterns are in its text. */
static void
own_patterns(struct opol *p)
{
	for (size_t i = 0; i < oracle_slots(); i++)
		if (oracle_slot(i)->rule->way == ONE_IN_EACH &&
		    strcmp(oracle_slot(i)->path, "/targets/patterns/other") ==
			0)
			p->v[i].there = false;
}

START_TEST(the_digest_is_of_what_is_said_not_of_how)
{
	const uint64_t n = setting("TG_POLICY_TEXTS", TEXTS);
	size_t other = 0;
	struct at t;

	open_at(&t);
	for (uint64_t i = 0; i < n; i++) {
		char one[TG_SHA256_HEX], two[TG_SHA256_HEX];
		struct opol base, child;
		struct tg_buf a, b;

		start(&t, i);
		tg_buf_init(&a, 1u << 20);
		tg_buf_init(&b, 1u << 20);
		oracle_base(&base, NOWHERE, &t.seed);
		own_patterns(&base);
		oracle_child(&child, &base, true, NOWHERE, 0, &t.seed);
		own_patterns(&child);
		oracle_yaml(&a, &child, &t.seed);
		oracle_yaml(&b, &child, &t.seed);
		other += !tg_sv_eq(tg_buf_sv(&a), tg_buf_sv(&b));
		digest_of(&t, one, &child, &base, tg_buf_sv(&a));
		digest_of(&t, two, &child, &base, tg_buf_sv(&b));
		need(strcmp(one, two) == 0, &t, "the look counts", SIZE_MAX);
		tg_buf_deinit(&a);
		tg_buf_deinit(&b);
	}
	(void)printf("texts: %llu pairs, %zu of them not the same bytes\n",
	    (unsigned long long)n, other);
	tg_arena_deinit(&t.mem);
	ck_assert_uint_gt(other, n - n / 10);
}
END_TEST

Suite *
property_suite(void)
{
	Suite *s = suite_create("policies/properties");
	TCase *t = tcase_create("properties");

	tcase_add_test(t, a_child_never_loosens_a_generated_parent);
	tcase_add_test(t, two_laws_meet_in_any_order_at_the_strictest);
	tcase_add_test(t, the_digest_is_of_what_is_said_not_of_how);
	suite_add_tcase(s, t);
	return s;
}
