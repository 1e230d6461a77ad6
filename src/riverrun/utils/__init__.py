"""Helpers that programs use beside steps: settings, strings, iterators, JSON. Each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverrun.utils.aiter import abatch_iterate
    from riverrun.utils.env import get_from_dict_or_env, get_from_env
    from riverrun.utils.formatting import StrictFormatter, formatter
    from riverrun.utils.input import get_bolded_text, get_color_mapping, get_colored_text, print_text
    from riverrun.utils.iter import batch_iterate
    from riverrun.utils.pydantic import pre_init
    from riverrun.utils.strings import comma_list, sanitize_for_postgres, stringify_dict, stringify_value
    from riverrun.utils.utils import (
        build_extra_kwargs,
        check_package_version,
        convert_to_secret_str,
        from_env,
        get_pydantic_field_names,
        guard_import,
        mock_now,
        raise_for_status_with_text,
        secret_from_env,
        xor_args,
    )

_HOMES = {
    "aiter": "abatch_iterate",
    "env": "get_from_dict_or_env get_from_env",
    "formatting": "StrictFormatter formatter",
    "input": "get_bolded_text get_color_mapping get_colored_text print_text",
    "iter": "batch_iterate",
    "pydantic": "pre_init",
    "strings": "comma_list sanitize_for_postgres stringify_dict stringify_value",
    "utils": "build_extra_kwargs check_package_version convert_to_secret_str from_env get_pydantic_field_names "
    "guard_import mock_now raise_for_status_with_text secret_from_env xor_args",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "StrictFormatter",
    "abatch_iterate",
    "batch_iterate",
    "build_extra_kwargs",
    "check_package_version",
    "comma_list",
    "convert_to_secret_str",
    "formatter",
    "from_env",
    "get_bolded_text",
    "get_color_mapping",
    "get_colored_text",
    "get_from_dict_or_env",
    "get_from_env",
    "get_pydantic_field_names",
    "guard_import",
    "mock_now",
    "pre_init",
    "print_text",
    "raise_for_status_with_text",
    "sanitize_for_postgres",
    "secret_from_env",
    "stringify_dict",
    "stringify_value",
    "xor_args",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(f"riverrun.utils.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
