/* facts_read.c - facts.jsonl line by line, in constant memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "pipeline/facts.h"
#include "base/banned.h"

struct reading {
	const char *path;
	FILE *file;
	char *line;
	size_t cap;
	uint64_t no, units;
	struct tg_sha256 sha;
	const char *signed_sha256; /* of the last line, or NULL */
	bool ended;
	tg_facts_line each;
	void *ctx;
};

static int
broken(const struct reading *r, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INTEGRITY, "%s:%llu: %s", r->path,
	    (unsigned long long)r->no, what);
}

/* What is signed binds the last line. */
static int
bound(const struct reading *r, size_t n, struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	if (r->signed_sha256 == NULL)
		return 0;
	if (tg_sha256_bytes(digest, r->line, n, err) < 0)
		return -1;
	tg_sha256_hex(hex, digest);
	return strcmp(hex, r->signed_sha256) == 0
	    ? 0
	    : broken(r, "not what the signed manifest says was written", err);
}

/* The last line binds the others. */
static int
end(struct reading *r, const struct tg_json *o, struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	r->ended = true;
	tg_sha256_end(&r->sha, digest);
	tg_sha256_hex(hex, digest);
	if (strcmp(tg_json_get_str(o, "sha256", ""), hex) != 0 ||
	    tg_json_get_int(o, "units", -1) -
		    tg_json_get_int(o, "unwritten", 0) !=
		(int64_t)r->units)
		return broken(r, "the lines are not those written", err);
	return 0;
}

static int
one(struct reading *r, size_t n, struct tg_err *err)
{
	struct tg_json *o = NULL;
	const char *kind;
	int rc = -1;

	r->no++;
	if (r->ended || n == 0 || r->line[n - 1] != '\n')
		return broken(r, "cut, or more than was written", err);
	if (tg_json_parse(&o, (struct tg_sv){r->line, n}, r->path, NULL) < 0)
		return broken(r, "no line of facts", err);
	kind = tg_json_get_str(o, "line", "");
	if ((r->no == 1) != (strcmp(kind, TG_FACTS_HEAD) == 0) ||
	    (r->no == 1 &&
		strcmp(tg_json_get_str(o, "schema", ""), TG_FACTS_SCHEMA) !=
		    0)) {
		(void)broken(r, "not " TG_FACTS_SCHEMA, err);
		goto out;
	}
	r->units += strcmp(kind, TG_FACTS_UNIT) == 0;
	if (strcmp(kind, TG_FACTS_END) != 0)
		tg_sha256_add(&r->sha, r->line, n);
	else if (end(r, o, err) < 0 || bound(r, n, err) < 0)
		goto out;
	rc = r->each(r->ctx, kind, o, err);
out:
	tg_json_free(o);
	return rc;
}

static int
all(struct reading *r, struct tg_err *err)
{
	ssize_t n;

	while ((n = getline(&r->line, &r->cap, r->file)) > 0)
		if (one(r, (size_t)n, err) < 0)
			return -1;
	if (ferror(r->file))
		return tg_fail_errno(err, errno, "%s", r->path);
	return r->ended ? 0 : broken(r, "cut: the last line is missing", err);
}

int
tg_facts_each(const char *path, const char *sha256, tg_facts_line line,
    void *ctx, bool *gone, struct tg_err *err)
{
	struct reading r = {
	    .path = path, .signed_sha256 = sha256, .each = line, .ctx = ctx};
	int rc = -1;

	r.file = fopen(path, "re");
	if (gone != NULL)
		*gone = r.file == NULL && errno == ENOENT;
	if (r.file == NULL)
		return tg_fail_errno(err, errno, "%s", path);
	if (tg_sha256_init(&r.sha, err) == 0)
		rc = all(&r, err);
	tg_sha256_drop(&r.sha);
	(void)fclose(r.file);
	free(r.line);
	return rc;
}
