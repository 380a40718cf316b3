/* help.c - the help, the topics and the man pages, all from the tables. */
#include <string.h>

#include "cli/cmd.h"
#include "base/banned.h"

#define COLUMNS 80
#define OPT_COLUMN 29	/* of what an option is for */
#define USAGE_COLUMN 11 /* of a usage that goes on */

struct topic {
	const char *name;
	const char *text;
};

static const struct topic topics[] = {
    {"exit-codes",
	"0    yes, or done\n"
	"1    worked, and the answer is no: findings, a gate failed, differs\n"
	"2    usage\n"
	"3    configuration, job or policy invalid\n"
	"4    waiting for a human decision (the normal end of a run)\n"
	"5    integrity: signature, digest or ledger\n"
	"6    temporary: input, output or network; retrying may help\n"
	"7    partial: some records were left out\n"
	"8    a limit or budget is reached\n"
	"9    locked: another run is active\n"
	"10   key, passphrase or credential\n"
	"70   a bug in tracegate\n"
	"130, 143   ended by a signal\n"
	"New codes may be added: treat an unknown one as failure.\n"},
    {"environment",
	"TRACEGATE_DATA_DIR     where policies/, regions/ and redactors/ are\n"
	"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,\n"
	"AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE, AWS_REGION,\n"
	"AWS_ENDPOINT_URL_S3, AWS_CA_BUNDLE   for s3: targets\n"
	"No passphrase is ever read from the environment.\n"},
    {"files",
	"tracegate.yaml  what is exported, why, to whom (tracegate init)\n"
	"trust.yaml      persons, their roles and keys\n"
	"keys/           secret keys, 0600\n"
	"recipients/     who may receive, with their age keys\n"
	"state/runs/     one folder a run: spool and quarantine are private\n"
	"state/ledger/   the append-only record; may be mirrored\n"},
    {"states",
	"planned -> rechecked -> bundled -> recorded -> awaiting-decision\n"
	"-> uploading -> uploaded.  Nothing is sent before uploading, and\n"
	"uploading begins only when the policy's roles have signed and the\n"
	"intent is in the ledger.\n"},
    {"json",
	"--json prints one document when the verb ends:\n"
	"{\"schema\",\"tool\",\"ok\",\"exit_code\",\"result\",\"notes\","
	"\"next\"}\n"
	"result is null or empty where nothing could be done; notes say why.\n"
	"--json=lines prints the members of result, one a line (scan: as they\n"
	"come); notes and errors are on standard error.\n"
	"Members may be added; none changes its meaning.\n"},
};

void
tg_help_top(FILE *out)
{
	const char *group = "";

	(void)fprintf(out,
	    "tracegate - redact, approve and export LLM activation traces.\n"
	    "It contacts no host but the destination you name.\n\n"
	    "usage: tracegate VERB [options] [RUN|FILE...]\n");
	for (size_t i = 0; i < tg_cmd_count(); i++) {
		const struct tg_cmd *c = tg_cmd_at(i);

		if (strcmp(c->group, group) != 0)
			(void)fprintf(out, "\n%s\n", c->group);
		group = c->group;
		(void)fprintf(out, "  %-10s %s\n", c->name, c->summary);
	}
	(void)fprintf(out,
	    "\nHelp:  tracegate help VERB | help exit-codes | help files | "
	    "help states\n");
}

/* Columns of UTF-8. */
static size_t
width(const char *p, size_t n)
{
	size_t w = 0;

	for (size_t i = 0; i < n; i++)
		w += ((unsigned char)p[i] & 0xc0) != 0x80;
	return w;
}

/* The words of @text from column @at on, further lines from @indent. */
static void
fold(FILE *out, const char *text, size_t at, size_t indent)
{
	for (size_t gap = 0; *text != '\0';) {
		const size_t n = strcspn(text, " "), w = width(text, n);

		if (gap > 0 && at + gap + w > COLUMNS) {
			(void)fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else {
			(void)fprintf(out, "%*s", (int)gap, "");
			at += gap;
		}
		(void)fwrite(text, 1, n, out);
		at += w;
		text += n;
		gap = strspn(text, " ");
		text += gap;
	}
	(void)fputc('\n', out);
}

/* " FILE", "[=lines]", or nothing. */
static void
value_text(char *out, size_t size, const struct tg_opt *o)
{
	if (o->arg == NULL)
		out[0] = '\0';
	else if (o->arg[0] == '[')
		(void)snprintf(out, size, "[=%s", o->arg + 1);
	else
		(void)snprintf(out, size, " %s", o->arg);
}

static void
print_opt(FILE *out, const struct tg_opt *o)
{
	char left[64], value[32];

	value_text(value, sizeof(value), o);
	(void)snprintf(left, sizeof(left), "%c%c%s--%s%s",
	    o->letter != 0 ? '-' : ' ', o->letter != 0 ? o->letter : ' ',
	    o->letter != 0 ? ", " : "  ", o->name, value);
	fold(out, o->help, (size_t)fprintf(out, "  %-26s ", left), OPT_COLUMN);
}

/* Of a verb with words a line for each. */
static void
print_usage(FILE *out, const struct tg_cmd *cmd)
{
	static const char between[] = " | ";
	const char *lead = "usage:", *at = cmd->synopsis;
	const bool words = at[0] >= 'a' && at[0] <= 'z';
	const char *end;

	while (words && (end = strstr(at, between)) != NULL) {
		(void)fprintf(out, "%s tracegate %s %.*s\n", lead, cmd->name,
		    (int)(end - at), at);
		at = end + sizeof(between) - 1;
		lead = "      ";
	}
	fold(out, at, (size_t)fprintf(out, "%s tracegate %s ", lead, cmd->name),
	    USAGE_COLUMN);
}

void
tg_help_cmd(FILE *out, const struct tg_cmd *cmd)
{
	(void)fprintf(out, "tracegate %s - %s\n\n", cmd->name, cmd->summary);
	print_usage(out, cmd);
	for (size_t i = 0; cmd->description[i] != NULL; i++) {
		(void)fputc('\n', out);
		fold(out, cmd->description[i], 0, 0);
	}
	(void)fprintf(out, "\noptions:\n");
	for (const struct tg_opt *o = cmd->opts; o->name != NULL; o++)
		print_opt(out, o);
	for (const struct tg_opt *o = tg_opts_global; o->name != NULL; o++)
		print_opt(out, o);
	fold(out, cmd->exits, (size_t)fprintf(out, "\nexit status: "), 4);
	if (cmd->examples[0].text != NULL)
		(void)fprintf(out, "\nexamples:\n");
	for (size_t i = 0; cmd->examples[i].text != NULL; i++)
		(void)fprintf(out, "  # %s\n  %s\n", cmd->examples[i].text,
		    cmd->examples[i].command);
}

const char *
tg_help_topic(const char *topic)
{
	for (size_t i = 0; i < TG_COUNT(topics); i++)
		if (strcmp(topics[i].name, topic) == 0)
			return topics[i].text;
	return NULL;
}

struct tg_json *
tg_help_top_json(void)
{
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < tg_cmd_count(); i++) {
		const struct tg_cmd *c = tg_cmd_at(i);
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "verb", c->name);
		bad |= tg_json_set_str(o, "group", c->group);
		bad |= tg_json_set_str(o, "summary", c->summary);
		bad |= tg_json_push(list, o);
	}
	if (bad == 0)
		return list;
	tg_json_free(list);
	return NULL;
}

static int
options_json(struct tg_json *list, const struct tg_opt *opts)
{
	int bad = 0;

	for (const struct tg_opt *o = opts; o->name != NULL; o++) {
		const char letter[2] = {o->letter, '\0'};
		struct tg_json *j = tg_json_object();

		bad |= tg_json_set_str(j, "name", o->name);
		bad |= tg_json_set_str(j, "letter", letter);
		bad |=
		    tg_json_set_str(j, "value", o->arg == NULL ? "" : o->arg);
		bad |= tg_json_set_str(j, "help", o->help);
		bad |= tg_json_push(list, j);
	}
	return bad;
}

struct tg_json *
tg_help_cmd_json(const struct tg_cmd *cmd)
{
	struct tg_json *o = tg_json_object(), *list = tg_json_array();
	int bad = 0;

	bad |= tg_json_set_str(o, "verb", cmd->name);
	bad |= tg_json_set_str(o, "summary", cmd->summary);
	bad |= tg_json_set_str(o, "synopsis", cmd->synopsis);
	bad |= tg_json_set_str(o, "exits", cmd->exits);
	bad |= options_json(list, cmd->opts);
	bad |= options_json(list, tg_opts_global);
	bad |= tg_json_set(o, "options", list);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* mdoc: a backslash and a leading dot would be commands, and a sentence begins
 * a line. */
static void
roff(FILE *out, const char *s)
{
	bool start = true;

	for (; *s != '\0'; s++) {
		if (start && (*s == '.' || *s == '\''))
			(void)fputs("\\&", out);
		if ((*s == '.' || *s == ':' || *s == '?') && s[1] == ' ' &&
		    s[2] == ' ') {
			(void)fprintf(out, "%c\n", *s);
			s += 2;
			start = true;
			continue;
		}
		if (*s == '\\')
			(void)fputs("\\e", out);
		else if (*s == '-')
			(void)fputs("\\-", out);
		else
			(void)fputc(*s, out);
		start = *s == '\n';
	}
}

static void
man_opt(FILE *out, const struct tg_opt *o)
{
	(void)fputs(".It ", out);
	if (o->letter != 0)
		(void)fprintf(out, "Fl %c , ", o->letter);
	(void)fprintf(out, "Fl \\-%s", o->name);
	if (o->arg != NULL && o->arg[0] == '[')
		(void)fprintf(out, " Ns Op = Ns Ar %.*s",
		    (int)strlen(o->arg) - 2, o->arg + 1);
	else if (o->arg != NULL)
		(void)fprintf(out, " Ar %s", o->arg);
	(void)fputc('\n', out);
	roff(out, o->help);
	(void)fputs("\n", out);
}

static void
man_head(FILE *out, const char *name, const char *upper, const char *summary)
{
	(void)fprintf(out, ".Dd November 24, 2026\n.Dt %s 1\n.Os\n", upper);
	(void)fprintf(out, ".Sh NAME\n.Nm %s\n.Nd ", name);
	roff(out, summary);
	(void)fputc('\n', out);
}

static void
upper_name(char *to, size_t size, const char *prefix, const char *name)
{
	(void)snprintf(to, size, "%s%s", prefix, name);
	for (; *to != '\0'; to++)
		if (*to >= 'a' && *to <= 'z')
			*to = (char)(*to - 32);
}

static void
man_examples(FILE *out, const struct tg_cmd *cmd)
{
	if (cmd->examples[0].text == NULL)
		return;
	(void)fputs(".Sh EXAMPLES\n", out);
	for (size_t i = 0; cmd->examples[i].text != NULL; i++) {
		if (i > 0)
			(void)fputs(".Pp\n", out);
		roff(out, cmd->examples[i].text);
		(void)fputs(":\n.Bd -literal -offset indent\n", out);
		roff(out, cmd->examples[i].command);
		(void)fputs("\n.Ed\n", out);
	}
}

void
tg_help_man(FILE *out, const struct tg_cmd *cmd)
{
	char upper[64], name[64];

	upper_name(upper, sizeof(upper), "tracegate-", cmd->name);
	(void)snprintf(name, sizeof(name), "tracegate-%s", cmd->name);
	man_head(out, name, upper, cmd->summary);
	(void)fprintf(out, ".Sh SYNOPSIS\n.Nm tracegate %s\n", cmd->name);
	roff(out, cmd->synopsis);
	(void)fputs("\n.Sh DESCRIPTION\n", out);
	for (size_t i = 0; cmd->description[i] != NULL; i++) {
		if (i > 0)
			(void)fputs(".Pp\n", out);
		roff(out, cmd->description[i]);
		(void)fputc('\n', out);
	}
	(void)fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", out);
	for (const struct tg_opt *o = cmd->opts; o->name != NULL; o++)
		man_opt(out, o);
	for (const struct tg_opt *o = tg_opts_global; o->name != NULL; o++)
		man_opt(out, o);
	(void)fputs(".El\n.Sh EXIT STATUS\n", out);
	roff(out, cmd->exits);
	(void)fputc('\n', out);
	man_examples(out, cmd);
	(void)fputs(".Sh SEE ALSO\n.Xr tracegate 1\n", out);
}

void
tg_help_man_top(FILE *out)
{
	man_head(out, "tracegate", "TRACEGATE",
	    "customs gate for LLM activation traces");
	(void)fputs(".Sh SYNOPSIS\n.Nm\n.Ar VERB\n.Op options\n"
		    ".Op Ar RUN | FILE ...\n.Sh DESCRIPTION\n"
		    "Reads activation traces, redacts personal data, applies "
		    "the policy of a region,\nseals and signs a bundle, "
		    "records it, waits for the people the policy names,\nand "
		    "uploads it.\nIt contacts no host but the destination that "
		    "the job names.\n.Pp\nThe verbs are:\n"
		    ".Bl -tag -width Ds\n",
	    out);
	for (size_t i = 0; i < tg_cmd_count(); i++) {
		(void)fprintf(
		    out, ".It Xr tracegate-%s 1\n", tg_cmd_at(i)->name);
		roff(out, tg_cmd_at(i)->summary);
		(void)fputc('\n', out);
	}
	(void)fputs(".El\n.Sh ENVIRONMENT\n.Bd -literal\n", out);
	roff(out, topics[1].text);
	(void)fputs(".Ed\n.Sh FILES\n.Bd -literal\n", out);
	roff(out, topics[2].text);
	(void)fputs(".Ed\n.Sh EXIT STATUS\n.Bd -literal\n", out);
	roff(out, topics[0].text);
	(void)fputs(".Ed\n", out);
}
