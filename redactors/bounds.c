#include "redactors/bounds.h"

#include "redactors/token.h"

#include "base/banned.h"

#define UUID_LEN 36

static bool
alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* "0.4111111111111111", "123.4": digits of a decimal number are no id. */
static bool
in_decimal(const struct tg_look *v, struct tg_span s)
{
	size_t i;

	if (tg_digit(v->p[s.start]) && s.start > 0 &&
	    v->p[s.start - 1] == '.' &&
	    (s.start < 2 || tg_digit(v->p[s.start - 2]) ||
		!alnum(v->p[s.start - 2])))
		return true;
	for (i = s.start; i < s.end; i++)
		if (!tg_digit(v->p[i]))
			return false;
	return s.end + 1 < v->n && v->p[s.end] == '.' &&
	    tg_digit(v->p[s.end + 1]);
}

static bool
hexdash(char c)
{
	return tg_digit(c) || (c >= 'a' && c <= 'f') ||
	    (c >= 'A' && c <= 'F') || c == '-';
}

/* Part of an 8-4-4-4-12 UUID. */
static bool
in_uuid(const struct tg_look *v, struct tg_span s)
{
	size_t a = s.start, b = s.end;

	while (a > 0 && s.start - a < UUID_LEN && hexdash(v->p[a - 1]))
		a--;
	while (b < v->n && b - s.end < UUID_LEN && hexdash(v->p[b]))
		b++;
	if (b - a != UUID_LEN)
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		const bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (v->p[a + i] == '-'))
			return false;
	}
	return true;
}

/* Inside "[TYPE_k3abcdef]", a replacement of ours (token.h). */
static bool
in_label(const struct tg_look *v, struct tg_span s)
{
	const size_t back = s.start < TG_TOKEN_MAX ? s.start : TG_TOKEN_MAX;
	const char *open =
	    back == 0 ? NULL : memrchr(v->p + s.start - back, '[', back);
	size_t at;

	if (open == NULL)
		return false;
	at = (size_t)(open - v->p);
	return at + tg_token_length(open, v->n - at) > s.end;
}

bool
tg_bounds_ok(const struct tg_rule *r, const struct tg_look *v, struct tg_span s)
{
	if (r->boundary == TG_BOUND_NONE)
		return true;
	if (s.end < v->n && alnum(v->p[s.end]) && alnum(v->p[s.end - 1]))
		return false;
	if (r->boundary == TG_BOUND_STRICT &&
	    (in_decimal(v, s) || in_uuid(v, s)))
		return false;
	return !in_label(v, s);
}

bool
tg_bounds_whole(const struct tg_look *v, struct tg_span s)
{
	static const char edge[] = " \t\r\n\"'.,;()";

	for (size_t i = 0; i < s.start; i++)
		if (v->p[i] == '\0' || strchr(edge, v->p[i]) == NULL)
			return false;
	for (size_t i = s.end; i < v->n; i++)
		if (v->p[i] == '\0' || strchr(edge, v->p[i]) == NULL)
			return false;
	return true;
}
