/*
 * shape.h - formats as tables of keys.  A row says what the value under a key
 * of one kind of object is; a key without a row does not leave.
 */
#ifndef TG_PIPELINE_SOURCES_SHAPE_H
#define TG_PIPELINE_SOURCES_SHAPE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/record.h"

struct tg_shape_row {
	uint8_t kind;	 /* kind of the object the key stands in */
	const char *key; /* NULL: any key */
	uint8_t cls;	 /* enum tg_class of the value */
	uint8_t child;	 /* kind of the value's objects (arrays: of the
			  * elements); 0: none */
	uint8_t field;	 /* enum tg_field_id */
};

struct tg_shape {
	const struct tg_shape_row *row;
	size_t n;
	/* Called for every object of a kind with a row, after its children are
	 * classified; may change classes.  May be NULL. */
	int (*visit)(struct tg_record *r, uint32_t node, uint8_t kind,
	    const void *ctx, struct tg_err *err);
	const void *ctx;
};

/* Classifies node @i and what is below as an object (or array of objects) of
 * @kind.  Unknown keys stay TG_CLS_DROP and are counted in r->unknown. */
int tg_shape_walk(const struct tg_shape *s, struct tg_record *r, uint32_t i,
    uint8_t kind, struct tg_err *err) TG_MUST_CHECK;

/* The bytes of a string node when it has no escapes, else decoded in the
 * record's arena. */
int tg_shape_text(struct tg_record *r, uint32_t i, struct tg_trace_text *out,
    struct tg_err *err) TG_MUST_CHECK;

/* Seconds from a string or number node of decimal digits in 1/@per_second;
 * 0 when it is none. */
int64_t
tg_shape_time(const struct tg_record *r, uint32_t i, uint64_t per_second);

/* TG_E_INPUT, -1: node @i is not what it has to be; "byte N: @what". */
int tg_shape_fail(const struct tg_record *r, uint32_t i, const char *what,
    struct tg_err *err);

#endif
