#include "tests/unit/runner.h"

#include <stddef.h>

#include "base/banned.h"

Suite *marks_suite(void);
Suite *validator_suite(void);
Suite *disguise_suite(void);
Suite *scan_suite(void);
Suite *differential_suite(void);
Suite *loader_suite(void);
Suite *dict_suite(void);
Suite *person_suite(void);
Suite *resolve_suite(void);
Suite *operators_suite(void);
Suite *coarser_suite(void);
Suite *explain_suite(void);
Suite *lint_suite(void);
Suite *made_suite(void);
Suite *hostile_suite(void);
Suite *metamorphic_suite(void);
Suite *beginning_suite(void);
Suite *around_suite(void);
Suite *digits_suite(void);
Suite *language_suite(void);

Suite *(*const tg_suites[])(void) = {marks_suite, validator_suite, loader_suite,
    disguise_suite, scan_suite, dict_suite, person_suite, resolve_suite,
    operators_suite, coarser_suite, explain_suite, lint_suite, made_suite,
    hostile_suite, metamorphic_suite, beginning_suite, around_suite,
    digits_suite, language_suite, differential_suite, NULL};
