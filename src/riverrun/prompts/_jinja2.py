"""jinja2 templates, for those who ask for them: sandboxed, with no way into the values but dict keys and list indexes.

A jinja2 template is a program, so it should come from you. This keeps one from reading what it wasn't given, from calling
what it was given, and from the cheapest ways to eat memory; it can't keep it from looping.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import contextmanager
from types import MethodType
from typing import Any

from riverrun._pure.exceptions import MissingExtraError, TemplateError
from riverrun._pure.template import MAX_WIDTH

MAX_PRODUCT = 1_000_000
"""How long a text or list may be that `*` repeats, and what `replace` puts into a text."""

_WIDE = ("batch", "center", "indent", "join", "slice", "tojson", "wordwrap")
"""Filters that make as much as a number or a text beside the value asks for."""


class JinjaTemplate:
    """A jinja2 template, compiled once. Copies and pickles carry the source only and are compiled, and refused, anew.

    Raises:
        MissingExtraError: jinja2 is not installed.
        TemplateError: the template can't be compiled.
    """

    __slots__ = ("_compiled", "fields", "source")

    source: str
    fields: tuple[str, ...]
    """The names that the template doesn't define itself, sorted."""

    def __init__(self, source: str) -> None:
        environment = _environment()
        from jinja2.meta import find_undeclared_variables

        with _refusals():
            try:
                self.fields = tuple(sorted(find_undeclared_variables(environment.parse(source))))
                self._compiled = environment.from_string(source)
            except (RecursionError, SyntaxError):  # Python's own limits, on nested blocks for one
                raise TemplateError("the jinja2 template nests too deep") from None
        self.source = source

    def format(self, values: Mapping[str, Any], /) -> str:
        """The text with these values; a name without one is empty.

        Raises:
            TemplateError: the template reaches for what it may not, or asks for too much.
        """
        with _refusals():
            try:
                text: str = self._compiled.render(dict(values))
            except (TypeError, ValueError) as error:  # of an operator, or out of a value's own method
                error.add_note("in a jinja2 template")
                raise
            return text

    def __eq__(self, other: object) -> bool:
        return self.source == other.source if isinstance(other, JinjaTemplate) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.source)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.source,)

    def __repr__(self) -> str:
        return f"JinjaTemplate({self.source!r})"


@contextmanager
def _refusals() -> Iterator[None]:
    """Give jinja2's own errors as ours, and those of a template that asks for too much."""
    from jinja2 import TemplateError as JinjaError

    try:
        yield
    except (JinjaError, ArithmeticError, MemoryError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        where = f" in line {line}" if line else ""
        fault = str(error) or type(error).__name__
        raise TemplateError(f"the jinja2 template is refused{where}: {fault}") from None


@functools.cache
def _environment() -> Any:
    try:
        from jinja2 import FunctionLoader
        from jinja2.exceptions import SecurityError
        from jinja2.runtime import LoopContext, Macro, Undefined
        from jinja2.sandbox import SandboxedEnvironment
        from jinja2.utils import Cycler, Joiner, Namespace
    except ImportError:
        raise MissingExtraError(
            "jinja2 templates need the package jinja2: pip install 'riverrun[jinja2]'"
        ) from None

    own = (LoopContext, Macro, Undefined, Namespace, Cycler, Joiner)

    class Environment(SandboxedEnvironment):
        """Where templates see dicts, lists, texts and numbers, and of jinja2's own things (`loop`) what the sandbox allows."""

        intercepted_binops = frozenset(("*", "**", "%"))

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, own):
                return super().getattr(obj, attribute)
            if isinstance(obj, Mapping) and (attribute in obj or not hasattr(obj, attribute)):
                return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
            raise SecurityError(
                f"{attribute!r} of {type(obj).__name__} is an attribute; give the value itself, or use a filter (|{attribute})"
            )

        def getitem(self, obj: Any, argument: Any) -> Any:
            if not isinstance(obj, Mapping | list | tuple | str):
                raise SecurityError(f"{type(obj).__name__} is no dict, list or text, so it has no items")
            try:
                return obj[argument]
            except (LookupError, TypeError):
                return self.undefined(obj=obj, name=argument)

        def is_safe_callable(self, obj: Any) -> bool:
            bound = obj.__self__ if isinstance(obj, MethodType) else obj
            if isinstance(bound, own) or any(obj is each for each in self.globals.values()):
                return True
            raise SecurityError(f"a template calls none of its values; one is {type(obj).__name__}")

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "%" and isinstance(left, str | bytes):
                raise SecurityError("'%' formats no text here")
            if operator == "**" and any(
                isinstance(number, int | float) and abs(number) > most
                for number, most in ((left, MAX_PRODUCT), (right, 64))
            ):
                raise SecurityError("the power is too large")
            if operator == "*":
                for many, times in ((left, right), (right, left)):
                    if isinstance(many, Sized) and isinstance(times, int) and len(many) * times > MAX_PRODUCT:
                        raise SecurityError(f"'*' makes more than {MAX_PRODUCT:,} items")
            return super().call_binop(context, operator, left, right)

    def capped(wide: Callable[..., Any]) -> Callable[..., Any]:
        beside = (
            2 if hasattr(wide, "jinja_pass_arg") else 1
        )  # what stands before is the value, and where it is

        @functools.wraps(wide)
        def checked(*args: Any, **kwargs: Any) -> Any:
            for each in (*args[beside:], *kwargs.values()):
                width = each if isinstance(each, int) else len(each) if isinstance(each, str) else 0
                if width > MAX_WIDTH:
                    raise SecurityError(f"a width above {MAX_WIDTH:,} is asked for")
            return wide(*args, **kwargs)

        return checked

    environment = Environment(loader=FunctionLoader(lambda name: None))  # there is nothing to include
    environment.globals.pop("lipsum", None)
    for name in ("attr", "format"):  # one reads attributes, the other pads to any width
        del environment.filters[name]
    for name in _WIDE:
        environment.filters[name] = capped(environment.filters[name])
    replace = environment.filters["replace"]

    @functools.wraps(replace)
    def checked_replace(context: Any, text: Any, old: Any, new: Any, count: int | None = None) -> Any:
        if str(text).count(str(old)) * len(str(new)) > MAX_PRODUCT:
            raise SecurityError(f"replace puts in more than {MAX_PRODUCT:,} characters")
        return replace(context, text, old, new, count)

    environment.filters["replace"] = checked_replace
    return environment
