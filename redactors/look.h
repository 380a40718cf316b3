/*
 * look.h - a text as it is looked at, and the way back.
 *
 * A view's bytes may be folded, unescaped or decoded from another view; its
 * map leads each byte back to the view above, in the end to the text that was
 * handed in.  A view decoded from base64 or hex stands for its whole run.
 */
#ifndef TG_REDACTORS_LOOK_H
#define TG_REDACTORS_LOOK_H

#include "base/buf.h"
#include "redactors/redactor.h"
#include "redactors/regex.h"

struct tg_look {
	const char *p;
	size_t n;
	const struct tg_look *up; /* NULL: the text itself */
	/* n + 1 offsets in up; NULL: the same offsets.  Bytes that came from
	 * one code point share its offset. */
	const uint32_t *map;
	bool whole; /* every span stands for @run of up */
	struct tg_span run;
	uint8_t kind; /* enum tg_view of the contract */
	bool joined;  /* line breaks taken out: see scan.c */
};

/* @span of @v as a span of the text handed in. */
struct tg_span tg_look_root(const struct tg_look *v, struct tg_span span);

/* Bytes and their map, owned by the scanner and used again. */
struct tg_mapped {
	struct tg_buf bytes;
	struct tg_buf map; /* uint32_t */
	size_t n;
	uint32_t *m;
	char *p;
};

void tg_mapped_init(struct tg_mapped *m, size_t max);
void tg_mapped_deinit(struct tg_mapped *m);
/* Room for @n bytes; empties.  TG_E_LIMIT, TG_E_MEMORY. */
int tg_mapped_start(struct tg_mapped *m, size_t n, struct tg_err *err)
    TG_MUST_CHECK;

static inline void
tg_mapped_put(struct tg_mapped *m, char c, size_t from)
{
	m->p[m->n] = c;
	m->m[m->n++] = (uint32_t)from;
}

/* The view of what was put, above @up; closes the map with @up's length. */
struct tg_look
tg_mapped_look(struct tg_mapped *m, const struct tg_look *up, uint8_t kind);

#endif
