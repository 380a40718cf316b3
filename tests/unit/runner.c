/*
 * runner.c - runs the suites of one folder.  Each *_test.c of a folder defines
 * its suite and names it in the folder's suites.c:
 *
 *	Suite *(*const tg_suites[])(void) = { span_suite, NULL };
 */
#include "tests/unit/runner.h"

#include <stdlib.h>

#include "base/banned.h"
#include "base/crypt.h"

int
main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	if (tg_crypt_init(NULL) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; tg_suites[i] != NULL; i++)
		srunner_add_suite(runner, tg_suites[i]());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	if (srunner_ntests_run(runner) == 0)
		failed = 1; /* nothing examined is never a pass */
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
