#!/usr/bin/env python3
"""terminal.py ANSWERS COMMAND... - runs COMMAND at a terminal of its own, types
ANSWERS (with \\n) and prints what is seen; exits as COMMAND does."""
import os
import pty
import sys


def main() -> int:
    answers = sys.argv[1].replace("\\n", "\n").encode()
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[2], sys.argv[2:])
    os.write(fd, answers + b"\x04")
    while True:
        try:
            seen = os.read(fd, 65536)
        except OSError:  # EIO: the other side is closed
            break
        if not seen:
            break
        sys.stdout.buffer.write(seen)
    sys.stdout.flush()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
