#include "policies/value.h"

#include <check.h>

#include "base/banned.h"

Suite *value_suite(void);

static const struct {
	const char *path, *in, *out; /* out NULL: refused */
} scalars[] = {
    {"/retention/data/debug/max_days", "30", "30"},
    {"/retention/data/debug/max_days", "0", NULL},
    {"/retention/data/debug/max_days", "012", NULL},
    {"/retention/data/debug/max_days", "0x1e", NULL},
    {"/retention/data/debug/max_days", "30.0", NULL},
    {"/retention/data/debug/max_days", "+30", NULL},
    {"/retention/data/debug/max_days", "99999999999999999999", NULL},
    {"/retention/data/debug/max_days", "12:30", NULL},
    {"/gates/residual_findings_max", "0", "0"},
    {"/sampling/rate_max", "0.50", "0.5"},
    {"/sampling/rate_max", "0.05", "0.05"},
    {"/sampling/rate_max", "0.000000001", "0.000000001"},
    {"/sampling/rate_max", "1.0", "1"},
    {"/sampling/rate_max", "0.0", "0"},
    {"/sampling/rate_max", "1.1", NULL},
    {"/sampling/rate_max", "5e-2", NULL},
    {"/sampling/rate_max", "5%", NULL},
    {"/sampling/rate_max", ".5", NULL},
    {"/logging/signed", "true", "true"},
    {"/logging/signed", "yes", NULL},
    {"/logging/signed", "True", NULL},
    {"/limits/on_exceed", "drop_record", "drop_record"},
    {"/limits/on_exceed", "Drop_record", NULL},
    {"/targets/export_target", "s3://lab/x/", "s3://lab/x/"},
    {"/targets/export_target", "s3://lab/a b", NULL},
    {"/targets/export_target", "", NULL},
};

START_TEST(scalar_is_typed_by_its_row)
{
	struct tg_pval v = {.path = scalars[_i].path};
	struct tg_arena mem;
	bool oom = false;

	tg_arena_init(&mem, 1u << 16);
	ck_assert_int_eq(
	    tg_schema_find(&v.row, tg_sv_of(v.path)), TG_SCHEMA_LEAF);
	ck_assert_int_eq(
	    tg_pval_scalar(&v, &oom, tg_sv_of(scalars[_i].in), &mem),
	    scalars[_i].out != NULL);
	ck_assert(!oom);
	if (scalars[_i].out != NULL)
		ck_assert_str_eq(v.text, scalars[_i].out);
	tg_arena_deinit(&mem);
}
END_TEST

/* keep < {generalise, pseudonymise < label} < drop, written out. */
static const char *const ops[] = {
    "keep", "generalise", "pseudonymise", "label", "drop"};
static const enum tg_pcmp op_table[5][5] = {
    {TG_PC_EQUAL, TG_PC_LOOSER, TG_PC_LOOSER, TG_PC_LOOSER, TG_PC_LOOSER},
    {TG_PC_TIGHTER, TG_PC_EQUAL, TG_PC_APART, TG_PC_APART, TG_PC_LOOSER},
    {TG_PC_TIGHTER, TG_PC_APART, TG_PC_EQUAL, TG_PC_LOOSER, TG_PC_LOOSER},
    {TG_PC_TIGHTER, TG_PC_APART, TG_PC_TIGHTER, TG_PC_EQUAL, TG_PC_LOOSER},
    {TG_PC_TIGHTER, TG_PC_TIGHTER, TG_PC_TIGHTER, TG_PC_TIGHTER, TG_PC_EQUAL},
};

START_TEST(field_operations_are_a_partial_order)
{
	struct tg_pval a = {.path = "/anonymisation/fields/user_id/op"}, b;
	const size_t i = (size_t)_i / 5, k = (size_t)_i % 5;
	bool oom = false;

	ck_assert_int_eq(
	    tg_schema_find(&a.row, tg_sv_of(a.path)), TG_SCHEMA_LEAF);
	b = a;
	ck_assert(tg_pval_scalar(&a, &oom, tg_sv_of(ops[i]), NULL));
	ck_assert(tg_pval_scalar(&b, &oom, tg_sv_of(ops[k]), NULL));
	ck_assert_int_eq(tg_pval_cmp(&a, &b), op_table[i][k]);
}
END_TEST

START_TEST(sets_meet_in_both_directions)
{
	const char *const left[] = {"DE", "FR", "GB"};
	const char *const right[] = {"FR", "NO"};
	struct tg_pval a = {.item = left, .n = 3}, b = {.item = right, .n = 2};
	struct tg_pval r = {0};
	struct tg_err err = {0};
	struct tg_arena mem;

	tg_arena_init(&mem, 1u << 16);
	ck_assert_int_eq(tg_pval_union(&r, &a, &b, &mem, &err), 0);
	ck_assert_uint_eq(r.n, 4);
	ck_assert_str_eq(r.item[0], "DE");
	ck_assert_str_eq(r.item[1], "FR");
	ck_assert_str_eq(r.item[2], "GB");
	ck_assert_str_eq(r.item[3], "NO");
	ck_assert_int_eq(tg_pval_intersect(&r, &a, &b, &mem, &err), 0);
	ck_assert_uint_eq(r.n, 1);
	ck_assert_str_eq(r.item[0], "FR");
	ck_assert_str_eq(tg_pval_extra(&a, &b), "DE");
	ck_assert_str_eq(tg_pval_extra(&b, &a), "NO");
	tg_arena_deinit(&mem);
}
END_TEST

Suite *
value_suite(void)
{
	Suite *s = suite_create("policies/value");
	TCase *t = tcase_create("value");

	tcase_add_loop_test(
	    t, scalar_is_typed_by_its_row, 0, (int)TG_COUNT(scalars));
	tcase_add_loop_test(t, field_operations_are_a_partial_order, 0, 25);
	tcase_add_test(t, sets_meet_in_both_directions);
	suite_add_tcase(s, t);
	return s;
}
