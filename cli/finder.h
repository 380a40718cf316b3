/*
 * finder.h - from what a pass finds to what is shown: places, reasons, the
 * baseline, counts.  For scan, and for redact --explain.
 */
#ifndef TG_CLI_FINDER_H
#define TG_CLI_FINDER_H

#include "cli/baseline.h"
#include "cli/inspect.h"
#include "cli/masked.h"
#include "cli/seen.h"

struct tg_finder {
	struct tg_cli *cli;
	struct tg_look *look;
	struct tg_report *report;
	struct tg_baseline *baseline; /* or NULL */
	struct tg_masked *masked;     /* or NULL */
	bool explain, all;	      /* --explain, --explain=all */
	struct tg_tally tally;
	/* scratch */
	struct tg_scanner *keys; /* for the names in a path */
	struct tg_scanner *why;	 /* with explain */
	struct tg_buf whys;	 /* struct tg_why */
	struct tg_buf path, context;
	struct tg_err whys_err;
	uint64_t last_unit;
	struct tg_finder_at {
		const char *bytes;
		uint64_t record;
		size_t at;
		uint64_t chars, lines; /* before it */
	} text, raw;
	const char *raw_file;
};

/* look and report are open; sets the callbacks of the pass. */
int tg_finder_open(struct tg_finder *f, struct tg_cli *cli,
    struct tg_look *look, struct tg_report *report) TG_MUST_CHECK;
/* What the counts of the pass and the contexts add to the tally. */
int tg_finder_sum(struct tg_finder *f, struct tg_err *err) TG_MUST_CHECK;
void tg_finder_close(struct tg_finder *f);

#endif
