#!/bin/sh
# impure.sh - the clock, chance, the environment, the time zone and the locale
# come in through struct tg_env (base/env.c); nothing below cli/ asks for them,
# ends the program, or writes to the terminal.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

code '\.(c|h)$' | grep -v '^cli/' | grep -vx 'base/env\.c' >"$work/files"
# shellcheck disable=SC2046
awk -v table="$lint/impure.txt" '
BEGIN {
	n = split("time gettimeofday clock_gettime timespec_get clock getenv " \
	    "secure_getenv setenv putenv localtime localtime_r gmtime_r " \
	    "mktime strftime setlocale newlocale uselocale tzset getrandom " \
	    "getentropy rand rand_r random srand arc4random randombytes_buf " \
	    "gethostname uname getpwuid getlogin isatty exit _exit abort " \
	    "printf puts putchar perror dlopen fork execve execvp popen",
	    w, " ")
	for (i = 1; i <= n; i++)
		bad[w[i]] = 1
	while ((getline line < table) > 0) {
		if (line ~ /^#/ || line ~ /^ *$/)
			continue
		split(line, q, " ")
		pass[q[1] " " q[2]] = 1
	}
}
FNR == 1 { comment = 0 }
{
	s = $0
	gsub(/"([^"\\]|\\.)*"/, "\"\"", s)
	gsub(/\/\*[^*]*\*\//, "", s)
	if (comment) {
		if (s !~ /\*\//)
			next
		sub(/.*\*\//, "", s)
		comment = 0
	}
	if (s ~ /\/\*/) {
		sub(/\/\*.*/, "", s)
		comment = 1
	}
	# A call: a name, then "(", not a member.
	while (match(s, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		before = RSTART > 1 ? substr(s, RSTART - 1, 1) : ""
		word = substr(s, RSTART, RLENGTH - 1)
		gsub(/[ \t]/, "", word)
		if (word in bad && before != "." && before != ">" &&
		    !((FILENAME " " word) in pass))
			print FILENAME ":" FNR ": " word "()"
		s = substr(s, RSTART + RLENGTH)
	}
}' $(cat "$work/files") /dev/null >"$work/bad"
finish "$(wc -l <"$work/files")"
