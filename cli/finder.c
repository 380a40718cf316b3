#include "cli/finder.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define PATH_BUF (64u << 10)
#define WHYS_MAX (64u << 20)

/* All matches in a text, by place. */
struct matches {
	const struct tg_why *w;
	size_t n;
	size_t from; /* where the next finding's may begin */
};

/* Moves @a to @to of @bytes, which belong to @record. */
static void
advance(struct tg_finder_at *a, const char *bytes, uint64_t record, size_t to)
{
	if (a->bytes != bytes || a->record != record || a->at > to)
		*a = (struct tg_finder_at){.bytes = bytes, .record = record};
	for (; a->at < to; a->at++) {
		a->chars += ((unsigned char)bytes[a->at] & 0xc0) != 0x80;
		a->lines += bytes[a->at] == '\n';
	}
}

/* A name in the path that is personal itself is shown as '*'. */
static int
safe_path(struct tg_finder *f, const char *path, struct tg_err *err)
{
	tg_buf_reset(&f->path);
	while (*path != '\0') {
		const size_t n = strcspn(path, "/#");
		struct tg_findings found;

		if (n == 0) {
			if (tg_buf_addc(&f->path, *path++, err) < 0)
				return -1;
			continue;
		}
		if (tg_scan(f->keys, (struct tg_trace_text){path, n},
			(struct tg_trace_text){"", 0}, &found, err) < 0)
			return -1;
		if ((found.n > 0 ? tg_buf_addc(&f->path, '*', err)
				 : tg_buf_add(&f->path, path, n, err)) < 0)
			return -1;
		path += n;
	}
	return 0;
}

/* Where a byte of the text stands in the record. */
static uint32_t
raw_offset(const struct tg_text *t, uint32_t at)
{
	at = t->base + tg_jtext_raw(&t->text, at);
	for (const struct tg_nest *n = t->nest; n != NULL; n = n->up)
		at = n->base + tg_jtext_raw(&n->text, at);
	return at;
}

/* Joined tokens: the whole array.  Plain text was wrapped: its own offsets. */
static void
region(struct tg_finder *f, const struct tg_record *r, const struct tg_text *t,
    const struct tg_why *at, struct tg_seen_region *out)
{
	const struct tg_jnode *node = &r->doc.nodes[t->node];
	const bool tokens = t->kind == TG_TXT_TOKEN;
	const bool plain = f->look->intake.frame != TG_INPUT_JSON;
	const char *bytes = plain ? t->text.text.bytes : r->raw.p;
	uint64_t first;
	size_t from, to;

	from = plain ? at->start
	    : tokens ? node->start
		     : raw_offset(t, at->start);
	to = plain ? at->end : tokens ? node->end : raw_offset(t, at->end);
	advance(&f->raw, bytes, r->no, from);
	first = f->raw.chars;
	out->line = r->line + f->raw.lines;
	out->chars = r->chars == UINT64_MAX ? UINT64_MAX : r->chars + first;
	advance(&f->raw, bytes, r->no, to);
	out->length = f->raw.chars - first;
}

static void
see(void *ctx, const struct tg_why *why)
{
	struct tg_finder *f = ctx;

	if (!f->all && why->fate >= TG_FATE_INVALID)
		return;
	if (f->whys_err.cls == TG_E_NONE &&
	    tg_buf_add(&f->whys, why, sizeof(*why), &f->whys_err) < 0 &&
	    f->whys_err.cls == TG_E_NONE)
		(void)tg_fail_memory(&f->whys_err);
}

static int
order(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

static int
by_place(const void *pa, const void *pb)
{
	const struct tg_why *a = pa, *b = pb;
	const int by[] = {order(a->start, b->start), order(a->end, b->end),
	    order(a->rule, b->rule), order(a->fate, b->fate),
	    order(b->score, a->score),
	    order((uint32_t)a->n_chain, (uint32_t)b->n_chain),
	    strcmp(a->view, b->view)};

	for (size_t i = 0; i < TG_COUNT(by); i++)
		if (by[i] != 0)
			return by[i];
	return 0;
}

/* All matches in the text, each once; they are in f->whys. */
static int
reasons(struct tg_finder *f, const struct tg_text *t, struct matches *out,
    struct tg_err *err)
{
	struct tg_findings again;
	struct tg_why *w;
	size_t all, m = 0;

	*out = (struct matches){NULL, 0, 0};
	if (!f->explain)
		return 0;
	tg_buf_reset(&f->whys);
	tg_err_clear(&f->whys_err);
	if (tg_scan(f->why, t->text.text, t->key, &again, err) < 0)
		return -1;
	if (f->whys_err.cls != TG_E_NONE) {
		*err = f->whys_err;
		return -1;
	}
	w = (struct tg_why *)(void *)f->whys.p;
	all = f->whys.n / sizeof(*w);
	if (all > 0)
		qsort(w, all, sizeof(*w), by_place);
	for (size_t i = 0; i < all; i++)
		if (m == 0 || w[i].start != w[m - 1].start ||
		    w[i].end != w[m - 1].end || w[i].rule != w[m - 1].rule ||
		    w[i].fate != w[m - 1].fate)
			w[m++] = w[i];
	out->w = w;
	out->n = m;
	return 0;
}

/* The reason of a finding, and who else wanted the place: all that were found
 * in a place are inside its finding. */
static void
attach(const struct tg_finder *f, struct tg_seen *s, const struct tg_finding *x,
    struct matches *m)
{
	const struct tg_why *w = m->w;

	while (m->from < m->n && w[m->from].start < x->start)
		m->from++;
	for (size_t i = m->from; i < m->n && w[i].start < x->end; i++) {
		const struct tg_rule_info *rule =
		    tg_rules_info(f->look->rules, w[i].rule);
		bool there = false;

		if (w[i].fate != TG_FATE_FOUND)
			continue;
		if (w[i].rule == x->rule) {
			if (w[i].score == x->score && s->why == NULL)
				s->why = &w[i];
			continue;
		}
		for (size_t k = 0; k < s->n_conflict; k++)
			there |= s->conflict[k] == rule;
		if (!there && s->n_conflict < TG_SEEN_CONFLICTS)
			s->conflict[s->n_conflict++] = rule;
	}
}

static int
count_file(struct tg_finder *f, const struct tg_seen *s, struct tg_err *err)
{
	struct tg_tally *t = &f->tally;
	struct tg_tally_file *file =
	    t->n_file == 0 ? NULL : &t->file[t->n_file - 1];

	if (file == NULL || strcmp(file->name, s->file) != 0) {
		if (t->n_file == t->cap_file) {
			const size_t cap = t->cap_file * 2 + 16;

			file = reallocarray(t->file, cap, sizeof(*file));
			if (file == NULL)
				return tg_fail_memory(err);
			t->file = file;
			t->cap_file = cap;
		}
		file = &t->file[t->n_file];
		*file = (struct tg_tally_file){.name = strdup(s->file)};
		if (file->name == NULL)
			return tg_fail_memory(err);
		t->n_file++;
	}
	file->found += s->state == TG_SEEN_FOUND;
	file->known += s->state == TG_SEEN_KNOWN;
	return 0;
}

static int
count(struct tg_finder *f, const struct tg_record *r, const struct tg_text *t,
    const struct tg_seen *s, uint16_t type, struct tg_err *err)
{
	const uint64_t unit =
	    t->unit == TG_UNIT_NONE ? 0 : r->unit[t->unit].serial;

	if (s->state == TG_SEEN_KNOWN) {
		f->tally.known++;
		f->tally.type_known[type]++;
		return count_file(f, s, err);
	}
	f->tally.found++;
	f->tally.type[type]++;
	if (unit != f->last_unit || f->tally.found == 1)
		f->tally.units++;
	f->last_unit = unit;
	return count_file(f, s, err);
}

/* What is common to a finding and to a match that is none. */
static void
place(struct tg_finder *f, const struct tg_record *r, const struct tg_text *t,
    const struct tg_why *at, struct tg_seen *s)
{
	const char *bytes = t->text.text.bytes;

	s->file = f->look->file;
	s->record = r->no;
	s->path = tg_buf_sv(&f->path);
	advance(&f->text, bytes, r->no, at->start);
	s->start = (uint32_t)f->text.chars;
	advance(&f->text, bytes, r->no, at->end);
	s->end = (uint32_t)f->text.chars;
	if (f->raw_file != f->look->file)
		f->raw.bytes = NULL;
	f->raw_file = f->look->file;
	if (f->report->writer == &tg_writer_sarif)
		region(f, r, t, at, &s->region);
}

static int
finding(struct tg_finder *f, const struct tg_record *r, const struct tg_text *t,
    const struct tg_finding *x, struct matches *m, struct tg_err *err)
{
	const struct tg_rule_info *rule =
	    tg_rules_info(f->look->rules, x->rule);
	const struct tg_why at = {.start = x->start, .end = x->end};
	struct tg_seen s = {.rule = rule,
	    .score = x->score,
	    .action = tg_action_name((enum tg_action)x->action)};
	char print[TG_FINGERPRINT];
	bool known;

	place(f, r, t, &at, &s);
	attach(f, &s, x, m);
	if (tg_baseline_print(f->baseline, print, s.file,
		t->path == NULL ? "" : t->path, rule->type,
		(struct tg_trace_text){
		    t->text.text.bytes + x->start, x->end - x->start},
		err) < 0 ||
	    tg_baseline_known(f->baseline, print, &s, &known, err) < 0)
		return -1;
	s.fingerprint = f->baseline == NULL ? NULL : print;
	s.state = known ? TG_SEEN_KNOWN : TG_SEEN_FOUND;
	if (count(f, r, t, &s, x->type, err) < 0)
		return -1;
	/* What is known is shown to who asks why, and to what keeps state. */
	if (known && !f->explain && f->report->writer != &tg_writer_sarif)
		return 0;
	return tg_report_one(f->report, &s, err);
}

static const enum tg_seen_state states[] = {[TG_FATE_FOUND] = TG_SEEN_FOUND,
    [TG_FATE_BELOW] = TG_SEEN_BELOW,
    [TG_FATE_ALLOWED] = TG_SEEN_ALLOWED,
    [TG_FATE_NEGATIVE] = TG_SEEN_NEGATIVE,
    [TG_FATE_INVALID] = TG_SEEN_INVALID,
    [TG_FATE_BOUNDARY] = TG_SEEN_BOUNDARY};

static int
no_finding(struct tg_finder *f, const struct tg_record *r,
    const struct tg_text *t, const struct tg_why *w, struct tg_err *err)
{
	struct tg_seen s = {.rule = tg_rules_info(f->look->rules, w->rule),
	    .score = w->score,
	    .action = tg_action_name(TG_ACT_KEEP),
	    .state = states[w->fate],
	    .why = w};

	place(f, r, t, w, &s);
	return tg_report_one(f->report, &s, err);
}

/* Matches that are no findings, between those that are. */
static int
others(struct tg_finder *f, const struct tg_record *r, const struct tg_text *t,
    const struct tg_findings *found, const struct matches *m,
    struct tg_err *err)
{
	const struct tg_why *w = m->w;
	size_t k = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (w[i].fate == TG_FATE_FOUND || w[i].end <= w[i].start)
			continue;
		while (k < found->n && found->f[k].end <= w[i].start)
			k++;
		if (k < found->n && found->f[k].start < w[i].end)
			continue;
		if (no_finding(f, r, t, &w[i], err) < 0)
			return -1;
	}
	return 0;
}

static int
contexts(struct tg_finder *f, const struct tg_record *r,
    const struct tg_text *t, const struct tg_findings *found,
    struct tg_err *err)
{
	for (size_t i = 0; f->masked != NULL && i < found->n; i++)
		if (tg_masked_context(&f->context, f->look->rules, t->text.text,
			found, i, err) < 0 ||
		    tg_masked_add(f->masked, tg_buf_sv(&f->context),
			f->look->file, r, t, err) < 0)
			return -1;
	return 0;
}

static int
on_text(void *ctx, const struct tg_record *r, const struct tg_text *t,
    const struct tg_findings *found, struct tg_err *err)
{
	struct tg_finder *f = ctx;
	struct matches m;

	if (found->n + found->below + found->suppressed == 0 && !f->all)
		return 0;
	if (found->n == 0 && !f->explain)
		return 0;
	if (safe_path(f, t->path == NULL ? "" : t->path, err) < 0 ||
	    reasons(f, t, &m, err) < 0)
		return -1;
	f->text.bytes = NULL;
	for (size_t i = 0; i < found->n; i++)
		if (finding(f, r, t, &found->f[i], &m, err) < 0)
			return -1;
	return others(f, r, t, found, &m, err) < 0 ||
		contexts(f, r, t, found, err) < 0
	    ? -1
	    : 0;
}

static int
scanner(struct tg_finder *f, struct tg_scanner **out, struct tg_err *err)
{
	if (tg_scanner_new(out, f->look->rules, err) < 0)
		return -1;
	return f->look->policy == NULL
	    ? 0
	    : tg_settings_scanner(*out, f->look->rules, f->look->policy, err);
}

int
tg_finder_open(struct tg_finder *f, struct tg_cli *cli, struct tg_look *look,
    struct tg_report *report)
{
	const char *all = tg_args_value(&cli->args, "explain");
	const size_t n = tg_rules_type_count(look->rules);

	*f = (struct tg_finder){.cli = cli, .look = look, .report = report};
	tg_buf_init(&f->path, PATH_BUF);
	tg_buf_init(&f->context, PATH_BUF);
	tg_buf_init(&f->whys, WHYS_MAX);
	if (all != NULL && strcmp(all, "all") != 0)
		return tg_fail(&cli->err, TG_E_USAGE,
		    "--explain or --explain=all, not --explain=%s", all);
	f->explain = tg_args_given(&cli->args, "explain");
	f->all = all != NULL;
	report->explain = f->explain;
	f->tally.type = calloc(n + 1, sizeof(uint64_t));
	f->tally.type_known = calloc(n + 1, sizeof(uint64_t));
	if (f->tally.type == NULL || f->tally.type_known == NULL)
		return tg_fail_memory(&cli->err);
	/* What is personal in a path does not hang on the policy. */
	if (tg_scanner_new(&f->keys, look->rules, &cli->err) < 0 ||
	    (f->explain && scanner(f, &f->why, &cli->err) < 0))
		return -1;
	if (f->explain)
		tg_scanner_explain(f->why, see, f);
	if (tg_args_given(&cli->args, "context")) {
		f->tally.contexts = true;
		if (tg_masked_new(&f->masked, &cli->err) < 0)
			return -1;
	}
	look->pass.on_text = on_text;
	look->pass.ctx = f;
	look->pass.want_paths = true;
	return 0;
}

int
tg_finder_sum(struct tg_finder *f, struct tg_err *err)
{
	const struct tg_counts *c = f->look->counts;

	f->tally.below = c->below;
	f->tally.suppressed = c->suppressed;
	f->tally.records = c->records;
	f->tally.texts = c->texts;
	f->tally.left_out = c->quarantined;
	f->tally.baseline = tg_baseline_given(f->baseline);
	if (f->masked == NULL)
		return 0;
	return tg_masked_list(
	    f->masked, &f->tally.context, &f->tally.n_context, err);
}

void
tg_finder_close(struct tg_finder *f)
{
	for (size_t i = 0; i < f->tally.n_file; i++)
		free(f->tally.file[i].name);
	free(f->tally.file);
	free(f->tally.type);
	free(f->tally.type_known);
	tg_masked_free(f->masked);
	tg_scanner_free(f->keys);
	tg_scanner_free(f->why);
	tg_buf_deinit(&f->path);
	tg_buf_deinit(&f->context);
	tg_buf_deinit(&f->whys);
}
