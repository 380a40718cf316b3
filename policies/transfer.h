/*
 * transfer.h - the gate's rules about where data go: destination, mechanism an
 * origin, its checks, the age of the assessment, the recipient, the target.
 */
#ifndef TG_POLICIES_TRANSFER_H
#define TG_POLICIES_TRANSFER_H

#include "policies/reason.h"

int tg_transfer_ask(struct tg_gate *g, struct tg_err *err) TG_MUST_CHECK;

#endif
