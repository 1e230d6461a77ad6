"""Which name was meant."""

import pytest

from riverrun._pure.slips import meant

KEYS = ["tags", "metadata", "callbacks", "run_name", "max_concurrency", "configurable"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("tag", "tags"),
        ("tgas", "tags"),
        ("tegs", "tags"),
        ("tagss", "tags"),
        ("callback", "callbacks"),
        ("max_concurency", "max_concurrency"),
        ("maxconcurency", "max_concurrency"),
        ("run_nmae", "run_name"),
    ],
)
def test_a_slip_is_found(said: str, name: str) -> None:
    assert meant(said, KEYS) == name


@pytest.mark.parametrize(
    "said", ["", "t", "ta", "gats", "model", "session_id", "name", "concurrency", "x" * 1000]
)
def test_what_is_far_from_all_is_none(said: str) -> None:
    assert meant(said, KEYS) is None
    assert meant(said, []) is None
