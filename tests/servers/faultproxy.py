#!/usr/bin/python3
"""faultproxy.py UPSTREAM-PORT RATE SEED [PEM] - an HTTP proxy in front of a
server that spoils a share RATE of the requests, the same ones for the same
SEED; with PEM (key and certificate) it speaks TLS to the client:

    503        SlowDown with Retry-After, nothing passed on
    rst_mid    connection reset in the middle of the body
    lost_ack   passed on; the answer is lost
    500_after  passed on; 500 instead of the answer
    trunc      the answer cut in half
    corrupt    one bit of the body flipped on its way

Prints its port; on SIGTERM a line of counts.  Standard library only.
"""
import collections
import http.client
import http.server
import os
import random
import signal
import socket
import ssl
import struct
import sys
import threading

UPSTREAM, RATE, SEED = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
FAULTS = ["503", "rst_mid", "lost_ack", "500_after", "trunc", "corrupt"]
dice = random.Random(SEED)
counts = collections.Counter()
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reset(self):
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def error(self, status, code, **headers):
        body = f"<Error><Code>{code}</Code></Error>".encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def choose(self):
        with lock:
            hit = dice.random() < RATE
            fault = dice.choice(FAULTS) if hit else "ok"
            counts[fault] += 1
        return fault

    def forward(self, body):
        up = http.client.HTTPConnection("127.0.0.1", UPSTREAM, timeout=60)
        up.putrequest(self.command, self.path, skip_host=True,
                      skip_accept_encoding=True)
        for name, value in self.headers.items():
            up.putheader(name, value)
        up.endheaders(body)
        reply = up.getresponse()
        data = reply.read()
        up.close()
        return reply, data

    def answer(self, reply, data, cut):
        self.send_response_only(reply.status)
        skip = {"transfer-encoding", "connection"}
        if self.command != "HEAD":
            skip.add("content-length")
        for name, value in reply.getheaders():
            if name.lower() not in skip:
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if cut:
            self.wfile.write(data[:len(data) // 2])
            self.wfile.flush()
            self.reset()
        elif self.command != "HEAD":
            self.wfile.write(data)

    def handle_any(self):
        size = int(self.headers.get("content-length") or 0)
        fault = self.choose()
        if fault == "rst_mid":
            self.rfile.read(size // 2)
            return self.reset()
        body = self.rfile.read(size)
        if fault == "503":
            return self.error(503, "SlowDown", Retry_After="0")
        if fault == "corrupt" and size:
            body = bytearray(body)
            body[size // 2] ^= 1
            body = bytes(body)
        reply, data = self.forward(body)
        if fault == "lost_ack":
            return self.reset()
        if fault == "500_after":
            return self.error(500, "InternalError")
        return self.answer(reply, data, fault == "trunc")

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any

    def log_message(self, *args):
        pass


def stop(*_):
    print(dict(sorted(counts.items())), flush=True)
    os._exit(0)


signal.signal(signal.SIGTERM, stop)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 4:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[4])
    server.socket = tls.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
