/*
 * ledger_driver.c - what ledger_strace.sh runs while system calls fail.
 *
 *	ledger_driver create DIR N   a ledger of at least N entries
 *	ledger_driver append DIR     one entry more
 *	ledger_driver recover DIR MIN MAX
 *	                             MIN to MAX entries and none of them wrong,
 *	                             also after one more append
 *
 * getppid marks where the work begins: calls before it are the loader's.
 * Exit: 0 done, 1 a clean failure, 3 recover found a wrong ledger.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "base/num.h"
#include "pipeline/ledger/ledger.h"

#include "base/banned.h"

#define ORIGIN "exports.example.org/tracegate/uk"

struct place {
	char *dir, *state;
	struct tg_env env;
};

static int
append(const struct place *p, struct tg_ledger *l, struct tg_err *err)
{
	struct tg_json *body = tg_json_object();
	uint64_t index;

	if (tg_json_set_int(body, "records", 500) != 0) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	(void)p;
	return tg_ledger_append(l, "test.entry", body, &index, err);
}

static int
create(const struct place *p, uint64_t n, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	int rc = -1;

	if (tg_ledger_create(p->dir, p->state, ORIGIN, &p->env, err) < 0)
		return -1;
	if (n < 2)
		return 0;
	if (tg_ledger_open(&l, p->dir, p->state, &p->env, err) < 0)
		return -1;
	while (tg_ledger_size(l) < n)
		if (append(p, l, err) < 0)
			goto out;
	rc = 0;
out:
	tg_ledger_free(l);
	return rc;
}

static int
append_one(const struct place *p, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	int rc;

	if (tg_ledger_open(&l, p->dir, p->state, &p->env, err) < 0)
		return -1;
	rc = append(p, l, err);
	tg_ledger_free(l);
	return rc;
}

/* What is there is right, then what is there after the next append is. */
static int
recover(const struct place *p, uint64_t min, uint64_t max, struct tg_err *err)
{
	uint64_t before = 0, after = 0;

	if (min == 0) { /* creating was cut off: it is done again */
		if (create(p, 1, err) < 0)
			return -1;
		min = 1;
	}
	if (tg_ledger_check(p->dir, NULL, &before, err) < 0 ||
	    append_one(p, err) < 0 ||
	    tg_ledger_check(p->dir, NULL, &after, err) < 0)
		return -1;
	if (before < min || before > max || after <= before ||
	    after > before + 2) /* one may have been rolled forward */
		return tg_fail(err, TG_E_INTEGRITY,
		    "%" PRIu64 " entries, then %" PRIu64, before, after);
	return 0;
}

static int
run(int argc, char **argv, const struct place *p, struct tg_err *err)
{
	uint64_t a = 0, b = 0;

	if (argc > 3 && !tg_parse_u64(&a, tg_sv_of(argv[3]), 0, 100000))
		return tg_fail(err, TG_E_USAGE, "not a number");
	if (argc > 4 && !tg_parse_u64(&b, tg_sv_of(argv[4]), 0, 100000))
		return tg_fail(err, TG_E_USAGE, "not a number");
	if (argc == 4 && strcmp(argv[1], "create") == 0)
		return create(p, a, err);
	if (argc == 3 && strcmp(argv[1], "append") == 0)
		return append_one(p, err);
	if (argc == 5 && strcmp(argv[1], "recover") == 0)
		return recover(p, a, b, err);
	return tg_fail(err, TG_E_USAGE, "usage: see the head of the source");
}

int
main(int argc, char **argv)
{
	struct tg_env_fixed clock = {.now = 1795478400, .seed = 1};
	struct place p = {NULL, NULL, tg_env_fixed(&clock)};
	struct tg_err err = {0};
	int rc = -1;

	if (argc < 3)
		return 2;
	p.dir = tg_fs_join(argv[2], "ledger");
	p.state = tg_fs_join(argv[2], "state");
	if (p.dir != NULL && p.state != NULL && tg_crypt_init(&err) == 0) {
		(void)getppid();
		rc = run(argc, argv, &p, &err);
	}
	if (rc < 0)
		(void)fprintf(stderr, "%s: %s\n", argv[1], err.text);
	free(p.dir);
	free(p.state);
	if (rc == 0)
		return EXIT_SUCCESS;
	return strcmp(argv[1], "recover") == 0 ? 3 : 1;
}
