#!/bin/bash
# residency.sh - a server that says it is elsewhere, or nothing, gets nothing.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need jq jq
need python3 python3

# A server on loopback that answers GET /?location alone, with the region in
# the file "region" (none there: 403), and ?versioning with the file
# "versions"; it notes each request and whose the bucket must be.
cat >server.py <<'END'
import http.server
import os

class Server(http.server.BaseHTTPRequestHandler):
    def any(self):
        with open("requests", "a") as f:
            f.write(self.command + " " + self.path + "\n")
        with open("owners", "a") as f:
            f.write(str(self.headers["x-amz-expected-bucket-owner"]) + "\n")
        body, status = b"", 403
        if self.path.endswith("?location") and os.path.exists("region"):
            with open("region") as f:
                body = ("<LocationConstraint>%s</LocationConstraint>"
                        % f.read().strip()).encode()
            status = 200
        if self.path.endswith("?versioning") and os.path.exists("versions"):
            with open("versions", "rb") as f:
                body = f.read()
            status = 200
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = any

    def log_message(self, *args):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Server)
with open("port.new", "w") as f:
    f.write(str(server.server_port))
os.rename("port.new", "port")
server.serve_forever()
END
python3 server.py &
server=$!
trap 'kill "$server"' EXIT
until [ -e port ]; do kill -0 "$server" || exit 2; done
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=demo

site away
small_traces traces
job GB traces
python3 - "$(cat "$work/port")" <<'END'
import re, sys
text = open("tracegate.yaml").read()
text = re.sub(r"(?ms)^target:.*?(?=^\S)", 'target: {url: "s3://tg-bucket/uk", expected_owner: "111122223333", '
              'endpoint: "http://127.0.0.1:%s", region: eu-west-2}\n' % sys.argv[1],
              text + "\nend")
open("tracegate.yaml", "w").write(text[:text.rindex("\nend")] + "\n")
END
sed -i 's/expected_owner: "[0-9]*", //' tracegate.yaml
exits 3 "a server's job names whose the bucket is" tg run --date 2026-11-24
says "or is told to" 'TGT-OWNER: .*target.expected_owner'
sed -i 's|target: {|&expected_owner: "111122223333", |' tracegate.yaml
exits 3 "a server's job names where it is" tg run --date 2026-11-24
says "or is told to" 'target.residency is missing'
sed -i 's/region: eu-west-2/residency: GB, &/' tracegate.yaml
check "with it the run goes through" run_job
check "the evidence says that the server is asked" grep -q 'the server is asked before' \
    "$(find "$(bundle_dir latest)" -name evidence.en.html)"
approve_all latest
exits 10 "a server that does not answer the question" tg upload
says "is sent nothing" 'nothing was sent.*verify_residency'
echo eu-west-3 >"$work/region"
exits 1 "a server in another region than the job names" tg upload
says "is sent nothing either" 'TGT-RESIDENCY-MISMATCH: the target is in region eu-west-3 \(country not known\), the job declares GB'
same "it saw questions alone" "$(sort -u "$work/requests")" 'GET /tg-bucket?location'
same "no intent was recorded" "$(ledger_types | grep -c export.intent)" 0
echo eu-west-2 >"$work/region"
exits 10 "a server that does not say whether it keeps versions" tg upload
says "is sent nothing" 'TGT-VERSIONING: nothing was sent'
echo '<VersioningConfiguration><Status>Maybe</Status></VersioningConfiguration>' \
    >"$work/versions"
exits 3 "nor one that says what nobody knows" tg upload
says "which has its code" 'TGT-VERSIONING'
same "no object was asked for" "$(grep -c '/uk/' "$work/requests")" 0
echo '<VersioningConfiguration/>' >"$work/versions"
run tg upload
same "each request said whose the bucket must be" "$(sort -u "$work/owners")" \
    111122223333
check "where it should be it is sent to" grep -q '^HEAD /tg-bucket/uk/' "$work/requests"
finish
