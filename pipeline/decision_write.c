/* decision_write.c - the part of decision.h that signs and writes. */
#include "pipeline/decision.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/decision_doc.h"

#include "base/banned.h"

/* Whether @dir/@name may hold @doc: not there, or this person's own and no
 * rejection.  *@taken: by another person, or by what is no decision. */
static int
look_slot(bool *taken, const char *dir, const char *name,
    const struct tg_json *doc, struct tg_err *err)
{
	char *path = tg_fs_join(dir, name);
	struct tg_json *old = NULL;
	struct tg_err why = {0};
	struct tg_buf b;
	bool missing;
	int rc = -1;

	*taken = false;
	tg_buf_init(&b, TG_DECISION_MAX);
	if (path == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_slurp(&b, path, &missing, err) < 0) {
		if (!missing)
			goto out;
		tg_err_clear(err);
		rc = 0;
		goto out;
	}
	*taken = tg_decision_parse(&old, tg_buf_sv(&b), &why) < 0;
	if (why.cls == TG_E_MEMORY) {
		(void)tg_fail_memory(err);
		goto out;
	}
	*taken = *taken ||
	    strcmp(tg_decision_member(old, "signer", "id"),
		tg_decision_member(doc, "signer", "id")) != 0;
	/* A rejection of another manifest says nothing of this one. */
	if (!*taken &&
	    strcmp(tg_decision_member(old, "decision", NULL),
		tg_decide_name(TG_REJECT)) == 0 &&
	    strcmp(tg_decision_member(old, "subjects", "manifest_sha256"),
		tg_decision_member(doc, "subjects", "manifest_sha256")) == 0) {
		(void)tg_fail(err, TG_E_NO,
		    "%s has rejected this export as %s; that stands",
		    tg_decision_member(doc, "signer", "id"),
		    tg_decision_member(doc, "role", NULL));
		(void)tg_fail_hint(err, "prepare it again as a new run");
		goto out;
	}
	rc = 0;
out:
	tg_json_free(old);
	tg_buf_deinit(&b);
	free(path);
	return rc;
}

static int
find_slot(char name[TG_DECISION_NAME], const char *dir,
    const struct tg_json *doc, struct tg_err *err)
{
	const char *role = tg_decision_member(doc, "role", NULL);
	bool taken = true;

	for (int k = 1; k <= TG_APPROVAL_COUNT && taken; k++) {
		if (k == 1)
			(void)snprintf(name, TG_DECISION_NAME,
			    "decision-%.32s.json", role);
		else
			(void)snprintf(name, TG_DECISION_NAME,
			    "decision-%.32s-%d.json", role, k);
		if (look_slot(&taken, dir, name, doc, err) < 0)
			return -1;
	}
	if (taken)
		return tg_fail(err, TG_E_LIMIT,
		    "%s: there are %d decisions of the role %s already", dir,
		    TG_APPROVAL_COUNT, role);
	return 0;
}

/* The signature goes first: a document alone would be a bad one. */
static int
write_pair(const char *dir, const char *name, struct tg_sv doc,
    struct tg_sv sig, struct tg_err *err)
{
	char sig_name[TG_DECISION_NAME + 16];
	char *path = tg_fs_join(dir, name), *sig_path = NULL;
	int rc = -1;

	(void)snprintf(sig_name, sizeof(sig_name), "%s.minisig", name);
	sig_path = tg_fs_join(dir, sig_name);
	if (path == NULL || sig_path == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_write(sig_path, sig, 0644, TG_FS_OVERWRITE, err) == 0)
		rc = tg_fs_write(path, doc, 0644, TG_FS_OVERWRITE, err);
	free(path);
	free(sig_path);
	return rc;
}

int
tg_decision_write(char name[TG_DECISION_NAME], const char *dir,
    const struct tg_json *doc, const struct tg_minisign_key *key,
    struct tg_err *err)
{
	char id[TG_MINISIGN_ID_HEX], comment[TG_TRUSTED_COMMENT];
	char slot[TG_DECISION_NAME];
	struct tg_json *same = NULL;
	struct tg_buf b, sig;
	int rc = -1;

	tg_buf_init(&b, TG_DECISION_MAX);
	tg_buf_init(&sig, 4096);
	if (tg_json_canonical(&b, doc, err) < 0 ||
	    tg_decision_parse(&same, tg_buf_sv(&b), err) < 0)
		goto out;
	tg_minisign_id(id, tg_minisign_public(key));
	if (strcmp(id, tg_decision_member(doc, "signer", "key")) != 0) {
		(void)tg_fail(err, TG_E_KEY,
		    "the key %s is not the one of %s in the trust file", id,
		    tg_decision_member(doc, "signer", "id"));
		goto out;
	}
	if (find_slot(slot, dir, doc, err) < 0)
		goto out;
	tg_decision_comment(comment, doc);
	if (tg_minisign_sign(&sig, key, tg_buf_sv(&b), comment, err) < 0 ||
	    write_pair(dir, slot, tg_buf_sv(&b), tg_buf_sv(&sig), err) < 0)
		goto out;
	memcpy(name, slot, sizeof(slot));
	rc = 0;
out:
	tg_json_free(same);
	tg_buf_deinit(&b);
	tg_buf_deinit(&sig);
	return rc;
}
