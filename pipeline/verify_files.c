/* verify_files.c - the part of verify.h for the tree of a bundle. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "pipeline/bundle/sums.h"
#include "pipeline/decision.h"
#include "pipeline/review.h"
#include "pipeline/verify_bundle.h"

#include "base/banned.h"

#define DEPTH 8	 /* folders inside folders: a bundle has one */
#define SHOWN 96 /* bytes of a name in a sentence */
#define ARENA_MAX (16u << 20)

static int64_t odd_entries(int take_fd, int depth);

/* One entry of the open folder: itself, or what is below it. */
static int64_t
odd_entry(int dir, const char *name, int depth)
{
	struct stat st;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISREG(st.st_mode))
		return 0;
	if (!S_ISDIR(st.st_mode))
		return 1;
	if (depth == DEPTH)
		return -1;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -1 : odd_entries(fd, depth + 1);
}

/*
 * Entries below the open folder that a list of regular files passes over: links
 * and the like, and folders without anything in them.  -1 when it
 * cannot be read.
 */
static int64_t
odd_entries(int take_fd, int depth)
{
	DIR *dir = fdopendir(take_fd);
	int64_t odd = 0;
	bool empty = true;

	if (dir == NULL) {
		(void)close(take_fd);
		return -1;
	}
	while (odd >= 0) {
		const struct dirent *e;
		int64_t more;

		errno = 0;
		e = readdir(dir);
		if (e == NULL) {
			odd = errno == 0 ? odd : -1;
			break;
		}
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		empty = false;
		more = odd_entry(dirfd(dir), e->d_name, depth);
		odd = more < 0 ? -1 : odd + more;
	}
	(void)closedir(dir);
	return odd == 0 && empty ? 1 : odd;
}

static bool
tree_is_plain(struct tg_bundle_check *b)
{
	const int fd = open(b->v->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int64_t odd = fd < 0 ? -1 : odd_entries(fd, 0);

	if (odd == 0)
		return true;
	tg_verify_say(b->v, "files", TG_CHECK_FAILED, 0,
	    odd < 0
		? "the folder cannot be read whole"
		: "links, empty folders or other entries that are no files");
	return false;
}

/* What is wrong with the files, counted; the first is told. */
struct faults {
	uint64_t n, examined;
	const char *what;
	char name[SHOWN];
};

static void
fault(struct faults *f, const char *what, const char *name)
{
	if (f->n++ != 0)
		return;
	f->what = what;
	tg_verify_name(f->name, sizeof(f->name), name);
}

static void
check_sum(struct tg_bundle_check *b, struct faults *f, const struct tg_sum *s,
    const char *name)
{
	char *path = tg_verify_join(b->v, name);
	uint8_t got[TG_SHA256_LEN];

	if (path == NULL)
		return;
	f->examined++;
	if (tg_sha256_file(got, path, NULL, NULL) < 0)
		fault(f, "cannot be read", name);
	else if (memcmp(got, s->sha256, sizeof(got)) != 0)
		fault(f, "not the digest that SHA256SUMS names", name);
	free(path);
}

/* Both lists are sorted bytewise. */
static void
compare(struct tg_bundle_check *b, struct faults *f, const struct tg_sums *sums)
{
	size_t i = 0, k = 0;

	while (i < sums->n || k < b->names.n) {
		const char *have = k < b->names.n ? b->names.name[k] : NULL;
		int c;

		if (have != NULL && strcmp(have, TG_SUMS_FILE) == 0) {
			k++;
			continue;
		}
		c = have == NULL ? -1
		    : i == sums->n
		    ? 1
		    : tg_sv_cmp(sums->sum[i].name, tg_sv_of(have));
		if (c < 0) {
			char name[SHOWN] = "";

			memcpy(name, sums->sum[i].name.p,
			    sums->sum[i].name.n < SHOWN ? sums->sum[i].name.n
							: SHOWN - 1);
			fault(f, "missing", name);
			i++;
		} else if (c > 0) {
			fault(f, "not listed in SHA256SUMS", have);
			k++;
		} else {
			check_sum(b, f, &sums->sum[i++], have);
			k++;
		}
	}
}

void
tg_verify_files(struct tg_bundle_check *b)
{
	struct faults f = {.n = 0};
	struct tg_sums sums;
	struct tg_arena arena;
	struct tg_err err = {0};
	struct tg_buf text;
	bool missing;

	tg_arena_init(&arena, ARENA_MAX);
	tg_buf_init(&text, TG_SUMS_BYTES);
	if (!tree_is_plain(b))
		goto out;
	if (tg_fs_list(&b->names, b->v->path, true, &err) < 0 ||
	    !tg_verify_slurp(b->v, &text, TG_SUMS_FILE, &missing, &err) ||
	    tg_sums_read(&sums, tg_buf_sv(&text), &arena, &err) < 0) {
		tg_verify_bad(b->v, "files", 0, &err);
		goto out;
	}
	compare(b, &f, &sums);
	if (f.n == 0)
		tg_verify_say(b->v, "files", TG_CHECK_OK, f.examined,
		    "files are exactly those of SHA256SUMS");
	else
		tg_verify_say(b->v, "files", TG_CHECK_FAILED, f.examined,
		    "%s: %s (%" PRIu64 " in all)", f.name, f.what, f.n);
out:
	tg_arena_deinit(&arena);
	tg_buf_deinit(&text);
}

static bool
listed(const struct tg_json *list, const char *name)
{
	for (size_t i = 0; i < tg_json_len(list); i++)
		if (strcmp(tg_json_get_str(tg_json_at(list, i), "file", ""),
			name) == 0)
			return true;
	return false;
}

/* decision-<role>.json, or the signature of one that is there. */
static bool
is_decision(const struct tg_bundle_check *b, struct tg_sv name)
{
	const struct tg_sv tail = TG_SV(".minisig");

	if (tg_decision_name_ok(name))
		return true;
	if (name.n <= tail.n ||
	    !tg_sv_eq((struct tg_sv){name.p + name.n - tail.n, tail.n}, tail))
		return false;
	name.n -= tail.n;
	for (size_t i = 0; i < b->names.n; i++)
		if (tg_sv_eq(name, tg_sv_of(b->names.name[i])))
			return tg_decision_name_ok(name);
	return false;
}

static bool
accounted(const struct tg_bundle_check *b, const char *name)
{
	static const char *const fixed[] = {TG_SUMS_FILE, TG_BUNDLE_MANIFEST,
	    TG_BUNDLE_MANIFEST_SIG, TG_BUNDLE_INTENT, TG_BUNDLE_INTENT_PROOF};
	static const char *const review[] = {TG_REVIEW_FILE, TG_REVIEW_SIG};

	for (size_t i = 0; i < TG_COUNT(fixed); i++)
		if (strcmp(fixed[i], name) == 0)
			return true;
	for (size_t i = 0; i < TG_COUNT(review); i++)
		if (strcmp(review[i], name) == 0)
			return tg_json_get(b->m, "review") != NULL;
	return listed(tg_json_get(b->m, "files"), name) ||
	    listed(
		tg_json_get(tg_json_get(b->m, "payload"), "volumes"), name) ||
	    is_decision(b, tg_sv_of(name)) ||
	    tg_sv_starts(tg_sv_of(name), TG_SV(TG_BUNDLE_EVIDENCE "/"));
}

void
tg_verify_accounts(struct tg_bundle_check *b)
{
	struct faults f = {.n = 0};

	for (size_t i = 0; i < b->names.n; i++) {
		f.examined++;
		if (!accounted(b, b->names.name[i]))
			fault(&f, "nothing that is signed speaks of it",
			    b->names.name[i]);
	}
	if (f.n == 0)
		tg_verify_say(b->v, "accounts", TG_CHECK_OK, f.examined,
		    "each file is one that the checks above speak for");
	else
		tg_verify_say(b->v, "accounts", TG_CHECK_FAILED, f.examined,
		    "%s: %s (%" PRIu64 " in all)", f.name, f.what, f.n);
}
