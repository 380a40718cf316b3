/* vocab_test.c - token ids spell bytes again: SentencePiece, byte-level BPE,
 * byte fallback, markers; the compact file is the same vocabulary. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "pipeline/sources/vocab_priv.h"
#include "tests/unit/pipeline/scratch.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

#define SENTENCE                                                             \
	"\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":"        \
	"\"Replace\",\"pattern\":{\"String\":\"\xe2\x96\x81\"},"             \
	"\"content\":\" \"},{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"}" \
	"]}"
#define BYTES "\"decoder\":{\"type\":\"ByteLevel\"}"
#define MODEL(vocab) "\"model\":{\"type\":\"BPE\",\"vocab\":" vocab "}"
#define ADDED                                                                  \
	"\"added_tokens\":[{\"id\":0,\"content\":\"<bos>\",\"special\":true}," \
	"{\"id\":1,\"content\":\"<|im_start|>\",\"special\":true},"            \
	"{\"id\":2,\"content\":\"Ada Lovelace\",\"special\":true},"            \
	"{\"id\":3,\"content\":\"<table>\",\"special\":false}]"

struct want {
	const char *json;
	uint64_t ids[8];
	size_t n;
	const char *text;
};

static const struct want wants[] = {
    {"{" ADDED "," SENTENCE "," MODEL("{\"\xe2\x96\x81Pri\":4,\"ya\":5,"
				      "\"<0xC3>\":6,\"<0xA9>\":7}") "}",
	{0, 4, 5, 6, 7, 1, 3, 2}, 8, "\n Priya\xc3\xa9<table>Ada Lovelace"},
    {"{" BYTES "," MODEL("{\"\xc4\xa0"
			 "caf\":0,\"\xc3\x83\":1,\"\xc2\xa9\":2,"
			 "\"\xc4\x8a\":3,\"\xc4\xa1\":4,\"\xc5\x83\":5}") "}",
	{0, 1, 2, 3, 4, 5}, 6, " caf\xc3\xa9\n\x7f\xad"},
    {"{" BYTES "," MODEL("{\"\xe4\xb8\xad\":0}") "}", {0}, 1, "\xe4\xb8\xad"},
    {"{\"decoder\":{\"type\":\"Metaspace\",\"replacement\":\"_\"},"
     "\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"_a\",-1.5],[\"b\",0]]}}",
	{0, 1}, 2, " ab"},
    {"{\"decoder\":{\"type\":\"WordPiece\"},\"model\":{\"type\":\"WordPiece\","
     "\"vocab\":{\"pri\":0,\"##ya\":1,\"[SEP]\":2}}}",
	{0, 1}, 2, " priya"},
};

static struct tg_vocab *
made(const char *json)
{
	struct tg_vocab *v;
	struct tg_err err;

	ck_assert_msg(
	    tg_vocab_parse(&v, tg_sv_of(json), "t", &err) == 0, "%s", err.text);
	return v;
}

static void
spell(struct tg_buf *b, const struct tg_vocab *v, const struct want *w)
{
	tg_buf_reset(b);
	ck_assert_int_eq(tg_buf_adds(b, "", NULL), 0);
	for (size_t i = 0; i < w->n; i++) {
		struct tg_trace_text piece;

		ck_assert_uint_ne(tg_vocab_piece(v, w->ids[i], &piece), 0);
		ck_assert_int_eq(tg_buf_add(b, piece.bytes, piece.n, NULL), 0);
	}
}

START_TEST(ids_spell_what_the_model_read)
{
	struct tg_vocab *v = made(wants[_i].json);
	struct tg_trace_text piece;
	struct tg_buf b;

	tg_buf_init(&b, 4096);
	spell(&b, v, &wants[_i]);
	ck_assert_str_eq(b.p, wants[_i].text);
	ck_assert_uint_eq(tg_vocab_piece(v, 8, &piece), 0);
	ck_assert_uint_eq(tg_vocab_piece(v, UINT64_MAX, &piece), 0);
	tg_vocab_free(v);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(all_256_bytes_have_a_letter)
{
	struct tg_vocab_decoder d = {.byte_level = true};
	bool seen[256] = {false};
	unsigned n = 0;
	struct tg_buf b;

	tg_buf_init(&b, 4096);
	for (unsigned c = '!'; c <= 0x143; c++) {
		const char utf[3] = {(char)(c < 0x80 ? c : 0xc0 | c >> 6),
		    (char)(c < 0x80 ? 0 : 0x80 | (c & 0x3f)), 0};

		tg_buf_reset(&b);
		ck_assert_int_eq(
		    tg_vocab_spell(&b, &d, tg_sv_of(utf), NULL), 0);
		if (b.n == 1 && !seen[(uint8_t)b.p[0]]) {
			seen[(uint8_t)b.p[0]] = true;
			n++;
		}
	}
	ck_assert_uint_eq(n, 256);
	tg_buf_deinit(&b);
}
END_TEST

START_TEST(markers_and_edges_are_told)
{
	struct tg_vocab *v = made(wants[0].json);
	struct tg_trace_text piece;

	ck_assert_uint_eq(tg_vocab_piece(v, 0, &piece),
	    TG_VOCAB_USED | TG_VOCAB_SPECIAL | TG_VOCAB_EDGE);
	ck_assert_uint_eq(
	    tg_vocab_piece(v, 1, &piece), TG_VOCAB_USED | TG_VOCAB_SPECIAL);
	/* "special" is only believed of what looks like a marker. */
	ck_assert_uint_eq(tg_vocab_piece(v, 2, &piece), TG_VOCAB_USED);
	ck_assert(!tg_vocab_bidirectional(v));
	tg_vocab_free(v);
	for (size_t i = 3; i <= 4; i++) { /* Unigram, WordPiece */
		v = made(wants[i].json);
		ck_assert(tg_vocab_bidirectional(v));
		tg_vocab_free(v);
	}
	v = made("{\"added_tokens\":[{\"id\":1,\"content\":\"[MASK]\","
		 "\"special\":true}]," BYTES "," MODEL("{\"a\":0}") "}");
	ck_assert(tg_vocab_bidirectional(v));
	tg_vocab_free(v);
}
END_TEST

static const struct {
	const char *json, *says;
} refused[] = {
    {"", "byte 0"},
    {"[]", "not an object"},
    {"{\"a\":1}", "no model"},
    {"{" BYTES ",\"model\":{\"type\":\"BPE\"}}", "without a vocab"},
    {"{" BYTES ",\"model\":{\"type\":\"X\",\"vocab\":{}}}", "a model of a"},
    {"{" BYTES "," MODEL("{}") "}", "without a piece"},
    {"{" BYTES "," MODEL("{\"a\":-1}") "}", "no token id"},
    {"{" BYTES "," MODEL("{\"a\":4194304}") "}", "no token id"},
    {"{" BYTES "," MODEL("{\"a\":1.0}") "}", "no token id"},
    {"{" BYTES "," MODEL("{\"a\":1,\"b\":1}") "}", "two pieces"},
    {"{" BYTES "," MODEL("{\"a\":1,\"a\":2}") "}", "key used twice"},
    {"{" BYTES "," MODEL("[[\"a\"]]") "}", "no piece with its score"},
    {"{" BYTES "," MODEL("7") "}", "neither"},
    {"{" MODEL("{\"a\":1}") "}", "no decoder"},
    {"{\"decoder\":null," MODEL("{\"a\":1}") "}", "no decoder"},
    {"{\"decoder\":{\"type\":\"CTC\"}," MODEL("{\"a\":1}") "}", "a decoder of"},
    {"{\"decoder\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"x\"},"
     "\"content\":\"\"}," MODEL("{\"a\":1}") "}",
	"not of a string"},
    {"{\"added_tokens\":[{\"id\":1}]," BYTES "," MODEL("{\"a\":1}") "}",
	"without its id"},
};

START_TEST(what_is_not_understood_is_refused)
{
	struct tg_vocab *v = NULL;
	struct tg_err err = {.cls = TG_E_NONE};

	ck_assert_msg(tg_vocab_parse(
			  &v, tg_sv_of(refused[_i].json), "t.json", &err) == -1,
	    "%s", refused[_i].json);
	ck_assert_int_eq(err.cls, TG_E_CONFIG);
	ck_assert_msg(strstr(err.text, refused[_i].says) != NULL, "%s: %s",
	    refused[_i].json, err.text);
	ck_assert_ptr_null(v);
}
END_TEST

START_TEST(the_compact_file_is_the_same_vocabulary)
{
	struct tg_vocab *v = made(wants[0].json), *again = NULL;
	struct tg_buf b, c;
	struct tg_err err;
	size_t taken = 0;

	tg_buf_init(&b, 1u << 16);
	tg_buf_init(&c, 1u << 16);
	ck_assert_int_eq(tg_vocab_write(&b, v, &err), 0);
	ck_assert_int_eq(tg_vocab_read(&again, tg_buf_sv(&b), "c", &err), 0);
	ck_assert_int_eq(tg_vocab_write(&c, again, &err), 0);
	ck_assert_uint_eq(b.n, c.n);
	ck_assert_int_eq(memcmp(b.p, c.p, b.n), 0);
	ck_assert_str_eq(tg_vocab_sha256(v), tg_vocab_sha256(again));
	tg_vocab_free(again);
	for (size_t i = 0; i < b.n; i++) { /* one byte changed, and cut */
		b.p[i] ^= 1;
		taken += tg_vocab_read(&again, tg_buf_sv(&b), "c", &err) == 0;
		b.p[i] ^= 1;
		taken += tg_vocab_read(
			     &again, (struct tg_sv){b.p, i}, "c", &err) == 0;
	}
	ck_assert_uint_eq(taken, 0);
	ck_assert_int_eq(err.cls, TG_E_INTEGRITY);
	tg_vocab_free(v);
	tg_buf_deinit(&b);
	tg_buf_deinit(&c);
}
END_TEST

START_TEST(the_cache_is_used_and_made_anew_when_damaged)
{
	struct scratch s;
	struct tg_vocab *v;
	struct tg_err err;
	const char *json, *dir;
	char kept[256];

	scratch_init(&s);
	json = scratch_path(&s, "tokenizer.json");
	dir = scratch_path(&s, "cache");
	scratch_put(json, tg_sv_of(wants[0].json));
	OK(tg_vocab_load(&v, json, dir, &err));
	(void)snprintf(
	    kept, sizeof(kept), "%s/%s.vocab", dir, tg_vocab_sha256(v));
	ck_assert(tg_fs_exists(kept));
	tg_vocab_free(v);
	OK(tg_vocab_load(&v, kept, NULL, &err));
	tg_vocab_free(v);
	scratch_put(kept, TG_SV("TGVOCAB1 damaged"));
	FAILS(tg_vocab_load(&v, kept, NULL, &err), TG_E_INTEGRITY);
	OK(tg_vocab_load(&v, json, dir, &err));
	ck_assert_uint_eq(tg_vocab_count(v), 8);
	tg_vocab_free(v);
	OK(tg_vocab_load(&v, kept, NULL, &err));
	tg_vocab_free(v);
	FAILS(tg_vocab_load(&v, scratch_path(&s, "none"), dir, &err),
	    TG_E_CONFIG);
	scratch_deinit(&s);
}
END_TEST

Suite *
vocab_suite(void)
{
	Suite *s = suite_create("vocab");
	TCase *t = tcase_create("vocab");

	tcase_add_loop_test(
	    t, ids_spell_what_the_model_read, 0, TG_COUNT(wants));
	tcase_add_test(t, all_256_bytes_have_a_letter);
	tcase_add_test(t, markers_and_edges_are_told);
	tcase_add_loop_test(
	    t, what_is_not_understood_is_refused, 0, TG_COUNT(refused));
	tcase_add_test(t, the_compact_file_is_the_same_vocabulary);
	tcase_add_test(t, the_cache_is_used_and_made_anew_when_damaged);
	suite_add_tcase(s, t);
	return s;
}
