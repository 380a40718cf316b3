#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"

#include "base/banned.h"

#define ARENA_ALIGN 16
#define ARENA_FIRST 4096      /* bytes of the first block */
#define ARENA_GROW (1u << 20) /* blocks double up to this */

struct tg_arena_block {
	struct tg_arena_block *next; /* older */
	size_t cap;		     /* bytes of data */
	size_t n;		     /* bytes handed out */
	_Alignas(ARENA_ALIGN) unsigned char data[];
};

void
tg_arena_init(struct tg_arena *a, size_t max)
{
	*a = (struct tg_arena){.max = max};
}

static void
free_blocks(struct tg_arena_block *b)
{
	while (b != NULL) {
		struct tg_arena_block *const next = b->next;

		free(b);
		b = next;
	}
}

void
tg_arena_deinit(struct tg_arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a->head);
	a->head = NULL;
	a->used = 0;
}

/*
 * The newest block is kept: the largest, but for one made for a single large
 * request.  It serves the next record without a call to malloc.
 */
void
tg_arena_reset(struct tg_arena *a)
{
	if (a->head != NULL) {
		free_blocks(a->head->next);
		a->head->next = NULL;
		a->head->n = 0;
	}
	a->used = 0;
	a->full = false;
}

static bool
add_block(struct tg_arena *a, size_t n)
{
	size_t cap = ARENA_FIRST, bytes;
	struct tg_arena_block *b;

	if (a->head != NULL) {
		cap = a->head->cap;
		if (cap < ARENA_GROW)
			cap *= 2;
		else
			cap = ARENA_GROW;
	}
	if (cap < n)
		cap = n;
	if (!tg_size_add(&bytes, sizeof(*b), cap))
		return false;
	b = malloc(bytes);
	if (b == NULL)
		return false;
	b->next = a->head;
	b->cap = cap;
	b->n = 0;
	a->head = b;
	return true;
}

void *
tg_arena_alloc(struct tg_arena *a, size_t n)
{
	size_t used;
	void *p;

	if (n == 0)
		n = 1; /* every call has an address of its own */
	if (!tg_size_add(&n, n, ARENA_ALIGN - 1))
		return NULL;
	n -= n % ARENA_ALIGN;
	if (!tg_size_add(&used, a->used, n) || used > a->max) {
		a->full = true;
		return NULL;
	}
	if ((a->head == NULL || a->head->cap - a->head->n < n) &&
	    !add_block(a, n))
		return NULL;
	p = a->head->data + a->head->n;
	a->head->n += n;
	a->used = used;
	return memset(p, 0, n);
}

void *
tg_arena_calloc(struct tg_arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (!tg_size_mul(&bytes, n, size))
		return NULL;
	return tg_arena_alloc(a, bytes);
}

struct tg_sv
tg_arena_sv(struct tg_arena *a, struct tg_sv s)
{
	char *p = NULL;
	size_t n;

	if (tg_size_add(&n, s.n, 1))
		p = tg_arena_alloc(a, n);
	if (p == NULL)
		return (struct tg_sv){NULL, 0};
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct tg_sv){p, s.n};
}

char *
tg_arena_str(struct tg_arena *a, struct tg_sv s)
{
	char *p = NULL;
	size_t n;

	if (tg_size_add(&n, s.n, 1))
		p = tg_arena_alloc(a, n);
	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

char *
tg_arena_fmt(struct tg_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = tg_arena_alloc(a, (size_t)n + 1);
	if (p == NULL)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
