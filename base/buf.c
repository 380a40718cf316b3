#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "base/num.h"

#include "base/banned.h"

#define BUF_FIRST 256 /* bytes of the first allocation */

void
tg_buf_init(struct tg_buf *b, size_t max)
{
	*b = (struct tg_buf){NULL, 0, 0, max};
}

void
tg_buf_deinit(struct tg_buf *b)
{
	if (b == NULL)
		return;
	free(b->p);
	*b = (struct tg_buf){NULL, 0, 0, b->max};
}

void
tg_buf_wipe_deinit(struct tg_buf *b)
{
	if (b == NULL)
		return;
	if (b->p != NULL)
		tg_crypt_wipe(b->p, b->cap);
	tg_buf_deinit(b);
}

void
tg_buf_reset(struct tg_buf *b)
{
	b->n = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

/*
 * Not realloc: it may leave a copy of a secret in memory that was freed, and
 * tg_buf_wipe_deinit would not reach it.
 */
static int
grow(struct tg_buf *b, size_t need, struct tg_err *err)
{
	size_t cap = b->cap == 0 ? BUF_FIRST : b->cap;
	char *p;

	while (cap < need)
		if (!tg_size_mul(&cap, cap, 2))
			cap = need;
	if (cap > b->max && b->max < SIZE_MAX)
		cap = b->max + 1; /* and the NUL; need is not above it */
	p = malloc(cap);
	if (p == NULL)
		return tg_fail_memory(err);
	if (b->p != NULL) {
		memcpy(p, b->p, b->n);
		tg_crypt_wipe(b->p, b->n);
		free(b->p);
	}
	p[b->n] = '\0';
	b->p = p;
	b->cap = cap;
	return 0;
}

/* Room for @more bytes and the NUL, as it is. */
static inline bool
fits(const struct tg_buf *b, size_t more)
{
	return b->cap > b->n && more < b->cap - b->n && b->n <= b->max &&
	    more <= b->max - b->n;
}

int
tg_buf_reserve(struct tg_buf *b, size_t more, struct tg_err *err)
{
	size_t need;

	if (fits(b, more))
		return 0;
	if (!tg_size_add(&need, b->n, more) || need > b->max ||
	    !tg_size_add(&need, need, 1))
		return tg_fail(
		    err, TG_E_LIMIT, "larger than %zu bytes", b->max);
	if (need <= b->cap)
		return 0;
	return grow(b, need, err);
}

int
tg_buf_add(struct tg_buf *b, const void *p, size_t n, struct tg_err *err)
{
	if (!fits(b, n) && tg_buf_reserve(b, n, err) < 0)
		return -1;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
	return 0;
}

int
tg_buf_adds(struct tg_buf *b, const char *s, struct tg_err *err)
{
	return tg_buf_add(b, s, strlen(s), err);
}

int
tg_buf_addsv(struct tg_buf *b, struct tg_sv s, struct tg_err *err)
{
	return tg_buf_add(b, s.p, s.n, err);
}

int
tg_buf_addc(struct tg_buf *b, char c, struct tg_err *err)
{
	if (!fits(b, 1) && tg_buf_reserve(b, 1, err) < 0)
		return -1;
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
	return 0;
}

int
tg_buf_addf(struct tg_buf *b, struct tg_err *err, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return tg_fail(err, TG_E_BUG, "text cannot be formatted");
	if (tg_buf_reserve(b, (size_t)n, err) < 0)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
	return 0;
}
