"""Importing, formatting, counting, printing, validating and dumping never open a socket or look up a host."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "no_network.py"


def test_nothing_but_a_request_opens_a_socket() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM)], capture_output=True, text=True)
    assert done.stdout == "ended\n", done.stderr
    assert done.returncode == 0


def test_the_guard_sees_a_socket() -> None:
    done = subprocess.run([sys.executable, str(PROGRAM), "open"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "AssertionError: socket." in done.stderr
