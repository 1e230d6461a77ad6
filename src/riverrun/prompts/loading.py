"""Prompts from files, which may have been written by somebody else: data only, and no path out of one directory.

A file says what kind of prompt it is by `_type` ("prompt", the default, "few_shot" or "chat"), and holds its fields. What it
names by path (`template_path`, `examples`, ...) is read from the root, and from nowhere else, through symbolic links neither.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from riverrun._pure.exceptions import LoadError
from riverrun.prompts.base import BasePromptTemplate, yaml_module
from riverrun.prompts.chat import ChatPromptTemplate
from riverrun.prompts.few_shot import FewShotPromptTemplate
from riverrun.prompts.prompt import PromptTemplate

_COMMON = ("name", "input_variables", "optional_variables", "partial_variables", "metadata", "tags")
_DEEPEST = 10
"""How many prompts may stand inside one another."""
_DEEPEST_DATA = 100
"""How deep lists and dicts may nest in a YAML file."""


def load_prompt(
    path: str | Path,
    encoding: str | None = None,
    *,
    allow_dangerous_paths: bool = False,
    root: str | Path | None = None,
) -> BasePromptTemplate[Any]:
    """The prompt that a JSON or YAML file describes.

    Paths in the file are relative to `root`, the directory of the file if none is given; it and they must lie inside. A
    path that leaves it is refused whatever `allow_dangerous_paths` says: name a wider `root` instead. Templates are
    f-strings or mustache; jinja2, which is a program, is refused.

    Raises:
        LoadError: the file is no JSON or YAML, or no prompt, or names a path outside of `root`. It is a ValueError.
        TemplateError: a template is refused.
        MissingExtraError: the file is YAML, and PyYAML is not installed.
        OSError: the file can't be read.
    """
    file = Path(path)
    loader = _Loader(Path(root) if root is not None else file.parent, encoding)
    return loader.prompt(loader.data(file.absolute()))


def load_prompt_from_config(
    config: dict[str, Any], *, allow_dangerous_paths: bool = False, root: str | Path | None = None
) -> BasePromptTemplate[Any]:
    """The prompt that a dict describes, as a file of `load_prompt` would; `root` is the current directory if none is given.

    Raises:
        LoadError: it describes no prompt, or names a path outside of `root`. It is a ValueError.
        TemplateError: a template is refused.
        OSError: a file that it names can't be read.
    """
    return _Loader(Path(root) if root is not None else Path(), None).prompt(config)


class _Loader:
    """Reads files below one directory, and makes prompts of what they say."""

    def __init__(self, root: Path, encoding: str | None) -> None:
        self.root = root.resolve()
        self.encoding = encoding
        self.depth = 0

    def text(self, path: str | Path, *suffixes: str) -> str:
        """The text of a file of one of these kinds."""
        if not isinstance(path, str | Path):
            raise LoadError(f"a path is text, not {type(path).__name__}")
        try:
            file = (self.root / path).resolve()
        except (ValueError, RuntimeError, OSError) as error:  # a null character, a loop of links
            raise LoadError(f"{str(path)!r} is no path: {error}") from None
        if not file.is_relative_to(self.root):
            raise LoadError(
                f"the path {str(path)!r} leads out of {str(self.root)!r}, the root of what this prompt may read; "
                "give load_prompt a wider `root` if that is meant"
            )
        if file.suffix not in suffixes:
            raise LoadError(f"{str(path)!r} is no {' or '.join(suffixes)} file")
        if file.exists() and not file.is_file():
            raise LoadError(f"{str(path)!r} is no file")
        try:
            return file.read_text(encoding=self.encoding)
        except UnicodeDecodeError as error:
            raise LoadError(f"{str(path)!r} is no text: {error}") from None

    def data(self, path: str | Path) -> Any:
        """What a JSON or YAML file holds."""
        text = self.text(path, ".json", ".yaml", ".yml")
        try:
            return json.loads(text) if Path(path).suffix == ".json" else _yaml(text)
        except (ValueError, RecursionError) as error:
            raise LoadError(f"{str(path)!r} can't be read: {error}") from None

    def prompt(self, config: Any) -> BasePromptTemplate[Any]:
        """The prompt of a config."""
        if not isinstance(config, Mapping):
            raise LoadError(f"a prompt is described by a dict, not by {type(config).__name__}")
        kind = config.get("_type", "prompt")
        make = self._makers().get(kind) if isinstance(kind, str) else None
        if make is None:
            raise LoadError(
                f"there are no files of prompts of the kind {kind!r}; {list(self._makers())} are known"
            )
        if config.get("template_format") == "jinja2":
            raise LoadError(
                "a jinja2 template is a program, so none is loaded; write it as f-string or mustache"
            )
        if config.get("output_parser") is not None:
            raise LoadError("a file can't say by which parser an answer is read; pipe the prompt into one")
        if self.depth == _DEEPEST:
            raise LoadError(f"prompts stand in one another more than {_DEEPEST} deep")
        self.depth += 1
        try:
            return make(config)
        except (ValidationError, TypeError) as error:
            raise LoadError(f"the prompt of the kind {kind!r} is wrong: {error}") from None
        finally:
            self.depth -= 1

    def _makers(self) -> dict[str, Callable[[Mapping[str, Any]], BasePromptTemplate[Any]]]:
        return {"prompt": self._text_prompt, "few_shot": self._few_shot, "chat": self._chat}

    def _text_prompt(self, config: Mapping[str, Any]) -> PromptTemplate:
        fields = _fields(config, *_COMMON, "template_format", "validate_template")
        return PromptTemplate(template=self._said(config, "template"), **fields)

    def _few_shot(self, config: Mapping[str, Any]) -> FewShotPromptTemplate:
        fields = _fields(config, *_COMMON, "template_format", "validate_template", "example_separator")
        if "example_prompt_path" in config:
            if "example_prompt" in config:
                raise LoadError("a prompt has 'example_prompt' or 'example_prompt_path', not both")
            example_prompt = self.prompt(self.data(config["example_prompt_path"]))
        else:
            example_prompt = self.prompt(config.get("example_prompt"))
        examples = config.get("examples")
        if isinstance(examples, str):
            examples = self.data(examples)
        if not isinstance(examples, list):
            raise LoadError(f"'examples' are a list or the name of a file, not {type(examples).__name__}")
        prefix = self._said(config, "prefix", "")
        suffix = self._said(config, "suffix")
        return FewShotPromptTemplate(
            example_prompt=example_prompt, examples=examples, prefix=prefix, suffix=suffix, **fields
        )

    def _chat(self, config: Mapping[str, Any]) -> ChatPromptTemplate:
        said = config.get("messages")
        if not isinstance(said, list):
            raise LoadError("a chat prompt has a list of 'messages'")
        messages: list[Any] = []
        for each in said:
            if isinstance(each, Mapping) and each.keys() == {"role", "content"}:
                messages.append((each["role"], each["content"]))
            elif isinstance(each, Mapping) and isinstance(each.get("prompt"), Mapping):
                messages.append(("human", self._said(each["prompt"], "template")))
            else:
                raise LoadError(
                    "a message of a chat prompt is a dict of 'role' and 'content', or of a 'prompt'"
                )
        template_format = config.get("template_format", "f-string")
        return ChatPromptTemplate(messages, template_format=template_format, **_fields(config, *_COMMON))

    def _said(self, config: Mapping[str, Any], key: str, default: str | None = None) -> str:
        """A template that stands in the config, or in the text file that `<key>_path` names."""
        path = config.get(f"{key}_path")
        if path is None:
            if not isinstance(text := config.get(key, default), str):
                raise LoadError(
                    f"a prompt's {key!r} is text, or its '{key}_path' names a .txt file; neither is given"
                )
            return text
        if config.get(key) is not None:
            raise LoadError(f"a prompt has {key!r} or '{key}_path', not both")
        return self.text(path, ".txt")


def _fields(config: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Of a config's fields those that are data; what else stands in it is ignored."""
    return {name: config[name] for name in names if config.get(name) is not None}


def _yaml(text: str) -> Any:
    yaml, depth = yaml_module(), 0
    try:
        for event in yaml.parse(
            text, Loader=yaml.SafeLoader
        ):  # PyYAML takes quadratic time for what nests deep
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST_DATA:
                raise LoadError(f"it nests deeper than {_DEEPEST_DATA} levels")
            if isinstance(event, yaml.AliasEvent):  # a few of which can stand for gigabytes
                raise LoadError("a prompt's YAML has no aliases")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise LoadError(str(error)) from None
