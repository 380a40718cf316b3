/*
 * enc.h - strict text encodings of bytes: hex, base64 (RFC 4648 section 4),
 * base32 lower case without padding.
 *
 * The one base64 decoder of the tree: libsodium 1.0.18's accepts every byte
 * from 0x80 to 0xFF as '/'.  Ours refuses anything that encoding again would
 * not give back: foreign bytes, white space, non-zero tail bits.
 */
#ifndef TG_BASE_ENC_H
#define TG_BASE_ENC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

enum tg_b64_pad { TG_B64_PADDED, TG_B64_BARE };

int tg_b64_add(struct tg_buf *out, const void *p, size_t n, enum tg_b64_pad pad,
    struct tg_err *err) TG_MUST_CHECK;
/* Into @out of @cap bytes; *@n gets the length; false when not canonical or
 * too long. */
bool tg_b64_decode(void *out, size_t cap, size_t *n, struct tg_sv s,
    enum tg_b64_pad pad) TG_MUST_CHECK;

int tg_hex_add(struct tg_buf *out, const void *p, size_t n, struct tg_err *err)
    TG_MUST_CHECK;
/* Writes 2 * n lower-case digits and NUL. */
void tg_hex(char *out, const void *p, size_t n);
/* Exactly @n bytes from 2 * n digits of either case. */
bool tg_hex_decode(void *out, size_t n, struct tg_sv s) TG_MUST_CHECK;

/* Lower-case RFC 4648 base32 without padding, NUL-terminated; @out holds
 * (n * 8 + 4) / 5 + 1 bytes. */
void tg_base32(char *out, const void *p, size_t n);

/* Length in bytes of the longest valid UTF-8 prefix (RFC 3629). */
size_t tg_utf8_valid(struct tg_sv s);

#endif
