#include "pipeline/bundle/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "pipeline/bundle/bag.h"
#include "pipeline/bundle/ustar.h"
#include "pipeline/bundle/zstd.h"

#include "base/banned.h"

#define READ_SIZE 262144
#define OUT_MODE 0644 /* ciphertext */

/*
 * The chain.  Each stage writes to the next one; the digests are taken where
 * their bytes pass:
 *
 *	members -> tar -> [tar sha256] -> zstd -> age -> [age sha256] -> file
 */
struct chain {
	const struct tg_seal_spec *spec;
	struct tg_bag_entry *entry;	      /* sorted */
	const struct tg_seal_member **member; /* in the same order */
	struct tg_bag bag;
	uint8_t *buf; /* READ_SIZE */
	struct tg_ustar_writer tar;
	struct tg_sha256 tar_sha, age_sha;
	struct tg_zstd_writer *zstd;
	struct tg_age_writer *age;
	struct tg_fs_out out;
};

static int
to_file(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct chain *const c = ctx;

	tg_sha256_add(&c->age_sha, p, n);
	return tg_fs_out_write(&c->out, p, n, err);
}

static int
to_age(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct chain *const c = ctx;

	return tg_age_write(c->age, p, n, err);
}

static int
to_zstd(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct chain *const c = ctx;

	tg_sha256_add(&c->tar_sha, p, n);
	return tg_zstd_write(c->zstd, p, n, err);
}

static int
by_name(const void *a, const void *b)
{
	const struct tg_seal_member *const *const x = a, *const *const y = b;

	return tg_sv_cmp(tg_sv_of((*x)->name), tg_sv_of((*y)->name));
}

static int
sort_members(struct chain *c, struct tg_err *err)
{
	const struct tg_seal_spec *const spec = c->spec;
	const size_t n = spec->n_member;

	if (n == 0 || n > TG_BAG_MEMBERS_MAX)
		return tg_fail(err, TG_E_LIMIT,
		    "a volume of %zu members: not 1 to %d", n,
		    TG_BAG_MEMBERS_MAX);
	c->entry = calloc(n, sizeof *c->entry);
	c->member = calloc(n, sizeof *c->member);
	c->buf = malloc(READ_SIZE);
	if (c->entry == NULL || c->member == NULL || c->buf == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < n; i++)
		c->member[i] = &spec->member[i];
	qsort(c->member, n, sizeof *c->member, by_name);
	for (size_t i = 0; i < n; i++) {
		c->entry[i].name = tg_sv_of(c->member[i]->name);
		c->entry[i].size = c->member[i]->size;
		memcpy(c->entry[i].sha256, c->member[i]->sha256, TG_SHA256_LEN);
	}
	return 0;
}

static int
changed(const char *path, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY,
	    "%s: not the bytes it held when it was recorded", path);
}

/* Reads the open file into the tar, hashing it again. */
static int
stream_file(struct chain *c, int fd, const struct tg_seal_member *m,
    struct tg_sha256 *sha, struct tg_err *err)
{
	uint64_t left = m->size;
	ssize_t n;

	while ((n = read(fd, c->buf, READ_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tg_fail_errno(err, errno, "%s", m->path);
		if ((uint64_t)n > left)
			return changed(m->path, err);
		left -= (uint64_t)n;
		tg_sha256_add(sha, c->buf, (size_t)n);
		if (tg_ustar_data(&c->tar, c->buf, (size_t)n, err) < 0)
			return -1;
	}
	return left == 0 ? 0 : changed(m->path, err);
}

static int
add_member(struct chain *c, const struct tg_seal_member *m, struct tg_err *err)
{
	uint8_t got[TG_SHA256_LEN];
	struct tg_sha256 sha;
	struct stat st;
	int fd, rc;

	if (tg_ustar_member(&c->tar, tg_sv_of(m->name), m->size, err) < 0)
		return -1;
	fd = tg_fs_open(m->path, &st, NULL, err);
	if (fd < 0)
		return -1;
	rc = tg_sha256_init(&sha, err);
	if (rc == 0) {
		rc = stream_file(c, fd, m, &sha, err);
		tg_sha256_end(&sha, got);
	}
	(void)close(fd);
	if (rc == 0 && memcmp(got, m->sha256, sizeof got) != 0)
		return changed(m->path, err);
	return rc;
}

static int
add_tag(struct chain *c, const char *name, const struct tg_buf *text,
    struct tg_err *err)
{
	if (tg_ustar_member(&c->tar, tg_sv_of(name), text->n, err) < 0)
		return -1;
	return tg_ustar_data(&c->tar, text->p, text->n, err);
}

/* In the bytewise order of bag.h. */
static int
write_tar(struct chain *c, struct tg_err *err)
{
	tg_ustar_begin(&c->tar, to_zstd, c);
	if (add_tag(c, TG_BAG_INFO, &c->bag.info, err) < 0 ||
	    add_tag(c, TG_BAG_BAGIT, &c->bag.bagit, err) < 0)
		return -1;
	for (size_t i = 0; i < c->spec->n_member; i++)
		if (add_member(c, c->member[i], err) < 0)
			return -1;
	if (add_tag(c, TG_BAG_MANIFEST, &c->bag.manifest, err) < 0 ||
	    add_tag(c, TG_BAG_TAGMANIFEST, &c->bag.tagmanifest, err) < 0)
		return -1;
	return tg_ustar_end(&c->tar, err);
}

static int
run(struct chain *c, struct tg_err *err)
{
	const struct tg_seal_spec *const s = c->spec;

	if (sort_members(c, err) < 0 ||
	    tg_bag_make(
		&c->bag, c->entry, s->n_member, s->info, s->n_info, err) < 0 ||
	    tg_sha256_init(&c->tar_sha, err) < 0 ||
	    tg_sha256_init(&c->age_sha, err) < 0 ||
	    tg_fs_out_open(&c->out, s->out, OUT_MODE, TG_FS_OVERWRITE, err) <
		0 ||
	    tg_age_writer_new(
		&c->age, s->recipient, s->n_recipient, to_file, c, err) < 0 ||
	    tg_zstd_writer_new(&c->zstd, s->zstd_level, to_age, c, err) < 0)
		return -1;
	if (write_tar(c, err) < 0 || tg_zstd_finish(c->zstd, true, err) < 0 ||
	    tg_age_finish(c->age, err) < 0)
		return -1;
	return 0;
}

int
tg_seal_volume(
    struct tg_volume *out, const struct tg_seal_spec *spec, struct tg_err *err)
{
	struct chain c = {.spec = spec, .out = {.fd = -1}};
	struct tg_volume v;
	int rc = -1;

	tg_bag_init(&c.bag);
	if (run(&c, err) < 0)
		goto out;
	v.tar_bytes = c.tar.n;
	v.tar_members = c.tar.members;
	v.bytes = c.out.n;
	tg_sha256_end(&c.tar_sha, v.tar_sha256);
	tg_sha256_end(&c.age_sha, v.sha256);
	if (tg_fs_out_commit(&c.out, err) < 0)
		goto out;
	*out = v;
	rc = 0;
out:
	tg_fs_out_abort(&c.out);
	tg_zstd_writer_free(c.zstd);
	tg_age_writer_free(c.age);
	tg_sha256_drop(&c.tar_sha);
	tg_sha256_drop(&c.age_sha);
	tg_bag_deinit(&c.bag);
	free(c.buf);
	free(c.member);
	free(c.entry);
	return rc;
}
