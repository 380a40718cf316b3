/*
 * quarantine.h - what was not understood: kept, located, never sent.
 *
 * dir/index.jsonl  one object a record: source, file, record, offset, bytes,
 *                  code, message, stored
 * dir/src-NNNN.raw the records' bytes, one after the other, each with an LF
 * Both 0600: they hold raw trace text.
 */
#ifndef TG_PIPELINE_QUARANTINE_H
#define TG_PIPELINE_QUARANTINE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sv.h"

struct tg_quarantine {
	char *dir;
	uint64_t n;
	FILE *say; /* a line for each, with file and offset; may be NULL */
};

struct tg_quarantined {
	unsigned source;
	const char *file;
	uint64_t record; /* 0: the whole file, which stays where it is */
	uint64_t offset;
	struct tg_sv raw; /* p NULL: not stored now */
	bool stored;	  /* its pieces were stored before */
	uint64_t bytes;
	const char *code;
	const char *message;
};

/* Makes the folder, empty. */
int tg_quarantine_open(struct tg_quarantine *q, const char *dir, FILE *say,
    struct tg_err *err) TG_MUST_CHECK;
void tg_quarantine_close(struct tg_quarantine *q);
/* A piece of a record too large to hold; tg_quarantine_add ends it. */
int tg_quarantine_piece(struct tg_quarantine *q, unsigned source, const void *p,
    size_t n, struct tg_err *err) TG_MUST_CHECK;
/* Durable when it returns. */
int tg_quarantine_add(struct tg_quarantine *q, const struct tg_quarantined *w,
    struct tg_err *err) TG_MUST_CHECK;

#endif
