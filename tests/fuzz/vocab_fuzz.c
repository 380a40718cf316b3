/*
 * vocab_fuzz.c - a tokenizer.json, or a compact vocabulary, of any bytes.
 *
 * What is accepted has a piece or none for each id, and its compact form is
 * read again as the same; a compact file that is accepted is the one that
 * would be written.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pipeline/sources/vocab.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define TEXT_MAX (1u << 20)

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "vocab_fuzz: broken: %s\n", rule);
	abort();
}

static void
walk(const struct tg_vocab *v)
{
	struct tg_trace_text piece;
	size_t sum = 0;

	for (uint32_t i = 0; i < tg_vocab_count(v); i++) {
		const unsigned flags = tg_vocab_piece(v, i, &piece);

		hold(flags != 0 || piece.n == 0, "no id, no piece");
		for (size_t k = 0; k < piece.n; k++)
			sum += (unsigned char)piece.bytes[k];
	}
	hold(sum < SIZE_MAX, "all bytes can be read");
	hold(tg_vocab_piece(v, tg_vocab_count(v), &piece) == 0, "the end");
	hold(tg_vocab_mask(v) == 0 || tg_vocab_mask(v) < tg_vocab_count(v),
	    "the mask is an id");
}

static void
compact(const struct tg_vocab *v, struct tg_buf *b)
{
	struct tg_vocab *w = NULL;
	struct tg_buf c;

	tg_buf_init(&c, 1u << 26);
	hold(tg_vocab_write(b, v, NULL) == 0, "can be written");
	hold(tg_vocab_read(&w, tg_buf_sv(b), "w", NULL) == 0, "and read");
	hold(tg_vocab_write(&c, w, NULL) == 0, "and written again");
	hold(b->n == c.n && memcmp(b->p, c.p, c.n) == 0, "the same");
	tg_vocab_free(w);
	tg_buf_deinit(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct tg_sv text = {(const char *)p, n};
	struct tg_vocab *v = NULL;
	struct tg_buf b;

	if (n > TEXT_MAX)
		return 0;
	tg_buf_init(&b, 1u << 26);
	if (tg_vocab_parse(&v, text, "f", NULL) == 0) {
		walk(v);
		/* Sparse ids make it large, not interesting. */
		if (tg_vocab_count(v) < 65536)
			compact(v, &b);
		tg_vocab_free(v);
	} else if (tg_vocab_read(&v, text, "f", NULL) == 0) {
		walk(v);
		compact(v, &b);
		hold(b.n == n && memcmp(b.p, p, n) == 0, "one spelling");
		tg_vocab_free(v);
	}
	tg_buf_deinit(&b);
	return 0;
}
