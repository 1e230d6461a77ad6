"""Reading what was dumped. Data stays data: it makes messages, documents and their like, and nothing else.

No class is looked up by a name in the data, nothing is imported, no environment is read. What data may make stands in one
closed list (`riverrun.load.mapping`), and is made by constructors that check their arguments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from riverrun._pure.exceptions import LoadError
from riverrun._pure.record import Record
from riverrun.load.dump import DEPTH, ESCAPED, LEAVES
from riverrun.load.mapping import PACKAGES, RECORDS
from riverrun.load.serializable import Serializable
from riverrun.messages import BaseMessage

__all__ = [
    "AllowedObjects",
    "InitValidator",
    "Reviver",
    "Serializable",
    "default_init_validator",
    "load",
    "loads",
]

SIZE = 100_000_000
"""How many characters a text may have that is read."""

InitValidator: TypeAlias = Callable[[tuple[str, ...], dict[str, Any]], None]
"""Called with the name of a class and its settings before an object is made of them; refuses by raising."""
AllowedObjects: TypeAlias = Iterable[type] | Literal["all", "core", "messages"] | None


def default_init_validator(class_path: tuple[str, ...], kwargs: dict[str, Any]) -> None:
    """Refuse settings that ask for jinja2, whose templates are programs.

    Raises:
        LoadError: they do.
    """
    if kwargs.get("template_format") == "jinja2":
        raise LoadError(
            f"{'.'.join(class_path)} asks for jinja2, whose templates are programs: data may not bring any"
        )


def loads(
    text: str,
    *,
    allowed_objects: AllowedObjects = None,
    secrets_map: dict[str, str] | None = None,
    valid_namespaces: list[str] | None = None,
    secrets_from_env: bool = False,
    additional_import_mappings: dict[tuple[str, ...], tuple[str, ...]] | None = None,
    ignore_unserializable_fields: bool = False,
    init_validator: InitValidator | None = default_init_validator,
) -> Any:
    """What JSON text describes that `dumps` has written. Arguments and errors are those of `load`.

    Raises:
        LoadError: also if the text is no JSON, or longer than 100 million characters.
    """
    revive = Reviver(
        allowed_objects,
        secrets_map,
        valid_namespaces,
        secrets_from_env,
        additional_import_mappings,
        ignore_unserializable_fields=ignore_unserializable_fields,
        init_validator=init_validator,
    )
    if not isinstance(text, str | bytes | bytearray):
        raise LoadError(
            f"loads reads JSON text, not {type(text).__name__}; load reads what such text describes"
        )
    if len(text) > SIZE:
        raise LoadError(f"the text has {len(text)} characters, and {SIZE} is the limit")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LoadError(f"the text is no JSON that can be read: {error}") from None
    return revive.all_of(data)


def load(
    obj: Any,
    *,
    allowed_objects: AllowedObjects = None,
    secrets_map: dict[str, str] | None = None,
    valid_namespaces: list[str] | None = None,
    secrets_from_env: bool = False,
    additional_import_mappings: dict[tuple[str, ...], tuple[str, ...]] | None = None,
    ignore_unserializable_fields: bool = False,
    init_validator: InitValidator | None = default_init_validator,
) -> Any:
    """What data describes that `dumpd` has made: messages, documents, prompt values and generations are made again, also
    inside lists and dicts.

    Args:
        obj: the data, which is not changed.
        allowed_objects: which of these may be made: "messages", or a list of classes; all of them if not given.
        secrets_map: the secrets that data may ask for, by the names of their variables.
        valid_namespaces: accepted if it names riverrun's own; there is no way to make data find other classes.
        secrets_from_env: must be False. Data is never given what stands in the environment.
        additional_import_mappings: must be empty. Nothing is imported because of data.
        ignore_unserializable_fields: read None where something was dumped that can't be made again.
        init_validator: called with the name of a class and its settings before an object is made; refuses by raising.

    Raises:
        LoadError: the data asks for anything else (a prompt, a model, a step), or for a secret that was not passed, or is
            broken, or has more than 150 things inside each other. It is a ValueError.
    """
    revive = Reviver(
        allowed_objects,
        secrets_map,
        valid_namespaces,
        secrets_from_env,
        additional_import_mappings,
        ignore_unserializable_fields=ignore_unserializable_fields,
        init_validator=init_validator,
    )
    return revive.all_of(obj)


class Reviver:
    """Makes an object of the dict that describes it. What is inside the dict must have been made before.

    Takes the arguments of `load`, and raises the same.
    """

    def __init__(
        self,
        allowed_objects: AllowedObjects = None,
        secrets_map: dict[str, str] | None = None,
        valid_namespaces: list[str] | None = None,
        secrets_from_env: bool = False,
        additional_import_mappings: dict[tuple[str, ...], tuple[str, ...]] | None = None,
        *,
        ignore_unserializable_fields: bool = False,
        init_validator: InitValidator | None = default_init_validator,
    ) -> None:
        if secrets_from_env:
            raise LoadError(
                "data is given no secrets from the environment: pass those it may have as secrets_map"
            )
        if additional_import_mappings:
            raise LoadError("nothing is imported because of data: additional_import_mappings must be empty")
        if foreign := [name for name in valid_namespaces or () if str(name).split(".")[0] not in PACKAGES]:
            raise LoadError(
                f"data makes no objects of {foreign}: make them yourself, of the settings in the data"
            )
        self._records = _allowed(allowed_objects)
        self._secrets = secrets_map or {}
        self._ignores = ignore_unserializable_fields
        self._validate = init_validator

    def __call__(self, value: dict[str, Any]) -> Any:
        """The object that `value` describes; `value` itself if it describes none."""
        kind = _kind_of(value)
        if kind is None:
            return value
        id: list[str] = value["id"]
        if kind == "constructor":
            return self._made(id, value.get("kwargs", {}))
        if kind == "secret":
            if id[-1] not in self._secrets:
                raise LoadError(
                    f"the data asks for the secret {id[-1]!r}: pass it as secrets_map if it may have it"
                )
            return self._secrets[id[-1]]
        if self._ignores:
            return None
        raise NotDumpedError(
            f"{'.'.join(id)} was not dumped, only how it looks ({_look(value.get('repr'))}): pass "
            "ignore_unserializable_fields=True to read None in its place"
        )

    def _record(self, id: list[str]) -> type[Record]:
        """The class of this name, if data may make it."""
        record = self._records.get(id[-1]) if id[0] in PACKAGES else None
        if record is None:
            raise LoadError(
                f"data may not make {'.'.join(id)}: messages, documents, prompt values and generations are made of data "
                "(those that allowed_objects permits); make others yourself"
            )
        return record

    def _made(self, id: list[str], kwargs: Any) -> Record:
        name, record = ".".join(id), self._record(id)
        if not isinstance(kwargs, dict):
            raise LoadError(f"{name}: its settings are a dict, not {type(kwargs).__name__}")
        if odd := [key for key in kwargs if not isinstance(key, str) or key.startswith("_")]:
            raise LoadError(f"{name}: {_look(odd[0])} is no setting")
        if "type" in kwargs and kwargs["type"] != getattr(record, "type", None):
            raise LoadError(f"{name}: its type is not {_look(kwargs['type'])}")
        for field in _HOLDING.keys() & kwargs.keys():
            held = kwargs[field] if isinstance(kwargs[field], list) else [kwargs[field]]
            if not all(isinstance(each, _HOLDING[field]) for each in held):
                raise LoadError(f"{name}: {field} is to hold messages that were dumped themselves")
        if self._validate is not None:
            self._validate(tuple(id), kwargs)
        try:
            return record.model_validate(kwargs)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise LoadError(f"{name}: {error}") from error

    def all_of(self, data: Any) -> Any:
        """`data` with an object in place of each dict that describes one."""
        try:
            return self._read(data, 0)
        except RecursionError:
            raise LoadError(
                f"the data has more things inside each other than can be read; {DEPTH} is the limit"
            ) from None

    def _read(self, value: Any, depth: int) -> Any:
        if not isinstance(value, dict | list):
            return value
        if depth >= DEPTH:
            raise LoadError(f"the data has more than {DEPTH} things inside each other")
        if isinstance(value, list):
            return [each if each.__class__ in LEAVES else self._read(each, depth + 1) for each in value]
        if len(value) == 1 and isinstance(wrapped := value.get(ESCAPED), dict):
            return wrapped
        if _kind_of(value) == "constructor":  # the outermost that may not be made is the one to name
            self._record(value["id"])
        return self(
            {
                key: each if each.__class__ in LEAVES else self._read(each, depth + 1)
                for key, each in value.items()
            }
        )


class NotDumpedError(LoadError, NotImplementedError):
    """The data has only the looks of something that can't be made again."""


_HOLDING: Mapping[str, type[Record]] = {"message": BaseMessage, "messages": BaseMessage}
"""Fields that hold records. A record that is made of a dict there would be one that nobody has allowed."""


def _allowed(said: AllowedObjects) -> dict[str, type[Record]]:
    if said is None or said in ("core", "all"):
        return RECORDS
    if said == "messages":
        return {name: record for name, record in RECORDS.items() if issubclass(record, BaseMessage)}
    if isinstance(said, str):
        raise LoadError(f"allowed_objects is 'core', 'all', 'messages' or a list of classes, not {said!r}")
    allowed = list(said)
    if foreign := [each for each in allowed if each not in RECORDS.values()]:
        raise LoadError(
            f"allowed_objects has {_look(foreign[0])}, which is not made of data; those that are: {', '.join(RECORDS)}"
        )
    return {record.__name__: record for record in allowed}


def _kind_of(value: dict[str, Any]) -> str | None:
    """What a dict describes: an object, a secret or the looks of something; None if it is data."""
    if type(value.get("lc")) is not int or value["lc"] != 1 or "id" not in value:
        return None
    kind, id = value.get("type"), value["id"]
    if kind not in ("constructor", "secret", "not_implemented"):
        return None
    if not (isinstance(id, list) and id and all(isinstance(part, str) for part in id)):
        raise LoadError(f"the id of what is to be made is a list of names, not {_look(id)}")
    return str(kind)


def _look(value: Any) -> str:
    return repr(value)[:100]
