"""Settings that may stand in the environment."""

from __future__ import annotations

import os
from typing import Any

from riverrun._pure.exceptions import MissingKeyError

__all__ = ["env_var_is_set", "get_from_dict_or_env", "get_from_env"]


def env_var_is_set(env_var: str) -> bool:
    """Whether a variable of the environment says yes: it is there, and not empty, "0", "false" or "False"."""
    return os.environ.get(env_var, "") not in ("", "0", "false", "False")


def get_from_dict_or_env(
    data: dict[str, Any], key: str | list[str], env_key: str, default: str | None = None
) -> str:
    """The first of the keys that has a value in `data`, as text, else the variable `env_key`, else `default`.

    Raises:
        MissingKeyError: none of them has one. It is a ValueError.
    """
    keys = [key] if isinstance(key, str) else key
    for each in keys:
        if value := data.get(each):
            return str(value)
    return get_from_env(keys[0], env_key, default)


def get_from_env(key: str, env_key: str, default: str | None = None) -> str:
    """The variable `env_key` of the environment, or `default` if it is empty or not set.

    Raises:
        MissingKeyError: there is neither; the message names `key` as what could be passed. It is a ValueError.
    """
    value = os.environ.get(env_key) or default
    if value is None:
        raise MissingKeyError(f"{key} is needed: pass it, or set the environment variable {env_key}")
    return value
