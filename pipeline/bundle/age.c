#include "pipeline/bundle/age.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "base/fs.h"
#include "pipeline/bundle/age_header.h"
#include "pipeline/bundle/age_in.h"
#include "pipeline/bundle/age_stream.h"
#include "pipeline/bundle/age_wrap.h"
#include "pipeline/bundle/bech32.h"

#include "base/banned.h"

#define RECIPIENT_HRP "age"
#define IDENTITY_HRP "age-secret-key-"
#define IDENTITY_FILE_MAX 65536 /* bytes */
#define BATCH 16		/* chunks sealed before a write: 1 MiB */

/* Keys as text. */

int
tg_age_recipient(uint8_t pk[TG_AGE_KEY_LEN], struct tg_sv s, struct tg_err *err)
{
	uint8_t key[TG_AGE_KEY_LEN];

	if (tg_sv_starts(s, TG_SV("age1pq1")) ||
	    tg_sv_starts(s, TG_SV("age1tagpq1")))
		return tg_fail(err, TG_E_KEY,
		    "a post-quantum age recipient (age1pq…): the libsodium "
		    "here has no ML-KEM; ask for an X25519 one (age1…)");
	if (!tg_bech32_decode(
		key, sizeof key, RECIPIENT_HRP, s, TG_BECH32_LOWER)) {
		(void)tg_fail(err, TG_E_KEY, "not an age X25519 recipient");
		return tg_fail_hint(err,
		    "it has 62 characters and starts with \"age1\"; "
		    "\"age-keygen -y KEY.txt\" prints it");
	}
	memcpy(pk, key, sizeof key);
	return 0;
}

int
tg_age_recipient_str(
    struct tg_buf *out, const uint8_t pk[TG_AGE_KEY_LEN], struct tg_err *err)
{
	return tg_bech32_add(
	    out, RECIPIENT_HRP, pk, TG_AGE_KEY_LEN, TG_BECH32_LOWER, err);
}

int
tg_age_identity(uint8_t sk[TG_AGE_KEY_LEN], struct tg_sv s, struct tg_err *err)
{
	uint8_t *key;

	if (tg_sv_starts(s, TG_SV("AGE-SECRET-KEY-PQ-")))
		return tg_fail(err, TG_E_KEY,
		    "a post-quantum age identity: the libsodium here has no "
		    "ML-KEM");
	key = tg_secret_alloc(TG_AGE_KEY_LEN);
	if (key == NULL)
		return tg_fail_memory(err);
	if (!tg_bech32_decode(
		key, TG_AGE_KEY_LEN, IDENTITY_HRP, s, TG_BECH32_UPPER)) {
		tg_secret_free(key);
		return tg_fail(
		    err, TG_E_KEY, "not an age identity (AGE-SECRET-KEY-1…)");
	}
	memcpy(sk, key, TG_AGE_KEY_LEN);
	tg_secret_free(key);
	return 0;
}

int
tg_age_identity_str(
    struct tg_buf *out, const uint8_t sk[TG_AGE_KEY_LEN], struct tg_err *err)
{
	return tg_bech32_add(
	    out, IDENTITY_HRP, sk, TG_AGE_KEY_LEN, TG_BECH32_UPPER, err);
}

void
tg_age_public(uint8_t pk[TG_AGE_KEY_LEN], const uint8_t sk[TG_AGE_KEY_LEN])
{
	(void)crypto_scalarmult_base(pk, sk);
}

/* The next line of @rest, without LF or CR LF; false at the end. */
static bool
next_line(struct tg_sv *line, struct tg_sv *rest)
{
	const char *lf;

	if (rest->n == 0)
		return false;
	lf = memchr(rest->p, '\n', rest->n);
	*line = (struct tg_sv){
	    rest->p, lf == NULL ? rest->n : (size_t)(lf - rest->p)};
	rest->p += line->n + (lf == NULL ? 0 : 1);
	rest->n -= line->n + (lf == NULL ? 0 : 1);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

static int
read_identities(uint8_t (*sk)[TG_AGE_KEY_LEN], size_t cap, size_t *n,
    struct tg_sv text, const char *path, struct tg_err *err)
{
	struct tg_sv line;

	if (tg_sv_starts(text, TG_SV("age-encryption.org/")) ||
	    tg_sv_starts(text, TG_SV("-----BEGIN AGE ")))
		return tg_fail(err, TG_E_KEY,
		    "%s: an encrypted identity file; decrypt it first", path);
	*n = 0;
	for (unsigned no = 1; next_line(&line, &text); no++) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (*n == cap)
			return tg_fail(err, TG_E_KEY,
			    "%s:%u: over %zu identities", path, no, cap);
		if (tg_age_identity(sk[*n], line, err) < 0)
			return tg_fail_in(err, "%s:%u", path, no);
		(*n)++;
	}
	if (*n == 0)
		return tg_fail(err, TG_E_KEY, "%s: no age identity", path);
	return 0;
}

int
tg_age_identity_file(uint8_t (*sk)[TG_AGE_KEY_LEN], size_t cap, size_t *n,
    const char *path, struct tg_err *err)
{
	struct tg_buf text;
	size_t found = 0;
	int rc = -1;

	tg_buf_init(&text, IDENTITY_FILE_MAX);
	if (tg_fs_slurp_private(&text, path, err) < 0 ||
	    read_identities(sk, cap, &found, tg_buf_sv(&text), path, err) < 0) {
		for (size_t i = 0; i < found; i++)
			tg_crypt_wipe(sk[i], TG_AGE_KEY_LEN);
		goto out;
	}
	*n = found;
	rc = 0;
out:
	tg_buf_wipe_deinit(&text);
	return rc;
}

/* Writing. */

/* Everything secret of one file, in one piece of secure memory. */
struct secret {
	uint8_t file_key[TG_AGE_FILE_KEY_LEN];
	struct tg_age_stream stream;
	struct tg_age_wrap wrap; /* scratch */
};

struct tg_age_writer {
	struct secret *secret;
	tg_write_fn write;
	void *ctx;
	bool failed, finished;
	size_t n_plain;	 /* of plain, at most one chunk */
	size_t n_sealed; /* of sealed, not yet written */
	uint8_t plain[TG_AGE_CHUNK];
	uint8_t sealed[BATCH * TG_AGE_SEALED];
};

/* Header and nonce go out; the payload key is set. */
static int
start(struct tg_age_writer *w, const uint8_t (*pk)[TG_AGE_KEY_LEN], size_t n,
    struct tg_buf *text, struct tg_err *err)
{
	struct secret *const s = w->secret;
	uint8_t nonce[TG_AGE_NONCE_LEN];

	tg_crypt_random(s->file_key, sizeof s->file_key);
	tg_crypt_random(nonce, sizeof nonce);
	if (tg_age_header_begin(text, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (tg_age_wrap_x25519(
			text, &s->wrap, s->file_key, pk[i], err) < 0)
			return -1;
	if (tg_age_header_end(text, &s->wrap.hkdf, s->file_key, err) < 0 ||
	    tg_buf_add(text, nonce, sizeof nonce, err) < 0)
		return -1;
	tg_age_stream_init(&s->stream, &s->wrap.hkdf, s->file_key, nonce);
	return w->write(w->ctx, text->p, text->n, err);
}

int
tg_age_writer_new(struct tg_age_writer **out,
    const uint8_t (*pk)[TG_AGE_KEY_LEN], size_t n, tg_write_fn write, void *ctx,
    struct tg_err *err)
{
	struct tg_age_writer *w;
	struct tg_buf text;
	int rc = -1;

	if (n == 0 || n > TG_AGE_RECIPIENTS)
		return tg_fail(err, TG_E_KEY, "%zu age recipients, not 1 to %d",
		    n, TG_AGE_RECIPIENTS);
	w = calloc(1, sizeof *w);
	if (w == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&text, TG_AGE_HEADER_MAX + TG_AGE_NONCE_LEN);
	w->write = write;
	w->ctx = ctx;
	w->secret = tg_secret_alloc(sizeof *w->secret);
	if (w->secret == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (start(w, pk, n, &text, err) < 0)
		goto out;
	*out = w;
	w = NULL;
	rc = 0;
out:
	tg_buf_deinit(&text);
	tg_age_writer_free(w);
	return rc;
}

static int
flush(struct tg_age_writer *w, struct tg_err *err)
{
	const size_t n = w->n_sealed;

	w->n_sealed = 0;
	if (n > 0 && w->write(w->ctx, w->sealed, n, err) < 0) {
		w->failed = true;
		return -1;
	}
	return 0;
}

static int
seal_chunk(struct tg_age_writer *w, const uint8_t *p, size_t n, bool last,
    struct tg_err *err)
{
	tg_age_stream_seal(
	    &w->secret->stream, w->sealed + w->n_sealed, p, n, last);
	w->n_sealed += n + TG_AGE_TAG;
	if (sizeof w->sealed - w->n_sealed < TG_AGE_SEALED)
		return flush(w, err);
	return 0;
}

/* A chunk is sealed only when a byte after it is there: else it is the last. */
int
tg_age_write(
    struct tg_age_writer *w, const void *p, size_t n, struct tg_err *err)
{
	const uint8_t *in = p;

	assert(!w->finished);
	if (w->failed)
		return tg_fail(err, TG_E_BUG, "age: written after a failure");
	while (n > 0) {
		const size_t room = TG_AGE_CHUNK - w->n_plain;
		const size_t k = n < room ? n : room;

		if (w->n_plain == 0 && n > TG_AGE_CHUNK) {
			if (seal_chunk(w, in, TG_AGE_CHUNK, false, err) < 0)
				return -1;
			in += TG_AGE_CHUNK;
			n -= TG_AGE_CHUNK;
			continue;
		}
		if (room == 0) {
			w->n_plain = 0;
			if (seal_chunk(w, w->plain, TG_AGE_CHUNK, false, err) <
			    0)
				return -1;
			continue;
		}
		memcpy(w->plain + w->n_plain, in, k);
		w->n_plain += k;
		in += k;
		n -= k;
	}
	return 0;
}

int
tg_age_finish(struct tg_age_writer *w, struct tg_err *err)
{
	assert(!w->finished);
	if (w->failed)
		return tg_fail(err, TG_E_BUG, "age: finished after a failure");
	w->finished = true;
	if (seal_chunk(w, w->plain, w->n_plain, true, err) < 0)
		return -1;
	return flush(w, err);
}

void
tg_age_writer_free(struct tg_age_writer *w)
{
	if (w == NULL)
		return;
	tg_secret_free(w->secret);
	tg_crypt_wipe(w->plain, sizeof w->plain);
	free(w);
}

/* Reading. */

struct reader {
	struct tg_age_in *in;
	struct tg_age_header *header;
	struct secret *secret;
	uint8_t *sealed; /* one chunk */
	uint8_t *plain;
};

static int
check_mac(struct reader *r, struct tg_err *err)
{
	const struct tg_age_header *const h = r->header;
	uint8_t mac[TG_AGE_MAC_LEN];

	tg_age_header_mac(mac, &r->secret->wrap.hkdf, r->secret->file_key,
	    (struct tg_sv){h->text.p, h->n_mac_text});
	if (!tg_crypt_same(mac, h->mac, sizeof mac))
		return tg_fail(err, TG_E_INTEGRITY,
		    "age header: the MAC is wrong; it was changed");
	return 0;
}

static int
read_key(struct reader *r, const struct tg_age_keys *keys, struct tg_err *err)
{
	struct secret *const s = r->secret;
	uint8_t nonce[TG_AGE_NONCE_LEN];
	size_t got;

	if (tg_age_header_read(&r->header, r->in, err) < 0 ||
	    tg_age_wrap_open(s->file_key, &s->wrap, r->header, keys, err) < 0 ||
	    check_mac(r, err) < 0 ||
	    tg_age_in_read(r->in, nonce, sizeof nonce, &got, err) < 0)
		return -1;
	if (got != sizeof nonce)
		return tg_fail(
		    err, TG_E_INTEGRITY, "age: the file ends inside its nonce");
	tg_age_stream_init(&s->stream, &s->wrap.hkdf, s->file_key, nonce);
	return 0;
}

/*
 * Reads, authenticates and hands on one chunk.  The order of tries is the
 * reference implementation's (a full chunk may be the last one), so that the
 * plaintext given out before a defect is the same too.
 */
static int
read_chunk(struct reader *r, bool *last, tg_write_fn write, void *ctx,
    struct tg_err *err)
{
	struct tg_age_stream *const s = &r->secret->stream;
	const unsigned long long no = s->chunk;
	size_t n;

	if (tg_age_in_read(r->in, r->sealed, TG_AGE_SEALED, &n, err) < 0)
		return -1;
	if (n == 0)
		return tg_fail(err, TG_E_INTEGRITY,
		    "age chunk %llu: missing; the file was cut", no);
	*last = n < TG_AGE_SEALED;
	if (!tg_age_stream_unseal(s, r->plain, r->sealed, n, *last)) {
		if (*last ||
		    !tg_age_stream_unseal(s, r->plain, r->sealed, n, true))
			return tg_fail(err, TG_E_INTEGRITY,
			    "age chunk %llu: not authentic; the file was "
			    "changed or cut",
			    no);
		*last = true;
	}
	if (n == TG_AGE_TAG)
		return no == 0
		    ? 0
		    : tg_fail(err, TG_E_INTEGRITY, "age chunk %llu: empty", no);
	return write(ctx, r->plain, n - TG_AGE_TAG, err);
}

static int
read_all(struct reader *r, tg_write_fn write, void *ctx, struct tg_err *err)
{
	bool last = false;
	uint8_t extra;
	size_t n;

	while (!last)
		if (read_chunk(r, &last, write, ctx, err) < 0)
			return -1;
	if (tg_age_in_read(r->in, &extra, 1, &n, err) < 0)
		return -1;
	if (n > 0)
		return tg_fail(
		    err, TG_E_INTEGRITY, "age: data after the last chunk");
	return 0;
}

int
tg_age_open(int fd, const struct tg_age_keys *keys, tg_write_fn write,
    void *ctx, struct tg_err *err)
{
	struct reader r = {
	    .secret = tg_secret_alloc(sizeof *r.secret),
	    .sealed = malloc(TG_AGE_SEALED),
	    .plain = malloc(TG_AGE_CHUNK),
	};
	int rc = -1;

	if (r.secret == NULL || r.sealed == NULL || r.plain == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_age_in_new(&r.in, fd, err) < 0 || read_key(&r, keys, err) < 0)
		goto out;
	rc = read_all(&r, write, ctx, err);
out:
	tg_secret_free(r.secret);
	free(r.sealed);
	if (r.plain != NULL)
		tg_crypt_wipe(r.plain, TG_AGE_CHUNK);
	free(r.plain);
	tg_age_header_free(r.header);
	tg_age_in_free(r.in);
	return rc;
}

int
tg_age_stanzas(int fd, size_t *n, struct tg_err *err)
{
	struct tg_age_header *h = NULL;
	struct tg_age_in *in;
	int rc = -1;

	if (tg_age_in_new(&in, fd, err) < 0)
		return -1;
	if (tg_age_header_read(&h, in, err) == 0) {
		*n = h->n;
		rc = 0;
	}
	tg_age_header_free(h);
	tg_age_in_free(in);
	return rc;
}
