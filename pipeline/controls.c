#include "pipeline/controls.h"

#include <string.h>

#include "base/banned.h"

#define ESC '\x1b'
#define PARAMS_MAX 12 /* more could hold a number */

static bool
blank(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

static bool
control(char c)
{
	return ((unsigned char)c < ' ' && !blank(c)) || c == '\x7f';
}

static bool
param(char c)
{
	return (c >= '0' && c <= '9') || c == ';' || c == ':';
}

/* The bytes at @i that are not shown; 0: it is. */
static size_t
unseen(struct tg_trace_text t, size_t i)
{
	size_t n = 2;

	if (!control(t.bytes[i]) || t.bytes[i] == '\v' || t.bytes[i] == '\f')
		return 0;
	if (t.bytes[i] != ESC || i + 1 == t.n || t.bytes[i + 1] != '[')
		return 1;
	while (i + n < t.n && n < 2 + PARAMS_MAX && param(t.bytes[i + n]))
		n++;
	return i + n < t.n && t.bytes[i + n] >= '@' && t.bytes[i + n] <= '~'
	    ? n + 1
	    : 1;
}

int
tg_controls_out(struct tg_jtext *text, struct tg_sv raw, struct tg_arena *a,
    struct tg_err *err)
{
	const struct tg_trace_text t = text->text;
	uint32_t *map;
	char *out;
	size_t n = 0;

	/* JSON has them escaped (RFC 8259 section 7). */
	if (memmem(raw.p, raw.n, "\\u00", 4) == NULL &&
	    memmem(raw.p, raw.n, "\\f", 2) == NULL)
		return 0;
	out = tg_arena_calloc(a, t.n + 1, 1);
	map = tg_arena_calloc(a, t.n + 1, sizeof(*map));
	if (out == NULL || map == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < t.n;) {
		const size_t skip = unseen(t, i);

		if (skip == 0) {
			map[n] = tg_jtext_raw(text, i);
			out[n++] = control(t.bytes[i]) ? '\n' : t.bytes[i];
		}
		i += skip == 0 ? 1 : skip;
	}
	map[n] = tg_jtext_raw(text, t.n);
	map[0] = 0; /* what begins the text goes with what is first in it */
	text->text = (struct tg_trace_text){out, n};
	text->map = map;
	return 0;
}
