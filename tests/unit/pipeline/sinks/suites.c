#include "tests/unit/runner.h"

#include "tests/unit/pipeline/sinks/suites.h"

#include "base/banned.h"

Suite *(*const tg_suites[])(void) = {uri_suite, sigv4_suite, retry_suite,
    credentials_suite, s3_answer_suite, http_suite, sink_suite, sink_file_suite,
    sink_s3_suite, s3_call_suite, s3_place_suite, NULL};
