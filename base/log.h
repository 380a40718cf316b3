/*
 * log.h - one line an event, key=value or JSON, to stderr or a file.
 *
 * A value is a struct tg_sv, a number or a literal: trace text has another
 * type (base/sv.h) and cannot be passed.  Newlines and control bytes in a value
 * are escaped.
 */
#ifndef TG_BASE_LOG_H
#define TG_BASE_LOG_H

#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/sv.h"

enum tg_log_level { TG_LOG_DEBUG, TG_LOG_INFO, TG_LOG_WARN, TG_LOG_ERROR };

struct tg_log {
	FILE *out; /* borrowed; NULL drops everything */
	enum tg_log_level min;
	bool json;
};

struct tg_log_kv {
	const char *key;
	struct tg_sv text; /* used when p is not NULL */
	int64_t num;
};

#define TG_KV(k, sv)         \
	{                    \
		(k), (sv), 0 \
	}
#define TG_KN(k, v)                          \
	{                                    \
		(k), {NULL, 0}, (int64_t)(v) \
	}

/* tg_log - writes one line; @log NULL is fine. */
void tg_log(struct tg_log *log, enum tg_log_level level, const char *event,
    const struct tg_log_kv *kv, size_t n);

#endif
