/*
 * merge_test.c - a child may only tighten, for every leaf of the shipped
 * policies: variants of each value are made from its schema row, the verdict
 * from the table of rules as it is written down here once more.
 */
#include "policies/merge.h"

#include <check.h>
#include <stdio.h>

#include "policies/compiled.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *merge_suite(void);

#define PPB UINT64_C(1000000000)

static const char *const regions[] = {"uk", "fr", "us", "uk,fr,us"};

struct tally {
	size_t tighter, looser, locked, apart, grown;
};

struct bench {
	struct tg_policy *p;
	struct tally n;
	enum tg_layer_kind from; /* of the last value merged */
};

/* A project file that sets @leaf's path to @value (YAML flow). */
static void
project_text(struct tg_buf *out, const char *path, const char *value)
{
	struct tg_err err = {0};
	size_t depth = 0;

	ck_assert_int_eq(tg_buf_adds(out, PROJECT_HEAD, &err), 0);
	for (const char *p = path; *p != '\0';) {
		const size_t n = strcspn(p + 1, "/");

		ck_assert_int_eq(tg_buf_addf(out, &err, "%s\"%.*s\": ",
				     depth == 0 ? "" : "{", (int)n, p + 1),
		    0);
		p += n + 1;
		depth++;
	}
	ck_assert_int_eq(tg_buf_adds(out, value, &err), 0);
	for (size_t i = 1; i < depth; i++)
		ck_assert_int_eq(tg_buf_addc(out, '}', &err), 0);
	ck_assert_int_eq(tg_buf_addc(out, '\n', &err), 0);
}

/* 0 and the merged leaf, or -1 with *err. */
static int
try_value(struct bench *b, const struct tg_pval *leaf, const char *value,
    struct tg_pval *merged, struct tg_arena *mem, struct tg_err *err)
{
	struct tg_leaves out = {0};
	struct tg_layer child;
	struct tg_buf text;
	int rc;

	tg_buf_init(&text, 1u << 16);
	project_text(&text, leaf->path, value);
	sandbox_write("variant.yaml", text.p);
	tg_buf_deinit(&text);
	ck_assert_msg(tg_layer_open(&child, TG_LAYER_PROJECT,
			  sandbox_path("variant.yaml"), "variant.yaml",
			  &b->p->ref, mem, err) == 0,
	    "%s", err->text);
	rc = tg_merge_extend(&out, &b->p->leaves, &child, mem, err);
	if (rc == 0) {
		const struct tg_pval *v =
		    tg_leaves_find(&out, tg_sv_of(leaf->path));

		ck_assert_ptr_nonnull(v);
		ck_assert_uint_eq(out.n, b->p->leaves.n);
		*merged = *v;
		b->from = v->from->kind; /* the layer closes */
	}
	tg_layer_close(&child);
	return rc;
}

static void
accepted(struct bench *b, const struct tg_pval *leaf, const char *value,
    const char *text)
{
	struct tg_err err = {0};
	struct tg_pval v = {0};
	struct tg_arena mem;

	tg_arena_init(&mem, 8u << 20);
	ck_assert_msg(try_value(b, leaf, value, &v, &mem, &err) == 0,
	    "%s = %s: %s", leaf->path, value, err.text);
	if (text != NULL)
		ck_assert_str_eq(v.text, text);
	b->n.tighter++;
	tg_arena_deinit(&mem);
}

static void
refused(struct bench *b, const struct tg_pval *leaf, const char *value,
    const char *code)
{
	struct tg_err err = {0};
	struct tg_pval v = {0};
	char at[SANDBOX_PATH], parent[SANDBOX_PATH];
	struct tg_arena mem;

	tg_arena_init(&mem, 8u << 20);
	ck_assert_msg(try_value(b, leaf, value, &v, &mem, &err) < 0,
	    "%s = %s was taken", leaf->path, value);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	/* Both places and the leaf are named. */
	(void)snprintf(at, sizeof(at), "%s:5:", sandbox_path("variant.yaml"));
	(void)snprintf(parent, sizeof(parent), ":%u", leaf->line);
	ck_assert_msg(strncmp(err.text, at, strlen(at)) == 0, "%s", err.text);
	ck_assert_msg(strstr(err.text, code) != NULL, "%s", err.text);
	ck_assert_msg(strstr(err.text, leaf->path) != NULL, "%s", err.text);
	ck_assert_msg(strstr(err.text, parent) != NULL, "%s", err.text);
	tg_arena_deinit(&mem);
}

static void
number(struct bench *b, const struct tg_pval *leaf, uint64_t num, bool stricter)
{
	char value[64];

	if (leaf->row->type == TG_PT_RATIO)
		(void)snprintf(value, sizeof(value), "%llu.%09llu",
		    (unsigned long long)(num / PPB),
		    (unsigned long long)(num % PPB));
	else
		(void)snprintf(
		    value, sizeof(value), "%llu", (unsigned long long)num);
	if (stricter) {
		accepted(b, leaf, value, NULL);
		return;
	}
	refused(b, leaf, value, "E-RELAX");
	b->n.looser++;
}

static void
try_number(struct bench *b, const struct tg_pval *leaf)
{
	const bool ratio = leaf->row->type == TG_PT_RATIO;
	const bool higher = leaf->row->rule == TG_PR_MAX;
	const uint64_t lo = ratio ? 0 : leaf->row->lo;
	const uint64_t hi = ratio ? PPB : leaf->row->hi;

	if (leaf->num < hi)
		number(b, leaf, leaf->num + 1, higher);
	if (leaf->num > lo)
		number(b, leaf, leaf->num - 1, !higher);
	number(b, leaf, leaf->num, true);
}

static void
try_ordered(struct bench *b, const struct tg_pval *leaf)
{
	for (uint64_t i = 0; leaf->row->words[i] != NULL; i++) {
		if (i >= leaf->num) {
			accepted(
			    b, leaf, leaf->row->words[i], leaf->row->words[i]);
			continue;
		}
		refused(b, leaf, leaf->row->words[i], "E-RELAX");
		b->n.looser++;
	}
}

static void
try_partial(struct bench *b, const struct tg_pval *leaf)
{
	static const char *const may[][5] = {
	    {"keep", "keep", "generalise", "pseudonymise", "drop"},
	    {"generalise", "generalise", "drop", NULL, NULL},
	    {"pseudonymise", "pseudonymise", "label", "drop", NULL},
	    {"label", "label", "drop", NULL, NULL},
	    {"drop", "drop", NULL, NULL, NULL},
	};
	static const char *const apart[][3] = {
	    {NULL, NULL, NULL},
	    {"pseudonymise", "label", NULL},
	    {"generalise", NULL, NULL},
	    {"generalise", NULL, NULL},
	    {NULL, NULL, NULL},
	};
	size_t row = 0;

	while (strcmp(may[row][0], leaf->text) != 0)
		row++;
	for (size_t i = 1; i < 5 && may[row][i] != NULL; i++)
		accepted(b, leaf, may[row][i], may[row][i]);
	for (size_t i = 0; apart[row][i] != NULL; i++) {
		refused(b, leaf, apart[row][i], "E-INCOMPARABLE");
		b->n.apart++;
	}
	if (row != 0) {
		refused(b, leaf, "keep", "E-RELAX");
		b->n.looser++;
	}
}

static void
try_lock(struct bench *b, const struct tg_pval *leaf)
{
	char value[SANDBOX_PATH];

	(void)snprintf(value, sizeof(value), "\"%s\"", leaf->text);
	accepted(b, leaf, value, leaf->text);
	if (leaf->row->words == NULL) {
		refused(b, leaf, "another", "E-LOCKED");
		b->n.locked++;
		return;
	}
	for (uint64_t i = 0; leaf->row->words[i] != NULL; i++) {
		if (i == leaf->num)
			continue;
		refused(b, leaf, leaf->row->words[i], "E-LOCKED");
		b->n.locked++;
	}
}

/* A country that the set lacks, or a name that no set has. */
static const char *
stranger(const struct tg_pval *leaf)
{
	static const char *const places[] = {"AQ", "BV", "HM"};

	if (leaf->row->type != TG_PT_PLACES)
		return "zz_no_such";
	for (size_t i = 0; i < TG_COUNT(places); i++)
		if (!tg_pval_has(leaf, tg_sv_of(places[i])))
			return places[i];
	return NULL;
}

static void
try_intersect(struct bench *b, const struct tg_pval *leaf)
{
	char value[SANDBOX_PATH];

	(void)snprintf(value, sizeof(value), "[\"%s\"]", leaf->item[0]);
	accepted(b, leaf, value, NULL);
	(void)snprintf(value, sizeof(value), "[\"%s\", \"%s\"]",
	    leaf->item[leaf->n - 1], stranger(leaf));
	refused(b, leaf, value, "E-RELAX");
	b->n.looser++;
}

static void
try_union(struct bench *b, const struct tg_pval *leaf)
{
	struct tg_err err = {0};
	struct tg_pval v = {0};
	char value[SANDBOX_PATH];
	struct tg_arena mem;

	tg_arena_init(&mem, 8u << 20);
	(void)snprintf(value, sizeof(value), "[\"%s\"]", stranger(leaf));
	ck_assert_msg(
	    try_value(b, leaf, value, &v, &mem, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(v.n, leaf->n + 1);
	ck_assert_ptr_null(tg_pval_extra(leaf, &v));
	ck_assert_int_eq(b->from, TG_LAYER_PROJECT);
	ck_assert_int_eq(try_value(b, leaf, "[]", &v, &mem, &err), 0);
	ck_assert_uint_eq(v.n, leaf->n);
	b->n.grown++;
	tg_arena_deinit(&mem);
}

static void
try_leaf(struct bench *b, const struct tg_pval *leaf)
{
	switch (leaf->row->rule) {
	case TG_PR_MIN:
	case TG_PR_MAX:
		try_number(b, leaf);
		break;
	case TG_PR_ORDERED:
		try_ordered(b, leaf);
		break;
	case TG_PR_PARTIAL:
		try_partial(b, leaf);
		break;
	case TG_PR_LOCK:
		try_lock(b, leaf);
		break;
	case TG_PR_INTERSECT:
		try_intersect(b, leaf);
		break;
	case TG_PR_UNION:
		try_union(b, leaf);
		break;
	case TG_PR_CONJ:
		ck_abort_msg("no shipped policy has %s", leaf->path);
	}
}

START_TEST(a_child_may_only_tighten)
{
	struct bench b = {.p = shipped(regions[_i])};

	for (size_t i = 0; i < b.p->leaves.n; i++)
		try_leaf(&b, &b.p->leaves.v[i]);
	/* Nothing examined is no pass. */
	ck_assert_uint_gt(b.n.tighter, 300);
	ck_assert_uint_gt(b.n.looser, 200);
	ck_assert_uint_gt(b.n.locked, 50);
	ck_assert_uint_ge(b.n.apart, 3);
	ck_assert_uint_gt(b.n.grown, 15);
	tg_policy_free(b.p);
}
END_TEST

/* Every merge rule of the schema is met by some leaf of the shipped files,
 * but for conj, which is a project's. */
START_TEST(every_rule_is_exercised)
{
	struct tg_policy *p = shipped("uk,fr,us");
	size_t seen[TG_PR_CONJ + 1] = {0};

	for (size_t i = 0; i < p->leaves.n; i++)
		seen[p->leaves.v[i].row->rule]++;
	for (size_t i = 0; i < TG_PR_CONJ; i++)
		ck_assert_msg(seen[i] > 0, "rule %zu", i);
	tg_policy_free(p);
}
END_TEST

/* Meeting the shipped regions gives, leaf by leaf, nothing looser than any of
 * them alone. */
START_TEST(the_meet_is_as_strict_as_each)
{
	static const char *const one[] = {"uk", "fr", "us"};
	struct tg_policy *all = shipped("uk,fr,us");
	size_t n = 0;

	for (size_t k = 0; k < TG_COUNT(one); k++) {
		struct tg_policy *p = shipped(one[k]);

		for (size_t i = 0; i < p->leaves.n; i++) {
			const struct tg_pval *a = &p->leaves.v[i];
			const struct tg_pval *b =
			    tg_leaves_find(&all->leaves, tg_sv_of(a->path));
			enum tg_pcmp c;

			ck_assert_msg(b != NULL, "%s was lost", a->path);
			c = tg_pval_cmp(b, a);
			ck_assert_msg(c == TG_PC_EQUAL || c == TG_PC_TIGHTER,
			    "%s", a->path);
			n++;
		}
		tg_policy_free(p);
	}
	ck_assert_uint_gt(n, 600);
	tg_policy_free(all);
}
END_TEST

/* Target patterns: one set a file, kept apart. */
START_TEST(patterns_are_kept_under_the_files_id)
{
	struct tg_err err = {0};
	struct tg_policy *p = with_project("uk",
	    "targets:\n  patterns: [\"s3://acme-uk-*/**\", \"file:/srv/**\"]\n",
	    &err);
	const struct tg_leaf *leaf;

	ck_assert_msg(p != NULL, "%s", err.text);
	leaf = tg_policy_find(p, "/targets/patterns/p");
	ck_assert_ptr_nonnull(leaf);
	ck_assert_uint_eq(leaf->n, 2);
	ck_assert_str_eq(leaf->rule, "conj");
	tg_policy_free(p);
}
END_TEST

Suite *
merge_suite(void)
{
	Suite *s = suite_create("policies/merge");
	TCase *t = tcase_create("merge");

	tcase_add_checked_fixture(t, sandbox_open, sandbox_close);
	tcase_add_loop_test(
	    t, a_child_may_only_tighten, 0, (int)TG_COUNT(regions));
	tcase_add_test(t, every_rule_is_exercised);
	tcase_add_test(t, the_meet_is_as_strict_as_each);
	tcase_add_test(t, patterns_are_kept_under_the_files_id);
	suite_add_tcase(s, t);
	return s;
}
