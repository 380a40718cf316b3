#include "policies/ptest_job.h"

#include "base/num.h"

#include "base/banned.h"

static const char *const known[] = {"purpose", "legal_basis", "assessment_ref",
    "audit_ref", "destination", "class", "residency", "target",
    "activations_computed_on", "rate", "retention_days", "assessment_age_days",
    "k", "residual_findings", "checks", "activation_kinds", "recipient_fields",
    "mechanisms", "dsp", "key_count", "key_age_days", "key_country",
    "key_holder", "keys_apart", "clauses", "onward_transfer", "access",
    "expected_owner", "certified", "no_health_data", "latency_delta_ms",
    "intruder_ref", "intruder_age_days", NULL};

void
tg_ptest_job_init(struct tg_ptest_job *j)
{
	*j = (struct tg_ptest_job){.job = {.assessment_age_days = -1,
				       .key_age_days = -1,
				       .intruder_age_days = -1}};
	j->job.mechanism = j->mechanism;
	j->job.dsp = j->dsp;
	j->job.check = j->check;
	j->job.activation_kind = j->kind;
	j->job.recipient_field = j->field;
	j->job.clause = j->clause;
	j->job.certified = j->certified;
}

static int
whole(uint64_t *out, const struct tg_pfile *f, const struct tg_ynode *e,
    struct tg_err *err)
{
	if (e->kind == TG_Y_SCALAR &&
	    tg_parse_u64(out, e->text, 0, UINT64_MAX >> 1))
		return 0;
	return tg_yaml_fail(
	    f->yaml, e, err, "'%s' wants a whole number", e->key->text.p);
}

static int
texts(const char *out[TG_PTEST_LIST], size_t *n, const struct tg_pfile *f,
    const struct tg_ynode *seq, struct tg_err *err)
{
	*n = 0;
	if (seq->kind != TG_Y_SEQ || seq->n > TG_PTEST_LIST)
		return tg_yaml_fail(f->yaml, seq, err,
		    "'%s' wants a list of at most %d names", seq->key->text.p,
		    TG_PTEST_LIST);
	for (const struct tg_ynode *e = seq->child; e != NULL; e = e->next) {
		if (e->kind != TG_Y_SCALAR)
			return tg_yaml_fail(
			    f->yaml, e, err, "a name is wanted");
		out[(*n)++] = e->text.p;
	}
	return 0;
}

static int
set_map(struct tg_ptest_job *j, const struct tg_pfile *f,
    const struct tg_ynode *map, struct tg_err *err)
{
	const bool dsp = tg_sv_is(map->key->text, "dsp");
	size_t n = 0;

	if (map->kind != TG_Y_MAP || map->n > TG_PTEST_LIST)
		return tg_yaml_fail(f->yaml, map, err,
		    "'%s' wants a map of at most %d keys", map->key->text.p,
		    TG_PTEST_LIST);
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next) {
		if (e->kind != TG_Y_SCALAR)
			return tg_yaml_fail(
			    f->yaml, e, err, "a name or a number is wanted");
		if (dsp) {
			j->dsp[n].category = e->key->text.p;
			if (whole(&j->dsp[n].persons, f, e, err) < 0)
				return -1;
		} else {
			j->mechanism[n] = (struct tg_job_mechanism){
			    e->key->text.p, e->text.p};
		}
		n++;
	}
	*(dsp ? &j->job.n_dsp : &j->job.n_mechanism) = n;
	return 0;
}

static bool
set_text(struct tg_policy_job *job, const struct tg_ynode *e)
{
	const struct {
		const char *key, **to;
	} keys[] = {{"purpose", &job->purpose},
	    {"legal_basis", &job->legal_basis},
	    {"assessment_ref", &job->assessment_ref},
	    {"audit_ref", &job->audit_ref}, {"destination", &job->destination},
	    {"class", &job->retention_class}, {"residency", &job->residency},
	    {"target", &job->target},
	    {"activations_computed_on", &job->computed_on},
	    {"intruder_ref", &job->intruder_ref}, {"access", &job->access},
	    {"expected_owner", &job->expected_owner},
	    {"key_country", &job->key_country},
	    {"key_holder", &job->key_holder},
	    {"onward_transfer", &job->onward_transfer}};

	for (size_t i = 0; i < TG_COUNT(keys); i++) {
		if (!tg_sv_is(e->key->text, keys[i].key))
			continue;
		*keys[i].to = e->text.p;
		return true;
	}
	return false;
}

static int
set_number(struct tg_policy_job *job, const struct tg_pfile *f,
    const struct tg_ynode *e, struct tg_err *err)
{
	uint64_t v = 0;

	if (tg_sv_is(e->key->text, "rate")) {
		job->has_rate = true;
		return tg_parse_ratio_ppb(&job->rate_ppb, e->text)
		    ? 0
		    : tg_yaml_fail(
			  f->yaml, e, err, "'rate' wants a ratio 0 to 1");
	}
	if (whole(&v, f, e, err) < 0)
		return -1;
	if (tg_sv_is(e->key->text, "retention_days")) {
		job->has_retention = true;
		job->retention_days = v;
	} else if (tg_sv_is(e->key->text, "k")) {
		job->has_k = true;
		job->k = v;
	} else if (tg_sv_is(e->key->text, "residual_findings")) {
		job->has_residual = true;
		job->residual_findings = v;
	} else if (tg_sv_is(e->key->text, "latency_delta_ms")) {
		job->has_latency = true;
		job->latency_delta_ms = v;
	} else if (tg_sv_is(e->key->text, "intruder_age_days")) {
		job->intruder_age_days = (int64_t)v;
	} else if (tg_sv_is(e->key->text, "key_count")) {
		job->n_key = v;
	} else if (tg_sv_is(e->key->text, "key_age_days")) {
		job->key_age_days = (int64_t)v;
	} else {
		job->assessment_age_days = (int64_t)v;
	}
	return 0;
}

static int
set_flag(bool *out, const struct tg_pfile *f, const struct tg_ynode *e,
    struct tg_err *err)
{
	if (e->kind != TG_Y_SCALAR ||
	    (!tg_sv_is(e->text, "true") && !tg_sv_is(e->text, "false")))
		return tg_yaml_fail(f->yaml, e, err, "'%s' wants true or false",
		    e->key->text.p);
	*out = tg_sv_is(e->text, "true");
	return 0;
}

static int
set(struct tg_ptest_job *j, const struct tg_pfile *f, const struct tg_ynode *e,
    struct tg_err *err)
{
	struct tg_policy_job *job = &j->job;
	const struct tg_sv key = e->key->text;

	const struct {
		const char *key, **to;
		size_t *n;
	} lists[] = {{"checks", j->check, &job->n_check},
	    {"activation_kinds", j->kind, &job->n_activation_kind},
	    {"recipient_fields", j->field, &job->n_recipient_field},
	    {"clauses", j->clause, &job->n_clause},
	    {"certified", j->certified, &job->n_certified}};

	for (size_t i = 0; i < TG_COUNT(lists); i++)
		if (tg_sv_is(key, lists[i].key))
			return texts(lists[i].to, lists[i].n, f, e, err);
	if (tg_sv_is(key, "keys_apart"))
		return set_flag(&job->keys_apart, f, e, err);
	if (tg_sv_is(key, "no_health_data"))
		return set_flag(&job->no_health_data, f, e, err);
	if (tg_sv_is(key, "mechanisms") || tg_sv_is(key, "dsp"))
		return set_map(j, f, e, err);
	if (e->kind != TG_Y_SCALAR)
		return tg_yaml_fail(
		    f->yaml, e, err, "'%s' wants a name or a number", key.p);
	return set_text(job, e) ? 0 : set_number(job, f, e, err);
}

int
tg_ptest_job_read(struct tg_ptest_job *j, const struct tg_pfile *f,
    const struct tg_ynode *map, struct tg_err *err)
{
	if (map->kind != TG_Y_MAP)
		return tg_yaml_fail(f->yaml, map, err, "a job is a map");
	if (tg_pfile_keys(f, map, known, err) < 0)
		return -1;
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next)
		if (set(j, f, e, err) < 0)
			return -1;
	return 0;
}
