"""What every prompt template is: a step from variables to a prompt value."""

import builtins
import functools
import json
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, Field

from riverrun._engine.run import Run
from riverrun._engine.schema import Schema, object_of
from riverrun._pure.exceptions import InputError, MissingExtraError
from riverrun._pure.template import missing_variables
from riverrun.documents import Document
from riverrun.prompt_values import PromptValue
from riverrun.runnables import RunnableConfig, RunnableSerializable

FormatOutputType = TypeVar("FormatOutputType")

_WITHOUT_FILES = ("chat", "few_shot_with_templates", "image-prompt")
"""The kinds of prompts that no file can describe."""


class BasePromptTemplate(
    RunnableSerializable[builtins.dict[str, Any], PromptValue], Generic[FormatOutputType]
):
    """A step that puts variables into a prompt.

    Its input is a dict of the variables; any other value will do where there is exactly one. Variables that it does not
    know are ignored. A subclass defines `format` and `format_prompt`, or the `a...` forms too where they should await.
    """

    kind: ClassVar[str] = "prompt"
    _own: ClassVar[frozenset[str]]

    input_variables: list[str]
    """The variables that must be given."""
    optional_variables: list[str] = Field(default=[])
    """The variables that may be given."""
    input_types: builtins.dict[str, Any] = Field(default_factory=dict, exclude=True)
    """The types of variables that are no strings, for the input schema."""
    output_parser: Any = None
    """A parser for what a model answers to this prompt, for those who look for it here; nothing calls it."""
    partial_variables: Mapping[str, Any] = Field(default_factory=dict)
    """Values for variables that need not be given; a function is called, without arguments, each time it is needed."""
    metadata: builtins.dict[str, Any] | None = None
    """Metadata of the prompt's own runs."""
    tags: list[str] | None = None
    """Tags of the prompt's own runs."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._own = own_colours(cls)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return said_args(self, super().__repr_args__())

    @property
    def InputType(self) -> Any:
        """A dict of the variables."""
        return builtins.dict[str, Any]

    @property
    def OutputType(self) -> Any:
        """A prompt value."""
        return PromptValue

    def get_input_schema(self, config: RunnableConfig | None = None) -> Schema:
        """A model named `PromptInput` with a field for each variable; those that need not be given default to None."""
        needed = {name: self.input_types.get(name, str) for name in self.input_variables}
        optional = {name: (self.input_types.get(name, str), None) for name in self.optional_variables}
        return object_of({**needed, **optional}, "PromptInput")

    async def _call_kernel(self, x: Any, run: Run) -> PromptValue:
        values = self._variables_in(x)
        own = self._own_code()
        if not own:
            return self._format_prompt(values)
        awaits = "async" in own and run.backend.is_async
        format_prompt = functools.partial(self.aformat_prompt if awaits else self.format_prompt, **values)
        value: PromptValue = await run.call(format_prompt, (), awaits)
        return value

    def _own_code(self) -> frozenset[str]:
        """In which colours formatting runs the user's own code: it may block, or await."""
        if self.partial_variables and any(map(callable, self.partial_variables.values())):
            return self._own | {"sync"}
        return self._own

    def _variables_in(self, x: Any) -> Mapping[str, Any]:
        if type(x) is builtins.dict or isinstance(x, Mapping):
            values: Mapping[str, Any] = x
        elif len(names := self.input_variables) == 1:
            values = {names[0]: x}
        else:
            kind = type(x).__name__
            raise InputError(
                f"{self.get_name()} has the variables {names} and takes a dict of them, not {kind}"
            )
        self._require(values)
        return values

    def _require(self, values: Mapping[str, Any]) -> None:
        for name in self.input_variables:
            if name not in values:
                missing = [name for name in self.input_variables if name not in values]
                raise missing_variables(
                    self.get_name(), missing, self.input_variables, values, self._of_messages()
                )

    def _of_messages(self) -> Collection[str]:
        """Which of its variables stand for messages."""
        return ()

    def _merge_partial_and_user_variables(self, /, **kwargs: Any) -> builtins.dict[str, Any]:
        """`kwargs` over the partial variables: for `format` in a subclass."""
        return builtins.dict(self._with_partials(kwargs))

    def _with_partials(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        given = self.partial_variables
        if not given:
            return values
        used = {k: v() if callable(v) else v for k, v in given.items() if k not in values}
        return {**used, **values}

    def _known(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What it is given of the variables of the prompt that it is a part of."""
        return values

    # Formatting proper takes a mapping, since `**` costs more than a short template. It goes round what a subclass
    # overrides, so it is called only where nothing is `_own`.

    def _format_prompt(self, values: Mapping[str, Any]) -> PromptValue:
        return self.format_prompt(**values)

    def _format(self, values: Mapping[str, Any]) -> FormatOutputType:
        return self.format(**values)

    def partial(self, /, **kwargs: str | Callable[[], str]) -> Self:
        """This prompt with values for some variables; a function is called each time the prompt is formatted."""
        return self.model_copy(
            update={
                "input_variables": [name for name in self.input_variables if name not in kwargs],
                "partial_variables": {**self.partial_variables, **kwargs},
            }
        )

    @abstractmethod
    def format_prompt(self, /, **kwargs: Any) -> PromptValue:
        """The prompt with these variables, as a prompt value.

        Raises:
            MissingVariableError: a variable was not given.
        """

    async def aformat_prompt(self, /, **kwargs: Any) -> PromptValue:
        """Like `format_prompt`."""
        return self.format_prompt(**kwargs)

    @abstractmethod
    def format(self, /, **kwargs: Any) -> FormatOutputType:
        """The prompt with these variables, in the form native to this kind of prompt.

        Raises:
            MissingVariableError: a variable was not given.
        """

    async def aformat(self, /, **kwargs: Any) -> FormatOutputType:
        """Like `format`."""
        return self.format(**kwargs)

    @property
    def _prompt_type(self) -> str:
        """The kind of prompt, as a file names it. A subclass that is to be saved says it."""
        raise NotImplementedError(f"{type(self).__name__} has no kind that a file could name")

    def asdict(self, **kwargs: Any) -> builtins.dict[str, Any]:
        """The fields as a dict, with the kind of prompt as `_type`; `kwargs` as `model_dump` takes them."""
        fields = self.model_dump(**kwargs)
        with suppress(NotImplementedError):
            fields["_type"] = self._prompt_type
        return fields

    def save(self, file_path: Path | str) -> None:
        """Write the prompt to a `.json`, `.yaml` or `.yml` file that `load_prompt` reads; its directory is made if need be.

        Raises:
            NotImplementedError: there are no files of this kind of prompt.
            ValueError: the prompt has partial variables, or the file another suffix.
            MissingExtraError: the file is YAML, and PyYAML is not installed.
        """
        path, kind = Path(file_path), self._prompt_type
        if kind in _WITHOUT_FILES:
            raise NotImplementedError(f"there are no files of prompts of the kind {kind!r}")
        if self.partial_variables:
            raise ValueError(f"{self.get_name()} has partial variables, which can't be saved")
        if path.suffix not in (".json", ".yaml", ".yml"):
            raise ValueError(f"a prompt is saved as .json, .yaml or .yml, not as {path.name!r}")
        fields = {**self.asdict(mode="json"), "_type": kind}
        if path.suffix == ".json":
            text = json.dumps(fields, indent=4)
        else:
            text = yaml_module().safe_dump(fields, default_flow_style=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def dict(self, **kwargs: Any) -> Any:
        """`asdict`, under its former name."""
        return self.asdict(**kwargs)


def said_args(model: BaseModel, args: Iterable[tuple[str | None, Any]]) -> list[tuple[str | None, Any]]:
    """Of a repr's arguments those that differ from a stated default."""
    fields = type(model).model_fields
    return [(key, value) for key, value in args if key not in fields or value != fields[key].default]


def own_colours(cls: type) -> frozenset[str]:
    """In which colours `cls` formats by methods of its own, which are not the library's."""
    return frozenset(
        colour
        for colour, prefix in (("sync", ""), ("async", "a"))
        for name in ("format_prompt", "format", "format_messages")
        if (method := getattr(cls, prefix + name, None)) and not method.__module__.startswith("riverrun.")
    )


def format_document(doc: Document, prompt: BasePromptTemplate[str]) -> str:
    """`prompt` with the document's text as `page_content` and its metadata by name, which go first.

    Raises:
        InputError: the document's metadata lack a variable of the prompt. It is a ValueError.
    """
    return prompt.format(**_facts_of(doc, prompt))


async def aformat_document(doc: Document, prompt: BasePromptTemplate[str]) -> str:
    """Like `format_document`."""
    return await prompt.aformat(**_facts_of(doc, prompt))


def _facts_of(doc: Document, prompt: BasePromptTemplate[str]) -> dict[str, Any]:
    facts = {"page_content": doc.page_content, **doc.metadata}
    if missing := [name for name in prompt.input_variables if name not in facts]:
        raise InputError(
            f"a document lacks {missing} for the prompt's variables {prompt.input_variables}; it has {list(facts)}"
        )
    return {name: facts[name] for name in prompt.input_variables}


def yaml_module() -> Any:
    """PyYAML.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise MissingExtraError("YAML files need the package pyyaml: pip install 'riverrun[yaml]'") from None
    return yaml
