"""What an index is made of: the record of what was indexed when, and the base of what keeps documents."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypedDict

from riverrun._pure.exceptions import InputError
from riverrun.documents import Document
from riverrun.retrievers import BaseRetriever
from riverrun.runnables.config import run_in_executor

__all__ = ["DeleteResponse", "DocumentIndex", "InMemoryRecordManager", "RecordManager", "UpsertResponse"]


class RecordManager(ABC):
    """Remembers which keys were indexed, when, and from which source, so that nothing is indexed twice.

    Times are seconds since 1970, by the clock of the records and of nothing else.

    Args:
        namespace: what the keys of this manager are told from others by.
    """

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    @abstractmethod
    def create_schema(self) -> None:
        """Make room for the records, if there is none yet."""

    @abstractmethod
    async def acreate_schema(self) -> None:
        """`create_schema`, asynchronously."""

    @abstractmethod
    def get_time(self) -> float:
        """The time now, which must never go backwards."""

    @abstractmethod
    async def aget_time(self) -> float:
        """`get_time`, asynchronously."""

    @abstractmethod
    def update(
        self,
        keys: Sequence[str],
        *,
        group_ids: Sequence[str | None] | None = None,
        time_at_least: float | None = None,
    ) -> None:
        """Record that `keys` were indexed now.

        Args:
            group_ids: for each key the source that it belongs to.
            time_at_least: a time that must have come; else the clock has gone wrong.

        Raises:
            ValueError: it has not, or there are not as many group ids as keys.
        """

    @abstractmethod
    async def aupdate(
        self,
        keys: Sequence[str],
        *,
        group_ids: Sequence[str | None] | None = None,
        time_at_least: float | None = None,
    ) -> None:
        """`update`, asynchronously."""

    @abstractmethod
    def exists(self, keys: Sequence[str]) -> list[bool]:
        """For each of `keys`, whether it was indexed."""

    @abstractmethod
    async def aexists(self, keys: Sequence[str]) -> list[bool]:
        """`exists`, asynchronously."""

    @abstractmethod
    def list_keys(
        self,
        *,
        before: float | None = None,
        after: float | None = None,
        group_ids: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> list[str]:
        """The keys that were indexed before and after these times, from one of these sources, `limit` of them at most."""

    @abstractmethod
    async def alist_keys(
        self,
        *,
        before: float | None = None,
        after: float | None = None,
        group_ids: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> list[str]:
        """`list_keys`, asynchronously."""

    @abstractmethod
    def delete_keys(self, keys: Sequence[str]) -> None:
        """Forget `keys`."""

    @abstractmethod
    async def adelete_keys(self, keys: Sequence[str]) -> None:
        """`delete_keys`, asynchronously."""


class _Record(TypedDict):
    group_id: str | None
    updated_at: float


class InMemoryRecordManager(RecordManager):
    """Remembers it as long as the process lives."""

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self.records: dict[str, _Record] = {}

    def create_schema(self) -> None:
        pass  # a dict is room enough

    async def acreate_schema(self) -> None:
        pass

    def get_time(self) -> float:
        return time.time()

    async def aget_time(self) -> float:
        return self.get_time()

    def update(
        self,
        keys: Sequence[str],
        *,
        group_ids: Sequence[str | None] | None = None,
        time_at_least: float | None = None,
    ) -> None:
        if group_ids and len(group_ids) != len(keys):
            raise InputError(
                f"the number of group_ids must be that of the keys: {len(group_ids)}, not {len(keys)}"
            )
        now = self.get_time()
        if time_at_least is not None and time_at_least > now:
            raise InputError(f"time_at_least, {time_at_least}, is yet to come: the clock says {now}")
        for key, group_id in zip(keys, group_ids or [None] * len(keys), strict=True):
            self.records[key] = {"group_id": group_id, "updated_at": now}

    async def aupdate(
        self,
        keys: Sequence[str],
        *,
        group_ids: Sequence[str | None] | None = None,
        time_at_least: float | None = None,
    ) -> None:
        self.update(keys, group_ids=group_ids, time_at_least=time_at_least)

    def exists(self, keys: Sequence[str]) -> list[bool]:
        return [key in self.records for key in keys]

    async def aexists(self, keys: Sequence[str]) -> list[bool]:
        return self.exists(keys)

    def list_keys(
        self,
        *,
        before: float | None = None,
        after: float | None = None,
        group_ids: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> list[str]:
        groups = set(group_ids or ())
        keys = [
            key
            for key, record in self.records.items()
            if (before is None or record["updated_at"] < before)
            and (after is None or record["updated_at"] > after)
            and (not groups or record["group_id"] in groups)
        ]
        return keys[:limit] if limit else keys

    async def alist_keys(
        self,
        *,
        before: float | None = None,
        after: float | None = None,
        group_ids: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> list[str]:
        return self.list_keys(before=before, after=after, group_ids=group_ids, limit=limit)

    def delete_keys(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.records.pop(key, None)

    async def adelete_keys(self, keys: Sequence[str]) -> None:
        self.delete_keys(keys)


class UpsertResponse(TypedDict):
    """What became of documents that were to be kept."""

    succeeded: list[str]
    """The ids of those that are."""
    failed: list[str]
    """The ids of those that are not."""


class DeleteResponse(TypedDict, total=False):
    """What became of documents that were to be removed. An index says of it what it knows."""

    num_deleted: int
    succeeded: Sequence[str]
    failed: Sequence[str]
    num_failed: int


class DocumentIndex(BaseRetriever):
    """A retriever that keeps the documents it finds. A subclass defines `upsert`, `delete`, `get` and a retriever's hook."""

    @abstractmethod
    def upsert(self, items: Sequence[Document], /, **kwargs: Any) -> UpsertResponse:
        """Keep documents; one whose id is there already takes its place, one without an id gets one."""

    async def aupsert(self, items: Sequence[Document], /, **kwargs: Any) -> UpsertResponse:
        """`upsert`, in a thread."""
        return await run_in_executor(None, self.upsert, items, **kwargs)

    @abstractmethod
    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> DeleteResponse:
        """Remove the documents of these ids. One that isn't there is no failure."""

    async def adelete(self, ids: list[str] | None = None, **kwargs: Any) -> DeleteResponse:
        """`delete`, in a thread."""
        return await run_in_executor(None, self.delete, ids, **kwargs)

    @abstractmethod
    def get(self, ids: Sequence[str], /, **kwargs: Any) -> list[Document]:
        """The documents of these ids. Those that aren't there are left out."""

    async def aget(self, ids: Sequence[str], /, **kwargs: Any) -> list[Document]:
        """`get`, in a thread."""
        return await run_in_executor(None, self.get, ids, **kwargs)
