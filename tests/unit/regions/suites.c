#include "tests/unit/runner.h"

Suite *region_suite(void);
Suite *wording_suite(void);

Suite *(*const tg_suites[])(void) = {region_suite, wording_suite, NULL};
