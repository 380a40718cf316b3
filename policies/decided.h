/*
 * decided.h - what a run was decided by, kept with it: policies move on, and a
 * reason must still be read with the line that gave it.
 */
#ifndef TG_POLICIES_DECIDED_H
#define TG_POLICIES_DECIDED_H

#include "base/json.h"
#include "policies/policy.h"

#define TG_DECIDED_SCHEMA "tracegate.decided/1"

/*
 * tg_policy_decided - {"schema","effective_sha256",
 *  "leaves":{"<path>":{"value","file","line","source","said_by":[...]}},
 *  "reasons":[{"code","type","path","controls":["FR-17",...]}],
 *  "controls":{"<id>":{"source","duty_en","duty_fr","confirm"}}}
 *
 * A reason a code, and one a type whose findings drop the record; type "": of
 * any.  @class: the retention class of the job.  The caller frees.
 * TG_E_MEMORY.
 */
int tg_policy_decided(struct tg_json **out, const struct tg_policy *p,
    const char *class, struct tg_err *err) TG_MUST_CHECK;

#endif
