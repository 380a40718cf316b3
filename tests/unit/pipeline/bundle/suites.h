/* suites.h - the suites of this folder, one a *_test.c. */
#ifndef TG_TESTS_UNIT_PIPELINE_BUNDLE_SUITES_H
#define TG_TESTS_UNIT_PIPELINE_BUNDLE_SUITES_H

#include <check.h>

Suite *bech32_suite(void);
Suite *hkdf_suite(void);
Suite *age_suite(void);
Suite *age_armor_suite(void);
Suite *age_defect_suite(void);
Suite *minisign_suite(void);
Suite *ustar_suite(void);
Suite *zstd_suite(void);
Suite *bag_suite(void);
Suite *seal_suite(void);
Suite *sums_suite(void);
Suite *verifytxt_suite(void);

#endif
