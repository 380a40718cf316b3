/*
 * run_seal.c - the bundle: volumes, records.checkpoint, VERIFY.txt, the signed
 * manifest; then export.prepared in the ledger.  Nothing is sent here.
 */
#include <stdio.h>
#include <string.h>

#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/bundle/sums.h"
#include "pipeline/bundle/verifytxt.h"
#include "pipeline/manifest.h"
#include "pipeline/run_priv.h"
#include "base/banned.h"

#define DAY 86400
#define ZSTD_LEVEL 3
#define ROLES_MAX 8
#define FILES 2
#define FILE_MAX (1u << 20)

static const char *const names[FILES] = {
    TG_VERIFYTXT_FILE, "records.checkpoint"};

static int
pack(struct tg_run *r, struct tg_err *err)
{
	const struct tg_pack how = {.dir = r->bundle,
	    .bundle_id = r->bundle_id,
	    .nonce_hex = r->nonce,
	    .regions = r->region[0],
	    .policy_sha256 = tg_policy_sha256(r->policy),
	    .recipient = (const uint8_t(*)[TG_AGE_KEY_LEN])r->recipient->pk,
	    .n_recipient = r->recipient->n_key,
	    .zstd_level = ZSTD_LEVEL};

	/* What an interrupted attempt left is sealed anew. */
	if (tg_fs_remove_tree(r->bundle, err) < 0 ||
	    tg_fs_mkdirs(r->bundle, 0700, err) < 0)
		return -1;
	return tg_s80_pack(&r->packed, &r->n_packed, &r->members, &how, err);
}

/* Writes @name into the bundle; @sha gets its digest. */
static int
put(struct tg_run *r, const char *name, struct tg_sv bytes,
    char sha[TG_SHA256_HEX], struct tg_err *err)
{
	const char *path = tg_arena_fmt(&r->arena, "%s/%s", r->bundle, name);
	uint8_t digest[TG_SHA256_LEN];

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_sha256_bytes(digest, bytes.p, bytes.n, err) < 0)
		return -1;
	tg_sha256_hex(sha, digest);
	return tg_fs_write(path, bytes, 0600, TG_FS_OVERWRITE, err);
}

static int
checkpoint(struct tg_run *r, struct tg_ledger *l, char root_text[64],
    char sha[TG_SHA256_HEX], struct tg_err *err)
{
	uint8_t root[TG_LEDGER_HASH];
	const char *origin = tg_arena_fmt(
	    &r->arena, "%s/bundle/%s", tg_ledger_origin(l), r->bundle_id);
	struct tg_buf b;
	int rc = -1;

	if (origin == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&b, FILE_MAX);
	if (tg_merkle_root(&r->members.tree, root, err) < 0 ||
	    tg_b64_add(&b, root, sizeof(root), TG_B64_PADDED, err) < 0)
		goto out;
	(void)snprintf(root_text, 64, "%s", b.p);
	tg_buf_reset(&b);
	if (tg_ledger_note(l, origin, r->members.tree.n, root, &b, err) < 0)
		goto out;
	rc = put(r, "records.checkpoint", tg_buf_sv(&b), sha, err);
out:
	tg_buf_deinit(&b);
	return rc;
}

static size_t
roles(const struct tg_run *r, struct tg_verifytxt_role out[ROLES_MAX])
{
	static const char head[] = "/approvals/per_bundle/roles/";
	size_t n = 0;

	for (size_t i = 0; i < tg_policy_count(r->policy); i++) {
		const struct tg_leaf *leaf = tg_policy_at(r->policy, i);

		if (strncmp(leaf->path, head, sizeof(head) - 1) == 0 &&
		    n < ROLES_MAX)
			out[n++] = (struct tg_verifytxt_role){
			    leaf->path + sizeof(head) - 1, NULL};
	}
	return n;
}

static int
verify_text(struct tg_run *r, const struct tg_ledger *l,
    char sha[TG_SHA256_HEX], struct tg_err *err)
{
	struct tg_verifytxt_volume *v =
	    tg_arena_calloc(&r->arena, r->n_packed, sizeof(*v));
	struct tg_verifytxt_role role[ROLES_MAX];
	struct tg_verifytxt in = {.bundle_id = r->bundle_id,
	    .exporter_pub = r->preparer->key,
	    .volume = v,
	    .n_volume = r->n_packed,
	    .role = role,
	    .ledger_origin = tg_ledger_origin(l),
	    .ledger_vkey = tg_ledger_vkey(l),
	    .recipient_hint = r->recipient->key[0]};
	struct tg_buf b;
	int rc = -1;

	if (v == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < r->n_packed; i++)
		v[i] = (struct tg_verifytxt_volume){
		    r->packed[i].file, &r->packed[i].volume};
	in.n_role = roles(r, role);
	tg_buf_init(&b, FILE_MAX);
	if (tg_verifytxt_add(&b, &in, err) == 0)
		rc = put(r, TG_VERIFYTXT_FILE, tg_buf_sv(&b), sha, err);
	tg_buf_deinit(&b);
	return rc;
}

static int
retention(
    const struct tg_run *r, uint64_t *days, int64_t *until, struct tg_err *err)
{
	char path[128];
	const int64_t from =
	    r->counts->oldest != 0 ? r->counts->oldest : r->as_of;

	(void)snprintf(path, sizeof(path), "/retention/data/%s/max_days",
	    r->job->retention_class);
	if (tg_policy_u64(r->policy, path, days, err) < 0)
		return -1;
	*until = from + (int64_t)*days * DAY;
	return 0;
}

/* "" without a scope configuration. */
static int
scope_digest(
    const struct tg_run *r, char out[TG_SHA256_HEX], struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];

	out[0] = '\0';
	if (r->opts->scope_config == NULL)
		return 0;
	if (tg_sha256_file(digest, r->opts->scope_config, NULL, err) < 0)
		return -1;
	tg_sha256_hex(out, digest);
	return 0;
}

/* Of each input; NULL: no memory. */
static const char **
origins(struct tg_run *r)
{
	const char **out = tg_arena_calloc(&r->arena, r->n_input, sizeof(*out));

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < r->n_input; i++)
		out[i] = r->input[i].real ? "real" : "synthetic";
	return out;
}

/* What the registers say of it. */
static int
registers(const struct tg_run *r, struct tg_manifest_in *in, struct tg_err *err)
{
	if (tg_run_held(&in->held, r, err) < 0)
		return -1;
	if (tg_exceptions_manifest(
		&in->exceptions, &r->exceptions, r->policy, err) == 0)
		return 0;
	tg_json_free(in->held);
	return -1;
}

static int
manifest(struct tg_run *r, const struct tg_ledger *l, const char *root,
    const char *const sha[FILES], struct tg_json **out, struct tg_err *err)
{
	const char **text_origin = origins(r);
	struct tg_manifest_in in = {.bundle_id = r->bundle_id,
	    .run = r->id,
	    .origin = r->origin,
	    .region = r->region,
	    .n_region = 1,
	    .created = r->env->now(r->env->ctx),
	    .as_of = r->as_of,
	    .as_of_given = r->opts->as_of_given,
	    .job = r->job,
	    .preparer = r->preparer,
	    .recipient = r->recipient,
	    .mechanism = tg_run_mechanism(r),
	    .target = r->job->target_url,
	    .policy = r->policy,
	    .rules = r->rules,
	    .settings = &r->set[0],
	    .pseudonyms = &r->pseudonym_scope,
	    .seed_commit = r->seed_commit,
	    .sample_commit = r->sample_commit,
	    .drawn = &r->drawn,
	    .commit_index = r->commit_index,
	    .counts = r->counts,
	    .recheck = &r->recheck,
	    .canaries = &r->canaries,
	    .gates = &r->gates,
	    .anonymity = &r->anonymity,
	    .linkage = &r->linkage,
	    .aggregate_limits = r->aggregates ? &r->aggregate_limits : NULL,
	    .aggregated = &r->aggregated,
	    .input = r->done,
	    .text_origin = text_origin,
	    .n_input = r->n_input,
	    .packed = r->packed,
	    .n_packed = r->n_packed,
	    .records = r->members.records,
	    .records_root = root,
	    .ledger_origin = tg_ledger_origin(l),
	    .ledger_vkey = tg_ledger_vkey(l),
	    .zstd_level = ZSTD_LEVEL,
	    .explained = &r->explained,
	    .file = names,
	    .file_sha256 = sha,
	    .n_file = FILES};
	char scope[TG_SHA256_HEX];

	if (text_origin == NULL)
		return tg_fail_memory(err);
	in.scope_sha256 = scope;
	if (scope_digest(r, scope, err) < 0 ||
	    retention(r, &in.retention_days, &in.delete_after, err) < 0 ||
	    registers(r, &in, err) < 0)
		return -1;
	return tg_manifest_build(out, &in, err);
}

static int
sign(struct tg_run *r, const struct tg_json *m, struct tg_err *err)
{
	char comment[256], sha[TG_SHA256_HEX];
	struct tg_buf b, sig;
	int rc = -1;

	tg_buf_init(&b, TG_JSON_MAX);
	tg_buf_init(&sig, 4096);
	if (tg_json_canonical(&b, m, err) < 0 ||
	    put(r, "manifest.json", tg_buf_sv(&b), r->manifest_sha256, err) < 0)
		goto out;
	(void)snprintf(comment, sizeof(comment),
	    "tracegate/1 export bundle=%s sha256=%s", r->bundle_id,
	    r->manifest_sha256);
	if (tg_minisign_sign(&sig, r->key, tg_buf_sv(&b), comment, err) < 0)
		goto out;
	rc = put(r, "manifest.json.minisig", tg_buf_sv(&sig), sha, err);
out:
	tg_buf_deinit(&b);
	tg_buf_deinit(&sig);
	return rc;
}

static struct tg_standing_ask
standing_of(const struct tg_run *r, struct tg_ledger *l)
{
	return (struct tg_standing_ask){.state_dir = r->job->state,
	    .trust = r->trust,
	    .ledger = l,
	    .now = r->env->now(r->env->ctx)};
}

/* The standing approvals that it relies on are in what is signed. */
static int
standing(struct tg_run *r, struct tg_ledger *l, struct tg_json *m,
    struct tg_err *err)
{
	const struct tg_standing_ask ask = standing_of(r, l);
	struct tg_standing_choice c;

	if (tg_standing_choose(&c, &ask, m, err) < 0)
		return -1;
	memcpy(r->standing, c.why, sizeof(r->standing));
	return tg_json_set(tg_json_get(tg_json_get(m, "approvals"), "standing"),
		   "used", c.used) == 0
	    ? 0
	    : tg_fail_memory(err);
}

int
tg_run_open_ledger(struct tg_run *r, struct tg_ledger **out, struct tg_err *err)
{
	const char *dir = tg_run_ledger_dir(r, false);
	const char *private = tg_run_ledger_dir(r, true);

	if (dir == NULL || private == NULL)
		return tg_fail_memory(err);
	return tg_ledger_open(out, dir, private, r->env, err);
}

int
tg_run_seal(struct tg_run *r, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	struct tg_json *m = NULL;
	char root[64], note_sha[TG_SHA256_HEX], text_sha[TG_SHA256_HEX];
	const char *const sha[FILES] = {text_sha, note_sha};
	int rc = -1;

	if (pack(r, err) < 0 || tg_run_open_ledger(r, &l, err) < 0)
		return -1;
	if (checkpoint(r, l, root, note_sha, err) < 0 ||
	    verify_text(r, l, text_sha, err) < 0 ||
	    manifest(r, l, root, sha, &m, err) < 0 ||
	    standing(r, l, m, err) < 0 || sign(r, m, err) < 0 ||
	    tg_fs_sync_dir(r->bundle, err) < 0 ||
	    tg_journal_add(
		r->journal, TG_RUN_BUNDLED, r->env->now(r->env->ctx), err) < 0)
		goto out;
	r->state = TG_RUN_BUNDLED;
	tg_run_say(r, " %zu %-12s %8zu volumes, %llu records -> %s",
	    r->counts->n_stage + 2, "pack", r->n_packed,
	    (unsigned long long)r->members.records, r->bundle_id);
	rc = 0;
out:
	tg_json_free(m);
	tg_ledger_free(l);
	return rc;
}

/* What the signed manifest says was relied on. */
static int
record_uses(struct tg_run *r, struct tg_ledger *l, struct tg_err *err)
{
	const struct tg_standing_ask ask = standing_of(r, l);
	const char *path =
	    tg_arena_fmt(&r->arena, "%s/manifest.json", r->bundle);
	struct tg_json *m = NULL;
	int rc;

	if (path == NULL)
		return tg_fail_memory(err);
	if (tg_json_load(&m, path, err) < 0)
		return -1;
	rc = tg_exceptions_record(l,
	    tg_json_get(tg_json_get(m, "exceptions"), "used"), r->id,
	    r->bundle_id, err);
	if (rc == 0)
		rc = tg_standing_record(&ask, r->bundle, m, err);
	tg_json_free(m);
	return rc;
}

int
tg_run_record(struct tg_run *r, struct tg_err *err)
{
	struct tg_ledger *l = NULL;
	struct tg_json *body = NULL;
	int64_t index = -1;
	uint64_t at;
	int bad = 0, rc = -1;

	if (tg_run_open_ledger(r, &l, err) < 0)
		return -1;
	if (tg_ledger_find(l, "export.prepared", "manifest_sha256",
		r->manifest_sha256, &index, err) < 0)
		goto out;
	if (index < 0) {
		if (record_uses(r, l, err) < 0)
			goto out;
		body = tg_json_object();
		bad |= tg_json_set_str(body, "bundle_id", r->bundle_id);
		bad |= tg_json_set_str(body, "run", r->id);
		bad |= tg_json_set_str(
		    body, "manifest_sha256", r->manifest_sha256);
		bad |= tg_json_set_str(body, "region", r->region[0]);
		bad |= tg_json_set_str(
		    body, "policy_sha256", tg_policy_sha256(r->policy));
		if (bad) {
			tg_json_free(body);
			(void)tg_fail_memory(err);
			goto out;
		}
		if (tg_ledger_append(l, "export.prepared", body, &at, err) < 0)
			goto out;
		index = (int64_t)at;
	}
	if (tg_journal_add(
		r->journal, TG_RUN_RECORDED, r->env->now(r->env->ctx), err) < 0)
		goto out;
	r->state = TG_RUN_RECORDED;
	tg_run_say(r, "   %-12s ledger #%lld, before any sending", "record",
	    (long long)index);
	rc = 0;
out:
	tg_ledger_free(l);
	return rc;
}
