/*
 * show.h - the effective policy for people and for programs.
 */
#ifndef TG_POLICIES_SHOW_H
#define TG_POLICIES_SHOW_H

#include "base/json.h"
#include "policies/policy.h"

/*
 * tg_policy_show_text - appends one line a leaf,
 *
 *	path  value  file:line  [source]
 *
 * in columns, under a line with the digest; leaves of one @SET with one value
 * are one line (".../mechanisms/{AT,BE,...}").  TG_E_LIMIT, TG_E_MEMORY.
 */
int tg_policy_show_text(struct tg_buf *out, const struct tg_policy *p,
    struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_policy_show_json - {"effective_sha256","files":[{"file","version",
 * "sha256"}],"leaves":[{"path","rule","value","file","line","source"}]},
 * values as in the canonical form.  The caller frees.  TG_E_MEMORY.
 */
int tg_policy_show_json(struct tg_json **out, const struct tg_policy *p,
    struct tg_err *err) TG_MUST_CHECK;

#endif
