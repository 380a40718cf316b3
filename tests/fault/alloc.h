/*
 * alloc.h - memory that runs out on purpose.  A scenario is run again and
 * again; in run n its n-th allocation fails, until a run has fewer than n.
 * Each run must give the right result or a clean error (exit class 6), and
 * must not keep memory.
 *
 * Without a sanitizer malloc, calloc, realloc, free and the aligned kin of the
 * whole process are ours (they lead to glibc's), so that what libyaml,
 * jansson, libcrypto and libc ask for fails too.  Under AddressSanitizer only
 * what our own objects ask for fails: link with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray; leaks
 * are then LeakSanitizer's to find.
 */
#ifndef TG_TESTS_FAULT_ALLOC_H
#define TG_TESTS_FAULT_ALLOC_H

#include <stddef.h>

#include "base/err.h"

struct tg_fault_row {
	const char *name;
	/*
	 * 0: done, and what came out was looked at and is right (a wrong
	 * result is TG_E_BUG); -1: failed, with err.  Everything it took is
	 * given back either way.
	 */
	int (*run)(struct tg_err *err);
};

/*
 * tg_fault_rows - runs each row through all its allocations and prints a line
 * for each, then "N passed, N failed".  Returns the exit status: 0 when all
 * passed.  A row without an allocation that failed is a failure.
 */
int tg_fault_rows(const struct tg_fault_row *row, size_t n);

/* The folder that tg_fault_main works in; NULL outside of it. */
extern char *tg_fault_scratch;

/*
 * tg_fault_main - tg_fault_rows in a new folder below TMPDIR, which is removed
 * at the end; @prepare fills it first, and what it takes in memory stays the
 * caller's.  Returns the exit status.
 */
int tg_fault_main(const struct tg_fault_row *row, size_t n,
    int (*prepare)(struct tg_err *err));

#endif
