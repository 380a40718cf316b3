/*
 * buf.h - a growing byte buffer with a mandatory ceiling.
 *
 * n bytes of p are in use.  An append that would pass max fails with
 * TG_E_LIMIT and leaves the buffer as it was; out of memory is TG_E_MEMORY.
 * p is NUL-terminated after each successful append (the NUL is not in n), so
 * that it may be handed to the OS.
 */
#ifndef TG_BASE_BUF_H
#define TG_BASE_BUF_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

struct tg_buf {
	char *p;
	size_t n;   /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* ceiling for n */
};

/* tg_buf_init - an empty buffer that never holds more than @max bytes. */
void tg_buf_init(struct tg_buf *b, size_t max);
/* tg_buf_deinit - frees; the buffer may be initialised again.  NULL is fine. */
void tg_buf_deinit(struct tg_buf *b);
/* tg_buf_wipe_deinit - the same, bytes overwritten first (secrets). */
void tg_buf_wipe_deinit(struct tg_buf *b);
/* tg_buf_reset - empty, memory kept. */
void tg_buf_reset(struct tg_buf *b);

int
tg_buf_reserve(struct tg_buf *b, size_t more, struct tg_err *err) TG_MUST_CHECK;
int tg_buf_add(struct tg_buf *b, const void *p, size_t n, struct tg_err *err)
    TG_MUST_CHECK;
int
tg_buf_adds(struct tg_buf *b, const char *s, struct tg_err *err) TG_MUST_CHECK;
int tg_buf_addsv(struct tg_buf *b, struct tg_sv s, struct tg_err *err)
    TG_MUST_CHECK;
int tg_buf_addc(struct tg_buf *b, char c, struct tg_err *err) TG_MUST_CHECK;
int tg_buf_addf(struct tg_buf *b, struct tg_err *err, const char *fmt, ...)
    TG_MUST_CHECK TG_PRINTF(3, 4);

static inline struct tg_sv
tg_buf_sv(const struct tg_buf *b)
{
	return (struct tg_sv){b->p == NULL ? "" : b->p, b->n};
}

#endif
