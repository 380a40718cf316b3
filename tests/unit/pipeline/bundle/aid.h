/* aid.h - what the tests of this folder share: a scratch folder, files of
 * known bytes, other people's programs. */
#ifndef TG_TESTS_UNIT_PIPELINE_BUNDLE_AID_H
#define TG_TESTS_UNIT_PIPELINE_BUNDLE_AID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/sv.h"

#define AID_MAX (64U << 20) /* bytes of a test buffer */

/* A new folder, and gone. */
char *aid_dir(void);
void aid_dir_free(char *dir);

/* "<dir>/<name>", valid until the eighth next call. */
const char *aid_path(const char *dir, const char *name);

/* The bytes and the file are there, or the test fails. */
void aid_write(const char *path, const void *p, size_t n);
void aid_slurp(struct tg_buf *out, const char *path);
int aid_memfd(const void *p, size_t n);
/* @n bytes that look like nothing, the same every time. */
void aid_fill(void *p, size_t n, uint32_t seed);

/* A tg_write_fn that appends to a struct tg_buf. */
int aid_take(void *ctx, const void *p, size_t n, struct tg_err *err);

/* Whether @program can be run; prints that the test is skipped when not. */
bool aid_have(const char *program, const char *test);
/*
 * Runs argv in @dir (or NULL) with stdin from @in and stdout to @out (paths or
 * NULL: /dev/null) and stderr dropped; the exit status, or 128 + the signal.
 */
int aid_run(
    const char *dir, const char *in, const char *out, const char *const *argv);
/* The same of "sh -c @script". */
int aid_sh(const char *dir, const char *out, const char *script);

/* Under a sanitizer everything is slower: test every @n-th case only. */
#if defined(__SANITIZE_ADDRESS__)
#define AID_STRIDE(n) (n)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AID_STRIDE(n) (n)
#endif
#endif
#ifndef AID_STRIDE
/* Under valgrind a sample does: every bit was tried without it. */
#define AID_STRIDE(n) \
	(getenv("TG_VALGRIND") != NULL ? (size_t)(n)*16 : (size_t)1)
#endif

#endif
