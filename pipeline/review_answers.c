/* review_answers.c - the part of review_draw.h that keeps, shows and answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/fs.h"
#include "pipeline/facts.h"
#include "pipeline/review_draw_priv.h"
#include "pipeline/sources/sniff.h"

#include "base/banned.h"

#define FILE_NAME "private/review.json"
#define HEADER_MAX (1u << 20) /* bytes of an array file that are shown */
#define NPY_HEADER 128

/* Where its header is: safetensors has 8 bytes, little-endian, and then so
 * many of JSON. */
static void
header_of(size_t *from, size_t *header, const uint8_t first[8], bool npy)
{
	uint64_t n = 0;

	for (size_t i = 8; i-- > 0;)
		n = n << 8 | first[i];
	*from = npy ? 0 : 8;
	*header = npy ? NPY_HEADER : n < HEADER_MAX ? (size_t)n : HEADER_MAX;
}

int
tg_review_is_array(bool *out, size_t *from, size_t *header, const char *path,
    struct tg_err *err)
{
	uint8_t first[64];
	const struct tg_sniff *what;
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return tg_fail(err, TG_E_IO, "%s: cannot be read", path);
	n = fread(first, 1, sizeof(first), f);
	(void)fclose(f);
	what = n == 0 ? NULL : tg_sniff((struct tg_sv){(const char *)first, n});
	*out = what != NULL && n > 8 &&
	    (what->kind == TG_SNIFF_SAFETENSORS || what->kind == TG_SNIFF_NPY);
	if (*out && header != NULL)
		header_of(from, header, first, what->kind == TG_SNIFF_NPY);
	return 0;
}

/* ---- kept -------------------------------------------------------------- */

int
tg_review_draw_keep(const struct tg_review_draw *d, struct tg_err *err)
{
	char *dir = tg_fs_join(d->dir, TG_FACTS_DIR);
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, TG_JSON_MAX);
	if (dir == NULL)
		(void)tg_fail_memory(err);
	else if (tg_fs_mkdirs(dir, 0700, err) == 0 &&
	    tg_json_canonical(&b, d->doc, err) == 0)
		rc = tg_fs_write(
		    d->path, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE, err);
	tg_buf_deinit(&b);
	free(dir);
	return rc;
}

/* Whether both have drawn the same records. */
static bool
same_items(const struct tg_json *a, const struct tg_json *b)
{
	const struct tg_json *x = tg_json_get(a, "items");
	const struct tg_json *y = tg_json_get(b, "items");

	for (size_t i = 0; i < tg_json_len(x); i++)
		if (tg_json_get_int(tg_json_at(x, i), "record", -1) !=
			tg_json_get_int(tg_json_at(y, i), "record", -2) ||
		    strcmp(tg_json_get_str(tg_json_at(x, i), "sha256", ""),
			tg_json_get_str(tg_json_at(y, i), "sha256", "?")) != 0)
			return false;
	return tg_json_len(x) == tg_json_len(y) &&
	    tg_json_get_int(a, "population", -1) ==
	    tg_json_get_int(b, "population", -2);
}

/* What was kept of another manifest says nothing of this one. */
static int
load(struct tg_review_draw *d, const struct tg_run_ref *run, struct tg_err *err)
{
	if (!tg_fs_exists(d->path))
		return 0;
	if (tg_json_load(&d->doc, d->path, err) < 0) {
		if (err->cls == TG_E_CONFIG)
			err->cls = TG_E_INTEGRITY;
		return -1;
	}
	if (strcmp(tg_json_get_str(d->doc, "manifest_sha256", ""),
		run->manifest_sha256) == 0)
		return 0;
	tg_json_free(d->doc);
	d->doc = NULL;
	return 0;
}

static int
fill(struct tg_review_draw *d, const struct tg_run_ref *run, bool again,
    struct tg_err *err)
{
	struct tg_json *now = NULL;

	if (d->doc != NULL && !again)
		return 0;
	if (tg_review_draw_now(&now, run, err) < 0)
		return -1;
	if (d->doc == NULL) {
		d->doc = now;
		return tg_review_draw_keep(d, err);
	}
	again = same_items(d->doc, now);
	tg_json_free(now);
	return again
	    ? 0
	    : tg_fail(err, TG_E_INTEGRITY,
		  "%s: what was answered are not the records that the seed "
		  "draws",
		  d->path);
}

int
tg_review_draw_open(struct tg_review_draw *out, const struct tg_run_ref *run,
    bool again, struct tg_err *err)
{
	struct tg_review_draw d = {
	    .dir = strdup(run->dir), .path = tg_fs_join(run->dir, FILE_NAME)};

	if (d.dir == NULL || d.path == NULL) {
		(void)tg_fail_memory(err);
	} else if (load(&d, run, err) == 0 && fill(&d, run, again, err) == 0) {
		d.items = tg_json_get(d.doc, "items");
		d.n = tg_json_len(d.items);
		*out = d;
		return 0;
	}
	tg_review_draw_free(&d);
	return -1;
}

void
tg_review_draw_free(struct tg_review_draw *d)
{
	tg_json_free(d->doc);
	free(d->dir);
	free(d->path);
	*d = (struct tg_review_draw){.n = 0};
}

size_t
tg_review_draw_next(const struct tg_review_draw *d)
{
	size_t i = 0;

	while (
	    i < d->n && tg_json_get(tg_json_at(d->items, i), "types") != NULL)
		i++;
	return i;
}

void
tg_review_draw_count(
    const struct tg_review_draw *d, size_t *examined, size_t *found)
{
	*examined = 0;
	*found = 0;
	for (size_t i = 0; i < d->n; i++) {
		const struct tg_json *t =
		    tg_json_get(tg_json_at(d->items, i), "types");

		*examined += t != NULL;
		*found += tg_json_len(t) > 0;
	}
}

/* ---- read -------------------------------------------------------------- */

static int
slice(struct tg_buf *out, const char *path, uint64_t offset, uint64_t size,
    struct tg_err *err)
{
	FILE *f = fopen(path, "re");
	char *to = NULL;
	int rc = -1;

	if (f == NULL || offset > INT64_MAX || size > TG_REVIEW_TEXT_MAX)
		(void)tg_fail(err, TG_E_IO, "%s: cannot be read", path);
	else if ((to = malloc(size + 1)) == NULL)
		(void)tg_fail_memory(err);
	else if (fseeko(f, (off_t)offset, SEEK_SET) != 0 ||
	    fread(to, 1, size, f) != size)
		(void)tg_fail(err, TG_E_INTEGRITY,
		    "%s: shorter than what was sealed", path);
	else
		rc = tg_buf_add(out, to, size, err);
	free(to);
	if (f != NULL)
		(void)fclose(f);
	return rc;
}

static int
same_bytes(const struct tg_json *item, const char *path, bool array,
    struct tg_sv text, struct tg_err *err)
{
	uint8_t sum[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	if ((array ? tg_sha256_file(sum, path, NULL, err)
		   : tg_sha256_bytes(sum, text.p, text.n, err)) < 0)
		return -1;
	tg_sha256_hex(hex, sum);
	return strcmp(hex, tg_json_get_str(item, "sha256", "")) == 0
	    ? 0
	    : tg_fail(
		  err, TG_E_INTEGRITY, "%s: changed since it was drawn", path);
}

int
tg_review_draw_text(struct tg_buf *out, const struct tg_review_draw *d,
    size_t i, struct tg_err *err)
{
	const struct tg_json *item = tg_json_at(d->items, i);
	const char *part = tg_json_get_str(item, "part", "");
	uint64_t offset = (uint64_t)tg_json_get_int(item, "offset", 0);
	uint64_t size = (uint64_t)tg_json_get_int(item, "size", 0);
	char below[TG_REVIEW_PART + 8];
	size_t from, header;
	bool array;
	char *path;
	int rc = -1;

	(void)snprintf(
	    below, sizeof(below), "spool/%.*s", TG_REVIEW_PART, part);
	path = tg_fs_join(d->dir, below);
	if (path == NULL || strchr(part, '/') != NULL) {
		rc = path == NULL ? tg_fail_memory(err)
				  : tg_fail(err, TG_E_INTEGRITY,
					"%s: no part of a spool", d->path);
		free(path);
		return rc;
	}
	if (tg_review_is_array(&array, &from, &header, path, err) < 0)
		goto out;
	if (array) {
		offset = from;
		size = header < size - from ? header : size - from;
	}
	if (slice(out, path, offset, size, err) == 0)
		rc = same_bytes(item, path, array, tg_buf_sv(out), err);
out:
	free(path);
	return rc;
}

/* ---- answered ---------------------------------------------------------- */

int
tg_review_draw_shown(struct tg_review_draw *d, size_t i, struct tg_err *err)
{
	return tg_json_set_bool(tg_json_at(d->items, i), "shown", true) == 0
	    ? 0
	    : tg_fail_memory(err);
}

/* A word of the tables of types, or of one's own: never a text. */
static bool
type_ok(const char *s)
{
	const size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!((s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_'))
			return false;
	return n > 1 && n <= TG_REVIEW_TYPE_MAX;
}

int
tg_review_draw_answer(struct tg_review_draw *d, size_t i,
    const char *const *type, size_t n, struct tg_err *err)
{
	struct tg_json *item = tg_json_at(d->items, i);
	struct tg_json *types;
	int bad = 0;

	if (!tg_json_get_bool(item, "shown", false))
		return tg_fail(err, TG_E_NO,
		    "this record was not shown: tracegate review --next");
	for (size_t k = 0; k < n; k++)
		if (!type_ok(type[k]))
			return tg_fail(err, TG_E_USAGE,
			    "a type of personal data is expected, such as "
			    "PERSON or PHONE, and never the text");
	types = tg_json_array();
	for (size_t k = 0; k < n; k++)
		bad |= tg_json_push_str(types, type[k]);
	bad |= tg_json_set(item, "types", types);
	return bad ? tg_fail_memory(err) : tg_review_draw_keep(d, err);
}
