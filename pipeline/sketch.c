#include "pipeline/sketch.h"

#include <string.h>

#include "base/sv.h"
#include "base/banned.h"

#define WORD_MAX 64 /* bytes; the rest of a longer word is another */

/* A secret number for one use. */
static uint64_t
secret(const uint8_t key[TG_KEY_LEN], const char *label, size_t i)
{
	const char no[2] = {(char)i, '\0'};
	uint8_t derived[TG_KEY_LEN];
	uint64_t v;

	tg_crypt_derive(derived, key, label, (struct tg_sv){no, 1});
	memcpy(&v, derived, sizeof(v));
	tg_crypt_wipe(derived, sizeof(derived));
	return v;
}

void
tg_sketch_init(struct tg_sketch *s, const uint8_t key[TG_KEY_LEN])
{
	uint8_t derived[TG_KEY_LEN];

	*s = (struct tg_sketch){.n = 0};
	tg_crypt_derive(derived, key, "sketch", TG_SV(""));
	memcpy(s->word_key, derived, TG_SHORT_KEY);
	memcpy(s->band_key, derived + TG_SHORT_KEY, TG_SHORT_KEY);
	tg_crypt_wipe(derived, sizeof(derived));
	/* Odd: a product loses nothing. */
	for (size_t i = 0; i < TG_SKETCH_WORDS; i++)
		s->join[i] = secret(key, "sketch/join", i) | 1;
	for (size_t i = 0; i < TG_SKETCH_HASHES; i++) {
		const uint64_t v = secret(key, "sketch/mix", i);

		s->flip[i] = (uint32_t)v;
		s->times[i] = (uint32_t)(v >> 32) | 1;
	}
#if defined(__x86_64__)
	s->wide = __builtin_cpu_supports("avx2") != 0;
#endif
}

void
tg_sketch_begin(struct tg_sketch *s)
{
	memset(s->min, 0xff, sizeof(s->min));
	s->n = 0;
}

/* 128 orders of all shingles; of each the least is kept.  Written so that a
 * compiler makes vectors of it. */
static inline __attribute__((always_inline)) void
least(uint32_t *min, const uint32_t *flip, const uint32_t *times, uint32_t a,
    uint32_t b)
{
	for (size_t i = 0; i < TG_SKETCH_HASHES; i++) {
		const uint32_t v = (a ^ flip[i]) * times[i] + b;

		min[i] = v < min[i] ? v : min[i];
	}
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void
least_wide(struct tg_sketch *s, uint32_t a, uint32_t b)
{
	least(s->min, s->flip, s->times, a, b);
}
#else
static void
least_wide(struct tg_sketch *s, uint32_t a, uint32_t b)
{
	least(s->min, s->flip, s->times, a, b);
}
#endif

/* Of the words, which are keyed hashes: a sum under secret odd factors, mixed
 * (the finalizer of MurmurHash3, Appleby). */
static void
shingle(struct tg_sketch *s, size_t words)
{
	uint64_t h = words;

	for (size_t i = 0; i < words; i++)
		h += s->word[i] * s->join[i];
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	h ^= h >> 33;
	if (s->wide)
		least_wide(s, (uint32_t)h, (uint32_t)(h >> 32));
	else
		least(s->min, s->flip, s->times, (uint32_t)h,
		    (uint32_t)(h >> 32));
}

static void
word(struct tg_sketch *s, const char *p, size_t n)
{
	memmove(
	    s->word, s->word + 1, (TG_SKETCH_WORDS - 1) * sizeof(s->word[0]));
	s->word[TG_SKETCH_WORDS - 1] = tg_crypt_short(s->word_key, p, n);
	s->n++;
	if (s->n >= TG_SKETCH_WORDS)
		shingle(s, TG_SKETCH_WORDS);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Bytes of the character at @p that stands by itself; 0: it does not. */
static size_t
alone(const char *p, size_t n)
{
	const unsigned char c = (unsigned char)*p;
	const size_t want = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 0;

	return want < n ? want : n;
}

void
tg_sketch_add(struct tg_sketch *s, const char *p, size_t n)
{
	char low[WORD_MAX];
	size_t at = 0;

	while (at < n) {
		const size_t whole = alone(p + at, n - at);
		size_t k = 0;

		if (whole > 0) {
			word(s, p + at, whole);
			at += whole;
			continue;
		}
		while (at < n && k < sizeof(low) && is_letter(p[at]) &&
		    (unsigned char)p[at] < 0xe0) {
			const char c = p[at++];

			low[k++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		}
		if (k > 0)
			word(s, low, k);
		else
			at++;
	}
}

/* 15 bytes of two keyed hashes over the number of the band and its minima. */
static void
band_of(struct tg_sketch *s, size_t b, uint8_t out[TG_SKETCH_BAND])
{
	uint8_t row[2 + TG_SKETCH_ROWS * sizeof(uint32_t)];
	uint64_t hash[2];

	row[1] = (uint8_t)b;
	memcpy(row + 2, s->min + b * TG_SKETCH_ROWS, sizeof(row) - 2);
	for (uint8_t i = 0; i < 2; i++) {
		row[0] = i;
		hash[i] = tg_crypt_short(s->band_key, row, sizeof(row));
	}
	_Static_assert(sizeof(hash) >= TG_SKETCH_BAND, "room for a band");
	memcpy(out, hash, TG_SKETCH_BAND);
}

bool
tg_sketch_end(
    struct tg_sketch *s, uint8_t band[TG_SKETCH_BANDS][TG_SKETCH_BAND])
{
	if (s->n == 0)
		return false;
	if (s->n < TG_SKETCH_WORDS) {
		memmove(s->word, s->word + (TG_SKETCH_WORDS - s->n),
		    (size_t)s->n * sizeof(s->word[0]));
		shingle(s, (size_t)s->n);
	}
	for (size_t b = 0; b < TG_SKETCH_BANDS; b++)
		band_of(s, b, band[b]);
	return true;
}
