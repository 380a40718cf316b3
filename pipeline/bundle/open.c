#include "pipeline/bundle/open.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fs.h"
#include "pipeline/bundle/bag.h"
#include "pipeline/bundle/unpack.h"
#include "pipeline/bundle/zstd.h"

#include "base/banned.h"

#define NAMES_MAX ((size_t)TG_BAG_MEMBERS_MAX * (TG_NAME_MAX + 17))

/* The chain, each stage pushing into the next one:
 *
 *	file -> age -> zstd -> [caps, tar sha256] -> tar -> member
 */
struct chain {
	const struct tg_bundle_open *spec;
	struct tg_volume found;
	uint64_t max_bytes, max_members;
	struct tg_zstd_reader *zstd;
	struct tg_sha256 tar_sha, member_sha;
	struct tg_ustar_reader tar;
	struct tg_unpack unpack;
	struct tg_bag bag;  /* tag files as read */
	struct tg_buf *tag; /* the one that is open, or NULL */
	struct tg_arena names;
	struct tg_bag_entry *entry; /* payload files */
	size_t n_entry, cap_entry;
};

static int
on_tar(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct chain *const c = ctx;

	if (n > c->max_bytes - c->found.tar_bytes)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the tar is longer than the %llu bytes allowed",
		    (unsigned long long)c->max_bytes);
	c->found.tar_bytes += n;
	tg_sha256_add(&c->tar_sha, p, n);
	return tg_ustar_push(&c->tar, p, n, err);
}

static int
on_plain(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct chain *const c = ctx;

	return tg_zstd_push(c->zstd, p, n, err);
}

/* The buffer of a tag file; NULL: not one of a bag's. */
static struct tg_buf *
tag_of(struct chain *c, struct tg_sv name)
{
	if (tg_sv_is(name, TG_BAG_INFO))
		return &c->bag.info;
	if (tg_sv_is(name, TG_BAG_BAGIT))
		return &c->bag.bagit;
	if (tg_sv_is(name, TG_BAG_MANIFEST))
		return &c->bag.manifest;
	if (tg_sv_is(name, TG_BAG_TAGMANIFEST))
		return &c->bag.tagmanifest;
	return NULL;
}

static int
add_entry(struct chain *c, struct tg_sv name, uint64_t size, struct tg_err *err)
{
	struct tg_bag_entry *e;

	if (c->n_entry == c->cap_entry) {
		const size_t cap = c->cap_entry == 0 ? 64 : c->cap_entry * 2;

		e = reallocarray(c->entry, cap, sizeof *e);
		if (e == NULL)
			return tg_fail_memory(err);
		c->entry = e;
		c->cap_entry = cap;
	}
	e = &c->entry[c->n_entry];
	e->name = tg_arena_sv(&c->names, name);
	if (e->name.p == NULL)
		return tg_fail_memory(err);
	e->size = size;
	c->n_entry++;
	return tg_sha256_init(&c->member_sha, err);
}

static int
on_member(void *ctx, struct tg_sv name, uint64_t size, struct tg_err *err)
{
	struct chain *const c = ctx;
	const struct tg_ustar_events *const on = c->spec->on;

	if (c->found.tar_members == c->max_members)
		return tg_fail(err, TG_E_INTEGRITY,
		    "the tar has more than the %llu members allowed",
		    (unsigned long long)c->max_members);
	c->found.tar_members++;
	if (tg_sv_starts(name, TG_SV("data/"))) {
		if (add_entry(c, name, size, err) < 0)
			return -1;
	} else {
		c->tag = tag_of(c, name);
		if (c->tag == NULL || size > TG_BAG_TAG_MAX)
			return tg_fail(err, TG_E_INTEGRITY,
			    "tar member %llu: no file of a bag",
			    (unsigned long long)c->found.tar_members);
	}
	if (tg_unpack_member(&c->unpack, name, err) < 0)
		return -1;
	return on == NULL ? 0 : on->member(on->ctx, name, size, err);
}

static int
on_data(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct chain *const c = ctx;
	const struct tg_ustar_events *const on = c->spec->on;

	if (c->tag == NULL)
		tg_sha256_add(&c->member_sha, p, n);
	else if (tg_buf_add(c->tag, p, n, err) < 0)
		return -1;
	if (tg_unpack_data(&c->unpack, p, n, err) < 0)
		return -1;
	return on == NULL ? 0 : on->data(on->ctx, p, n, err);
}

static int
on_done(void *ctx, struct tg_err *err)
{
	struct chain *const c = ctx;
	const struct tg_ustar_events *const on = c->spec->on;

	if (c->tag == NULL)
		tg_sha256_end(&c->member_sha, c->entry[c->n_entry - 1].sha256);
	c->tag = NULL;
	if (tg_unpack_done(&c->unpack, err) < 0)
		return -1;
	return on == NULL ? 0 : on->done(on->ctx, err);
}

static int
rewind_fd(int fd, const char *path, struct tg_err *err)
{
	return lseek(fd, 0, SEEK_SET) < 0
	    ? tg_fail_errno(err, errno, "%s", path)
	    : 0;
}

/* Before decrypting: age says nothing of who wrote the file. */
static int
check_sealed(struct chain *c, int fd, struct tg_err *err)
{
	const struct tg_volume *const want = c->spec->want;
	size_t n;

	if (tg_sha256_fd(c->found.sha256, fd, &c->found.bytes, err) < 0)
		return -1;
	if (want != NULL &&
	    (c->found.bytes != want->bytes ||
		memcmp(c->found.sha256, want->sha256, TG_SHA256_LEN) != 0))
		return tg_fail(err, TG_E_INTEGRITY,
		    "not the bytes that the manifest names");
	if (c->spec->recipients > 0) {
		if (rewind_fd(fd, c->spec->path, err) < 0 ||
		    tg_age_stanzas(fd, &n, err) < 0)
			return -1;
		if (n != c->spec->recipients)
			return tg_fail(err, TG_E_INTEGRITY,
			    "sealed for %zu recipients, the manifest names %zu",
			    n, c->spec->recipients);
	}
	return rewind_fd(fd, c->spec->path, err);
}

static int
check_tar(struct chain *c, struct tg_err *err)
{
	const struct tg_volume *const want = c->spec->want;

	if (tg_zstd_ended(c->zstd, err) < 0 ||
	    tg_ustar_finish(&c->tar, err) < 0)
		return -1;
	tg_sha256_end(&c->tar_sha, c->found.tar_sha256);
	if (tg_bag_check(&c->bag, c->entry, c->n_entry, err) < 0)
		return -1;
	if (want != NULL &&
	    (c->found.tar_bytes != want->tar_bytes ||
		c->found.tar_members != want->tar_members ||
		memcmp(c->found.tar_sha256, want->tar_sha256, TG_SHA256_LEN) !=
		    0))
		return tg_fail(err, TG_E_INTEGRITY,
		    "the tar inside is not the one that the manifest names");
	return 0;
}

static int
run(struct chain *c, int fd, struct tg_err *err)
{
	const struct tg_bundle_open *const s = c->spec;
	const struct tg_ustar_events on = {on_member, on_data, on_done, c};

	tg_ustar_reader_init(&c->tar, &on);
	if (check_sealed(c, fd, err) < 0 ||
	    tg_sha256_init(&c->tar_sha, err) < 0 ||
	    tg_zstd_reader_new(&c->zstd, on_tar, c, err) < 0)
		return -1;
	if (s->out_dir != NULL &&
	    tg_unpack_begin(&c->unpack, s->out_dir, err) < 0)
		return -1;
	if (tg_age_open(fd, s->keys, on_plain, c, err) < 0 ||
	    check_tar(c, err) < 0)
		return -1;
	return tg_unpack_commit(&c->unpack, err);
}

int
tg_bundle_open_volume(struct tg_volume *out, const struct tg_bundle_open *spec,
    struct tg_err *err)
{
	const struct tg_volume *const want = spec->want;
	struct chain c = {
	    .spec = spec,
	    .max_bytes = want != NULL ? want->tar_bytes : spec->max_tar_bytes,
	    .max_members = want != NULL ? want->tar_members : spec->max_members,
	};
	struct stat st;
	const int fd = tg_fs_open(spec->path, &st, NULL, err);
	int rc;

	if (fd < 0)
		return -1;
	if (c.max_members > TG_BAG_MEMBERS_MAX + TG_BAG_TAGS)
		c.max_members = TG_BAG_MEMBERS_MAX + TG_BAG_TAGS;
	tg_unpack_init(&c.unpack);
	tg_bag_init(&c.bag);
	tg_arena_init(&c.names, NAMES_MAX);
	rc = run(&c, fd, err);
	if (rc < 0)
		(void)tg_fail_in(err, "%s", spec->path);
	else if (out != NULL)
		*out = c.found;
	tg_unpack_abort(&c.unpack);
	tg_zstd_reader_free(c.zstd);
	tg_sha256_drop(&c.tar_sha);
	tg_sha256_drop(&c.member_sha);
	tg_bag_deinit(&c.bag);
	tg_arena_deinit(&c.names);
	free(c.entry);
	(void)close(fd);
	return rc;
}
