#include "base/enc.h"

#include "base/num.h"

#include "base/banned.h"

static const char b64_digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char b32_digit[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char hex_digit[] = "0123456789abcdef";

/* Digits of the @n (1 to 3) bytes at @p. */
static size_t
b64_group(char out[4], const uint8_t *p, size_t n)
{
	const uint32_t v = (uint32_t)p[0] << 16 |
	    (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? (uint32_t)p[2] : 0);

	for (size_t i = 0; i < 4; i++)
		out[i] = b64_digit[v >> (18 - 6 * i) & 63];
	return n + 1;
}

int
tg_b64_add(struct tg_buf *out, const void *p, size_t n, enum tg_b64_pad pad,
    struct tg_err *err)
{
	const uint8_t *const in = p;
	size_t need;

	/* One reservation, so that a failure adds nothing. */
	if (!tg_size_mul(&need, n / 3, 4) || !tg_size_add(&need, need, 4))
		return tg_fail(err, TG_E_LIMIT, "too long for base64");
	need -= 4;
	if (n % 3 != 0)
		need += pad == TG_B64_PADDED ? 4 : n % 3 + 1;
	if (tg_buf_reserve(out, need, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i += 3) {
		const size_t left = n - i < 3 ? n - i : 3;
		char group[4];
		size_t len = b64_group(group, in + i, left);

		if (pad == TG_B64_PADDED)
			while (len < 4)
				group[len++] = '=';
		memcpy(out->p + out->n, group, len);
		out->n += len;
	}
	out->p[out->n] = '\0';
	return 0;
}

static int
b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Takes the padding off; false when there is not exactly what is due. */
static bool
b64_strip(struct tg_sv *s, enum tg_b64_pad pad)
{
	size_t due;

	if (pad == TG_B64_BARE)
		return s->n % 4 != 1;
	if (s->n % 4 != 0)
		return false;
	for (due = 0; due < 2 && s->n > 0 && s->p[s->n - 1] == '='; due++)
		s->n--;
	return true;
}

bool
tg_b64_decode(
    void *out, size_t cap, size_t *n, struct tg_sv s, enum tg_b64_pad pad)
{
	uint8_t *const to = out;
	uint32_t acc = 0;
	unsigned int bits = 0;
	size_t len = 0;

	if (!b64_strip(&s, pad))
		return false;
	if (s.n / 4 * 3 + (s.n % 4 * 3) / 4 > cap)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const int v = b64_value(s.p[i]);

		if (v < 0)
			return false;
		acc = (acc << 6 | (uint32_t)v) & 0xFFFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			to[len++] = (uint8_t)(acc >> bits & 0xFF);
		}
	}
	if ((acc & ((1u << bits) - 1)) != 0)
		return false; /* tail bits that encoding would not give */
	*n = len;
	return true;
}

void
tg_hex(char *out, const void *p, size_t n)
{
	const uint8_t *const in = p;

	for (size_t i = 0; i < n; i++) {
		*out++ = hex_digit[in[i] >> 4];
		*out++ = hex_digit[in[i] & 15];
	}
	*out = '\0';
}

int
tg_hex_add(struct tg_buf *out, const void *p, size_t n, struct tg_err *err)
{
	size_t need;

	if (!tg_size_mul(&need, n, 2))
		return tg_fail(err, TG_E_LIMIT, "too long for hex");
	if (tg_buf_reserve(out, need, err) < 0)
		return -1;
	tg_hex(out->p + out->n, p, n);
	out->n += need;
	return 0;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
tg_hex_decode(void *out, size_t n, struct tg_sv s)
{
	uint8_t *const to = out;

	if (s.n % 2 != 0 || s.n / 2 != n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (hex_value(s.p[i]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(hex_value(s.p[2 * i]) << 4 |
		    hex_value(s.p[2 * i + 1]));
	return true;
}

void
tg_base32(char *out, const void *p, size_t n)
{
	const uint8_t *const in = p;
	uint32_t acc = 0;
	unsigned int bits = 0;

	for (size_t i = 0; i < n; i++) {
		acc = (acc << 8 | in[i]) & 0xFFFF;
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			*out++ = b32_digit[acc >> bits & 31];
		}
	}
	if (bits > 0)
		*out++ = b32_digit[acc << (5 - bits) & 31];
	*out = '\0';
}

/* Length of the valid sequence at @p, 0 when there is none.  The ranges of
 * the second byte are those of RFC 3629 section 4. */
static size_t
utf8_seq(const uint8_t *p, size_t n)
{
	uint8_t lo = 0x80, hi = 0xBF;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (p[0] == 0xE0)
		lo = 0xA0;
	else if (p[0] == 0xED)
		hi = 0x9F;
	else if (p[0] == 0xF0)
		lo = 0x90;
	else if (p[0] == 0xF4)
		hi = 0x8F;
	if (n < len || p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return len;
}

size_t
tg_utf8_valid(struct tg_sv s)
{
	const uint8_t *const p = (const uint8_t *)s.p;
	size_t i = 0;

	while (i < s.n) {
		uint64_t word;
		size_t len;

		while (s.n - i >= sizeof(word)) {
			memcpy(&word, p + i, sizeof(word));
			word &= UINT64_C(0x8080808080808080);
			if (word != 0) {
				/* Little-endian: the first byte is lowest. */
				i += (size_t)__builtin_ctzll(word) / 8;
				break;
			}
			i += sizeof(word);
		}
		if (i == s.n)
			break;
		len = utf8_seq(p + i, s.n - i);
		if (len == 0)
			break;
		i += len;
	}
	return i;
}
