/*
 * arena.h - bump allocation with one release.  One arena a record (reset after
 * each), one a plan (the whole run).  Memory is zeroed and aligned to 16.
 */
#ifndef TG_BASE_ARENA_H
#define TG_BASE_ARENA_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

struct tg_arena_block;

struct tg_arena {
	struct tg_arena_block *head;
	size_t used; /* bytes handed out since the last reset */
	size_t max;  /* ceiling for used; above it NULL is returned */
	bool full;   /* the ceiling was met since the last reset */
};

void tg_arena_init(struct tg_arena *a, size_t max);
void tg_arena_deinit(struct tg_arena *a);
/* tg_arena_reset - everything handed out is invalid; one block is kept. */
void tg_arena_reset(struct tg_arena *a);

/* NULL when out of memory or over the ceiling. */
void *tg_arena_alloc(struct tg_arena *a, size_t n) TG_MUST_CHECK;
void *tg_arena_calloc(struct tg_arena *a, size_t n, size_t size) TG_MUST_CHECK;
/* tg_arena_str - a NUL-terminated copy. */
char *tg_arena_str(struct tg_arena *a, struct tg_sv s) TG_MUST_CHECK;
/* tg_arena_sv - a copy; p is NULL on failure. */
struct tg_sv tg_arena_sv(struct tg_arena *a, struct tg_sv s) TG_MUST_CHECK;
/* tg_arena_fmt - formatted, NUL-terminated; NULL on failure. */
char *tg_arena_fmt(struct tg_arena *a, const char *fmt, ...)
    TG_MUST_CHECK TG_PRINTF(2, 3);

#endif
