/* jesc.c - JSON string escapes, undone and made. */
#include "base/jesc.h"

#include "base/jscan.h"

#include "base/banned.h"

static uint32_t
hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		const uint32_t c = (uint8_t)p[i];

		/* The low nibble of a letter is 1 to 6. */
		v = v << 4 | (c <= '9' ? c - '0' : (c & 0xf) + 9);
	}
	return v;
}

static uint32_t
put_utf8(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* \uXXXX at @raw[*i]; a pair of surrogates is one character. */
static uint32_t
unicode(struct tg_sv raw, size_t *i)
{
	const char *p = raw.p + *i;
	uint32_t c = hex4(p + 2), low;

	*i += 6;
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c >= 0xdc00 || raw.n - *i < 6 || p[6] != '\\' || p[7] != 'u')
		return 0xfffd;
	low = hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*i += 6;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

uint32_t
tg_jesc_step(char out[4], struct tg_sv raw, size_t *i)
{
	const char c = raw.p[*i];

	if (c != '\\') {
		out[0] = c;
		(*i)++;
		return 1;
	}
	switch (raw.p[*i + 1]) {
	case 'u':
		return put_utf8(out, unicode(raw, i));
	case 'b':
		out[0] = '\b';
		break;
	case 'f':
		out[0] = '\f';
		break;
	case 'n':
		out[0] = '\n';
		break;
	case 'r':
		out[0] = '\r';
		break;
	case 't':
		out[0] = '\t';
		break;
	default: /* " \ / stand for themselves */
		out[0] = raw.p[*i + 1];
		break;
	}
	*i += 2;
	return 1;
}

int
tg_json_escape(struct tg_buf *out, struct tg_sv s, struct tg_err *err)
{
	static const char hex[] = "0123456789abcdef";
	const size_t before = out->n;
	size_t done = 0;

	for (size_t i = 0; i < s.n; i++) {
		const uint8_t c = (uint8_t)s.p[i];
		char esc[6] = {'\\', 'u', '0', '0'};
		size_t n = 2;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (c == '"' || c == '\\') {
			esc[1] = (char)c;
		} else if (c >= '\b' && c <= '\r' && c != '\v') {
			esc[1] = "btn?fr"[c - '\b'];
		} else {
			esc[4] = hex[c >> 4];
			esc[5] = hex[c & 0xf];
			n = 6;
		}
		if (tg_buf_add(out, s.p + done, i - done, err) < 0 ||
		    tg_buf_add(out, esc, n, err) < 0)
			goto fail;
		done = i + 1;
	}
	if (tg_buf_add(out, s.p + done, s.n - done, err) < 0)
		goto fail;
	return 0;
fail:
	tg_jesc_undo(out, before);
	return -1;
}
