#include "tests/unit/runner.h"

Suite *trust_suite(void);
Suite *decision_suite(void);
Suite *decisions_state_suite(void);
Suite *exceptions_suite(void);
Suite *standing_suite(void);
Suite *review_suite(void);
Suite *holds_suite(void);
Suite *verify_suite(void);
Suite *stage_suite(void);
Suite *classes_suite(void);
Suite *quasi_suite(void);
Suite *operators_way_suite(void);
Suite *operators_all_suite(void);
Suite *views_suite(void);
Suite *mixed_suite(void);
Suite *tensors_suite(void);
Suite *inversion_suite(void);
Suite *span_modes_suite(void);
Suite *features_suite(void);
Suite *attested_suite(void);
Suite *beside_suite(void);
Suite *topk_suite(void);
Suite *sampled_suite(void);
Suite *topk_json_suite(void);
Suite *aggregate_suite(void);
Suite *aggregates_suite(void);
Suite *canary_suite(void);
Suite *stream_suite(void);
Suite *pieces_suite(void);
Suite *facts_suite(void);
Suite *apart_suite(void);
Suite *budget_suite(void);
Suite *dsp_suite(void);
Suite *pseudonym_suite(void);
Suite *linkage_suite(void);
Suite *replay_suite(void);
Suite *enforce_suite(void);
Suite *ahead_suite(void);

Suite *(*const tg_suites[])(void) = {trust_suite, decision_suite,
    decisions_state_suite, verify_suite, stage_suite, classes_suite,
    quasi_suite, operators_way_suite, operators_all_suite, views_suite,
    mixed_suite, tensors_suite, inversion_suite, span_modes_suite,
    features_suite, attested_suite, beside_suite, topk_suite, sampled_suite,
    canary_suite, stream_suite, pieces_suite, facts_suite, enforce_suite,
    replay_suite, aggregate_suite, aggregates_suite, exceptions_suite,
    holds_suite, review_suite, standing_suite, topk_json_suite, pseudonym_suite,
    linkage_suite, ahead_suite, apart_suite, budget_suite, dsp_suite, NULL};
