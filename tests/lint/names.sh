#!/bin/sh
# names.sh - a file's name says what it is: lower_snake, and used once in the
# product; twice in the tests only where each folder has its own (suites,
# scratch, ...: below tests/unit a test is named after its file).
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

files '^(base|regions|policies|redactors|pipeline|report|cli|bench|tests)/.*\.[ch]$' >"$work/files"
: >"$work/bad"
sed 's|.*/||' "$work/files" | grep -vE '^[a-z][a-z0-9_]*\.[ch]$' |
    sed 's/$/: not lower_snake/' >>"$work/bad" || :
code '\.[ch]$' | sed 's|.*/||' | sort | uniq -d |
    sed 's/$/: a name used twice in the product/' >>"$work/bad"
grep '_test\.c$' "$work/files" | sed 's|.*/||' | sort | uniq -d |
    sed 's/$/: a name used twice in the tests/' >>"$work/bad"
finish "$(wc -l <"$work/files")"
