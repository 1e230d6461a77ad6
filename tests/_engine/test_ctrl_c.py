"""Ctrl-C ends a run as a stop does: a real signal, in a process of its own."""

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, signal, threading
from riverrun.runnables import RunnableLambda, RunnableParallel

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what runs in the background

def blocks(x):
    try:
        yield x
        print("waiting", flush=True)
        threading.Event().wait(30)
    finally:
        print("closed", flush=True)

async def waits(x):
    try:
        yield x
        print("waiting", flush=True)
        await asyncio.sleep(30)
    finally:
        print("closed", flush=True)

def stream(step):
    for chunk in step.stream(0):
        pass

async def astream(step):
    async for chunk in step.astream(0):
        pass

both = RunnableParallel(a=waits, b=waits)
try:
    {main}
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize(
    ("main", "branches"),
    [("stream(RunnableLambda(blocks) | str)", 1), ("stream(both)", 2), ("asyncio.run(astream(both))", 2)],
)
def test_g01_ctrl_c_closes_every_branch_before_it_arrives(main: str, branches: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-X", "dev", "-c", PROGRAM.format(main=main)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(branches)] == ["waiting\n"] * branches
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert out.splitlines() == [*["closed"] * branches, "interrupted"]
    assert (process.returncode, err) == (0, "")
