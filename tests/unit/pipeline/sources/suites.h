/* suites.h - the suites of pipeline/sources/, one a file, and what they share:
 * inputs made in memory. */
#ifndef TG_TESTS_UNIT_PIPELINE_SOURCES_SUITES_H
#define TG_TESTS_UNIT_PIPELINE_SOURCES_SUITES_H

#include <check.h>

#include "base/buf.h"

Suite *codec_suite(void);
Suite *frame_suite(void);
Suite *npy_suite(void);
Suite *reader_suite(void);
Suite *safetensors_suite(void);
Suite *sniff_suite(void);
Suite *vocab_suite(void);

/* A descriptor of an unnamed file with these bytes, at its start. */
int input_fd(const void *p, size_t n);
/* One more gzip member or zstd frame at the end of @out. */
void input_gzip(struct tg_buf *out, const void *p, size_t n);
void input_zstd(struct tg_buf *out, const void *p, size_t n);

#endif
