/* run_read.c - every input through the stages into the spool; then the recheck
 * of what would leave. */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/fs.h"
#include "base/json.h"
#include "pipeline/run_priv.h"
#include "base/banned.h"

static int
by_path(const void *a, const void *b)
{
	const struct tg_run_input *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int
add_list(struct tg_run *r, const struct tg_input_list *l,
    const struct tg_job_source *s, const struct tg_vocab *vocab,
    struct tg_err *err)
{
	const bool real = strcmp(s->text_origin, "real") == 0;
	const char *texts = tg_job_path(r->job, s->texts);
	struct tg_run_input *all =
	    tg_arena_calloc(&r->arena, r->n_input + l->n, sizeof(*all));

	if (all == NULL || (texts == NULL && s->texts != NULL))
		return tg_fail_memory(err);
	for (size_t i = 0; i < r->n_input; i++)
		all[i] = r->input[i];
	for (size_t i = 0; i < l->n; i++) {
		all[r->n_input + i].path =
		    tg_arena_str(&r->arena, tg_sv_of(l->path[i]));
		all[r->n_input + i].real = real;
		all[r->n_input + i].vocab = vocab;
		all[r->n_input + i].causal = s->causal;
		all[r->n_input + i].whole = s->whole;
		all[r->n_input + i].texts = texts;
		if (all[r->n_input + i].path == NULL)
			return tg_fail_memory(err);
	}
	r->input = all;
	r->n_input += l->n;
	return 0;
}

/* What the token ids of source @i spell; kept compact in the state folder. */
static int
vocabulary(struct tg_run *r, size_t i, struct tg_err *err)
{
	const char *path = r->job->source[i].tokenizer;
	const char *cache =
	    tg_arena_fmt(&r->arena, "%s/vocabularies", r->job->state);

	if (path == NULL || r->vocab[i] != NULL)
		return 0;
	path = tg_job_path(r->job, path);
	if (path == NULL || cache == NULL)
		return tg_fail_memory(err);
	return tg_vocab_load(&r->vocab[i], path, cache, err);
}

/* The files of this origin, in an order that the paths alone decide. */
static int
collect(struct tg_run *r, struct tg_err *err)
{
	for (size_t i = 0; i < r->job->n_source; i++) {
		const struct tg_job_source *s = &r->job->source[i];
		const char *path = tg_job_path(r->job, s->path);
		struct tg_input_list l;
		int rc;

		if (strcmp(s->origin, r->origin) != 0)
			continue;
		if (path == NULL)
			return tg_fail_memory(err);
		if (vocabulary(r, i, err) < 0 ||
		    tg_input_collect(&l, &path, 1, err) < 0)
			return -1;
		rc = add_list(r, &l, s, r->vocab[i], err);
		tg_input_list_free(&l);
		if (rc < 0)
			return -1;
	}
	if (r->n_input == 0)
		return tg_fail(err, TG_E_NO,
		    "no file in the sources of origin %s: nothing was "
		    "examined",
		    r->origin);
	qsort(r->input, r->n_input, sizeof(*r->input), by_path);
	for (size_t i = 1; i < r->n_input; i++)
		if (strcmp(r->input[i - 1].path, r->input[i].path) == 0)
			return tg_fail(err, TG_E_CONFIG,
			    "%s: %s is in two sources", r->job->file,
			    r->input[i].path);
	return 0;
}

static int
settings(struct tg_run *r, struct tg_err *err)
{
	bool real = false, invented = false;
	uint8_t key[TG_KEY_LEN];
	struct tg_settings_run run = {.seed = r->seed,
	    .pseudonyms = key,
	    .retention_class = r->job->retention_class,
	    .all_synthetic = true,
	    .rate_ppb = r->job->rate_ppb,
	    .as_of = r->as_of};
	int rc = -1;

	for (size_t i = 0; i < r->n_input; i++) {
		run.all_synthetic = run.all_synthetic && !r->input[i].real;
		real = real || r->input[i].real;
		invented = invented || !r->input[i].real;
	}
	if (tg_anonymity_ask(&r->anonymity, r->policy, real, invented, err) <
		0 ||
	    tg_aggregates_ask(
		&r->aggregate_limits, &r->aggregates, r->policy, err) < 0)
		return -1;
	if (tg_run_pseudonyms(r, key, err) < 0)
		goto out;
	for (int i = 0; i < 2; i++) {
		if (tg_settings_export(
			&r->set[i], r->policy, &run, i == 1, err) < 0)
			goto out;
		r->set[i].held = r->held;
		r->set[i].n_held = r->n_held;
	}
	rc = 0;
out:
	tg_crypt_wipe(key, sizeof(key));
	return rc;
}

/* What listens to a pass.  What is to be traced again: a line a prompt, in the
 * order of the inputs. */
struct ears {
	struct tg_fs_out again; /* recapture.jsonl */
	struct tg_buf line;
	uint64_t n;
	unsigned input; /* that is read */
	struct tg_facts *facts;
};

static int
on_text(void *ctx, const struct tg_record *r, const struct tg_text *text,
    const struct tg_findings *found, struct tg_err *err)
{
	const struct ears *c = ctx;

	return tg_facts_text(c->facts, r, text, found, err);
}

static int
on_record(void *ctx, const struct tg_record *r, struct tg_err *err)
{
	const struct ears *c = ctx;

	return tg_facts_record(c->facts, r, err);
}

static int
recapture(void *ctx, const struct tg_record *r, struct tg_sv prompt,
    struct tg_err *err)
{
	struct ears *c = ctx;

	tg_buf_reset(&c->line);
	if (tg_buf_addf(&c->line, err,
		"{\"input\":\"src-%04u\",\"record\":%llu,\"prompt\":\"",
		c->input, (unsigned long long)r->no) < 0 ||
	    tg_json_escape(&c->line, prompt, err) < 0 ||
	    tg_buf_adds(&c->line, "\"}\n", err) < 0)
		return -1;
	c->n++;
	return tg_fs_out_write(&c->again, c->line.p, c->line.n, err);
}

static int
read_all(struct tg_run *r, struct tg_intake *t, struct ears *ears,
    struct tg_err *err)
{
	for (size_t i = 0; i < r->n_input; i++) {
		struct tg_input *in = &r->done[i];

		*in = (struct tg_input){
		    .index = (unsigned)i, .path = r->input[i].path};
		ears->input = (unsigned)i;
		t->pass->set = &r->set[r->input[i].real];
		t->pass->vocab = r->input[i].vocab;
		t->pass->causal = r->input[i].causal;
		t->pass->whole = r->input[i].whole;
		t->pass->texts = r->input[i].texts;
		r->quasi->off = r->anonymity.only_real && !r->input[i].real;
		tg_facts_input(
		    r->facts, i, r->anonymity.measured ? r->quasi : NULL);
		if (tg_input_run(t, in, -1, err) < 0)
			return tg_fail_in(err, "%s", in->path);
	}
	return 0;
}

/* Where the numbers of traces go when they may not leave; NULL: they may. */
static int
aggregate(struct tg_run *r, struct tg_aggregate **out, struct tg_err *err)
{
	const char *dir = tg_run_path(r, "aggregate");
	uint8_t key[TG_KEY_LEN];
	int rc;

	if (!r->aggregates)
		return 0;
	if (dir == NULL)
		return tg_fail_memory(err);
	tg_crypt_derive(key, r->seed, "aggregate/subjects", TG_SV(""));
	rc = tg_aggregate_new(
	    out, dir, &r->aggregate_limits, key, TG_AGGREGATES_MEMORY, err);
	tg_crypt_wipe(key, sizeof(key));
	return rc;
}

/* The cells of all that was read: of these files, under this policy. */
static int
cells(struct tg_run *r, struct tg_aggregate *a, struct tg_err *err)
{
	struct tg_buf what;
	int rc;

	if (a == NULL)
		return 0;
	tg_buf_init(&what, 64u << 20);
	rc = tg_buf_adds(&what, tg_policy_sha256(r->policy), err);
	for (size_t i = 0; i < r->n_input && rc == 0; i++)
		rc = tg_buf_add(
		    &what, r->done[i].sha256, sizeof(r->done[i].sha256), err);
	if (rc == 0)
		rc = tg_aggregates_write(
		    a, &r->members, r->seed, tg_buf_sv(&what), err);
	r->aggregated = *tg_aggregate_result(a);
	tg_buf_deinit(&what);
	return rc;
}

static int
stages(struct tg_run *r, struct ears *ears, struct tg_err *err)
{
	struct tg_quarantine q = {.dir = NULL};
	struct tg_pass pass;
	struct tg_intake intake;
	const char *dir = tg_run_path(r, "quarantine");
	/* The first reading has told it. */
	FILE *say = r->quasi->second ? NULL : r->opts->say;
	int rc = -1;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_pass_init(
		&pass, &r->set[0], r->rules, r->attrs, r->counts, err) < 0) {
		tg_pass_deinit(&pass);
		return -1;
	}
	tg_intake_init(&intake, &pass);
	pass.on_recapture = recapture;
	pass.on_text = on_text;
	pass.on_record = on_record;
	pass.drawn = &r->drawn;
	pass.ctx = ears;
	pass.quasi = r->quasi;
	intake.members = &r->members;
	intake.quarantine = &q;
	tg_settings_health(pass.health, r->rules, r->policy);
	if (tg_settings_scanner(pass.scanner, r->rules, r->policy, err) == 0 &&
	    tg_settings_operators(pass.ops, r->rules, r->policy, err) == 0 &&
	    aggregate(r, &pass.aggregate, err) == 0 &&
	    tg_quarantine_open(&q, dir, say, err) == 0 &&
	    read_all(r, &intake, ears, err) == 0 &&
	    cells(r, pass.aggregate, err) == 0)
		rc = tg_members_close(&r->members, err);
	tg_aggregate_free(pass.aggregate);
	tg_quarantine_close(&q);
	tg_intake_deinit(&intake);
	tg_pass_deinit(&pass);
	return rc;
}

static int
facts_begin(struct tg_run *r, struct tg_err *err)
{
	char salt[2 * TG_KEY_LEN + 1];
	uint8_t key[TG_KEY_LEN];
	const char *dir = tg_run_path(r, TG_FACTS_DIR);
	const char *path = tg_run_path(r, TG_FACTS_FILE);
	const char **file =
	    tg_arena_calloc(&r->arena, r->n_input, sizeof(*file));
	bool *real = tg_arena_calloc(&r->arena, r->n_input, sizeof(*real));
	struct tg_facts_run run = {.run = r->id,
	    .set = &r->set[0],
	    .asked_ppb = r->job->rate_ppb,
	    .all_synthetic = true,
	    .classes_enforced = r->anonymity.enforced,
	    .limits = &r->anonymity.limits,
	    .file = file,
	    .real = real,
	    .n_file = r->n_input,
	    .salt = salt,
	    .attributes_sha256 = tg_attributes_sha256(r->attrs)};

	if (dir == NULL || path == NULL || file == NULL || real == NULL)
		return tg_fail_memory(err);
	if (tg_fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	tg_crypt_derive(key, r->seed, "facts/salt", TG_SV(""));
	tg_hex(salt, key, sizeof(key));
	for (size_t i = 0; i < r->n_input; i++) {
		file[i] = r->input[i].path;
		real[i] = r->input[i].real;
		run.all_synthetic = run.all_synthetic && !real[i];
	}
	tg_facts_free(r->facts);
	r->facts = NULL;
	return tg_facts_new(&r->facts, path, r->rules, &run, err);
}

static int
facts_end(struct tg_run *r, struct tg_classes *c, struct tg_err *err)
{
	uint64_t *n = tg_arena_calloc(&r->arena, 2 * r->n_input, sizeof(*n));

	if (n == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < r->n_input; i++) {
		n[i] = r->done[i].records;
		n[r->n_input + i] = r->done[i].quarantined;
	}
	return tg_facts_finish(r->facts, c, n, n + r->n_input, r->n_input,
	    r->explained.facts_sha256, err);
}

static int
read_stage(struct tg_run *r, struct tg_err *err)
{
	struct ears ears = {.again = {.fd = -1}};
	const char *path = tg_run_path(r, "recapture.jsonl");
	const char *spool = tg_run_path(r, "spool");
	const char *sample = tg_run_path(r, "sample.txt");
	int rc = -1;

	if (path == NULL || spool == NULL || sample == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&ears.line, 64u << 20);
	r->has_members = true;
	if (facts_begin(r, err) < 0)
		goto out;
	ears.facts = r->facts;
	if (tg_fs_out_open(&ears.again, path, 0600, TG_FS_OVERWRITE, err) ==
		0 &&
	    tg_members_init(&r->members, spool, r->seed, err) == 0 &&
	    tg_sampled_init(&r->drawn, sample, err) == 0 &&
	    stages(r, &ears, err) == 0 &&
	    tg_sampled_finish(
		&r->drawn, r->sample_key, r->set[0].rate_ppb, err) == 0)
		rc = tg_fs_out_commit(&ears.again, err);
	if (rc == 0 && ears.n > 0 && !r->quasi->second)
		tg_run_say(r,
		    "   %-12s %llu redacted prompts to trace again: %s",
		    "recapture", (unsigned long long)ears.n, path);
out:
	tg_fs_out_abort(&ears.again);
	tg_buf_deinit(&ears.line);
	return rc;
}

/* Everything anew, without the units of small classes. */
static int
read_again(struct tg_run *r, struct tg_err *err)
{
	r->quasi->second = true;
	tg_sampled_deinit(&r->drawn);
	tg_members_deinit(&r->members);
	r->has_members = false;
	*r->counts = (struct tg_counts){.n_stage = 0};
	if (tg_linkage_again(r->quasi->linkage, err) < 0 ||
	    read_stage(r, err) < 0)
		return -1;
	return tg_classes_same(r->quasi->classes, err);
}

static void
say_classes(const struct tg_run *r)
{
	const struct tg_anonymity *a = &r->anonymity;

	tg_run_say(r,
	    "   %-12s groups: %llu, the smallest: %llu, policy: %llu; "
	    "%llu records below it%s",
	    "k-anonymity", (unsigned long long)a->result.before.classes,
	    (unsigned long long)a->result.before.min,
	    (unsigned long long)a->limits.k,
	    (unsigned long long)(a->result.small + a->result.one_value),
	    a->enforced ? ": they go" : " (not enforced)");
}

/* After one reading: a second one, when units have to go because their classes
 * are too small (pipeline/anonymity.h). */
static int
judge_classes(struct tg_run *r, struct tg_classes *c, struct tg_err *err)
{
	if (c == NULL)
		return 0;
	if (tg_classes_finish(
		c, &r->anonymity.limits, &r->anonymity.result, err) < 0)
		return -1;
	say_classes(r);
	if (tg_anonymity_judge(&r->anonymity, err) < 0)
		return -1;
	return tg_anonymity_suppressed(&r->anonymity) > 0 ? read_again(r, err)
							  : 0;
}

static int
read_judged(struct tg_run *r, struct tg_err *err)
{
	const char *dir = tg_run_path(r, "classes");
	uint8_t key[TG_KEY_LEN];
	struct tg_linkage *linkage = NULL;
	struct tg_classes *c = NULL;
	struct tg_quasi quasi;
	int rc = -1;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_run_linkage_open(r, &linkage, key, err) < 0)
		return -1;
	tg_quasi_init(&quasi, NULL, key);
	tg_crypt_wipe(key, sizeof(key));
	if (r->anonymity.measured &&
	    tg_classes_new(&c, dir, TG_ANONYMITY_MEMORY, err) < 0)
		goto out;
	quasi.classes = c;
	quasi.linkage = linkage;
	memcpy(quasi.field, r->anonymity.field, sizeof(quasi.field));
	memcpy(quasi.link, r->anonymity.link, sizeof(quasi.link));
	r->quasi = &quasi;
	if (read_stage(r, err) == 0 && judge_classes(r, c, err) == 0 &&
	    tg_run_linkage_close(r, linkage, err) == 0)
		rc = facts_end(r, c, err);
out:
	r->quasi = NULL;
	tg_quasi_deinit(&quasi);
	tg_classes_free(c);
	tg_linkage_free(linkage);
	return rc;
}

static void
say_funnel(const struct tg_run *r)
{
	const struct tg_counts *c = r->counts;

	for (size_t i = 0; i < c->n_stage; i++) {
		const struct tg_count_stage *s = &c->stage[i];

		tg_run_say(r, " %zu %-12s %8llu in  %8llu out", i + 1, s->name,
		    (unsigned long long)s->in, (unsigned long long)s->out);
		for (size_t k = 0; k < s->n_drop; k++)
			tg_run_say(r, "   %-20s %8llu", s->drop[k].code,
			    (unsigned long long)s->drop[k].n);
	}
}

static int
recheck(struct tg_run *r, struct tg_err *err)
{
	if (tg_s70_recheck(&r->recheck, &r->members, r->rules, r->attrs,
		r->policy, err) < 0)
		return -1;
	tg_run_say(r, " %zu %-12s %8llu texts examined, %llu findings",
	    r->counts->n_stage + 1, "recheck",
	    (unsigned long long)r->recheck.texts,
	    (unsigned long long)(r->recheck.findings + r->recheck.unknown));
	return tg_recheck_clean(&r->recheck, err);
}

/* The policy stops what it had let begin. */
static int
stopped(struct tg_run *r, const struct tg_err *err)
{
	r->gate_failed = err == NULL || err->cls == TG_E_NO;
	return -1;
}

/* What a gate said, as far as the policy has it stop a run. */
static int
gate(struct tg_run *r, int rc, struct tg_err *err)
{
	const size_t before = r->gates.n;

	if (tg_gates_let(&r->gates, rc, err) < 0)
		return -1;
	if (r->gates.n > before && r->gates.how == TG_ENFORCE_WARN)
		tg_run_say(r, "   %-12s %s (/gates/enforcement: warn)",
		    "WARNING", r->gates.failed[before]);
	return 0;
}

/* Before anything is read: rules that miss what was planted find no more in
 * what was not. */
static int
canaries(struct tg_run *r, struct tg_err *err)
{
	struct tg_canaries *c = &r->canaries;
	uint64_t planted = 0, found = 0;

	if (tg_canaries_run(
		c, r->policy, r->rules, r->attrs, &r->set[0], r->seed, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		planted += c->type[i].planted;
		found += c->type[i].found;
	}
	tg_run_say(r, "   %-12s %8llu planted, %llu found", "canaries",
	    (unsigned long long)planted, (unsigned long long)found);
	return gate(r, tg_canaries_judge(c, err), err);
}

int
tg_run_read(struct tg_run *r, struct tg_err *err)
{
	r->counts = calloc(1, sizeof(*r->counts));
	if (r->counts == NULL)
		return tg_fail_memory(err);
	if (collect(r, err) < 0 || settings(r, err) < 0)
		return -1;
	r->done = tg_arena_calloc(&r->arena, r->n_input, sizeof(*r->done));
	if (r->done == NULL)
		return tg_fail_memory(err);
	tg_run_say(r, "%s%s  origin %s, region %s, %zu files", r->id,
	    r->resumed ? " (taken up)" : "", r->origin, r->region[0],
	    r->n_input);
	if (tg_run_decided(r, err) < 0 ||
	    tg_gates_ask(&r->gates, r->policy, err) < 0)
		return -1;
	if (canaries(r, err) < 0 || read_judged(r, err) < 0)
		return stopped(r, err);
	say_funnel(r);
	if (r->members.n == 0)
		return tg_fail(err, TG_E_NO,
		    "nothing of %llu records is left: see the reasons above",
		    (unsigned long long)r->counts->records);
	tg_members_sort(&r->members);
	if (recheck(r, err) < 0)
		return stopped(r, err);
	if (tg_journal_add(r->journal, TG_RUN_RECHECKED,
		r->env->now(r->env->ctx), err) < 0)
		return -1;
	r->state = TG_RUN_RECHECKED;
	return 0;
}
