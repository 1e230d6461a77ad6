"""How values that arrive in pieces become whole: many pieces at once, in time linear in their sizes, never changing them.

There are two kinds of values. *Fragments* are cut-up text and the structures around it (a message's content blocks, a
provider's raw deltas): their strings join. *Facts* are reports about an answer (model name, finish reason): a later report
stands for the earlier ones, so what every chunk repeats is not doubled. Both kinds of dicts merge key by key, both kinds of
lists append, and items of a list that carry the same `index` are pieces of one item.

Each function may be given all the pieces at once or what it made of some of them, in any grouping: the result is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

__all__ = ["add_counts", "leaves", "merge_content", "merge_facts", "merge_fragments", "subtract_counts"]

Content: TypeAlias = str | list[str | dict[str, Any]]

# Strings under these keys name something and are no text: they are never joined, however often they are repeated.
_FIRST_STANDS = frozenset({"id", "type", "index", "role"})
_LAST_STANDS = frozenset(
    {
        "encoding",
        "finish_reason",
        "media_type",
        "mime_type",
        "model",
        "model_name",
        "model_provider",
        "object",
        "output_version",
        "service_tier",
        "source_type",
        "status",
        "stop_reason",
        "system_fingerprint",
    }
)


def merge_fragments(values: Sequence[Any]) -> Any:
    """What `values` are the pieces of, where strings are text that was cut.

    None counts for nothing. Strings join, except under keys that name something (`id`, `type`, `status`, ...). Numbers and
    truth values don't add up: the last stands. Where the kinds differ, the dicts stand, else the lists, else the text: if the last
    value stood, it would depend on the grouping what it stands for.
    """
    return _merge([value for value in values if value is not None], None, text=True)


def merge_facts(values: Sequence[Any]) -> Any:
    """What `values` come to, where a later report stands for an earlier one; dicts merge and lists append all the same."""
    return _merge([value for value in values if value is not None], None, text=False)


def merge_content(contents: Sequence[Content]) -> Content:
    """The content that `contents` are the pieces of: text if all are text, else a list of texts and blocks.

    Empty text counts for nothing, neighbouring texts join, blocks with the same `index` are one if both are text
    or neither is, unless the later one that is no text has an `id` of its own.
    """
    if all(isinstance(content, str) for content in contents):
        return "".join(contents)  # type: ignore[arg-type]  # all() narrows no elements
    items = chain.from_iterable([content] if isinstance(content, str) else content for content in contents)
    return _merge_items((item for item in items if item != ""), text=True, join_texts=True)


def add_counts(counts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of `counts`, key by key and in nested dicts too; what is no number is kept as it was reported last."""
    total: dict[str, Any] = {}
    nested: dict[str, list[Mapping[str, Any]]] = {}
    for count in counts:
        for key, value in count.items():
            if isinstance(value, Mapping):
                nested.setdefault(key, []).append(value)
                total.setdefault(key, value)  # the key's place
            elif isinstance(value, int | float) and isinstance(total.get(key), int | float):
                total[key] += value
            elif value is not None:
                total[key] = value
    total.update((key, add_counts(values)) for key, values in nested.items())
    return total


def subtract_counts(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """`left` less `right`, key by key and in nested dicts too; a count that is missing is 0, and none falls below that."""
    rest: dict[str, Any] = {}
    for key in dict.fromkeys((*left, *right)):
        had, gone = left.get(key), right.get(key)
        if isinstance(had, Mapping) or isinstance(gone, Mapping):
            rest[key] = subtract_counts(had or {}, gone or {})
        else:
            rest[key] = max((had or 0) - (gone or 0), 0)
    return rest


def leaves(pair: tuple[Any, Any]) -> list[Any]:
    """What a tree of pairs holds, from left to right; whatever is no tuple is a leaf."""
    found: list[Any] = []
    waiting: list[Any] = []
    node: Any = pair
    while True:  # from right to left, as sums lean to the left
        if node.__class__ is not tuple:
            found.append(node)
            if not waiting:
                found.reverse()
                return found
            node = waiting.pop()
        else:
            left, right = node
            if right.__class__ is tuple:
                waiting.append(left)
                node = right
            else:
                found.append(right)
                node = left


def _merge(values: list[Any], key: str | None, *, text: bool) -> Any:
    if not values:
        return None
    if len(values) == 1:
        return _own(values[0])
    kind = values[0].__class__
    if any(value.__class__ is not kind for value in values):
        highest = max(map(_rank, values))
        values = [value for value in values if _rank(value) == highest]
    last = values[-1]
    if isinstance(last, str):
        if not text or key in _LAST_STANDS:
            return last
        if all(isinstance(value, str) for value in values):
            return next(filter(None, values), "") if key in _FIRST_STANDS else "".join(values)
    elif isinstance(last, dict):
        if all(isinstance(value, dict) for value in values):
            return _merge_dicts(values, text=text)
    elif isinstance(last, list):
        if all(isinstance(value, list) for value in values):
            return _merge_items(chain.from_iterable(values), text=text)
    elif key in _FIRST_STANDS:
        return values[0]
    return _own(last)


def _rank(value: Any) -> int:
    """Which kind of value stands where kinds differ; what is empty says nothing of its kind."""
    if isinstance(value, str | list | dict):
        return 0 if not value else 2 if isinstance(value, str) else 3 if isinstance(value, list) else 4
    return 1


def _merge_dicts(dicts: Iterable[dict[str, Any]], *, text: bool) -> dict[str, Any]:
    pieces: dict[str, list[Any]] = {}
    for each in dicts:
        for key, value in each.items():
            found = pieces.get(key)
            if found is None:
                found = pieces[key] = []
            if value is not None:
                found.append(value)
    return {key: _merge(values, key, text=text) for key, values in pieces.items()}


def _merge_items(items: Iterable[Any], *, text: bool, join_texts: bool = False) -> list[Any]:
    """The items that `items` are the pieces of.

    At one index there is one text, whatever ids its pieces have: some learn theirs at the end. Of other things there may be
    several (providers give all calls of a turn one index): each begins with its id, and what has no id belongs to the one that
    began last. A piece never learns its id later, nor belongs to the one that was last added to, since both would depend on
    the grouping.
    """
    merged: list[list[Any]] = []  # the pieces of each item
    begun: dict[Any, list[Any]] = {}  # by what tells a piece where it belongs
    for piece in items:
        if join_texts and isinstance(piece, str):
            if merged and isinstance(merged[-1][0], str):
                merged[-1].append(piece)
            else:
                merged.append([piece])
            continue
        index = piece.get("index") if isinstance(piece, dict) else None
        if not isinstance(index, int | str):
            merged.append([piece])
            continue
        is_text, id = piece.get("type") == "text", piece.get("id")
        last_begun = (index, is_text, None)
        own = last_begun if is_text or not id else (index, False, id)
        item = begun.get(own)
        if item is None:
            begun[own] = begun[last_begun] = item = []
            merged.append(item)
        item.append(piece)
    return [_merge(pieces, None, text=text) for pieces in merged]


def _own(value: Any) -> Any:
    """`value` with its own dicts and lists, so that nobody who changes the result changes a piece."""
    if isinstance(value, dict):
        return {key: _own(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_own(each) for each in value]
    return value
