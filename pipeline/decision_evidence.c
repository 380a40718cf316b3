/* decision_evidence.c - the evidence folder as a decision names it. */
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/bundle/name.h"
#include "pipeline/decision_doc.h"

#include "base/banned.h"

static int
add_file(struct tg_json *list, char sha256[TG_SHA256_HEX], const char *dir,
    const char *name, struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	struct tg_json *o = tg_json_object();
	uint8_t sum[TG_SHA256_LEN];
	int bad = 0, rc;

	if (path == NULL) {
		tg_json_free(o);
		return tg_fail_memory(err);
	}
	rc = tg_sha256_file(sum, path, NULL, err);
	free(path);
	if (rc < 0) {
		tg_json_free(o);
		return -1;
	}
	tg_sha256_hex(sha256, sum);
	bad |= tg_json_set_str(o, "file", name);
	bad |= tg_json_set_str(o, "sha256", sha256);
	bad |= tg_json_push(list, o);
	return bad == 0 ? 0 : tg_fail_memory(err);
}

int
tg_decision_evidence(struct tg_json **out, char sha256[TG_SHA256_HEX],
    const char *dir, struct tg_err *err)
{
	struct tg_fs_names names = {NULL, 0};
	struct tg_json *list = tg_json_array();
	char sum[TG_SHA256_HEX];
	bool model = false;
	int rc = -1;

	if (list == NULL)
		return tg_fail_memory(err);
	if (!tg_fs_is_dir(dir)) {
		(void)tg_fail(err, TG_E_INTEGRITY, "%s: no evidence", dir);
		goto out;
	}
	if (tg_fs_list(&names, dir, false, err) < 0)
		goto out;
	for (size_t i = 0; i < names.n; i++) {
		if (i == TG_EVIDENCE_FILES ||
		    !tg_name_ok(tg_sv_of(names.name[i]))) {
			(void)tg_fail(err, TG_E_INTEGRITY,
			    "%s: a file that is no part of the evidence", dir);
			goto out;
		}
		if (add_file(list, sum, dir, names.name[i], err) < 0)
			goto out;
		if (strcmp(names.name[i], "evidence.json") == 0) {
			memcpy(sha256, sum, sizeof(sum));
			model = true;
		}
	}
	if (!model) {
		(void)tg_fail(
		    err, TG_E_INTEGRITY, "%s/evidence.json: missing", dir);
		goto out;
	}
	*out = list;
	list = NULL;
	rc = 0;
out:
	tg_json_free(list);
	tg_fs_names_free(&names);
	return rc;
}
