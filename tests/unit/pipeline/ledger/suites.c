#include "tests/unit/runner.h"

Suite *note_suite(void);
Suite *tree_suite(void);
Suite *tile_suite(void);
Suite *ledger_suite(void);
Suite *damage_suite(void);
Suite *proof_suite(void);
Suite *receipt_suite(void);

Suite *(*const tg_suites[])(void) = {note_suite, tree_suite, tile_suite,
    ledger_suite, damage_suite, proof_suite, receipt_suite, NULL};
