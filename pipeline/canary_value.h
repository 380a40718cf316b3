/*
 * canary_value.h - invented values of a type, drawn with a key: the same key,
 * type and number give the same value.
 */
#ifndef TG_PIPELINE_CANARY_VALUE_H
#define TG_PIPELINE_CANARY_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/crypt.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_CANARY_VALUE 256 /* bytes of a value, NUL included */

enum tg_canary_class { TG_CANARY_STRUCTURED, TG_CANARY_FREE_TEXT };

struct tg_canary_row {
	const char *type;
	enum tg_canary_class class;
	bool as_is; /* not in other widths, nothing invisible in it */
	const char *validator; /* of validators.def, or NULL */
	bool good;	       /* by its check digit, not only its form */
	const char *template;
	const char *lead[2]; /* English, French */
};

/* Rows of canaries.def, in order; NULL behind the last. */
const struct tg_canary_row *tg_canary_row(size_t i);

struct tg_canary_value {
	char text[TG_CANARY_VALUE]; /* as it is planted */
	size_t n;
	size_t start, end; /* of the value in it, bytes */
};

/* The value number @no of @row.  TG_E_BUG: the template has no value that its
 * validator takes, or it is too long. */
int tg_canary_draw(struct tg_canary_value *out, const struct tg_canary_row *row,
    const uint8_t key[TG_KEY_LEN], uint64_t no, struct tg_err *err)
    TG_MUST_CHECK;

#endif
