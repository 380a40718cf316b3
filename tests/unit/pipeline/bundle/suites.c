#include "tests/unit/pipeline/bundle/suites.h"

#include "tests/unit/runner.h"

#include "base/banned.h"

Suite *(*const tg_suites[])(void) = {
    bech32_suite,
    hkdf_suite,
    age_suite,
    age_armor_suite,
    age_defect_suite,
    minisign_suite,
    ustar_suite,
    zstd_suite,
    bag_suite,
    seal_suite,
    sums_suite,
    verifytxt_suite,
    NULL,
};
