/* suites.h - the suites of base/, one a file. */
#ifndef TG_TESTS_UNIT_BASE_SUITES_H
#define TG_TESTS_UNIT_BASE_SUITES_H

#include <check.h>

Suite *arena_suite(void);
Suite *binomial_suite(void);
Suite *buf_suite(void);
Suite *cpus_suite(void);
Suite *crew_suite(void);
Suite *crypt_suite(void);
Suite *digest_suite(void);
Suite *enc_suite(void);
Suite *env_suite(void);
Suite *err_suite(void);
Suite *fs_suite(void);
Suite *jblock_suite(void);
Suite *jedit_suite(void);
Suite *jkeys_suite(void);
Suite *jscan_suite(void);
Suite *jtext_suite(void);
Suite *json_suite(void);
Suite *laplace_suite(void);
Suite *log_suite(void);
Suite *num_suite(void);
Suite *sorter_suite(void);
Suite *yaml_suite(void);

/* A new empty folder under TMPDIR (or /tmp), made durable nowhere; the caller
 * gives it to test_folder_remove, or removes and frees it. */
char *test_folder(void);
/* The folder with all that is in it is gone (asserted); frees the name. */
void test_folder_remove(char *path);

#endif
