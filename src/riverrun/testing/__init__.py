"""For authors of steps: the laws that every step obeys, and what it takes to check them.

Laws, a ledger of what runs leave behind, a clock of virtual time, a listener that writes everything down, and a server
that replays recorded provider streams. Each name is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverrun.testing.clock import Clock
    from riverrun.testing.collect import Collector, Note
    from riverrun.testing.laws import (
        Outcome,
        Source,
        agrees,
        balances,
        batches,
        closes,
        ends,
        holds_back,
        is_linear,
        obeys,
        rechunks,
    )
    from riverrun.testing.ledger import Ledger
    from riverrun.testing.replay import Recording, ReplayServer, replay

_HOMES = {
    "clock": ("Clock",),
    "collect": ("Collector", "Note"),
    "laws": (
        "Outcome",
        "Source",
        "agrees",
        "balances",
        "batches",
        "closes",
        "ends",
        "holds_back",
        "is_linear",
        "obeys",
        "rechunks",
    ),
    "ledger": ("Ledger",),
    "replay": ("Recording", "ReplayServer", "replay"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Clock",
    "Collector",
    "Ledger",
    "Note",
    "Outcome",
    "Recording",
    "ReplayServer",
    "Source",
    "agrees",
    "balances",
    "batches",
    "closes",
    "ends",
    "holds_back",
    "is_linear",
    "obeys",
    "rechunks",
    "replay",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(f"riverrun.testing.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'riverrun.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
