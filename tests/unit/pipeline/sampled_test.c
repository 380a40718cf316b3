/* The draw, written down: every identity once, in order, whatever fits in
 * memory; and who is drawn. */
#include "pipeline/sampled.h"

#include "pipeline/tally.h"
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

Suite *sampled_suite(void);

static const uint8_t key[TG_KEY_LEN] = {1, 2, 3};

#define HEAD                                                \
	"tracegate-sample/1 010203000000000000000000000000" \
	"0000000000000000000000000000000000\n"

static void
list(struct scratch *x, size_t hold, const uint64_t *h, size_t n, uint64_t rate,
    struct tg_buf *out, struct tg_sampled *s)
{
	const char *path = scratch_path(x, "sample.txt");
	struct tg_err err = {.cls = TG_E_NONE};
	bool added = true;

	ck_assert_int_eq(tg_sampled_init(s, path, &err), 0);
	s->hold = hold;
	for (size_t i = 0; i < n; i++)
		added = added && tg_sampled_add(s, h[i], i % 3 != 0, &err) == 0;
	ck_assert(added);
	ck_assert_msg(
	    tg_sampled_finish(s, key, rate, &err) == 0, "%s", err.text);
	tg_buf_reset(out);
	ck_assert_int_eq(tg_fs_slurp(out, path, NULL, &err), 0);
}

START_TEST(an_identity_is_listed_once_with_its_units)
{
	static const uint64_t h[] = {7, UINT64_MAX, 7, 7, 0, (uint64_t)1 << 63};
	struct scratch x;
	struct tg_sampled s;
	struct tg_buf out;
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	struct tg_fs_names names;

	scratch_init(&x);
	tg_buf_init(&out, 1u << 20);
	list(&x, 0, h, TG_COUNT(h), 500000000, &out, &s);
	ck_assert_str_eq(out.p,
	    HEAD "0000000000000000 1 1\n"
		 "0000000000000007 3 1\n"
		 "8000000000000000 1 1\n"
		 "ffffffffffffffff 1 1\n");
	ck_assert_uint_eq(s.seen, 4);
	ck_assert_uint_eq(s.drawn, 2);
	ck_assert_int_eq(tg_sha256_bytes(digest, out.p, out.n, NULL), 0);
	tg_sha256_hex(hex, digest);
	ck_assert_str_eq(s.sha256, hex);
	/* Nothing but the list, and that closed to others. */
	ck_assert_int_eq(tg_fs_list(&names, x.dir, true, NULL), 0);
	ck_assert_uint_eq(names.n, 1);
	tg_fs_names_free(&names);
	tg_sampled_deinit(&s);
	tg_buf_deinit(&out);
	scratch_deinit(&x);
}
END_TEST

START_TEST(nothing_read_is_a_list_of_nothing)
{
	struct scratch x;
	struct tg_sampled s;
	struct tg_buf out;

	scratch_init(&x);
	tg_buf_init(&out, 1u << 20);
	list(&x, 0, NULL, 0, 500000000, &out, &s);
	ck_assert_str_eq(out.p, HEAD);
	ck_assert_uint_eq(s.seen, 0);
	tg_sampled_deinit(&s);
	tg_buf_deinit(&out);
	scratch_deinit(&x);
}
END_TEST

/* The same list when 4 numbers fit in memory as when all do. */
START_TEST(the_list_does_not_depend_on_what_fits_in_memory)
{
	static const size_t hold[] = {2, 8, 64, 1024, 0};
	enum { N = 3000 };
	static uint64_t h[N];
	struct scratch x;
	struct tg_sampled s;
	struct tg_buf out, first;
	uint64_t v = 1;

	for (size_t i = 0; i < N; i++) {
		/* Clusters, and each number three times. */
		v = i % 3 == 0 ? v * 6364136223846793005u + 1442695040888963407u
			       : v;
		h[i] = i % 2 == 0 ? v : v >> 50;
	}
	scratch_init(&x);
	tg_buf_init(&out, 1u << 20);
	tg_buf_init(&first, 1u << 20);
	for (size_t i = 0; i < TG_COUNT(hold); i++) {
		list(&x, hold[i], h, N, 10000000, &out, &s);
		if (i == 0)
			ck_assert_int_eq(
			    tg_buf_add(&first, out.p, out.n, NULL), 0);
		ck_assert_str_eq(out.p, first.p);
		tg_sampled_deinit(&s);
	}
	tg_buf_deinit(&out);
	tg_buf_deinit(&first);
	scratch_deinit(&x);
}
END_TEST

/* hashlib.blake2b(b"5b8e...", digest_size=8, key=bytes(range(32))) */
START_TEST(the_number_of_a_trace_is_what_hashlib_gives)
{
	struct way w;
	struct tg_sampled s;
	struct tg_buf out;
	const char *path;

	way_init(&w, TG_MODE_EXPORT);
	for (unsigned i = 0; i < TG_KEY_LEN; i++)
		w.set.sample_key[i] = (uint8_t)i;
	path = scratch_path(&w.s, "sample.txt");
	ck_assert_int_eq(tg_sampled_init(&s, path, &w.err), 0);
	w.pass.drawn = &s;
	ck_assert_ptr_nonnull(way_go(&w,
	    "{\"trace_id\":\"5B8EFFF798038103D269B633813FC60C\","
	    "\"text\":\"x\"}"));
	ck_assert_int_eq(tg_sampled_finish(&s, key, 1000000000, &w.err), 0);
	tg_buf_init(&out, 4096);
	ck_assert_int_eq(tg_fs_slurp(&out, path, NULL, &w.err), 0);
	/* 46fef5acfc257b0b, little-endian */
	ck_assert_str_eq(out.p, HEAD "0b7b25fcacf5fe46 1 1\n");
	tg_buf_deinit(&out);
	tg_sampled_deinit(&s);
	way_deinit(&w);
}
END_TEST

/* Of 20,000 numbers: within the 99 % interval, and the lower inside the
 * higher. */
START_TEST(a_lower_rate_is_inside_a_higher_one)
{
	static const uint64_t rate[] = {10000000, 50000000, 500000000};
	uint64_t n[TG_COUNT(rate)] = {0};
	bool nested = true;

	for (uint32_t i = 0; i < 20000; i++) {
		uint64_t h;
		bool below = false;

		tg_crypt_blake2b((uint8_t *)&h, sizeof(h), &i, sizeof(i), key);
		for (size_t k = 0; k < TG_COUNT(rate); k++) {
			const bool now = tg_sample_below(h, rate[k]);

			nested = nested && (now || !below);
			below = now;
			n[k] += now;
		}
	}
	ck_assert(nested);
	ck_assert_uint_ge(n[0], 164);
	ck_assert_uint_le(n[0], 237);
	ck_assert_uint_ge(n[1], 920);
	ck_assert_uint_le(n[1], 1080);
	ck_assert(tg_sample_below(UINT64_MAX, 1000000000));
	ck_assert(!tg_sample_below(0, 0));
}
END_TEST

/* ---- the cap on records of one person ---------------------------------- */

START_TEST(nobody_is_counted_below_the_truth_or_far_above)
{
	enum { WHO = 20000, EACH = 3 };
	struct tg_tally *t = tg_tally_new();
	unsigned over = 0, early = 0;

	ck_assert_ptr_nonnull(t);
	for (unsigned k = 0; k <= EACH; k++)
		for (uint32_t i = 0; i < WHO; i++) {
			const struct tg_trace_text who = {
			    (const char *)&i, sizeof(i)};
			const bool below = tg_tally_below(t, key, who, EACH);

			over += k == EACH && below;
			early += k < EACH && !below;
		}
	ck_assert_uint_eq(over, 0);
	ck_assert_uint_eq(early, 0);
	tg_tally_free(t);
}
END_TEST

struct cap_row {
	const char *in;
	bool kept;
};

/* At most two of one person, whatever the session; of a session, where nobody
 * is named; no cap where neither is. */
static const struct cap_row cap_rows[] = {
    {"{\"user_id\":\"u-1\",\"id\":\"a\"}", true},
    {"{\"user_id\":\"u-2\",\"id\":\"b\"}", true},
    {"{\"id\":\"c\",\"session_id\":\"s\",\"user_id\":\"u-1\"}", true},
    {"{\"user_id\":\"\\u0075-1\",\"id\":\"d\"}", false},
    {"{\"user_id\":\"u-2\",\"id\":\"e\"}", true},
    {"{\"user_id\":7,\"id\":\"f\"}", true},
    {"{\"user_id\":7,\"id\":\"g\"}", true},
    {"{\"user_id\":7,\"id\":\"h\"}", false},
    {"{\"session_id\":\"s\",\"id\":\"i\"}", true},
    {"{\"session_id\":\"s\",\"id\":\"j\"}", true},
    {"{\"session_id\":\"s\",\"id\":\"k\"}", false},
    {"{\"id\":\"l\"}", true},
    {"{\"id\":\"l\"}", true},
    {"{\"id\":\"l\"}", true},
};

START_TEST(of_one_person_no_more_than_the_cap_leaves)
{
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	w.set.max_per_subject = 2;
	for (size_t i = 0; i < TG_COUNT(cap_rows); i++) {
		ck_assert_ptr_nonnull(way_go(&w, cap_rows[i].in));
		ck_assert_msg(w.rec.dropped != cap_rows[i].kept, "row %zu", i);
		if (w.rec.dropped)
			ck_assert_str_eq(w.rec.unit[0].code, "SMP-CAP-SUBJECT");
	}
	ck_assert_uint_eq(w.counts->of_person, 6);
	ck_assert_uint_eq(w.counts->of_session, 2);
	ck_assert_uint_eq(w.counts->of_unknown, 3);
	way_deinit(&w);
}
END_TEST

#define SPANS                                                            \
	"\"scopeSpans\":[{\"spans\":[{\"traceId\":\"aa\"},{\"traceId\":" \
	"\"ab\"},{\"traceId\":\"ac\"}]}]"
#define TEXT_USER                                             \
	"\"resource\":{\"attributes\":[{\"key\":\"user.id\"," \
	"\"value\":{\"stringValue\":\"u\"}}]}"
#define NUMBER_USER                                           \
	"\"resource\":{\"attributes\":[{\"key\":\"user.id\"," \
	"\"value\":{\"intValue\":\"7\"}}]}"

/* An attribute of the resource names the person of its spans, before or behind
 * them; text or number. */
static const char *const resources[] = {
    "{\"resourceSpans\":[{" TEXT_USER "," SPANS "}]}",
    "{\"resourceSpans\":[{" SPANS "," NUMBER_USER "}]}",
};

START_TEST(a_person_named_for_the_whole_resource_is_capped)
{
	struct way w;

	way_init(&w, TG_MODE_EXPORT);
	w.set.max_per_subject = 2;
	ck_assert_ptr_nonnull(way_go(&w, resources[_i]));
	ck_assert_uint_eq(w.rec.n_unit, 3);
	ck_assert(!w.rec.unit[0].dropped && !w.rec.unit[1].dropped);
	ck_assert(w.rec.unit[2].dropped);
	ck_assert_str_eq(w.rec.unit[2].code, "SMP-CAP-SUBJECT");
	way_deinit(&w);
}
END_TEST

/* The same person is in or out as a whole. */
START_TEST(drawn_by_person_all_records_of_one_go_together)
{
	struct way w;
	unsigned in = 0;
	bool together = true;
	char text[128];

	way_init(&w, TG_MODE_EXPORT);
	w.set.sample_unit = TG_SAMPLE_SUBJECT;
	w.set.rate_ppb = 500000000;
	for (unsigned who = 0; who < 64; who++) {
		bool first = false;

		for (unsigned k = 0; k < 3; k++) {
			(void)snprintf(text, sizeof(text),
			    "{\"user_id\":\"u%u\",\"id\":\"%u-%u\","
			    "\"session_id\":\"%u/%u\"}",
			    who, who, k, who, k);
			ck_assert_ptr_nonnull(way_go(&w, text));
			if (k == 0)
				first = w.rec.dropped;
			together = together && w.rec.dropped == first;
		}
		in += !first;
	}
	ck_assert(together);
	ck_assert_uint_gt(in, 10);
	ck_assert_uint_lt(in, 54);
	way_deinit(&w);
}
END_TEST

Suite *
sampled_suite(void)
{
	Suite *s = suite_create("sampled");
	TCase *c = tcase_create("all");

	tcase_add_test(c, an_identity_is_listed_once_with_its_units);
	tcase_add_test(c, nothing_read_is_a_list_of_nothing);
	tcase_add_test(c, the_list_does_not_depend_on_what_fits_in_memory);
	tcase_add_test(c, the_number_of_a_trace_is_what_hashlib_gives);
	tcase_add_test(c, a_lower_rate_is_inside_a_higher_one);
	tcase_add_test(c, nobody_is_counted_below_the_truth_or_far_above);
	tcase_add_test(c, of_one_person_no_more_than_the_cap_leaves);
	tcase_add_loop_test(
	    c, a_person_named_for_the_whole_resource_is_capped, 0, 2);
	tcase_add_test(c, drawn_by_person_all_records_of_one_go_together);
	suite_add_tcase(s, c);
	return s;
}
