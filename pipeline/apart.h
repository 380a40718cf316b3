/* apart.h - whether one folder holds another. */
#ifndef TG_PIPELINE_APART_H
#define TG_PIPELINE_APART_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * tg_apart - *@out: neither folder is the other or in it, links followed.  Each
 * may be one that is yet to be made; one that then leads back ("x/../y") is
 * never apart.  TG_E_IO, TG_E_MEMORY.
 */
int tg_apart(bool *out, const char *a, const char *b, struct tg_err *err)
    TG_MUST_CHECK;

#endif
