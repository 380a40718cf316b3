/* sandbox.h - a folder of one's own for a test, and short ways to compile. */
#ifndef TG_TESTS_UNIT_POLICIES_SANDBOX_H
#define TG_TESTS_UNIT_POLICIES_SANDBOX_H

#include "base/err.h"
#include "policies/policy.h"

#define SANDBOX_PATH 512

/* The shipped folder "policies", "regions", ... below TG_ROOT; static. */
const char *root_path(const char *below);

/* Made before and removed after each test. */
void sandbox_open(void);
void sandbox_close(void);
/* The sandbox's path, "" below it; static, overwritten by the next call. */
const char *sandbox_path(const char *below);
void sandbox_write(const char *below, const char *text);
/* policies/ and regions/ of the tree, copied below @below. */
void sandbox_copy_policies(const char *below);
/* A file of the sandbox under another name in it. */
void sandbox_move(const char *from, const char *to);
/* In the sandbox's copy of @file the first @from becomes @to. */
void sandbox_edit(const char *file, const char *from, const char *to);

/* The shipped policies of a comma-separated list of regions; fails the test
 * when they do not compile. */
struct tg_policy *shipped(const char *regions);
/* The same from @policy_dir and @region_dir with a project and a scope
 * configuration (may be NULL).  NULL with *err set. */
struct tg_policy *compile_from(const char *policy_dir, const char *region_dir,
    const char *regions, const char *project, const char *scope,
    struct tg_err *err);
/* The shipped policies and a project's text under PROJECT_HEAD. */
struct tg_policy *
with_project(const char *regions, const char *text, struct tg_err *err);

#define PROJECT_HEAD                                      \
	"schema: tracegate.policy/1\nid: p\nversion: 1\n" \
	"layer: project\n"

#endif
