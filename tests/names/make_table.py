"""Writes the table of the peer's public names and signatures, the oracle of `test_names.py`, to standard output.

Run once by an interpreter that has langchain-core (`bench/peer_env` makes one):

    .venv-peer/bin/python tests/names/make_table.py > tests/names/peer.json
"""

import importlib
import inspect
import json
import pkgutil
import sys
import warnings
from enum import Enum
from typing import Any, ParamSpec, TypeVar

import langchain_core
from langchain_core.load import Serializable
from langchain_core.runnables import Runnable, RunnableSerializable

PACKAGES = [
    "caches",
    "callbacks",
    "chat_history",
    "document_loaders",
    "documents",
    "embeddings",
    "example_selectors",
    "exceptions",
    "globals",
    "indexing",
    "language_models",
    "load",
    "messages",
    "output_parsers",
    "outputs",
    "prompt_values",
    "prompts",
    "rate_limiters",
    "retrievers",
    "runnables",
    "stores",
    "tools",
    "tracers",
    "utils",
    "vectorstores",
]
COMMON = (Runnable, RunnableSerializable, Serializable)
PLAIN = (type(None), bool, int, float, str, tuple, list, dict)


def parameters(signature: inspect.Signature) -> list[str]:
    """The parameters as they are written, but without types: a default that is no plain value is `...`."""
    said: list[str] = []
    previous = None
    for parameter in signature.parameters.values():
        kind = parameter.kind
        if previous is parameter.POSITIONAL_ONLY and kind is not previous:
            said.append("/")
        if kind is parameter.KEYWORD_ONLY and previous not in (kind, parameter.VAR_POSITIONAL):
            said.append("*")
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(kind, "")
        default = parameter.default
        shown = repr(default) if type(default) in PLAIN else "..."
        said.append(f"{stars}{parameter.name}" + ("" if default is parameter.empty else f"={shown}"))
        previous = kind
    return said


def signature_of(value: Any) -> list[str] | None:
    try:
        return parameters(inspect.signature(value))
    except (TypeError, ValueError):
        return None


def methods_of(cls: type) -> dict[str, Any]:
    """The public methods that the peer itself defines, with their parameters; what is no method has none.

    What every runnable has stands at `Runnable` alone, and so on; pydantic's validators are no methods.
    """
    found: dict[str, Any] = {}
    common = {name for base in COMMON if cls is not base and issubclass(cls, base) for name in dir(base)}
    common |= validators_of(cls)
    for owner in cls.__mro__:
        if not owner.__module__.startswith("langchain_core"):
            continue
        for name, value in vars(owner).items():
            if name.startswith(("_", "model_")) or name in found or name in common or name == "Config":
                continue
            if isinstance(value, classmethod | staticmethod):
                found[name] = signature_of(getattr(cls, name))
            elif inspect.isfunction(value):
                found[name] = signature_of(value)
            elif isinstance(value, property):
                found[name] = None
    return dict(sorted(found.items()))


def validators_of(cls: Any) -> set[str]:
    decorators = getattr(cls, "__pydantic_decorators__", None)
    if decorators is None:
        return set()
    return {
        *decorators.validators,
        *decorators.field_validators,
        *decorators.root_validators,
        *decorators.model_validators,
    }


def entry(value: Any, module: str, paths: list[str]) -> dict[str, Any]:
    home = getattr(value, "__module__", "").removeprefix("langchain_core.")
    if home != module and home in paths and (inspect.isclass(value) or inspect.isroutine(value)):
        return {"from": home}
    if inspect.isclass(value) and issubclass(value, Enum):
        return {}  # what calls one takes differs from one Python to another
    if inspect.isclass(value):
        typed_dict = hasattr(value, "__total__")
        if typed_dict:
            return {"keys": sorted(value.__annotations__)}
        runnable = {"runnable": True} if issubclass(value, Runnable) else {}
        return {"parameters": signature_of(value), **runnable, "methods": methods_of(value)}
    if inspect.isroutine(value):
        return {"parameters": signature_of(value)}
    return {}


def modules() -> list[str]:
    names = []
    for package in PACKAGES:
        module = importlib.import_module(f"langchain_core.{package}")
        names.append(package)
        for found in pkgutil.iter_modules(getattr(module, "__path__", [])):
            if not found.name.startswith("_"):
                names.append(f"{package}.{found.name}")
    return names


def names_in(path: str, paths: list[str]) -> dict[str, Any]:
    """What a package exports, or what a module without a list of exports defines."""
    module = importlib.import_module(f"langchain_core.{path}")
    exported = getattr(module, "__all__", None)
    if exported is None:
        of_package = getattr(
            importlib.import_module(f"langchain_core.{path.partition('.')[0]}"), "__all__", ()
        )
        exported = [name for name, value in vars(module).items() if defines(module, name, value, of_package)]
    return {name: entry(getattr(module, name), path, paths) for name in sorted(exported)}


def defines(module: Any, name: str, value: Any, of_package: Any) -> bool:
    if (
        name.startswith("_")
        or not name.isidentifier()
        or inspect.ismodule(value)
        or isinstance(value, TypeVar | ParamSpec)
    ):
        return False
    if inspect.isclass(value) or inspect.isroutine(value):
        return value.__module__ == module.__name__
    return name in of_package and not hasattr(value, "__module__")  # an alias or a constant


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    table: dict[str, Any] = {"langchain_core": langchain_core.__version__}
    paths = modules()
    for path in paths:
        try:
            table[path] = names_in(path, paths)
        except ImportError as error:  # one that needs a package which is not installed
            print(f"{path}: {error}", file=sys.stderr)
    # A line for each name: readable, and small in a diff.
    lines = [f'"langchain_core": {json.dumps(table.pop("langchain_core"))}']
    for path, names in table.items():
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(said)}" for name, said in names.items())
        lines.append(f"{json.dumps(path)}: {{\n{rows}\n}}" if rows else f"{json.dumps(path)}: {{}}")
    print("{\n" + ",\n".join(lines) + "\n}")
