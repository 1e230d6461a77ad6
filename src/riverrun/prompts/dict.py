"""Dicts whose strings are templates: content blocks of any shape."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from riverrun._engine.run import Run
from riverrun._pure.exceptions import InputError, TemplateError
from riverrun.prompts.base import own_colours
from riverrun.prompts.string import PromptTemplateFormat, compile_template, compiled_for
from riverrun.runnables import RunnableSerializable

MAX_DEPTH = 100
"""How deep dicts and lists may nest in a template."""


def each_string(value: Any, change: Callable[[str], Any], depth: int = 0) -> Any:
    """A copy of `value` with every string in its dicts (their keys excepted), lists and tuples replaced by `change(string)`.

    Raises:
        TemplateError: it nests deeper than `MAX_DEPTH`.
    """
    if isinstance(value, str):
        return change(value)
    if depth > MAX_DEPTH:
        raise TemplateError(f"a template nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {key: each_string(inner, change, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        changed = [each_string(inner, change, depth + 1) for inner in value]
        return changed if isinstance(value, list) else tuple(changed)
    return value


def fields_in(value: Any, template_format: str) -> list[str]:
    """The fields of all templates in `value`, each once, in the order they first occur.

    Raises:
        TemplateError: a template in it is refused, or it nests deeper than `MAX_DEPTH`.
    """
    fields: dict[str, None] = {}
    each_string(
        value, lambda text: fields.update(dict.fromkeys(compile_template(text, template_format).fields))
    )
    return list(fields)


def filled(owner: Any, values: Mapping[str, Any]) -> Any:
    """The `template` of `owner`, every string in it formatted with `values`.

    Raises:
        MissingVariableError: a variable was not given.
        TemplateError: a template was changed to one that is refused.
    """
    template_format = owner.template_format
    return each_string(owner.template, lambda text: compiled_for(owner, text, template_format).format(values))


class DictPromptTemplate(RunnableSerializable[dict[str, Any], dict[str, Any]]):
    """A dict whose string values, at any depth, are templates; keys and other values stay as they are.

    Raises:
        TemplateError: a template in it is refused, when it is made, and when it is formatted if it was changed since.
    """

    kind: ClassVar[str] = "prompt"
    _own: ClassVar[frozenset[str]] = frozenset()

    template: dict[str, Any]
    template_format: PromptTemplateFormat

    def __init__(
        self, *, template: dict[str, Any], template_format: PromptTemplateFormat = "f-string", **kwargs: Any
    ) -> None:
        fields_in(template, template_format)  # refuses what is to be refused
        super().__init__(template=template, template_format=template_format, **kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own = own_colours(cls)

    @property
    def input_variables(self) -> list[str]:
        """The variables in it, each once, in the order they first occur."""
        return fields_in(self.template, self.template_format)

    def format(self, /, **kwargs: Any) -> dict[str, Any]:
        """The dict with these variables.

        Raises:
            MissingVariableError: a variable was not given.
        """
        return self._format(kwargs)

    async def aformat(self, /, **kwargs: Any) -> dict[str, Any]:
        """Like `format`."""
        return self.format(**kwargs)

    def _format(self, values: Mapping[str, Any]) -> dict[str, Any]:
        block: dict[str, Any] = filled(self, values)
        return block

    def _known(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return values

    def _block(self, block: dict[str, Any]) -> dict[str, Any] | None:
        return block

    def _own_code(self) -> frozenset[str]:
        return self._own

    def pretty_repr(self, *, html: bool = False) -> str:
        """The template, as Python writes it; `html` is for the sake of the others of this name."""
        return repr(self.template)

    async def _call_kernel(self, x: Any, run: Run) -> dict[str, Any]:
        if not isinstance(x, Mapping):
            raise InputError(f"{self.get_name()} takes a dict of its variables, not {type(x).__name__}")
        return self.format(**x)
