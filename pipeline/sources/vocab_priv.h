/* vocab_priv.h - a vocabulary from inside: how it is made and kept. */
#ifndef TG_PIPELINE_SOURCES_VOCAB_PRIV_H
#define TG_PIPELINE_SOURCES_VOCAB_PRIV_H

#include "pipeline/sources/vocab.h"

struct tg_vocab {
	uint32_t n;
	uint32_t *at;	/* piece i is bytes [at[i], at[i + 1]) */
	uint8_t *flags; /* enum tg_vocab_flag an id */
	struct tg_buf bytes;
	bool bidirectional;
	char sha256[TG_SHA256_HEX];
};

/* @n ids without pieces. */
int tg_vocab_new(struct tg_vocab **out, uint32_t n, struct tg_err *err)
    TG_MUST_CHECK;

/* How a model's decoder makes text of a piece. */
struct tg_vocab_decoder {
	bool byte_level;    /* GPT-2's letters for bytes */
	bool byte_fallback; /* <0xNN> */
	bool word_piece;    /* "##" goes on, others begin a word */
	struct tg_sv from[4], to[4];
	unsigned n_replace;
};

/* Appends what @piece spells. */
int tg_vocab_spell(struct tg_buf *out, const struct tg_vocab_decoder *d,
    struct tg_sv piece, struct tg_err *err) TG_MUST_CHECK;

#endif
