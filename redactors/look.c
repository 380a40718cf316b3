#include "redactors/look.h"

#include "base/num.h"

#include "base/banned.h"

static struct tg_span
step_up(const struct tg_look *v, struct tg_span s)
{
	struct tg_span u;
	size_t e = s.end;

	if (v->whole)
		return v->run;
	if (v->map == NULL)
		return s;
	u.start = v->map[s.start];
	/* A code point cut in two counts whole. */
	while (e < v->n && e > s.start && v->map[e] == v->map[e - 1])
		e++;
	u.end = v->map[e];
	return u;
}

struct tg_span
tg_look_root(const struct tg_look *v, struct tg_span span)
{
	for (; v->up != NULL; v = v->up)
		span = step_up(v, span);
	while (span.start > 0 && span.start < v->n &&
	    ((unsigned char)v->p[span.start] & 0xc0) == 0x80)
		span.start--;
	while (
	    span.end < v->n && ((unsigned char)v->p[span.end] & 0xc0) == 0x80)
		span.end++;
	return span;
}

void
tg_mapped_init(struct tg_mapped *m, size_t max)
{
	tg_buf_init(&m->bytes, max);
	tg_buf_init(&m->map, (max + 1) * sizeof(uint32_t));
	m->n = 0;
}

void
tg_mapped_deinit(struct tg_mapped *m)
{
	tg_buf_wipe_deinit(&m->bytes);
	tg_buf_wipe_deinit(&m->map);
}

int
tg_mapped_start(struct tg_mapped *m, size_t n, struct tg_err *err)
{
	size_t bytes;

	if (!tg_size_add(&bytes, n, 1) ||
	    !tg_size_mul(&bytes, bytes, sizeof(uint32_t)))
		return tg_fail(err, TG_E_LIMIT, "a text is too long");
	tg_buf_reset(&m->bytes);
	tg_buf_reset(&m->map);
	if (tg_buf_reserve(&m->bytes, n, err) < 0 ||
	    tg_buf_reserve(&m->map, bytes, err) < 0)
		return -1;
	m->p = m->bytes.p;
	m->m = (uint32_t *)(void *)m->map.p;
	m->n = 0;
	return 0;
}

struct tg_look
tg_mapped_look(struct tg_mapped *m, const struct tg_look *up, uint8_t kind)
{
	m->m[m->n] = (uint32_t)up->n;
	return (struct tg_look){
	    .p = m->p, .n = m->n, .up = up, .map = m->m, .kind = kind};
}
