#include <string.h>

#include "cli/inspect.h"
#include "base/banned.h"

#define PATH_BUF (64u << 10)

static const struct tg_opt opts[] = {
    TG_LOOK_OPTS,
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
    NULL,
};

static const struct tg_example examples[] = {
    {"what is in last night's traces", "tracegate scan traces/"},
    {"one object a finding", "tracegate scan --json=lines --region fr traces/"},
    {"a text file, a line a record",
	"tracegate scan --format text --lines notes.txt"},
    {NULL, NULL},
};

struct scan {
	struct tg_cli *cli;
	struct tg_look look;
	struct tg_scanner *keys; /* for the names in a path */
	const char *file;
	uint64_t findings, units;
	uint64_t last_unit;
	struct tg_buf path, line;
};

static uint32_t
code_points(struct tg_trace_text t, uint32_t end)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < end && i < t.n; i++)
		n += ((unsigned char)t.bytes[i] & 0xc0) != 0x80;
	return n;
}

/* A name in the path that is personal itself is shown as '*'. */
static int
safe_path(struct scan *s, const char *path, struct tg_err *err)
{
	tg_buf_reset(&s->path);
	while (*path != '\0') {
		const size_t n = strcspn(path, "/#");
		struct tg_findings found;

		if (n == 0) {
			if (tg_buf_addc(&s->path, *path++, err) < 0)
				return -1;
			continue;
		}
		if (tg_scan(s->keys, (struct tg_trace_text){path, n},
			(struct tg_trace_text){"", 0}, &found, err) < 0)
			return -1;
		if ((found.n > 0 ? tg_buf_addc(&s->path, '*', err)
				 : tg_buf_add(&s->path, path, n, err)) < 0)
			return -1;
		path += n;
	}
	return 0;
}

static int
as_json(struct scan *s, const struct tg_record *r, const struct tg_finding *f,
    uint32_t start, uint32_t end, struct tg_json **out, struct tg_err *err)
{
	const struct tg_rule_info *rule = tg_rules_info(s->look.rules, f->rule);
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "file", s->file);
	bad |= tg_json_set_int(o, "record", (int64_t)r->no);
	bad |= tg_json_set_sv(o, "path", tg_buf_sv(&s->path));
	bad |= tg_json_set_int(o, "start", start);
	bad |= tg_json_set_int(o, "end", end);
	bad |= tg_json_set_str(o, "type", rule->type);
	bad |= tg_json_set_int(o, "score", f->score);
	bad |= tg_json_set_str(o, "rule", rule->id);
	bad |= tg_json_set_str(
	    o, "action", tg_action_name((enum tg_action)f->action));
	if (bad) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	*out = o;
	return 0;
}

static int
show(struct scan *s, const struct tg_record *r, const struct tg_finding *f,
    uint32_t start, uint32_t end, struct tg_err *err)
{
	const struct tg_rule_info *rule = tg_rules_info(s->look.rules, f->rule);
	struct tg_json *o;

	if (!s->cli->json && !s->cli->json_lines) {
		(void)printf("%s:%llu  %s[%u..%u]  %s  %u  %s  %s\n", s->file,
		    (unsigned long long)r->no, s->path.n == 0 ? "" : s->path.p,
		    start, end, rule->type, f->score, rule->id,
		    tg_action_name((enum tg_action)f->action));
		return 0;
	}
	if (as_json(s, r, f, start, end, &o, err) < 0)
		return -1;
	if (s->cli->json)
		return tg_json_push(s->cli->result, o) < 0 ? tg_fail_memory(err)
							   : 0;
	tg_buf_reset(&s->line);
	if (tg_json_canonical(&s->line, o, err) < 0) {
		tg_json_free(o);
		return -1;
	}
	tg_json_free(o);
	(void)fwrite(s->line.p, 1, s->line.n, stdout);
	return 0;
}

static int
finding(void *ctx, const struct tg_record *r, const struct tg_text *t,
    const struct tg_finding *f, struct tg_err *err)
{
	struct scan *s = ctx;
	const uint64_t unit =
	    t->unit == TG_UNIT_NONE ? 0 : r->unit[t->unit].serial;

	s->findings++;
	if (unit != s->last_unit || s->findings == 1)
		s->units++;
	s->last_unit = unit;
	if (safe_path(s, t->path == NULL ? "" : t->path, err) < 0)
		return -1;
	return show(s, r, f, code_points(t->text.text, f->start),
	    code_points(t->text.text, f->end), err);
}

static void
summary(struct scan *s)
{
	const struct tg_counts *c = s->look.counts;
	const char *lead = ": ";

	if (s->cli->json || s->cli->json_lines || s->cli->quiet)
		return;
	(void)printf("%llu findings in %llu of %llu records, %llu texts "
		     "examined",
	    (unsigned long long)s->findings, (unsigned long long)s->units,
	    (unsigned long long)c->records, (unsigned long long)c->texts);
	for (size_t i = 0; i < tg_rules_type_count(s->look.rules); i++)
		if (i < TG_COUNT_TYPES && c->type[i].spans > 0) {
			(void)printf("%s%llu %s", lead,
			    (unsigned long long)c->type[i].spans,
			    tg_rules_type(s->look.rules, (uint16_t)i));
			lead = ", ";
		}
	(void)printf(".\n%llu below their threshold, %llu records left out\n",
	    (unsigned long long)c->below, (unsigned long long)c->quarantined);
}

static int
verdict(struct scan *s)
{
	const struct tg_counts *c = s->look.counts;

	if (c->texts == 0)
		tg_cli_note(s->cli,
		    "not assessed: no text was examined in %llu records",
		    (unsigned long long)c->records);
	if (s->findings > 0)
		return 1;
	return c->quarantined > 0 || c->texts == 0 ? 7 : 0;
}

static int
all(struct scan *s)
{
	struct tg_cli *cli = s->cli;
	struct tg_input_list list;
	int rc = 0;

	if (cli->args.n_rest == 1 && strcmp(cli->args.rest[0], "-") == 0) {
		s->file = "-";
		return tg_look_all(&s->look, cli);
	}
	if (tg_input_collect(
		&list, cli->args.rest, cli->args.n_rest, &cli->err) < 0)
		return -1;
	if (list.n == 0)
		rc = tg_fail(&cli->err, TG_E_INPUT,
		    "no file in there: nothing was examined");
	for (size_t i = 0; i < list.n && rc == 0; i++) {
		struct tg_input in = {
		    .path = list.path[i], .index = (unsigned)i};

		s->file = list.path[i];
		rc = tg_input_run(&s->look.intake, &in, -1, &cli->err);
	}
	tg_input_list_free(&list);
	return rc;
}

static int
run(struct tg_cli *cli)
{
	struct scan s = {.cli = cli};
	int status;

	tg_buf_init(&s.path, PATH_BUF);
	tg_buf_init(&s.line, PATH_BUF * 4);
	if (cli->json)
		cli->result = tg_json_array();
	if (tg_look_open(&s.look, cli, TG_MODE_SCAN) < 0 ||
	    tg_scanner_new(&s.keys, s.look.rules, &cli->err) < 0) {
		status = tg_cli_failed(cli);
	} else {
		s.look.pass.on_finding = finding;
		s.look.pass.ctx = &s;
		s.look.pass.want_paths = true;
		status = all(&s) < 0 ? tg_cli_failed(cli) : verdict(&s);
		if (cli->err.cls == TG_E_NONE)
			summary(&s);
	}
	tg_scanner_free(s.keys);
	tg_look_close(&s.look);
	tg_buf_deinit(&s.path);
	tg_buf_deinit(&s.line);
	return status;
}

const struct tg_cmd tg_cmd_scan = {
    .name = "scan",
    .group = "Look (nothing changes)",
    .summary = "what personal data is in these traces?",
    .synopsis = "[--region LIST] [-p POLICY] [--format FMT] PATH...|-",
    .description = description,
    .opts = opts,
    .exits = "0 nothing found; 1 something found; 7 nothing found, but "
	     "records were left out or nothing was examined.",
    .examples = examples,
    .run = run,
};
