/*
 * prefilter_bytes.h - a set of byte values.
 */
#ifndef TG_REDACTORS_PREFILTER_BYTES_H
#define TG_REDACTORS_PREFILTER_BYTES_H

#include <stdbool.h>
#include <stdint.h>

struct tg_bytes {
	uint64_t w[4];
};

static inline bool
tg_bytes_has(const struct tg_bytes *s, unsigned char c)
{
	return (s->w[c >> 6] >> (c & 63)) & 1;
}

#endif
