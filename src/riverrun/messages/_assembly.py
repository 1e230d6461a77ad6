"""Makes whole tool calls of the fragments that a stream brings.

Providers agree on little: the `index` of a call may be missing or the same for all calls, its `id` may come once, always,
late or never, its name once or with every fragment. So a fragment belongs to

1. the call that has its id (and no different index);
2. else the call at its index or, if it has none, the call that was last added to: unless the fragment begins another call.

It begins another call if it brings a new id although that call has one, a name although that call has another name and
arguments, or a name and the beginning of an object although that call's arguments are complete. The name of a call that has
no arguments yet may come in pieces if its fragments share an index; a name that is repeated is not joined. Where nothing tells
two calls apart (no ids, one index, no arguments) they are taken for one whose name came in pieces.

Calls are in the order in which they began. Making calls of the calls made of some of the fragments gives the same, but
where only the completeness of the arguments tells calls apart.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from riverrun._pure.partial_json import parse_partial
from riverrun.messages._shapes import (
    InvalidToolCall,
    ToolCall,
    ToolCallChunk,
    invalid_tool_call,
    tool_call,
    tool_call_chunk,
)

__all__ = ["assemble", "compact", "fragments_of_raw", "parse_final", "parse_so_far"]

_STRUCTURE = r'["\\{}\[\]]'


class _Call:
    """A call under construction."""

    __slots__ = ("_depth", "_in_string", "_scanned", "_skip", "args", "echo", "end", "id", "index", "name")

    def __init__(self, index: Any, name: str | None = None) -> None:
        self.index = index
        self.id: str | None = None
        self.name = name
        self.args: list[str] = []
        self.end = ""  # the last character of the arguments that is no white space
        self.echo = False  # complete, and its name came again: the next object is another call's
        self._scanned = 0
        self._depth = 0
        self._in_string = False
        self._skip = -1

    def add(self, index: Any, id: str | None, name: str | None, args: str) -> None:
        self.id = self.id or id
        if self.index is None:
            self.index = index
        if name is not None and self.name is None:
            self.name = name
        elif name is not None and self.name is not None and not self.end and name != self.name:
            self.name = name if name.startswith(self.name) else self.name + name
        if args:
            self.args.append(args)
            self.end = args.rstrip()[-1:] or self.end

    def is_left_for(self, id: str | None, name: str | None, args: str) -> bool:
        """Whether a fragment without an id, or with the first that this call could have, begins another call."""
        text = args.strip()
        if name is None:
            return self.echo and text != ""
        if self.name is None:  # what has arrived is perhaps the rest of a call that began before
            return id is not None and self.end != ""
        if name != self.name:
            return self.end != "" or id is not None or (self.index is None and self.id is None)
        if not self._complete():
            return False
        self.echo = not text
        return text.startswith("{")

    def chunk(self) -> ToolCallChunk:
        return tool_call_chunk(name=self.name, args="".join(self.args), id=self.id, index=self.index)

    def _complete(self) -> bool:
        """Whether the arguments are an object that has been closed, found out in time linear in their length."""
        for piece in self.args[self._scanned :]:
            self._scan(piece)
        self._scanned = len(self.args)
        return self.end == "}" and self._depth <= 0 and not self._in_string

    def _scan(self, piece: str) -> None:
        for match in re.finditer(_STRUCTURE, piece):
            place, mark = match.start(), match.group()
            if place == self._skip:  # escaped
                continue
            if mark == '"':
                self._in_string = not self._in_string
            elif self._in_string:
                if mark == "\\":
                    self._skip = place + 1
            else:
                self._depth += 1 if mark in "{[" else -1
        self._skip -= len(piece)


class _Assembly:
    """The calls so far, and what a fragment needs to find its own."""

    def __init__(self) -> None:
        self.calls: list[_Call] = []
        self._latest: _Call | None = None
        self._at_index: dict[Any, _Call] = {}
        self._by_id: dict[str, _Call] = {}

    def add(self, index: Any, id: str | None, name: str | None, args: str) -> None:
        call = self._home(index, id, name, args)
        if call is None:
            call = _Call(index)
            self.calls.append(call)
        call.add(index, id, name, args)
        self._latest = call
        if call.index is not None:
            self._at_index[call.index] = call
        if id is not None:
            self._by_id[id] = call

    def _home(self, index: Any, id: str | None, name: str | None, args: str) -> _Call | None:
        """The call that the fragment belongs to, None if it begins one."""
        if id is not None:
            call = self._by_id.get(id)
            if call is not None and (index is None or call.index is None or call.index == index):
                return call
        latest = self._latest
        call = latest if index is None else self._at_index.get(index)
        if call is None:
            index_is_late = latest is not None and latest.index is None and id is None and name is None
            return latest if index_is_late else None
        another = id is not None and call.id is not None and id != call.id
        if not another and not call.is_left_for(id, name, args):
            return call
        if name is None and call.echo:  # its name came before it, and looked like a repetition
            self.calls.append(_Call(index, call.name))
            call.echo = False
            return self.calls[-1]
        call.echo = False
        return None


def assemble(fragments: Iterable[Mapping[str, Any]]) -> list[ToolCallChunk]:
    """The calls that `fragments` are the pieces of, in the order in which they begin, in time linear in their sizes."""
    return [call.chunk() for call in _calls(fragments)]


def compact(fragments: Iterable[Mapping[str, Any]]) -> list[ToolCallChunk]:
    """As few fragments as come to the same, whatever follows: a call each, and a repeated name where another may follow it."""
    compacted = []
    for call in _calls(fragments):
        compacted.append(call.chunk())
        if call.echo:
            compacted.append(tool_call_chunk(name=call.name, args="", index=call.index))
    return compacted


def _calls(fragments: Iterable[Mapping[str, Any]]) -> list[_Call]:
    assembly = _Assembly()
    for fragment in fragments:
        id, name, args = fragment.get("id"), fragment.get("name"), fragment.get("args")
        assembly.add(fragment.get("index"), id or None, name or None, args or "")
    return assembly.calls


def parse_so_far(chunks: Iterable[ToolCallChunk]) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """The calls with as much of their arguments as is certain, and those whose text doesn't even begin as a JSON object."""
    calls, invalid = [], []
    for chunk in chunks:
        name, args, id = chunk["name"], chunk["args"], chunk["id"]
        value = parse_partial(args) if args and not args.isspace() else None
        if value is None or isinstance(value, dict):
            calls.append(tool_call(name=name or "", args=value or {}, id=id))
        else:
            invalid.append(invalid_tool_call(name=name, args=args, id=id))
    return calls, invalid


def parse_final(chunks: Iterable[ToolCallChunk]) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """The calls whose arguments are whole, and those that can't be followed, with an error that says why.

    No arguments at all, or `null`, are those of a call that takes none.
    """
    calls, invalid = [], []
    for chunk in chunks:
        name, args, id = chunk["name"], chunk["args"], chunk["id"]
        value, error = _whole(args)
        if not name:
            error = error or "the call has no name"
        if error is None:
            calls.append(tool_call(name=name or "", args=value, id=id))
        else:
            invalid.append(invalid_tool_call(name=name, args=args, id=id, error=error))
    return calls, invalid


def _whole(args: str | None) -> tuple[dict[str, Any], str | None]:
    if not args or args.isspace():
        return {}, None
    try:
        # Line breaks in strings are a frequent slip, and no reason to refuse a call.
        value = json.loads(args, strict=False, parse_constant=_refuse)
    except RecursionError:
        return {}, "the arguments are nested too deeply"
    except ValueError as error:
        return {}, f"the arguments are not valid JSON: {error}"
    if value is None:
        return {}, None
    if not isinstance(value, dict):
        return {}, f"the arguments are not a JSON object but {type(value).__name__}"
    return value, None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")


def fragments_of_raw(raw: Any) -> list[ToolCallChunk]:
    """The fragments in what OpenAI and those like it send as `tool_calls`; what has not their form is passed over."""
    if not isinstance(raw, list):
        return []
    fragments = []
    for each in raw:
        function = each.get("function") if isinstance(each, dict) else None
        if isinstance(function, dict):
            name, args, id, index = (
                function.get("name"),
                function.get("arguments"),
                each.get("id"),
                each.get("index"),
            )
            if args is not None and not isinstance(args, str):
                args = json.dumps(args)  # some send the object itself
            fragments.append(tool_call_chunk(name=name, args=args, id=id, index=index))
    return fragments
