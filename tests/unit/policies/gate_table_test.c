#include "policies/gate.h"

#include <check.h>
#include <stdio.h>

#include "base/num.h"
#include "base/yaml.h"
#include "tests/unit/policies/orderly.h"
#include "tests/unit/policies/sandbox.h"

#include "base/banned.h"

Suite *gate_table_suite(void);

#define LIST 32

/* ---- the table --------------------------------------------------------- */

struct row {
	struct tg_policy_job job;
	struct tg_job_mechanism mechanism[LIST];
	struct tg_job_dsp dsp[LIST];
	const char *check[LIST], *kind[LIST];
};

static size_t
texts(const char *out[LIST], const struct tg_ynode *seq)
{
	size_t n = 0;

	for (const struct tg_ynode *e = seq->child; e != NULL; e = e->next) {
		ck_assert_uint_lt(n, LIST);
		out[n++] = e->text.p;
	}
	return n;
}

static uint64_t
whole(const struct tg_ynode *node)
{
	uint64_t v = 0;

	ck_assert(tg_parse_u64(&v, node->text, 0, UINT64_MAX));
	return v;
}

static void
set_map(struct row *r, const struct tg_ynode *e)
{
	for (const struct tg_ynode *m = e->child; m != NULL; m = m->next) {
		if (tg_sv_is(e->key->text, "mechanisms"))
			r->mechanism[r->job.n_mechanism++] =
			    (struct tg_job_mechanism){
				m->key->text.p, m->text.p};
		else if (tg_sv_is(e->key->text, "dsp"))
			r->dsp[r->job.n_dsp++] =
			    (struct tg_job_dsp){m->key->text.p, whole(m)};
		else
			ck_abort_msg("job key %s", e->key->text.p);
	}
	r->job.mechanism = r->mechanism;
	r->job.dsp = r->dsp;
}

static bool
set_text(struct row *r, const struct tg_ynode *e)
{
	const struct {
		const char *key, **to;
	} keys[] = {{"purpose", &r->job.purpose},
	    {"legal_basis", &r->job.legal_basis},
	    {"destination", &r->job.destination},
	    {"class", &r->job.retention_class},
	    {"residency", &r->job.residency},
	    {"activations_computed_on", &r->job.computed_on}};

	for (size_t i = 0; i < TG_COUNT(keys); i++) {
		if (!tg_sv_is(e->key->text, keys[i].key))
			continue;
		*keys[i].to = e->text.p;
		return true;
	}
	return false;
}

static bool
set_number(struct row *r, const struct tg_ynode *e)
{
	if (tg_sv_is(e->key->text, "rate")) {
		r->job.has_rate = true;
		ck_assert(tg_parse_ratio_ppb(&r->job.rate_ppb, e->text));
	} else if (tg_sv_is(e->key->text, "retention_days")) {
		r->job.has_retention = true;
		r->job.retention_days = whole(e);
	} else if (tg_sv_is(e->key->text, "k")) {
		r->job.has_k = true;
		r->job.k = whole(e);
	} else if (tg_sv_is(e->key->text, "residual_findings")) {
		r->job.has_residual = true;
		r->job.residual_findings = whole(e);
	} else if (tg_sv_is(e->key->text, "assessment_age_days")) {
		r->job.assessment_age_days = (int64_t)whole(e);
	} else {
		return false;
	}
	return true;
}

static void
read_row(struct row *r, const struct tg_ynode *job)
{
	*r = (struct row){.job = orderly};
	for (const struct tg_ynode *e = job->child; e != NULL; e = e->next) {
		if (e->kind == TG_Y_MAP) {
			set_map(r, e);
		} else if (tg_sv_is(e->key->text, "checks")) {
			r->job.n_check = texts(r->check, e);
			r->job.check = r->check;
		} else if (tg_sv_is(e->key->text, "activation_kinds")) {
			r->job.n_activation_kind = texts(r->kind, e);
			r->job.activation_kind = r->kind;
		} else if (!set_text(r, e) && !set_number(r, e)) {
			ck_abort_msg("job key %s", e->key->text.p);
		}
	}
}

static struct tg_policy *
policy_of(const struct tg_ynode *test, struct tg_err *err)
{
	const struct tg_ynode *project = tg_ynode_get(test, "project");
	char regions[64] = "", path[SANDBOX_PATH];

	for (const struct tg_ynode *e = tg_ynode_get(test, "policy")->child;
	     e != NULL; e = e->next) {
		const size_t used = strlen(regions);

		(void)snprintf(
		    regions + used, sizeof(regions) - used, "%.8s,", e->text.p);
	}
	if (project != NULL)
		(void)snprintf(path, sizeof(path), "%s/%.64s",
		    root_path("tests/unit/policies/data"), project->text.p);
	return compile_from(root_path("policies"), root_path("regions"),
	    regions, project == NULL ? NULL : path, NULL, err);
}

/* The exact set: each code that is wanted, and none beside. */
static void
reasons_are(
    const struct tg_reasons *got, const struct tg_ynode *want, const char *name)
{
	for (const struct tg_ynode *e = want == NULL ? NULL : want->child;
	     e != NULL; e = e->next) {
		bool found = false;

		for (size_t i = 0; i < got->n; i++)
			found |= tg_sv_is(e->text, got->r[i].code);
		ck_assert_msg(found, "%s: %s is missing", name, e->text.p);
	}
	for (size_t i = 0; i < got->n; i++) {
		const struct tg_ynode *e = want == NULL ? NULL : want->child;

		while (e != NULL && !tg_sv_is(e->text, got->r[i].code))
			e = e->next;
		ck_assert_msg(e != NULL, "%s: %s (%s)", name, got->r[i].code,
		    got->r[i].detail);
		ck_assert_msg(got->r[i].detail[0] != '\0', "%s", name);
		ck_assert_msg(got->r[i].path[0] == '/', "%s", name);
	}
}

static void
run_case(const struct tg_ynode *test)
{
	static struct tg_reasons reasons;
	const char *name = tg_ynode_get(test, "name")->text.p;
	const struct tg_ynode *expect = tg_ynode_get(test, "expect");
	const struct tg_ynode *want = tg_ynode_get(expect, "reasons");
	const char *decision = tg_ynode_get(expect, "decision")->text.p;
	struct tg_err err = {0};
	struct tg_policy *p = policy_of(test, &err);
	struct row r;

	if (strcmp(decision, "error") == 0) {
		ck_assert_msg(p == NULL, "%s", name);
		ck_assert_ptr_nonnull(strstr(err.text, want->child->text.p));
		return;
	}
	ck_assert_msg(p != NULL, "%s: %s", name, err.text);
	read_row(&r, tg_ynode_get(test, "job"));
	ck_assert_msg(tg_policy_job(p, &r.job, &reasons, &err) == 0, "%s: %s",
	    name, err.text);
	ck_assert_msg((reasons.n == 0) == (strcmp(decision, "allow") == 0),
	    "%s: %s", name, reasons.n == 0 ? "allowed" : reasons.r[0].detail);
	reasons_are(&reasons, want, name);
	tg_policy_free(p);
}

START_TEST(the_region_cases_decide_as_written)
{
	struct tg_yaml *y = NULL;
	struct tg_err err = {0};
	size_t n = 0;

	ck_assert_msg(
	    tg_yaml_load(&y,
		root_path("tests/unit/policies/data/regions.test.yaml"),
		&err) == 0,
	    "%s", err.text);
	for (const struct tg_ynode *e =
		 tg_ynode_get(tg_yaml_root(y), "cases")->child;
	     e != NULL; e = e->next, n++)
		run_case(e);
	ck_assert_uint_ge(n, 21);
	tg_yaml_free(y);
}
END_TEST

Suite *
gate_table_suite(void)
{
	Suite *s = suite_create("gate table");
	TCase *cases = tcase_create("cases");

	tcase_add_test(cases, the_region_cases_decide_as_written);
	suite_add_tcase(s, cases);
	return s;
}
