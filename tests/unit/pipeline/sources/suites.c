#include "tests/unit/pipeline/sources/suites.h"

#include "tests/unit/runner.h"

#include "base/banned.h"

Suite *(*const tg_suites[])(void) = {
    sniff_suite,
    frame_suite,
    codec_suite,
    reader_suite,
    safetensors_suite,
    npy_suite,
    vocab_suite,
    NULL,
};
