#!/bin/sh
# selftest.sh - each lint fails on a tree that breaks its rule, and says so.
# A check that cannot fail is none.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

n=0
: >"$work/bad"
t=$work/tree

# put FILE - stdin to a file of the small tree.
put()
{
	mkdir -p "$t/$(dirname "$1")"
	cat >"$t/$1"
}

# fresh - a small tree without a fault.
fresh()
{
	rm -rf "$t"
	mkdir -p "$t"
	cp "$root/.clang-format" "$t/"
	cp "$root/.codespellrc" "$t/"
	put base/banned.h <<-'X'
	/* banned.h */
	#ifndef TG_BASE_BANNED_H
	#define TG_BASE_BANNED_H

	#endif
	X
	put base/good.h <<-'X'
	/* good.h */
	#ifndef TG_BASE_GOOD_H
	#define TG_BASE_GOOD_H

	int tg_good(int n);

	#endif
	X
	printf '%s\n\n' '#include "base/good.h"' '#include "base/banned.h"' |
	    put base/good.c
	printf 'int\ntg_good(int n)\n{\n\treturn n + 1;\n}\n' >>"$t/base/good.c"
	put README.md <<-'X'
	See [the file](base/good.c).
	X
	put tests/good.sh <<-'X'
	#!/bin/sh
	echo good
	X
	put policies/base.yaml <<-'X'
	a: 1
	X
}

# breaks LINT PATTERN - the lint says PATTERN about the tree and fails.
breaks()
{
	n=$((n + 1))
	rc=0
	sh "$lint/$1.sh" "$t" >"$work/out" 2>&1 || rc=$?
	if [ $rc -eq 77 ]; then
		return
	fi
	if [ $rc -ne 1 ] || ! grep -q "$2" "$work/out"; then
		echo "$1.sh: exit $rc, does not say '$2':" \
		    "$(head -n 2 "$work/out" | tr '\n' ' ')" >>"$work/bad"
	fi
	fresh
}

fresh
for l in layers doors includes headers names size impure text shell spell \
    format links; do
	n=$((n + 1))
	rc=0
	sh "$lint/$l.sh" "$t" >"$work/out" 2>&1 || rc=$?
	case $rc in
	0 | 77) ;;
	*) echo "$l.sh: the tree without a fault:" \
	    "$(head -n 2 "$work/out" | tr '\n' ' ')" >>"$work/bad" ;;
	esac
done

echo '#include "redactors/rule.h"' | put base/up.c
breaks layers 'base/up.c:1: base may not include'
echo '#include "pipeline/record.h"' | put pipeline/sinks/sink_x.c
breaks layers 'may not include pipeline/record.h'
echo '#include "good.h"' | put base/flat.c
breaks layers 'not written from the root'
echo '#include "base/good.h"' | put extra/x.c
echo '#include "pipeline/record.h"' | put pipeline/bundle/x.h
breaks layers 'pipeline/bundle may not'

echo '#include <jansson.h>' | put policies/x.c
breaks doors 'jansson.h'
echo '#  include <curl/curl.h>' | put pipeline/sinks/sink_x.c
breaks doors 'curl/curl.h'

printf '#include "base/banned.h"\n#include <stdio.h>\n' | put base/last.c
breaks includes 'base/last.c: base/banned.h is not the last'
printf '#include <stdio.h>\n#include "base/good.h"\n#include "base/banned.h"\n' |
    put base/good.c
breaks includes 'base/good.h is not the first'

echo 'struct tg_x { size_t n; };' | put base/needy.h
breaks headers 'base/needy.h: does not compile alone'

cp "$t/base/good.c" "$work/copy"
put policies/good.c <"$work/copy"
breaks names 'good.c: a name used twice'
put base/Bad-Name.c <"$work/copy"
breaks names 'not lower_snake'

{
	printf '#include "base/banned.h"\n\nint\ntg_long(int n)\n{\n'
	yes '	n++;' | head -n 60
	printf '	return n;\n}\n'
} | put base/long.c
breaks size 'tg_long has 6[0-9] lines'
{
	printf '#include "base/banned.h"\n\nint\ntg_forks(int n)\n{\n'
	yes '	if (n > 3) n--;' | head -n 16
	printf '	return n;\n}\n'
} | put base/forks.c
breaks size 'tg_forks has complexity 17'
yes '' | head -n 601 | put base/high.h
breaks size '601 lines, at most 600'

printf 'int\ntg_now(void)\n{\n\treturn (int)time(0);\n}\n' | put pipeline/now.c
breaks impure 'pipeline/now.c:4: time()'
printf 'int\ntg_env(void)\n{\n\treturn getenv("X") != 0;\n}\n' | put report/e.c
breaks impure 'getenv()'
printf 'void\ntg_say(void)\n{\n\tprintf("x");\n}\n' | put redactors/say.c
breaks impure 'printf()'

printf 'a:\t1\n' | put regions/x.yaml
breaks text 'a tab in YAML'
printf 'no end' | put docs/x.md
breaks text 'no newline at the end'
printf 'blank \n' | put docs/x.md
breaks text 'blank or CR'
printf "see /ho%s/me/x\n" me | put docs/x.md
breaks text "somebody's machine"

# shellcheck disable=SC2016 # the fault
printf '#!/bin/sh\nrm -rf $1/x\n' | put tests/bad.sh
breaks shell 'SC2086'
printf 'This is t%s text.\n' eh | put docs/x.md
breaks spell 't''eh ==> the'
printf 'int   tg_x ;\n' | put base/ugly.h
breaks format 'base/ugly.h'
echo 'See [it](nowhere.md).' | put docs/x.md
breaks links 'link to nowhere.md'

mkdir -p "$t/pipeline/sources" "$t/pipeline/sinks" "$t/cli" "$t/redactors"
echo 'TG_SOURCE(none)' | put pipeline/sources/sources.def
breaks tables "row 'none' has no tg_source_none"
mkdir -p "$t/cli"
echo 'const struct tg_cmd tg_cmd_x = {' | put cli/cmd_x.c
echo 'TG_CMD(y)' | put cli/cmds.def
breaks tables 'tg_cmd_x has no row'
mkdir -p "$t/pipeline"
printf 'TG_STAGE(20, b)\nTG_STAGE(10, a)\n' | put pipeline/stages.def
breaks tables 'not in the order'
mkdir -p "$t/redactors/rules"
printf 'rules:\n  - id: x\n    type: NAMELESS\n' | put redactors/rules/x.yaml
breaks tables 'no name for the type NAMELESS'
mkdir -p "$t/policies"
echo 'CODE("DEC-NOBODY", "decode", "")' | put policies/codes.def
breaks tables 'nothing says DEC-NOBODY'
echo 'static const char *c = "DEC-NEW";' | put policies/x.c
breaks tables 'DEC-NEW is said and has no row'

if command -v gcc >/dev/null && command -v nm >/dev/null; then
	printf 'int loose;\nint loose;\n' | put base/loose.c
	mkdir -p "$t/out/base"
	gcc -c -o "$t/out/base/loose.o" "$t/base/loose.c"
	gcc -c -I"$t" -o "$t/out/base/good.o" "$t/base/good.c"
	export B=out
	breaks symbols 'base/loose.c: exports loose'
	unset B
fi

if command -v perl >/dev/null; then
	mkdir -p "$t/demo"
	cp "$root/demo/RESERVED.md" "$t/demo/"
	echo '{"a":"someone@gmail.com"}' | put demo/x.jsonl
	breaks demo 'EMAIL gmail.com is not in RESERVED.md'
	mkdir -p "$t/demo"
	cp "$root/demo/RESERVED.md" "$t/demo/"
	echo 'call 020 7946 1234' | put demo/x.txt
	breaks demo 'PHONE 020 7946 1234'
fi

mkdir -p "$t/docs/man" "$t/cli" "$t/out"
printf '#!/bin/sh\necho new page\n' | put out/tracegate
chmod +x "$t/out/tracegate"
echo 'TG_CMD(x)' | put cli/cmds.def
echo 'old page' | put docs/man/tracegate-x.1
export B=out
breaks man "not what 'tracegate help --man x' prints"
unset B
finish "$n"
