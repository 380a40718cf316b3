#include "redactors/context.h"

#include "base/banned.h"

static bool
upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
alnum(char c)
{
	return (c >= '0' && c <= '9') || upper(c) || (c >= 'a' && c <= 'z') ||
	    (unsigned char)c >= 0x80;
}

size_t
tg_context_label(const char *p, size_t n)
{
	size_t i = 1;

	if (n < 3 || p[0] != '[' || !upper(p[1]))
		return 0;
	while (i < n && i < TG_CONTEXT_LABEL &&
	    (alnum(p[i]) || p[i] == '_' || p[i] == ':'))
		i++;
	return i < n && p[i] == ']' ? i + 1 : 0;
}

size_t
tg_context_words(char *out, size_t cap, const char *p, size_t n, bool camel)
{
	size_t m = 0;

	out[m++] = ' ';
	for (size_t i = 0; i < n && m + 3 < cap; i++) {
		const size_t skip = tg_context_label(p + i, n - i);

		if (skip != 0) {
			i += skip - 1;
			continue;
		}
		if (!alnum(p[i])) {
			if (out[m - 1] != ' ')
				out[m++] = ' ';
			continue;
		}
		if (camel && i > 0 && upper(p[i]) && alnum(p[i - 1]) &&
		    !upper(p[i - 1]))
			out[m++] = ' ';
		out[m++] = (char)(upper(p[i]) ? p[i] - 'A' + 'a' : p[i]);
	}
	if (out[m - 1] != ' ')
		out[m++] = ' ';
	return m;
}

bool
tg_context_has(const struct tg_words *w, const char *text, size_t n)
{
	for (size_t i = 0; i < w->n; i++) {
		const size_t len = strlen(w->p[i]);
		const char *at = text;

		while (n > len + 1 &&
		    (at = memmem(at, n - (size_t)(at - text), w->p[i], len)) !=
			NULL) {
			if (at > text && at[-1] == ' ' && at + len < text + n &&
			    at[len] == ' ')
				return true;
			at++;
		}
	}
	return false;
}

bool
tg_context_ends(const struct tg_words *w, const char *text, size_t n)
{
	for (size_t i = 0; i < w->n; i++) {
		const size_t len = strlen(w->p[i]);

		if (n >= len + 2 && text[n - len - 2] == ' ' &&
		    memcmp(text + n - len - 1, w->p[i], len) == 0)
			return true;
	}
	return false;
}
