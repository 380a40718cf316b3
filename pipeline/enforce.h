/*
 * enforce.h - what a gate that fails does to a run: /gates/enforcement, report
 * < warn < block (policy-and-evidence.md 4.2).
 *
 *   block   it stops the run
 *   warn    the run goes on; it is said while it runs, and in its documents
 *   report  the run goes on; it is in its documents
 *
 * Meant are the gates that measure how well the removal works on something that
 * does not leave: planted values (GATE-CANARY).  They are under /gates, have a
 * code of GATE-, and run this way only by the hand of their stage.  Whatever
 * the word, these stop a run: what was found in the packed output
 * (REC-RESIDUE), nothing examined (GATE-NOT-RUN), an error of detection, a
 * missing leaf, what the policy refuses of a job, more records in small groups
 * than it lets go, damage.  A gate that failed takes standing approvals away
 * and is a requirement that is not met, which every approver answers.
 */
#ifndef TG_PIPELINE_ENFORCE_H
#define TG_PIPELINE_ENFORCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "policies/policy.h"

#define TG_GATES_MAX 8

struct tg_gates {
	enum tg_enforcement {
		TG_ENFORCE_BLOCK,
		TG_ENFORCE_WARN,
		TG_ENFORCE_REPORT
	} how;
	/* Those that failed and did not stop the run: "CODE: what". */
	char failed[TG_GATES_MAX][TG_ERR_TEXT];
	size_t n;
};

/* TG_E_CONFIG: the leaf is missing. */
int tg_gates_ask(struct tg_gates *g, const struct tg_policy *p,
    struct tg_err *err) TG_MUST_CHECK;
/*
 * tg_gates_let - what came of a gate (@rc, @err) under the word of the policy:
 * 0 when it passed, or when its "no" (TG_E_NO with a code of GATE-) does not
 * block; then @err is cleared, and what it said is kept.  Any other failure
 * stays one.
 */
int tg_gates_let(struct tg_gates *g, int rc, struct tg_err *err) TG_MUST_CHECK;

/* "gates" of the manifest (run.h); NULL when out of memory. */
struct tg_json *tg_gates_json(const struct tg_gates *g) TG_MUST_CHECK;

#endif
