/*
 * scratch.h - a folder of its own for a test, files in it, and receipts that a
 * real ledger in it made.
 */
#ifndef TG_TESTS_UNIT_PIPELINE_SINKS_SCRATCH_H
#define TG_TESTS_UNIT_PIPELINE_SINKS_SCRATCH_H

#include "pipeline/sinks/sink.h"

struct scratch {
	char dir[256];
	struct tg_env_fixed fixed;
	struct tg_env env;
	struct tg_ledger *ledger;
};

void scratch_init(struct scratch *t);
void scratch_deinit(struct scratch *t);
/* Writes a 0600 file, parents made; returns its path (free). */
char *scratch_file(const struct scratch *t, const char *name, const char *text);
char *scratch_bytes(
    const struct scratch *t, const char *name, const void *p, size_t n);
/* The path of @name inside (free). */
char *scratch_path(const struct scratch *t, const char *name);
/* A receipt for @bundle to @target (tg_receipt_free). */
struct tg_receipt *
scratch_receipt(struct scratch *t, const char *bundle, const char *target);
/* A put of the file @path under @name; the digest is computed. */
struct tg_put scratch_put(const char *name, const char *path);

#endif
