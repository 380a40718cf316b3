#include <string.h>

#include "cli/finder.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_LOOK_OPTS,
    {"explain", 0, "[all]",
	"what is taken out, and why, on standard error; never the text"},
    {"out", 'o', "FILE", "write there instead of to standard output"},
    {"overwrite", 0, NULL, "a file that is there already is replaced"},
    {"pseudonym-key", 0, "FILE",
	"32 bytes in base64, 0600: pseudonyms, hashes, surrogates, shifts"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Reads traces and writes them, redacted, to standard output in the same "
    "format.  Keys and attributes that nobody knows are left out; so is a "
    "record that was not understood (said on standard error, exit 7).  A graph "
    "with a finding in its prompt is left out: what was computed from the "
    "prompt gives the prompt away.",
    "What stands for a finding is the policy's to say (-p): a label, a number, "
    "a "
    "mask, the coarser value, nothing.  What needs a key is a label without "
    "--pseudonym-key, and so is what an operator cannot read.",
    "Identifiers of users and sessions become labels; sampling, pseudonyms and "
    "generalised times are for tracegate run.",
    NULL,
};

static const struct tg_example examples[] = {
    {"filter a stream", "tracegate redact - <in.jsonl >out.jsonl"},
    {"French identifiers only", "tracegate redact --region fr traces.jsonl"},
    {NULL, NULL},
};

struct redact {
	struct tg_cli *cli;
	struct tg_look look;
	struct tg_report report; /* of --explain, on standard error */
	struct tg_finder finder;
	struct tg_fs_out file;
	const char *path; /* of -o, or NULL */
};

/* Made with the first record: the folder may be the one that is read. */
static int
open_file(struct redact *x, struct tg_err *err)
{
	if (x->path == NULL || x->file.tmp != NULL)
		return 0;
	return tg_fs_out_open(&x->file, x->path, 0644, TG_FS_OVERWRITE, err);
}

static int
bytes(struct redact *x, struct tg_sv s, struct tg_err *err)
{
	if (open_file(x, err) < 0)
		return -1;
	if (x->path != NULL)
		return tg_fs_out_write(&x->file, s.p, s.n, err);
	if (fwrite(s.p, 1, s.n, stdout) != s.n)
		return tg_fail(err, TG_E_IO, "standard output: cannot write");
	return 0;
}

static int
put(void *ctx, struct tg_sv record, struct tg_sv eol, struct tg_err *err)
{
	return bytes(ctx, record, err) < 0 || bytes(ctx, eol, err) < 0 ? -1 : 0;
}

/* --format text: the text inside {"text":"…"} back as text. */
static int
put_text(void *ctx, struct tg_sv record, struct tg_sv eol, struct tg_err *err)
{
	struct redact *x = ctx;
	struct tg_jdoc *d = &x->look.pass.nest[0];
	struct tg_jtext text;
	uint32_t i;
	size_t at;

	if (tg_jscan(d, record, &at, err) < 0)
		return -1;
	i = tg_jdoc_find(d, 0, "text");
	if (i == UINT32_MAX)
		return 0;
	if (tg_jtext_decode(&text, tg_jdoc_str(d, i), d->nodes[i].esc,
		&x->look.intake.rec.arena, err) < 0)
		return -1;
	return put(x, (struct tg_sv){text.text.bytes, text.text.n}, eol, err);
}

static int
open_all(struct redact *x)
{
	struct tg_cli *cli = x->cli;
	const char *path = tg_args_value(&cli->args, "out");

	if (tg_look_open(&x->look, cli, TG_MODE_REDACT) < 0)
		return -1;
	if (tg_args_given(&cli->args, "explain")) {
		tg_report_init(&x->report, cli, x->look.rules, stderr);
		if (tg_finder_open(&x->finder, cli, &x->look, &x->report) < 0)
			return -1;
	}
	if (path != NULL && strcmp(path, "-") != 0) {
		if (tg_report_may_write(cli, path) < 0)
			return -1;
		x->path = path;
	}
	if (cli->json && x->path == NULL)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--json: standard output cannot hold the records too, -o "
		    "FILE takes them");
	x->look.intake.write =
	    x->look.intake.frame == TG_INPUT_JSON ? put : put_text;
	x->look.intake.write_ctx = x;
	return 0;
}

static int
filter(struct redact *x)
{
	if (open_all(x) < 0 || tg_look_all(&x->look, x->cli) < 0)
		return -1;
	if (x->path == NULL)
		return 0;
	if (open_file(x, &x->cli->err) < 0)
		return -1;
	return tg_fs_out_commit(&x->file, &x->cli->err);
}

static int
set(struct tg_json *o, const char *key, uint64_t v)
{
	return tg_json_set_int(o, key, (int64_t)v);
}

static int
as_json(const struct redact *x, uint64_t spans)
{
	const struct tg_counts *c = x->look.counts;
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= set(o, "spans", spans);
	bad |= set(o, "units", x->look.pass.serial);
	bad |= set(o, "units_written", c->units_out);
	bad |= set(o, "records_left_out", c->quarantined);
	bad |= set(o, "unknown_fields", c->unknown);
	bad |= set(o, "token_rows", c->rows);
	bad |= set(o, "token_rows_written", c->rows_kept);
	bad |= set(o, "tensors", c->tensors);
	bad |= set(o, "tensors_written", c->tensors_kept);
	x->cli->result = o;
	return bad ? tg_fail_memory(&x->cli->err) : 0;
}

static int
verdict(const struct redact *x)
{
	const struct tg_counts *c = x->look.counts;
	const uint64_t units = x->look.pass.serial;
	uint64_t spans = 0;

	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		spans += c->type[i].spans;
	if (x->cli->json && as_json(x, spans) < 0)
		return tg_cli_failed(x->cli);
	tg_cli_note(x->cli,
	    "%llu spans redacted, %llu of %llu units written, %llu "
	    "records left out, %llu unknown fields left out",
	    (unsigned long long)spans, (unsigned long long)c->units_out,
	    (unsigned long long)units, (unsigned long long)c->quarantined,
	    (unsigned long long)c->unknown);
	tg_look_foreign(&x->look, x->cli);
	if (c->rows > 0)
		tg_cli_note(x->cli,
		    "%llu of %llu token rows written, %llu of %llu tensors",
		    (unsigned long long)c->rows_kept,
		    (unsigned long long)c->rows,
		    (unsigned long long)c->tensors_kept,
		    (unsigned long long)c->tensors);
	return c->quarantined > 0 || c->unknown > 0 || c->units_out < units ? 7
									    : 0;
}

static int
run(struct tg_cli *cli)
{
	static struct redact x;
	int status;

	x.cli = cli;
	x.file.fd = -1;
	status = filter(&x) < 0 ? tg_cli_failed(cli) : verdict(&x);
	tg_finder_close(&x.finder);
	tg_report_deinit(&x.report);
	tg_fs_out_abort(&x.file);
	tg_look_close(&x.look);
	return status;
}

const struct tg_cmd tg_cmd_redact = {
    .name = "redact",
    .group = "Look (nothing changes)",
    .summary = "filter: traces in, redacted traces out",
    .synopsis = "[--region LIST] [-p POLICY] [--format FMT] [-o FILE] "
		"PATH...|-",
    .description = description,
    .opts = opts,
    .exits = "0 all written; 7 records or fields were left out.",
    .examples = examples,
    .run = run,
};
