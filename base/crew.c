#include "base/crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/banned.h"

#define STACK ((size_t)8 << 20) /* bytes; what the first thread has */
#define BATCH 8			/* tasks taken up at a time, at most; bits */

/*
 * Numbers of tasks count on; number n is in place n % places.  In order:
 * taken <= begun <= given.  Tasks are begun in their order.
 */
struct tg_crew {
	tg_crew_work work;
	void *ctx;
	size_t places;
	atomic_bool *done;   /* a place */
	size_t taken, given; /* written by the owner, under the lock */
	size_t begun;
	unsigned idle; /* helpers that wait */
	bool waits;    /* the owner does */
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t more; /* helpers: there may be something to begin */
	pthread_cond_t news; /* the owner: something was done */
	unsigned n_helper;
	struct helper {
		struct tg_crew *c;
		unsigned who;
		pthread_t thread;
	} helper[];
};

static bool
is_done(struct tg_crew *c, size_t task)
{
	return atomic_load_explicit(
	    &c->done[task % c->places], memory_order_acquire);
}

/* Tasks that a thread took up: from, from + 1, ...; those with their bit in
 * @todo are to be done, the others were given as done. */
struct batch {
	size_t from, n;
	unsigned todo;
};

/* Few at a time while there is little to do, so that nobody is left without;
 * n is 0 when there is nothing.  Under the lock: what was given as done may be
 * taken, and its place given anew, as soon as it is begun. */
static struct batch
begin(struct tg_crew *c, size_t max)
{
	const size_t left = c->given - c->begun;
	struct batch b = {
	    .from = c->begun, .n = left / (2 * ((size_t)c->n_helper + 1))};

	b.n = b.n > max ? max : b.n == 0 ? 1 : b.n;
	if (b.n > left)
		b.n = left;
	for (size_t i = 0; i < b.n; i++)
		if (!is_done(c, b.from + i))
			b.todo |= 1u << i;
	c->begun += b.n;
	return b;
}

static void
carry_out(struct tg_crew *c, unsigned who, const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const size_t place = (b->from + i) % c->places;

		if (!(b->todo & 1u << i))
			continue;
		c->work(c->ctx, who, place);
		atomic_store_explicit(
		    &c->done[place], true, memory_order_release);
	}
}

static void *
help(void *arg)
{
	const struct helper *h = arg;
	struct tg_crew *c = h->c;

	(void)pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		const struct batch b = begin(c, BATCH);

		if (b.n == 0) {
			c->idle++;
			(void)pthread_cond_wait(&c->more, &c->lock);
			c->idle--;
			continue;
		}
		(void)pthread_mutex_unlock(&c->lock);
		carry_out(c, h->who, &b);
		(void)pthread_mutex_lock(&c->lock);
		if (c->waits)
			(void)pthread_cond_signal(&c->news);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* As many helpers as can be had. */
static void
hire(struct tg_crew *c, unsigned helpers)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, STACK) == 0)
		while (c->n_helper < helpers) {
			struct helper *h = &c->helper[c->n_helper];

			*h = (struct helper){.c = c, .who = c->n_helper + 1};
			if (pthread_create(&h->thread, &attr, help, h) != 0)
				break;
			(void)pthread_mutex_lock(&c->lock);
			c->n_helper++;
			(void)pthread_mutex_unlock(&c->lock);
		}
	(void)pthread_attr_destroy(&attr);
}

int
tg_crew_new(struct tg_crew **out, unsigned helpers, size_t places,
    tg_crew_work work, void *ctx, struct tg_err *err)
{
	struct tg_crew *c;

	if (helpers > TG_CREW_HELPERS || places == 0)
		return tg_fail(err, TG_E_BUG, "a crew of %u over %zu places",
		    helpers, places);
	c = calloc(1, sizeof(*c) + helpers * sizeof(c->helper[0]));
	if (c == NULL)
		return tg_fail_memory(err);
	c->done = calloc(places, sizeof(*c->done));
	if (c->done == NULL) {
		free(c);
		return tg_fail_memory(err);
	}
	c->work = work;
	c->ctx = ctx;
	c->places = places;
	/* Without attributes these do not fail (glibc). */
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->more, NULL);
	(void)pthread_cond_init(&c->news, NULL);
	hire(c, helpers);
	*out = c;
	return 0;
}

void
tg_crew_free(struct tg_crew *c)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->stop = true;
	(void)pthread_cond_broadcast(&c->more);
	(void)pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->n_helper; i++)
		(void)pthread_join(c->helper[i].thread, NULL);
	(void)pthread_mutex_destroy(&c->lock);
	(void)pthread_cond_destroy(&c->more);
	(void)pthread_cond_destroy(&c->news);
	free(c->done);
	free(c);
}

unsigned
tg_crew_helpers(const struct tg_crew *c)
{
	return c->n_helper;
}

size_t
tg_crew_out(const struct tg_crew *c)
{
	return c->given - c->taken;
}

bool
tg_crew_place(const struct tg_crew *c, size_t *place)
{
	*place = c->given % c->places;
	return tg_crew_out(c) < c->places;
}

void
tg_crew_give(struct tg_crew *c, bool done)
{
	atomic_store_explicit(
	    &c->done[c->given % c->places], done, memory_order_relaxed);
	(void)pthread_mutex_lock(&c->lock);
	c->given++;
	if (c->idle > 0 && !done)
		(void)pthread_cond_signal(&c->more);
	(void)pthread_mutex_unlock(&c->lock);
}

/* The owner does what nobody has begun, or waits, until @task is done. */
static void
until_done(struct tg_crew *c, size_t task)
{
	(void)pthread_mutex_lock(&c->lock);
	while (!is_done(c, task)) {
		const struct batch b = begin(c, 1);

		if (b.n == 0) {
			c->waits = true;
			(void)pthread_cond_wait(&c->news, &c->lock);
			c->waits = false;
			continue;
		}
		(void)pthread_mutex_unlock(&c->lock);
		carry_out(c, 0, &b);
		(void)pthread_mutex_lock(&c->lock);
	}
	(void)pthread_mutex_unlock(&c->lock);
}

bool
tg_crew_oldest(struct tg_crew *c, bool wait, size_t *place)
{
	*place = c->taken % c->places;
	if (c->taken == c->given)
		return false;
	if (is_done(c, c->taken))
		return true;
	if (wait)
		until_done(c, c->taken);
	return wait;
}

void
tg_crew_taken(struct tg_crew *c)
{
	(void)pthread_mutex_lock(&c->lock);
	/* One that was given as done may not have been begun. */
	if (c->begun == c->taken)
		c->begun++;
	c->taken++;
	(void)pthread_mutex_unlock(&c->lock);
}

void
tg_crew_clear(struct tg_crew *c)
{
	size_t begun;

	(void)pthread_mutex_lock(&c->lock);
	begun = c->begun;
	c->given = begun; /* the rest is not begun any more */
	(void)pthread_mutex_unlock(&c->lock);
	for (size_t i = c->taken; i < begun; i++)
		until_done(c, i);
	(void)pthread_mutex_lock(&c->lock);
	c->taken = begun;
	(void)pthread_mutex_unlock(&c->lock);
}
