#include "pipeline/digits.h"

#include <string.h>

#include "base/enc.h"
#include "base/num.h"
#include "pipeline/replace.h"
#include "base/banned.h"

struct tg_sv
tg_digits_whole(struct tg_sv raw)
{
	struct tg_sv s = raw;

	if (s.n > 0 && *s.p == '-') {
		s.p++;
		s.n--;
	}
	while (
	    s.n > 2 && s.p[s.n - 1] == '0' && memchr(s.p, '.', s.n - 1) != NULL)
		s.n--;
	if (s.n > 0 && s.p[s.n - 1] == '.')
		s.n--;
	for (size_t k = 0; k < s.n; k++)
		if (s.p[k] < '0' || s.p[k] > '9')
			return (struct tg_sv){raw.p, 0}; /* a fraction */
	return s;
}

int
tg_digits_bytes(struct tg_buf *out, bool *are, const struct tg_jdoc *d,
    uint32_t i, struct tg_err *err)
{
	*are = false;
	for (uint32_t c = i + 1; c < d->nodes[i].next; c++) {
		uint64_t v;

		if (d->nodes[c].kind != TG_J_NUMBER ||
		    !tg_parse_u64(&v, tg_jdoc_raw(d, c), 0, 255))
			return 0;
		if (tg_buf_addc(out, (char)v, err) < 0)
			return -1;
	}
	*are = true;
	return 0;
}

/* Bytes that are digits themselves, or a text.  Single digits are written as
 * such; a text of control characters is none. */
static bool
is_text(struct tg_buf *b)
{
	bool digits = true;

	for (size_t i = 0; i < b->n && digits; i++)
		digits = (unsigned char)b->p[i] <= 9;
	for (size_t i = 0; i < b->n; i++) {
		if (digits)
			b->p[i] = (char)(b->p[i] + '0');
		else if ((unsigned char)b->p[i] < ' ' && b->p[i] != '\n' &&
		    b->p[i] != '\t' && b->p[i] != '\r')
			return false;
	}
	return tg_utf8_valid((struct tg_sv){b->p, b->n}) == b->n;
}

/* The numbers [start, end) of array @i. */
static int
strike(
    struct tg_walk *w, uint32_t i, const struct tg_hit *hit, struct tg_err *err)
{
	struct tg_sv by = hit->by;

	for (uint32_t k = hit->start; k < hit->end; k++) {
		/* Numbers have no nodes below them. */
		if (tg_walk_blot(w, i + 1 + k, TG_TXT_NUMBER, by, err) < 0)
			return -1;
		by = (struct tg_sv){"", 0};
	}
	return 0;
}

int
tg_digits_collect(struct tg_walk *w, uint32_t i, struct tg_err *err)
{
	struct tg_buf *b = &w->p->joined;
	struct tg_text whole;
	struct tg_sv copy;
	bool are;

	if (w->doc->nodes[i].n < TG_DIGITS_MIN)
		return 0;
	tg_buf_reset(b);
	if (tg_digits_bytes(b, &are, w->doc, i, err) < 0)
		return -1;
	if (!are || !is_text(b))
		return 0;
	copy = tg_arena_sv(&w->r->arena, tg_buf_sv(b));
	if (copy.p == NULL)
		return tg_fail_memory(err);
	if (tg_walk_whole(&whole, w, i, err) < 0)
		return -1;
	whole.text.text = (struct tg_trace_text){copy.p, copy.n};
	if (tg_text_scan(w->p, w->r, &whole, err) < 0)
		return -1;
	if (w->p->set->mode > TG_MODE_REDACT)
		return 0;
	for (uint32_t k = 0; k < whole.n_hit; k++)
		if (strike(w, i, &whole.hit[k], err) < 0)
			return -1;
	return 0;
}
