/* verify_priv.h - what verify.c and verify_bundle.c share. */
#ifndef TG_PIPELINE_VERIFY_PRIV_H
#define TG_PIPELINE_VERIFY_PRIV_H

#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "pipeline/verify.h"

#define TG_VERIFY_TEXT 512 /* bytes of a check's sentence */

struct tg_verify {
	const struct tg_verify_opts *opts;
	struct tg_verify_sum sum;
	const char *path;
	bool memory; /* out of memory somewhere: no verdict */
};

/* A check is done.  OK with nothing examined becomes not assessed. */
void tg_verify_say(struct tg_verify *v, const char *name,
    enum tg_verify_result result, uint64_t examined, const char *fmt, ...)
    TG_PRINTF(5, 6);
/* The same, failed, with the error's text. */
void tg_verify_bad(struct tg_verify *v, const char *name, uint64_t examined,
    const struct tg_err *err);

/* v->path/@name appended to @out; false with *@missing when there is none,
 * else with @err. */
bool tg_verify_slurp(struct tg_verify *v, struct tg_buf *out, const char *name,
    bool *missing, struct tg_err *err);
/* A document of v->path, canonical or the check fails: then NULL and *@err. */
struct tg_json *tg_verify_json(struct tg_verify *v, const char *name,
    struct tg_buf *bytes, bool *missing, struct tg_err *err);
/* v->path/@name in a new string; NULL: v->memory is set. */
char *tg_verify_join(struct tg_verify *v, const char *name);
/* @name with everything but printable ASCII replaced: names in a bundle come
 * from outside. */
void tg_verify_name(char *out, size_t cap, const char *name);

void tg_verify_bundle(struct tg_verify *v);

#endif
