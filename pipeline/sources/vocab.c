/*
 * vocab.c - a vocabulary in memory and in its compact file.
 *
 * The file: "TGVOCAB1", u32 ids, u32 flags (1: bidirectional), the SHA-256 of
 * the tokenizer.json, u32 offsets (ids + 1), u8 flags an id, the pieces, and
 * the SHA-256 of all that.  Little-endian.
 */
#include "pipeline/sources/vocab.h"

#include <stdlib.h>

#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/sources/vocab_priv.h"
#include "base/banned.h"

#define MAGIC "TGVOCAB1"
#define MAGIC_LEN 8
#define HEAD (MAGIC_LEN + 4 + 4 + TG_SHA256_LEN)
#define FILE_MAX (TG_VOCAB_BYTES + 5u * (TG_VOCAB_IDS + 1) + 4096u)
#define KNOWN_FLAGS ((unsigned)TG_VOCAB_USED | TG_VOCAB_SPECIAL | TG_VOCAB_EDGE)

int
tg_vocab_new(struct tg_vocab **out, uint32_t n, struct tg_err *err)
{
	struct tg_vocab *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return tg_fail_memory(err);
	v->n = n;
	v->at = calloc((size_t)n + 1, sizeof(*v->at));
	v->flags = calloc((size_t)n + 1, 1);
	tg_buf_init(&v->bytes, TG_VOCAB_BYTES);
	if (v->at == NULL || v->flags == NULL) {
		tg_vocab_free(v);
		return tg_fail_memory(err);
	}
	*out = v;
	return 0;
}

void
tg_vocab_free(struct tg_vocab *v)
{
	if (v == NULL)
		return;
	free(v->at);
	free(v->flags);
	tg_buf_deinit(&v->bytes);
	free(v);
}

uint32_t
tg_vocab_count(const struct tg_vocab *v)
{
	return v->n;
}

unsigned
tg_vocab_piece(
    const struct tg_vocab *v, uint64_t id, struct tg_trace_text *piece)
{
	*piece = (struct tg_trace_text){"", 0};
	if (id >= v->n || v->flags[id] == 0)
		return 0;
	if (v->at[id + 1] > v->at[id])
		*piece = (struct tg_trace_text){
		    v->bytes.p + v->at[id], v->at[id + 1] - v->at[id]};
	return v->flags[id];
}

uint64_t
tg_vocab_mask(const struct tg_vocab *v)
{
	uint64_t edge = UINT64_MAX;

	for (uint32_t i = 0; i < v->n; i++) {
		if ((v->flags[i] & TG_VOCAB_SPECIAL) == 0)
			continue;
		if ((v->flags[i] & TG_VOCAB_EDGE) == 0)
			return i;
		if (edge == UINT64_MAX)
			edge = i;
	}
	return edge == UINT64_MAX ? 0 : edge;
}

bool
tg_vocab_bidirectional(const struct tg_vocab *v)
{
	return v->bidirectional;
}

const char *
tg_vocab_sha256(const struct tg_vocab *v)
{
	return v->sha256;
}

static int
put32(struct tg_buf *out, uint32_t x, struct tg_err *err)
{
	const uint8_t le[4] = {(uint8_t)x, (uint8_t)(x >> 8),
	    (uint8_t)(x >> 16), (uint8_t)(x >> 24)};

	return tg_buf_add(out, le, sizeof(le), err);
}

static uint32_t
get32(const char *p)
{
	const uint8_t *u = (const uint8_t *)p;

	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 |
	    (uint32_t)u[3] << 24;
}

int
tg_vocab_write(struct tg_buf *out, const struct tg_vocab *v, struct tg_err *err)
{
	const size_t from = out->n;
	uint8_t digest[TG_SHA256_LEN];

	if (!tg_hex_decode(digest, sizeof(digest), tg_sv_of(v->sha256)))
		return tg_fail(err, TG_E_BUG, "vocabulary without a digest");
	if (tg_buf_adds(out, MAGIC, err) < 0 || put32(out, v->n, err) < 0 ||
	    put32(out, v->bidirectional, err) < 0 ||
	    tg_buf_add(out, digest, sizeof(digest), err) < 0)
		return -1;
	for (uint32_t i = 0; i <= v->n; i++)
		if (put32(out, v->at[i], err) < 0)
			return -1;
	if (tg_buf_add(out, v->flags, v->n, err) < 0 ||
	    tg_buf_addsv(out, tg_buf_sv(&v->bytes), err) < 0 ||
	    tg_sha256_bytes(digest, out->p + from, out->n - from, err) < 0)
		return -1;
	return tg_buf_add(out, digest, sizeof(digest), err);
}

static int
fill(struct tg_vocab *v, struct tg_sv b)
{
	const char *at = b.p + HEAD;
	const char *flags = at + 4 * ((size_t)v->n + 1);
	const size_t bytes = b.n - HEAD - 4 * ((size_t)v->n + 1) - v->n;

	for (uint32_t i = 0; i <= v->n; i++) {
		v->at[i] = get32(at + 4 * (size_t)i);
		if (v->at[i] > bytes || (i > 0 && v->at[i] < v->at[i - 1]))
			return -1;
	}
	for (uint32_t i = 0; i < v->n; i++) {
		v->flags[i] = (uint8_t)flags[i];
		if ((v->flags[i] & ~KNOWN_FLAGS) != 0)
			return -1;
	}
	return v->at[0] != 0 || v->at[v->n] != bytes
	    ? -1
	    : tg_buf_add(&v->bytes, flags + v->n, bytes, NULL);
}

int
tg_vocab_read(
    struct tg_vocab **out, struct tg_sv b, const char *name, struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];
	struct tg_vocab *v = NULL;
	uint32_t n;

	if (b.n < HEAD + 4 + TG_SHA256_LEN || b.n > FILE_MAX ||
	    memcmp(b.p, MAGIC, MAGIC_LEN) != 0)
		goto bad;
	b.n -= TG_SHA256_LEN;
	if (tg_sha256_bytes(digest, b.p, b.n, err) < 0)
		return -1;
	n = get32(b.p + MAGIC_LEN);
	if (memcmp(digest, b.p + b.n, sizeof(digest)) != 0 ||
	    n > TG_VOCAB_IDS || get32(b.p + MAGIC_LEN + 4) > 1 ||
	    b.n - HEAD < 4 * ((size_t)n + 1) + n)
		goto bad;
	if (tg_vocab_new(&v, n, err) < 0)
		return -1;
	v->bidirectional = get32(b.p + MAGIC_LEN + 4) == 1;
	tg_hex(v->sha256, b.p + MAGIC_LEN + 8, TG_SHA256_LEN);
	if (fill(v, b) < 0)
		goto bad;
	*out = v;
	return 0;
bad:
	tg_vocab_free(v);
	return tg_fail(err, TG_E_INTEGRITY, "%s: no vocabulary of ours", name);
}

/* The compact file in @cache, when there is one that is whole. */
static int
cached(struct tg_vocab **out, struct tg_sv json, const char *cache, char **path,
    struct tg_err *err)
{
	uint8_t digest[TG_SHA256_LEN];
	char name[TG_SHA256_HEX + 8];
	struct tg_vocab *v = NULL;
	struct tg_buf b;

	if (tg_sha256_bytes(digest, json.p, json.n, err) < 0)
		return -1;
	tg_sha256_hex(name, digest);
	memcpy(name + TG_SHA256_HEX - 1, ".vocab", 7);
	*path = tg_fs_join(cache, name);
	if (*path == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&b, FILE_MAX);
	if (tg_fs_slurp(&b, *path, NULL, NULL) == 0 &&
	    tg_vocab_read(&v, tg_buf_sv(&b), *path, NULL) == 0 &&
	    strncmp(v->sha256, name, TG_SHA256_HEX - 1) == 0)
		*out = v;
	else
		tg_vocab_free(v);
	tg_buf_deinit(&b);
	return 0;
}

static int
from_json(struct tg_vocab **out, struct tg_sv json, const char *path,
    const char *cache, struct tg_err *err)
{
	char *kept = NULL;
	struct tg_vocab *v = NULL;
	struct tg_buf b;
	int rc = -1;

	tg_buf_init(&b, FILE_MAX);
	if (cache != NULL && cached(&v, json, cache, &kept, err) < 0)
		goto out;
	if (v == NULL) {
		if (tg_vocab_parse(&v, json, path, err) < 0)
			goto out;
		if (cache != NULL &&
		    (tg_fs_mkdirs(cache, 0700, err) < 0 ||
			tg_vocab_write(&b, v, err) < 0 ||
			tg_fs_write(kept, tg_buf_sv(&b), 0600, TG_FS_OVERWRITE,
			    err) < 0))
			goto out;
	}
	*out = v;
	v = NULL;
	rc = 0;
out:
	tg_vocab_free(v);
	tg_buf_deinit(&b);
	free(kept);
	return rc;
}

int
tg_vocab_load(struct tg_vocab **out, const char *path, const char *cache,
    struct tg_err *err)
{
	struct tg_buf b;
	bool missing = false;
	int rc = -1;

	tg_buf_init(&b, TG_VOCAB_FILE);
	if (tg_fs_slurp(&b, path, &missing, err) < 0) {
		if (missing && err != NULL)
			err->cls = TG_E_CONFIG;
	} else if (b.n >= MAGIC_LEN && memcmp(b.p, MAGIC, MAGIC_LEN) == 0) {
		rc = tg_vocab_read(out, tg_buf_sv(&b), path, err);
	} else {
		rc = from_json(out, tg_buf_sv(&b), path, cache, err);
	}
	tg_buf_deinit(&b);
	return rc;
}
