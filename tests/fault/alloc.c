#include "tests/fault/alloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "base/num.h"

#include "base/banned.h"

#define FAULT_MAX 100000 /* allocations of one scenario */
#define FAULT_AGAIN 4	 /* runs that tell a leak from a cache that fills */

#if defined(__SANITIZE_ADDRESS__)
#define FAULT_WRAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FAULT_WRAP 1
#endif
#endif
#ifndef FAULT_WRAP
#define FAULT_WRAP 0
#endif

static long countdown; /* 0: not armed */
static bool fired;
static long live; /* blocks not yet given back; only without wrap */

/* Whether this allocation is the one. */
static bool
fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	fired = true;
	errno = ENOMEM;
	return true;
}

#if FAULT_WRAP

#define MALLOC __wrap_malloc
#define CALLOC __wrap_calloc
#define REALLOC __wrap_realloc
#define REALLOCARRAY __wrap_reallocarray
#define real_malloc __real_malloc
#define real_calloc __real_calloc
#define real_realloc __real_realloc

#else

#define MALLOC malloc
#define CALLOC calloc
#define REALLOC realloc
#define REALLOCARRAY reallocarray
#define real_malloc __libc_malloc
#define real_calloc __libc_calloc
#define real_realloc __libc_realloc

void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

#endif

void *real_malloc(size_t n);
void *real_calloc(size_t n, size_t size);
void *real_realloc(void *p, size_t n);
void *MALLOC(size_t n);
void *CALLOC(size_t n, size_t size);
void *REALLOC(void *p, size_t n);
void *REALLOCARRAY(void *p, size_t n, size_t size);

static void *
taken(void *p)
{
	if (p != NULL)
		__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	return p;
}

void *
MALLOC(size_t n)
{
	return fails() ? NULL : taken(real_malloc(n));
}

void *
CALLOC(size_t n, size_t size)
{
	return fails() ? NULL : taken(real_calloc(n, size));
}

void *
REALLOC(void *p, size_t n)
{
	void *q;

	if (fails())
		return NULL;
	q = real_realloc(p, n);
	return p == NULL ? taken(q) : q;
}

void *
REALLOCARRAY(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (!tg_size_mul(&bytes, n, size)) {
		errno = ENOMEM;
		return NULL;
	}
	return REALLOC(p, bytes);
}

#if !FAULT_WRAP

int
posix_memalign(void **out, size_t align, size_t n)
{
	void *p;

	if (fails())
		return ENOMEM;
	p = taken(__libc_memalign(align, n));
	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}

void *
aligned_alloc(size_t align, size_t n)
{
	return fails() ? NULL : taken(__libc_memalign(align, n));
}

void
free(void *p)
{
	if (p != NULL)
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	__libc_free(p);
}

#endif

/* One run with the @n-th allocation failing (0: none); what it kept. */
static long
run_once(const struct tg_fault_row *row, long n, int *rc, struct tg_err *err)
{
	const long before = live;

	tg_err_clear(err);
	fired = false;
	countdown = n;
	*rc = row->run(err);
	countdown = 0;
	return live - before;
}

/* Kept at each of several runs: not a cache that is filled once.  With wrap,
 * free is not counted. */
static bool
leaks(const struct tg_fault_row *row, long n)
{
	struct tg_err err;
	int rc;

	if (FAULT_WRAP)
		return false;
	for (int i = 0; i < FAULT_AGAIN; i++)
		if (run_once(row, n, &rc, &err) <= 0)
			return false;
	return true;
}

/* NULL when run @n was as it must be, else what was wrong. */
static const char *
judge(const struct tg_fault_row *row, long n, int rc, const struct tg_err *err)
{
	if (rc != 0 && !fired)
		return "an error without a cause";
	if (rc != 0 && err->text[0] == '\0')
		return "an error without a text";
	if (rc != 0 && tg_err_exit(err->cls) != tg_err_exit(TG_E_MEMORY))
		return "an error of another class";
	return leaks(row, n) ? "memory kept" : NULL;
}

static bool
row_passes(const struct tg_fault_row *row)
{
	struct tg_err err;
	long absorbed = 0, n;
	const char *wrong;
	int rc;

	/* Caches fill, and the scenario shows that it can succeed. */
	(void)run_once(row, 0, &rc, &err);
	if (rc != 0) {
		(void)printf(
		    "FAIL %-24s without a fault: %s\n", row->name, err.text);
		return false;
	}
	for (n = 1; n <= FAULT_MAX; n++) {
		bool hit;

		(void)run_once(row, n, &rc, &err);
		hit = fired;
		wrong = judge(row, n, rc, &err);
		if (wrong != NULL) {
			(void)printf("FAIL %-24s allocation %ld: %s (%s)\n",
			    row->name, n, wrong, err.text);
			return false;
		}
		if (!hit)
			break;
		absorbed += rc == 0;
	}
	if (n == 1 || n > FAULT_MAX) {
		(void)printf("FAIL %-24s %s\n", row->name,
		    n == 1 ? "no allocation was examined" : "does not end");
		return false;
	}
	(void)printf(
	    "ok   %-24s %ld allocations failed in turn, %ld absorbed\n",
	    row->name, n - 1, absorbed);
	return true;
}

int
tg_fault_rows(const struct tg_fault_row *row, size_t n)
{
	size_t passed = 0;

	/* The stream's own buffer is taken before anything is counted. */
	(void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (size_t i = 0; i < n; i++)
		passed += row_passes(&row[i]);
	(void)printf("%zu passed, %zu failed\n", passed, n - passed);
	return n > 0 && passed == n ? EXIT_SUCCESS : EXIT_FAILURE;
}

char *tg_fault_scratch;

static int
start(int (*prepare)(struct tg_err *err), struct tg_err *err)
{
	const char *const tmp = getenv("TMPDIR");

	if (tg_crypt_init(err) < 0)
		return -1;
	tg_fault_scratch =
	    tg_fs_join(tmp == NULL ? "/tmp" : tmp, "tracegate-fault-XXXXXX");
	if (tg_fault_scratch == NULL || mkdtemp(tg_fault_scratch) == NULL)
		return tg_fail(err, TG_E_IO, "no folder to work in");
	return prepare(err);
}

int
tg_fault_main(const struct tg_fault_row *row, size_t n,
    int (*prepare)(struct tg_err *err))
{
	struct tg_err err;
	int rc = EXIT_FAILURE;

	tg_err_clear(&err);
	if (start(prepare, &err) == 0)
		rc = tg_fault_rows(row, n);
	else
		(void)fprintf(stderr, "%s\n", err.text);
	if (tg_fault_scratch != NULL &&
	    tg_fs_remove_tree(tg_fault_scratch, &err) < 0)
		rc = EXIT_FAILURE;
	free(tg_fault_scratch);
	tg_fault_scratch = NULL;
	return rc;
}
