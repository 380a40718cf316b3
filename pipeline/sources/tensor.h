/*
 * tensor.h - what a tensor file holds: names, element types, shapes and where
 * the bytes lie.  The bytes themselves stay in the file and are read in pieces:
 * a file of any size is handled in the same memory.
 *
 * Names and metadata values are free text of strangers: they are trace text
 * until they were scanned, and no path is ever made of one.
 */
#ifndef TG_PIPELINE_SOURCES_TENSOR_H
#define TG_PIPELINE_SOURCES_TENSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

#define TG_DTYPE(name, bits) TG_DTYPE_##name,
enum tg_dtype {
#include "pipeline/sources/tensor_dtypes.def"
	TG_DTYPE_COUNT
};
#undef TG_DTYPE

/* "BF16" */
const char *tg_dtype_name(enum tg_dtype t);
unsigned tg_dtype_bits(enum tg_dtype t);
bool tg_dtype_find(enum tg_dtype *out, struct tg_sv name) TG_MUST_CHECK;
/* A whole number of at least 16 bits: what token ids are stored in. */
bool tg_dtype_is_index(enum tg_dtype t);

#define TG_TENSOR_RANK 8       /* axes; more are refused */
#define TG_TENSOR_NAME 1024    /* bytes of a name */
#define TG_TENSOR_COUNT 65536u /* tensors of a file */

struct tg_tensor {
	struct tg_trace_text name;
	enum tg_dtype dtype;
	unsigned rank;
	uint64_t shape[TG_TENSOR_RANK];
	uint64_t begin, end; /* bytes in the file */
};

struct tg_tensor_meta {
	struct tg_trace_text key, value;
};

enum tg_tensor_format { TG_TENSOR_SAFETENSORS, TG_TENSOR_NPY };

struct tg_tensor_file {
	enum tg_tensor_format format;
	struct tg_tensor *tensor; /* in the order of their bytes */
	size_t n;
	struct tg_tensor_meta *meta; /* in the order of the file */
	size_t n_meta;
	bool has_meta;
	uint64_t data; /* where the bytes of the tensors begin */
	uint64_t size; /* of the file */
	struct tg_arena arena;
};

void tg_tensor_file_init(struct tg_tensor_file *f);
void tg_tensor_file_deinit(struct tg_tensor_file *f);

/* The first tensor of that name, or NULL. */
const struct tg_tensor *
tg_tensor_find(const struct tg_tensor_file *f, const char *name);

/* The product of @n axes; false when it does not fit 64 bits. */
bool tg_tensor_product(uint64_t *out, const uint64_t *shape, unsigned n)
    TG_MUST_CHECK;
/* Bytes of @dtype in @shape; false when they do not fit 64 bits, or not whole
 * bytes. */
bool tg_tensor_bytes(uint64_t *out, enum tg_dtype dtype, const uint64_t *shape,
    unsigned rank) TG_MUST_CHECK;

/*
 * A window on an open regular file: the bytes [at, at + n), n at most
 * TG_TENSOR_WINDOW, borrowed until the next call.  TG_E_IO; TG_E_INPUT when
 * the file ends before.
 */
#define TG_TENSOR_WINDOW (1u << 20)
struct tg_window {
	int fd;
	uint8_t *buf;
	uint64_t at; /* of buf in the file */
	size_t n;
};
int
tg_window_init(struct tg_window *w, int fd, struct tg_err *err) TG_MUST_CHECK;
void tg_window_deinit(struct tg_window *w);
int tg_window_get(struct tg_window *w, uint64_t at, size_t n,
    const uint8_t **out, struct tg_err *err) TG_MUST_CHECK;

/* The little-endian whole number of @dtype at @p (tg_dtype_is_index); negative
 * ones are above INT64_MAX. */
uint64_t tg_tensor_index(enum tg_dtype dtype, const uint8_t *p);

#endif
