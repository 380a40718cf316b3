/*
 * loaders_fault.c - every allocation of every loader fails once.  A new loader
 * is one function and one row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/digest.h"
#include "base/enc.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/yaml.h"
#include "tests/fault/alloc.h"

#include "base/banned.h"

static char *yaml_path, *json_path, *out_path;

static const char yaml_good[] = "# policy\n"
				"name: base\n"
				"regions: [uk, fr, us]\n"
				"rules:\n"
				"  - {id: one, note: \"caf\xC3\xA9\"}\n"
				"  - id: two\n"
				"    note: >-\n"
				"      folded\n"
				"      text\n"
				"text: |\n"
				"  block\n";
static const char yaml_bad[] = "a: 1\nb:\n  - x: 1\n    x: 2\n";
static const char json_text[] =
    "{\"b\":[1,2,{\"c\":null}],\"a\":\"caf\\u00e9\",\"t\":true,\"n\":-7}";
static const char json_want[] =
    "{\"a\":\"caf\\u00E9\",\"b\":[1,2,{\"c\":null}],\"n\":-7,\"t\":true}\n";

/* The result is not what it must be: never to be taken for a memory error. */
static int
wrong(struct tg_err *err)
{
	return tg_fail(err, TG_E_BUG, "the result is wrong");
}

static int
run_buf(struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 1 << 20);
	for (int i = 0; i < 2000; i++)
		if (tg_buf_addf(&b, err, "%d,", i) < 0)
			goto out;
	if (tg_b64_add(&b, "foobar", 6, TG_B64_PADDED, err) < 0)
		goto out;
	rc = b.n == 8898 && strcmp(b.p + b.n - 13, "1999,Zm9vYmFy") == 0
	    ? 0
	    : wrong(err);
out:
	tg_buf_wipe_deinit(&b);
	return rc;
}

static int
run_arena(struct tg_err *err)
{
	struct tg_arena a;
	int rc = -1;

	tg_arena_init(&a, 1 << 20);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 300; i++) {
			const char *const s = tg_arena_fmt(&a, "%0200d", i);

			if (s == NULL) {
				tg_fail_memory(err);
				goto out;
			}
			if (strlen(s) != 200) {
				wrong(err);
				goto out;
			}
		}
		tg_arena_reset(&a);
	}
	rc = 0;
out:
	tg_arena_deinit(&a);
	return rc;
}

static int
look_yaml(const struct tg_yaml *y, struct tg_err *err)
{
	const struct tg_ynode *const rules =
	    tg_ynode_get(tg_yaml_root(y), "rules");
	const struct tg_ynode *id;

	if (rules == NULL || rules->n != 2)
		return wrong(err);
	id = tg_ynode_get(rules->child->next, "id");
	return id != NULL && tg_sv_is(id->text, "two") ? 0 : wrong(err);
}

static int
run_yaml_parse(struct tg_err *err)
{
	struct tg_yaml *y = NULL;
	int rc;

	if (tg_yaml_parse(&y, tg_sv_of(yaml_good), "p.yaml", err) < 0)
		return -1;
	rc = look_yaml(y, err);
	tg_yaml_free(y);
	return rc;
}

static int
run_yaml_load(struct tg_err *err)
{
	struct tg_yaml *y = NULL;
	int rc;

	if (tg_yaml_load(&y, yaml_path, err) < 0)
		return -1;
	rc = look_yaml(y, err);
	tg_yaml_free(y);
	return rc;
}

/* A faulty document stays one: the error is its own or memory's. */
static int
run_yaml_refused(struct tg_err *err)
{
	struct tg_yaml *y = NULL;

	if (tg_yaml_parse(&y, tg_sv_of(yaml_bad), "p.yaml", err) == 0) {
		tg_yaml_free(y);
		return wrong(err);
	}
	if (err->cls != TG_E_CONFIG)
		return -1;
	return strncmp(err->text, "p.yaml:4:5:", 11) == 0 ? 0 : wrong(err);
}

static int
look_json(const struct tg_json *j, struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 1 << 20);
	if (tg_json_canonical(&b, j, err) < 0)
		goto out;
	if (!tg_sv_is(tg_buf_sv(&b), json_want)) {
		wrong(err);
		goto out;
	}
	tg_buf_reset(&b);
	rc = tg_json_pretty(&b, j, err);
out:
	tg_buf_deinit(&b);
	return rc;
}

static int
run_json_parse(struct tg_err *err)
{
	struct tg_json *j = NULL;
	int rc;

	if (tg_json_parse(&j, tg_sv_of(json_text), "m.json", err) < 0)
		return -1;
	rc = look_json(j, err);
	tg_json_free(j);
	return rc;
}

static int
run_json_load(struct tg_err *err)
{
	struct tg_json *j = NULL;
	int rc;

	if (tg_json_load(&j, json_path, err) < 0)
		return -1;
	rc = look_json(j, err);
	tg_json_free(j);
	return rc;
}

static int
run_json_build(struct tg_err *err)
{
	struct tg_json *o = tg_json_object(), *list = tg_json_array(),
		       *in = tg_json_object(), *copy = NULL;
	int bad = 0, rc = -1;

	bad |= tg_json_set(in, "c", tg_json_null());
	bad |= tg_json_push(list, tg_json_int(1));
	bad |= tg_json_push(list, tg_json_int(2));
	bad |= tg_json_push(list, in);
	bad |= tg_json_set(o, "b", list);
	bad |= tg_json_set_str(o, "a", "caf\xC3\xA9");
	bad |= tg_json_set_bool(o, "t", true);
	bad |= tg_json_set_int(o, "n", -7);
	if (bad == 0)
		copy = tg_json_copy(o);
	if (copy == NULL)
		tg_fail_memory(err);
	else
		rc = look_json(copy, err);
	tg_json_free(copy);
	tg_json_free(o);
	return rc;
}

static int
run_slurp(struct tg_err *err)
{
	struct tg_buf b;
	bool missing;
	int rc = -1;

	tg_buf_init(&b, 1 << 20);
	if (tg_fs_slurp(&b, json_path, &missing, err) < 0)
		goto out;
	rc = tg_sv_is(tg_buf_sv(&b), json_text) ? 0 : wrong(err);
out:
	tg_buf_deinit(&b);
	return rc;
}

/* Written whole or not at all, and no temporary file is left. */
static int
run_write(struct tg_err *err)
{
	const int rc =
	    tg_fs_write(out_path, TG_SV("whole"), 0600, TG_FS_OVERWRITE, err);
	struct tg_fs_names names = {NULL, 0};

	/* When there is no memory even for looking, nothing is said of it. */
	if (tg_fs_list(&names, tg_fault_scratch, false, NULL) == 0) {
		const size_t n = names.n;

		tg_fs_names_free(&names);
		if (n != 2 + (size_t)tg_fs_exists(out_path))
			return wrong(err);
	}
	if (rc == 0 && unlink(out_path) < 0)
		return wrong(err);
	return rc;
}

static int
run_list(struct tg_err *err)
{
	struct tg_fs_names names = {NULL, 0};
	int rc;

	if (tg_fs_list(&names, tg_fault_scratch, true, err) < 0)
		return names.name == NULL ? -1 : wrong(err);
	rc = names.n == 2 && strcmp(names.name[0], "m.json") == 0 ? 0
								  : wrong(err);
	tg_fs_names_free(&names);
	return rc;
}

static int
run_digest(struct tg_err *err)
{
	uint8_t a[TG_SHA256_LEN], b[TG_SHA256_LEN];

	if (tg_sha256_file(a, json_path, NULL, err) < 0 ||
	    tg_sha256_bytes(b, json_text, strlen(json_text), err) < 0)
		return -1;
	return memcmp(a, b, sizeof(a)) == 0 ? 0 : wrong(err);
}

static const struct tg_fault_row rows[] = {
    {"buf", run_buf},
    {"arena", run_arena},
    {"yaml parse", run_yaml_parse},
    {"yaml load", run_yaml_load},
    {"yaml refused", run_yaml_refused},
    {"json parse, canonical", run_json_parse},
    {"json load", run_json_load},
    {"json build", run_json_build},
    {"fs slurp", run_slurp},
    {"fs write", run_write},
    {"fs list", run_list},
    {"digest", run_digest},
};

static int
prepare(struct tg_err *err)
{
	yaml_path = tg_fs_join(tg_fault_scratch, "p.yaml");
	json_path = tg_fs_join(tg_fault_scratch, "m.json");
	out_path = tg_fs_join(tg_fault_scratch, "out");
	if (yaml_path == NULL || json_path == NULL || out_path == NULL)
		return tg_fail_memory(err);
	if (tg_fs_write(yaml_path, tg_sv_of(yaml_good), 0600, TG_FS_NEW, err) <
	    0)
		return -1;
	return tg_fs_write(
	    json_path, tg_sv_of(json_text), 0600, TG_FS_NEW, err);
}

int
main(void)
{
	const int rc = tg_fault_main(rows, TG_COUNT(rows), prepare);

	free(yaml_path);
	free(json_path);
	free(out_path);
	return rc;
}
