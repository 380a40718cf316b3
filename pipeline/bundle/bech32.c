#include "pipeline/bundle/bech32.h"

#include "base/crypt.h"

#include "base/banned.h"

/* BIP 173, "Bech32": the character of each 5-bit value. */
static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

#define CHECKSUM 6 /* characters */

/* One step of the BCH code over GF(32), BIP 173 "Checksum". */
static uint32_t
polymod(uint32_t c, unsigned v)
{
	static const uint32_t gen[5] = {
	    0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	const uint32_t top = c >> 25;

	c = (c & 0x1ffffff) << 5 ^ (uint32_t)v;
	for (unsigned i = 0; i < 5; i++)
		if ((top >> i & 1) != 0)
			c ^= gen[i];
	return c;
}

static uint32_t
polymod_hrp(const char *hrp)
{
	uint32_t c = 1;

	for (const char *p = hrp; *p != '\0'; p++)
		c = polymod(c, (unsigned char)*p >> 5);
	c = polymod(c, 0);
	for (const char *p = hrp; *p != '\0'; p++)
		c = polymod(c, (unsigned char)*p & 31);
	return c;
}

static char
letter(unsigned v, enum tg_bech32_case letters)
{
	const char c = digits[v & 31];

	if (letters == TG_BECH32_UPPER && c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	return c;
}

static int
add_digit(struct tg_buf *out, uint32_t *c, unsigned v,
    enum tg_bech32_case letters, struct tg_err *err)
{
	*c = polymod(*c, v);
	return tg_buf_addc(out, letter(v, letters), err);
}

static int
add_hrp(struct tg_buf *out, const char *hrp, enum tg_bech32_case letters,
    struct tg_err *err)
{
	for (const char *p = hrp; *p != '\0'; p++) {
		char c = *p;

		if (letters == TG_BECH32_UPPER && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (tg_buf_addc(out, c, err) < 0)
			return -1;
	}
	return tg_buf_addc(out, '1', err);
}

int
tg_bech32_add(struct tg_buf *out, const char *hrp, const void *p, size_t n,
    enum tg_bech32_case letters, struct tg_err *err)
{
	const uint8_t *const in = p;
	uint32_t c = polymod_hrp(hrp), acc = 0;
	unsigned bits = 0;

	if (add_hrp(out, hrp, letters, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		acc = (acc << 8 | in[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			if (add_digit(out, &c, acc >> (bits - 5) & 31, letters,
				err) < 0)
				return -1;
	}
	if (bits > 0 &&
	    add_digit(out, &c, acc << (5 - bits) & 31, letters, err) < 0)
		return -1;
	for (unsigned i = 0; i < CHECKSUM; i++)
		c = polymod(c, 0);
	c ^= 1;
	for (unsigned i = 0; i < CHECKSUM; i++)
		if (tg_buf_addc(
			out, letter(c >> 5 * (5 - i) & 31, letters), err) < 0)
			return -1;
	return 0;
}

/* The value of a character, or -1: foreign, or the other case. */
static int
value(char ch, enum tg_bech32_case letters)
{
	if (ch >= 'A' && ch <= 'Z') {
		if (letters != TG_BECH32_UPPER)
			return -1;
		ch = (char)(ch - 'A' + 'a');
	} else if (ch >= 'a' && ch <= 'z' && letters != TG_BECH32_LOWER) {
		return -1;
	}
	for (int v = 0; v < 32; v++)
		if (digits[v] == ch)
			return v;
	return -1;
}

/* Skips "<hrp>1" in @s; false when it does not start so. */
static bool
skip_hrp(struct tg_sv *s, const char *hrp, enum tg_bech32_case letters)
{
	const size_t n = strlen(hrp);

	if (s->n < n + 1 || s->p[n] != '1')
		return false;
	for (size_t i = 0; i < n; i++) {
		char want = hrp[i];

		if (letters == TG_BECH32_UPPER && want >= 'a' && want <= 'z')
			want = (char)(want - 'a' + 'A');
		if (s->p[i] != want)
			return false;
	}
	s->p += n + 1;
	s->n -= n + 1;
	return true;
}

static bool
decode(uint8_t *out, size_t n, uint32_t c, struct tg_sv s,
    enum tg_bech32_case letters)
{
	const size_t n_data = s.n - CHECKSUM;
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t at = 0;

	for (size_t i = 0; i < s.n; i++) {
		const int v = value(s.p[i], letters);

		if (v < 0)
			return false;
		c = polymod(c, (unsigned)v);
		if (i >= n_data)
			continue;
		acc = (acc << 5 | (uint32_t)v) & 0xfff;
		bits += 5;
		if (bits >= 8 && at < n) {
			bits -= 8;
			out[at++] = (uint8_t)(acc >> bits);
		}
	}
	/* Fewer than five padding bits, all zero (BIP 173). */
	return c == 1 && at == n && bits < 5 && (acc & ((1U << bits) - 1)) == 0;
}

bool
tg_bech32_decode(void *out, size_t n, const char *hrp, struct tg_sv s,
    enum tg_bech32_case letters)
{
	if (skip_hrp(&s, hrp, letters) && s.n >= CHECKSUM &&
	    decode(out, n, polymod_hrp(hrp), s, letters))
		return true;
	tg_crypt_wipe(out, n);
	return false;
}
