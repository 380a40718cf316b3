/*
 * unpack.h - members of a tar become files below a folder that is new: it is
 * filled beside its place and renamed when everything was right, so that a
 * volume with a defect leaves nothing.  Folders 0700, files 0600.
 */
#ifndef TG_PIPELINE_BUNDLE_UNPACK_H
#define TG_PIPELINE_BUNDLE_UNPACK_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

struct tg_unpack {
	char *dir;  /* where it will be; NULL: nothing is unpacked */
	char *part; /* where it is until then: "<dir>.partial" */
	char *file; /* the open file's path */
	int fd;	    /* or -1 */
};

/* tg_unpack_init - nothing yet; _abort is fine from here on. */
void tg_unpack_init(struct tg_unpack *u);
/* tg_unpack_begin - TG_E_NO when @dir is there already.  What an interrupted
 * run left in "<dir>.partial" is removed. */
int tg_unpack_begin(struct tg_unpack *u, const char *dir, struct tg_err *err)
    TG_MUST_CHECK;
/* @name is tg_name_ok (TG_E_BUG). */
int tg_unpack_member(struct tg_unpack *u, struct tg_sv name, struct tg_err *err)
    TG_MUST_CHECK;
int tg_unpack_data(struct tg_unpack *u, const void *p, size_t n,
    struct tg_err *err) TG_MUST_CHECK;
int tg_unpack_done(struct tg_unpack *u, struct tg_err *err) TG_MUST_CHECK;
int tg_unpack_commit(struct tg_unpack *u, struct tg_err *err) TG_MUST_CHECK;
/* tg_unpack_abort - removes what was written; after a commit it only frees. */
void tg_unpack_abort(struct tg_unpack *u);

#endif
