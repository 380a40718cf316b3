#!/bin/sh
# tables.sh - the .def tables are what the tree holds: each source, sink, verb
# and stage has its row and its file.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

: >"$work/bad"
n=0

# rows TABLE MACRO - the first arguments, one a line.
rows()
{
	sed -nE "s/^$2\\(([a-z0-9_]+)[,)].*/\\1/p" "$1" | sort
}

# both WHAT TABLE MACRO FILES-SED FOLDER-REGEX: rows against objects defined.
both()
{
	table=$1 macro=$2 object=$3 where=$4
	[ -f "$table" ] || {
		echo "$table: missing" >>"$work/bad"
		return
	}
	rows "$table" "$macro" >"$work/rows"
	files "$where" | while IFS= read -r f; do
		sed -nE "s/^(const )?struct [a-z_]+ ${object}_([a-z0-9_]+) = *\\{?.*/\\2/p" "$f"
	done | sort >"$work/have"
	comm -23 "$work/rows" "$work/have" |
	    sed "s|.*|$table: row '&' has no ${object}_& in a file|" >>"$work/bad"
	comm -13 "$work/rows" "$work/have" |
	    sed "s|.*|$table: ${object}_& has no row|" >>"$work/bad"
	n=$((n + $(wc -l <"$work/rows")))
}

both pipeline/sources/sources.def TG_SOURCE tg_source '^pipeline/sources/source_.*\.c$'
both pipeline/sinks/sinks.def TG_SINK tg_sink '^pipeline/sinks/sink_.*\.c$'
both cli/cmds.def TG_CMD tg_cmd '^cli/cmd_.*\.c$'

# Stages: a file sNN_name.c for each row in ascending order; s70 and s80 work
# on the packed output and have no row.
sed -nE 's/^TG_STAGE\(([0-9]+), ([a-z_]+)\).*/pipeline\/s\1_\2.c/p' \
    pipeline/stages.def >"$work/rows" 2>>"$work/bad" || :
files '^pipeline/s[0-9]+_.*\.c$' |
    grep -vE '/s(70_recheck|80_pack)\.c$' >"$work/have" || :
sort -c "$work/rows" 2>/dev/null ||
    echo "pipeline/stages.def: not in the order of the numbers" >>"$work/bad"
sort "$work/rows" | comm -23 - "$work/have" |
    sed 's|.*|pipeline/stages.def: no file &|' >>"$work/bad"
sort "$work/rows" | comm -13 - "$work/have" |
    sed 's|.*|pipeline/stages.def: & has no row|' >>"$work/bad"
n=$((n + $(wc -l <"$work/rows")))

# Validators: a function for each row, a row for each function.
rows redactors/validators.def TG_VALIDATOR >"$work/rows" 2>>"$work/bad"
files '^redactors/validate_.*\.c$' | while IFS= read -r f; do
	sed -nE 's/^tg_validator_([a-z0-9_]+)\($/\1/p; s/^tg_validator_([a-z0-9_]+)\(const char \*p.*/\1/p' "$f"
done | sort >"$work/have"
comm -23 "$work/rows" "$work/have" |
    sed 's|.*|redactors/validators.def: no tg_validator_&|' >>"$work/bad"
n=$((n + $(wc -l <"$work/rows")))

# Types: each that a rule finds has its name in both languages.
files '^(redactors/rules/.*|regions/[a-z]+/identifiers)\.yaml$' |
    xargs -r sed -nE 's/^ +type: ([A-Z_]+).*/\1/p' | sort -u >"$work/have"
sed -nE 's/^TERM\(TYPE, "([A-Z_]+)",.*/\1/p' report/terms.def 2>>"$work/bad" |
    sort >"$work/rows"
comm -13 "$work/rows" "$work/have" |
    sed 's|.*|report/terms.def: no name for the type &|' >>"$work/bad"
n=$((n + $(wc -l <"$work/have")))

# Reason codes: what the code says is in the table, and nothing else.
family='(ACT|ANO|APR|BUD|DEC|DPA|DSP|E|EVI|EXC|FLD|GATE|KEY|LAT|LEG|LIM|NOT|PUR|REC|RED|REF|RET|REVIEW|SMP|TGT|XFR)'
files '^(policies|pipeline)/.*\.c$' |
    xargs -r grep -hoE "[\" ]$family-[A-Z]+(-[A-Z]+)*[\":]" |
    sed 's/^.//; s/.$//' | sort -u >"$work/have"
sed -nE 's/^CODE\("([A-Z-]+)",.*/\1/p' policies/codes.def 2>>"$work/bad" |
    sort >"$work/rows"
comm -23 "$work/rows" "$work/have" |
    sed 's|.*|policies/codes.def: nothing says &|' >>"$work/bad"
comm -13 "$work/rows" "$work/have" |
    sed 's|.*|policies/codes.def: & is said and has no row|' >>"$work/bad"
n=$((n + $(wc -l <"$work/have")))
finish "$n"
