#!/bin/sh
# spell.sh - codespell over the English text (.codespellrc: words that are
# right).  French, dictionaries, test data and generated pages are left out.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"
need codespell

files '\.(c|h|def|md|yaml|sh|awk|txt|mk)$|^(Makefile|README.md|LICENSE)$' |
    grep -vE '(^|/)(names|data|golden|corpus|traces)/|(^|[._/])fr([._/]|$)|^LICENSE$|prompts_fr|\.def$' |
    grep -vE '^(report/|tests/unit/report/|regions/.*(wording|controls|identifiers)|policies/controls|redactors/rules/)' \
    >"$work/files" || :
xargs -r codespell --config "$root/.codespellrc" <"$work/files" >"$work/bad" 2>&1 || :
finish "$(wc -l <"$work/files")"
