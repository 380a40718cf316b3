#include "tests/unit/runner.h"

Suite *attack_suite(void);
Suite *check_suite(void);
Suite *compile_suite(void);
Suite *control_suite(void);
Suite *exception_suite(void);
Suite *gate_suite(void);
Suite *hold_suite(void);
Suite *gate_table_suite(void);
Suite *honour_suite(void);
Suite *merge_suite(void);
Suite *message_suite(void);
Suite *operators_policy_suite(void);
Suite *activations_policy_suite(void);
Suite *property_suite(void);
Suite *schema_suite(void);
Suite *scope_suite(void);
Suite *seed_numbers_suite(void);
Suite *value_suite(void);

Suite *(*const tg_suites[])(void) = {schema_suite, value_suite, compile_suite,
    merge_suite, message_suite, control_suite, scope_suite, gate_suite,
    gate_table_suite, honour_suite, check_suite, exception_suite, hold_suite,
    operators_policy_suite, activations_policy_suite, seed_numbers_suite,
    property_suite, attack_suite, NULL};
