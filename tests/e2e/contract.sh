#!/bin/bash
# contract.sh - every verb and every word of it does what its help says: --json,
# --json=lines, --lang, words, options, examples, man page.
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
finish
