/*
 * bech32.h - Bech32 (BIP 173) without its length limit, as age keys use it:
 * an all-lower or all-upper text "<hrp>1<data><checksum>".  Nothing decoded
 * stays on the stack, so that it may carry secrets.
 */
#ifndef TG_PIPELINE_BUNDLE_BECH32_H
#define TG_PIPELINE_BUNDLE_BECH32_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

enum tg_bech32_case { TG_BECH32_LOWER, TG_BECH32_UPPER };

/* tg_bech32_add - appends the text of @n bytes under the lower-case @hrp. */
int tg_bech32_add(struct tg_buf *out, const char *hrp, const void *p, size_t n,
    enum tg_bech32_case letters, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_bech32_decode - exactly @n bytes from @s, which must be written in
 * @letters, have @hrp (given in lower case) and a right checksum, and zero
 * padding bits.  False otherwise; @out is then zeroed.
 */
bool tg_bech32_decode(void *out, size_t n, const char *hrp, struct tg_sv s,
    enum tg_bech32_case letters) TG_MUST_CHECK;

#endif
