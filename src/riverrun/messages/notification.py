"""Messages that no person wrote: a program tells the model something in a person's place, and says so."""

# Without `annotations` from `__future__`: a typed dict tells by those of its keys which of them may be missing.

from typing import Any, NotRequired, TypedDict

from riverrun._pure.typed_dict import pydantic_field
from riverrun.messages.base import BaseMessage
from riverrun.messages.human import HumanMessage

__all__ = ["NotificationMetadata", "add_notification_metadata", "get_notification_metadata"]

_SOURCE = "lc_source"
_DATA = "lc_data"


@pydantic_field
class NotificationMetadata(TypedDict):
    """Who sent a notification, and what with."""

    source: str
    data: NotRequired[dict[str, Any]]


def add_notification_metadata(
    message: HumanMessage, *, source: str, data: dict[str, Any] | None = None
) -> HumanMessage:
    """A copy of `message` that says where it comes from; models don't see that."""
    marks: dict[str, Any] = {_SOURCE: source} if data is None else {_SOURCE: source, _DATA: data}
    return message.model_copy(update={"additional_kwargs": {**message.additional_kwargs, **marks}})


def get_notification_metadata(message: BaseMessage) -> NotificationMetadata | None:
    """Where `message` says that it comes from; None if it is no notification."""
    source, data = message.additional_kwargs.get(_SOURCE), message.additional_kwargs.get(_DATA)
    if not isinstance(source, str):
        return None
    if not isinstance(data, dict):
        return NotificationMetadata(source=source)
    return NotificationMetadata(source=source, data=data)
