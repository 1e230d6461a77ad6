"""What a function asks for: of the model that calls it, of the program, and of the library."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import Field

from riverrun._engine.config import RunnableConfig
from riverrun._pure.signature import Signature, target_of
from riverrun.utils._docstring import Docstring
from riverrun.utils.pydantic import described_model, is_pydantic_v1_subclass, v1

FILTERED_ARGS = ("run_manager", "callbacks")
"""The parameters that are called so are the library's to fill in."""


class InjectedToolArg:
    """Marks a parameter of a tool that the program fills in: `Annotated[dict, InjectedToolArg]`. No model is told of it."""


class InjectedToolCallId(InjectedToolArg):
    """Marks the parameter of a tool that gets the id of the call it answers."""


InjectedToolArg.__module__ = InjectedToolCallId.__module__ = "riverrun.tools.base"  # where they are public


class Parameters:
    """The parameters of a function, by who fills them in."""

    __slots__ = ("call_ids", "config", "filled", "injected", "managers", "positional")

    def __init__(self, fn: Callable[..., Any], facts: Signature | None = None) -> None:
        """
        Raises:
            NameError: an annotation names something that isn't there.
        """
        parameters = (facts or Signature(fn)).parameters
        hints = annotations_of(fn)
        self.filled: dict[str, tuple[Any, Any]] = {}
        """Name, type and default (`...` for none) of those that a caller fills in."""
        self.injected: frozenset[str] = frozenset()
        """Of these, those that no model is told of."""
        self.call_ids: tuple[str, ...] = ()
        """Of these, those that get the id of the call."""
        self.config: str | None = None
        self.managers: tuple[str, ...] = ()
        self.positional: tuple[str, ...] = ()
        for name, parameter in parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            if parameter.kind is parameter.POSITIONAL_ONLY:
                self.positional += (name,)
            annotation = hints.get(name, parameter.annotation)
            if annotation is parameter.empty:
                annotation = Any
            if name in FILTERED_ARGS:
                self.managers += (name,)
            elif is_config(annotation):
                self.config = self.config or name
            else:
                self.filled[name] = (
                    annotation,
                    ... if parameter.default is parameter.empty else parameter.default,
                )
                if is_marked(annotation, InjectedToolArg):
                    self.injected |= {name}
                if is_marked(annotation, InjectedToolCallId):
                    self.call_ids += (name,)


def annotations_of(fn: Callable[..., Any]) -> Mapping[str, Any]:
    """The annotations of a function, evaluated; nothing for a class, whose signature holds them."""
    target = target_of(fn)
    if inspect.isclass(target):
        return {}
    try:
        return get_type_hints(target, include_extras=True)
    except TypeError:  # a builtin
        return {}
    except NameError as error:
        error.add_note(f"in the annotations of {getattr(target, '__qualname__', target)!r}")
        raise


def is_config(annotation: Any) -> bool:
    """Whether a parameter of this type is to get the config of the run."""
    return annotation is RunnableConfig or any(each is RunnableConfig for each in get_args(annotation))


def is_marked(annotation: Any, marker: type) -> bool:
    """Whether a type, or one that it is a union of, is `Annotated` with a marker of this class, or with its class."""
    given = getattr(annotation, "__metadata__", ())
    if any(issubclass(each if isinstance(each, type) else type(each), marker) for each in given):
        return True
    if given or get_origin(annotation) in (Union, UnionType):
        return any(is_marked(each, marker) for each in get_args(annotation))
    return False


def said_of(annotation: Any) -> str | None:
    """The description that a type is `Annotated` with: the first string, or what the first `Field` that has one says."""
    told = (
        each if isinstance(each, str) else getattr(each, "description", None)
        for each in getattr(annotation, "__metadata__", ())
    )
    return next(filter(None, told), None)


def doc_of(fn: Callable[..., Any]) -> str | None:
    """The docstring of a function, inside partials; of an object with `__call__` that of its class, or of the method."""
    while isinstance(fn, partial):
        fn = fn.func
    return getattr(fn, "__doc__", None) or getattr(target_of(fn), "__doc__", None)


def describe(
    fn: Callable[..., Any], parameters: Parameters, *, parse_docstring: bool, strictly: bool
) -> tuple[str | None, dict[str, str]]:
    """What is said of a function, and of its arguments by their names.

    Raises:
        ValueError: `strictly`, and the docstring is missing, says nothing of the arguments, or speaks of one that isn't there.
    """
    text = doc_of(fn)
    said = {
        name: told for name, (annotation, _) in parameters.filled.items() if (told := said_of(annotation))
    }
    if not parse_docstring:
        return text, said
    docstring = Docstring(text)
    if strictly:
        _check(docstring, fn, parameters)
    return docstring.description, {**said, **docstring.arguments}


def _check(docstring: Docstring, fn: Callable[..., Any], parameters: Parameters) -> None:
    name = getattr(fn, "__name__", repr(fn))
    if not docstring.description:
        raise ValueError(
            f"function {name!r} has no docstring in Google's style that its arguments could be read of"
        )
    told = parameters.filled.keys() - parameters.injected
    if told and not docstring.has_arguments:
        raise ValueError(f"the docstring of function {name!r} has no section 'Args:' in Google's style")
    known = Signature(fn).parameters
    for argument in docstring.arguments:
        if argument not in known:
            raise ValueError(
                f"the docstring of function {name!r} describes an argument {argument!r}, which is none of its arguments: "
                f"{', '.join(known) or 'it has none'}"
            )


def create_schema_from_function(
    model_name: str,
    func: Callable[..., Any],
    *,
    filter_args: Sequence[str] | None = None,
    parse_docstring: bool = False,
    error_on_invalid_docstring: bool = False,
    include_injected: bool = True,
) -> Any:
    """What a function's caller fills in, as a pydantic model: types and defaults, and what is said of each argument.

    Not among it are `*args` and `**kwargs`, and what the library fills in: the config, `run_manager`, `callbacks`. An
    argument is described by a string it is `Annotated` with, by pydantic's `Field`, or by the docstring.

    Args:
        model_name: the name of the model.
        func: the function; also a method, a class, a partial, an object with `__call__`.
        filter_args: arguments to leave out.
        parse_docstring: whether to read descriptions of the arguments in a docstring in Google's style.
        error_on_invalid_docstring: whether a docstring that can't be read so is an error.
        include_injected: whether what is marked with `InjectedToolArg` is part of the model.

    Raises:
        ValueError: the docstring can't be read, and that is an error.
        NameError: an annotation names something that isn't there.
    """
    parameters = Parameters(func)
    description, said = describe(
        func, parameters, parse_docstring=parse_docstring, strictly=error_on_invalid_docstring
    )
    left_out = {*(filter_args or ()), *(() if include_injected else parameters.injected), *_self_of(func)}
    fields: dict[str, Any] = {}
    for name, (annotation, default) in parameters.filled.items():
        if name not in left_out:
            if name in said:
                annotation = Annotated[annotation, Field(description=said[name])]
            fields[name] = annotation, default
    if any(is_pydantic_v1_subclass(annotation) for annotation, _ in fields.values()):
        return v1("create_model")(model_name, **fields)
    return described_model(model_name, fields, inspect.cleandoc(description) if description else None)


def _self_of(fn: Callable[..., Any]) -> tuple[str, ...]:
    """`self`, where `fn` is a method taken from its class."""
    inside = getattr(fn, "__qualname__", "").rpartition(".")[0]
    if not inspect.isfunction(fn) or not inside or inside.endswith("<locals>"):
        return ()
    first = next(iter(fn.__code__.co_varnames), "")
    return (first,) if first in ("self", "cls") else ()
