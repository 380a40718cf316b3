#!/bin/bash
# contract.sh - every verb and every word of it does what its help says: --json,
# --json=lines, --lang, words, options, examples, man page.
# Called by name.
# shellcheck disable=SC2317
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need python3 python3

python3 "$here/contract.py" "$program" "$root" >cases 2>"$err"
same "every case was tried" "$?" 0
cat cases
passed=$((passed + $(grep -c '^ok ' cases)))
failed=$((failed + $(grep -c '^NOT OK ' cases)))
check "there are verbs" test "$(grep -c ': man page$' cases)" -ge 15
check "there are calls" grep -qE '^[1-9][0-9]{2,} calls$' cases
completes() { # WANTED WORD...
    bash -c '
        program=$1 wanted=$2
        tracegate() { "$program" "$@"; }
        . "$3"
        shift 3
        COMP_WORDS=(tracegate "$@") COMP_CWORD=$#
        _tracegate
        [ "${COMPREPLY[*]}" = "$wanted" ]' - "$program" "$1" \
        "$root/contrib/completions/tracegate.bash" "${@:2}"
}
check "the shell completes a verb" completes policy poli
check "a word of a verb" completes "schema show" policy s
check "an option" completes --fail-on policy diff --fa
finish
