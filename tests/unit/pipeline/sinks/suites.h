/* suites.h - the suites of this folder. */
#ifndef TG_TESTS_UNIT_PIPELINE_SINKS_SUITES_H
#define TG_TESTS_UNIT_PIPELINE_SINKS_SUITES_H

#include <check.h>

Suite *uri_suite(void);
Suite *sigv4_suite(void);
Suite *retry_suite(void);
Suite *credentials_suite(void);
Suite *s3_answer_suite(void);
Suite *http_suite(void);
Suite *sink_suite(void);
Suite *sink_file_suite(void);
Suite *sink_s3_suite(void);
Suite *s3_call_suite(void);
Suite *s3_place_suite(void);

#endif
