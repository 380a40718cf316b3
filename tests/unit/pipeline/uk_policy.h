/* uk_policy.h - the policy of the UK under a project's lines. */
#ifndef TG_TESTS_UNIT_PIPELINE_UK_POLICY_H
#define TG_TESTS_UNIT_PIPELINE_UK_POLICY_H

#include "policies/policy.h"
#include "tests/unit/pipeline/scratch.h"

static inline struct tg_policy *
uk_policy(struct scratch *s, const char *lines)
{
	static const char *const region = "uk";
	const char *root = getenv("TG_ROOT");
	const char *file = scratch_path(s, "p.yaml");
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_policy *p = NULL;
	char text[600], dir[2][512];

	root = root == NULL ? "." : root;
	(void)snprintf(dir[0], sizeof(dir[0]), "%s/policies", root);
	(void)snprintf(dir[1], sizeof(dir[1]), "%s/regions", root);
	(void)snprintf(text, sizeof(text),
	    "schema: tracegate.policy/1\nid: p\nversion: 1\nlayer: project\n%s",
	    lines);
	ck_assert_int_eq(
	    tg_fs_write(file, tg_sv_of(text), 0600, TG_FS_OVERWRITE, &err), 0);
	const struct tg_policy_src src = {.policy_dir = dir[0],
	    .region_dir = dir[1],
	    .region = &region,
	    .n_region = 1,
	    .project = lines[0] == '\0' ? NULL : file};

	ck_assert_msg(tg_policy_compile(&p, &src, &err) == 0, "%s", err.text);
	return p;
}

#endif
