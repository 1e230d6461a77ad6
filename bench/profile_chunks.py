#!/usr/bin/env python3
"""How many calls one chunk costs on its way through prompt | model | parser, and which.

usage: profile_chunks.py [ROOT] [--top 25]

ROOT is the import root of the package that this interpreter has: riverrun (the default), langchain_core, or
bare for plain Python. A call is what `sys.setprofile` reports: a Python function entered, a generator or coroutine
resumed, a C function called. Counts, unlike times, are the same on every machine, so that a change can be judged
by two of them. What a chain costs once is left out: 1,000 chunks are the difference of a run of 2,000 and one of 1,000.
"""

import argparse
import asyncio
import collections
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from cases import BARE, OURS, PEER, Bare, Package, acount, count

CHUNKS = 1000


def calls_during(work: Callable[[], Any]) -> Counter[str]:
    """The calls made while `work` runs, in this thread and in those that it starts, by place and name."""
    counts: Counter[Any] = collections.Counter()

    def observe(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            counts[frame.f_code] += 1
        elif event == "c_call":
            counts[argument.__qualname__] += 1

    threading.setprofile(observe)
    sys.setprofile(observe)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)

    named: Counter[str] = collections.Counter()
    for called, n in counts.items():
        named[called if isinstance(called, str) else place(called)] += n
    return named


def place(code: Any) -> str:
    return f"{'/'.join(Path(code.co_filename).parts[-2:])}:{code.co_firstlineno} {code.co_qualname}"


def per_chunk(work: Callable[[int], Any]) -> dict[str, float]:
    """Calls for each chunk beyond the first thousand; `work` streams as many chunks as it is told to."""
    work(10)  # what is found out once per process
    short, long = calls_during(lambda: work(CHUNKS)), calls_during(lambda: work(2 * CHUNKS))
    growth = {name: (n - short[name]) / CHUNKS for name, n in long.items()}
    return {name: n for name, n in sorted(growth.items(), key=lambda item: -item[1]) if n >= 0.01}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", default=OURS, choices=[OURS, PEER, BARE])
    parser.add_argument("--top", type=int, default=25, help="how many functions to list (25)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    package = Bare() if options.root == BARE else Package(options.root)
    chains = {n: package.chain(n) for n in (10, CHUNKS, 2 * CHUNKS)}

    colours: dict[str, Callable[[int], Any]] = {
        "stream": lambda n: count(chains[n].stream({"x": "a"})),
        "astream": lambda n: asyncio.run(acount(chains[n].astream({"x": "a"}))),
    }
    for name, work in colours.items():
        calls = per_chunk(work)
        print(f"{options.root} {name}: {sum(calls.values()):.2f} calls per chunk")
        for called, n in list(calls.items())[: options.top]:
            print(f"{n:10.2f}  {called}")
        print()


if __name__ == "__main__":
    main()
