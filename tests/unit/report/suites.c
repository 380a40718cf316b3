#include "tests/unit/runner.h"

Suite *doc_suite(void);
Suite *evidence_suite(void);
Suite *answer_suite(void);
Suite *golden_suite(void);
Suite *judge_suite(void);
Suite *judge_gates_suite(void);
Suite *judge_links_suite(void);
Suite *parts_suite(void);
Suite *reasons_suite(void);
Suite *strings_suite(void);
Suite *typo_suite(void);

Suite *(*const tg_suites[])(void) = {doc_suite, evidence_suite, golden_suite,
    judge_suite, judge_gates_suite, judge_links_suite, reasons_suite,
    strings_suite, typo_suite, answer_suite, parts_suite, NULL};
