#include "pipeline/sketch.h"

#include <string.h>

#include "base/sv.h"
#include "base/banned.h"

#define HASHES (TG_SKETCH_BANDS * TG_SKETCH_ROWS)
#define WORD_MAX 64 /* bytes; the rest of a longer word is another */

void
tg_sketch_init(struct tg_sketch *s, const uint8_t key[TG_KEY_LEN])
{
	uint8_t derived[TG_KEY_LEN];

	*s = (struct tg_sketch){.n = 0};
	tg_crypt_derive(s->key, key, "sketch/band", TG_SV(""));
	tg_crypt_derive(derived, key, "sketch/word", TG_SV(""));
	memcpy(s->short_key, derived, sizeof(s->short_key));
	for (size_t i = 0; i < HASHES; i++) {
		const char no[2] = {(char)i, '\0'};

		tg_crypt_derive(
		    derived, key, "sketch/mix", (struct tg_sv){no, 1});
		memcpy(s->mix[i], derived, sizeof(s->mix[i]));
		s->mix[i][1] |= 1; /* odd: the product loses nothing */
	}
	tg_crypt_wipe(derived, sizeof(derived));
}

void
tg_sketch_begin(struct tg_sketch *s)
{
	memset(s->min, 0xff, sizeof(s->min));
	s->n = 0;
}

static void
shingle(struct tg_sketch *s, size_t words)
{
	const uint64_t h =
	    tg_crypt_short(s->short_key, s->word, words * sizeof(s->word[0]));

	for (size_t i = 0; i < HASHES; i++) {
		const uint64_t v = (h ^ s->mix[i][0]) * s->mix[i][1];

		if (v < s->min[i])
			s->min[i] = v;
	}
}

static void
word(struct tg_sketch *s, const char *p, size_t n)
{
	memmove(
	    s->word, s->word + 1, (TG_SKETCH_WORDS - 1) * sizeof(s->word[0]));
	s->word[TG_SKETCH_WORDS - 1] = tg_crypt_short(s->short_key, p, n);
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

bool
tg_sketch_end(
    struct tg_sketch *s, uint8_t band[TG_SKETCH_BANDS][TG_SKETCH_BAND])
{
	uint8_t row[1 + TG_SKETCH_ROWS * sizeof(uint64_t)];

	if (s->n == 0)
		return false;
	if (s->n < TG_SKETCH_WORDS) {
		memmove(s->word, s->word + (TG_SKETCH_WORDS - s->n),
		    (size_t)s->n * sizeof(s->word[0]));
		shingle(s, (size_t)s->n);
	}
	for (size_t b = 0; b < TG_SKETCH_BANDS; b++) {
		row[0] = (uint8_t)b;
		memcpy(row + 1, s->min + b * TG_SKETCH_ROWS, sizeof(row) - 1);
		tg_crypt_blake2b(
		    band[b], TG_SKETCH_BAND, row, sizeof(row), s->key);
	}
	return true;
}
