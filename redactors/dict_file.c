#include "redactors/dict_file.h"

#include "base/digest.h"

#include "base/banned.h"

#define AT_FLAGS 8
#define AT_COUNT 12
#define AT_SOURCE 16
#define AT_KIND 48

static void
put32(unsigned char *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static uint64_t
get64(const unsigned char *p)
{
	return (uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32;
}

int
tg_dict_file_make(struct tg_buf *out, uint16_t flags, const char *kind,
    const uint8_t source[32], const uint64_t *print, size_t n,
    struct tg_err *err)
{
	unsigned char head[TG_DICT_FILE_HEAD] = {0};
	uint8_t sha[TG_SHA256_LEN];
	const size_t from = out->n;

	if (n > TG_DICT_MAX || strlen(kind) >= TG_DICT_FILE_KIND)
		return tg_fail(err, TG_E_BUG, "a dictionary out of bounds");
	memcpy(head, TG_DICT_FILE_MAGIC, AT_FLAGS);
	put32(head + AT_FLAGS, flags);
	put32(head + AT_COUNT, (uint32_t)n);
	memcpy(head + AT_SOURCE, source, TG_SHA256_LEN);
	memcpy(head + AT_KIND, kind, strlen(kind));
	if (tg_buf_add(out, head, sizeof(head), err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		unsigned char w[8];

		put32(w, (uint32_t)print[i]);
		put32(w + 4, (uint32_t)(print[i] >> 32));
		if (tg_buf_add(out, w, sizeof(w), err) < 0)
			return -1;
	}
	if (tg_sha256_bytes(sha, out->p + from, out->n - from, err) < 0)
		return -1;
	return tg_buf_add(out, sha, sizeof(sha), err);
}

/* The kind is a-z, 0-9 and '-', zeros behind. */
static bool
kind_ok(const unsigned char *p)
{
	size_t n = 0;

	while (n < TG_DICT_FILE_KIND &&
	    ((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= '0' && p[n] <= '9') ||
		p[n] == '-'))
		n++;
	if (n == 0 || n == TG_DICT_FILE_KIND)
		return false;
	while (n < TG_DICT_FILE_KIND && p[n] == 0)
		n++;
	return n == TG_DICT_FILE_KIND;
}

static int
check_head(const unsigned char *p, size_t n, size_t *count, struct tg_err *err)
{
	uint32_t flags;

	if (n < TG_DICT_FILE_HEAD + TG_SHA256_LEN)
		return tg_fail(err, TG_E_CONFIG, "byte %zu: cut short", n);
	if (memcmp(p, TG_DICT_FILE_MAGIC, AT_FLAGS) != 0)
		return tg_fail(
		    err, TG_E_CONFIG, "byte 0: not a dictionary of tracegate");
	flags = get32(p + AT_FLAGS);
	if (flags != TG_DICT_GIVEN && flags != TG_DICT_SURNAME)
		return tg_fail(err, TG_E_CONFIG,
		    "byte %d: neither given names nor surnames", AT_FLAGS);
	*count = get32(p + AT_COUNT);
	if (*count == 0 || *count > TG_DICT_MAX ||
	    n != TG_DICT_FILE_HEAD + 8 * *count + TG_SHA256_LEN)
		return tg_fail(err, TG_E_CONFIG,
		    "byte %d: the number of words does not fit the size",
		    AT_COUNT);
	if (!kind_ok(p + AT_KIND))
		return tg_fail(
		    err, TG_E_CONFIG, "byte %d: not a kind of file", AT_KIND);
	return 0;
}

int
tg_dict_file_add(struct tg_dict *d, struct tg_sv file, struct tg_err *err)
{
	const unsigned char *p = (const unsigned char *)file.p;
	uint8_t sha[TG_SHA256_LEN];
	uint64_t last = 0;
	size_t n = 0;

	if (check_head(p, file.n, &n, err) < 0)
		return -1;
	if (tg_sha256_bytes(sha, p, file.n - TG_SHA256_LEN, err) < 0)
		return -1;
	if (memcmp(sha, p + file.n - TG_SHA256_LEN, TG_SHA256_LEN) != 0)
		return tg_fail(err, TG_E_CONFIG,
		    "byte %zu: the digest is another: the file was changed",
		    file.n - TG_SHA256_LEN);
	for (size_t i = 0; i < n; i++) {
		const size_t at = TG_DICT_FILE_HEAD + 8 * i;
		const uint64_t print = get64(p + at);

		if (print <= last)
			return tg_fail(err, TG_E_CONFIG,
			    "byte %zu: fingerprints out of order", at);
		last = print;
		if (tg_dict_put(d, print, (uint16_t)get32(p + AT_FLAGS), err) <
		    0)
			return -1;
	}
	return 0;
}
