/* pseudonym_destroy.c - the end of a key, its record, and what became of the
 * key of a bundle. */
#include "pipeline/pseudonym_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fs.h"
#include "base/banned.h"

#define RECORD_MAX (1u << 20)
#define COMMENT_MAX 256
#define BEGUN ".destroying"

static const char method[] = "overwritten once, synced, unlinked";
static const char meaning[] =
    "The random half of this key is gone from the exporter's state folder: "
    "nobody who holds what is left there can make these pseudonyms again. That "
    "is a cryptographic erase in the sense of NIST SP 800-88r2 only when no "
    "copy of the file was made by others: backups, snapshots, file systems and "
    "disks that write elsewhere. It says nothing of what recipients hold, nor "
    "of who still has the source.";

static int
write_json(
    const char *path, const struct tg_json *o, int how, struct tg_err *err)
{
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, RECORD_MAX);
	if (tg_json_canonical(&b, o, err) == 0)
		rc = tg_fs_write(path, tg_buf_sv(&b), 0600, how, err);
	tg_buf_deinit(&b);
	return rc;
}

/* Why, and with which bundles: what the record will say is fixed before the
 * key is touched. */
static int
begin(const struct tg_pseudonym_end *end, const struct tg_json *key,
    const char *id, struct tg_json **why, struct tg_err *err)
{
	static const char *const same[] = {"key_id", "domain", "purpose",
	    "recipient", "period", "created_at", "given", "bundles", "reason",
	    "due_at"};
	char *path = tg_pseudonym_path(end->state_dir, id, BEGUN);
	struct tg_json *o = tg_json_object();
	int bad = 0, rc = -1;

	for (size_t i = 0; i < TG_COUNT(same); i++)
		bad |= tg_json_set(
		    o, same[i], tg_json_copy(tg_json_get(key, same[i])));
	if (bad || path == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_exists(path))
		rc = tg_json_load(why, path, err);
	else if (write_json(path, o, TG_FS_NEW, err) == 0) {
		*why = o;
		o = NULL;
		rc = 0;
	}
	tg_json_free(o);
	free(path);
	return rc;
}

static int
unlink_path(char *path, struct tg_err *err)
{
	int rc = 0;

	if (path == NULL)
		return tg_fail_memory(err);
	if (unlink(path) < 0 && errno != ENOENT)
		rc = tg_fail_errno(err, errno, "%s", path);
	free(path);
	return rc;
}

/* Written over in place, so that the blocks that held it are the ones that are
 * written where the file system writes in place. */
static int
overwrite(const char *path, const struct tg_env *env, struct tg_err *err)
{
	uint8_t noise[TG_KEY_LEN];
	const int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno == ENOENT ? 0
				       : tg_fail_errno(err, errno, "%s", path);
	env->random(env->ctx, noise, sizeof(noise));
	rc = tg_fs_write_all(fd, noise, sizeof(noise), err);
	if (rc == 0 && fsync(fd) < 0)
		rc = tg_fail_errno(err, errno, "%s", path);
	(void)close(fd);
	return rc;
}

static int
sync_folder(const struct tg_pseudonym_end *end, struct tg_err *err)
{
	char *dir = tg_fs_join(end->state_dir, "pseudonyms");
	const int rc =
	    dir == NULL ? tg_fail_memory(err) : tg_fs_sync_dir(dir, err);

	free(dir);
	return rc;
}

static int
erase(const struct tg_pseudonym_end *end, const char *id, struct tg_err *err)
{
	char *path = tg_pseudonym_path(end->state_dir, id, ".key");

	if (path == NULL)
		return tg_fail_memory(err);
	if (overwrite(path, end->env, err) < 0) {
		free(path);
		return -1;
	}
	return unlink_path(path, err) < 0 ? -1 : sync_folder(end, err);
}

static void
comment_of(char out[COMMENT_MAX], const char *id, const char *sha256)
{
	(void)snprintf(out, COMMENT_MAX,
	    "tracegate/1 key-destruction key=%.16s sha256=%.64s", id, sha256);
}

static int
sha256_of(char out[TG_SHA256_HEX], struct tg_sv bytes, struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];

	if (tg_sha256_bytes(digest, bytes.p, bytes.n, err) < 0)
		return -1;
	tg_sha256_hex(out, digest);
	return 0;
}

/* @why and what was done, by whom, when. */
static int
complete(const struct tg_pseudonym_end *end, struct tg_json *why)
{
	const int64_t now = end->env->now(end->env->ctx);
	const int64_t due = tg_json_get_int(why, "due_at", now);
	struct tg_json *by = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(by, "id", end->by->id);
	bad |= tg_json_set_str(by, "name", end->by->name);
	bad |= tg_json_set_str(by, "key", end->by->key_id);
	bad |= tg_json_set(why, "by", by);
	bad |= tg_json_set_str(why, "schema", TG_PSEUDONYM_RECORD);
	bad |= tg_json_set_int(why, "destroyed_at", now);
	bad |= tg_json_set_int(why, "late_s", now > due ? now - due : 0);
	bad |= tg_json_set_str(why, "method", method);
	return bad | tg_json_set_str(why, "meaning", meaning);
}

/* The signature goes first: a record alone would be a bad one. */
static int
sign(const struct tg_pseudonym_end *end, const char *id, struct tg_sv record,
    const char *path, struct tg_err *err)
{
	char sha256[TG_SHA256_HEX], comment[COMMENT_MAX];
	char *sig_path =
	    tg_pseudonym_record_path(end->state_dir, id, ".minisig");
	struct tg_buf sig;
	int rc = -1;

	tg_buf_init(&sig, 4096);
	if (sig_path == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (sha256_of(sha256, record, err) < 0)
		goto out;
	comment_of(comment, id, sha256);
	if (tg_minisign_sign(&sig, end->key, record, comment, err) == 0 &&
	    tg_fs_write(
		sig_path, tg_buf_sv(&sig), 0644, TG_FS_OVERWRITE, err) == 0)
		rc = tg_fs_write(path, record, 0644, TG_FS_NEW, err);
out:
	tg_buf_deinit(&sig);
	free(sig_path);
	return rc;
}

/* The signed record, unless it is there; @sha256 gets its digest. */
static int
record(const struct tg_pseudonym_end *end, const char *id, struct tg_json *why,
    char sha256[TG_SHA256_HEX], struct tg_err *err)
{
	char *dir =
	    tg_pseudonym_path(end->state_dir, TG_PSEUDONYM_DESTROYED, "");
	char *path = tg_pseudonym_record_path(end->state_dir, id, "");
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, RECORD_MAX);
	if (dir == NULL || path == NULL || complete(end, why) != 0) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_exists(path)) {
		rc = tg_fs_slurp(&b, path, NULL, err);
	} else if (tg_json_canonical(&b, why, err) == 0 &&
	    tg_fs_mkdirs(dir, 0700, err) == 0) {
		rc = sign(end, id, tg_buf_sv(&b), path, err);
	}
	if (rc == 0)
		rc = sha256_of(sha256, tg_buf_sv(&b), err);
out:
	tg_buf_deinit(&b);
	free(dir);
	free(path);
	return rc;
}

static int
to_ledger(const struct tg_pseudonym_end *end, const char *id,
    const struct tg_json *why, const char *sha256, struct tg_err *err)
{
	const struct tg_json *bundles = tg_json_get(why, "bundles");
	struct tg_json *body;
	uint64_t at;
	int64_t index;
	int bad = 0;

	if (tg_ledger_find(
		end->ledger, TG_PSEUDONYM_ENTRY, "key_id", id, &index, err) < 0)
		return -1;
	if (index >= 0)
		return 0;
	body = tg_json_object();
	bad |= tg_json_set_str(body, "key_id", id);
	bad |= tg_json_set_str(body, "record_sha256", sha256);
	bad |=
	    tg_json_set_str(body, "reason", tg_json_get_str(why, "reason", ""));
	/* Of a key of one bundle: among what is told of that. */
	if (tg_json_len(bundles) == 1)
		bad |= tg_json_set_str(body, "bundle_id",
		    tg_json_get_str(tg_json_at(bundles, 0), "bundle_id", ""));
	if (bad) {
		tg_json_free(body);
		return tg_fail_memory(err);
	}
	return tg_ledger_append(
	    end->ledger, TG_PSEUDONYM_ENTRY, body, &at, err);
}

int
tg_pseudonym_destroy(const struct tg_pseudonym_end *end,
    const struct tg_json *key, struct tg_err *err)
{
	const char *id = tg_json_get_str(key, "key_id", "");
	char sha256[TG_SHA256_HEX];
	struct tg_json *why = NULL;
	int rc = -1;

	if (begin(end, key, id, &why, err) == 0 && erase(end, id, err) == 0 &&
	    record(end, id, why, sha256, err) == 0 &&
	    to_ledger(end, id, why, sha256, err) == 0 &&
	    unlink_path(tg_pseudonym_path(end->state_dir, id, ".json"), err) ==
		0 &&
	    unlink_path(tg_pseudonym_path(end->state_dir, id, BEGUN), err) == 0)
		rc = sync_folder(end, err);
	tg_json_free(why);
	return rc;
}

int
tg_pseudonym_end_of(
    const struct tg_pseudonym_end *end, const char *id, struct tg_err *err)
{
	struct tg_json *list;
	int rc = 0;

	if (tg_pseudonym_keys(
		&list, end->state_dir, end->env->now(end->env->ctx), err) < 0)
		return -1;
	for (size_t i = 0; i < tg_json_len(list) && rc == 0; i++) {
		const struct tg_json *key = tg_json_at(list, i);

		if (strcmp(tg_json_get_str(key, "key_id", ""), id) == 0 &&
		    tg_json_get_bool(key, "due", false))
			rc = tg_pseudonym_destroy(end, key, err);
	}
	tg_json_free(list);
	return rc;
}

/* ---- read back --------------------------------------------------------- */

static int
bad(const char *path, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY, "%s: %s", path, what);
}

/* Every member is there, and nothing else is claimed. */
static int
form(const struct tg_json *o, const char *path, struct tg_err *err)
{
	static const struct {
		const char *key;
		enum tg_json_kind kind;
	} member[] = {{"key_id", TG_JSON_STR}, {"domain", TG_JSON_STR},
	    {"purpose", TG_JSON_STR}, {"recipient", TG_JSON_STR},
	    {"period", TG_JSON_INT}, {"created_at", TG_JSON_INT},
	    {"given", TG_JSON_BOOL}, {"bundles", TG_JSON_ARRAY},
	    {"reason", TG_JSON_STR}, {"due_at", TG_JSON_INT},
	    {"by", TG_JSON_OBJECT}, {"schema", TG_JSON_STR},
	    {"destroyed_at", TG_JSON_INT}, {"late_s", TG_JSON_INT},
	    {"method", TG_JSON_STR}, {"meaning", TG_JSON_STR}};

	if (tg_json_len(o) != TG_COUNT(member))
		return bad(path, "not the members of a record", err);
	for (size_t i = 0; i < TG_COUNT(member); i++)
		if (tg_json_kind(tg_json_get(o, member[i].key)) !=
		    member[i].kind)
			return bad(path, member[i].key, err);
	if (strcmp(tg_json_get_str(o, "schema", ""), TG_PSEUDONYM_RECORD) !=
		0 ||
	    strcmp(tg_json_get_str(o, "meaning", ""), meaning) != 0)
		return bad(path, "schema or meaning of another version", err);
	return 0;
}

/* By the key of an exporter of @trust, who is the one it names. */
static int
signature(const struct tg_json *o, struct tg_sv bytes, const char *path,
    const char *sha256, const struct tg_trust *trust, struct tg_err *err)
{
	char *sig_path = NULL, want[COMMENT_MAX];
	const struct tg_person *who;
	struct tg_buf sig, said;
	uint8_t id[8];
	int rc = -1;

	tg_buf_init(&sig, 4096);
	tg_buf_init(&said, 4096);
	if (asprintf(&sig_path, "%s.minisig", path) < 0) {
		sig_path = NULL;
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_slurp(&sig, sig_path, NULL, err) < 0 ||
	    tg_minisign_sig_id(id, tg_buf_sv(&sig), err) < 0)
		goto out;
	who = tg_trust_by_key_id(trust, id);
	if (who == NULL || !tg_person_has(who, "exporter") ||
	    strcmp(who->id, tg_json_get_str(tg_json_get(o, "by"), "id", "")) !=
		0) {
		(void)bad(path, "not signed by the exporter it names", err);
		goto out;
	}
	comment_of(want, tg_json_get_str(o, "key_id", ""), sha256);
	if (tg_minisign_verify(&who->pub, bytes, tg_buf_sv(&sig), &said, err) <
	    0)
		goto out;
	rc = tg_sv_eq(tg_buf_sv(&said), tg_sv_of(want))
	    ? 0
	    : bad(path, "the signature is over another statement", err);
out:
	tg_buf_deinit(&sig);
	tg_buf_deinit(&said);
	free(sig_path);
	return rc;
}

int
tg_pseudonym_record(struct tg_json **out, char sha256[TG_SHA256_HEX],
    const char *path, const struct tg_trust *trust, bool *missing,
    struct tg_err *err)
{
	char sha[TG_SHA256_HEX];
	struct tg_json *o = NULL;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, RECORD_MAX);
	if (tg_fs_slurp(&b, path, missing, err) < 0 ||
	    tg_json_parse(&o, tg_buf_sv(&b), path, err) < 0 ||
	    form(o, path, err) < 0 || sha256_of(sha, tg_buf_sv(&b), err) < 0 ||
	    signature(o, tg_buf_sv(&b), path, sha, trust, err) < 0)
		goto out;
	if (sha256 != NULL)
		memcpy(sha256, sha, sizeof(sha));
	*out = o;
	o = NULL;
	rc = 0;
out:
	tg_json_free(o);
	tg_buf_deinit(&b);
	return rc;
}

/* The record's figures and its entry in the ledger. */
static int
destroyed(struct tg_json *o, const struct tg_json *r, const char *sha256,
    struct tg_ledger *ledger, struct tg_err *err)
{
	int64_t index = -1;
	int bad = 0;

	if (tg_ledger_find(ledger, TG_PSEUDONYM_ENTRY, "record_sha256", sha256,
		&index, err) < 0)
		return -1;
	/* A record that the ledger does not have is nobody's word. */
	bad |= tg_json_set_str(o, "state", index < 0 ? "unknown" : "destroyed");
	if (index >= 0) {
		bad |= tg_json_set_int(
		    o, "destroyed_at", tg_json_get_int(r, "destroyed_at", 0));
		bad |= tg_json_set_str(
		    o, "reason", tg_json_get_str(r, "reason", ""));
		bad |= tg_json_set_str(o, "record_sha256", sha256);
		bad |= tg_json_set_int(o, "ledger_index", index);
	}
	return bad ? tg_fail_memory(err) : 0;
}

int
tg_pseudonym_state(struct tg_json **out, const char *state_dir,
    const struct tg_json *manifest, const struct tg_trust *trust,
    struct tg_ledger *ledger, struct tg_err *err)
{
	const char *id = tg_json_get_str(
	    tg_json_get(manifest, "anonymisation"), "pseudonym_key_id", "");
	char *key = tg_pseudonym_path(state_dir, id, ".key");
	char *path = tg_pseudonym_record_path(state_dir, id, "");
	struct tg_json *o = tg_json_object(), *r = NULL;
	struct tg_err why = {.cls = TG_E_NONE};
	char sha256[TG_SHA256_HEX];
	bool missing = false;
	int rc = -1;

	if (key == NULL || path == NULL ||
	    tg_json_set_str(o, "key_id", id) != 0)
		(void)tg_fail_memory(err);
	else if (tg_fs_exists(key))
		rc = tg_json_set_str(o, "state", "held");
	else if (tg_pseudonym_record(&r, sha256, path, trust, &missing, &why) ==
	    0)
		rc = destroyed(o, r, sha256, ledger, err);
	else if (why.cls == TG_E_MEMORY)
		(void)tg_fail_memory(err);
	else
		rc = tg_json_set_str(o, "state", "unknown");
	tg_json_free(r);
	free(key);
	free(path);
	if (rc < 0)
		tg_json_free(o);
	else
		*out = o;
	return rc;
}
