"""What is no message itself but changes the list that it stands in."""

from __future__ import annotations

from typing import Any, ClassVar

from riverrun._pure.exceptions import MessageError
from riverrun.messages.base import BaseMessage

__all__ = ["RemoveMessage"]


class RemoveMessage(BaseMessage):
    """Says that the message with this `id` is to be removed, to whoever keeps the list.

    Raises:
        MessageError: content is given, or `id` is no string.
    """

    __slots__ = ()
    type: ClassVar[str] = "remove"
    _required: ClassVar[tuple[str, ...]] = ("id",)

    def __init__(
        self,
        id: str,
        *,
        content: str = "",
        additional_kwargs: dict[str, Any] | None = None,
        response_metadata: dict[str, Any] | None = None,
        type: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if content:
            raise MessageError("a RemoveMessage has no content")
        if id is None:
            raise MessageError("id must be a string, not NoneType")
        super().__init__(
            "",
            additional_kwargs=additional_kwargs,
            response_metadata=response_metadata,
            type=type,
            name=name,
            id=id,
            **kwargs,
        )
