/*
 * base64_fuzz.c - the strict text encodings of bytes (RFC 4648, RFC 3629).
 *
 * What holds for each input:
 *  - what base64 accepts, encoded again, is the input; what it refuses, an
 *    independent reader of RFC 4648 section 4 refuses too;
 *  - the input as bytes comes back from base64, bare base64 and hex, in either
 *    case, and is refused with one letter less or one foreign letter more;
 *  - a text ends where UTF-8 ends, by an independent reader.
 */
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define BYTES_MAX 4096

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
sextet(char c)
{
	const char *at = c == '\0' ? NULL : strchr(alphabet, c);

	return at == NULL ? -1 : (int)(at - alphabet);
}

/* Whether @s is the one encoding of some bytes. */
static bool
canonical(struct tg_sv s, enum tg_b64_pad pad)
{
	size_t n = s.n;

	if (pad == TG_B64_PADDED) {
		if (n % 4 != 0)
			return false;
		while (n > 0 && s.n - n < 2 && s.p[n - 1] == '=')
			n--;
	}
	for (size_t i = 0; i < n; i++)
		if (sextet(s.p[i]) < 0)
			return false;
	switch (n % 4) {
	case 0:
		return true;
	case 2:
		return (sextet(s.p[n - 1]) & 15) == 0;
	case 3:
		return (sextet(s.p[n - 1]) & 3) == 0;
	default:
		return false;
	}
}

static void
as_base64(struct tg_sv s, enum tg_b64_pad pad)
{
	char out[BYTES_MAX];
	struct tg_buf b;
	size_t n = 0;
	const bool ok = tg_b64_decode(out, sizeof(out), &n, s, pad);

	hold(ok == canonical(s, pad), "canonical base64 and nothing else");
	if (!ok)
		return;
	tg_buf_init(&b, 2 * BYTES_MAX);
	hold(tg_b64_add(&b, out, n, pad, NULL) == 0 &&
		tg_sv_eq(tg_buf_sv(&b), s),
	    "encoded again it is the input");
	hold(n == 0 || !tg_b64_decode(out, n - 1, &n, s, pad),
	    "too long for the room is refused");
	tg_buf_deinit(&b);
}

static void
there_and_back(const char *p, size_t n, enum tg_b64_pad pad)
{
	char out[BYTES_MAX];
	struct tg_buf b;
	size_t got = 0;

	tg_buf_init(&b, 2 * BYTES_MAX);
	hold(tg_b64_add(&b, p, n, pad, NULL) == 0, "encodes");
	hold(tg_b64_decode(out, n, &got, tg_buf_sv(&b), pad) && got == n &&
		memcmp(out, p, n) == 0,
	    "bytes come back");
	if (b.n > 0) {
		struct tg_sv less = {b.p, b.n - 1};

		hold(pad == TG_B64_BARE ||
			!tg_b64_decode(out, sizeof(out), &got, less, pad),
		    "one letter less is refused");
		b.p[b.n / 2] = (char)0x80;
		hold(!tg_b64_decode(out, sizeof(out), &got, tg_buf_sv(&b), pad),
		    "a foreign letter is refused");
	}
	tg_buf_deinit(&b);
}

static void
as_hex(const char *p, size_t n)
{
	char *const text = malloc(2 * n + 1), *const out = exact(p, n);
	struct tg_sv s = {text, 2 * n};

	hold(text != NULL, "memory");
	tg_hex(text, p, n);
	hold(tg_hex_decode(out, n, s) && memcmp(out, p, n) == 0,
	    "hex comes back");
	for (size_t i = 0; i < 2 * n; i++)
		text[i] = (char)(text[i] >= 'a' ? text[i] - 32 : text[i]);
	hold(tg_hex_decode(out, n, s) && memcmp(out, p, n) == 0,
	    "capital letters too");
	s.n--;
	hold(n == 0 || !tg_hex_decode(out, n, s), "half a byte is refused");
	free(out);
	free(text);
}

/* Bytes of the well-formed sequence at @p (Unicode, table 3-7), or 0. */
static size_t
sequence(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char from, to, low, high, len;
	} rows[] = {{0x00, 0x7f, 0x80, 0xbf, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
	    {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
	    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
	    {0xf4, 0xf4, 0x80, 0x8f, 4}};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if (p[0] < rows[i].from || p[0] > rows[i].to)
			continue;
		if (rows[i].len > n ||
		    (rows[i].len > 1 &&
			(p[1] < rows[i].low || p[1] > rows[i].high)))
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

static void
as_utf8(const char *p, size_t n)
{
	size_t at = 0, len;

	while (at < n &&
	    (len = sequence((const unsigned char *)p + at, n - at)) > 0)
		at += len;
	hold(tg_utf8_valid((struct tg_sv){p, n}) == at, "UTF-8 ends there");
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *copy;

	if (n > BYTES_MAX)
		return 0;
	copy = exact(p, n);
	as_base64((struct tg_sv){copy, n}, TG_B64_PADDED);
	as_base64((struct tg_sv){copy, n}, TG_B64_BARE);
	there_and_back(copy, n, TG_B64_PADDED);
	there_and_back(copy, n, TG_B64_BARE);
	as_hex(copy, n);
	as_utf8(copy, n);
	free(copy);
	return 0;
}
