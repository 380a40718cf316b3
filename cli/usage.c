#include "cli/usage.h"

#include <string.h>

#include "base/sv.h"
#include "base/yaml.h"
#include "base/banned.h"

#define WORDS_MAX 16

/* An alternative of a synopsis. */
struct form {
	struct tg_sv word[WORDS_MAX];
	size_t n_word;
	size_t operands;
	bool any; /* number of operands */
};

static bool
lower(char c)
{
	return (c >= 'a' && c <= 'z') || c == '-';
}

static bool
is_word(struct tg_sv t)
{
	for (size_t i = 0; i < t.n; i++)
		if (!lower(t.p[i]))
			return false;
	return t.n > 0 && t.p[0] != '-';
}

/* The next of @s between spaces and brackets; false: that was the last. */
static bool
token(struct tg_sv *out, struct tg_sv *s)
{
	size_t from = 0, n = 0;

	while (from < s->n && strchr(" []", s->p[from]) != NULL)
		from++;
	while (from + n < s->n && strchr(" []", s->p[from + n]) == NULL)
		n++;
	*out = (struct tg_sv){s->p + from, n};
	*s = (struct tg_sv){s->p + from + n, s->n - from - n};
	return n > 0;
}

static bool
takes_value(const struct tg_cmd *cmd, struct tg_sv option)
{
	for (const struct tg_opt *o = cmd->opts; o->name != NULL; o++) {
		const bool named = option.p[1] == '-'
		    ? tg_sv_is(
			  (struct tg_sv){option.p + 2, option.n - 2}, o->name)
		    : option.p[1] == o->letter;

		if (named)
			return o->arg != NULL && o->arg[0] != '[';
	}
	return false;
}

/* The next alternative of the synopsis @s; false: that was the last. */
static bool
next_form(struct form *f, struct tg_sv *s, const struct tg_cmd *cmd)
{
	struct tg_sv t;
	bool first = true;

	*f = (struct form){.any = false};
	while (token(&t, s) && !tg_sv_is(t, "|")) {
		if (t.p[0] == '-' && t.n > 1) {
			if (takes_value(cmd, t) && !token(&t, s))
				break;
		} else if (is_word(t) && f->operands == 0 &&
		    f->n_word < WORDS_MAX) {
			f->word[f->n_word++] = t;
		} else {
			f->operands++;
			f->any = f->any || memmem(t.p, t.n, "...", 3) != NULL;
		}
		first = false;
	}
	return !first;
}

/* How many of the form's words were typed. */
static size_t
matching(const struct form *f, const struct tg_args *a)
{
	size_t n = 0;

	while (
	    n < f->n_word && n < a->n_rest && tg_sv_is(f->word[n], a->rest[n]))
		n++;
	return n;
}

static int
unknown_word(struct tg_cli *cli)
{
	struct tg_sv s = tg_sv_of(cli->cmd->synopsis);
	char text[WORDS_MAX][32];
	const char *names[WORDS_MAX + 1] = {NULL};
	const char *word = cli->args.rest[0], *near;
	struct form f;
	size_t n = 0;

	while (n < WORDS_MAX && next_form(&f, &s, cli->cmd)) {
		if (f.n_word == 0)
			continue;
		(void)snprintf(
		    text[n], sizeof(text[n]), "%.*s", TG_SV_FMT(f.word[0]));
		names[n] = text[n];
		n++;
	}
	near = tg_nearest(tg_sv_of(word), names);
	(void)tg_fail(&cli->err, TG_E_USAGE, "%s: unknown word '%s'%s%s%s",
	    cli->cmd->name, word, near == NULL ? "" : " (did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?)");
	return tg_fail_hint(&cli->err, "tracegate help %s", cli->cmd->name);
}

/* The words typed are those of an alternative, and none too many.  Whether
 * there are enough is the verb's to say: it knows what is missing. */
static int
words(struct tg_cli *cli, bool *have_words)
{
	const struct tg_args *a = &cli->args;
	struct tg_sv s = tg_sv_of(cli->cmd->synopsis);
	size_t most = 0;
	bool known = false, whole = false, any = false;
	struct form f;

	*have_words = false;
	while (next_form(&f, &s, cli->cmd)) {
		const size_t n = matching(&f, a);

		*have_words = *have_words || f.n_word > 0;
		known = known || n > 0 || f.n_word == 0;
		if (n < f.n_word)
			continue;
		whole = true;
		any = any || f.any;
		if (n + f.operands > most)
			most = n + f.operands;
	}
	if (a->n_rest == 0)
		return 0;
	if (!known)
		return unknown_word(cli);
	if (!whole || any || a->n_rest <= most)
		return 0;
	(void)tg_fail(&cli->err, TG_E_USAGE, "%s: a word too many: '%s'",
	    cli->cmd->name, a->rest[most]);
	return tg_fail_hint(&cli->err, "tracegate help %s", cli->cmd->name);
}

/* Whether the option's help begins with words, and @word is none of them. */
static bool
of_another(const struct tg_opt *o, const char *word)
{
	const char *at = o->help;
	bool found = false;

	for (;;) {
		size_t n = 0;

		while (lower(at[n]))
			n++;
		if (n == 0)
			return false;
		found = found || tg_sv_is((struct tg_sv){at, n}, word);
		at += n;
		if (*at == ':')
			return !found;
		if (at[0] != ',' || at[1] != ' ')
			return false;
		at += 2;
	}
}

static int
options(struct tg_cli *cli)
{
	const char *word = cli->args.rest[0];

	for (size_t i = 0; i < cli->args.n; i++) {
		const struct tg_opt *o = cli->args.arg[i].opt;

		if (!of_another(o, word))
			continue;
		(void)tg_fail(&cli->err, TG_E_USAGE, "%s %s takes no --%s",
		    cli->cmd->name, word, o->name);
		return tg_fail_hint(
		    &cli->err, "tracegate help %s", cli->cmd->name);
	}
	return 0;
}

static int
language(struct tg_cli *cli)
{
	const char *lang = tg_args_value(&cli->args, "lang");

	if (lang == NULL || strcmp(lang, "en") == 0)
		cli->lang = TG_EN;
	else if (strcmp(lang, "fr") == 0)
		cli->lang = TG_FR;
	else
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--lang: en or fr expected, not '%s'", lang);
	return 0;
}

int
tg_usage_check(struct tg_cli *cli)
{
	bool have_words;

	if (words(cli, &have_words) < 0)
		return -1;
	if (have_words && cli->args.n_rest > 0 && options(cli) < 0)
		return -1;
	return language(cli);
}
