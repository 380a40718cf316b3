#include <string.h>

#include "base/num.h"
#include "cli/finder.h"
#include "base/banned.h"

static const struct tg_opt opts[] = {
    TG_LOOK_OPTS,
    {"explain", 0, "[all]",
	"why: pack, check, parts of the score, context, view, conflicts; and "
	"matches that do not count (all: those a check refused too)"},
    {"baseline", 0, "FILE", "findings in it were known and do not count"},
    {"write-baseline", 0, "FILE", "what is found now, for --baseline"},
    {"baseline-key", 0, "FILE",
	"the baseline's secret key (default: its name and .key)"},
    {"max-findings", 0, "N", "exit 1 only above N findings (default 0)"},
    {"context", 0, NULL,
	"masked words around findings, where 5 traces or more have the same"},
    {"output", 0, "FMT", "text (default), json, json=lines, sarif, markdown"},
    {"out", 'o', "FILE", "write there instead of to standard output"},
    {"overwrite", 0, NULL, "files that are there already are replaced"},
    {NULL, 0, NULL, NULL},
};

static const char *const description[] = {
    "Looks for personal data and secrets in traces and changes nothing.  A "
    "finding names its place, type, score and rule, and what would be done to "
    "it, never the text: start and "
    "end are code points in the decoded string, end exclusive; path is a JSON "
    "Pointer, with # where it goes on inside JSON in a string.",
    "Files are known by their content: OTLP/JSON traces and logs, attribution "
    "graphs, JSON lines; gzip and zstd are opened.",
    "A baseline holds keyed fingerprints of file, path, type and value: the "
    "same value at another place, once more at the same place, or another "
    "value at a known place is new.  Its key is a file of its own, made with "
    "the first baseline; keep it out of the repository.  All files are looked "
    "at, however many findings there are.",
    "SARIF regions count code points from the beginning of the file.  PERSON "
    "is best effort: a name that no title or dictionary tells is missed.",
    NULL,
};

static const struct tg_example examples[] = {
    {"what is in last night's traces", "tracegate scan traces/"},
    {"one object a finding", "tracegate scan --json=lines --region fr traces/"},
    {"a text file, a line a record",
	"tracegate scan --format text --lines notes.txt"},
    {"for a code scanning page",
	"tracegate scan --output sarif -o scan.sarif tests/data/"},
    {"accept what is there now",
	"tracegate scan --write-baseline known.json tests/data/"},
    {"and look for what is new",
	"tracegate scan --baseline known.json tests/data/"},
    {NULL, NULL},
};

struct scan {
	struct tg_cli *cli;
	struct tg_look look;
	struct tg_report report;
	struct tg_baseline *baseline;
	struct tg_finder finder;
};

static int
limit(struct scan *s)
{
	const char *text = tg_args_value(&s->cli->args, "max-findings");

	if (text == NULL ||
	    tg_parse_u64(
		&s->finder.tally.max, tg_sv_of(text), 0, UINT64_MAX - 1))
		return 0;
	return tg_fail(
	    &s->cli->err, TG_E_USAGE, "--max-findings: a number, not %s", text);
}

static int
open_all(struct scan *s)
{
	struct tg_cli *cli = s->cli;

	if (tg_look_open(&s->look, cli, TG_MODE_SCAN) < 0 ||
	    tg_report_open(&s->report, cli, s->look.rules) < 0 ||
	    tg_baseline_open(&s->baseline, cli) < 0 ||
	    tg_finder_open(&s->finder, cli, &s->look, &s->report) < 0)
		return -1;
	s->finder.baseline = s->baseline;
	return limit(s);
}

static int
work(struct scan *s)
{
	struct tg_cli *cli = s->cli;

	if (open_all(s) < 0 || tg_look_all(&s->look, cli) < 0 ||
	    tg_finder_sum(&s->finder, &cli->err) < 0)
		return -1;
	if (tg_report_close(&s->report, &s->finder.tally, &cli->err) < 0)
		return -1;
	return tg_baseline_close(s->baseline, cli);
}

static int
verdict(struct scan *s)
{
	const struct tg_tally *t = &s->finder.tally;

	if (t->texts == 0)
		tg_cli_note(s->cli,
		    "not assessed: no text was examined in %llu records",
		    (unsigned long long)t->records);
	tg_look_foreign(&s->look, s->cli);
	if (t->found > t->max)
		return 1;
	return t->left_out > 0 || t->texts == 0 ? 7 : 0;
}

static int
run(struct tg_cli *cli)
{
	static struct scan s;
	int status;

	s.cli = cli;
	status = work(&s) < 0 ? tg_cli_failed(cli) : verdict(&s);
	tg_finder_close(&s.finder);
	tg_baseline_free(s.baseline);
	tg_report_deinit(&s.report);
	tg_look_close(&s.look);
	return status;
}

const struct tg_cmd tg_cmd_scan = {
    .name = "scan",
    .group = "Look (nothing changes)",
    .summary = "what personal data is in these traces?",
    .synopsis = "[--region LIST] [-p POLICY] [--baseline FILE] [--output FMT] "
		"[-o FILE] PATH...|-",
    .description = description,
    .opts = opts,
    .exits = "0 nothing found (or no more than --max-findings); 1 something "
	     "found; 7 nothing found, but records were left out or nothing was "
	     "examined.",
    .examples = examples,
    .streams = true,
    .run = run,
};
