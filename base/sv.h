/*
 * sv.h - borrowed text.
 *
 * struct tg_sv is text that may be printed: configuration, paths, identifiers
 * of ours.  struct tg_trace_text is text that came out of a trace and may hold
 * personal data; it is a type of its own, so that no log, error or report
 * function can be called with it by mistake (design, promise 1).
 */
#ifndef TG_BASE_SV_H
#define TG_BASE_SV_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct tg_sv {
	const char *p;
	size_t n; /* bytes */
};

struct tg_trace_text {
	const char *bytes;
	size_t n; /* bytes */
};

#define TG_SV(lit) ((struct tg_sv){(lit), sizeof(lit) - 1})

/* For printf("%.*s", TG_SV_FMT(sv)). */
#define TG_SV_FMT(sv) (int)(sv).n, (sv).p

static inline struct tg_sv
tg_sv_of(const char *s)
{
	return (struct tg_sv){s, s == NULL ? 0 : strlen(s)};
}

static inline bool
tg_sv_eq(struct tg_sv a, struct tg_sv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
tg_sv_is(struct tg_sv a, const char *s)
{
	return tg_sv_eq(a, tg_sv_of(s));
}

static inline bool
tg_sv_starts(struct tg_sv a, struct tg_sv head)
{
	return a.n >= head.n &&
	    (head.n == 0 || memcmp(a.p, head.p, head.n) == 0);
}

/* 0 to 9, in any locale. */
static inline bool
tg_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytewise order, as LC_ALL=C sort. */
static inline int
tg_sv_cmp(struct tg_sv a, struct tg_sv b)
{
	const size_t n = a.n < b.n ? a.n : b.n;
	const int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

#endif
