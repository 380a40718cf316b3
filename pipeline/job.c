#include "pipeline/job.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/num.h"
#include "base/yaml.h"
#include "pipeline/ykeys.h"
#include "policies/exception.h"
#include "base/banned.h"

#define ARENA_MAX (1u << 20)
#define CERTIFIED_MAX 64 /* bytes of a word */

/* A string of the job: where it stands and where it goes. */
struct row {
	const char *section; /* "" for the top */
	const char *key;
	size_t offset;
	bool required;
};

#define AT(member) offsetof(struct tg_job, member)

static const struct row rows[] = {
    {"", "name", AT(name), true},
    {"", "retention_class", AT(retention_class), true},
    {"", "policy", AT(policy), false},
    {"", "preparer", AT(preparer), true},
    {"", "recipient", AT(recipient), true},
    {"", "keys", AT(keys), true},
    {"", "trust", AT(trust), true},
    {"", "state", AT(state), true},
    {"", "intruder_test_ref", AT(intruder_ref), false},
    {"", "intruder_test_date", AT(intruder_date), false},
    {"purpose", "id", AT(purpose_id), true},
    {"purpose", "text", AT(purpose_text), true},
    {"purpose", "legal_basis", AT(legal_basis), true},
    {"purpose", "assessment_ref", AT(assessment_ref), false},
    {"purpose", "dpia_ref", AT(dpia_ref), false},
    {"purpose", "audit_ref", AT(audit_ref), false},
    {"purpose", "access", AT(access), false},
    {"exporter", "legal_name", AT(exporter_name), true},
    {"exporter", "country", AT(exporter_country), true},
    {"exporter", "contact", AT(exporter_contact), true},
    {"exporter", "dpo", AT(exporter_dpo), true},
    {"target", "url", AT(target_url), true},
    {"target", "residency", AT(target_residency), false},
    {"target", "endpoint", AT(target_endpoint), false},
    {"target", "region", AT(target_region), false},
    {"target", "expected_owner", AT(target_owner), false},
};

/* A list of the target. */
static const char certified[] = "certified";

static const char *const top_keys[] = {"schema", "name", "sources", "purpose",
    "retention_class", "rate", "policy", "exceptions", "exporter", "preparer",
    "recipient", "target", "mechanisms", "keys", "trust", "state",
    "health_data", "p90_latency_delta_ms", "intruder_test_ref",
    "intruder_test_date", NULL};
static const char *const source_keys[] = {"path", "origin", "text_origin",
    "tokenizer", "texts", "attention", "context", NULL};

static int
unknown_key(const struct tg_yaml *y, const struct tg_ynode *n,
    const char *const *words, struct tg_err *err)
{
	const char *near = tg_nearest(n->key->text, words);

	return tg_yaml_fail(y, n->key, err, "unknown key '%s'%s%s%s",
	    n->key->text.p, near == NULL ? "" : " (did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?)");
}

static bool
known(struct tg_sv key, const char *const *words)
{
	for (; *words != NULL; words++)
		if (tg_sv_is(key, *words))
			return true;
	return false;
}

static int
only_keys(const struct tg_yaml *y, const struct tg_ynode *map,
    const char *const *words, struct tg_err *err)
{
	if (map->kind != TG_Y_MAP)
		return tg_yaml_fail(y, map, err, "keys and values expected");
	for (const struct tg_ynode *n = map->child; n != NULL; n = n->next)
		if (!known(n->key->text, words))
			return unknown_key(y, n, words, err);
	return 0;
}

/* The strings of one section into the job. */
static int
section(struct tg_job *j, const struct tg_yaml *y, const struct tg_ynode *map,
    const char *name, struct tg_err *err)
{
	const char *words[TG_COUNT(rows) + 2] = {NULL};
	size_t n = 0;

	for (size_t i = 0; i < TG_COUNT(rows); i++)
		if (strcmp(rows[i].section, name) == 0)
			words[n++] = rows[i].key;
	if (strcmp(name, "target") == 0)
		words[n++] = certified;
	if (name[0] != '\0' && only_keys(y, map, words, err) < 0)
		return -1;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct tg_ynode *v;
		const char *s;

		if (strcmp(rows[i].section, name) != 0)
			continue;
		v = tg_ynode_get(map, rows[i].key);
		if (v == NULL && rows[i].required)
			return tg_yaml_fail(y, map, err, "%s%s%s is missing",
			    name, name[0] == '\0' ? "" : ".", rows[i].key);
		if (v == NULL)
			continue;
		if (v->kind != TG_Y_SCALAR || v->text.n == 0)
			return tg_yaml_fail(
			    y, v, err, "%s: a text expected", rows[i].key);
		s = tg_arena_str(&j->arena, v->text);
		if (s == NULL)
			return tg_fail_memory(err);
		memcpy((char *)j + rows[i].offset, &s, sizeof(s));
	}
	return 0;
}

static int
optional_path(struct tg_job *j, const char **out, const struct tg_yaml *y,
    const struct tg_ynode *map, const char *key, struct tg_err *err)
{
	const struct tg_ynode *v = tg_ynode_get(map, key);

	*out = NULL;
	if (v == NULL)
		return 0;
	if (v->kind != TG_Y_SCALAR || v->text.n == 0)
		return tg_yaml_fail(
		    y, v, err, "%s: the path of a file expected", key);
	*out = tg_arena_str(&j->arena, v->text);
	return *out == NULL ? tg_fail_memory(err) : 0;
}

/* What the job attests about how activations were computed.  Without the word,
 * nothing is attested. */
static int
attested(bool *out, const struct tg_yaml *y, const struct tg_ynode *map,
    const char *key, const char *yes, const char *no, struct tg_err *err)
{
	const struct tg_ynode *v = tg_ynode_get(map, key);

	*out = false;
	if (v == NULL)
		return 0;
	if (v->kind != TG_Y_SCALAR ||
	    (!tg_sv_is(v->text, yes) && !tg_sv_is(v->text, no)))
		return tg_yaml_fail(y, v, err, "%s: %s or %s", key, yes, no);
	*out = tg_sv_is(v->text, yes);
	return 0;
}

static int
one_source(struct tg_job *j, const struct tg_yaml *y,
    const struct tg_ynode *map, struct tg_err *err)
{
	struct tg_job_source *s = &j->source[j->n_source];
	const char **to[] = {&s->path, &s->origin, &s->text_origin};

	if (only_keys(y, map, source_keys, err) < 0)
		return -1;
	for (size_t i = 0; i < TG_COUNT(to); i++) {
		const struct tg_ynode *v = tg_ynode_get(map, source_keys[i]);

		if (v == NULL || v->kind != TG_Y_SCALAR || v->text.n == 0)
			return tg_yaml_fail(
			    y, map, err, "%s is missing", source_keys[i]);
		*to[i] = tg_arena_str(&j->arena, v->text);
		if (*to[i] == NULL)
			return tg_fail_memory(err);
	}
	if (strcmp(s->text_origin, "real") != 0 &&
	    strcmp(s->text_origin, "synthetic") != 0)
		return tg_yaml_fail(
		    y, map, err, "text_origin: real or synthetic");
	if (optional_path(j, &s->tokenizer, y, map, "tokenizer", err) < 0 ||
	    optional_path(j, &s->texts, y, map, "texts", err) < 0 ||
	    attested(&s->causal, y, map, "attention", "causal", "unknown",
		err) < 0 ||
	    attested(&s->whole, y, map, "context", "whole", "window", err) < 0)
		return -1;
	j->n_source++;
	return 0;
}

static int
sources(struct tg_job *j, const struct tg_yaml *y, const struct tg_ynode *root,
    struct tg_err *err)
{
	const struct tg_ynode *list = tg_ynode_get(root, "sources");

	if (list == NULL || list->kind != TG_Y_SEQ || list->n == 0)
		return tg_yaml_fail(y, list == NULL ? root : list, err,
		    "sources: a list of {path, origin, text_origin} expected");
	if (list->n > TG_JOB_SOURCES)
		return tg_yaml_fail(
		    y, list, err, "more than %d sources", TG_JOB_SOURCES);
	for (const struct tg_ynode *n = list->child; n != NULL; n = n->next)
		if (one_source(j, y, n, err) < 0)
			return -1;
	return 0;
}

static int
rate(struct tg_job *j, const struct tg_yaml *y, const struct tg_ynode *root,
    struct tg_err *err)
{
	const struct tg_ynode *v = tg_ynode_get(root, "rate");

	if (v == NULL)
		return 0;
	if (v->kind != TG_Y_SCALAR ||
	    !tg_parse_ratio_ppb(&j->rate_ppb, v->text) || j->rate_ppb == 0)
		return tg_yaml_fail(y, v, err, "rate: above 0, at most 1");
	return 0;
}

/* What the job declares of its data, and what was measured of its capture. */
static int
declared(struct tg_job *j, const struct tg_yaml *y, const struct tg_ynode *root,
    struct tg_err *err)
{
	static const char latency[] = "p90_latency_delta_ms";
	const struct tg_ynode *v = tg_ynode_get(root, latency);
	const struct tg_ynode *target = tg_ynode_get(root, "target");

	if (attested(&j->no_health_data, y, root, "health_data", "none",
		"possible", err) < 0)
		return -1;
	j->has_latency = v != NULL;
	if (v != NULL &&
	    (v->kind != TG_Y_SCALAR ||
		!tg_parse_u64(&j->latency_delta_ms, v->text, 0, 86400000)))
		return tg_yaml_fail(
		    y, v, err, "%s: milliseconds of a day expected", latency);
	return tg_ykeys_list(&j->certified, &j->n_certified, y, target,
	    certified, false, TG_JOB_CERTIFIED, CERTIFIED_MAX, &j->arena, err);
}

static int
exceptions(struct tg_job *j, const struct tg_yaml *y,
    const struct tg_ynode *root, struct tg_err *err)
{
	const struct tg_ynode *list = tg_ynode_get(root, "exceptions");

	if (list == NULL)
		return 0;
	if (list->kind != TG_Y_SEQ || list->n > TG_POLICY_EXCEPTIONS)
		return tg_yaml_fail(y, list, err,
		    "exceptions: a list of ids expected, at most %d",
		    TG_POLICY_EXCEPTIONS);
	for (const struct tg_ynode *v = list->child; v != NULL; v = v->next) {
		if (v->kind != TG_Y_SCALAR || !tg_exception_id_ok(v->text))
			return tg_yaml_fail(
			    y, v, err, "the id of an exception expected");
		for (size_t i = 0; i < j->n_exception; i++)
			if (tg_sv_is(v->text, j->exception[i]))
				return tg_yaml_fail(
				    y, v, err, "it is in the list twice");
		j->exception[j->n_exception] = tg_arena_str(&j->arena, v->text);
		if (j->exception[j->n_exception] == NULL)
			return tg_fail_memory(err);
		j->n_exception++;
	}
	return 0;
}

static int
mechanisms(struct tg_job *j, const struct tg_yaml *y,
    const struct tg_ynode *root, struct tg_err *err)
{
	const struct tg_ynode *map = tg_ynode_get(root, "mechanisms");

	if (map == NULL)
		return 0;
	if (map->kind != TG_Y_MAP || map->n > TG_JOB_TRANSFERS)
		return tg_yaml_fail(y, map, err,
		    "mechanisms: {ORIGIN: mechanism, ...} expected, at most %d",
		    TG_JOB_TRANSFERS);
	for (const struct tg_ynode *v = map->child; v != NULL; v = v->next) {
		struct tg_job_transfer *t = &j->transfer[j->n_transfer];

		if (v->kind != TG_Y_SCALAR || v->text.n == 0)
			return tg_yaml_fail(y, v, err, "a mechanism expected");
		t->origin = tg_arena_str(&j->arena, v->key->text);
		t->mechanism = tg_arena_str(&j->arena, v->text);
		if (t->origin == NULL || t->mechanism == NULL)
			return tg_fail_memory(err);
		j->n_transfer++;
	}
	return 0;
}

const char *
tg_job_mechanism(const struct tg_job *j, const char *origin)
{
	for (size_t i = 0; i < j->n_transfer; i++)
		if (strcmp(j->transfer[i].origin, origin) == 0)
			return j->transfer[i].mechanism;
	return NULL;
}

static int
fill(struct tg_job *j, const struct tg_yaml *y, struct tg_err *err)
{
	static const char *const sections[] = {"purpose", "exporter", "target"};
	const struct tg_ynode *root = tg_yaml_root(y);
	const struct tg_ynode *schema = tg_ynode_get(root, "schema");

	if (root == NULL || root->kind != TG_Y_MAP)
		return tg_fail(err, TG_E_CONFIG, "%s: empty", tg_yaml_name(y));
	if (schema == NULL || !tg_sv_is(schema->text, "tracegate.job/1"))
		return tg_yaml_fail(
		    y, root, err, "schema: tracegate.job/1 expected");
	if (only_keys(y, root, top_keys, err) < 0 ||
	    section(j, y, root, "", err) < 0 || sources(j, y, root, err) < 0 ||
	    rate(j, y, root, err) < 0 || exceptions(j, y, root, err) < 0 ||
	    mechanisms(j, y, root, err) < 0)
		return -1;
	for (size_t i = 0; i < TG_COUNT(sections); i++) {
		const struct tg_ynode *s = tg_ynode_get(root, sections[i]);

		if (s == NULL)
			return tg_yaml_fail(
			    y, root, err, "%s is missing", sections[i]);
		if (section(j, y, s, sections[i], err) < 0)
			return -1;
	}
	return declared(j, y, root, err);
}

const char *
tg_job_path(struct tg_job *j, const char *path)
{
	if (path == NULL)
		return NULL;
	if (path[0] == '/')
		return path;
	return tg_arena_fmt(&j->arena, "%s/%s", j->dir, path);
}

/* The paths that everyone needs, resolved; optional strings are "". */
static int
resolve(struct tg_job *j, struct tg_err *err)
{
	const char **const paths[] = {
	    &j->recipient, &j->keys, &j->trust, &j->state};
	const char **const optional[] = {&j->assessment_ref, &j->dpia_ref};

	for (size_t i = 0; i < TG_COUNT(paths); i++) {
		*paths[i] = tg_job_path(j, *paths[i]);
		if (*paths[i] == NULL)
			return tg_fail_memory(err);
	}
	if (j->policy != NULL) {
		j->policy = tg_job_path(j, j->policy);
		if (j->policy == NULL)
			return tg_fail_memory(err);
	}
	for (size_t i = 0; i < TG_COUNT(optional); i++)
		if (*optional[i] == NULL)
			*optional[i] = "";
	return 0;
}

int
tg_job_load(struct tg_job **out, const char *file, struct tg_err *err)
{
	const char *slash = strrchr(file, '/');
	struct tg_yaml *y = NULL;
	struct tg_job *j = NULL;
	uint8_t digest[TG_SHA256_LEN];
	int rc = -1;

	if (tg_yaml_load(&y, file, err) < 0)
		return -1;
	j = calloc(1, sizeof(*j));
	if (j == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	tg_arena_init(&j->arena, ARENA_MAX);
	j->file = tg_arena_str(&j->arena, tg_sv_of(file));
	j->dir = slash == NULL
	    ? "."
	    : tg_arena_str(&j->arena,
		  (struct tg_sv){
		      file, slash == file ? 1 : (size_t)(slash - file)});
	if (j->file == NULL || j->dir == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (fill(j, y, err) < 0 || resolve(j, err) < 0 ||
	    tg_sha256_bytes(digest, tg_yaml_text(y).p, tg_yaml_text(y).n, err) <
		0)
		goto out;
	tg_sha256_hex(j->sha256, digest);
	*out = j;
	j = NULL;
	rc = 0;
out:
	tg_job_free(j);
	tg_yaml_free(y);
	return rc;
}

void
tg_job_free(struct tg_job *j)
{
	if (j == NULL)
		return;
	tg_arena_deinit(&j->arena);
	free(j);
}
