#include "pipeline/manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/binomial.h"
#include "base/crypt.h"
#include "base/env.h"
#include "pipeline/bundle/zstd.h"
#include "pipeline/bucket.h"
#include "pipeline/budget.h"
#include "pipeline/dsp.h"
#include "pipeline/residency.h"
#include "pipeline/settings.h"
#include "redactors/regex.h"
#include "base/banned.h"

#define SCHEMA "https://tracegate.dev/manifest/1"

const char *
tg_version_sodium(void)
{
	return tg_crypt_version();
}

const char *
tg_version_zstd(void)
{
	return tg_zstd_version();
}

const char *
tg_version_pcre2(void)
{
	return tg_regex_version();
}

static struct tg_json *
hex(const uint8_t d[TG_SHA256_LEN])
{
	char text[TG_SHA256_HEX];

	tg_sha256_hex(text, d);
	return tg_json_str(tg_sv_of(text));
}

struct tg_json *
tg_version_json(void)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "name", "tracegate");
	bad |= tg_json_set_str(o, "version", TG_VERSION);
	bad |= tg_json_set_str(o, "libsodium", tg_version_sodium());
	bad |= tg_json_set_str(o, "libzstd", tg_version_zstd());
	bad |= tg_json_set_str(o, "pcre2", tg_version_pcre2());
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

/* Its keys and what it has agreed to, as its record states them. */
static int
handover(struct tg_json *recipient, const struct tg_recipient *r)
{
	struct tg_json *clauses = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < r->n_clause; i++) {
		struct tg_json *o = tg_json_object();

		bad |= tg_json_set_str(o, "clause", r->clause[i]);
		bad |= tg_json_set_str(o, "ref", r->clause_ref[i]);
		bad |= tg_json_push(clauses, o);
	}
	bad |= tg_json_set(recipient, "clauses", clauses);
	bad |= tg_json_set_str(recipient, "key_date", r->key_date);
	bad |= tg_json_set_str(recipient, "key_country", r->key_country);
	bad |= tg_json_set_str(recipient, "key_holder", r->key_holder);
	return bad |
	    tg_json_set_str(recipient, "onward_transfer", r->onward_transfer);
}

static int
parties(struct tg_json *m, const struct tg_manifest_in *in)
{
	const struct tg_job *j = in->job;
	const struct tg_recipient *r = in->recipient;
	struct tg_json *purpose = tg_json_object();
	struct tg_json *exporter = tg_json_object();
	struct tg_json *preparer = tg_json_object();
	struct tg_json *recipient = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(purpose, "id", j->purpose_id);
	bad |= tg_json_set_str(purpose, "text", j->purpose_text);
	bad |= tg_json_set_str(purpose, "legal_basis", j->legal_basis);
	bad |= tg_json_set_str(purpose, "assessment_ref", j->assessment_ref);
	bad |= tg_json_set_str(purpose, "dpia_ref", j->dpia_ref);
	bad |= tg_json_set(m, "purpose", purpose);
	bad |= tg_json_set_str(exporter, "legal_name", j->exporter_name);
	bad |= tg_json_set_str(exporter, "country", j->exporter_country);
	bad |= tg_json_set_str(exporter, "contact", j->exporter_contact);
	bad |= tg_json_set_str(exporter, "dpo", j->exporter_dpo);
	bad |= tg_json_set(m, "exporter", exporter);
	bad |= tg_json_set_str(preparer, "id", in->preparer->id);
	bad |= tg_json_set_str(preparer, "name", in->preparer->name);
	bad |= tg_json_set_str(preparer, "key", in->preparer->key);
	bad |= tg_json_set(m, "preparer", preparer);
	bad |= tg_json_set_str(recipient, "id", r->id);
	bad |= tg_json_set_str(recipient, "legal_name", r->legal_name);
	bad |= tg_json_set_str(recipient, "role", r->role);
	bad |= tg_json_set_str(recipient, "country", r->country);
	bad |= tg_json_set_str(recipient, "contact", r->contact);
	bad |= tg_json_set_str(recipient, "contract_ref", r->contract_ref);
	bad |= tg_json_set_str(recipient, "contract_date", r->contract_date);
	bad |= tg_json_set_str(recipient, "key_confirmed", r->key_confirmed);
	bad |= tg_json_set_str(recipient, "mechanism", in->mechanism);
	bad |= tg_json_set_str(recipient, "assessment_ref", r->assessment_ref);
	bad |=
	    tg_json_set_str(recipient, "assessment_date", r->assessment_date);
	bad |= handover(recipient, r);
	bad |= tg_json_set(m, "recipient", recipient);
	return bad;
}

static int
policy(struct tg_json *m, const struct tg_manifest_in *in)
{
	const struct tg_policy_file *file;
	const size_t n = tg_policy_files(in->policy, &file);
	struct tg_json *o = tg_json_object(), *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		struct tg_json *f = tg_json_object();

		bad |= tg_json_set_str(f, "file", file[i].name);
		bad |= tg_json_set_str(f, "version", file[i].version);
		bad |= tg_json_set_str(f, "sha256", file[i].sha256);
		bad |= tg_json_push(list, f);
	}
	bad |= tg_json_set_str(
	    o, "effective_sha256", tg_policy_sha256(in->policy));
	bad |= tg_json_set(o, "files", list);
	bad |= tg_json_set_str(o, "scope_config_sha256", in->scope_sha256);
	return bad | tg_json_set(m, "policy", o);
}

static int
redactors(struct tg_json *m, const struct tg_manifest_in *in)
{
	const struct tg_rules *r = in->rules;
	struct tg_json *o = tg_json_object(), *packs = tg_json_array(),
		       *types = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < tg_rules_pack_count(r); i++) {
		struct tg_json *p = tg_json_object();
		const char *sha, *name;
		size_t n;
		const char *path = tg_rules_pack(r, i, &sha, &n);
		const char *slash = strrchr(path, '/');

		/* Where the data folder or a job lies is this machine's
		 * affair. */
		name = slash == NULL ? path : slash + 1;
		for (const char *s = path; (s = strchr(s, '/')) != NULL; s++)
			if (strncmp(s, "/regions/", 9) == 0 ||
			    strncmp(s, "/redactors/", 11) == 0)
				name = s + 1;
		bad |= tg_json_set_str(p, "file", name);
		bad |= tg_json_set_str(p, "sha256", sha);
		bad |= tg_json_set_int(p, "rules", (int64_t)n);
		bad |= tg_json_push(packs, p);
	}
	for (size_t i = 0; i < tg_rules_type_count(r); i++)
		bad |= tg_json_push_str(types, tg_rules_type(r, (uint16_t)i));
	bad |= tg_json_set_str(o, "rules_sha256", tg_rules_sha256(r));
	bad |= tg_json_set_str(o, "names_sha256", tg_rules_names_sha256(r));
	bad |= tg_json_set_int(o, "rules", (int64_t)tg_rules_count(r));
	bad |= tg_json_set(o, "packs", packs);
	bad |= tg_json_set(o, "types", types);
	return bad | tg_json_set(m, "redactors", o);
}

/* How many findings of a type each operator had; the label stands in where one
 * could not read a value. */
static struct tg_json *
operators(const struct tg_count_type *t, uint64_t *n)
{
	struct tg_json *o = tg_json_object();
	int bad = o == NULL;

	*n = 0;
	for (unsigned a = TG_ACT_KEEP; a <= TG_ACT_BLOCK_RUN; a++) {
		if (t->done[a] == 0)
			continue;
		*n += t->done[a];
		bad |= tg_json_set_int(
		    o, tg_action_name((enum tg_action)a), (int64_t)t->done[a]);
	}
	if (bad) {
		tg_json_free(o);
		return NULL;
	}
	return o;
}

static int
redaction(struct tg_json *m, const struct tg_manifest_in *in)
{
	const struct tg_counts *c = in->counts;
	struct tg_json *list = tg_json_array(), *fields = tg_json_object(),
		       *residual = tg_json_object();
	int64_t upper;
	int bad = 0;

	for (size_t i = 0; i < tg_rules_type_count(in->rules); i++) {
		const char *type = tg_rules_type(in->rules, (uint16_t)i);
		struct tg_json *o, *by;
		uint64_t done;

		if (i >= TG_COUNT_TYPES)
			continue;
		by = operators(&c->type[i], &done);
		if (by != NULL && done == 0 && c->type[i].spans == 0) {
			tg_json_free(by);
			continue;
		}
		o = tg_json_object();
		bad |= tg_json_set_str(o, "type", type);
		bad |= tg_json_set_int(o, "spans", (int64_t)c->type[i].spans);
		bad |= tg_json_set_int(o, "records", (int64_t)c->type[i].units);
		bad |= tg_json_set_str(
		    o, "action", tg_settings_action(in->policy, type));
		bad |= tg_json_set(o, "operators", by);
		bad |= tg_json_push(list, o);
	}
	bad |= tg_json_set(m, "redaction", list);
	bad |= tg_json_set_int(m, "below_threshold", (int64_t)c->below);
	bad |= tg_json_set_int(m, "texts_examined", (int64_t)c->texts);
	bad |= tg_json_set_int(fields, "dropped", (int64_t)c->fields_dropped);
	bad |= tg_json_set_int(fields, "unknown", (int64_t)c->unknown);
	bad |=
	    tg_json_set_int(fields, "pseudonymised", (int64_t)c->pseudonymised);
	bad |= tg_json_set_int(fields, "generalised", (int64_t)c->generalised);
	bad |= tg_json_set(m, "fields", fields);
	bad |=
	    tg_json_set_int(residual, "examined", (int64_t)in->recheck->texts);
	bad |= tg_json_set_int(
	    residual, "findings", (int64_t)in->recheck->findings);
	if (tg_binomial_upper(&upper, (int64_t)in->recheck->texts,
		(int64_t)in->recheck->findings))
		bad |= tg_json_set_int(residual, "upper_ppb", upper);
	return bad | tg_json_set(m, "residual", residual);
}

/* What the rate says of so many identities, and what was drawn. */
static int
draw(struct tg_json *s, const struct tg_manifest_in *in)
{
	const struct tg_sampled *d = in->drawn;
	struct tg_json *o = tg_json_object();
	struct tg_binomial b;
	int bad = 0;

	bad |= tg_json_set_str(s, "sample_commit", in->sample_commit);
	bad |= tg_json_set_str(s, "list_sha256", d->sha256);
	bad |= tg_json_set_int(o, "seen", (int64_t)d->seen);
	bad |= tg_json_set_int(o, "drawn", (int64_t)d->drawn);
	if (d->seen <= TG_BINOMIAL_MAX &&
	    tg_binomial(&b, (int64_t)d->seen, (int64_t)in->settings->rate_ppb,
		(int64_t)d->drawn)) {
		bad |= tg_json_set_int(o, "expected_milli", b.expected_milli);
		bad |= tg_json_set_int(o, "interval_low", b.low);
		bad |= tg_json_set_int(o, "interval_high", b.high);
		bad |= tg_json_set_int(o, "z_milli", b.z_milli);
	}
	return bad | tg_json_set(s, "identities", o);
}

/* The cap on records of one person, and how it is known whose a record is. */
static int
subjects(struct tg_json *s, const struct tg_manifest_in *in)
{
	const struct tg_counts *c = in->counts;
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(
	    o, "max_records", (int64_t)in->settings->max_per_subject);
	bad |= tg_json_set_int(o, "by_person", (int64_t)c->of_person);
	bad |= tg_json_set_int(o, "by_session", (int64_t)c->of_session);
	bad |= tg_json_set_int(o, "unknown", (int64_t)c->of_unknown);
	return bad | tg_json_set(s, "subjects", o);
}

static int
sampling(struct tg_json *m, const struct tg_manifest_in *in)
{
	static const char *const units[] = {"trace", "session", "subject"};
	const struct tg_count_stage *s = NULL;
	struct tg_json *o = tg_json_object();
	int bad = 0;

	for (size_t i = 0; i < in->counts->n_stage; i++)
		if (strcmp(in->counts->stage[i].name, "sample") == 0)
			s = &in->counts->stage[i];
	bad |= tg_json_set_str(o, "unit", units[in->settings->sample_unit]);
	bad |= tg_json_set_str(o, "algorithm", "blake2b64-threshold");
	bad |= tg_json_set_int(o, "rate_ppb", (int64_t)in->settings->rate_ppb);
	bad |= tg_json_set_str(o, "seed_commit", in->seed_commit);
	bad |= tg_json_set_int(o, "ledger_index", (int64_t)in->commit_index);
	bad |= tg_json_set_int(o, "seen", s == NULL ? 0 : (int64_t)s->in);
	bad |= tg_json_set_int(o, "kept", s == NULL ? 0 : (int64_t)s->out);
	bad |= draw(o, in) | subjects(o, in);
	return bad | tg_json_set(m, "sampling", o);
}

static int
sources(struct tg_json *m, const struct tg_manifest_in *in)
{
	struct tg_json *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < in->n_input; i++) {
		const struct tg_input *f = &in->input[i];
		struct tg_json *o = tg_json_object();
		char id[16];

		(void)snprintf(id, sizeof(id), "src-%04u", f->index);
		bad |= tg_json_set_str(o, "id", id);
		bad |= tg_json_set_str(o, "format", f->format);
		bad |= tg_json_set(o, "sha256", hex(f->sha256));
		bad |= tg_json_set_int(o, "bytes", (int64_t)f->bytes);
		if (f->has_texts)
			bad |= tg_json_set(
			    o, "texts_sha256", hex(f->texts_sha256));
		bad |= tg_json_set_int(o, "records", (int64_t)f->records);
		bad |=
		    tg_json_set_int(o, "quarantined", (int64_t)f->quarantined);
		bad |= tg_json_set_str(o, "text_origin", in->text_origin[i]);
		bad |= tg_json_push(list, o);
	}
	return bad | tg_json_set(m, "source", list);
}

static int
limits(struct tg_json *m, const struct tg_manifest_in *in)
{
	const struct tg_counts *c = in->counts;
	struct tg_json *l = tg_json_object(), *r = tg_json_object();
	char until[TG_TIME_LEN];
	const struct tg_leaf *clock =
	    tg_policy_find(in->policy, "/retention/clock_starts");
	int bad = 0;

	bad |=
	    tg_json_set_int(l, "max_tokens", (int64_t)in->settings->max_tokens);
	bad |= tg_json_set_str(l, "estimator", TG_TOKEN_ESTIMATOR);
	bad |= tg_json_set_int(l, "truncated", (int64_t)c->truncated);
	bad |= tg_json_set(m, "limits", l);
	bad |= tg_manifest_activations(m, in);
	bad |= tg_json_set_str(r, "class", in->job->retention_class);
	bad |= tg_json_set_int(r, "days", (int64_t)in->retention_days);
	bad |= tg_json_set_str(r, "clock", clock == NULL ? "" : clock->text);
	bad |= tg_json_set_int(r, "delete_after", in->delete_after);
	tg_time_format(until, in->delete_after);
	bad |= tg_json_set_str(r, "expires_at", until);
	bad |= tg_json_set_int(r, "undated", (int64_t)c->undated);
	bad |= tg_json_set(r, "held", in->held);
	return bad | tg_json_set(m, "retention", r);
}

static const char *
leaf_text(const struct tg_policy *p, const char *path)
{
	const struct tg_leaf *leaf = tg_policy_find(p, path);

	return leaf == NULL || leaf->text == NULL ? "" : leaf->text;
}

static int
anonymisation(struct tg_json *m, const struct tg_manifest_in *in)
{
	static const char claims[] = "/anonymisation/claims/";
	struct tg_json *o = tg_json_object(), *list = tg_json_array();
	char key_id[TG_PSEUDONYM_ID];
	int bad = 0;

	for (size_t i = 0; i < tg_policy_count(in->policy); i++) {
		const struct tg_leaf *leaf = tg_policy_at(in->policy, i);
		struct tg_json *c;

		if (strncmp(leaf->path, claims, sizeof(claims) - 1) != 0)
			continue;
		c = tg_json_object();
		bad |= tg_json_set_str(
		    c, "origin", leaf->path + sizeof(claims) - 1);
		bad |= tg_json_set_str(c, "claim", leaf->text);
		bad |= tg_json_push(list, c);
	}
	bad |= tg_json_set_str(
	    o, "level", leaf_text(in->policy, "/anonymisation/level"));
	bad |= tg_json_set_str(o, "date_granularity",
	    leaf_text(in->policy, "/anonymisation/date_granularity"));
	bad |= tg_json_set_str(o, "pseudonym_domain",
	    leaf_text(in->policy, "/anonymisation/pseudonym/domain"));
	bad |= tg_json_set_int(
	    o, "pseudonym_epoch", (int64_t)in->pseudonyms->period);
	tg_pseudonym_key_id(key_id, in->settings->pseudonym_key);
	bad |= tg_json_set_str(o, "pseudonym_key_id", key_id);
	bad |= tg_json_set_str(
	    o, "key_destroyed_at", in->pseudonyms->destroyed_at);
	bad |= tg_json_set_str(
	    o, "free_text", leaf_text(in->policy, "/anonymisation/free_text"));
	bad |= tg_json_set(o, "claims", list);
	return bad | tg_json_set(m, "anonymisation", o);
}

static struct tg_json *
volume(const struct tg_packed *v)
{
	struct tg_json *o = tg_json_object(), *tar = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "file", v->file);
	bad |= tg_json_set_int(o, "bytes", (int64_t)v->volume.bytes);
	bad |= tg_json_set(o, "sha256", hex(v->volume.sha256));
	bad |= tg_json_set_int(o, "records", (int64_t)v->records);
	bad |= tg_json_set_int(tar, "bytes", (int64_t)v->volume.tar_bytes);
	bad |= tg_json_set(tar, "sha256", hex(v->volume.tar_sha256));
	bad |= tg_json_set_int(tar, "members", (int64_t)v->volume.tar_members);
	bad |= tg_json_set(o, "tar", tar);
	if (bad) {
		tg_json_free(o);
		return NULL;
	}
	return o;
}

static int
payload(struct tg_json *m, const struct tg_manifest_in *in)
{
	struct tg_json *o = tg_json_object(), *to = tg_json_array(),
		       *volumes = tg_json_array(), *rec = tg_json_object(),
		       *files = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < in->recipient->n_key; i++)
		bad |= tg_json_push_str(to, in->recipient->key[i]);
	for (size_t i = 0; i < in->n_packed; i++)
		bad |= tg_json_push(volumes, volume(&in->packed[i]));
	bad |= tg_json_set_str(o, "format", "age-v1");
	bad |= tg_json_set(o, "recipients", to);
	bad |= tg_json_set_int(o, "zstd_level", in->zstd_level);
	bad |= tg_json_set(o, "volumes", volumes);
	bad |= tg_json_set(m, "payload", o);
	bad |= tg_json_set_int(rec, "count", (int64_t)in->records);
	bad |= tg_json_set_str(rec, "root", in->records_root);
	bad |= tg_json_set_str(rec, "leaf", "salted-rfc6962-v1");
	bad |= tg_json_set(m, "records", rec);
	for (size_t i = 0; i < in->n_file; i++) {
		struct tg_json *f = tg_json_object();

		bad |= tg_json_set_str(f, "file", in->file[i]);
		bad |= tg_json_set_str(f, "sha256", in->file_sha256[i]);
		bad |= tg_json_push(files, f);
	}
	return bad | tg_json_set(m, "files", files);
}

/* Of a motivated-intruder test, as the job states it. */
static int
intruder(struct tg_json *m, const struct tg_job *j)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(
	    o, "ref", j->intruder_ref == NULL ? "" : j->intruder_ref);
	bad |= tg_json_set_str(
	    o, "date", j->intruder_date == NULL ? "" : j->intruder_date);
	return bad | tg_json_set(m, "intruder_test", o);
}

static int
kept(struct tg_json *m, const struct tg_manifest_in *in)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(o, "facts_sha256", in->explained->facts_sha256);
	bad |=
	    tg_json_set_str(o, "decided_sha256", in->explained->decided_sha256);
	return bad | tg_json_set(m, "explained_by", o);
}

int
tg_manifest_build(
    struct tg_json **out, const struct tg_manifest_in *in, struct tg_err *err)
{
	struct tg_json *m = tg_json_object(), *regions = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < in->n_region; i++)
		bad |= tg_json_push_str(regions, in->region[i]);
	bad |= tg_json_set_str(m, "schema", SCHEMA);
	bad |= tg_json_set_str(m, "bundle_id", in->bundle_id);
	bad |= tg_json_set_str(m, "run", in->run);
	bad |= tg_json_set_int(m, "created", in->created);
	bad |= tg_json_set_int(m, "as_of", in->as_of);
	bad |= tg_json_set_bool(m, "as_of_given", in->as_of_given);
	bad |= tg_json_set(m, "tool", tg_version_json());
	bad |= tg_json_set_str(m, "origin", in->origin);
	bad |= tg_json_set(m, "regions", regions);
	bad |= tg_json_set_str(m, "target", in->target);
	bad |= parties(m, in) | policy(m, in) | limits(m, in) | payload(m, in);
	bad |= redactors(m, in) | sampling(m, in) | sources(m, in);
	bad |= tg_json_set(m, "funnel", tg_counts_funnel(in->counts));
	bad |= redaction(m, in) | anonymisation(m, in);
	bad |= tg_manifest_approvals(m, in) | kept(m, in);
	bad |=
	    tg_json_set(m, "residency", tg_residency_json(in->job, in->policy));
	bad |= tg_json_set(m, "bucket", tg_bucket_json(in->job, in->policy));
	bad |= tg_json_set(m, "budget", tg_budget_json(in->policy));
	bad |= tg_json_set(m, "us_dsp", tg_dsp_json(in));
	bad |= intruder(m, in->job);
	bad |= tg_json_set(m, "anonymity", tg_anonymity_json(in->anonymity));
	bad |= tg_json_set(m, "linkability", tg_linkage_json(in->linkage));
	bad |= tg_json_set(m, "canaries", tg_canaries_json(in->canaries));
	bad |= tg_json_set(m, "gates", tg_gates_json(in->gates));
	bad |= tg_json_set(m, "exceptions", in->exceptions);
	if (bad) {
		tg_json_free(m);
		return tg_fail_memory(err);
	}
	*out = m;
	return 0;
}
