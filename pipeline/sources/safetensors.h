/*
 * safetensors.h - the header of a safetensors file, read strictly, and written
 * as the official library writes it.
 *
 * The format (github.com/huggingface/safetensors, README and
 * safetensors/src/tensor.rs): u64 little-endian N; N bytes of a JSON object
 * name -> {"dtype", "shape", "data_offsets"}, and "__metadata__", an object of
 * strings; then the bytes of the tensors.  The offsets cover all bytes behind
 * the header: no hole, no overlap, nothing behind.  N is at most 100,000,000.
 *
 * Stricter than the library: a key twice (the README forbids it, the library
 * takes the last), a key of an entry that nobody knows, a NUL or half a
 * surrogate pair in a name.  As the library, and unlike the README, white space
 * in front of the '{' is accepted; none is written.
 */
#ifndef TG_PIPELINE_SOURCES_SAFETENSORS_H
#define TG_PIPELINE_SOURCES_SAFETENSORS_H

#include "base/buf.h"
#include "pipeline/sources/tensor.h"

#define TG_SAFETENSORS_HEADER 100000000u       /* bytes: the format's limit */
#define TG_SAFETENSORS_HEADER_OURS (16u << 20) /* bytes: ours */

/*
 * Reads the header of a file of @size bytes whose first bytes are @head: eight
 * bytes and the whole header, or less when the file is shorter (@want of
 * tg_safetensors_head).  Names are copied.  TG_E_INPUT "byte N: ..." (offset in
 * the file), TG_E_MEMORY.
 */
int tg_safetensors_parse(struct tg_tensor_file *f, struct tg_sv head,
    uint64_t size, struct tg_err *err) TG_MUST_CHECK;
/* Bytes that the header takes, its length included, from the first eight.
 * TG_E_INPUT when it is too long or the file too short. */
int tg_safetensors_head(size_t *want, const uint8_t *p, uint64_t size,
    struct tg_err *err) TG_MUST_CHECK;
/* Both of an open regular file. */
int tg_safetensors_read(struct tg_tensor_file *f, int fd, struct tg_err *err)
    TG_MUST_CHECK;

/*
 * tg_safetensors_header - appends length and header of the @n tensors, whose
 * begin and end are set to their place in the file that begins with it; @order
 * (room for @n) gets them in the order of their bytes: by element type, last in
 * tensor_dtypes.def first, then by name.  Metadata is written in the order of
 * its keys (the library's is that of a hash table, so no order is its own);
 * @has_meta: also when there is none.  TG_E_BUG when two have a name, or a
 * shape does not fit; TG_E_LIMIT, TG_E_MEMORY.
 */
int tg_safetensors_header(struct tg_buf *out, struct tg_tensor *tensor,
    size_t n, const struct tg_tensor_meta *meta, size_t n_meta, bool has_meta,
    size_t *order, struct tg_err *err) TG_MUST_CHECK;

#endif
