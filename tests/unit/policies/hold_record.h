/* hold_record.h - a record of a legal hold, as the tests change it
 * (record_text). */
#ifndef TG_TESTS_UNIT_POLICIES_HOLD_RECORD_H
#define TG_TESTS_UNIT_POLICIES_HOLD_RECORD_H

#include "tests/unit/policies/exception_text.h"

static const char hold_record[] =
    "schema: tracegate.hold/1\n"
    "id: HOLD-1\n"
    "holder: \"Legal department\"\n"
    "case_reference: \"HC-2026-000123\"\n"
    "requested_by: r.asker\n"
    "reason: \"A claim about an answer of the service.\"\n"
    "scope:\n"
    "  origins: [FR, GB]\n"
    "  captured: {from: \"2026-11-01\", until: \"2026-11-20\"}\n"
    "placed_on: \"2026-11-24\"\n"
    "review_by: \"2027-02-22\"\n";

#endif
