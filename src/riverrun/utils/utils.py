"""Helpers for classes that wrap other packages: their settings, secrets and versions."""

from __future__ import annotations

import datetime
import functools
import os
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

from pydantic import SecretStr

from riverrun._pure.exceptions import MissingExtraError, MissingKeyError
from riverrun.messages._ids import LC_AUTO_PREFIX, LC_ID_PREFIX, ensure_id

__all__ = [
    "LC_AUTO_PREFIX",
    "LC_ID_PREFIX",
    "build_extra_kwargs",
    "check_package_version",
    "convert_to_secret_str",
    "ensure_id",
    "from_env",
    "get_pydantic_field_names",
    "guard_import",
    "mock_now",
    "raise_for_status_with_text",
    "secret_from_env",
    "xor_args",
]

_REQUIRED: Any = object()


# ------------------------------------------------------------------------------------------------------- settings


def from_env(
    key: str | Sequence[str], /, *, default: str | None = _REQUIRED, error_message: str | None = None
) -> Callable[[], Any]:
    """A default factory for a field: the value of an environment variable, of several the first that is set.

    Args:
        key: the name of the variable, or several.
        default: what a field has where none is set; without it that is an error.
        error_message: what the error says.

    Raises:
        MissingKeyError: none is set, raised when the factory is called. It is a ValueError.
    """
    names = [key] if isinstance(key, str) else list(key)

    def value() -> str | None:
        for name in names:
            if name in os.environ:
                return os.environ[name]
        if default is None or isinstance(default, str):
            return default
        raise MissingKeyError(
            error_message
            or f"a value is needed: pass it, or set the environment variable {' or '.join(names)}"
        )

    return value


def secret_from_env(
    key: str | Sequence[str], /, *, default: str | None = _REQUIRED, error_message: str | None = None
) -> Callable[[], Any]:
    """`from_env`, for a secret: the factory gives a pydantic SecretStr, or None."""
    value = from_env(key, default=default, error_message=error_message)

    def secret() -> SecretStr | None:
        text = value()
        return None if text is None else SecretStr(text)

    return secret


def convert_to_secret_str(value: SecretStr | str) -> SecretStr:
    """`value` as a secret that no repr shows."""
    return value if isinstance(value, SecretStr) else SecretStr(value)


def get_pydantic_field_names(pydantic_cls: Any) -> set[str]:
    """The names of a pydantic model's fields, and their aliases."""
    fields = pydantic_cls.model_fields
    return {*fields, *(field.alias for field in fields.values() if field.alias)}


def build_extra_kwargs(
    extra_kwargs: dict[str, Any], values: dict[str, Any], all_required_field_names: set[str]
) -> dict[str, Any]:
    """`extra_kwargs`, to which those of `values` are moved that are no field, each with a warning.

    Raises:
        ValueError: a name is in both, or a field stands among the extra ones.
    """
    for name in [name for name in values if name not in all_required_field_names]:
        if name in extra_kwargs:
            raise ValueError(f"{name!r} is given twice: by itself and among the extra arguments")
        warnings.warn(f"{name!r} is no field, and is passed on as an extra argument", stacklevel=2)
        extra_kwargs[name] = values.pop(name)
    if misplaced := sorted(all_required_field_names.intersection(extra_kwargs)):
        raise ValueError(f"{misplaced} are fields: give them by themselves, not among the extra arguments")
    return extra_kwargs


def xor_args(*arg_groups: tuple[str, ...]) -> Callable[..., Any]:
    """A decorator for methods, which of each group of keyword arguments want exactly one that is not None.

    Raises:
        ValueError: a call gives none of a group, or several.
    """

    def decorator(func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def checked(*args: Any, **kwargs: Any) -> Any:
            for group in arg_groups:
                given = [name for name in group if kwargs.get(name) is not None]
                if len(given) != 1:
                    raise ValueError(
                        f"exactly one of {', '.join(group)} is to be given, not {given or 'none'}"
                    )
            return func(*args, **kwargs)

        return checked

    return decorator


# ------------------------------------------------------------------------------------------------- other packages


def guard_import(module_name: str, *, pip_name: str | None = None, package: str | None = None) -> ModuleType:
    """The module of this name, imported.

    Raises:
        MissingExtraError: it can't be imported; the message says what to install. It is an ImportError.
    """
    try:
        return import_module(module_name, package)
    except ImportError as error:
        name = pip_name or module_name.partition(".")[0].replace("_", "-") or package
        raise MissingExtraError(
            f"{module_name} can't be imported ({error}): install it with `pip install {name}`"
        ) from error


def check_package_version(
    package: str,
    lt_version: str | None = None,
    lte_version: str | None = None,
    gt_version: str | None = None,
    gte_version: str | None = None,
) -> None:
    """Check that an installed package is older or newer than it may be; versions compare as PEP 440 says.

    Raises:
        ValueError: it is not.
        PackageNotFoundError: it is not installed. It is an ImportError.
    """
    installed = version(package)
    is_held = {
        "<": lambda own, other: own < other,
        "<=": lambda own, other: own <= other,
        ">": lambda own, other: own > other,
        ">=": lambda own, other: own >= other,
    }
    for sign, other in (("<", lt_version), ("<=", lte_version), (">", gt_version), (">=", gte_version)):
        if other is not None and not is_held[sign](_rank(installed), _rank(other)):
            raise ValueError(f"{package} is installed in version {installed}, and {sign} {other} is needed")


_PHASES = {"dev": 0, "a": 1, "b": 2, "rc": 3, "": 4, "post": 5}


def _rank(text: str) -> tuple[list[int], int, int]:
    """What versions compare by: the numbers of the release, the phase before or after it, and its number."""
    match = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)[-_.]?(dev|a|b|rc|post)?[-_.]?(\d*)", text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no version")
    release = [int(part) for part in match[1].split(".")]
    while release and not release[-1]:
        release.pop()
    return release, _PHASES[match[2] or ""], int(match[3] or 0) if match[2] else 0


def raise_for_status_with_text(response: Any) -> None:
    """Raise what `response.raise_for_status()` raises, saying what the server said. For responses of requests and httpx.

    Raises:
        ValueError: the server's text, caused by the client's own error.
    """
    try:
        response.raise_for_status()
    except Exception as error:  # each client has a class of its own, and all are passed on as the cause
        raise ValueError(response.text) from error


@contextmanager
def mock_now(dt_value: datetime.datetime) -> Iterator[type]:
    """Let `datetime.datetime.now()` be `dt_value`, for tests, in code that looks the class up in its module."""

    class MockDateTime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return cls.combine(dt_value.date(), dt_value.timetz())

    real = datetime.datetime
    datetime.datetime = MockDateTime  # type: ignore[misc]  # that is the point of it
    try:
        yield MockDateTime
    finally:
        datetime.datetime = real  # type: ignore[misc]
