/* review_draw.c - the part of review_draw.h that draws. */
#include "pipeline/review_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/digest.h"
#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/members.h"
#include "pipeline/review_draw_priv.h"
#include "pipeline/sources/reader.h"

#include "base/banned.h"

#define CHUNK 65536

/* ---- drawn ------------------------------------------------------------- */

struct item {
	uint64_t rank, record, offset, size;
	char part[TG_REVIEW_PART];
	uint8_t sha256[TG_SHA256_LEN];
};

struct draw {
	uint8_t rank_key[TG_KEY_LEN], salt_key[TG_KEY_LEN];
	struct tg_merkle tree;
	struct item *heap; /* the least so far; the greatest of them first */
	size_t n, want;
};

static bool
before(const struct item *a, const struct item *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->record < b->record;
}

static void
swap(struct item *a, struct item *b)
{
	const struct item t = *a;

	*a = *b;
	*b = t;
}

static void
sift_up(struct draw *d, size_t i)
{
	for (; i > 0 && before(&d->heap[(i - 1) / 2], &d->heap[i]);
	     i = (i - 1) / 2)
		swap(&d->heap[i], &d->heap[(i - 1) / 2]);
}

static void
sift_down(struct draw *d)
{
	for (size_t i = 0, k; (k = 2 * i + 1) < d->n; i = k) {
		if (k + 1 < d->n && before(&d->heap[k], &d->heap[k + 1]))
			k++;
		if (!before(&d->heap[i], &d->heap[k]))
			return;
		swap(&d->heap[i], &d->heap[k]);
	}
}

static uint64_t
rank_of(const struct draw *d, uint64_t record)
{
	uint8_t number[8], out[8];
	uint64_t rank = 0;

	for (unsigned i = 0; i < 8; i++)
		number[i] = (uint8_t)(record >> (56 - 8 * i));
	tg_crypt_blake2b(out, sizeof(out), number, sizeof(number), d->rank_key);
	for (unsigned i = 0; i < 8; i++)
		rank = rank << 8 | out[i];
	return rank;
}

/* One more record of the bundle: its leaf, and maybe a place in the sample. */
static int
take(struct draw *d, struct item *x, const uint8_t leaf[TG_SHA256_LEN],
    struct tg_err *err)
{
	x->record = d->tree.n;
	x->rank = rank_of(d, x->record);
	if (tg_merkle_add_hash(&d->tree, leaf, err) < 0)
		return -1;
	if (d->n < d->want) {
		d->heap[d->n++] = *x;
		sift_up(d, d->n - 1);
	} else if (d->n > 0 && before(x, &d->heap[0])) {
		d->heap[0] = *x;
		sift_down(d);
	}
	return 0;
}

/* Two digests of the same bytes: of the record, of its leaf. */
struct sums {
	struct tg_sha256 text, leaf;
};

static int
sums_begin(struct sums *s, const struct draw *d, struct tg_err *err)
{
	static const uint8_t zero = 0; /* RFC 9162 section 2.1: a leaf */
	uint8_t salt[TG_KEY_LEN];

	if (tg_sha256_init(&s->text, err) < 0)
		return -1;
	if (tg_sha256_init(&s->leaf, err) < 0) {
		tg_sha256_drop(&s->text);
		return -1;
	}
	tg_members_salt(salt, d->salt_key, d->tree.n);
	tg_sha256_add(&s->leaf, &zero, 1);
	tg_sha256_add(&s->leaf, salt, sizeof(salt));
	return 0;
}

static void
sums_add(struct sums *s, const void *p, size_t n)
{
	tg_sha256_add(&s->text, p, n);
	tg_sha256_add(&s->leaf, p, n);
}

static int
sums_end(struct sums *s, struct draw *d, struct item *x, struct tg_err *err)
{
	uint8_t leaf[TG_SHA256_LEN];

	tg_sha256_end(&s->text, x->sha256);
	tg_sha256_end(&s->leaf, leaf);
	return take(d, x, leaf, err);
}

/* An array file is one record. */
static int
array_part(struct draw *d, struct item *x, const char *path, struct tg_err *err)
{
	uint8_t *chunk = malloc(CHUNK);
	FILE *f = fopen(path, "re");
	struct sums s;
	size_t n;
	int rc = -1;

	x->offset = 0;
	x->size = 0;
	if (chunk == NULL || f == NULL) {
		(void)(chunk == NULL
			? tg_fail_memory(err)
			: tg_fail(err, TG_E_IO, "%s: cannot be read", path));
		goto out;
	}
	if (sums_begin(&s, d, err) < 0)
		goto out;
	while ((n = fread(chunk, 1, CHUNK, f)) > 0) {
		sums_add(&s, chunk, n);
		x->size += n;
	}
	rc = sums_end(&s, d, x, err);
	if (rc == 0 && ferror(f))
		rc = tg_fail(err, TG_E_IO, "%s: cannot be read", path);
out:
	if (f != NULL)
		(void)fclose(f);
	free(chunk);
	return rc;
}

static int
text_part(struct draw *d, struct item *x, const char *path, struct tg_err *err)
{
	const struct tg_reader_limits limits = {
	    .record_max = TG_REVIEW_TEXT_MAX};
	struct tg_reader *r = NULL;
	struct tg_reader_rec rec;
	struct sums s;
	int more = -1;

	if (tg_reader_open(&r, path, &limits, err) < 0)
		return -1;
	while ((more = tg_reader_next(r, &rec, err)) == 1) {
		x->offset = rec.offset;
		x->size = rec.size;
		if (rec.oversized || rec.cut) {
			more = tg_fail(err, TG_E_LIMIT,
			    "%s: a record of more than %u bytes is not shown",
			    path, TG_REVIEW_TEXT_MAX);
			break;
		}
		more = sums_begin(&s, d, err);
		if (more < 0)
			break;
		sums_add(&s, rec.text.p, rec.text.n);
		more = sums_end(&s, d, x, err);
		if (more < 0)
			break;
	}
	tg_reader_free(r);
	return more;
}

static int
parts(struct draw *d, const char *spool, struct tg_err *err)
{
	struct tg_fs_names names;
	int rc = 0;

	if (tg_fs_list(&names, spool, false, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n && rc == 0; i++) {
		struct item x = {.rank = 0};
		char *path = tg_fs_join(spool, names.name[i]);
		bool array = false;

		(void)snprintf(x.part, sizeof(x.part), "%s", names.name[i]);
		rc = path == NULL
		    ? tg_fail_memory(err)
		    : tg_review_is_array(&array, NULL, NULL, path, err);
		if (rc == 0)
			rc = array ? array_part(d, &x, path, err)
				   : text_part(d, &x, path, err);
		free(path);
	}
	tg_fs_names_free(&names);
	return rc;
}

/* The records are those whose root the manifest has. */
static int
sealed(const struct draw *d, const struct tg_run_ref *run, struct tg_err *err)
{
	const struct tg_json *r = tg_json_get(run->manifest, "records");
	uint8_t root[TG_LEDGER_HASH];
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, 128);
	if (tg_merkle_root(&d->tree, root, err) == 0 &&
	    tg_b64_add(&text, root, sizeof(root), TG_B64_PADDED, err) == 0)
		rc = tg_json_get_int(r, "count", -1) == (int64_t)d->tree.n &&
			strcmp(tg_json_get_str(r, "root", ""), text.p) == 0
		    ? 0
		    : tg_fail(err, TG_E_INTEGRITY,
			  "%s: the redacted records that lie here are not "
			  "those that were sealed",
			  run->id);
	tg_buf_deinit(&text);
	return rc;
}

static int
seed(struct draw *d, const struct tg_run_ref *run, struct tg_err *err)
{
	char *path = tg_fs_join(run->dir, "seed");
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, 4096);
	if (path == NULL)
		(void)tg_fail_memory(err);
	else if (!tg_fs_exists(path))
		(void)tg_fail(err, TG_E_NO,
		    "%s: the seed is gone; nothing can be drawn", run->id);
	else if (tg_fs_slurp_private(&b, path, err) == 0 && b.n == TG_KEY_LEN) {
		tg_members_salt_key(d->salt_key, (const uint8_t *)b.p);
		tg_crypt_derive(d->rank_key, (const uint8_t *)b.p, "review/1",
		    tg_sv_of(run->manifest_sha256));
		rc = 0;
	}
	if (rc < 0 && err->cls == TG_E_NONE)
		(void)tg_fail(err, TG_E_KEY, "%s: 32 bytes expected", path);
	tg_buf_wipe_deinit(&b);
	free(path);
	return rc;
}

static int
by_rank(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return before(x, y) ? -1 : 1;
}

static struct tg_json *
as_json(const struct draw *d, const struct tg_run_ref *run)
{
	struct tg_json *doc = tg_json_object(), *items = tg_json_array();
	char hex[TG_SHA256_HEX];
	int bad = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct item *x = &d->heap[i];
		struct tg_json *o = tg_json_object();

		tg_sha256_hex(hex, x->sha256);
		bad |= tg_json_set_int(o, "record", (int64_t)x->record);
		bad |= tg_json_set_str(o, "part", x->part);
		bad |= tg_json_set_int(o, "offset", (int64_t)x->offset);
		bad |= tg_json_set_int(o, "size", (int64_t)x->size);
		bad |= tg_json_set_str(o, "sha256", hex);
		bad |= tg_json_set_bool(o, "shown", false);
		bad |= tg_json_push(items, o);
	}
	bad |= tg_json_set_str(doc, "manifest_sha256", run->manifest_sha256);
	bad |= tg_json_set_int(doc, "population", (int64_t)d->tree.n);
	bad |= tg_json_set(doc, "items", items);
	if (bad == 0)
		return doc;
	tg_json_free(doc);
	return NULL;
}

int
tg_review_draw_now(
    struct tg_json **out, const struct tg_run_ref *run, struct tg_err *err)
{
	const int64_t least = tg_json_get_int(
	    tg_json_get(run->manifest, "review"), "min_records", -1);
	const int64_t all =
	    tg_json_get_int(tg_json_get(run->manifest, "records"), "count", -1);
	char *spool = tg_fs_join(run->dir, "spool");
	struct draw d = {.n = 0};
	int rc = -1;

	tg_merkle_init(&d.tree);
	if (least < 0 || all < 0) {
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: the manifest does not say how many records people "
		    "read",
		    run->id);
		goto out;
	}
	d.want = (size_t)(least < all ? least : all);
	if (d.want > TG_REVIEW_DRAWN_MAX) {
		(void)tg_fail(err, TG_E_LIMIT,
		    "%s: %zu records to be read, at most %u", run->id, d.want,
		    TG_REVIEW_DRAWN_MAX);
		goto out;
	}
	d.heap = calloc(d.want + 1, sizeof(*d.heap));
	if (spool == NULL || d.heap == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (!tg_fs_is_dir(spool)) {
		(void)tg_fail(err, TG_E_NO,
		    "%s: the redacted records are no longer here", run->id);
		goto out;
	}
	if (seed(&d, run, err) < 0 || parts(&d, spool, err) < 0 ||
	    sealed(&d, run, err) < 0)
		goto out;
	qsort(d.heap, d.n, sizeof(*d.heap), by_rank);
	*out = as_json(&d, run);
	rc = *out == NULL ? tg_fail_memory(err) : 0;
out:
	tg_crypt_wipe(d.rank_key, sizeof(d.rank_key));
	tg_crypt_wipe(d.salt_key, sizeof(d.salt_key));
	free(d.heap);
	free(spool);
	return rc;
}
