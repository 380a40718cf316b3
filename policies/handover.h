/*
 * handover.h - the part of the gate about the hands that a bundle goes into:
 * the recipient's keys, and what the recipient has agreed to.
 */
#ifndef TG_POLICIES_HANDOVER_H
#define TG_POLICIES_HANDOVER_H

#include "policies/reason.h"

/* KEY-COUNT, KEY-AGE, KEY-CUSTODY, KEY-HOLDER, KEY-STORE, DPA-CLAUSE,
 * XFR-ONWARD.  What is not stated counts against the job. */
int tg_handover_ask(struct tg_gate *g, struct tg_err *err) TG_MUST_CHECK;

#endif
