"""Settings of the whole process."""

from __future__ import annotations

from riverrun.caches import BaseCache

__all__ = ["get_debug", "get_llm_cache", "get_verbose", "set_debug", "set_llm_cache", "set_verbose"]


class _Settings:
    """What is set."""

    verbose = False
    debug = False
    llm_cache: BaseCache | None = None


def set_verbose(value: bool) -> None:
    """Whether models are made with `verbose=True` that don't say."""
    _Settings.verbose = value


def get_verbose() -> bool:
    """What `set_verbose` has set; False at first."""
    return _Settings.verbose


def set_debug(value: bool) -> None:
    """Whether tracing may report everything."""
    _Settings.debug = value


def get_debug() -> bool:
    """What `set_debug` has set; False at first."""
    return _Settings.debug


def set_llm_cache(value: BaseCache | None) -> None:
    """The cache of all models that don't say `cache=` themselves; None for none."""
    _Settings.llm_cache = value


def get_llm_cache() -> BaseCache | None:
    """What `set_llm_cache` has set; None at first."""
    return _Settings.llm_cache
