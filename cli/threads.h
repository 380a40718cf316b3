/* threads.h - how many threads look at records: -j. */
#ifndef TG_CLI_THREADS_H
#define TG_CLI_THREADS_H

#include "cli/cmd.h"

#define TG_THREADS_MAX 64

#define TG_OPT_THREADS                                                     \
	{                                                                  \
		"threads", 'j', "N",                                       \
		    "look at records with N threads (default 1; 0: one a " \
		    "processor that may be used); what comes out is the "  \
		    "same for any N"                                       \
	}

/* The number of -j: at least 1.  TG_E_USAGE. */
int tg_cli_threads(struct tg_cli *cli, unsigned *out) TG_MUST_CHECK;

#endif
