/*
 * opt.h - options by table.  Long names are matched whole (an abbreviation is
 * an error with a suggestion: a new option must not change an old script);
 * --name=VALUE or --name VALUE; short ones are single letters; -- ends.
 */
#ifndef TG_CLI_OPT_H
#define TG_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct tg_opt {
	const char *name; /* "policy", NULL ends a table */
	char letter;	  /* 'p' or 0 */
	const char *arg;  /* "FILE"; NULL: a flag; "[FMT]": may be left out */
	const char *help;
};

struct tg_arg {
	const struct tg_opt *opt;
	const char *value; /* NULL: a flag, or the value was left out */
};

#define TG_ARGS_MAX 512

struct tg_args {
	struct tg_arg arg[TG_ARGS_MAX];
	size_t n;
	const char *rest[TG_ARGS_MAX]; /* what is no option */
	size_t n_rest;
};

/* The options every verb has. */
extern const struct tg_opt tg_opts_global[];

/* @argv[from..argc) by @opts and the global ones; TG_E_USAGE. */
int tg_args_parse(struct tg_args *out, const struct tg_opt *opts, int argc,
    char *const *argv, int from, struct tg_err *err) TG_MUST_CHECK;
/* The last value given, or NULL (also for a flag). */
const char *tg_args_value(const struct tg_args *a, const char *name);
bool tg_args_given(const struct tg_args *a, const char *name);
/* The @i-th value given for @name, or NULL. */
const char *tg_args_nth(const struct tg_args *a, const char *name, size_t i);

#endif
