/*
 * err.h - errors as values.
 *
 * An error is owned by the caller, has a fixed size and never allocates.  Its
 * class decides the exit status (design, section 5).  Context is added while
 * it travels up.  Text of a trace or a secret never goes into one: rule ids,
 * record numbers and byte offsets do.
 */
#ifndef TG_BASE_ERR_H
#define TG_BASE_ERR_H

#include "base/attr.h"

enum tg_err_class {
	TG_E_NONE = 0,
	TG_E_NO,	/* worked, and the answer is no: exit 1 */
	TG_E_USAGE,	/* exit 2 */
	TG_E_CONFIG,	/* configuration, job or policy invalid: exit 3 */
	TG_E_WAITING,	/* waiting for a human decision: exit 4 */
	TG_E_INTEGRITY, /* signature, digest, ledger: exit 5 */
	TG_E_IO,	/* temporary, retry may help: exit 6 */
	TG_E_MEMORY,	/* out of memory: exit 6 */
	TG_E_INPUT,	/* a record or an input is malformed: exit 7 */
	TG_E_LIMIT,	/* a limit or budget is reached: exit 8 */
	TG_E_LOCKED,	/* another run is active: exit 9 */
	TG_E_KEY,	/* key, passphrase or credential: exit 10 */
	TG_E_BUG	/* our own fault: exit 70 */
};

#define TG_ERR_TEXT 512 /* bytes, NUL included; longer text is cut */

struct tg_err {
	enum tg_err_class cls;
	char text[TG_ERR_TEXT];
	char hint[TG_ERR_TEXT / 2]; /* what to type or do next, may be "" */
};

/*
 * tg_fail - sets *@err (when not NULL) to @cls and the formatted text.
 * Always returns -1, so that "return tg_fail(...)" reads well.
 */
int tg_fail(struct tg_err *err, enum tg_err_class cls, const char *fmt, ...)
    TG_PRINTF(3, 4);

/* tg_fail_in - puts "<formatted>: " before the text.  Returns -1. */
int tg_fail_in(struct tg_err *err, const char *fmt, ...) TG_PRINTF(2, 3);

/* tg_fail_hint - sets what to type or do next.  Returns -1. */
int tg_fail_hint(struct tg_err *err, const char *fmt, ...) TG_PRINTF(2, 3);

/* tg_fail_memory - TG_E_MEMORY with a fixed text.  Returns -1. */
int tg_fail_memory(struct tg_err *err);

/* tg_fail_errno - TG_E_IO: "<formatted>: <strerror(e)>".  Returns -1. */
int
tg_fail_errno(struct tg_err *err, int e, const char *fmt, ...) TG_PRINTF(3, 4);

void tg_err_clear(struct tg_err *err);

/* tg_err_exit - the exit status of the class; TG_E_NONE is 0. */
int tg_err_exit(enum tg_err_class cls);

#endif
