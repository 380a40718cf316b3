/* orderly.h - a job that the UK policy allows, for the tests of the gate. */
#ifndef TG_TESTS_UNIT_POLICIES_ORDERLY_H
#define TG_TESTS_UNIT_POLICIES_ORDERLY_H

#include "policies/gate.h"

/* What a case leaves out is filled as an orderly job fills it. */
static const char *const all_fields[] = {"legal_name", "role", "country",
    "contact", "contract_ref", "contract_date", "ownership_50pct",
    "primary_residence", "end_use", "covered_person_screen_date"};

static const char *const all_clauses[] = {"no_reidentification_dpa2018_s171",
    "no_onward_without_approval", "delete_and_confirm", "no_reidentification",
    "no_onward_transfer", "ccpa_no_reidentification",
    "dsp_no_onward_to_country_of_concern"};

static const struct tg_policy_job orderly = {
    .purpose = "safety_research",
    .legal_basis = "A6-1-f",
    .assessment_ref = "LIA-2026-07",
    .audit_ref = "AUD-2026-03",
    .destination = "GB",
    .recipient_field = all_fields,
    .n_recipient_field = TG_COUNT(all_fields),
    .assessment_age_days = 30,
    .n_key = 1,
    .key_age_days = 30,
    .key_country = "GB",
    .key_holder = "recipient",
    .keys_apart = true,
    .expected_owner = "111122223333",
    .clause = all_clauses,
    .n_clause = TG_COUNT(all_clauses),
    .onward_transfer = "deny",
    .no_health_data = true,
};

#endif
