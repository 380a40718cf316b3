/*
 * made.h - valid identifiers of nobody, made by arithmetic of their own: no
 * code of the validators is used, so that a fault there is not repeated here.
 */
#ifndef TG_TESTS_UNIT_REDACTORS_MADE_H
#define TG_TESTS_UNIT_REDACTORS_MADE_H

#include <stdint.h>

#define MADE_MAX 64 /* bytes of a value, NUL included */

struct made {
	const char *type;
	/* One value without separators. */
	void (*make)(char out[MADE_MAX], uint64_t *state);
	/* How it is grouped: digits are sizes, other bytes stand for
	 * themselves ("3 3 4"); NULL-terminated. */
	const char *group[6];
	/* Sentences with %s; NULL-terminated. */
	const char *sentence[5];
};

extern const struct made made_rows[];
extern const unsigned made_n;

#endif
