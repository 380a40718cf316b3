/*
 * topk_test.c - the policy's topk_max on tensors: of one token at most so many
 * features leave, the greatest; and its value_bits on features in rows.
 */
#include "tests/unit/pipeline/tensor_way.h"

#include "base/banned.h"

Suite *topk_suite(void);

struct entry {
	uint16_t at[3];
	uint16_t value; /* F16: the order of the bits without the sign */
	bool stays;
};

/* At most two of a token: the greatest, of equal ones the first. */
static const struct entry list[] = {
    {{0, 1, 4}, 0x3c00, true},
    {{0, 1, 5}, 0x3800, false},
    {{0, 1, 6}, 0x4000, true},
    {{0, 2, 4}, 0x3c00, true},
    {{1, 0, 1}, 0x3c00, true},
    {{1, 0, 2}, 0x3c00, true},
    {{1, 0, 3}, 0x3c00, false},
    {{1, 8, 1}, 0xc400, true}, /* below zero, and far from it */
    {{1, 8, 2}, 0x3c00, false},
    {{1, 8, 3}, 0x4200, true},
};

static void
make(struct file *f, const struct entry *e, size_t n, enum tg_dtype dtype)
{
	const uint8_t *const text[] = {clean, clean};
	const uint64_t shape[] = {n, 3};
	struct tg_buf *b;

	begin(f, TG_MODE_REDACT);
	ids(f, "tokens", text, 2, true);
	b = tensor(f, "locations", TG_DTYPE_U16, 2, shape);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 3; k++)
			put(b, i * 3 + k, 2, e[i].at[k]);
	b = tensor(f, "activations", dtype, 1, shape);
	for (size_t i = 0; i < n; i++)
		put(b, i, tg_dtype_bits(dtype) / 8, e[i].value);
}

static uint64_t
number(const struct file *f, const char *name, enum tg_dtype d, size_t i)
{
	return tg_tensor_index(
	    d, (const uint8_t *)bytes(f, name) + i * (tg_dtype_bits(d) / 8));
}

START_TEST(of_a_list_the_greatest_values_of_a_token_stay)
{
	struct file f;
	size_t k = 0;
	bool same = true;

	make(&f, list, TG_COUNT(list), TG_DTYPE_F16);
	f.w.set.topk = 2;
	go(&f, "0_127");
	for (size_t i = 0; i < TG_COUNT(list); i++) {
		if (!list[i].stays)
			continue;
		same = same &&
		    number(&f, "locations", TG_DTYPE_U16, 3 * k + 2) ==
			list[i].at[2] &&
		    number(&f, "activations", TG_DTYPE_U16, k) == list[i].value;
		k++;
	}
	ck_assert(same);
	shape_is(&f, "activations", 1, k, 0, 0);
	ck_assert_uint_eq(f.w.counts->features_over, TG_COUNT(list) - k);
	ck_assert_uint_eq(f.w.counts->quarantined, 0);
	end(&f);
}
END_TEST

START_TEST(as_many_as_allowed_leave_as_they_came)
{
	struct file f;

	make(&f, list, TG_COUNT(list), TG_DTYPE_F16);
	f.w.set.topk = 3;
	go(&f, "0_127");
	ck_assert_uint_eq(f.out.n, f.in.n);
	ck_assert_int_eq(memcmp(f.out.p, f.in.p, f.in.n), 0);
	end(&f);
}
END_TEST

/* A token that comes again later could have any number of features. */
START_TEST(a_list_out_of_order_does_not_leave)
{
	static const struct entry odd[] = {
	    {{0, 1, 4}, 1, true}, {{0, 2, 4}, 1, true}, {{0, 1, 5}, 1, true}};
	struct file f;

	make(&f, odd, TG_COUNT(odd), TG_DTYPE_F16);
	f.w.set.topk = 2;
	go(&f, "0_127");
	ck_assert_uint_eq(f.got.n, 1);
	ck_assert_ptr_nonnull(got(&f, "tokens"));
	ck_assert_uint_eq(f.w.counts->quarantined, 1);
	end(&f);
}
END_TEST

START_TEST(whole_numbers_are_compared_by_size)
{
	/* -3, 2, 1: two of them, I16 as it stands in the file */
	static const struct entry e[] = {{{0, 1, 4}, 0xfffd, true},
	    {{0, 1, 5}, 2, true}, {{0, 1, 6}, 1, false}};
	struct file f;

	make(&f, e, TG_COUNT(e), TG_DTYPE_I16);
	f.w.set.topk = 2;
	go(&f, "0_127");
	shape_is(&f, "activations", 1, 2, 0, 0);
	ck_assert_uint_eq(number(&f, "locations", TG_DTYPE_U16, 2), 4);
	ck_assert_uint_eq(number(&f, "locations", TG_DTYPE_U16, 5), 5);
	end(&f);
}
END_TEST

START_TEST(of_a_table_the_first_that_point_at_a_token_stay)
{
	const uint8_t *const text[] = {clean};
	static const uint64_t at[] = {3, 3, 4, 3, 4, UINT64_MAX};
	static const uint64_t want[] = {3, 3, 4, UINT64_MAX, 4, UINT64_MAX};
	const uint64_t shape[] = {3, 2};
	struct tg_buf *s, *q, *a;
	struct file f;
	bool same = true;

	begin(&f, TG_MODE_REDACT);
	f.w.set.topk = 2;
	ids(&f, "tokens", text, 1, true);
	s = tensor(&f, "seq_ids", TG_DTYPE_I64, 2, shape);
	q = tensor(&f, "positions", TG_DTYPE_I64, 2, shape);
	a = tensor(&f, "activations", TG_DTYPE_F32, 2, shape);
	for (size_t i = 0; i < TG_COUNT(at); i++) {
		put(s, i, 8, at[i] == UINT64_MAX ? at[i] : 0);
		put(q, i, 8, at[i]);
		put(a, i, 4, 0x3f800000u);
	}
	go(&f, "examples");
	for (size_t i = 0; i < TG_COUNT(at); i++)
		same = same &&
		    number(&f, "positions", TG_DTYPE_I64, i) == want[i] &&
		    (number(&f, "activations", TG_DTYPE_U32, i) == 0) ==
			(want[i] == UINT64_MAX);
	ck_assert(same);
	ck_assert_uint_eq(f.w.counts->features_over, 1);
	end(&f);
}
END_TEST

START_TEST(features_in_a_row_of_their_own_are_counted)
{
	const uint8_t *const text[] = {clean};
	const char *const map[] = {"acts=bp.:sae_topk"};
	const uint64_t shape[] = {1, POSITIONS, 4};

	for (uint64_t most = 3; most <= 4; most++) {
		struct file f;

		begin(&f, TG_MODE_REDACT);
		f.w.set.tensor_map = (struct tg_tensor_map){map, 1};
		f.w.set.topk = most;
		ids(&f, "tokens", text, 1, true);
		(void)tensor(&f, "acts", TG_DTYPE_F16, 3, shape);
		go(&f, "acts");
		ck_assert_int_eq(got(&f, "acts") != NULL, most == 4);
		ck_assert_uint_eq(f.w.counts->quarantined, most == 3);
		end(&f);
	}
}
END_TEST

/* Features in rows of their own; of other kinds every bit stays. */
START_TEST(values_in_rows_keep_the_bits_that_the_policy_allows)
{
	const uint8_t *const rows[] = {email};
	const char *const map[] = {"acts=bp.:sae_topk"};
	const uint64_t shape[] = {1, POSITIONS, 4};
	struct file f;
	bool ok = true;

	begin(&f, TG_MODE_REDACT);
	f.w.set.value_bits = 11;
	f.w.set.tensor_map = (struct tg_tensor_map){map, 1};
	ids(&f, "tokens", rows, 1, true);
	(void)tensor(&f, "acts", TG_DTYPE_F32, 3, shape);
	(void)tensor(&f, "blocks.3.hook_resid_post", TG_DTYPE_F32, 3, shape);
	go(&f, "acts");
	shape_is(&f, "acts", 3, 1, 3, 4);
	for (size_t i = 0; i < 48; i++) {
		static const uint8_t stays[] = {0, 0, 0xe0, 0xff};

		ok = ok &&
		    (uint8_t)bytes(&f, "acts")[i] ==
			((uint8_t)f.data[1].p[i] & stays[i % 4]);
	}
	ck_assert(ok);
	ck_assert_int_eq(
	    memcmp(bytes(&f, "blocks.3.hook_resid_post"), f.data[2].p, 48), 0);
	end(&f);
}
END_TEST

Suite *
topk_suite(void)
{
	Suite *s = suite_create("topk");
	TCase *t = tcase_create("topk");

	tcase_add_test(t, of_a_list_the_greatest_values_of_a_token_stay);
	tcase_add_test(t, as_many_as_allowed_leave_as_they_came);
	tcase_add_test(t, a_list_out_of_order_does_not_leave);
	tcase_add_test(t, whole_numbers_are_compared_by_size);
	tcase_add_test(t, of_a_table_the_first_that_point_at_a_token_stay);
	tcase_add_test(t, features_in_a_row_of_their_own_are_counted);
	tcase_add_test(t, values_in_rows_keep_the_bits_that_the_policy_allows);
	suite_add_tcase(s, t);
	return s;
}
