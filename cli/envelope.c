#include "cli/envelope.h"

#include <stdarg.h>
#include <string.h>

#include "base/enc.h"
#include "base/fs.h"
#include "cli/version.h"
#include "base/banned.h"

#define LINES "--json=lines"

void
tg_envelope_asked(struct tg_cli *cli, int argc, char *const *argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		cli->json = cli->json || strcmp(argv[i], "--json") == 0;
		cli->json_lines =
		    cli->json_lines || strcmp(argv[i], LINES) == 0;
	}
}

int
tg_envelope_options(struct tg_cli *cli)
{
	const char *form = tg_args_value(&cli->args, "json");
	const bool given = tg_args_given(&cli->args, "json");

	cli->json_lines = form != NULL && strcmp(form, "lines") == 0;
	cli->json = given && !(cli->json_lines && cli->cmd->streams);
	if (form == NULL || cli->json_lines)
		return 0;
	return tg_fail(
	    &cli->err, TG_E_USAGE, "--json or " LINES ", not --json=%s", form);
}

/* What stands in a message of ours may come from the command line, in any
 * bytes; a document is UTF-8. */
static int
push_text(struct tg_json *list, const char *text)
{
	char copy[1024];
	size_t n, bad;

	(void)snprintf(copy, sizeof(copy), "%s", text);
	n = strlen(copy);
	while ((bad = tg_utf8_valid((struct tg_sv){copy, n})) < n)
		copy[bad] = '?';
	return tg_json_push_str(list, copy);
}

TG_PRINTF(4, 0)
static void
say(struct tg_cli *cli, struct tg_json *list, const char *lead, const char *fmt,
    va_list ap)
{
	char line[1024];

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	if (cli->json || cli->json_lines)
		(void)push_text(list, line);
	if ((!cli->json || cli->json_lines) && !cli->quiet)
		(void)fprintf(stderr, "%s%s\n", lead, line);
}

void
tg_cli_note(struct tg_cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(cli, cli->notes, "", fmt, ap);
	va_end(ap);
}

void
tg_cli_next(struct tg_cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(cli, cli->next, "next: ", fmt, ap);
	va_end(ap);
}

static int
document(struct tg_cli *cli, int status, struct tg_buf *out)
{
	struct tg_json *doc = tg_json_object();
	char schema[64];
	int bad = 0;

	(void)snprintf(schema, sizeof(schema), "tracegate.%s/1",
	    cli->cmd == NULL ? "answer" : cli->cmd->name);
	bad |= tg_json_set_str(doc, "schema", schema);
	bad |= tg_json_set_str(doc, "tool", TG_VERSION);
	bad |= tg_json_set_bool(doc, "ok", status == 0);
	bad |= tg_json_set_int(doc, "exit_code", status);
	bad |= tg_json_set(doc, "result",
	    cli->result == NULL ? tg_json_null() : tg_json_ref(cli->result));
	if (cli->err.cls != TG_E_NONE)
		bad |= push_text(cli->notes, cli->err.text);
	if (cli->err.hint[0] != '\0')
		bad |= push_text(cli->next, cli->err.hint);
	bad |= tg_json_set(doc, "notes", tg_json_ref(cli->notes));
	bad |= tg_json_set(doc, "next", tg_json_ref(cli->next));
	if (bad)
		(void)tg_fail_memory(&cli->err);
	else if (tg_json_pretty(out, doc, &cli->err) < 0)
		bad = 1;
	tg_json_free(doc);
	return bad ? -1 : 0;
}

static int
one_line(struct tg_cli *cli, const struct tg_json *j, struct tg_buf *out)
{
	tg_buf_reset(out);
	if (tg_json_canonical(out, j, &cli->err) < 0)
		return -1;
	(void)fwrite(out->p, 1, out->n, stdout);
	return 0;
}

/* A list by its members, an object as one. */
static int
lines(struct tg_cli *cli, struct tg_buf *out)
{
	const struct tg_json *all = cli->result;
	int rc = 0;

	if (all == NULL || tg_json_len(all) == 0)
		return 0;
	if (tg_json_at(all, 0) == NULL)
		return one_line(cli, all, out);
	for (size_t i = 0; i < tg_json_len(all) && rc == 0; i++)
		rc = one_line(cli, tg_json_at(all, i), out);
	return rc;
}

static int
whole(struct tg_cli *cli, int status, struct tg_buf *out)
{
	if (document(cli, status, out) < 0) {
		if (cli->err.cls == TG_E_LIMIT)
			(void)tg_fail_hint(&cli->err,
			    "the document is too large: " LINES
			    " has no limit");
		return -1;
	}
	if (cli->answer != NULL)
		return tg_fs_write(cli->answer, tg_buf_sv(out), 0644,
		    TG_FS_OVERWRITE, &cli->err);
	(void)fwrite(out->p, 1, out->n, stdout);
	return 0;
}

int
tg_envelope_print(struct tg_cli *cli, int status)
{
	const struct tg_err before = cli->err;
	struct tg_buf out;
	int rc;

	tg_buf_init(&out, TG_JSON_MAX);
	rc = cli->json_lines ? lines(cli, &out) : whole(cli, status, &out);
	if (rc == 0)
		cli->err = before;
	tg_buf_deinit(&out);
	return rc == 0 ? status : tg_cli_failed(cli);
}
