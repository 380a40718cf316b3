/* explain_why.h - a reason code with the line of the policy that gave it. */
#ifndef TG_REPORT_EXPLAIN_WHY_H
#define TG_REPORT_EXPLAIN_WHY_H

#include "base/attr.h"
#include "base/json.h"
#include "report/terms.h"

/*
 * tg_explain_why - sets "code", "words", "remedy", "rule" and "controls" of @o
 * (answer.h) by @decided (policies/decided.h; NULL: nothing is known of the
 * policy).  @type: of the finding that decided, or "".  0, or -1: memory.
 */
int tg_explain_why(struct tg_json *o, const struct tg_json *decided,
    const char *code, const char *type) TG_MUST_CHECK;

/* The leaf at @path with the file, line and layer that hold: a "rule"; NULL
 * when out of memory. */
struct tg_json *
tg_explain_rule(const struct tg_json *decided, const char *path) TG_MUST_CHECK;

#endif
