"""Which run made a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from riverrun._pure.exceptions import MessageError
from riverrun._pure.record import Record

__all__ = ["RunInfo"]


class RunInfo(Record):
    """Which run made a result.

    Raises:
        MessageError: `run_id` is no UUID.
    """

    __slots__ = ("run_id",)

    _fields: ClassVar[tuple[str, ...]] = ("run_id",)
    _required: ClassVar[tuple[str, ...]] = ("run_id",)
    _schema: ClassVar[Mapping[str, Any]] = {"run_id": {"type": "string", "format": "uuid"}}

    def __init__(self, run_id: UUID | str) -> None:
        try:
            self.run_id = run_id if isinstance(run_id, UUID) else UUID(run_id)
        except (TypeError, ValueError, AttributeError) as error:
            raise MessageError(f"run_id must be a UUID, not {run_id!r}") from error
