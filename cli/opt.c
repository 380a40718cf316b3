#include "cli/opt.h"

#include <string.h>

#include "base/sv.h"
#include "base/yaml.h"
#include "base/banned.h"

const struct tg_opt tg_opts_global[] = {
    {"help", 'h', NULL, "show help for the verb"},
    {"version", 0, NULL, "show the version and those of the libraries"},
    {"json", 0, "[lines]",
	"one JSON document on standard output; lines: one object a line"},
    {"quiet", 'q', NULL, "only errors on standard error"},
    {"verbose", 'v', NULL, "say more on standard error"},
    {"no-input", 0, NULL, "never ask for anything"},
    {"data-dir", 0, "DIR", "where policies/, regions/ and redactors/ are"},
    {NULL, 0, NULL, NULL},
};

#define NAMES_MAX 64

static const struct tg_opt *
find_long(const struct tg_opt *opts, struct tg_sv name)
{
	for (; opts->name != NULL; opts++)
		if (tg_sv_is(name, opts->name))
			return opts;
	return NULL;
}

static const struct tg_opt *
find_letter(const struct tg_opt *opts, char c)
{
	for (; opts->name != NULL; opts++)
		if (opts->letter == c && c != 0)
			return opts;
	return NULL;
}

static int
unknown(const struct tg_opt *opts, struct tg_sv name, struct tg_err *err)
{
	const struct tg_opt *const tables[] = {opts, tg_opts_global};
	const char *names[NAMES_MAX + 1] = {NULL};
	const char *near = NULL;
	size_t n = 0;

	for (size_t t = 0; t < TG_COUNT(tables); t++)
		for (const struct tg_opt *o = tables[t];
		     o->name != NULL && n < NAMES_MAX; o++) {
			names[n++] = o->name;
			/* What getopt would have taken for it. */
			if (tg_sv_starts(tg_sv_of(o->name), name) &&
			    near == NULL)
				near = o->name;
		}
	if (near == NULL)
		near = tg_nearest(name, names);
	if (near == NULL)
		return tg_fail(
		    err, TG_E_USAGE, "unknown option --%.*s", TG_SV_FMT(name));
	return tg_fail(err, TG_E_USAGE,
	    "unknown option --%.*s (did you mean --%s?)", TG_SV_FMT(name),
	    near);
}

static int
add(struct tg_args *a, const struct tg_opt *o, const char *value,
    struct tg_err *err)
{
	if (a->n == TG_ARGS_MAX)
		return tg_fail(
		    err, TG_E_USAGE, "more than %d options", TG_ARGS_MAX);
	a->arg[a->n++] = (struct tg_arg){o, value};
	return 0;
}

static int
long_option(struct tg_args *a, const struct tg_opt *opts, int argc,
    char *const *argv, int *i, struct tg_err *err)
{
	const char *word = argv[*i] + 2;
	const char *eq = strchr(word, '=');
	const struct tg_sv name = {
	    word, eq == NULL ? strlen(word) : (size_t)(eq - word)};
	const struct tg_opt *o = find_long(opts, name);
	const char *value = eq == NULL ? NULL : eq + 1;

	if (o == NULL)
		o = find_long(tg_opts_global, name);
	if (o == NULL)
		return unknown(opts, name, err);
	if (o->arg == NULL && value != NULL)
		return tg_fail(err, TG_E_USAGE, "--%s takes no value", o->name);
	if (o->arg != NULL && o->arg[0] != '[' && value == NULL) {
		if (*i + 1 >= argc)
			return tg_fail(
			    err, TG_E_USAGE, "--%s needs %s", o->name, o->arg);
		value = argv[++*i];
	}
	return add(a, o, value, err);
}

static int
short_options(struct tg_args *a, const struct tg_opt *opts, int argc,
    char *const *argv, int *i, struct tg_err *err)
{
	for (const char *p = argv[*i] + 1; *p != '\0'; p++) {
		const struct tg_opt *o = find_letter(opts, *p);
		const char *value = NULL;

		if (o == NULL)
			o = find_letter(tg_opts_global, *p);
		if (o == NULL)
			return tg_fail(
			    err, TG_E_USAGE, "unknown option -%c", *p);
		if (o->arg != NULL && o->arg[0] != '[') {
			value = p[1] != '\0' ? p + 1
			    : *i + 1 < argc  ? argv[++*i]
					     : NULL;
			if (value == NULL)
				return tg_fail(err, TG_E_USAGE, "-%c needs %s",
				    *p, o->arg);
			return add(a, o, value, err);
		}
		if (add(a, o, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_args_parse(struct tg_args *out, const struct tg_opt *opts, int argc,
    char *const *argv, int from, struct tg_err *err)
{
	bool plain = false;

	out->n = out->n_rest = 0;
	for (int i = from; i < argc; i++) {
		const char *w = argv[i];
		int rc = 0;

		if (!plain && strcmp(w, "--") == 0)
			plain = true;
		else if (!plain && strncmp(w, "--", 2) == 0)
			rc = long_option(out, opts, argc, argv, &i, err);
		else if (!plain && w[0] == '-' && w[1] != '\0')
			rc = short_options(out, opts, argc, argv, &i, err);
		else if (out->n_rest == TG_ARGS_MAX)
			rc = tg_fail(err, TG_E_USAGE, "more than %d arguments",
			    TG_ARGS_MAX);
		else
			out->rest[out->n_rest++] = w;
		if (rc < 0)
			return -1;
	}
	return 0;
}

const char *
tg_args_value(const struct tg_args *a, const char *name)
{
	for (size_t i = a->n; i-- > 0;)
		if (strcmp(a->arg[i].opt->name, name) == 0)
			return a->arg[i].value;
	return NULL;
}

bool
tg_args_given(const struct tg_args *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->arg[i].opt->name, name) == 0)
			return true;
	return false;
}

const char *
tg_args_nth(const struct tg_args *a, const char *name, size_t i)
{
	for (size_t k = 0; k < a->n; k++)
		if (strcmp(a->arg[k].opt->name, name) == 0 && i-- == 0)
			return a->arg[k].value;
	return NULL;
}
