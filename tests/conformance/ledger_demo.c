/*
 * ledger_demo.c - makes a ledger for outside auditors.
 *
 *	ledger_demo DIR N
 *
 * DIR/ledger and DIR/state with N entries in all; the last one (of at least
 * two) is an export.intent, and DIR/intent.json and DIR/intent.tlog-proof are
 * its bytes and its proof.  Fixed clock and seed: the same bytes each time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "base/num.h"
#include "pipeline/ledger/receipt.h"

#include "base/banned.h"

#define DIGEST \
	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static int
fill(struct tg_ledger *l, struct tg_env_fixed *clock, uint64_t n,
    struct tg_err *err)
{
	uint64_t index;

	while (tg_ledger_size(l) + 1 < n) {
		struct tg_json *body = tg_json_object();

		clock->now++;
		if (tg_json_set_int(body, "records", 500) != 0) {
			tg_json_free(body);
			return tg_fail_memory(err);
		}
		if (tg_ledger_append(l, "test.entry", body, &index, err) < 0)
			return -1;
	}
	return 0;
}

static int
put(const char *dir, const char *name, const struct tg_buf *b,
    struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	rc = tg_fs_write(path, tg_buf_sv(b), 0644, TG_FS_OVERWRITE, err);
	free(path);
	return rc;
}

static int
intent(struct tg_ledger *l, const char *dir, uint64_t n, struct tg_err *err)
{
	static const struct tg_intent what = {
	    "tg-uk-2026-11-24-aaaaaaaaaa", DIGEST, "file:/srv/out", 1795600000};
	struct tg_receipt *r = NULL;
	struct tg_buf b;
	uint64_t index = 0;
	int rc = -1;

	tg_buf_init(&b, 1u << 20);
	if (n > 1) {
		if (tg_receipt_intent(&r, l, &what, err) < 0)
			goto out;
		index = tg_receipt_index(r);
	}
	if (tg_ledger_entry(l, index, &b, err) < 0 ||
	    put(dir, "intent.json", &b, err) < 0)
		goto out;
	tg_buf_reset(&b);
	if (tg_ledger_prove(l, index, &b, err) < 0 ||
	    put(dir, "intent.tlog-proof", &b, err) < 0)
		goto out;
	rc = 0;
out:
	tg_receipt_free(r);
	tg_buf_deinit(&b);
	return rc;
}

int
main(int argc, char **argv)
{
	struct tg_env_fixed clock = {.now = 1795478400, .seed = 1};
	struct tg_env env = tg_env_fixed(&clock);
	char *dir = NULL, *state = NULL;
	struct tg_ledger *l = NULL;
	struct tg_err err = {0};
	uint64_t n;
	int rc = EXIT_FAILURE;

	if (argc != 3 || !tg_parse_u64(&n, tg_sv_of(argv[2]), 1, 1000000)) {
		(void)fprintf(stderr, "usage: ledger_demo DIR N\n");
		return 2;
	}
	dir = tg_fs_join(argv[1], "ledger");
	state = tg_fs_join(argv[1], "state");
	if (dir == NULL || state == NULL || tg_crypt_init(&err) < 0 ||
	    tg_ledger_create(dir, state, "exports.example.org/tracegate/uk",
		&env, &err) < 0 ||
	    tg_ledger_open(&l, dir, state, &env, &err) < 0 ||
	    fill(l, &clock, n, &err) < 0 || intent(l, argv[1], n, &err) < 0) {
		(void)fprintf(stderr, "ledger_demo: %s\n", err.text);
		goto out;
	}
	rc = EXIT_SUCCESS;
out:
	tg_ledger_free(l);
	free(dir);
	free(state);
	return rc;
}
