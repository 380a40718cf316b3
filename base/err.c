#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"

/* strerrordesc_np: no locale, no shared buffer.  NULL for unknown numbers. */
static const char *
errno_text(int e)
{
	const char *s = strerrordesc_np(e);

	return s == NULL ? "unknown error" : s;
}

/* Puts a cut text's end on a character border: no half UTF-8 sequence. */
static void
trim_utf8(char *s, size_t cap)
{
	size_t n = strlen(s);
	size_t back = 0;

	if (n + 1 < cap)
		return;
	while (back < 3 && n > back + 1 &&
	    ((unsigned char)s[n - 1 - back] & 0xC0) == 0x80)
		back++;
	if (((unsigned char)s[n - 1 - back] & 0xC0) == 0xC0)
		s[n - 1 - back] = '\0';
}

int
tg_fail(struct tg_err *err, enum tg_err_class cls, const char *fmt, ...)
{
	char text[TG_ERR_TEXT]; /* an argument may be err->text itself */
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trim_utf8(text, sizeof(text));
	err->cls = cls;
	memcpy(err->text, text, sizeof(text));
	err->hint[0] = '\0';
	return -1;
}

int
tg_fail_in(struct tg_err *err, const char *fmt, ...)
{
	char text[TG_ERR_TEXT];
	va_list ap;
	size_t n, more;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = strlen(text);
	for (const char *s = ": "; *s != '\0' && n + 1 < sizeof(text); s++)
		text[n++] = *s;
	more = strlen(err->text);
	if (more > sizeof(text) - 1 - n)
		more = sizeof(text) - 1 - n;
	memcpy(text + n, err->text, more);
	text[n + more] = '\0';
	trim_utf8(text, sizeof(text));
	memcpy(err->text, text, n + more + 1);
	return -1;
}

int
tg_fail_hint(struct tg_err *err, const char *fmt, ...)
{
	char hint[sizeof(err->hint)];
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	trim_utf8(hint, sizeof(hint));
	memcpy(err->hint, hint, sizeof(hint));
	return -1;
}

int
tg_fail_memory(struct tg_err *err)
{
	return tg_fail(err, TG_E_MEMORY, "out of memory");
}

int
tg_fail_errno(struct tg_err *err, int e, const char *fmt, ...)
{
	char text[TG_ERR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return tg_fail(err, TG_E_IO, "%s: %s", text, errno_text(e));
}

void
tg_err_clear(struct tg_err *err)
{
	if (err == NULL)
		return;
	err->cls = TG_E_NONE;
	err->text[0] = '\0';
	err->hint[0] = '\0';
}

int
tg_err_exit(enum tg_err_class cls)
{
	switch (cls) {
	case TG_E_NONE:
		return 0;
	case TG_E_NO:
		return 1;
	case TG_E_USAGE:
		return 2;
	case TG_E_CONFIG:
		return 3;
	case TG_E_WAITING:
		return 4;
	case TG_E_INTEGRITY:
		return 5;
	case TG_E_IO:
	case TG_E_MEMORY:
		return 6;
	case TG_E_INPUT:
		return 7;
	case TG_E_LIMIT:
		return 8;
	case TG_E_LOCKED:
		return 9;
	case TG_E_KEY:
		return 10;
	case TG_E_BUG:
		break;
	}
	return 70;
}
