#include "cli/terminal.h"

#include "base/enc.h"

#include "base/banned.h"

/* Characters that a terminal obeys, or that a reader does not see. */
static bool
is_safe(uint32_t c)
{
	if (c == '\n')
		return true;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad)
		return false;
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff)
		return false;
	return (c < 0xd800 || c > 0xf8ff) && c < 0xe0000; /* private, tags */
}

static void
put(FILE *out, uint32_t c)
{
	char b[4];
	size_t n = 0;

	if (!is_safe(c)) {
		(void)fprintf(out, "<U+%04X>", (unsigned)c);
		return;
	}
	if (c < 0x80) {
		b[n++] = (char)c;
	} else if (c < 0x800) {
		b[n++] = (char)(0xc0 | c >> 6);
		b[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		b[n++] = (char)(0xe0 | c >> 12);
		b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		b[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		b[n++] = (char)(0xf0 | c >> 18);
		b[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		b[n++] = (char)(0x80 | (c & 0x3f));
	}
	(void)fwrite(b, 1, n, out);
}

/* One code point of @s at @i, and its bytes; 0 bytes: none begins there. */
static size_t
decode(uint32_t *c, struct tg_sv s, size_t i)
{
	static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const uint8_t b = (uint8_t)s.p[i];
	const size_t n = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;

	if (i + n > s.n || tg_utf8_valid((struct tg_sv){s.p + i, n}) != n)
		return 0;
	*c = b & mask[n];
	for (size_t k = 1; k < n; k++)
		*c = *c << 6 | ((uint8_t)s.p[i + k] & 0x3f);
	return n;
}

/* The four digits of a \u, or false. */
static bool
hex4(uint32_t *c, struct tg_sv s, size_t i)
{
	uint8_t b[2];

	if (i + 4 > s.n || !tg_hex_decode(b, 2, (struct tg_sv){s.p + i, 4}))
		return false;
	*c = (uint32_t)b[0] << 8 | b[1];
	return true;
}

/* "\\uXXXX", or two of them that are one character: its bytes; 0: none. */
static size_t
escape_u(FILE *out, struct tg_sv s, size_t i)
{
	uint32_t c, low;

	if (s.p[i + 1] != 'u' || !hex4(&c, s, i + 2))
		return 0;
	if (c >= 0xd800 && c < 0xdc00 && i + 12 <= s.n && s.p[i + 6] == '\\' &&
	    s.p[i + 7] == 'u' && hex4(&low, s, i + 8) && low >= 0xdc00 &&
	    low < 0xe000) {
		put(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		return 12;
	}
	put(out, c);
	return 6;
}

/* An escape of JSON at @i that is shown as what it stands for: its bytes, or 0:
 * it is shown as it is written. */
static size_t
escape(FILE *out, struct tg_sv s, size_t i)
{
	if (s.p[i] != '\\' || i + 1 >= s.n)
		return 0;
	switch (s.p[i + 1]) {
	case 'n':
		(void)fputs("\n    ", out);
		return 2;
	case 't':
		(void)fputs("    ", out);
		return 2;
	case '\\': /* what comes behind is no escape */
		(void)fputs("\\\\", out);
		return 2;
	default:
		return escape_u(out, s, i);
	}
}

void
tg_terminal_text(FILE *out, struct tg_sv text)
{
	for (size_t i = 0, n; i < text.n; i += n) {
		uint32_t c;

		n = escape(out, text, i);
		if (n > 0)
			continue;
		n = decode(&c, text, i);
		if (n > 0) {
			put(out, c);
		} else {
			(void)fprintf(
			    out, "<0x%02X>", (unsigned)(uint8_t)text.p[i]);
			n = 1;
		}
	}
}
