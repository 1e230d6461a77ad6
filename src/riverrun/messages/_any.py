"""`AnyMessage`: the type of a pydantic field that holds messages of any kind, each read as what its `type` says."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, get_args

from riverrun.messages.ai import AIMessage, AIMessageChunk
from riverrun.messages.base import BaseMessage
from riverrun.messages.chat import ChatMessage, ChatMessageChunk
from riverrun.messages.function import FunctionMessage, FunctionMessageChunk
from riverrun.messages.human import HumanMessage, HumanMessageChunk
from riverrun.messages.system import SystemMessage, SystemMessageChunk
from riverrun.messages.tool import ToolMessage, ToolMessageChunk

__all__ = ["AnyMessage"]


class _ByType:
    """Tells pydantic to look at the `type` first, instead of trying one class after the other."""

    def __repr__(self) -> str:
        return "ByType"

    def __reduce__(self) -> str:
        return "_BY_TYPE"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return handler.generate_schema(BaseMessage)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        kinds: tuple[type[BaseMessage], ...] = get_args(_Union)
        return {"anyOf": [kind.__get_pydantic_json_schema__(schema, handler) for kind in kinds]}


_Union: TypeAlias = (
    AIMessage
    | HumanMessage
    | ChatMessage
    | SystemMessage
    | FunctionMessage
    | ToolMessage
    | AIMessageChunk
    | HumanMessageChunk
    | ChatMessageChunk
    | SystemMessageChunk
    | FunctionMessageChunk
    | ToolMessageChunk
)
_BY_TYPE = _ByType()
AnyMessage: TypeAlias = Annotated[_Union, _BY_TYPE]
