"""What is retrieved: texts with what is known about them, and raw data that texts are read from."""

from __future__ import annotations

import inspect
import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePath
from typing import IO, Any, ClassVar, TypeAlias

from riverrun._pure.exceptions import InputError, RiverrunError
from riverrun._pure.record import Record

__all__ = ["BaseMedia", "Blob", "Document", "PathLike"]

PathLike: TypeAlias = str | PurePath
"""A place in the file system."""


class BaseMedia(Record):
    """Something that has an id, perhaps, and metadata.

    Args:
        id: what tells it from others; a number is kept as text.
        metadata: what is known about it.

    Raises:
        InputError: a value has the wrong type.
    """

    __slots__ = ("id", "metadata")

    _fields: ClassVar[tuple[str, ...]] = ("id", "metadata")
    _error: ClassVar[type[RiverrunError]] = InputError
    _schema: ClassVar[Mapping[str, Any]] = {
        "id": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "metadata": {"type": "object", "additionalProperties": True},
    }

    id: str | None
    metadata: dict[Any, Any]

    def __init__(self, *, id: str | None = None, metadata: dict[Any, Any] | None = None) -> None:
        self._describe(id, metadata)

    def _describe(self, id: Any, metadata: Any) -> None:
        if id is not None and not isinstance(id, str):
            if not isinstance(id, int | float):
                raise self._wrong("id", "a string", id)
            id = str(id)
        if metadata is None:
            metadata = {}
        elif not isinstance(metadata, dict):
            raise self._wrong("metadata", "a dict", metadata)
        self.id = id
        self.metadata = metadata

    def _wrong(self, name: str, wanted: str, value: Any) -> RiverrunError:
        return self._error(f"{name} of a {type(self).__name__} must be {wanted}, not {type(value).__name__}")

    def _is_default(self, name: str, value: Any) -> bool:
        return value == {} if name == "metadata" else super()._is_default(name, value)

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether it may be stored as data: it may."""
        return True


class Document(BaseMedia):
    """A text, with what is known about it: what retrievers find, and loaders load.

    A subclass may declare more fields by annotating them; they are keywords then, and take part in comparing, printing and
    dumping. Their values are not checked.

    Args:
        page_content: the text.
        id: what tells the document from others in a store; a number is kept as text.
        metadata: what is known about it, such as its source.

    Raises:
        InputError: a value has the wrong type, or there is no field of that name. It is a TypeError and a ValueError.
    """

    __slots__ = ("page_content",)

    type: ClassVar[str] = "Document"
    _lc_path = ("langchain", "schema", "document")

    _fields: ClassVar[tuple[str, ...]] = ("id", "metadata", "page_content", "type")
    _required: ClassVar[tuple[str, ...]] = ("page_content",)
    _declared: ClassVar[tuple[str, ...]] = ()
    """The fields that a subclass has declared."""
    _schema: ClassVar[Mapping[str, Any]] = {
        **BaseMedia._schema,
        "page_content": {"type": "string"},
        "type": {"type": "string", "const": "Document", "default": "Document"},
    }

    page_content: str

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        declared = [
            name
            for name, kind in inspect.get_annotations(cls).items()
            if not name.startswith("_") and name not in cls._fields and "ClassVar" not in str(kind)
        ]
        cls._declared = (*cls._declared, *declared)
        cls._fields = (*cls._fields, *declared)
        cls._required = (*cls._required, *(name for name in declared if not hasattr(cls, name)))

    def __init__(
        self,
        page_content: str,
        *,
        id: str | None = None,
        metadata: dict[Any, Any] | None = None,
        type: str = "Document",
        **declared: Any,
    ) -> None:
        if not isinstance(page_content, str):
            raise self._wrong("page_content", "a string", page_content)
        if type != self.type:
            raise InputError(f"type must be {self.type!r}, not {type!r}")
        self.page_content = page_content
        if id is None and metadata is None:
            self.id, self.metadata = None, {}
        else:
            self._describe(id, metadata)
        if declared or self._declared:
            self._declare(declared)

    def _declare(self, values: dict[str, Any]) -> None:
        name = self.__class__.__name__
        if unknown := [key for key in values if key not in self._declared]:
            known = ", ".join(field for field in self._fields if field != "type")
            raise InputError(
                f"{name} has no field {unknown[0]!r}; it has {known}, and anything else belongs in metadata"
            )
        for key in self._declared:
            if key in values:
                setattr(self, key, values[key])
            elif key in self._required:
                raise InputError(f"{name} lacks the field {key!r}")
            else:  # a default that could be changed in place is each document's own
                default = getattr(self.__class__, key)
                setattr(self, key, default.copy() if isinstance(default, dict | list | set) else default)

    def _shown(self) -> Iterator[tuple[str, Any]]:
        cls = self.__class__
        for name, value in super()._shown():
            if name not in self._declared or not hasattr(cls, name) or value != getattr(cls, name):
                yield name, value

    def __str__(self) -> str:
        if self.metadata:
            return f"page_content={self.page_content!r} metadata={self.metadata!r}"
        return f"page_content={self.page_content!r}"


class Blob(BaseMedia):
    """Raw data, in memory or in a file that is read when it is asked for.

    Args:
        id: what tells it from others.
        metadata: what is known about it; `source` there goes before the path.
        data: the data, as bytes or text.
        mimetype: its type, such as "text/plain".
        encoding: the encoding of its text, where it is bytes.
        path: the file it comes from, or is said to come from.

    Raises:
        InputError: there is neither data nor a path, or a value has the wrong type.
    """

    __slots__ = ("data", "encoding", "mimetype", "path")

    _fields: ClassVar[tuple[str, ...]] = ("id", "metadata", "data", "mimetype", "encoding", "path")
    _schema: ClassVar[Mapping[str, Any]] = {
        **BaseMedia._schema,
        "data": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "mimetype": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "encoding": {"type": "string", "default": "utf-8"},
        "path": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    }

    def __init__(
        self,
        *,
        id: str | None = None,
        metadata: dict[Any, Any] | None = None,
        data: bytes | str | None = None,
        mimetype: str | None = None,
        encoding: str = "utf-8",
        path: PathLike | None = None,
    ) -> None:
        self._describe(id, metadata)
        if data is None and path is None:
            raise InputError("a Blob needs data or a path")
        if data is not None and not isinstance(data, bytes | str):
            raise self._wrong("data", "bytes or a string", data)
        if path is not None and not isinstance(path, str | PurePath):
            raise self._wrong("path", "a string or a path", path)
        self.data = data
        self.mimetype = mimetype
        self.encoding = encoding
        self.path = path

    @property
    def source(self) -> str | None:
        """Where it comes from: what its metadata says, else its path."""
        if self.metadata and "source" in self.metadata:
            source: str | None = self.metadata["source"]
            return source
        return str(self.path) if self.path else None

    def as_string(self) -> str:
        """The data as text.

        Raises:
            OSError: the file can't be read.
            UnicodeDecodeError: the data is no text in its encoding.
        """
        if self.data is None:
            return Path(self._file).read_text(encoding=self.encoding)
        return self.data.decode(self.encoding) if isinstance(self.data, bytes) else self.data

    def as_bytes(self) -> bytes:
        """The data as bytes.

        Raises:
            OSError: the file can't be read.
        """
        if self.data is None:
            return Path(self._file).read_bytes()
        return self.data.encode(self.encoding) if isinstance(self.data, str) else self.data

    @contextmanager
    def as_bytes_io(self) -> Iterator[IO[bytes]]:
        """The data as a file of bytes, open inside the `with` block.

        Raises:
            OSError: the file can't be read.
        """
        with BytesIO(self.as_bytes()) if self.data is not None else open(self._file, "rb") as file:
            yield file

    @property
    def _file(self) -> PathLike:
        assert self.path is not None, "a Blob without data has a path"
        return self.path

    @classmethod
    def from_path(
        cls,
        path: PathLike,
        *,
        encoding: str = "utf-8",
        mime_type: str | None = None,
        guess_type: bool = True,
        metadata: dict[Any, Any] | None = None,
    ) -> Blob:
        """The data of a file, which is not read yet. Its type is guessed from its name, unless it is given."""
        if mime_type is None and guess_type:
            mime_type = mimetypes.guess_type(str(path))[0]
        return cls(metadata=metadata, mimetype=mime_type, encoding=encoding, path=path)

    @classmethod
    def from_data(
        cls,
        data: str | bytes,
        *,
        encoding: str = "utf-8",
        mime_type: str | None = None,
        path: str | None = None,
        metadata: dict[Any, Any] | None = None,
    ) -> Blob:
        """Data in memory."""
        return cls(metadata=metadata, data=data, mimetype=mime_type, encoding=encoding, path=path)

    def __repr__(self) -> str:
        said = f"Blob {id(self)}"
        return f"{said} {self.source}" if self.source else said

    def __str__(self) -> str:
        return " ".join(f"{name}={value!r}" for name, value in self._shown() if name != "encoding")
