"""Vector stores on disk: data only, and told when it is not what was written.

A file is two lines: a JSON object that says what the file is and the CRC-32 of all that follows (ISO 3309), and a JSON object of the
documents by id. A file of one JSON object without the first line is what langchain-core writes; it has no checksum.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riverrun._pure.exceptions import InputError, LoadError
from riverrun._pure.ids import new_id
from riverrun.documents import Document

__all__ = ["read_store", "write_store"]

FORMAT = "riverrun vector store 1"


def write_store(path: str, store: Mapping[str, Mapping[str, Any]]) -> None:
    """Write `store`, as `InMemoryVectorStore.store` gives it. The file appears when it is complete.

    Raises:
        InputError: metadata holds what JSON has not; the message names the document.
        OSError: the file can't be written.
    """
    entries = [f"{json.dumps(id)}: {_entry(id, entry)}" for id, entry in store.items()]
    body = ("{" + ",\n".join(entries) + "}").encode()
    head = json.dumps({"format": FORMAT, "crc32": zlib.crc32(body)}).encode()
    target = Path(path)
    target.parent.mkdir(exist_ok=True, parents=True)
    unfinished = target.with_name(f"{target.name}.{new_id()}.part")
    try:
        unfinished.write_bytes(head + b"\n" + body)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _entry(id: str, entry: Mapping[str, Any]) -> str:
    try:
        return json.dumps(entry, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"the metadata of document {id!r} can't be written as JSON: {error}") from None


def read_store(path: str) -> tuple[list[Document], list[list[float]]]:
    """The documents of a file, and their vectors.

    Raises:
        LoadError: the file is broken, or no vector store.
        OSError: the file can't be read.
    """
    data = Path(path).read_bytes()
    head, newline, body = data.partition(b"\n")
    if newline and head.strip() != b"{":  # else it is langchain-core's, which is indented
        said = _parsed(path, head)
        if said.get("format") != FORMAT:
            raise LoadError(f"{path} is no vector store: its first line doesn't say {FORMAT!r}")
        if said.get("crc32") != zlib.crc32(body):
            raise LoadError(f"{path} is not what was written: the checksum differs")
        data = body
    documents, vectors = [], []
    for id, entry in _parsed(path, data).items():
        text, metadata, vector = _parts(path, id, entry)
        documents.append(Document(text, id=id, metadata=metadata))
        vectors.append(vector)
    return documents, vectors


def _parsed(path: str, data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # what is no UTF-8 is a ValueError too
        raise LoadError(f"{path} is no vector store, or a part of one: {error}") from None
    if not isinstance(value, dict):
        raise LoadError(f"{path} is no vector store: a JSON object was expected, not {type(value).__name__}")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _parts(path: str, id: str, entry: Any) -> tuple[str, dict[str, Any], list[float]]:
    kinds = {"text": str, "metadata": dict, "vector": list}
    for name, kind in kinds.items():
        if not isinstance(entry, dict) or not isinstance(entry.get(name), kind):
            raise LoadError(f"{path}: document {id!r} has no {name} of the type {kind.__name__}")
    for number in entry["vector"]:
        if type(number) not in (int, float):
            raise LoadError(f"{path}: the vector of document {id!r} holds {type(number).__name__}")
    return entry["text"], entry["metadata"], entry["vector"]
