/* runner.h - what a folder of unit tests gives its runner. */
#ifndef TG_TESTS_UNIT_RUNNER_H
#define TG_TESTS_UNIT_RUNNER_H

#include <check.h>

extern Suite *(*const tg_suites[])(void);

#endif
