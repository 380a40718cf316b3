#include "pipeline/sources/tensor_value.h"

#include <math.h>
#include <string.h>

#include "base/banned.h"

bool
tg_tensor_value_can(enum tg_dtype dtype)
{
	return tg_dtype_is_index(dtype) || dtype == TG_DTYPE_U8 ||
	    dtype == TG_DTYPE_I8 || dtype == TG_DTYPE_F16 ||
	    dtype == TG_DTYPE_BF16 || dtype == TG_DTYPE_F32 ||
	    dtype == TG_DTYPE_F64;
}

static double
single(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return (double)f;
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction. */
static double
half(uint64_t v)
{
	const unsigned exponent = v >> 10 & 0x1f;
	const double fraction = (double)(v & 0x3ff);
	double size;

	if (exponent == 0x1f)
		size = (v & 0x3ff) == 0 ? (double)INFINITY : (double)NAN;
	else if (exponent == 0)
		size = ldexp(fraction, -24);
	else
		size = ldexp(fraction + 1024, (int)exponent - 25);
	return (v >> 15 & 1) != 0 ? -size : size;
}

double
tg_tensor_value(enum tg_dtype dtype, const uint8_t *p)
{
	const unsigned bits = tg_dtype_bits(dtype);
	uint64_t v = 0;
	double d;

	for (unsigned m = 0; m < bits / 8; m++)
		v |= (uint64_t)p[m] << (8 * m);
	if (dtype == TG_DTYPE_F16)
		return half(v);
	if (dtype == TG_DTYPE_BF16)
		return single((uint32_t)v << 16);
	if (dtype == TG_DTYPE_F32)
		return single((uint32_t)v);
	if (dtype == TG_DTYPE_F64) {
		memcpy(&d, &v, sizeof(d));
		return d;
	}
	if (dtype == TG_DTYPE_U8 || dtype == TG_DTYPE_U16 ||
	    dtype == TG_DTYPE_U32 || dtype == TG_DTYPE_U64)
		return (double)v;
	/* Two's complement. */
	if ((v >> (bits - 1) & 1) == 0)
		return (double)v;
	return -(double)((~v + 1) & (UINT64_MAX >> (64 - bits)));
}
