/*
 * policies_fault.c - every allocation of the policy compiler, of policy check
 * and of the region and wording loaders fails once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "policies/check.h"
#include "policies/gate.h"
#include "policies/show.h"
#include "regions/region.h"
#include "regions/wording.h"
#include "tests/fault/alloc.h"

#include "base/banned.h"

#define PATH 256

/* Small on purpose: the number of runs is the number of allocations. */
static const struct {
	const char *file, *text;
} files[] = {
    {"policies/base.yaml",
	"schema: tracegate.policy/1\nid: base\nversion: 1\nlayer: base\n"
	"effective_from: 2026-11-24\nreview_by: 2027-06-01\n"
	"controls: [XC-01]\n"
	"purposes: {allow: [study], deny: [sale], define: {study: {dpv: x, "
	"retention_class: debug}}}\n"
	"sampling: {rate_default: 0.01, rate_max: 0.05}\n"
	"retention: {data: {debug: {max_days: 30}}}\n"
	"transfers: {destinations_deny: [\"@FAR\"]}\n"
	"provenance: {\"/sampling\": seed, \"/retention\": seed}\n"},
    {"policies/reference-2026-11.yaml",
	"schema: tracegate.reference/1\nas_of: 2026-11-22\n"
	"stale_after_days: 180\n"
	"sets: {\"@FAR\": {members: [AQ, BV]}, \"@NEAR\": {members: [DE, FR], "
	"expires: {DE: 2031-12-27}}}\n"},
    {"policies/controls.yaml",
	"schema: tracegate.controls/1\nversion: 1\ncontrols:\n"
	"  XC-01: {source: s, duty: {en: d}, leaves: [/sampling], "
	"codes: [SMP-RATE], shown: [EP-5]}\n"},
    {"regions/fr/policy.yaml",
	"schema: tracegate.policy/1\nid: fr\nversion: 1\nlayer: region\n"
	"jurisdiction: FR\neffective_from: 2026-11-24\n"
	"review_by: 2027-06-01\n"
	"transfers: {destinations_allow: [\"@NEAR\"], origins: {FR: "
	"{mechanisms: {\"@NEAR\": [intra_eea]}}}}\n"
	"sampling: {rate_max: 0.04}\nprovenance: {\"/sampling\": choice}\n"},
    {"regions/uk/policy.yaml",
	"schema: tracegate.policy/1\nid: uk\nversion: 1\nlayer: region\n"
	"jurisdiction: GB\neffective_from: 2026-11-24\n"
	"review_by: 2027-06-01\n"
	"transfers: {destinations_allow: [FR, GB]}\n"},
    {"regions/uk/wording.yaml",
	"schema: tracegate.wording/1\nregion: uk\nversion: 1\n"
	"sentences: {a: {en: x, fr: y}}\n"},
    {"p.yaml",
	"schema: tracegate.policy/1\nid: p\nversion: 1\nlayer: project\n"
	"purposes: {deny: [resale]}\n"
	"targets: {patterns: [\"s3://lab/**\"]}\n"},
    {"bad.yaml",
	"schema: tracegate.policy/1\nid: p\nversion: 1\nlayer: project\n"
	"sampling: {rate_max: 0.2}\n"},
    {"scope.json",
	"{\"sample_rate\":0.005,\"retention_days\":14,"
	"\"export_target\":\"s3:\\/\\/lab\\/x\"}"},
};

static const char *const regions[] = {"uk", "fr"};
static char dirs[3][PATH], project[PATH], bad[PATH], scope[PATH], words[PATH];
static struct tg_policy_src src = {
    .policy_dir = dirs[0], .region_dir = dirs[1], .region = regions};

/* The result is not what it must be: never to be taken for a memory error. */
static int
wrong(struct tg_err *err)
{
	return tg_fail(err, TG_E_BUG, "the result is wrong");
}

static int
look(const struct tg_policy *p, struct tg_err *err)
{
	const struct tg_leaf *leaf = tg_policy_find(p, "/sampling/rate_max");
	struct tg_json *j = NULL;
	struct tg_buf text;
	int rc = -1;

	if (leaf == NULL || strcmp(leaf->text, "0.005") != 0)
		return wrong(err);
	tg_buf_init(&text, 1u << 20);
	if (tg_policy_show_text(&text, p, err) == 0 &&
	    tg_policy_show_json(&j, p, err) == 0)
		rc = strstr(text.p, "\n/sampling/rate_max ") != NULL
		    ? 0
		    : wrong(err);
	tg_json_free(j);
	tg_buf_deinit(&text);
	return rc;
}

static int
run_compile(struct tg_err *err)
{
	struct tg_policy_src all = src;
	struct tg_policy *p = NULL;
	int rc;

	all.n_region = 2;
	all.project = project;
	all.scope_config = scope;
	if (tg_policy_compile(&p, &all, err) < 0)
		return p == NULL ? -1 : wrong(err);
	rc = look(p, err);
	tg_policy_free(p);
	return rc;
}

/* What loosens stays refused: the error is its own or memory's. */
static int
run_refused(struct tg_err *err)
{
	struct tg_policy_src all = src;
	struct tg_policy *p = NULL;

	all.n_region = 1;
	all.project = bad;
	if (tg_policy_compile(&p, &all, err) == 0) {
		tg_policy_free(p);
		return wrong(err);
	}
	if (err->cls != TG_E_CONFIG)
		return -1;
	return strstr(err->text, "E-RELAX") != NULL ? 0 : wrong(err);
}

static int
run_check(struct tg_err *err)
{
	struct tg_policy_checked c = {.kind = ""};
	struct tg_policy_src all = src;

	all.n_region = 1;
	if (tg_policy_check_file(&c, project, &all, err) < 0)
		return -1;
	return c.merged && c.n == 2 ? 0 : wrong(err);
}

static int
run_regions(struct tg_err *err)
{
	struct tg_regions r;
	int rc;

	if (tg_regions_load(&r, dirs[1], err) < 0)
		return -1;
	rc = r.n == 2 && strcmp(r.region[1].jurisdiction, "GB") == 0
	    ? 0
	    : wrong(err);
	tg_regions_free(&r);
	return rc;
}

static int
run_wording(struct tg_err *err)
{
	struct tg_wording w;
	const char *text;
	int rc;

	if (tg_wording_load(&w, words, err) < 0)
		return -1;
	text = tg_wording_find(&w, "a", "fr");
	rc = text != NULL && strcmp(text, "y") == 0 ? 0 : wrong(err);
	tg_wording_free(&w);
	return rc;
}

static const struct tg_fault_row rows[] = {
    {"policy compile, show", run_compile},
    {"policy refused", run_refused},
    {"policy check", run_check},
    {"regions", run_regions},
    {"wording", run_wording},
};

static int
prepare(struct tg_err *err)
{
	static const struct {
		char *to;
		const char *below;
	} paths[] = {{dirs[0], "policies"}, {dirs[1], "regions"},
	    {project, "p.yaml"}, {bad, "bad.yaml"}, {scope, "scope.json"},
	    {words, "regions/uk/wording.yaml"}};
	static const char *const folders[] = {
	    "policies", "regions/fr", "regions/uk"};
	char path[PATH];

	for (size_t i = 0; i < TG_COUNT(folders); i++) {
		(void)snprintf(
		    path, PATH, "%.128s/%s", tg_fault_scratch, folders[i]);
		if (tg_fs_mkdirs(path, 0700, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < TG_COUNT(files); i++) {
		(void)snprintf(
		    path, PATH, "%.128s/%s", tg_fault_scratch, files[i].file);
		if (tg_fs_write(path, tg_sv_of(files[i].text), 0600, TG_FS_NEW,
			err) < 0)
			return -1;
	}
	for (size_t i = 0; i < TG_COUNT(paths); i++)
		(void)snprintf(paths[i].to, PATH, "%.128s/%s", tg_fault_scratch,
		    paths[i].below);
	return 0;
}

int
main(void)
{
	return tg_fault_main(rows, TG_COUNT(rows), prepare);
}
