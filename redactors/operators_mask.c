/* operators_mask.c - a length, or a shape with a few characters. */
#include "redactors/operators_priv.h"

#include "base/banned.h"

#define HIDDEN_MIN 4 /* characters that stay hidden, or nothing is shown */

static bool
is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static bool
separator(char c)
{
	return c != '\0' && strchr(" -./@\n", c) != NULL;
}

static size_t
code_points(struct tg_sv value, bool separators)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++)
		n += is_start(value.p[i]) &&
		    (separators || !separator(value.p[i]));
	return n;
}

bool
tg_operator_tag(struct tg_buf *out, struct tg_sv value)
{
	return tg_buf_addf(out, NULL, "%zu", code_points(value, true)) == 0;
}

/*
 * Separators stay; the first and the last characters too, as long as half of
 * them and four stay hidden.  (PCI DSS 4.0, 3.4.1: of a card number the last
 * four at most, or the first six.)
 */
bool
tg_operator_mask(
    struct tg_buf *out, struct tg_sv value, const struct tg_operator *p)
{
	const size_t n = code_points(value, false);
	const size_t shown = (size_t)p->mask_first + p->mask_last;
	const bool show = n >= shown + HIDDEN_MIN && n >= 2 * shown;
	const char hide = p->mask_char == '\0' ? '*' : p->mask_char;
	size_t at = 0; /* characters so far */

	for (size_t i = 0; i < value.n;) {
		size_t len = 1;
		bool open;

		while (i + len < value.n && !is_start(value.p[i + len]))
			len++;
		open = separator(value.p[i]) && !p->mask_separators;
		if (!separator(value.p[i])) {
			open = show &&
			    (at < p->mask_first || at + p->mask_last >= n);
			at++;
		}
		if ((open ? tg_buf_add(out, value.p + i, len, NULL)
			  : tg_buf_addc(out, hide, NULL)) < 0)
			return false;
		i += len;
	}
	return true;
}
