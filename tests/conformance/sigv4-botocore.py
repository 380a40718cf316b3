#!/usr/bin/python3
"""sigv4-botocore.py - our Signature Version 4 against botocore's.

Signs the same requests with both and compares the Authorization headers'
signed headers and signatures.  Needs Debian's python3-botocore (installed when
missing and we are root).  Ends with "N passed, N failed"; 77 when botocore
cannot be had.
"""
import datetime
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile
import types
from urllib.parse import quote, urlencode

HERE = os.path.dirname(os.path.abspath(__file__))
KEY, SECRET = "AKIDEXAMPLE", "SECRET/+x"

try:
    import botocore.auth
except ImportError:
    APT = ["apt-get", "-q", "-y", "--no-install-recommends"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
             "env": dict(os.environ, DEBIAN_FRONTEND="noninteractive")}
    get = APT + ["install", "python3-botocore"]
    done = os.geteuid() == 0 and (
        subprocess.run(get, **quiet).returncode == 0 or (
            subprocess.run(APT + ["update"], **quiet).returncode == 0 and
            subprocess.run(get, **quiet).returncode == 0))
    if not done:
        print("not assessed: python3-botocore is missing")
        sys.exit(77)
    import botocore.auth

from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def freeze(when):
    """botocore reads the clock itself; both of its ways are set."""
    class Frozen(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return when

        @classmethod
        def now(cls, tz=None):
            return when.replace(tzinfo=tz)

    if hasattr(botocore.auth, "get_current_datetime"):
        botocore.auth.get_current_datetime = lambda *_, **__: when
    else:
        botocore.auth.datetime = types.SimpleNamespace(datetime=Frozen)


def theirs(case):
    freeze(case["when"])
    url = f"http://{case['host']}{case['path']}"
    if case["query"]:
        url += "?" + urlencode(case["query"], quote_via=quote, safe="")
    request = AWSRequest(method=case["method"], url=url,
                         headers=dict(case["headers"]), data=case["body"])
    request.context["payload_signing_enabled"] = True
    botocore.auth.S3SigV4Auth(
        Credentials(KEY, SECRET, case["token"]), "s3",
        case["region"]).add_auth(request)
    return request.headers["Authorization"]


def ours(driver, case):
    digest = hashlib.sha256(case["body"]).hexdigest()
    headers = {"host": case["host"],
               "x-amz-date": case["when"].strftime("%Y%m%dT%H%M%SZ"),
               "x-amz-content-sha256": digest, **case["headers"]}
    if case["token"]:
        headers["x-amz-security-token"] = case["token"]
    seconds = int(case["when"].replace(
        tzinfo=datetime.timezone.utc).timestamp())
    words = [driver, "sign", case["method"], case["path"], case["region"],
             str(seconds), digest]
    words += [f"h:{name}\t{value}" for name, value in headers.items()]
    words += [f"q:{name}\t{value}" for name, value in case["query"]]
    return subprocess.run(
        words, check=True, capture_output=True, text=True,
        env={"AWS_ACCESS_KEY_ID": KEY,
             "AWS_SECRET_ACCESS_KEY": SECRET}).stdout.strip()


def parts(authorization):
    return re.search("Credential=([^, ]*), ?SignedHeaders=([^, ]*), ?"
                     "Signature=([0-9a-f]{64})", authorization).groups()


def make(method, key, query=(), headers=(), body=b"", token=None,
         host="127.0.0.1:18080", region="us-east-1",
         when=datetime.datetime(2026, 11, 24, 23, 59, 59)):
    return {"method": method, "path": quote(key, safe="/-._~"),
            "query": list(query), "headers": dict(headers), "body": body,
            "token": token, "host": host, "region": region, "when": when}


def cases():
    yield make("HEAD", "/bucket/tg-1/manifest.json")
    yield make("PUT", "/b/sp ace+\u00e9~()*!.._&=@:,;$x", body=b"hello",
               token="TOK/en+==")
    yield make("PUT", "/b/k", body=b"hello", headers={
        "x-amz-meta-foo": "1", "x-amz-meta-foo-bar": "2",
        "if-none-match": "*"})
    yield make("GET", "/b/k", query=[
        ("prefix", "a/b c"), ("list-type", "2"), ("uploads", "")])
    yield make("PUT", "/b/k", headers={
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "k/1"})
    yield make("PUT", "/b/k", headers={"x-amz-meta-a": "  two   spaces  "})
    yield make("PUT", "/b/%41%2f%zz")
    dice = random.Random(5)
    text = "abcXYZ019-._~ !*'()&=@:,;$+%#?\"<>\\^`{|}\u00e9\u4e16\U0001f6aa"
    for _ in range(120):
        key = "/bucket/" + "/".join(
            "".join(dice.choice(text) for _ in range(dice.randint(1, 9)))
            for _ in range(dice.randint(1, 4)))
        yield make(
            dice.choice(["HEAD", "GET", "PUT"]), key,
            query=[("".join(dice.choice(text) for _ in range(3)),
                    "".join(dice.choice(text) for _ in range(4)))
                   for _ in range(dice.randint(0, 3))],
            headers={"x-amz-meta-" + dice.choice("abc") * n: dice.choice(
                ["1", "a b", "x  y"]) for n in range(dice.randint(0, 4))
                if n},
            body=dice.randbytes(dice.randint(0, 50)),
            token=dice.choice([None, "T/+="]),
            region=dice.choice(["us-east-1", "eu-west-3", "auto"]),
            when=datetime.datetime(2026, 1, 1) + datetime.timedelta(
                seconds=dice.randint(0, 3 * 10**8)))


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        driver = os.path.join(folder, "s3_put")
        subprocess.run([os.path.join(HERE, "s3-driver.sh"), driver],
                       check=True)
        for case in cases():
            a, b = parts(theirs(case)), parts(ours(driver, case))
            if a == b:
                passed += 1
                continue
            failed += 1
            print(f"FAILED: {case}\n  botocore {a}\n  ours     {b}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


sys.exit(main())
