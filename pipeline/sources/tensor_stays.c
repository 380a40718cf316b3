/* tensor_stays.c - which tokens of a tensor file stay, and which numbers. */
#include "pipeline/sources/tensor_filter.h"
#include "base/banned.h"

bool
tg_tensor_token_stays(const struct tg_tensor_filter *x, uint64_t c, uint64_t p)
{
	return c < x->roles->contexts && p < x->keep[c] &&
	    !tg_bits_has(x->struck, c * x->roles->positions + p);
}

bool
tg_tensor_stays(const struct tg_tensor_filter *x, uint64_t c, uint64_t p)
{
	return tg_tensor_token_stays(x, c, p) &&
	    (x->bare == NULL || !x->bare[c]);
}

bool
tg_tensor_all_stay(const struct tg_tensor_filter *x, uint64_t c, uint64_t n)
{
	if (x->keep[c] < n || (x->bare != NULL && x->bare[c]))
		return false;
	for (uint64_t p = 0; p < n && x->struck != NULL; p++)
		if (!tg_tensor_token_stays(x, c, p))
			return false;
	return true;
}
