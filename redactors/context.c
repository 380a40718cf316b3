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
		const size_t skip =
		    p[i] == '[' ? tg_context_label(p + i, n - i) : 0;

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

/* Two bytes that begin a word, as one of 64. */
static uint64_t
pair(char a, char b)
{
	const unsigned k =
	    (unsigned)(unsigned char)a * 7u + (unsigned)(unsigned char)b * 13u;

	return UINT64_C(1) << (k & 63u);
}

uint64_t
tg_context_pairs(const char *text, size_t n)
{
	uint64_t set = 0;

	for (size_t i = 0; i + 2 < n; i++)
		if (text[i] == ' ')
			set |= pair(text[i + 1], text[i + 2]);
	return set;
}

bool
tg_context_find(
    const struct tg_words *w, const char *text, size_t n, uint64_t pairs)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *word = w->p[i], *at = text;
		size_t len;

		if ((pairs & pair(word[0], word[1] == '\0' ? ' ' : word[1])) ==
		    0)
			continue;
		len = strlen(word);
		while (n > len + 1 &&
		    (at = memmem(at, n - (size_t)(at - text), word, len)) !=
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
tg_context_has(const struct tg_words *w, const char *text, size_t n)
{
	return w->n != 0 &&
	    tg_context_find(w, text, n, tg_context_pairs(text, n));
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

static unsigned
tail(char a, char b)
{
	return ((unsigned)(unsigned char)a * 7u +
		   (unsigned)(unsigned char)b * 13u) &
	    255u;
}

static char
lower(char c)
{
	return (char)(upper(c) ? c - 'A' + 'a' : c);
}

void
tg_context_tails(struct tg_tails *t, const struct tg_words *w)
{
	*t = (struct tg_tails){{0}};
	for (size_t i = 0; i < w->n; i++) {
		const size_t n = strlen(w->p[i]);
		const unsigned k =
		    tail(n > 1 ? w->p[i][n - 2] : ' ', w->p[i][n - 1]);

		t->w[k >> 6] |= UINT64_C(1) << (k & 63);
	}
}

bool
tg_context_may_end(
    const struct tg_tails *t, const char *p, size_t at, size_t most)
{
	size_t i = at;
	unsigned k;

	for (; i > 0 && at - i < most && !alnum(p[i - 1]); i--)
		if (p[i - 1] == ']')
			return true; /* a label, left out */
	if (i == 0 || at - i == most)
		return false;
	if (i == 1 || at - i + 2 > most)
		return true;
	k = tail(alnum(p[i - 2]) ? lower(p[i - 2]) : ' ', lower(p[i - 1]));
	return ((t->w[k >> 6] >> (k & 63)) & 1) != 0;
}
