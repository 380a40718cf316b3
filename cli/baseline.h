/*
 * baseline.h - findings that were known before.
 *
 * A finding has a fingerprint: keyed BLAKE2b over its file (relative to the
 * working directory), its path in the record, its type and its text.  So the
 * same value in another file, at another path, or once more at the same path
 * is new; and so is another value at a known place.  The number of the record
 * is left out, so that a line put in above does not make all below it new: an
 * entry hides as many findings as it counted, never one more.
 *
 * The key is a file of its own (0600 or refused), never in the baseline:
 * telephone and identity numbers are few enough to try them all against an
 * unkeyed hash, or against a keyed one whose key lies in the same repository.
 * A key that was checked out of one is mostly 0644 and is refused for it.
 */
#ifndef TG_CLI_BASELINE_H
#define TG_CLI_BASELINE_H

#include "base/sv.h"
#include "cli/seen.h"

struct tg_baseline; /* NULL: none was asked for */

/* --baseline, --write-baseline, --baseline-key.  *@out stays NULL without
 * them.  TG_E_CONFIG: no baseline of ours; TG_E_KEY: no key, or another one;
 * TG_E_USAGE, TG_E_IO. */
int
tg_baseline_open(struct tg_baseline **out, struct tg_cli *cli) TG_MUST_CHECK;
void tg_baseline_free(struct tg_baseline *b);

/* The fingerprint of @text at @file and @path.  NULL @b gives "". */
int tg_baseline_print(struct tg_baseline *b, char out[TG_FINGERPRINT],
    const char *file, const char *path, const char *type,
    struct tg_trace_text text, struct tg_err *err) TG_MUST_CHECK;
/* Whether one more of it is known; counts it for the baseline to write. */
int tg_baseline_known(struct tg_baseline *b, const char *print,
    const struct tg_seen *s, bool *known, struct tg_err *err) TG_MUST_CHECK;
/* Whether there is a baseline to compare with. */
bool tg_baseline_given(const struct tg_baseline *b);
/* Writes it when --write-baseline asks for it. */
int tg_baseline_close(struct tg_baseline *b, struct tg_cli *cli) TG_MUST_CHECK;

#endif
