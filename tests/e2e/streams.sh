#!/bin/bash
# streams.sh - a stream of deltas, one a line: no piece of it leaves, each verb says
# so, and the commands of docs/FORMATS.md ("Streams") join it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq

chunk='{"id":"%s","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}\n'
# shellcheck disable=SC2059 # a format
{
    printf "$chunk" c1 'write to priya.raman@exam' null
    printf "$chunk" c2 'another one' '"stop"'
    printf "$chunk" c1 'ple.org, please' '"stop"'
    printf '{"id":"c3","object":"text_completion","choices":[{"text":"%s","finish_reason":%s}]}\n' \
        'priya.raman@exam' null 'ple.org' '"stop"'
} >chunks.jsonl
cat >events.jsonl <<'END'
{"type":"message_start","message":{"id":"msg_1","content":[]}}
{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"priya.raman@exam"}}
{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ple.org"}}
{"type":"message_delta","delta":{"stop_reason":"end_turn"}}
END
cat >answer.jsonl <<'END'
{"model":"m","created_at":"2026-01-02T03:04:05Z","response":"priya.raman@exam","done":false}
{"model":"m","created_at":"2026-01-02T03:04:06Z","response":"ple.org","done":true}
END

says_why() { # NAME
    cp "$err" why
    check "$1 and says why" grep -q DEC-STREAM why
}

for f in chunks events answer; do
    exits 7 "$f: redact leaves the pieces out" tg redact $f.jsonl
    cp "$out" left
    says_why "$f: redact leaves them out"
    check "$f: nothing of the value is left" \
        sh -c "! grep -E 'priya|ple.org' left"
    exits 7 "$f: scan too" tg scan $f.jsonl
    says_why "$f: scan leaves them out"
    command=$(grep -E "^    jq .* $f.jsonl\$" "$root/docs/FORMATS.md")
    exits 0 "$f: joined by the command of the page" sh -c "$command"
    cp "$out" $f.joined
    exits 0 "$f: joined it leaves" tg redact $f.joined
    cp "$out" left
    check "$f: without the value" \
        sh -c "grep -q '\[EMAIL\]' left && ! grep -E 'priya|ple.org' left"
done
finish
