/*
 * sniff.h - formats that are never read as records, by their first bytes, so
 * that the refusal says what the file is, why it is refused and how to convert
 * it.  Tensor files (safetensors, NPY) go another way when they are plain
 * files: pipeline/input_tensors.c.
 */
#ifndef TG_PIPELINE_SOURCES_SNIFF_H
#define TG_PIPELINE_SOURCES_SNIFF_H

#include "base/sv.h"

enum tg_sniff_kind {
	TG_SNIFF_PICKLE,
	TG_SNIFF_ZIP, /* .npz, torch .pt */
	TG_SNIFF_NPY,
	TG_SNIFF_SAFETENSORS,
	TG_SNIFF_ARROW,
	TG_SNIFF_ARROW_STREAM,
	TG_SNIFF_PARQUET,
	TG_SNIFF_HDF5,
	TG_SNIFF_OTLP_PROTO,
	TG_SNIFF_UTF16,
	TG_SNIFF_XZ,
	TG_SNIFF_BZIP2,
	TG_SNIFF_LZ4,
	TG_SNIFF_TAR
};

struct tg_sniff {
	enum tg_sniff_kind kind;
	const char *format; /* "Python pickle" */
	const char *why;
	const char *recipe; /* what to type, or what to do */
};

/* tg_sniff - the row of what @head begins with, or NULL: none of these. */
const struct tg_sniff *tg_sniff(struct tg_sv head);

#endif
