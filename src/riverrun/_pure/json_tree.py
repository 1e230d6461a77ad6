"""The value that the scanner's operations build, and snapshots of it that never change while anybody holds them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from riverrun._pure.json_scan import CLOSE, GROW, OPEN, SHOW, Op
from riverrun._pure.partial_json import UNREADABLE

__all__ = ["Snapshots", "Tree"]


class Tree:
    """One copy of the value, built by operations. Its open containers are its own, what is finished may be shared."""

    __slots__ = ("path",)

    def __init__(self) -> None:
        self.path: list[Any] = [[]]
        """A list that holds the root, the root, and so on down to the innermost open container."""

    @property
    def value(self) -> Any:
        """The root; UNREADABLE where there is none yet."""
        holder = self.path[0]
        return holder[0] if holder else UNREADABLE

    def apply(self, ops: Iterable[Op]) -> None:
        """Do what `ops` say. The first tree that closes a container shares it with those that do so later."""
        path = self.path
        top = path[-1]
        for op in ops:
            kind, key, value = op
            if kind == GROW:
                text = top[key]
                top[key] = None  # so that the text, if nobody else holds it, grows where it stands
                text += value
                top[key] = text
            elif kind == CLOSE:
                closed = path.pop()
                top = path[-1]
                if value is None:
                    op[2] = closed
                else:
                    top[key] = value
            elif kind == OPEN:
                child: Any = {} if value == "{" else []
                if type(top) is list:
                    top.append(child)
                else:
                    top[key] = child
                path.append(child)
                top = child
            elif type(top) is list and kind < SHOW:
                top.append(value)
            else:
                top[key] = value

    def copy(self) -> Tree:
        """A tree that shares all but the open containers with this one, in time linear in the size of these."""
        twin = Tree()
        twin.path = path = [container.copy() for container in self.path]
        for depth in range(len(path) - 1):
            parent, child = path[depth], path[depth + 1]
            parent[-1 if type(parent) is list else _last_key(parent, self.path[depth + 1])] = child
        return twin


def _last_key(parent: dict[str, Any], child: Any) -> Any:
    key = next(reversed(parent))
    if parent[key] is child:
        return key
    return next(
        key for key, value in parent.items() if value is child
    )  # a name that stood there before, again


def _own_refs() -> int:
    """How often the containers of a path are referred to if nobody else holds them; -1 where that can't be told."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return -1
    tree = Tree()
    tree.apply([[OPEN, 0, "{"], [OPEN, "a", "["]])
    return max(map(getrefcount, tree.path))


def _unknown(container: Any) -> int:
    return 0


getrefcount: Callable[[Any], int] = getattr(sys, "getrefcount", _unknown)
_OWN_REFS = _own_refs() if hasattr(sys, "getrefcount") else -1


class Snapshots:
    """What has arrived, after any piece: plain dicts and lists that never change while anybody holds one of them.

    Two trees take turns. A reader looks at the newer one while the older is brought up to date, if nobody holds any of its
    open containers: so a piece costs the same whatever has arrived before. Else the open containers are copied.
    """

    __slots__ = ("_newer", "_older", "_owed", "_pending")

    def __init__(self) -> None:
        self._newer = Tree()
        self._older: Tree | None = None
        self._owed: list[Op] = []  # what the older tree lacks of the newer one
        self._pending: list[Op] = []

    def add(self, ops: list[Op]) -> None:
        """Let the next snapshot have what `ops` say."""
        if self._pending:
            self._pending += ops
        else:
            self._pending = ops

    def take(self) -> Any:
        """The value so far; UNREADABLE before it begins."""
        if self._pending:
            tree = self._older
            if (
                tree is not None and max(map(getrefcount, tree.path)) <= _OWN_REFS
            ):  # nobody else holds any of it
                tree.apply(self._owed)
            else:
                tree = self._newer.copy()
            tree.apply(self._pending)
            self._older, self._newer = self._newer, tree
            self._owed, self._pending = self._pending, []
        return self._newer.value
