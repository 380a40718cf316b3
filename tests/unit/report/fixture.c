#include "tests/unit/report/fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/fs.h"

static struct tg_json *
load(const char *name)
{
	struct tg_json *out = NULL;
	struct tg_err err = {0};
	char below[128];

	(void)snprintf(below, sizeof(below), "tests/unit/report/data/%s", name);
	ck_assert_msg(
	    tg_json_load(&out, root_path(below), &err) == 0, "%s", err.text);
	return out;
}

void
fixture_open(struct fixture *f)
{
	*f = (struct fixture){load("manifest.json"), load("ledger.json"),
	    load("decisions.json"), load("pseudonym_key.json"), NULL,
	    "/tmp/tg-report-XXXXXX"};
	ck_assert_ptr_nonnull(mkdtemp(f->dir));
}

void
fixture_close(struct fixture *f)
{
	ck_assert_int_eq(tg_fs_remove_tree(f->dir, NULL), 0);
	tg_json_free(f->manifest);
	tg_json_free(f->ledger);
	tg_json_free(f->decisions);
	tg_json_free(f->pseudonym_key);
	tg_policy_free(f->policy);
}

void
fixture_policy(struct fixture *f)
{
	static const char *const region[] = {"uk"};
	char *policies = strdup(root_path("policies"));
	char *regions = strdup(root_path("regions"));
	const struct tg_policy_src src = {.policy_dir = policies,
	    .region_dir = regions,
	    .region = region,
	    .n_region = 1};
	struct tg_err err = {0};

	ck_assert_msg(
	    tg_policy_compile(&f->policy, &src, &err) == 0, "%s", err.text);
	ck_assert_int_eq(tg_json_set_str(tg_json_get(f->manifest, "policy"),
			     "effective_sha256", tg_policy_sha256(f->policy)),
	    0);
	free(policies);
	free(regions);
}

struct tg_evidence_in
fixture_in(const struct fixture *f, const char *status)
{
	return (struct tg_evidence_in){.manifest = f->manifest,
	    .manifest_sha256 = MANIFEST_SHA256,
	    .policy = f->policy,
	    .decisions = f->decisions,
	    .ledger = f->ledger,
	    .status = status,
	    .now = NOW,
	    .pseudonym_key = f->pseudonym_key};
}

struct tg_json *
fixture_model(const struct fixture *f, const char *status)
{
	const struct tg_evidence_in in = fixture_in(f, status);
	struct tg_json *model = NULL;
	struct tg_err err = {0};

	ck_assert_msg(
	    tg_evidence_model(&model, &in, &err) == 0, "%s", err.text);
	return model;
}

void
fixture_write(const struct fixture *f, const struct tg_json *model)
{
	struct tg_err err = {0};

	ck_assert_msg(
	    tg_evidence_write(f->dir, model, &err) == 0, "%s", err.text);
}

void
slurp(struct tg_buf *out, const char *dir, const char *name)
{
	struct tg_err err = {0};
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert_msg(tg_fs_slurp(out, path, NULL, &err) == 0, "%s", err.text);
}

const struct tg_json *
row_of(const struct tg_json *model, const char *id)
{
	const struct tg_json *rows = tg_json_get(model, "requirements");

	for (size_t i = 0; i < tg_json_len(rows); i++) {
		const struct tg_json *r = tg_json_at(rows, i);

		if (strcmp(tg_json_get_str(r, "id", ""), id) == 0)
			return r;
	}
	ck_abort_msg("no row %s", id);
	return NULL;
}

const char *
result_of(const struct tg_json *model, const char *id)
{
	return tg_json_get_str(row_of(model, id), "result", "");
}

struct tg_json *
fixture_on(void (*change)(struct tg_json *manifest))
{
	struct tg_json *model;
	struct fixture f;

	fixture_open(&f);
	fixture_policy(&f);
	if (change != NULL)
		change(f.manifest);
	model = fixture_model(&f, "awaiting-decision");
	fixture_close(&f);
	return model;
}

struct tg_json *
fixture_left(struct tg_json *m)
{
	return tg_json_get(tg_json_get(m, "anonymity"), "left");
}

void
fixture_no_groups(struct tg_json *m)
{
	ck_assert_int_eq(tg_json_set(m, "anonymity", tg_json_null()), 0);
}

void
fixture_no_quasi_identifier(struct tg_json *m)
{
	ck_assert_int_eq(
	    tg_json_set_bool(tg_json_get(m, "anonymity"), "measured", false),
	    0);
}
