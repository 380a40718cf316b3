#include "redactors/language.h"

#include <string.h>

#include "base/attr.h"

#include "base/banned.h"

#define WINDOW 256 /* bytes looked at of each STEP */
#define STEP 1024
#define WORD_MAX 8 /* bytes of a word in the table */
#define OURS_BIT 1u
#define LANGUAGES 24 /* counters; more than languages.def has */

/* A sentence has four words; of running text about a third is in the lists. */
#define WORDS_MIN 4
#define FEW_WORDS 12
#define LETTERS_MIN                                              \
	12 /* of another script; of one that writes whole words: \
	    */
#define SIGNS_MIN 4

static size_t
place(uint64_t word)
{
	return (size_t)((word * UINT64_C(0x9e3779b97f4a7c15)) >> 54);
}

static void
add(struct tg_languages *l, uint64_t word, uint32_t bit)
{
	size_t i = place(word);

	while (l->slot[i].spoken != 0 && l->slot[i].word != word)
		i = (i + 1) % TG_LANGUAGE_SLOTS;
	l->slot[i].word = word;
	l->slot[i].spoken |= bit;
}

static void
add_all(struct tg_languages *l, const char *words, uint32_t bit)
{
	uint64_t word = 0;
	unsigned n = 0;

	for (const char *p = words;; p++) {
		if (*p == ' ' || *p == '\0') {
			if (n > 0 && n <= WORD_MAX)
				add(l, word, bit);
			word = n = 0;
			if (*p == '\0')
				return;
			continue;
		}
		word |=
		    n < WORD_MAX ? (uint64_t)(unsigned char)*p << (8 * n) : 0;
		n++;
	}
}

void
tg_languages_init(struct tg_languages *l)
{
	uint32_t bit = OURS_BIT;

	memset(l, 0, sizeof(*l));
#define OURS(words) add_all(l, words, OURS_BIT);
#define OTHER(name, words) add_all(l, words, bit <<= 1);
#include "redactors/languages.def"
#undef OURS
#undef OTHER
}

static uint32_t
spoken(const struct tg_languages *l, uint64_t word)
{
	size_t i = place(word);

	while (l->slot[i].spoken != 0) {
		if (l->slot[i].word == word)
			return l->slot[i].spoken;
		i = (i + 1) % TG_LANGUAGE_SLOTS;
	}
	return 0;
}

/* What a window holds. */
struct seen {
	unsigned words, ours;
	unsigned other[LANGUAGES];
	unsigned latin; /* letters */
	unsigned alien; /* letters of another script */
	unsigned signs; /* of them: a word or syllable each */
};

enum script { OF_NONE, OF_LATIN, OF_ALIEN, OF_SIGNS };

/* Of a code point of two bytes, by The Unicode Standard's blocks: Greek to
 * Arabic and their neighbours begin with ce to df. */
static enum script
script_of_two(const unsigned char *p)
{
	if (p[0] >= 0xce)
		return OF_ALIEN;
	return p[0] >= 0xc3 && p[0] <= 0xc9 ? OF_LATIN : OF_NONE;
}

/* The scripts of India to Georgia begin with e0 and e1, but for Latin Extended
 * Additional; CJK and Hangul with e3 to ed, but for CJK punctuation. */
static enum script
script_of_three(const unsigned char *p)
{
	if (p[0] == 0xe1 && p[1] >= 0xb8 && p[1] <= 0xbb)
		return OF_LATIN;
	if (p[0] <= 0xe1)
		return OF_ALIEN;
	if (p[0] < 0xe3 || p[0] > 0xed || (p[0] == 0xe3 && p[1] == 0x80))
		return OF_NONE;
	return OF_SIGNS;
}

static void
letter(struct seen *s, const unsigned char *p, size_t n)
{
	const enum script of = n == 2 ? script_of_two(p)
	    : n == 3		      ? script_of_three(p)
				      : OF_NONE;

	s->latin += of == OF_LATIN;
	s->alien += of == OF_ALIEN || of == OF_SIGNS;
	s->signs += of == OF_SIGNS;
}

/* The word that is read. */
struct word {
	uint64_t bytes; /* the first eight */
	size_t n;
	bool name; /* begins with a capital inside the text, as in Los Angeles:
		    * speaks for no language but ours */
};

static void
word_done(const struct tg_languages *l, struct seen *s, struct word *w)
{
	uint32_t bits = w->n > WORD_MAX ? 0 : spoken(l, w->bytes);

	s->words++;
	s->ours += bits & OURS_BIT;
	if (!w->name)
		for (bits >>= 1; bits != 0; bits &= bits - 1)
			s->other[__builtin_ctz(bits)]++;
	*w = (struct word){.n = 0};
}

static void
word_add(struct word *w, unsigned char c)
{
	if (w->n < WORD_MAX)
		w->bytes |= (uint64_t)c << (8 * w->n);
	w->n++;
}

/* The bytes of the code point that begins with @c. */
static size_t
length(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static void
read_window(const struct tg_languages *l, struct seen *s,
    const unsigned char *p, size_t n)
{
	struct word w = {.n = 0};
	size_t step;

	for (size_t at = 0; at < n; at += step) {
		const unsigned char c = p[at], low = c | 0x20;

		step = length(c);
		if (step > n - at)
			return;
		if (low >= 'a' && low <= 'z') {
			s->latin++;
			if (w.n == 0)
				w.name = c < 'a' && s->words > 0;
			word_add(&w, low);
		} else if (step > 1 || (c == '\'' && w.n > 0)) {
			letter(s, p + at, step);
			for (size_t k = 0; k < step; k++)
				word_add(&w, p[at + k]);
		} else if (w.n > 0) {
			word_done(l, s, &w);
		}
	}
	if (w.n > 0)
		word_done(l, s, &w);
}

static bool
is_other(const struct seen *s)
{
	unsigned most = 0;

	if ((s->alien >= LETTERS_MIN || s->signs >= SIGNS_MIN) &&
	    s->alien * 3 >= s->alien + s->latin)
		return true;
	for (size_t i = 0; i < LANGUAGES; i++)
		if (s->other[i] > most)
			most = s->other[i];
	if (s->words < WORDS_MIN)
		return false;
	if (s->words < FEW_WORDS)
		return most >= 3 && 2 * most > 3 * s->ours &&
		    most * 3 >= s->words;
	return most >= 4 && 2 * most > 3 * s->ours && most * 5 >= s->words;
}

bool
tg_languages_other(const struct tg_languages *l, struct tg_trace_text text)
{
	const unsigned char *p = (const unsigned char *)text.bytes;

	for (size_t at = 0; at < text.n; at += STEP) {
		struct seen s = {.words = 0};
		size_t from = at, n = text.n - at;

		/* Not in the middle of a code point or, but for the first
		 * bytes, of a word. */
		while (from > 0 && n > 0 && (p[from] & 0xc0) == 0x80) {
			from++;
			n--;
		}
		read_window(l, &s, p + from, n < WINDOW ? n : WINDOW);
		if (is_other(&s))
			return true;
	}
	return false;
}
