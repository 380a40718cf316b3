#include "base/crew.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/unit/base/suites.h"

#include "base/banned.h"

#define PLACES 7
#define TASKS 2000

/* Each task: its number goes in, what is made of it comes out. */
struct ring {
	uint64_t in[PLACES], out[PLACES];
	atomic_uint begun, by[TG_CREW_HELPERS + 1];
};

static uint64_t
made_of(uint64_t n)
{
	uint64_t h = n;

	/* Some take longer than others. */
	for (uint64_t i = 0; i < n % 97 * 5; i++)
		h = h * UINT64_C(0x9e3779b97f4a7c15) + i;
	return h;
}

static void
work(void *ctx, unsigned who, size_t place)
{
	struct ring *r = ctx;

	atomic_fetch_add(&r->begun, 1);
	atomic_fetch_add(&r->by[who], 1);
	r->out[place] = made_of(r->in[place]);
}

static struct tg_crew *
crew(struct ring *r, unsigned helpers, size_t places)
{
	struct tg_err err = {0};
	struct tg_crew *c;

	*r = (struct ring){.begun = 0};
	ck_assert_msg(tg_crew_new(&c, helpers, places, work, r, &err) == 0,
	    "%s", err.text);
	return c;
}

/* Every @done-th task is given as done (0: none); true when all results come
 * in order and right. */
static bool
in_order(struct ring *r, struct tg_crew *c, uint64_t done)
{
	uint64_t given = 0, taken = 0;
	bool good = true;
	size_t at;

	while (taken < TASKS) {
		while (given < TASKS && tg_crew_place(c, &at)) {
			const bool is = done != 0 && given % done == 0;

			r->in[at] = given;
			r->out[at] = is ? made_of(given) : UINT64_MAX;
			given++;
			tg_crew_give(c, is);
		}
		/* Sometimes one, sometimes what there is. */
		while (tg_crew_oldest(c, taken % 3 == 0, &at)) {
			good = good && r->in[at] == taken &&
			    r->out[at] == made_of(taken);
			taken++;
			tg_crew_taken(c);
		}
		if (taken < TASKS && tg_crew_oldest(c, true, &at)) {
			good = good && r->out[at] == made_of(taken);
			taken++;
			tg_crew_taken(c);
		}
	}
	return good && tg_crew_out(c) == 0;
}

START_TEST(results_come_in_the_order_of_the_tasks)
{
	static const unsigned helpers[] = {0, 1, 2, 5};
	struct tg_crew *c;
	struct ring r;
	unsigned all = 0;

	c = crew(&r, helpers[_i], PLACES);
	ck_assert_uint_eq(tg_crew_helpers(c), helpers[_i]);
	ck_assert(in_order(&r, c, 0));
	tg_crew_free(c);
	ck_assert_uint_eq(r.begun, TASKS);
	for (unsigned i = 0; i <= helpers[_i]; i++)
		all += r.by[i];
	ck_assert_uint_eq(all, TASKS);
}
END_TEST

START_TEST(a_task_given_as_done_waits_for_its_turn_and_is_not_done_again)
{
	static const unsigned helpers[] = {0, 1, 3};
	struct tg_crew *c;
	struct ring r;

	c = crew(&r, helpers[_i], PLACES);
	ck_assert(in_order(&r, c, 3));
	tg_crew_free(c);
	ck_assert_uint_eq(r.begun, TASKS - (TASKS + 2) / 3);
}
END_TEST

START_TEST(a_ring_of_one_place_is_enough)
{
	struct tg_crew *c;
	struct ring r;

	c = crew(&r, 2, 1);
	ck_assert(in_order(&r, c, 2));
	tg_crew_free(c);
}
END_TEST

START_TEST(a_full_ring_takes_no_more_until_one_is_taken)
{
	struct tg_crew *c;
	struct ring r;
	size_t at;

	c = crew(&r, 0, 2);
	ck_assert(tg_crew_place(c, &at));
	tg_crew_give(c, false);
	ck_assert(tg_crew_place(c, &at));
	tg_crew_give(c, false);
	ck_assert(!tg_crew_place(c, &at));
	ck_assert(!tg_crew_oldest(c, false, &at)); /* nobody has begun */
	ck_assert(tg_crew_oldest(c, true, &at));
	ck_assert_uint_eq(at, 0);
	tg_crew_taken(c);
	ck_assert(tg_crew_place(c, &at));
	ck_assert_uint_eq(at, 0);
	ck_assert_uint_eq(tg_crew_out(c), 1);
	tg_crew_free(c);
}
END_TEST

/* With tasks out: what was begun is ended, the rest is never begun. */
START_TEST(a_crew_that_is_stopped_early_ends)
{
	struct tg_crew *c;
	struct ring r;
	size_t at;

	for (unsigned turn = 0; turn < 50; turn++) {
		c = crew(&r, turn % 4, PLACES);
		while (tg_crew_place(c, &at)) {
			r.in[at] = 96; /* long */
			tg_crew_give(c, false);
		}
		tg_crew_free(c);
		ck_assert_uint_le(r.begun, PLACES);
	}
}
END_TEST

START_TEST(a_crew_that_was_cleared_goes_on_with_other_tasks)
{
	struct tg_crew *c;
	struct ring r;
	size_t at;

	c = crew(&r, (unsigned)_i, PLACES);
	for (uint64_t turn = 0; turn < 20; turn++) {
		for (uint64_t n = 0; n < turn % 8 && tg_crew_place(c, &at);
		     n++) {
			r.in[at] = n * 96;
			tg_crew_give(c, n % 3 == 1);
		}
		tg_crew_clear(c);
		ck_assert_uint_eq(tg_crew_out(c), 0);
		ck_assert(!tg_crew_oldest(c, true, &at));
	}
	r.begun = 0;
	ck_assert(in_order(&r, c, 0));
	ck_assert_uint_eq(r.begun, TASKS);
	tg_crew_free(c);
}
END_TEST

/* Bytes of address space in use. */
static rlim_t
space(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	ck_assert(f != NULL && fscanf(f, "%lu", &pages) == 1);
	(void)fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* There is no address space for the stack of a thread. */
START_TEST(without_threads_the_owner_does_all)
{
	struct rlimit little;
	struct tg_crew *c;
	struct ring r;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	(void)printf("    skipped: the sanitizer needs address space\n");
	return;
#endif
	if (getenv("TG_VALGRIND") != NULL)
		return;
	little.rlim_cur = little.rlim_max = space() + (4u << 20);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &little), 0);
	c = crew(&r, 3, PLACES);
	ck_assert_uint_eq(tg_crew_helpers(c), 0);
	ck_assert(in_order(&r, c, 4));
	tg_crew_free(c);
}
END_TEST

START_TEST(a_crew_without_a_place_or_of_too_many_is_a_fault_of_ours)
{
	struct tg_err err = {0};
	struct tg_crew *c;
	struct ring r;

	ck_assert_int_eq(tg_crew_new(&c, 1, 0, work, &r, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	ck_assert_int_eq(
	    tg_crew_new(&c, TG_CREW_HELPERS + 1, 1, work, &r, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_BUG);
	tg_crew_free(NULL);
}
END_TEST

Suite *
crew_suite(void)
{
	Suite *s = suite_create("crew");
	TCase *t = tcase_create("crew");

	tcase_add_loop_test(t, results_come_in_the_order_of_the_tasks, 0, 4);
	tcase_add_loop_test(t,
	    a_task_given_as_done_waits_for_its_turn_and_is_not_done_again, 0,
	    3);
	tcase_add_test(t, a_ring_of_one_place_is_enough);
	tcase_add_test(t, a_full_ring_takes_no_more_until_one_is_taken);
	tcase_add_test(t, a_crew_that_is_stopped_early_ends);
	tcase_add_loop_test(
	    t, a_crew_that_was_cleared_goes_on_with_other_tasks, 0, 4);
	tcase_add_test(t, without_threads_the_owner_does_all);
	tcase_add_test(
	    t, a_crew_without_a_place_or_of_too_many_is_a_fault_of_ours);
	suite_add_tcase(s, t);
	return s;
}
