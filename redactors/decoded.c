#include "redactors/decoded.h"

#include "base/num.h"
#include "redactors/fold.h"

#include "base/banned.h"

#define ENTITY_MAX 16 /* bytes of &#...; */
#define NOTHING 0xadu /* folded away; no longer than what stands for it */
#define LINE_MIN                                                    \
	60 /* a wrapped base64 line has at least so many characters \
	    */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* @digits hex digits at @p, or -1. */
static int32_t
hex_at(const char *p, size_t n, size_t digits)
{
	int32_t v = 0;

	if (n < digits)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		const int h = hex(p[i]);

		if (h < 0)
			return -1;
		v = v * 16 + h;
	}
	return v;
}

static void
put_utf8(struct tg_mapped *m, uint32_t cp, size_t from)
{
	if (cp < 0x80) {
		tg_mapped_put(m, (char)cp, from);
	} else if (cp < 0x800) {
		tg_mapped_put(m, (char)(0xc0 | cp >> 6), from);
		tg_mapped_put(m, (char)(0x80 | (cp & 0x3f)), from);
	} else if (cp < 0x10000) {
		tg_mapped_put(m, (char)(0xe0 | cp >> 12), from);
		tg_mapped_put(m, (char)(0x80 | ((cp >> 6) & 0x3f)), from);
		tg_mapped_put(m, (char)(0x80 | (cp & 0x3f)), from);
	} else {
		tg_mapped_put(m, (char)(0xf0 | cp >> 18), from);
		tg_mapped_put(m, (char)(0x80 | ((cp >> 12) & 0x3f)), from);
		tg_mapped_put(m, (char)(0x80 | ((cp >> 6) & 0x3f)), from);
		tg_mapped_put(m, (char)(0x80 | (cp & 0x3f)), from);
	}
}

/* \uXXXX, a pair of surrogates as one.  Bytes read, 0 when it is none. */
static size_t
escape_u(const char *p, size_t n, uint32_t *cp)
{
	const int32_t a = n > 2 ? hex_at(p + 2, n - 2, 4) : -1;
	int32_t b;

	if (a < 0)
		return 0;
	*cp = (uint32_t)a;
	if (a >= 0xd800 && a <= 0xdbff && n >= 12 && p[6] == '\\' &&
	    p[7] == 'u') {
		b = hex_at(p + 8, n - 8, 4);
		if (b >= 0xdc00 && b <= 0xdfff) {
			*cp = 0x10000u + ((uint32_t)(a - 0xd800) << 10) +
			    (uint32_t)(b - 0xdc00);
			return 12;
		}
	}
	if (a >= 0xd800 && a <= 0xdfff)
		*cp = 0xfffd;
	return 6;
}

/* \u{41} (ECMA-262, 12.9.4). */
static size_t
escape_braced(const char *p, size_t n, uint32_t *cp)
{
	size_t i = 3;
	uint32_t v = 0;

	for (; i < n && i < 9 && hex(p[i]) >= 0; i++)
		v = v * 16 + (uint32_t)hex(p[i]);
	if (i == 3 || i == n || p[i] != '}' || v == 0 || v > 0x10ffff)
		return 0;
	*cp = v;
	return i + 1;
}

/* A line that goes on in the next, behind its indent: shell, C, a double-quoted
 * scalar of YAML. */
static size_t
line_goes_on(const char *p, size_t n)
{
	size_t i = p[1] == '\r' ? 2 : 1;

	if (i == n || p[i] != '\n')
		return 0;
	for (i++; i < n && (p[i] == ' ' || p[i] == '\t'); i++)
		continue;
	return i;
}

static bool
octal(char c)
{
	return c >= '0' && c <= '7';
}

/* \101 to \377, three figures (C, 6.4.4.4). */
static size_t
escape_octal(const char *p, size_t n, uint32_t *cp)
{
	if (n < 4 || p[1] > '3' || !octal(p[2]) || !octal(p[3]))
		return 0;
	*cp = (uint32_t)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
	return 4;
}

static size_t
escape_backslash(const char *p, size_t n, uint32_t *cp)
{
	/* Of JSON and C; punctuation as CommonMark (2.4) lets it be. */
	static const char from[] = "nrtbf\"\\/'-._@+:()",
			  to[] = "\n\r\t\b\f\"\\/'-._@+:()";
	const char *at;
	int32_t v;

	if (n < 2)
		return 0;
	if (p[1] == 'u')
		return n > 2 && p[2] == '{' ? escape_braced(p, n, cp)
					    : escape_u(p, n, cp);
	if (p[1] == '\n' || p[1] == '\r') {
		*cp = NOTHING;
		return line_goes_on(p, n);
	}
	if (octal(p[1]))
		return escape_octal(p, n, cp);
	if (p[1] == 'x') {
		v = hex_at(p + 2, n - 2, 2);
		if (v < 0)
			return 0;
		*cp = (uint32_t)v;
		return 4;
	}
	at = p[1] == '\0' ? NULL : strchr(from, p[1]);
	if (at == NULL)
		return 0;
	*cp = (uint32_t)to[at - from];
	return 2;
}

static const struct {
	const char *name;
	uint32_t to;
} entities[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'},
    {"apos;", '\''}, {"nbsp;", ' '}, {"commat;", '@'}, {"period;", '.'},
    {"hyphen;", '-'}, {"plus;", '+'}, {"colon;", ':'}, {"shy;", NOTHING},
    {"zwnj;", NOTHING}, {"zwj;", NOTHING}, {"lrm;", NOTHING}, {"rlm;", NOTHING},
    {"NoBreak;", NOTHING}, {"ZeroWidthSpace;", NOTHING}};

static size_t
escape_named(const char *p, size_t n, uint32_t *cp)
{
	for (size_t i = 0; i < TG_COUNT(entities); i++) {
		const size_t len = strlen(entities[i].name);

		if (n > len && memcmp(p + 1, entities[i].name, len) == 0) {
			*cp = entities[i].to;
			return len + 1;
		}
	}
	return 0;
}

static size_t
escape_entity(const char *p, size_t n, uint32_t *cp)
{
	size_t i = 2;
	uint32_t v = 0, base = 10;

	if (n < 4)
		return 0;
	if (p[1] != '#')
		return escape_named(p, n, cp);
	if ((p[i] | 0x20) == 'x') {
		base = 16;
		i++;
	}
	for (; i < n && i < ENTITY_MAX && p[i] != ';'; i++) {
		const int h = hex(p[i]);

		if (h < 0 || (uint32_t)h >= base)
			return 0;
		v = v * base + (uint32_t)h;
	}
	if (i >= n || p[i] != ';' || v == 0 || v > 0x10ffff)
		return 0;
	*cp = v;
	return i + 1;
}

/* Bytes of the escape at @i (0: none) and what it stands for; *@byte: one
 * byte of UTF-8, not a code point. */
static size_t
escape_at(const struct tg_look *v, size_t i, uint32_t *cp, bool *byte)
{
	const char *p = v->p + i;
	const size_t n = v->n - i;
	int32_t x;

	*byte = false;
	switch (*p) {
	case '%':
		if (n > 5 && p[1] == 'u') { /* ECMA-262, B.2.1.1 */
			x = hex_at(p + 2, 4, 4);
			*cp = (uint32_t)x;
			return x > 0 ? 6 : 0;
		}
		x = n >= 3 ? hex_at(p + 1, 2, 2) : -1;
		if (x < 0)
			return 0;
		*cp = (uint32_t)x;
		*byte = true;
		return 3;
	case '\\':
		*byte = n > 1 && (p[1] == 'x' || octal(p[1]));
		return escape_backslash(p, n, cp);
	case '&':
		return escape_entity(p, n, cp);
	default:
		return 0;
	}
}

int
tg_decoded_escapes(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, const struct tg_marks *k, bool *any,
    struct tg_err *err)
{
	uint32_t cp = 0;
	bool byte = false;
	size_t i = tg_marks_next(k, TG_MARK_ESCAPE, 0);

	*any = false;
	for (; i < v->n && !*any; i = tg_marks_next(k, TG_MARK_ESCAPE, i + 1))
		*any = escape_at(v, i, &cp, &byte) != 0;
	if (!*any)
		return 0;
	if (tg_mapped_start(m, v->n, err) < 0)
		return -1;
	for (i = 0; i < v->n;) {
		const size_t len = escape_at(v, i, &cp, &byte);

		if (len == 0)
			tg_mapped_put(m, v->p[i], i);
		else if (byte)
			tg_mapped_put(m, (char)cp, i);
		else
			put_utf8(m, cp, i);
		i += len == 0 ? 1 : len;
	}
	*out = tg_mapped_look(m, v, TG_VIEW_DECODED);
	return 0;
}

static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

struct run {
	size_t start, end; /* without padding */
	size_t n;	   /* characters, breaks left out */
	bool hex;
};

/* The run of base64 characters at @i; lines of a wrapped one together. */
static struct run
wrapped_run(const struct tg_look *v, size_t i)
{
	struct run r = {i, i, 0, true};
	size_t line = 0;

	for (; i < v->n; i++) {
		const char c = v->p[i];

		if (sextet(c) >= 0) {
			r.hex = r.hex && hex(c) >= 0;
			r.n++;
			line++;
			r.end = i + 1;
			continue;
		}
		if (c == '\r' && i + 1 < v->n && v->p[i + 1] == '\n')
			continue;
		if (c != '\n' || line < LINE_MIN)
			break;
		line = 0;
	}
	return r;
}

static bool
all_hex(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hex(p[i]) < 0)
			return false;
	return true;
}

/* The same; most runs are words, and end with them. */
static struct run
run_at(const struct tg_look *v, const struct tg_marks *k, size_t i)
{
	const size_t end = tg_marks_end(k, TG_MARK_BASE64, i), n = end - i;

	if (n >= LINE_MIN && end < v->n &&
	    (v->p[end] == '\n' || v->p[end] == '\r'))
		return wrapped_run(v, i);
	return (struct run){
	    i, end, n, n >= TG_DECODED_MIN_HEX && all_hex(v->p + i, n)};
}

static void
decode_base64(
    struct tg_mapped *m, const struct tg_look *v, size_t from, size_t to)
{
	uint32_t acc = 0;
	unsigned bits = 0;

	for (size_t i = from; i < to; i++) {
		const int s = sextet(v->p[i]);

		if (s < 0)
			continue;
		acc = acc << 6 | (uint32_t)s;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			tg_mapped_put(m, (char)(acc >> bits & 0xff), from);
		}
	}
}

static void
decode_hex(struct tg_mapped *m, const struct tg_look *v, size_t from, size_t to)
{
	int hi = -1;

	for (size_t i = from; i < to; i++) {
		const int h = hex(v->p[i]);

		if (h < 0)
			continue;
		if (hi < 0) {
			hi = h;
			continue;
		}
		tg_mapped_put(m, (char)(hi * 16 + h), from);
		hi = -1;
	}
}

/* Bytes above 0x7f that are part of a whole sequence of UTF-8. */
static size_t
sequences(const char *p, size_t n)
{
	size_t good = 0;

	for (size_t i = 0; i < n;) {
		size_t len = 1;
		const uint32_t cp =
		    tg_fold_decode((const unsigned char *)p + i, n - i, &len);

		if (len > 1 && cp != 0xfffd)
			good += len;
		i += len;
	}
	return good;
}

/* Nine bytes of ten are printable ASCII or part of UTF-8 text. */
static bool
reads(const char *p, size_t n)
{
	size_t good = 0, high = 0;

	for (size_t i = 0; i < n; i++) {
		const unsigned char c = (unsigned char)p[i];

		good += (c >= 0x20 && c < 0x7f) || (c >= 9 && c <= 13);
		high += c >= 0x80;
	}
	if (high != 0)
		good += sequences(p, n);
	return n != 0 && good * 10 >= n * 9;
}

/* Fills @m when the run decodes to text. */
static bool
decode_run(struct tg_mapped *m, const struct tg_look *v, struct run r)
{
	if (r.hex && r.n >= TG_DECODED_MIN_HEX) {
		m->n = 0;
		decode_hex(m, v, r.start, r.end);
		if (reads(m->p, m->n))
			return true;
	}
	/* A path or option sign may stick to the front. */
	for (size_t from = r.start;; from++) {
		m->n = 0;
		decode_base64(m, v, from, r.end);
		if (reads(m->p, m->n))
			return true;
		if (from + TG_DECODED_MIN_BASE64 >= r.end ||
		    strchr("/-_+", v->p[from]) == NULL)
			return false;
	}
}

/* Where the next run of twelve or more begins, at @from or behind it. */
static size_t
long_run(const struct tg_marks *k, size_t from)
{
	static const unsigned steps[] = {1, 2, 4, 4}; /* 2, 4, 8, 12 in a row */
	size_t i = from;

	while (i < k->n) {
		const uint64_t *at = k->at[TG_MARK_BASE64] + (i >> 6);
		uint64_t w = at[0], next = at[1];

		for (size_t s = 0; s < TG_COUNT(steps); s++) {
			w &= w >> steps[s] | next << (64 - steps[s]);
			next &= next >> steps[s];
		}
		w &= ~UINT64_C(0) << (i & 63);
		if (w != 0) {
			i = (i & ~(size_t)63) + (size_t)__builtin_ctzll(w);
			return i < k->n ? i : k->n;
		}
		i = (i | 63) + 1;
	}
	return k->n;
}

/* Capitals that do not only begin it, and something else. */
static bool
mixed(const char *p, size_t n)
{
	bool upper = false, other = false;

	for (size_t i = 1; i < n; i++) {
		const int v = sextet(p[i]);

		upper = upper || (v >= 0 && v < 26);
		other = other || (v >= 26 && v < 62);
	}
	return upper && other;
}

/*
 * Whether a run is worth a try.  One of 12 to 15 characters is most often a
 * word: as base64 it is whole (with its padding, a multiple of four) and mixed.
 */
static bool
worth(const struct tg_look *v, struct run r)
{
	size_t pad = 0;

	if (r.n >= TG_DECODED_MIN_BASE64)
		return true;
	while (pad < 3 && r.end + pad < v->n && v->p[r.end + pad] == '=')
		pad++;
	return r.n >= TG_DECODED_MIN_SHORT && (r.n + pad) % 4 == 0 &&
	    pad <= 2 && mixed(v->p + r.start, r.end - r.start);
}

int
tg_decoded_next(struct tg_look *out, struct tg_mapped *m,
    const struct tg_look *v, const struct tg_marks *k, size_t *from,
    struct tg_err *err)
{
	while ((*from = long_run(k, *from)) < v->n) {
		struct run r = run_at(v, k, *from);

		*from = r.end;
		if (!worth(v, r))
			continue;
		if (tg_mapped_start(m, r.n, err) < 0)
			return -1;
		if (!decode_run(m, v, r))
			continue;
		while (r.end < v->n && v->p[r.end] == '=')
			r.end++;
		*from = r.end;
		*out = (struct tg_look){.p = m->p,
		    .n = m->n,
		    .up = v,
		    .whole = true,
		    .run = {r.start, r.end},
		    .kind = TG_VIEW_DECODED};
		return 1;
	}
	return 0;
}
