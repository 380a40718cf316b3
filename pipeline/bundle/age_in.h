/*
 * age_in.h - the bytes of an age file from a descriptor, the optional ASCII
 * armor (C2SP age.md, "ASCII armor": strict PEM, RFC 7468 figure 3) undone.
 */
#ifndef TG_PIPELINE_BUNDLE_AGE_IN_H
#define TG_PIPELINE_BUNDLE_AGE_IN_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct tg_age_in;

/* @fd is borrowed and read from where it stands.  TG_E_IO. */
int
tg_age_in_new(struct tg_age_in **out, int fd, struct tg_err *err) TG_MUST_CHECK;
void tg_age_in_free(struct tg_age_in *in);

/*
 * tg_age_in_read - up to @n bytes; *@got is less only at the end of the file.
 * TG_E_IO; TG_E_INTEGRITY when the armor is not exactly as the specification
 * writes it, white space before and after it excepted.
 */
int tg_age_in_read(struct tg_age_in *in, void *p, size_t n, size_t *got,
    struct tg_err *err) TG_MUST_CHECK;

#endif
