/*
 * sorter.h - rows of one size sorted bytewise in constant memory: what does not
 * fit is written in sorted runs to one unnamed file and merged when it is read.
 *
 * The file is made in a folder that the caller owns, 0600, and unlinked at
 * once: it goes with the process, also after a crash.  Rows that are equal stay
 * as many as they are.  The order depends on the rows alone.
 *
 * Errors: TG_E_IO (a full disk, a run that is shorter than it was written),
 * TG_E_MEMORY.  After an error the sorter can only be freed.
 */
#ifndef TG_BASE_SORTER_H
#define TG_BASE_SORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct tg_sorter;

/* @dir is borrowed; @row: bytes of a row; @memory: bytes of rows held (the
 * merge takes up to 4 MiB beside it). */
int tg_sorter_new(struct tg_sorter **out, const char *dir, size_t row,
    size_t memory, struct tg_err *err) TG_MUST_CHECK;
void tg_sorter_free(struct tg_sorter *s);

/* One row more; not after tg_sorter_rewind. */
int tg_sorter_add(struct tg_sorter *s, const void *row, struct tg_err *err)
    TG_MUST_CHECK;
/* To the first row, any number of times. */
int tg_sorter_rewind(struct tg_sorter *s, struct tg_err *err) TG_MUST_CHECK;
/* *@row: the next one, borrowed until the next call; NULL behind the last. */
int tg_sorter_next(struct tg_sorter *s, const uint8_t **row, struct tg_err *err)
    TG_MUST_CHECK;

uint64_t tg_sorter_count(const struct tg_sorter *s);
/* Bytes that went to disk. */
uint64_t tg_sorter_spilled(const struct tg_sorter *s);

#endif
