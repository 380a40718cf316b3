/* standing_priv.h - what the files of standing approvals share; not for
 * others. */
#ifndef TG_PIPELINE_STANDING_PRIV_H
#define TG_PIPELINE_STANDING_PRIV_H

#include "pipeline/standing.h"

#define TG_STANDING_FOLDER "standing"

/* One standing approval of a folder, told to a function. */
struct tg_standing_found {
	const char *dir, *name, *sha256;
	const struct tg_json *doc;
	struct tg_sv bytes;
};
typedef int (*tg_standing_tell)(
    void *ctx, const struct tg_standing_found *f, struct tg_err *err);

/* All of an origin, by file; what is no standing approval is passed over. */
int tg_standing_each(const struct tg_standing_ask *ask, const char *origin,
    tg_standing_tell fn, void *ctx, struct tg_err *err) TG_MUST_CHECK;

#endif
