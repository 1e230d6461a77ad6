"""The laws over every kind of step, in every mix of colours. LAWS=all closes each of them at many points, and takes minutes."""

import os

import pytest

from laws.catalogue import CASES, FAILING, UNEQUAL, Case, Trace
from riverrun.testing import laws

THOROUGH = os.environ.get("LAWS") == "all"

PLAIN = ("OwnAstream", "OwnAtransform", "OwnEverything", "OwnInvokeAndAtransform", "WithConfigHelpers")
"""Steps whose own async generators are called directly, so that Python, not riverrun, closes them after a `break`."""


def closing() -> list[Case]:
    cases = [case for case in (*CASES, *UNEQUAL) if not case.name.startswith(PLAIN)]
    return cases if THOROUGH else cases[::4]


@pytest.mark.parametrize("case", [*CASES, *FAILING], ids=lambda case: case.name)
def test_g09_every_mode_comes_to_the_same(case: Case) -> None:
    laws.agrees(case.step(), case.x, chunks=case.chunks)


@pytest.mark.parametrize("case", [*CASES, *FAILING], ids=lambda case: case.name)
def test_g09_a_batch_is_each_of_its_inputs(case: Case) -> None:
    laws.batches(case.step(), [case.x] * 3)


@pytest.mark.parametrize("case", [*CASES, *FAILING, *UNEQUAL], ids=lambda case: case.name)
def test_g14_events_balance_and_are_the_same_in_both_colours(case: Case) -> None:
    laws.balances(case.step(), case.x, chunks=case.chunks)


@pytest.mark.parametrize("case", closing(), ids=lambda case: case.name)
def test_g01_nothing_is_left_of_a_run_wherever_it_is_left(case: Case) -> None:
    trace = Trace()
    laws.closes(case.step(trace), case.x, chunks=case.chunks, after=trace.check, points=10 if THOROUGH else 1)


@pytest.mark.parametrize("limit", [1, 2])
@pytest.mark.parametrize("case", [c for c in CASES if "config" not in c.name], ids=lambda case: case.name)
def test_g24_a_limit_changes_no_value(case: Case, limit: int) -> None:
    step, config = case.step(), {"max_concurrency": limit}
    assert laws.ends(lambda: laws.agrees(step, case.x, chunks=case.chunks, config=config)) == laws.agrees(
        step, case.x, chunks=case.chunks
    )
