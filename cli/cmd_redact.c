#include "cli/inspect.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_LOOK_OPTS,
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Reads traces and writes them, redacted, to standard output in the same "
    "format.  Keys and attributes that nobody knows are left out; so is a "
    "record that was not understood (said on standard error, exit 7).  A graph "
    "with a finding in its prompt is left out: what was computed from the "
    "prompt gives the prompt away.",
    "Identifiers of users and sessions become labels; sampling, pseudonyms and "
    "generalised times are for tracegate run.",
    NULL,
};

static const struct tg_example examples[] = {
    {"filter a stream", "tracegate redact - <in.jsonl >out.jsonl"},
    {"French identifiers only", "tracegate redact --region fr traces.jsonl"},
    {NULL, NULL},
};

static int
put(void *ctx TG_UNUSED, struct tg_sv record, struct tg_sv eol,
    struct tg_err *err)
{
	if (fwrite(record.p, 1, record.n, stdout) != record.n ||
	    fwrite(eol.p, 1, eol.n, stdout) != eol.n)
		return tg_fail(err, TG_E_IO, "standard output: cannot write");
	return 0;
}

/* --format text: the text inside {"text":"…"} back as text. */
static int
put_text(void *ctx, struct tg_sv record, struct tg_sv eol, struct tg_err *err)
{
	struct tg_look *l = ctx;
	struct tg_jdoc *d = &l->pass.nest[0];
	struct tg_jtext text;
	uint32_t i;
	size_t at;

	if (tg_jscan(d, record, &at, err) < 0)
		return -1;
	i = tg_jdoc_find(d, 0, "text");
	if (i == UINT32_MAX)
		return 0;
	if (tg_jtext_decode(&text, tg_jdoc_str(d, i), d->nodes[i].esc,
		&l->intake.rec.arena, err) < 0)
		return -1;
	return put(
	    NULL, (struct tg_sv){text.text.bytes, text.text.n}, eol, err);
}

static int
filter(struct tg_look *l, struct tg_cli *cli)
{
	if (tg_look_open(l, cli, TG_MODE_REDACT) < 0)
		return -1;
	l->intake.write = l->intake.frame == TG_INPUT_JSON ? put : put_text;
	l->intake.write_ctx = l;
	return tg_look_all(l, cli);
}

static int
run(struct tg_cli *cli)
{
	struct tg_look l;
	int status;

	if (filter(&l, cli) < 0) {
		status = tg_cli_failed(cli);
	} else {
		const struct tg_counts *c = l.counts;
		uint64_t spans = 0;

		for (size_t i = 0; i < TG_COUNT_TYPES; i++)
			spans += c->type[i].spans;
		tg_cli_note(cli,
		    "%llu spans redacted, %llu of %llu units written, %llu "
		    "records left out, %llu unknown fields left out",
		    (unsigned long long)spans, (unsigned long long)c->units_out,
		    (unsigned long long)l.pass.serial,
		    (unsigned long long)c->quarantined,
		    (unsigned long long)c->unknown);
		if (c->rows > 0)
			tg_cli_note(cli,
			    "%llu of %llu token rows written, %llu of %llu "
			    "tensors",
			    (unsigned long long)c->rows_kept,
			    (unsigned long long)c->rows,
			    (unsigned long long)c->tensors_kept,
			    (unsigned long long)c->tensors);
		status = c->quarantined > 0 || c->unknown > 0 ||
			c->units_out < l.pass.serial
		    ? 7
		    : 0;
	}
	tg_look_close(&l);
	return status;
}

const struct tg_cmd tg_cmd_redact = {
    .name = "redact",
    .group = "Look (nothing changes)",
    .summary = "filter: traces in, redacted traces out",
    .synopsis = "[--region LIST] [-p POLICY] [--format FMT] PATH...|-",
    .description = description,
    .opts = opts,
    .exits = "0 all written; 7 records or fields were left out.",
    .examples = examples,
    .run = run,
};
