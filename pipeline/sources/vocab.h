/*
 * vocab.h - a vocabulary: token id -> the bytes it spells.  Token ids are text
 * in another spelling, so they are turned back into bytes and scanned; the
 * merges of a tokenizer are not needed for that.
 *
 * It is made of a tokenizer.json (Hugging Face tokenizers: model.vocab,
 * added_tokens, decoder; reference trace-formats 3) and can be kept as a
 * compact file, named by the digest of the tokenizer.json it was made of.
 * Immutable once loaded.
 */
#ifndef TG_PIPELINE_SOURCES_VOCAB_H
#define TG_PIPELINE_SOURCES_VOCAB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_VOCAB_IDS (1u << 22)		  /* ids; more are refused */
#define TG_VOCAB_FILE ((size_t)128 << 20) /* bytes of a tokenizer.json */
#define TG_VOCAB_BYTES (64u << 20)	  /* bytes of all pieces */
#define TG_VOCAB_PIECE 65535u		  /* bytes of one piece */

enum tg_vocab_flag {
	TG_VOCAB_USED = 1,    /* the id spells something we know */
	TG_VOCAB_SPECIAL = 2, /* a marker of the chat: no text */
	TG_VOCAB_EDGE = 4     /* beginning or end of a document */
};

struct tg_vocab;

/*
 * tg_vocab_parse - from the bytes of a tokenizer.json; @name is for error
 * texts.  TG_E_CONFIG: not one, or of a kind whose decoding is not known;
 * TG_E_MEMORY, TG_E_LIMIT.
 */
int tg_vocab_parse(struct tg_vocab **out, struct tg_sv json, const char *name,
    struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_vocab_load - the file @path: a tokenizer.json, or a compact one.  With
 * @cache (a folder, may be NULL) the compact file of a tokenizer.json is looked
 * for there and written there; one that is damaged is made anew.
 */
int tg_vocab_load(struct tg_vocab **out, const char *path, const char *cache,
    struct tg_err *err) TG_MUST_CHECK;
void tg_vocab_free(struct tg_vocab *v);

/* The compact form; TG_E_INTEGRITY when it is not one that was written so. */
int tg_vocab_write(struct tg_buf *out, const struct tg_vocab *v,
    struct tg_err *err) TG_MUST_CHECK;
int tg_vocab_read(struct tg_vocab **out, struct tg_sv bytes, const char *name,
    struct tg_err *err) TG_MUST_CHECK;

/* Ids are below this; not each need be used. */
uint32_t tg_vocab_count(const struct tg_vocab *v);
/* enum tg_vocab_flag; 0 for an id that is not in it.  *@piece: the bytes it
 * spells, not always whole characters; a line end for an edge. */
unsigned tg_vocab_piece(
    const struct tg_vocab *v, uint64_t id, struct tg_trace_text *piece);
/* The id that stands for what was taken out: the first marker that is no edge,
 * else the first edge, else 0. */
uint64_t tg_vocab_mask(const struct tg_vocab *v);
/* A vocabulary of models whose tokens see the ones behind them too: WordPiece
 * and [MASK] (BERT), Unigram (T5, XLM-R).  No row is independent of what
 * follows.  RoBERTa's cannot be told from a causal model's. */
bool tg_vocab_bidirectional(const struct tg_vocab *v);
/* SHA-256 of the tokenizer.json, 64 hex digits. */
const char *tg_vocab_sha256(const struct tg_vocab *v);

#endif
