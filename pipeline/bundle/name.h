/*
 * name.h - names of files inside a bag and a bundle.  Few enough letters that
 * they mean the same to tar, BagIt, sha256sum, S3 and a shell.
 */
#ifndef TG_PIPELINE_BUNDLE_NAME_H
#define TG_PIPELINE_BUNDLE_NAME_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/sv.h"

#define TG_NAME_MAX 255 /* bytes: what ustar can hold, 100 + '/' + 155 - 1 */

/*
 * tg_name_ok - a relative path of 1 to TG_NAME_MAX bytes out of
 * [A-Za-z0-9._/-]; no empty, "." or ".." part; no part starts with '-' (GNU tar
 * and find take that for an option).
 */
bool tg_name_ok(struct tg_sv name) TG_MUST_CHECK;

#endif
