#include "policies/ptest.h"

#include <stdio.h>

#include "policies/compiled.h"
#include "policies/loosen.h"
#include "policies/ptest_job.h"

#include "base/banned.h"

#define SCHEMA "tracegate.policytest/1"
#define WHY TG_ERR_TEXT

enum decision { ALLOW, DENY, ERROR };

struct tcase {
	const struct tg_ynode *node;
	const char *name, *project;
	const char *region[TG_POLICY_REGIONS];
	size_t n_region;
	enum decision decision;
	const char *const *reason; /* sorted */
	size_t n_reason;
	struct tg_ptest_job *job;     /* or */
	const struct tg_ynode *floor; /* its tree */
	struct tg_layer fragment;     /* once it was read */
};

struct bench {
	struct tg_arena mem;
	struct tg_pfile file;
	struct tg_reference ref; /* what the floors' @SETs are */
	const struct tg_policy_src *src;
	struct tcase *c;
	size_t n;
	struct tg_ptest_sum *sum;
	tg_ptest_fn *each;
	void *ctx;
	struct tg_reasons reasons;
};

/* ---- the file ---------------------------------------------------------- */

static int
fail_at(const struct bench *b, const struct tg_ynode *at, struct tg_err *err,
    const char *text)
{
	return tg_yaml_fail(b->file.yaml, at, err, "%s", text);
}

static int
read_expect(struct bench *b, struct tcase *c, struct tg_err *err)
{
	static const char *const known[] = {"decision", "reasons", NULL};
	static const char *const words[] = {"allow", "deny", "error"};
	const struct tg_ynode *e = tg_ynode_get(c->node, "expect");
	const struct tg_ynode *seq;
	const char *word = NULL;
	size_t i = 0;

	if (e == NULL || e->kind != TG_Y_MAP)
		return fail_at(b, c->node, err,
		    "a case wants 'floor', or 'job' and 'expect'");
	if (tg_pfile_keys(&b->file, e, known, err) < 0 ||
	    tg_pfile_str(&word, &b->file, e, "decision", true, err) < 0)
		return -1;
	while (i < TG_COUNT(words) && strcmp(words[i], word) != 0)
		i++;
	if (i == TG_COUNT(words))
		return fail_at(b, e, err, "'decision' is allow, deny or error");
	c->decision = (enum decision)i;
	seq = tg_ynode_get(e, "reasons");
	if ((seq == NULL) != (c->decision == ALLOW))
		return fail_at(b, e, err,
		    "deny and error name their 'reasons', allow has none");
	return seq == NULL ? 0
			   : tg_pfile_list(&c->reason, &c->n_reason, &b->file,
				 seq, &b->mem, err);
}

static int
read_regions(struct bench *b, struct tcase *c, struct tg_err *err)
{
	const struct tg_ynode *seq = tg_ynode_get(c->node, "policy");
	const char *const *list = NULL;
	size_t n = 0;

	if (seq == NULL || seq->kind != TG_Y_SEQ || seq->n == 0 ||
	    seq->n > TG_POLICY_REGIONS)
		return fail_at(
		    b, c->node, err, "'policy' is a list of regions");
	if (tg_pfile_list(&list, &n, &b->file, seq, &b->mem, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		c->region[i] = list[i];
	c->n_region = n;
	return 0;
}

static int
read_project(struct bench *b, struct tcase *c, struct tg_err *err)
{
	const char *slash = strrchr(b->file.path, '/'), *name = NULL;
	const size_t n = slash == NULL ? 0 : (size_t)(slash - b->file.path) + 1;

	if (tg_pfile_str(&name, &b->file, c->node, "project", false, err) < 0)
		return -1;
	if (name == NULL)
		return 0;
	c->project =
	    tg_arena_fmt(&b->mem, "%.*s%s", (int)n, b->file.path, name);
	return c->project == NULL ? tg_fail_memory(err) : 0;
}

static int
read_case(struct bench *b, struct tcase *c, const struct tg_ynode *defaults,
    struct tg_err *err)
{
	static const char *const known[] = {
	    "name", "policy", "project", "job", "expect", "floor", NULL};
	const struct tg_ynode *job = tg_ynode_get(c->node, "job");

	if (c->node->kind != TG_Y_MAP)
		return fail_at(b, c->node, err, "a case is a map");
	if (tg_pfile_keys(&b->file, c->node, known, err) < 0 ||
	    tg_pfile_str(&c->name, &b->file, c->node, "name", true, err) < 0 ||
	    read_regions(b, c, err) < 0 || read_project(b, c, err) < 0)
		return -1;
	c->floor = tg_ynode_get(c->node, "floor");
	if (c->floor != NULL)
		return job == NULL && tg_ynode_get(c->node, "expect") == NULL
		    ? 0
		    : fail_at(b, c->node, err,
			  "a case is a floor or a job, not both");
	if (read_expect(b, c, err) < 0)
		return -1;
	c->job = tg_arena_calloc(&b->mem, 1, sizeof(*c->job));
	if (c->job == NULL)
		return tg_fail_memory(err);
	tg_ptest_job_init(c->job);
	if (defaults != NULL &&
	    tg_ptest_job_read(c->job, &b->file, defaults, err) < 0)
		return -1;
	return job == NULL ? 0 : tg_ptest_job_read(c->job, &b->file, job, err);
}

static int
read_file(struct bench *b, const char *path, struct tg_err *err)
{
	static const char *const known[] = {
	    "schema", "defaults", "cases", NULL};
	const struct tg_ynode *root, *cases;

	if (tg_pfile_open(&b->file, path, path, &b->mem, err) < 0)
		return -1;
	root = tg_pfile_root(&b->file, SCHEMA, err);
	if (root == NULL || tg_pfile_keys(&b->file, root, known, err) < 0)
		return -1;
	cases = tg_ynode_get(root, "cases");
	if (cases == NULL || cases->kind != TG_Y_SEQ || cases->n == 0 ||
	    cases->n > TG_PTEST_CASES)
		return fail_at(b, cases == NULL ? root : cases, err,
		    "'cases' is a list of at least one case");
	b->c = tg_arena_calloc(&b->mem, cases->n, sizeof(*b->c));
	if (b->c == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *e = cases->child; e != NULL; e = e->next) {
		b->c[b->n].node = e;
		if (read_case(b, &b->c[b->n++], tg_ynode_get(root, "defaults"),
			err) < 0)
			return -1;
	}
	return 0;
}

/* ---- one case ---------------------------------------------------------- */

static bool
has_code(const struct tg_reasons *got, const char *code)
{
	for (size_t i = 0; i < got->n; i++)
		if (strcmp(got->r[i].code, code) == 0)
			return true;
	return false;
}

static bool
wants_code(const struct tcase *c, const char *code)
{
	for (size_t i = 0; i < c->n_reason; i++)
		if (strcmp(c->reason[i], code) == 0)
			return true;
	return false;
}

/* The exact set: each reason that is wanted and none beside. */
static bool
judge_job(struct bench *b, const struct tcase *c, const struct tg_policy *p,
    char why[WHY])
{
	struct tg_err err = {.cls = TG_E_NONE};

	if (tg_policy_job(p, &c->job->job, &b->reasons, &err) < 0) {
		(void)snprintf(why, WHY, "%s", err.text);
		return false;
	}
	for (size_t i = 0; i < c->n_reason; i++) {
		if (has_code(&b->reasons, c->reason[i]))
			continue;
		(void)snprintf(
		    why, WHY, "the reason %s is missing", c->reason[i]);
		return false;
	}
	for (size_t i = 0; i < b->reasons.n; i++) {
		const struct tg_reason *r = &b->reasons.r[i];

		if (wants_code(c, r->code))
			continue;
		(void)snprintf(
		    why, WHY, "%s was not expected: %s", r->code, r->detail);
		return false;
	}
	return true;
}

static bool
judge_floor(const struct tcase *c, const struct tg_policy *p, char why[WHY])
{
	for (size_t i = 0; i < c->fragment.leaves.n; i++) {
		const struct tg_pval *want = &c->fragment.leaves.v[i];
		const struct tg_pval *v =
		    tg_leaves_find(&p->leaves, tg_sv_of(want->path));
		const enum tg_pcmp cmp =
		    v == NULL ? TG_PC_LOOSER : tg_pval_cmp(v, want);

		if (cmp == TG_PC_EQUAL || cmp == TG_PC_TIGHTER)
			continue;
		(void)snprintf(why, WHY, "%s %s (line %u)", want->path,
		    v == NULL		  ? "is not said"
			: v->text != NULL ? v->text
					  : "is another set",
		    want->line);
		return false;
	}
	return true;
}

static bool
judge(struct bench *b, const struct tcase *c, const struct tg_policy *p,
    char why[WHY])
{
	why[0] = '\0';
	return c->floor != NULL ? judge_floor(c, p, why)
				: judge_job(b, c, p, why);
}

static int
compile(struct tg_policy **p, const struct bench *b, const struct tcase *c,
    struct tg_err *err)
{
	struct tg_policy_src src = *b->src;

	src.region = c->region;
	src.n_region = c->n_region;
	src.project = c->project;
	src.scope_config = NULL;
	return tg_policy_compile(p, &src, err);
}

/* The policy must not compile, and say one of the reasons. */
static bool
judge_error(const struct tcase *c, const struct tg_policy *p,
    const struct tg_err *err, char why[WHY])
{
	why[0] = '\0';
	for (size_t i = 0; p == NULL && i < c->n_reason; i++)
		if (strstr(err->text, c->reason[i]) != NULL)
			return true;
	(void)snprintf(
	    why, WHY, "%s", p == NULL ? err->text : "the policy compiles");
	return false;
}

static int
run_case(struct bench *b, struct tcase *c, struct tg_err *err)
{
	struct tg_err said = {.cls = TG_E_NONE};
	struct tg_policy *p = NULL;
	char why[WHY] = "";
	bool ok;
	int rc = 0;

	if (compile(&p, b, c, &said) < 0 && said.cls == TG_E_MEMORY)
		return tg_fail_memory(err);
	if (c->floor == NULL && c->decision == ERROR) {
		ok = judge_error(c, p, &said, why);
	} else if (p == NULL) {
		ok = false;
		(void)snprintf(why, WHY, "%s", said.text);
	} else {
		if (c->floor != NULL)
			rc = tg_layer_fragment(&c->fragment, &b->file, c->floor,
			    &b->ref, &b->mem, err);
		ok = rc == 0 && judge(b, c, p, why);
	}
	tg_policy_free(p);
	b->sum->cases++;
	b->sum->failed += !ok;
	if (rc == 0)
		b->each(b->ctx,
		    &(struct tg_ptest_seen){
			b->file.path, c->node->line, c->name, ok, why});
	return rc;
}

/* ---- coverage ---------------------------------------------------------- */

static bool
same_regions(const struct tcase *a, const struct tcase *c)
{
	if (a->n_region != c->n_region || c->project != NULL)
		return false;
	for (size_t i = 0; i < a->n_region; i++)
		if (strcmp(a->region[i], c->region[i]) != 0)
			return false;
	return c->floor != NULL || c->decision != ERROR;
}

/* Whether a case of those regions fails under the mutant. */
static bool
noticed(struct bench *b, const struct tcase *of, const struct tg_policy *p)
{
	char why[WHY];

	for (size_t i = 0; i < b->n; i++)
		if (same_regions(of, &b->c[i]) && !judge(b, &b->c[i], p, why))
			return true;
	return false;
}

static int
cover_leaf(struct bench *b, const struct tcase *of, struct tg_policy *p,
    size_t i, struct tg_err *err)
{
	const size_t ways = tg_loosen_ways(p, i);
	const struct tg_leaf *leaf = &p->leaf[i];

	b->sum->fixed += ways == 0;
	b->sum->leaves += ways > 0;
	for (size_t way = 0; way < ways; way++) {
		struct tg_loosened keep;
		char why[WHY];
		bool ok;

		if (tg_loosen(&keep, p, i, way, err) < 0)
			return -1;
		ok = noticed(b, of, p);
		tg_loosen_back(p, i, &keep);
		if (ok)
			continue;
		(void)snprintf(why, WHY, "no case fails when it is looser%s%s",
		    leaf->kind == TG_LEAF_LIST && ways > 1 ? ": without " : "",
		    leaf->kind == TG_LEAF_LIST && ways > 1 ? leaf->item[way]
							   : "");
		b->sum->unprotected++;
		b->each(b->ctx,
		    &(struct tg_ptest_seen){
			leaf->file, leaf->line, leaf->path, false, why});
		return 0;
	}
	return 0;
}

static int
cover(struct bench *b, const struct tcase *of, struct tg_err *err)
{
	struct tg_policy *p = NULL;
	int rc = -1;

	if (compile(&p, b, of, err) < 0)
		return -1;
	for (size_t i = 0; i < p->leaves.n; i++)
		if (cover_leaf(b, of, p, i, err) < 0)
			goto out;
	rc = 0;
out:
	tg_policy_free(p);
	return rc;
}

/* Each set of regions once, when all its cases pass as they are. */
static int
cover_all(struct bench *b, struct tg_err *err)
{
	for (size_t i = 0; i < b->n; i++) {
		size_t first = 0;

		if (b->c[i].project != NULL)
			continue;
		while (!same_regions(&b->c[i], &b->c[first]) && first < i)
			first++;
		if (first == i && cover(b, &b->c[i], err) < 0)
			return -1;
	}
	return 0;
}

int
tg_ptest_run(struct tg_ptest_sum *sum, const char *path, bool coverage,
    const struct tg_policy_src *src, tg_ptest_fn *each, void *ctx,
    struct tg_err *err)
{
	struct bench b = {.src = src, .sum = sum, .each = each, .ctx = ctx};
	const size_t failed = sum->failed;
	int rc = -1;

	tg_arena_init(&b.mem, TG_POLICY_MEMORY);
	if (tg_reference_load(&b.ref, src->policy_dir, &b.mem, err) < 0 ||
	    read_file(&b, path, err) < 0)
		goto out;
	for (size_t i = 0; i < b.n; i++)
		if (run_case(&b, &b.c[i], err) < 0)
			goto out;
	rc = coverage && sum->failed == failed ? cover_all(&b, err) : 0;
out:
	tg_pfile_close(&b.file);
	tg_reference_close(&b.ref);
	tg_arena_deinit(&b.mem);
	return rc;
}
