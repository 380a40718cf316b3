/*
 * laplace_test.c - the sampler against the formula, by going through everything
 * that chance can do: each answer of the dice is tried, with its weight.  No
 * statistics.
 */
#include "base/laplace.h"

#include <check.h>
#include <math.h>

#include "tests/unit/base/suites.h"

#include "base/banned.h"

#define DEEP 64
#define HALF 400 /* values counted on either side of 0 */

/* One way through a round: the answers so far, of how many each. */
struct path {
	uint64_t face[DEEP], of[DEEP];
	unsigned at, n;
	double weight;
	bool lost; /* too unlikely to be followed */
	uint64_t any;
};

static const double least = 1e-8;

static uint64_t
next_face(void *ctx, uint64_t n)
{
	struct path *p = ctx;

	if (p->lost ||
	    (p->at == p->n &&
		(p->n == DEEP || p->weight / (double)n < least))) {
		p->lost = true; /* to its end, whatever that is */
		p->any = p->any * 6364136223846793005u + 1442695040888963407u;
		return (p->any >> 33) % n;
	}
	if (p->at == p->n) {
		p->face[p->n] = 0;
		p->of[p->n++] = n;
	}
	p->weight /= (double)n;
	return p->face[p->at++];
}

/* The next way; false: there is none. */
static bool
advance(struct path *p)
{
	while (p->n > 0 && ++p->face[p->n - 1] == p->of[p->n - 1])
		p->n--;
	return p->n > 0;
}

static const struct {
	uint64_t t, s;
} scale[] = {{1, 1}, {2, 1}, {3, 2}, {1, 3}, {4, 1}};

/* A round that is thrown away begins anew: the values of the others, in
 * proportion. */
START_TEST(every_value_has_the_chance_of_the_formula)
{
	const uint64_t t = scale[_i].t, s = scale[_i].s;
	const double b = (double)t / (double)s;
	double mass[2 * HALF + 1] = {0}, lost = 0, found = 0, again = 0;
	struct path p = {.n = 0};
	bool same = true;

	do {
		const struct tg_dice dice = {next_face, &p};
		int64_t z = 0;
		bool ends;

		p.at = 0;
		p.weight = 1;
		p.lost = false;
		ends = tg_laplace_round(&z, &dice, t, s);
		if (p.lost)
			lost += p.weight;
		else if (!ends)
			again += p.weight;
		else if (z >= -HALF && z <= HALF) {
			mass[z + HALF] += p.weight;
			found += p.weight;
		}
	} while (advance(&p));
	for (int64_t z = -HALF; z <= HALF; z++) {
		const double want = (exp(1 / b) - 1) / (exp(1 / b) + 1) *
		    exp(-fabs((double)z) / b);

		same =
		    same && fabs(mass[z + HALF] / found - want) <= lost / found;
	}
	ck_assert(same);

	ck_assert(lost < 5e-3);
	ck_assert(fabs(found + again + lost - 1) < 1e-9);
}
END_TEST

/* Each byte once: its low three bits are the face of five; 5 to 7 are thrown
 * again, and the 2 that follows is taken. */
START_TEST(the_stream_is_even)
{
	unsigned seen[5] = {0};

	for (unsigned v = 0; v < 256; v++) {
		struct tg_laplace_stream s = {.left = 2};

		s.bytes[sizeof(s.bytes) - 2] = (uint8_t)v;
		s.bytes[sizeof(s.bytes) - 1] = 2;
		seen[tg_laplace_below(&s, 5)]++;
	}
	for (unsigned k = 0; k < 5; k++)
		ck_assert_uint_eq(seen[k], k == 2 ? 4 * 32 : 32);
}
END_TEST

START_TEST(one_face_needs_no_chance)
{
	struct tg_laplace_stream s = {.left = 0};

	ck_assert_uint_eq(tg_laplace_below(&s, 1), 0);
	ck_assert_uint_eq(s.block, 0);
}
END_TEST

START_TEST(the_same_key_gives_the_same_noise)
{
	struct tg_laplace_stream a = {.key = {1}}, b = {.key = {1}},
				 c = {.key = {2}};
	const struct tg_dice da = {tg_laplace_below, &a};
	const struct tg_dice db = {tg_laplace_below, &b};
	const struct tg_dice dc = {tg_laplace_below, &c};
	bool same = true, other = false;

	for (int i = 0; i < 100; i++) {
		const int64_t z = tg_laplace(&da, 1u << 20, 1);

		same = same && z == tg_laplace(&db, 1u << 20, 1);
		other = other || z != tg_laplace(&dc, 1u << 20, 1);
	}
	ck_assert(same);
	ck_assert(other);
}
END_TEST

/* The largest scale does not overflow. */
START_TEST(the_largest_scale_gives_a_number)
{
	struct tg_laplace_stream s = {.key = {3}};
	const struct tg_dice d = {tg_laplace_below, &s};
	const int64_t z = tg_laplace(&d, TG_LAPLACE_MAX, 1);

	ck_assert(z < (int64_t)(1001 * TG_LAPLACE_MAX));
	ck_assert(z > -(int64_t)(1001 * TG_LAPLACE_MAX));
}
END_TEST

Suite *
laplace_suite(void)
{
	Suite *s = suite_create("laplace");
	TCase *t = tcase_create("laplace");

	tcase_add_loop_test(t, every_value_has_the_chance_of_the_formula, 0,
	    (int)TG_COUNT(scale));
	tcase_add_test(t, the_stream_is_even);
	tcase_add_test(t, one_face_needs_no_chance);
	tcase_add_test(t, the_same_key_gives_the_same_noise);
	tcase_add_test(t, the_largest_scale_gives_a_number);
	suite_add_tcase(s, t);
	return s;
}
