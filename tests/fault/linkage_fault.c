/*
 * linkage_fault.c - every allocation on the way from records to links, and of
 * the keys of pseudonyms, fails once: a clean error, never fewer links than
 * there are, never a key that is not the one kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "pipeline/linkage.h"
#include "pipeline/pseudonym_key.h"
#include "tests/fault/alloc.h"

#include "base/banned.h"

#define UNITS 12

static const uint8_t key[TG_KEY_LEN] = {5};

/* tg_fault_scratch/<name>; good until the next call but three. */
static const char *
below(const char *name)
{
	static char path[4][512];
	static unsigned next;
	char *p = path[next++ % TG_COUNT(path)];

	(void)snprintf(p, sizeof(path[0]), "%s/%s", tg_fault_scratch, name);
	return p;
}

/* Two units in a record, of one person and one text. */
static int
add(struct tg_linkage *l, struct tg_err *err)
{
	static const char text[] = "a text that two records have in common";
	int rc = 0;

	for (uint8_t i = 0; i < UNITS && rc == 0; i++) {
		struct tg_class_row row = {.trace = {i}, .subject = {i}};

		tg_linkage_begin(l);
		for (uint32_t u = 0; u < 2 && rc == 0; u++)
			rc = tg_linkage_text(l, u, text, sizeof(text) - 1, err);
		for (uint32_t u = 0; u < 2 && rc == 0; u++) {
			rc = tg_linkage_value(l, &row, row.subject, err);
			row.quasi[0] = (uint8_t)(2u * i + u);
			if (rc == 0)
				rc = tg_linkage_unit(l, u, &row, true, err);
		}
	}
	return rc;
}

static int
measure(size_t memory, const char *path, const char *earlier,
    struct tg_linkage_result *r, struct tg_err *err)
{
	const struct tg_linkage_earlier e = {earlier, "lab"};
	struct tg_linkage *l = NULL;
	int rc = tg_linkage_new(&l, below("work"), key, memory, err);

	if (rc == 0)
		rc = add(l, err);
	if (rc == 0)
		rc = tg_linkage_finish(
		    l, path, "lab", &e, earlier == NULL ? 0 : 1, r, err);
	tg_linkage_free(l);
	return rc;
}

static int
links(size_t memory, struct tg_err *err)
{
	struct tg_linkage_result r;

	if (measure(memory, below("later"), below("first"), &r, err) < 0)
		return -1;
	return r.bundles == 1 && r.values_same == UNITS &&
		r.unique_earlier == 2 * UNITS && r.linked == 2 * UNITS &&
		r.texts_here == 2 * UNITS && r.texts_earlier == 2 * UNITS
	    ? 0
	    : tg_fail(err, TG_E_BUG, "links are missing");
}

static int
in_memory(struct tg_err *err)
{
	return links(1u << 16, err);
}

static int
on_disk(struct tg_err *err)
{
	return links(400, err);
}

/* A new key, and what there is of it. */
static int
pseudonyms(struct tg_err *err)
{
	static const struct tg_pseudonym_scope scope = {
	    .destroyed_at = "retention_end",
	    .purpose = "safety_research",
	    .recipient = "lab",
	    .bundle_id = "",
	    .period_ends = 1795478400};
	struct tg_env_fixed clock = {.now = 1795478400, .seed = 7};
	const struct tg_env env = tg_env_fixed(&clock);
	uint8_t made[TG_KEY_LEN], again[TG_KEY_LEN];
	struct tg_json *list = NULL;
	int rc = -1;

	if (tg_fs_remove_tree(below("pseudonyms"), err) == 0 &&
	    tg_pseudonym_key(
		made, tg_fault_scratch, &scope, key, NULL, &env, err) == 0 &&
	    tg_pseudonym_key(
		again, tg_fault_scratch, &scope, key, NULL, &env, err) == 0 &&
	    tg_pseudonym_keys(&list, tg_fault_scratch, clock.now, err) == 0)
		rc = tg_crypt_same(made, again, TG_KEY_LEN) &&
			tg_json_len(list) == 1
		    ? 0
		    : tg_fail(err, TG_E_BUG, "not one key");
	tg_json_free(list);
	return rc;
}

static int
prepare(struct tg_err *err)
{
	struct tg_linkage_result r;

	return measure(1u << 16, below("first"), NULL, &r, err);
}

int
main(void)
{
	static const struct tg_fault_row rows[] = {
	    {"links in memory", in_memory},
	    {"links on disk", on_disk},
	    {"keys of pseudonyms", pseudonyms},
	};

	return tg_fault_main(rows, TG_COUNT(rows), prepare);
}
