/*
 * tokens_priv.h - what tokens.c (what the pieces say together) and
 * tokens_here.c (which arrays have pieces) share.
 */
#ifndef TG_PIPELINE_TOKENS_PRIV_H
#define TG_PIPELINE_TOKENS_PRIV_H

#include "pipeline/tokens.h"

/* The string of element @i: itself, or what stands in its object under a name
 * of tokens.  UINT32_MAX: it has none. */
uint32_t tg_tokens_string(const struct tg_jdoc *d, uint32_t i);

/* The number of element @i that is none of the above: itself, or the value of
 * an OTLP AnyValue (a number, or a string of digits).  UINT32_MAX: none. */
uint32_t tg_tokens_number(const struct tg_jdoc *d, uint32_t i);

/* Whether @i stands under a name of tokens. */
bool tg_tokens_named(const struct tg_jdoc *d, uint32_t i);

#endif
