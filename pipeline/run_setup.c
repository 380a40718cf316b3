/* run_setup.c - who, under which policy, with which keys; and whether the
 * policy lets this job begin at all. */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/apart.h"
#include "pipeline/ruleset.h"
#include "pipeline/run_priv.h"
#include "pipeline/sinks/sink.h"
#include "policies/gate.h"
#include "regions/region.h"
#include "base/banned.h"

#define DAY 86400
#define REASONS_SHOWN 6
#define FIELDS_MAX 16

static int
region(struct tg_run *r, struct tg_err *err)
{
	const char *dir =
	    tg_arena_fmt(&r->arena, "%s/regions", r->opts->data_dir);
	struct tg_regions all;
	const struct tg_region *found;
	int rc = -1;

	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_regions_load(&all, dir, err) < 0)
		return -1;
	found = tg_regions_by_jurisdiction(&all, tg_sv_of(r->origin));
	if (found == NULL) {
		(void)tg_fail(err, TG_E_CONFIG,
		    "%s: no region speaks for origin '%s'", r->job->file,
		    r->origin);
	} else {
		r->region[0] = tg_arena_str(&r->arena, tg_sv_of(found->code));
		rc = r->region[0] == NULL ? tg_fail_memory(err) : 0;
	}
	tg_regions_free(&all);
	return rc;
}

static int
exceptions(struct tg_run *r, struct tg_err *err)
{
	const struct tg_job *j = r->job;
	const struct tg_exceptions_ask ask = {j->name, r->recipient->id};
	struct tg_register reg = {.state_dir = j->state,
	    .trust = r->trust,
	    .preparer = r->preparer->id,
	    .now = r->env->now(r->env->ctx)};
	const char *dir = tg_run_ledger_dir(r, false);
	int rc = -1;

	if (j->n_exception == 0)
		return 0;
	if (dir == NULL)
		return tg_fail_memory(err);
	if (tg_ledger_read(&reg.ledger, dir, NULL, err) == 0)
		rc = tg_exceptions_open(&r->exceptions, &reg, j->exception,
		    j->n_exception, &ask, &r->arena, err);
	tg_ledger_free(reg.ledger);
	return rc;
}

static int
policy(struct tg_run *r, struct tg_err *err)
{
	const struct tg_policy_src src = {.policy_dir = tg_arena_fmt(&r->arena,
					      "%s/policies", r->opts->data_dir),
	    .region_dir =
		tg_arena_fmt(&r->arena, "%s/regions", r->opts->data_dir),
	    .region = r->region,
	    .n_region = 1,
	    .project = r->job->policy,
	    .scope_config = r->opts->scope_config,
	    .exception = r->exceptions.src,
	    .n_exception = r->exceptions.n};
	const char *pack[TG_RULESET_PACKS];
	size_t n_pack;
	const char *attrs = tg_arena_fmt(
	    &r->arena, "%s/" TG_ATTRIBUTES_FILE, r->opts->data_dir);

	if (src.policy_dir == NULL || src.region_dir == NULL || attrs == NULL)
		return tg_fail_memory(err);
	if (tg_policy_compile(&r->policy, &src, err) < 0 ||
	    tg_exceptions_signed(&r->exceptions, r->policy, err) < 0 ||
	    tg_ruleset_packs(
		pack, &n_pack, r->policy, src.project, &r->arena, err) < 0 ||
	    tg_ruleset_load_more(
		&r->rules, r->opts->data_dir, NULL, 0, pack, n_pack, err) < 0)
		return -1;
	return tg_attributes_load(&r->attrs, attrs, err);
}

static int
people(struct tg_run *r, struct tg_err *err)
{
	const struct tg_job *j = r->job;

	if (tg_trust_load(&r->trust, j->trust, err) < 0 ||
	    tg_recipient_load(&r->recipient, j->recipient, err) < 0)
		return -1;
	r->preparer = tg_trust_find(r->trust, j->preparer);
	if (r->preparer == NULL)
		return tg_fail(err, TG_E_CONFIG,
		    "%s: preparer '%s' is not in %s", j->file, j->preparer,
		    j->trust);
	return 0;
}

static int
pseudonyms(struct tg_run *r, struct tg_err *err)
{
	const char *path =
	    tg_arena_fmt(&r->arena, "%s/pseudonyms.key", r->job->keys);

	if (path == NULL)
		return tg_fail_memory(err);
	return tg_settings_key_load(r->pseudonyms, path, err);
}

static int
keys(struct tg_run *r, struct tg_err *err)
{
	const char *path =
	    tg_arena_fmt(&r->arena, "%s/export.key", r->job->keys);
	const struct tg_person *who;
	bool needs = false;

	if (path == NULL)
		return tg_fail_memory(err);
	if (pseudonyms(r, err) < 0)
		return -1;
	if (tg_minisign_load(&r->key, path, r->opts->passphrase, &needs, err) <
	    0)
		return needs
		    ? tg_fail_hint(err, "give it with --passphrase-file FILE")
		    : -1;
	who = tg_trust_by_key(r->trust, tg_minisign_public(r->key));
	if (who == NULL || strcmp(who->id, r->preparer->id) != 0 ||
	    !tg_person_has(who, "exporter"))
		return tg_fail(err, TG_E_KEY,
		    "%s is not a key that %s has for %s as exporter", path,
		    r->job->trust, r->preparer->id);
	r->preparer = who;
	return 0;
}

static int
refused(struct tg_run *r, const struct tg_reasons *no, struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	r->gate_failed = true;
	tg_buf_init(&b, 4096);
	for (size_t i = 0; i < no->n && i < REASONS_SHOWN; i++)
		if (tg_buf_addf(&b, err, "%s%s: %s (%s:%u)", i == 0 ? "" : "; ",
			no->r[i].code, no->r[i].detail, no->r[i].file,
			no->r[i].line) < 0)
			goto out;
	rc = tg_fail(err, TG_E_CONFIG, "the policy refuses this job: %s",
	    tg_buf_sv(&b).p);
out:
	tg_buf_deinit(&b);
	return rc;
}

static bool
all_synthetic(const struct tg_run *r)
{
	for (size_t i = 0; i < r->job->n_source; i++)
		if (strcmp(r->job->source[i].origin, r->origin) == 0 &&
		    strcmp(r->job->source[i].text_origin, "synthetic") != 0)
			return false;
	return true;
}

/* The recipient's fields that are filled in. */
static size_t
filled(const struct tg_recipient *to, const char *out[FIELDS_MAX])
{
	const char *const field[][2] = {{"legal_name", to->legal_name},
	    {"role", to->role}, {"country", to->country},
	    {"contact", to->contact}, {"contract_ref", to->contract_ref},
	    {"contract_date", to->contract_date},
	    {"ownership_50pct", to->ownership_50pct},
	    {"primary_residence", to->primary_residence},
	    {"end_use", to->end_use},
	    {"covered_person_screen_date", to->covered_person_screen_date}};
	size_t n = 0;

	for (size_t i = 0; i < TG_COUNT(field) && n < FIELDS_MAX; i++)
		if (field[i][1][0] != '\0')
			out[n++] = field[i][0];
	return n;
}

const char *
tg_run_mechanism(const struct tg_run *r)
{
	const char *tool = tg_job_mechanism(r->job, r->origin);

	return tool == NULL ? r->recipient->mechanism : tool;
}

/* Days from a date of @file to the run's; -1: it has none. */
static int
age(int64_t *days, const struct tg_run *r, const char *file, const char *what,
    const char *date, struct tg_err *err)
{
	int64_t made = 0;

	*days = -1;
	if (date == NULL || date[0] == '\0')
		return 0;
	if (!tg_time_parse(&made, tg_sv_of(date)) || made > r->as_of)
		return tg_fail(err, TG_E_CONFIG,
		    "%s: %s %s is no day, or after that of the run", file, what,
		    date);
	*days = (r->as_of - made) / DAY;
	return 0;
}

/* Our keys are in a folder: only a target that is one can be beside them. */
static int
keys_apart(bool *out, const struct tg_job *j, struct tg_err *err)
{
	const char *path = tg_sink_folder(j->target_url);
	char *target;
	int rc;

	*out = true;
	if (path == NULL)
		return 0;
	target = path[0] == '/' ? strdup(path) : tg_fs_join(j->dir, path);
	if (target == NULL)
		return tg_fail_memory(err);
	rc = tg_apart(out, j->keys, target, err);
	free(target);
	return rc;
}

/* What the server will be held against must be there: a folder has none. */
static int
residency(const struct tg_run *r, struct tg_err *err)
{
	const struct tg_job *j = r->job;
	bool verify;

	if (tg_policy_bool(
		r->policy, "/targets/verify_residency", &verify, err) < 0)
		return -1;
	if (!verify || tg_sink_folder(j->target_url) != NULL ||
	    j->target_residency != NULL)
		return 0;
	return tg_fail(err, TG_E_CONFIG,
	    "%s: target.residency is missing: the policy has the server say "
	    "where it is (/targets/verify_residency)",
	    j->file);
}

int
tg_run_ask(struct tg_reasons *no, const struct tg_run *r, struct tg_err *err)
{
	const struct tg_job *j = r->job;
	const struct tg_recipient *to = r->recipient;
	const struct tg_job_mechanism mech = {r->origin, tg_run_mechanism(r)};
	const char *field[FIELDS_MAX];
	struct tg_policy_job ask = {.purpose = j->purpose_id,
	    .legal_basis = j->legal_basis,
	    .assessment_ref =
		j->assessment_ref[0] == '\0' ? NULL : j->assessment_ref,
	    .audit_ref = j->audit_ref,
	    .destination = to->country,
	    .mechanism = &mech,
	    .n_mechanism = mech.mechanism[0] == '\0' ? 0 : 1,
	    .check = to->check,
	    .n_check = to->n_check,
	    .assessment_age_days = -1,
	    .recipient_field = field,
	    .n_recipient_field = filled(to, field),
	    .has_rate = j->rate_ppb != 0 && !all_synthetic(r),
	    .rate_ppb = j->rate_ppb,
	    .retention_class = j->retention_class,
	    .target = j->target_url,
	    .residency = j->target_residency,
	    .computed_on = "redacted_text",
	    .access = j->access,
	    .expected_owner = j->target_owner,
	    .certified = j->certified,
	    .n_certified = j->n_certified,
	    .no_health_data = j->no_health_data,
	    .has_latency = j->has_latency,
	    .latency_delta_ms = j->latency_delta_ms,
	    .intruder_ref = j->intruder_ref,
	    .intruder_age_days = -1,
	    .n_key = to->n_key,
	    .key_age_days = -1,
	    .key_country = to->key_country,
	    .key_holder = to->key_holder,
	    .clause = to->clause,
	    .n_clause = to->n_clause,
	    .onward_transfer = to->onward_transfer};

	if (age(&ask.assessment_age_days, r, j->recipient, "assessment_date",
		to->assessment_date, err) < 0 ||
	    age(&ask.key_age_days, r, j->recipient, "key_date", to->key_date,
		err) < 0 ||
	    age(&ask.intruder_age_days, r, j->file, "intruder_test_date",
		j->intruder_date, err) < 0 ||
	    keys_apart(&ask.keys_apart, j, err) < 0)
		return -1;
	return tg_policy_job(r->policy, &ask, no, err);
}

static int
gate(struct tg_run *r, struct tg_err *err)
{
	struct tg_reasons no;

	if (tg_run_ask(&no, r, err) < 0)
		return -1;
	return no.n == 0 ? 0 : refused(r, &no, err);
}

int
tg_run_setup(struct tg_run *r, struct tg_err *err)
{
	if (region(r, err) < 0 || people(r, err) < 0 ||
	    exceptions(r, err) < 0 || policy(r, err) < 0 || gate(r, err) < 0 ||
	    residency(r, err) < 0)
		return -1;
	return keys(r, err);
}
