#include "tests/unit/base/suites.h"

#include "tests/unit/runner.h"

#include "base/banned.h"

Suite *(*const tg_suites[])(void) = {
    err_suite,
    num_suite,
    binomial_suite,
    laplace_suite,
    buf_suite,
    arena_suite,
    enc_suite,
    cpus_suite,
    crew_suite,
    crypt_suite,
    digest_suite,
    env_suite,
    log_suite,
    fs_suite,
    sorter_suite,
    yaml_suite,
    json_suite,
    jblock_suite,
    jkeys_suite,
    jscan_suite,
    jedit_suite,
    jtext_suite,
    NULL,
};
