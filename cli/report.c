/* report.c - where the answer of scan goes, in which form. */
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "cli/seen.h"
#include "base/banned.h"

#define LINE_MAX (4u << 20)

static const struct {
	const char *name;
	const struct tg_writer *writer;
} forms[] = {{"text", &tg_writer_text}, {"json", &tg_writer_json},
    {"json=lines", &tg_writer_lines}, {"lines", &tg_writer_lines},
    {"sarif", &tg_writer_sarif}, {"markdown", &tg_writer_markdown},
    {"md", &tg_writer_markdown}};

static int
choose(struct tg_report *r)
{
	struct tg_cli *cli = r->cli;
	const char *form = tg_args_value(&cli->args, "output");
	const char *names[TG_COUNT(forms) + 1] = {NULL};
	const char *near;

	r->writer = cli->json_lines ? &tg_writer_lines
	    : cli->json		    ? &tg_writer_json
				    : &tg_writer_text;
	if (form == NULL)
		return 0;
	if (cli->json || cli->json_lines)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--json or --output, not both of them");
	for (size_t i = 0; i < TG_COUNT(forms); i++) {
		names[i] = forms[i].name;
		if (strcmp(form, forms[i].name) != 0)
			continue;
		r->writer = forms[i].writer;
		cli->json = r->writer == &tg_writer_json;
		cli->json_lines = r->writer == &tg_writer_lines;
		return 0;
	}
	near = tg_nearest(tg_sv_of(form), names);
	return tg_fail(&cli->err, TG_E_USAGE,
	    "--output text, json, json=lines, sarif or markdown, not %s%s%s%s",
	    form, near == NULL ? "" : " (did you mean ",
	    near == NULL ? "" : near, near == NULL ? "" : "?)");
}

/* The file is made when the first of the answer is there: the folder it is in
 * may be the one that is looked at. */
static int
start(struct tg_report *r, struct tg_err *err)
{
	if (r->started)
		return 0;
	r->started = true;
	if (r->path != NULL) {
		if (tg_fs_out_open(
			&r->file, r->path, 0644, TG_FS_OVERWRITE, err) < 0)
			return -1;
		r->to_file = true;
	}
	return r->writer->begin == NULL ? 0 : r->writer->begin(r, err);
}

int
tg_report_may_write(struct tg_cli *cli, const char *path)
{
	if (tg_args_given(&cli->args, "overwrite") || !tg_fs_exists(path))
		return 0;
	(void)tg_fail(&cli->err, TG_E_USAGE, "%s: is there already", path);
	return tg_fail_hint(&cli->err, "--overwrite replaces it");
}

void
tg_report_init(struct tg_report *r, struct tg_cli *cli,
    const struct tg_rules *rules, FILE *out)
{
	*r = (struct tg_report){.cli = cli,
	    .rules = rules,
	    .writer = &tg_writer_text,
	    .out = out,
	    .file = {.fd = -1}};
	tg_buf_init(&r->line, LINE_MAX);
	tg_buf_init(&r->text, LINE_MAX);
}

int
tg_report_open(
    struct tg_report *r, struct tg_cli *cli, const struct tg_rules *rules)
{
	const char *path = tg_args_value(&cli->args, "out");

	tg_report_init(r, cli, rules, stdout);
	if (choose(r) < 0)
		return -1;
	if (path == NULL || strcmp(path, "-") == 0)
		return 0;
	if (tg_report_may_write(cli, path) < 0)
		return -1;
	if (r->writer == &tg_writer_json)
		cli->answer = path; /* the document is made at the very end */
	else
		r->path = path;
	return 0;
}

int
tg_report_one(struct tg_report *r, const struct tg_seen *s, struct tg_err *err)
{
	if (start(r, err) < 0 || r->writer->one(r, s, err) < 0)
		return -1;
	r->n++;
	return 0;
}

int
tg_report_put(struct tg_report *r, struct tg_err *err)
{
	int rc = 0;

	if (r->to_file)
		rc = tg_fs_out_write(&r->file, r->line.p, r->line.n, err);
	else if (fwrite(r->line.p, 1, r->line.n, r->out) != r->line.n)
		rc = tg_fail(err, TG_E_IO, "standard output: cannot write");
	tg_buf_reset(&r->line);
	return rc;
}

int
tg_report_close(
    struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	if (start(r, err) < 0 ||
	    (r->writer->end != NULL && r->writer->end(r, t, err) < 0))
		return -1;
	if (!r->to_file)
		return 0;
	if (tg_fs_out_commit(&r->file, err) < 0)
		return -1;
	tg_cli_note(
	    r->cli, "%llu findings: %s", (unsigned long long)t->found, r->path);
	return 0;
}

void
tg_report_deinit(struct tg_report *r)
{
	if (r->to_file)
		tg_fs_out_abort(&r->file);
	tg_buf_deinit(&r->line);
	tg_buf_deinit(&r->text);
	free(r->used);
	free(r->index);
}
