/*
 * npy.h - the header of a NumPy array file (NEP 1; numpy/lib/format.py), read
 * strictly and written as numpy writes it.
 *
 * Versions 1.0, 2.0 and 3.0; the dictionary has exactly 'descr',
 * 'fortran_order' and 'shape'.  Refused: object arrays ('|O': loading one runs
 * the code inside it), structured types, big-endian numbers, Fortran order,
 * bytes behind the array.
 */
#ifndef TG_PIPELINE_SOURCES_NPY_H
#define TG_PIPELINE_SOURCES_NPY_H

#include "base/buf.h"
#include "pipeline/sources/tensor.h"

#define TG_NPY_HEADER (64u << 10) /* bytes of the header that is read */

/* One tensor with an empty name.  @head: the first bytes, at most
 * TG_NPY_HEADER, of a file of @size bytes.  TG_E_INPUT "byte N: ...". */
int tg_npy_parse(struct tg_tensor_file *f, struct tg_sv head, uint64_t size,
    struct tg_err *err) TG_MUST_CHECK;
int
tg_npy_read(struct tg_tensor_file *f, int fd, struct tg_err *err) TG_MUST_CHECK;
/* Appends the header of version 1.0, padded to a multiple of 64 as numpy does;
 * TG_E_BUG for a type numpy does not have. */
int tg_npy_header(struct tg_buf *out, const struct tg_tensor *t,
    struct tg_err *err) TG_MUST_CHECK;

#endif
