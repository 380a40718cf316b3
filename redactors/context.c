#include "redactors/context.h"

#include "redactors/fold.h"
#include "redactors/token.h"

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
	return tg_token_length(p, n);
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

/* Two bytes that begin or end a word, as one of 256. */
static unsigned
pair(char a, char b)
{
	return ((unsigned)(unsigned char)a * 7u +
		   (unsigned)(unsigned char)b * 13u) &
	    255u;
}

size_t
tg_context_key(char *out, size_t cap, const char *key, size_t n)
{
	char folded[TG_CONTEXT_KEY], to[TG_FOLD_MAX];
	size_t m = 0, len = 1;

	n = n < sizeof(folded) / 2 ? n : sizeof(folded) / 2 - 1;
	for (size_t i = 0; i < n; i += len) {
		const int k = tg_fold(
		    tg_fold_decode((const unsigned char *)key + i, n - i, &len),
		    to);

		for (int j = 0; j < k && m < sizeof(folded); j++)
			folded[m++] = to[j];
	}
	return tg_context_words(out, cap, folded, m, true);
}

static void
pairs_add(struct tg_pairs *p, unsigned k)
{
	p->w[k >> 6] |= UINT64_C(1) << (k & 63);
}

static bool
pairs_has(const struct tg_pairs *p, unsigned k)
{
	return ((p->w[k >> 6] >> (k & 63)) & 1) != 0;
}

void
tg_context_pairs(struct tg_pairs *out, const char *text, size_t n)
{
	*out = (struct tg_pairs){{0}};
	for (size_t i = 0; i + 2 < n; i++)
		if (text[i] == ' ')
			pairs_add(out, pair(text[i + 1], text[i + 2]));
}

bool
tg_context_find(const struct tg_words *w, const char *text, size_t n,
    const struct tg_pairs *pairs)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *word = w->p[i], *at = text;
		size_t len;

		if (!pairs_has(
			pairs, pair(word[0], word[1] == '\0' ? ' ' : word[1])))
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
	struct tg_pairs pairs;

	if (w->n == 0)
		return false;
	tg_context_pairs(&pairs, text, n);
	return tg_context_find(w, text, n, &pairs);
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
