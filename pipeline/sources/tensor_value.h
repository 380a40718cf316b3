/*
 * tensor_value.h - one element of a tensor as a number.
 */
#ifndef TG_PIPELINE_SOURCES_TENSOR_VALUE_H
#define TG_PIPELINE_SOURCES_TENSOR_VALUE_H

#include "pipeline/sources/tensor.h"

/* Whether elements of @dtype are numbers that are read here: whole ones, F16,
 * BF16 (the upper half of F32), F32, F64 (IEEE 754). */
bool tg_tensor_value_can(enum tg_dtype dtype);
/* The little-endian element at @p of such a type; may be infinite or NaN. */
double tg_tensor_value(enum tg_dtype dtype, const uint8_t *p);

#endif
