#include "pipeline/signed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

#include "base/banned.h"

#define RECORD ".yaml"
#define SIGNATURE ".minisig"
#define VERB_MAX 16
#define SIG_MAX 4096
#define COMMENT_MAX 256
#define FILE_NAME (TG_SIGNED_ID + VERB_MAX + TG_ID_MAX + 16)

static void
comment_of(char out[COMMENT_MAX], const struct tg_signed *s, const char *verb)
{
	(void)snprintf(out, COMMENT_MAX, "tracegate/1 %s %s id=%s sha256=%s",
	    s->kind, verb, s->id, s->sha256);
}

char *
tg_signed_dir(const char *state_dir, const char *name, struct tg_err *err)
{
	char *dir = tg_fs_join(state_dir, name);

	if (dir == NULL)
		(void)tg_fail_memory(err);
	return dir;
}

struct tg_signed
tg_signed_of(const struct tg_register *reg, const char *dir, const char *kind,
    const char *id, const struct tg_pfile *file)
{
	return (struct tg_signed){.dir = dir,
	    .kind = kind,
	    .id = id,
	    .sha256 = file->sha256,
	    .text = file->text,
	    .trust = reg->trust};
}

bool
tg_signed_apart(
    const struct tg_register *reg, const char *asked, const struct tg_person *p)
{
	return strcmp(p->id, asked) != 0 && strcmp(p->id, reg->preparer) != 0;
}

const char *
tg_signed_path(const char *dir, const char *id, struct tg_arena *mem)
{
	return tg_arena_fmt(mem, "%s/%.*s" RECORD, dir, TG_SIGNED_ID, id);
}

int
tg_signed_ids(const char *const **out, size_t *n, const char *dir,
    bool (*ok)(struct tg_sv id), struct tg_arena *mem, struct tg_err *err)
{
	const size_t tail = sizeof(RECORD) - 1;
	struct tg_fs_names names = {NULL, 0};
	const char **id = NULL;
	int rc = -1;

	*n = 0;
	if (tg_fs_is_dir(dir) && tg_fs_list(&names, dir, false, err) < 0)
		return -1;
	id = tg_arena_calloc(mem, names.n + 1, sizeof(*id));
	for (size_t i = 0; id != NULL && i < names.n; i++) {
		struct tg_sv s = tg_sv_of(names.name[i]);

		if (s.n <= tail || strcmp(s.p + s.n - tail, RECORD) != 0)
			continue;
		s.n -= tail;
		if (!ok(s))
			continue;
		id[*n] = tg_arena_str(mem, s);
		if (id[(*n)++] == NULL)
			id = NULL;
	}
	rc = id == NULL ? tg_fail_memory(err) : 0;
	*out = id;
	tg_fs_names_free(&names);
	return rc;
}

int
tg_signed_add(
    const char *dir, const char *id, struct tg_sv text, struct tg_err *err)
{
	char name[FILE_NAME];
	char *path;
	int rc = -1;

	(void)snprintf(name, sizeof(name), "%.*s" RECORD, TG_SIGNED_ID, id);
	path = tg_fs_join(dir, name);
	if (path == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_mkdirs(dir, 0700, err) == 0)
		rc = tg_fs_write(path, text, 0600, TG_FS_NEW, err);
	free(path);
	return rc;
}

/* The person whose signature lies at @path; NULL: nobody of the trust file. */
static int
signer(const struct tg_person **out, const struct tg_signed *s,
    const char *verb, const char *path, struct tg_err *err)
{
	char want[COMMENT_MAX];
	const struct tg_person *p = NULL;
	struct tg_err bad = {0};
	struct tg_buf sig, comment;
	uint8_t id[8];
	int rc = -1;

	*out = NULL;
	tg_buf_init(&sig, SIG_MAX);
	tg_buf_init(&comment, COMMENT_MAX);
	if (tg_fs_slurp(&sig, path, NULL, err) < 0)
		goto out;
	rc = 0;
	if (tg_minisign_sig_id(id, tg_buf_sv(&sig), &bad) == 0)
		p = tg_trust_by_key_id(s->trust, id);
	if (p == NULL ||
	    tg_minisign_verify(
		&p->pub, s->text, tg_buf_sv(&sig), &comment, &bad) < 0) {
		if (bad.cls == TG_E_MEMORY)
			rc = tg_fail_memory(err);
		goto out;
	}
	comment_of(want, s, verb);
	if (tg_sv_is(tg_buf_sv(&comment), want))
		*out = p;
out:
	tg_buf_deinit(&sig);
	tg_buf_deinit(&comment);
	return rc;
}

/* One person is counted once, with however many keys. */
static void
count(struct tg_signers *all, const struct tg_person *p)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->by[i]->id, p->id) == 0)
			return;
	if (all->n < TG_SIGNED_MAX)
		all->by[all->n++] = p;
}

int
tg_signed_by(struct tg_signers *out, const struct tg_signed *s,
    const char *verb, bool (*counts)(const void *ctx, const struct tg_person *),
    const void *ctx, struct tg_err *err)
{
	struct tg_fs_names names = {NULL, 0};
	char head[FILE_NAME];
	int rc = 0;

	*out = (struct tg_signers){.n = 0};
	(void)snprintf(head, sizeof(head), "%s.%s.", s->id, verb);
	if (tg_fs_is_dir(s->dir) && tg_fs_list(&names, s->dir, false, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		const struct tg_person *p = NULL;
		char *path;

		if (strncmp(names.name[i], head, strlen(head)) != 0)
			continue;
		out->any = true;
		path = tg_fs_join(s->dir, names.name[i]);
		rc = path == NULL ? tg_fail_memory(err)
				  : signer(&p, s, verb, path, err);
		free(path);
		if (p != NULL && counts(ctx, p))
			count(out, p);
	}
	tg_fs_names_free(&names);
	return rc;
}

int
tg_signed_sign(const struct tg_signed *s, const char *verb,
    const struct tg_person *who, const struct tg_minisign_key *key,
    struct tg_err *err)
{
	char name[FILE_NAME], comment[COMMENT_MAX];
	struct tg_buf sig;
	char *path;
	int rc = -1;

	tg_buf_init(&sig, SIG_MAX);
	(void)snprintf(
	    name, sizeof(name), "%s.%s.%s" SIGNATURE, s->id, verb, who->id);
	comment_of(comment, s, verb);
	path = tg_fs_join(s->dir, name);
	if (path == NULL)
		(void)tg_fail_memory(err);
	else if (tg_minisign_sign(&sig, key, s->text, comment, err) == 0)
		rc = tg_fs_write(
		    path, tg_buf_sv(&sig), 0600, TG_FS_OVERWRITE, err);
	tg_buf_deinit(&sig);
	free(path);
	return rc;
}
