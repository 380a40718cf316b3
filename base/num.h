/* num.h - sizes that cannot overflow, numbers parsed whole. */
#ifndef TG_BASE_NUM_H
#define TG_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/sv.h"

/* *out = a + b, a * b; false when it does not fit (then *out is untouched). */
bool tg_size_add(size_t *out, size_t a, size_t b) TG_MUST_CHECK;
bool tg_size_mul(size_t *out, size_t a, size_t b) TG_MUST_CHECK;

/*
 * Decimal, the whole text, no sign (u64) or an optional '-' (i64), no space;
 * false when malformed or outside min..max (then *out is untouched).
 */
bool tg_parse_u64(uint64_t *out, struct tg_sv s, uint64_t min, uint64_t max)
    TG_MUST_CHECK;
bool tg_parse_i64(int64_t *out, struct tg_sv s, int64_t min, int64_t max)
    TG_MUST_CHECK;

/*
 * A ratio 0..1 with up to nine decimals ("0.01", "1", "1.0") in parts per
 * billion; false when malformed or above 1.  Exact: no floating point.
 */
bool tg_parse_ratio_ppb(uint64_t *out, struct tg_sv s) TG_MUST_CHECK;

#endif
