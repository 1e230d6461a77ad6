"""What four times the work costs: counted where that can be, timed where it must be."""

import gc
import sys
import time
from collections.abc import Callable
from typing import Any

Work = Callable[[], Any]


def calls(work: Work) -> int:
    """How many calls, of Python and of C, `work` makes. The same each time."""
    count = 0

    def profile(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def seconds(work: Work) -> float:
    """Of this process alone, without the pauses of the collector, which depend on everything else that is alive."""
    best = float("inf")
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            start = time.process_time()
            work()
            best = min(best, time.process_time() - start)
    finally:
        gc.enable()
    return best


def assert_linear(make: Callable[[int], Work], size: int) -> None:
    """Four times the work makes at most 4.4 times the calls, and takes nowhere near the 16 times of a quadratic cost.

    Copies that C makes show in the time only. Time is no sharper test than that: the processor's caches, and whoever
    else uses it, may double it.
    """
    ratio = calls(make(4 * size)) / calls(make(size))
    assert ratio <= 4.4, f"4 times the work makes {ratio:.1f} times the calls"
    ratios = [seconds(make(4 * size)) / seconds(make(size)) for _ in range(3)]
    assert min(ratios) <= 8, f"4 times the work takes {min(ratios):.1f} times as long"
