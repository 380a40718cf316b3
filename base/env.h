/*
 * env.h - everything impure is handed in: the clock, randomness, the
 * environment, the log.  Below cli/ nothing else may read them (promise 5).
 */
#ifndef TG_BASE_ENV_H
#define TG_BASE_ENV_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

struct tg_log;

struct tg_env {
	/* Seconds since 1970-01-01T00:00:00Z. */
	int64_t (*now)(void *ctx);
	/* Milliseconds of a clock that never goes back; for rates and waits. */
	int64_t (*mono_ms)(void *ctx);
	/* Waits about @ms; used only for retry back-off.  May be NULL. */
	void (*wait_ms)(void *ctx, int64_t ms);
	/* Fills @n bytes; never fails. */
	void (*random)(void *ctx, void *p, size_t n);
	/* The variable's value or NULL. */
	const char *(*get)(void *ctx, const char *name);
	void *ctx;
	struct tg_log *log; /* never NULL in the program; may be in tests */
};

/* tg_env_system - the real clock, the kernel's randomness, the process's
 * environment.  Called once, by cli/main.c.  log is NULL. */
struct tg_env tg_env_system(void);

/* A fixed clock and a BLAKE2b-based stream of a seed, for tests. */
struct tg_env_fixed {
	int64_t now;
	uint64_t seed;
	uint64_t drawn;
	const char *const *vars; /* name, value, name, value, NULL; or NULL */
	int64_t mono;		 /* mono_ms gives it and adds one */
};
struct tg_env tg_env_fixed(struct tg_env_fixed *ctx);

#define TG_TIME_LEN 21 /* "2026-11-24T23:59:59Z" and NUL */

/* RFC 3339, UTC, whole seconds; years 1970 to 9999. */
void tg_time_format(char out[TG_TIME_LEN], int64_t t);
/* Accepts "2026-11-24" (midnight UTC) and "2026-11-24T23:59:59Z". */
bool tg_time_parse(int64_t *out, struct tg_sv s) TG_MUST_CHECK;
/* Civil date of a time. */
void tg_time_civil(int64_t t, int *year, int *month, int *day);

#endif
