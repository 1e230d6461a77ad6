"""How user code that blocks hears that nobody waits for it any more."""

from __future__ import annotations

from collections.abc import Callable

from riverrun._backends.protocol import Backend
from riverrun._engine.run import current


def stop_requested() -> bool:
    """Whether the run that this code is part of has been told to stop. For loops that never call another step."""
    run = current.get()
    return run is not None and run.stop is not None and run.stop.told


def on_stop(wake: Callable[[], object]) -> Callable[[], None]:
    """Have `wake` called when the run that this code is part of is told to stop; at once if it was told already.

    For code that blocks where nothing can reach it: `wake` shuts the socket or sets the flag that it waits on. It may be
    called twice and from another thread. Returns a function that takes `wake` back; outside of any run it does nothing.
    """
    run = current.get()
    if run is None or run.stop is None:
        return lambda: None
    return run.stop.hook(wake)


async def pause(seconds: float, backend: Backend) -> None:
    """Let time pass in user code of this colour. Raises `Closed` when the run that it is part of is told to stop."""
    run = current.get()
    await backend.sleep(seconds, None if run is None else run.stop)
