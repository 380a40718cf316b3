/*
 * ahead_fault.c - every allocation that makes several threads ready fails
 * once: a clean error, or fewer threads.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/input_ahead.h"
#include "pipeline/settings.h"
#include "tests/fault/alloc.h"

#include "base/banned.h"

#define THREADS 2

static const char pack[] =
    "version: 1\n"
    "pack: fault\n"
    "rules:\n"
    "  - id: f.mail\n"
    "    type: EMAIL\n"
    "    category: direct_identifier\n"
    "    pattern: '[a-z.]{1,40}@[a-z.]{1,40}'\n"
    "    boundary: word\n"
    "    score: {base: 80}\n"
    "    examples:\n"
    "      match: ['[[a@example.org]]', 'to b@example.org']\n"
    "      no_match: ['a', 'b']\n";

static struct tg_rules *rules;
static struct tg_settings set;
static struct tg_counts counts;
static struct tg_pass pass;

static int
run_open(struct tg_err *err)
{
	struct tg_intake t;
	int rc;

	tg_intake_init(&t, &pass);
	t.threads = THREADS;
	rc = tg_ahead_open(&t, err);
	if ((rc == 0) != (t.ahead != NULL))
		rc = tg_fail(err, TG_E_BUG, "half of it is there");
	tg_intake_deinit(&t);
	return rc;
}

static const struct tg_fault_row rows[] = {
    {"threads made ready", run_open},
};

static int
prepare(struct tg_err *err)
{
	char *path = tg_fs_join(tg_fault_scratch, "pack.yaml");
	const char *const packs[] = {path};
	const struct tg_rules_src src = {packs, 1, NULL, 0};
	int rc = -1;

	tg_settings_plain(&set, TG_MODE_REDACT);
	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_fs_write(path, tg_sv_of(pack), 0600, TG_FS_NEW, err) == 0 &&
	    tg_rules_load(&rules, &src, err) == 0)
		rc = tg_pass_init(&pass, &set, rules, NULL, &counts, err);
	free(path);
	return rc;
}

int
main(void)
{
	const int rc = tg_fault_main(rows, TG_COUNT(rows), prepare);

	tg_pass_deinit(&pass);
	tg_rules_free(rules);
	return rc;
}
