/*
 * jesc.h - the inside of a JSON string, decoded one character at a time.  For
 * strings that passed the scanner: every escape is whole.
 */
#ifndef TG_BASE_JESC_H
#define TG_BASE_JESC_H

#include <stdint.h>

#include "base/buf.h"
#include "base/sv.h"

/*
 * tg_jesc_step - decodes what begins at @raw[*i] into @out, moves *i behind it
 * and returns the bytes of @out used (1 to 4).  A byte that begins no escape
 * stands for itself.  A lone surrogate gives U+FFFD.
 */
uint32_t tg_jesc_step(char out[4], struct tg_sv raw, size_t *i);

/* tg_jesc_undo - cuts @b back to @n bytes, after an append that failed. */
static inline void
tg_jesc_undo(struct tg_buf *b, size_t n)
{
	b->n = n;
	if (b->p != NULL)
		b->p[n] = '\0';
}

#endif
