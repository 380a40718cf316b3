/* vocab_spell.c - what a piece spells: the decoders of tokenizers. */
#include "base/enc.h"
#include "pipeline/sources/vocab_priv.h"
#include "base/banned.h"

/*
 * GPT-2 writes bytes as letters (bytes_to_unicode of its encoder.py): printable
 * Latin-1 as itself, the others as U+0100 and on, in their order.  The byte of
 * @c, or -1.
 */
static int
letter_byte(uint32_t c)
{
	unsigned n = 0;

	if ((c >= '!' && c <= '~') || (c >= 0xa1 && c <= 0xff && c != 0xad))
		return (int)c;
	if (c < 0x100 || c > 0x143)
		return -1;
	for (unsigned b = 0; b < 256; b++) {
		if ((b >= '!' && b <= '~') || (b >= 0xa1 && b != 0xad))
			continue;
		if (n++ == c - 0x100)
			return (int)b;
	}
	return -1;
}

/* A letter of one or two bytes of valid UTF-8 at @i; 0: a longer one. */
static uint32_t
letter_at(struct tg_sv s, size_t *i)
{
	const uint8_t c = (uint8_t)s.p[*i];

	if (c < 0x80) {
		(*i)++;
		return c;
	}
	if (c >= 0xe0 || *i + 1 >= s.n)
		return 0;
	*i += 2;
	return (uint32_t)(c & 0x1f) << 6 | ((uint8_t)s.p[*i - 1] & 0x3fu);
}

static int
byte_level(struct tg_buf *out, struct tg_sv piece, struct tg_err *err)
{
	const size_t from = out->n;
	size_t i = 0;

	while (i < piece.n) {
		const uint32_t c = letter_at(piece, &i);
		const int b = c == 0 ? -1 : letter_byte(c);

		if (b < 0) { /* not all letters of bytes: as it is */
			out->n = from;
			return tg_buf_addsv(out, piece, err);
		}
		if (tg_buf_addc(out, (char)b, err) < 0)
			return -1;
	}
	return 0;
}

static int
replaced(struct tg_buf *out, const struct tg_vocab_decoder *d,
    struct tg_sv piece, struct tg_err *err)
{
	size_t i = 0;

	while (i < piece.n) {
		unsigned k = 0;

		while (k < d->n_replace &&
		    !tg_sv_starts(
			(struct tg_sv){piece.p + i, piece.n - i}, d->from[k]))
			k++;
		if (k < d->n_replace) {
			if (tg_buf_addsv(out, d->to[k], err) < 0)
				return -1;
			i += d->from[k].n;
		} else if (tg_buf_addc(out, piece.p[i++], err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
tg_vocab_spell(struct tg_buf *out, const struct tg_vocab_decoder *d,
    struct tg_sv piece, struct tg_err *err)
{
	uint8_t byte;

	if (d->byte_level)
		return byte_level(out, piece, err);
	if (d->byte_fallback && piece.n == 6 &&
	    memcmp(piece.p, "<0x", 3) == 0 && piece.p[5] == '>' &&
	    tg_hex_decode(&byte, 1, (struct tg_sv){piece.p + 3, 2}))
		return tg_buf_addc(out, (char)byte, err);
	if (d->word_piece) {
		if (piece.n > 2 && memcmp(piece.p, "##", 2) == 0)
			return tg_buf_add(out, piece.p + 2, piece.n - 2, err);
		if (tg_buf_addc(out, ' ', err) < 0)
			return -1;
	}
	return replaced(out, d, piece, err);
}
