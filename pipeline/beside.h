/*
 * beside.h - the texts of a tensor file that stand in a file of their own: one
 * JSON value for each context, in their order.
 *
 * The file is the one that the job names (texts: of the source, --texts), else
 * NAME.jsonl or NAME.json beside NAME.safetensors or NAME.npy.  JSON lines (so
 * is whatever is called .jsonl): a line a context; a document: an array with an
 * element a context, or the one context.  A context is an object, the array of
 * its tokens, or its text:
 *	tokens	  "tokens", "prompt_tokens", "str_tokens", "token_strings" or
 *		  "tokenStrings": strings, or objects with one under "token",
 *		  "text" or "str"; as many as there are positions, or fewer
 *	text	  "text", "prompt", "input", "content" or "messages", and then
 *		  all other strings of the object
 * Whether they are the texts that the tensors were made of is attested by who
 * puts them there; only the numbers are compared.
 */
#ifndef TG_PIPELINE_BESIDE_H
#define TG_PIPELINE_BESIDE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/jscan.h"
#include "pipeline/spell.h"

struct tg_beside;

struct tg_beside_row {
	const struct tg_trace_text *token; /* NULL: none, the text alone */
	uint32_t n_token;
	struct tg_spell_traits traits;
	struct tg_trace_text text; /* of no bytes when there is none */
};

/*
 * Opens @texts, or what stands beside @path when it is NULL; *@out is NULL when
 * nothing does.  TG_E_INPUT: no JSON; TG_E_IO (also when @texts is not there),
 * TG_E_MEMORY.
 */
int tg_beside_open(struct tg_beside **out, const char *texts, const char *path,
    struct tg_err *err) TG_MUST_CHECK;
void tg_beside_free(struct tg_beside *b); /* NULL is fine */
/* 1: *@row is the next context, borrowed until the next call; 0: no more.
 * TG_E_INPUT "context N: ..." : none of the above; TG_E_IO, TG_E_MEMORY. */
int tg_beside_next(struct tg_beside *b, struct tg_beside_row *row,
    struct tg_err *err) TG_MUST_CHECK;

/* SHA-256 of the file's bytes; after the last row, nothing else after it.
 * TG_E_IO. */
int tg_beside_digest(struct tg_beside *b, uint8_t out[TG_SHA256_LEN],
    struct tg_err *err) TG_MUST_CHECK;

/* What the tokens spell, into @out; @off (room for n_token + 1) gets where each
 * begins. */
int tg_beside_spell(struct tg_buf *out, uint32_t *off,
    const struct tg_beside_row *row, enum tg_spelling how, struct tg_err *err)
    TG_MUST_CHECK;

#endif
