#include "report/doc_esc.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/enc.h"
#include "base/banned.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

void
tg_doc_put(struct tg_doc_out *o, const char *s)
{
	if (o->rc == 0)
		o->rc = tg_buf_adds(o->buf, s, o->err);
}

static void
put_n(struct tg_doc_out *o, const char *s, size_t n)
{
	if (o->rc == 0)
		o->rc = tg_buf_add(o->buf, s, n, o->err);
}

void
tg_doc_putf(struct tg_doc_out *o, const char *fmt, ...)
{
	char line[256]; /* markup of ours is short */
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(line))
		o->rc = o->rc == 0
		    ? tg_fail(o->err, TG_E_BUG, "report: markup too long")
		    : -1;
	else
		tg_doc_put(o, line);
}

static uint32_t
code_point(const char *s, size_t n)
{
	static const uint8_t lead[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	uint32_t c = (uint8_t)s[0] & lead[n];

	for (size_t i = 1; i < n; i++)
		c = (c << 6) | ((uint8_t)s[i] & 0x3Fu);
	return c;
}

static bool
is_unsafe(uint32_t c)
{
	if (c == '\n' || c == '\t')
		return false;
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFEFF ||
	    c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
	    (c >= 0x2060 && c <= 0x206F) || (c & 0xFFFE) == 0xFFFE;
}

/*
 * The next character of *@s, moved on: its bytes in *@p, *@n.  What must not
 * be printed comes as U+FFFD.  False at the end.
 */
static bool
next(const char **s, const char **p, size_t *n)
{
	const uint8_t b = (uint8_t) * *s;
	size_t len = b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;

	if (b == 0)
		return false;
	*p = *s;
	*n = len;
	if (strnlen(*s, len) < len ||
	    tg_utf8_valid((struct tg_sv){*s, len}) < len) {
		len = 1;
		*p = REPLACEMENT;
		*n = sizeof(REPLACEMENT) - 1;
	} else if (is_unsafe(code_point(*s, len))) {
		*p = REPLACEMENT;
		*n = sizeof(REPLACEMENT) - 1;
	}
	*s += len;
	return true;
}

void
tg_doc_esc_html(struct tg_doc_out *o, const char *s)
{
	const char *p;
	size_t n;

	while (o->rc == 0 && next(&s, &p, &n))
		switch (*p) {
		case '&':
			tg_doc_put(o, "&amp;");
			break;
		case '<':
			tg_doc_put(o, "&lt;");
			break;
		case '>':
			tg_doc_put(o, "&gt;");
			break;
		case '"':
			tg_doc_put(o, "&quot;");
			break;
		case '\'':
			tg_doc_put(o, "&#39;");
			break;
		default:
			put_n(o, p, n);
		}
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

void
tg_doc_esc_css(struct tg_doc_out *o, const char *s)
{
	const char *p;
	size_t n;

	/* CSS Syntax 3, 4.3.7: backslash, hex digits, a space. */
	while (o->rc == 0 && next(&s, &p, &n)) {
		const bool plain =
		    n > 1 || is_alnum(*p) || strchr(" -.,", *p) != NULL;

		if (plain)
			put_n(o, p, n);
		else
			tg_doc_putf(o, "\\%x ", (unsigned)(unsigned char)*p);
	}
}

/* Whether the character at @s, @at bytes into the text, needs a backslash;
 * @bol: nothing but digits and spaces stand before it on its line. */
static bool
md_special(const char *s, size_t at, bool bol)
{
	if (strchr("\\`*_[]<>|~$", *s) != NULL)
		return true;
	if (*s == '&')
		return is_alnum(s[1]) || s[1] == '#';
	/* No link is made of a bare address (GFM autolinks). */
	if (*s == ':')
		return s[1] == '/' && s[2] == '/';
	if (*s == '.' && at >= 3 && memcmp(s - 3, "www", 3) == 0)
		return true;
	return bol && strchr("#+-=.)!", *s) != NULL;
}

void
tg_doc_esc_md(struct tg_doc_out *o, const char *s, bool bol)
{
	const char *const start = s;
	const char *p;
	size_t n;

	for (const char *at = s; o->rc == 0 && next(&s, &p, &n); at = s) {
		if (*p == '\n' || *p == '\t') {
			tg_doc_put(o, " ");
			continue;
		}
		if (n == 1 && md_special(at, (size_t)(at - start), bol))
			tg_doc_put(o, "\\");
		put_n(o, p, n);
		/* "1." and "1)" open a list as "-" does. */
		bol = bol && (*p == ' ' || (*p >= '0' && *p <= '9'));
	}
}

void
tg_doc_esc_fenced(struct tg_doc_out *o, const char *s, const char *prefix)
{
	const char *p;
	size_t n;

	while (o->rc == 0 && next(&s, &p, &n)) {
		put_n(o, p, n);
		if (*p == '\n')
			tg_doc_put(o, prefix);
	}
}
