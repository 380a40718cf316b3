#!/bin/bash
# threads.sh - -j of redact and scan: whatever the number of threads, the same
# bytes, the same words and the same exit status, for every format; also with a
# record in the middle that is left out, that an engine limit ends, that stops
# everything, and where no thread can be made.  (run: determinism.sh)
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need "${CC:-gcc}" gcc

# Every format that there is, in files of one format each.
mkdir -p in/golden
cp -r "$root/demo/traces" in/demo
for f in "$root"/tests/golden/*/*.in.json*; do
    cp "$f" "in/golden/$(basename "$(dirname "$f")")-$(basename "$f")"
done

# Some hundred lines; in the middle one that is no JSON, one whose tokens are
# none, and one that takes a rule of our own beyond its limit.
cat >heavy.yaml <<'END'
version: 1
pack: heavy
rules:
  - id: heavy.a
    type: HEAVY
    category: direct_identifier
    pattern: '(?:a{1,60}){1,60}(?:a{1,60}){1,60}b'
    boundary: none
    score: {base: 90}
    examples:
      match: ['[[aab]]', '[[aaab]]']
      no_match: ['x', 'y']
END
awk 'BEGIN {
    for (i = 0; i < 400; i++) {
        if (i == 200) {
            print "{\"text\" \"no JSON\"}"
            print "{\"text\":\"left out\",\"tokens\":[1,2]}"
            a = "a"
            while (length(a) < 198)
                a = a "a"
            print "{\"text\":\"" a "cb\"}"
        }
        printf "{\"id\":\"t-%d\",\"text\":\"%d: mail imogen%d@example.org, then " \
            "Imogen Barrett on +44 20 7946 0%03d and again imogen@example.org\"}\n",
            i / 2, i, i % 7, i % 1000
    }
}' >in/lines.jsonl

project() { # FILE DETECTORS
    printf 'schema: tracegate.policy/1\nid: numbers\nversion: 1\nlayer: project\nredaction:\n  detectors:\n%s\n' \
        "$2" >"$1"
}
for scope in file run; do
    project "$scope.yaml" "    PERSON: {operator: number, number_scope: $scope}
    PHONE:  {operator: number, number_scope: $scope}
    EMAIL:  {operator: number, number_scope: $scope}"
done
project block.yaml "    IBAN: {operator: block_run}"
seed_file key.raw 3c
base64 -w0 key.raw >key && chmod 600 key

# alike NAME STATUS NUMBERS ARGS... - for each number of threads what one
# gives.  What is said of the number itself is left out.
alike() {
    local name=$1 want=$2 numbers=$3 j got one=
    shift 3
    for j in 1 $numbers; do
        run tg "$1" -j "$j" "${@:2}"
        got="exit $status
$(sed '/fewer threads, because/d' "$err")
$(sha256sum <"$out") $(wc -c <"$out")"
        [ "$j" = 1 ] && one=$got && continue
        same "$name, -j $j" "$got" "$one"
    done
    same "$name: as expected" "$status" "$want"
}

alike "redact, every format" 7 "2 3 8" redact in
same "something came out" "$([ "$(wc -c <"$out")" -gt 100000 ] && echo yes)" yes
alike "redact, a record beyond a limit in the middle" 7 "2 8" \
    redact --region uk --pack heavy.yaml in/lines.jsonl
says "it was the engine" 'record 203 .*\(RED-ENGINE-ERROR\)'
says "and two others" 'record 201 .*\(DEC-JSON\)'
same "all others are there" "$(wc -l <"$out")" 400
for scope in file run; do
    alike "redact, numbers of a $scope" 7 3 \
        redact --region uk -p "$scope.yaml" in/lines.jsonl
done
run tg redact -j 3 --region uk -p file.yaml in/lines.jsonl
says "numbers of a file: why one thread" '^-j 3: fewer threads, because numbers of a file'
same "they are of the file" "$(grep -o '\[EMAIL_[0-9]*\]' "$out" | sort -u | wc -l)" 8
alike "redact, pseudonyms of a key; --explain" 7 3 \
    redact --explain --pseudonym-key key in/lines.jsonl
{
    head -n 250 in/lines.jsonl
    echo '{"text":"to GB82 WEST 1234 5698 7654 32"}'
    tail -n 100 in/lines.jsonl
} >block.jsonl
alike "redact, the policy stops it in the middle" 1 3 \
    redact --region uk -p block.yaml block.jsonl
same "what went before has gone" "$(wc -l <"$out")" 248
alike "redact, lines of text" 0 2 \
    redact --format text --lines "$root/SECURITY.md"
for format in text json=lines sarif; do
    alike "scan --output $format" 1 "2 8" \
        scan --context --output "$format" in/demo in/lines.jsonl
done

# No thread can be made.
cat >none.c <<'END'
#include <errno.h>
int pthread_create(void *a, void *b, void *c, void *d);
int
pthread_create(void *a, void *b, void *c, void *d)
{
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return EAGAIN;
}
END
quietly "${CC:-gcc}" -shared -fPIC -o none.so none.c
tg redact in/lines.jsonl >one 2>"$err"
exits 7 "no thread can be made" env LD_PRELOAD="$work/none.so" \
    "$program" redact -j 4 in/lines.jsonl
says "it is said" '^-j 4: fewer threads, because the system makes no more$'
same "the same comes out" "$(sha256sum <"$out")" "$(sha256sum <one)"

for n in -1 65 x; do
    exits 2 "-j '$n' is refused" tg scan -j "$n" in/lines.jsonl
done
exits 1 "-j 0: as many as there are processors" tg scan -j 0 in/lines.jsonl
exits 1 "--threads" tg scan --threads=2 in/lines.jsonl
finish
