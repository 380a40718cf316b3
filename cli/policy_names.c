#include "cli/policy_names.h"

#include <string.h>

#include "base/fs.h"
#include "base/num.h"
#include "redactors/dict_import.h"

#include "base/banned.h"

/* What was done, as an answer. */
static int
names_done(struct tg_cli *cli, const char *path, const struct tg_import *done)
{
	int bad = 0;

	if (!cli->json) {
		(void)printf("ok  %s  %zu names of %zu rows; %zu rows left "
			     "out, %zu names too rare\n",
		    path, done->words, done->rows, done->left, done->rare);
		return 0;
	}
	cli->result = tg_json_object();
	if (cli->result == NULL)
		return tg_fail_memory(&cli->err);
	bad |= tg_json_set_int(cli->result, "names", (int64_t)done->words);
	bad |= tg_json_set_int(cli->result, "rows", (int64_t)done->rows);
	bad |= tg_json_set_int(cli->result, "left_out", (int64_t)done->left);
	bad |= tg_json_set_int(cli->result, "rare", (int64_t)done->rare);
	return bad == 0 ? 0 : tg_fail_memory(&cli->err);
}

static bool
is_dictionary(const char *path)
{
	const size_t n = strlen(path), k = strlen(".tgd");

	return n > k && strcmp(path + n - k, ".tgd") == 0;
}

int
tg_policy_names(struct tg_cli *cli)
{
	const struct tg_args *a = &cli->args;
	const char *kind = tg_args_value(a, "kind");
	const char *path = tg_args_value(a, "output");
	const char *least = tg_args_value(a, "min");
	struct tg_err *err = &cli->err;
	struct tg_buf in, out;
	struct tg_import done;
	uint64_t min = 0;
	int rc = -1;

	if (a->n_rest != 2 || kind == NULL || path == NULL ||
	    !is_dictionary(path))
		return tg_fail(err, TG_E_USAGE,
		    "names: --kind KIND, one FILE and -o OUT.tgd expected");
	if (least != NULL &&
	    !tg_parse_u64(&min, tg_sv_of(least), 1, 1000000000))
		return tg_fail(err, TG_E_USAGE, "--min: 1 or more expected");
	tg_buf_init(&in, TG_IMPORT_MAX);
	tg_buf_init(&out, TG_DICT_FILE);
	if (tg_fs_slurp(&in, a->rest[1], NULL, err) == 0 &&
	    tg_dict_import(
		&out, &done, kind, min, tg_buf_sv(&in), a->rest[1], err) == 0 &&
	    tg_fs_write(path, tg_buf_sv(&out), 0644, TG_FS_OVERWRITE, err) == 0)
		rc = names_done(cli, path, &done);
	tg_buf_deinit(&in);
	tg_buf_deinit(&out);
	return rc;
}
