"""Schemas of JSON (https://json-schema.org, draft 2020-12) as dicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["dereference_refs"]


def dereference_refs(
    schema_obj: dict[str, Any],
    *,
    full_schema: dict[str, Any] | None = None,
    skip_keys: Sequence[str] | None = None,
) -> dict[str, Any]:
    """`schema_obj` with what its `$ref`s point to in their place; keys beside a `$ref` go before what it points to.

    A reference to what it stands in becomes `{}`, which allows anything. The same reference gives the same object, so
    the time is linear in the size of the schema, however often its parts refer to each other: don't change parts of the
    result.

    Args:
        schema_obj: what is to be resolved.
        full_schema: what the references point into; by default `schema_obj`.
        skip_keys: keys whose values stay as they are; by default `$defs`, and what it holds is resolved where it is used.

    Raises:
        ValueError: a reference doesn't begin with `#`.
        KeyError: it points to something that isn't there.
    """
    skipped = ("$defs",) if skip_keys is None else tuple(skip_keys)
    resolved: dict[str, Any] = Resolver(full_schema or schema_obj, skipped).of(schema_obj)
    return resolved


class Resolver:
    """One pass over a schema: what a reference stands for is found once.

    What was cut short because of a cycle is found anew where it is met from elsewhere, since there it reaches further.
    Types that all refer to each other are met on as many ways as they have orders, so that ends after a while.
    """

    PATIENCE = 1_000
    """How many references are followed before a part that was cut short is used again."""

    def __init__(self, root: dict[str, Any], skipped: tuple[str, ...]) -> None:
        self._root, self._skipped = root, skipped
        self._known: dict[str, Any] = {}
        self._above: list[str] = []
        self._followed = 0
        self._cuts = 0

    def of(self, schema: Any) -> Any:
        """`schema`, resolved."""
        if isinstance(schema, list):
            return [self.of(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        ref = schema.get("$ref")
        is_ref = isinstance(ref, str)  # else a property of that name
        beside = {
            key: value if key in self._skipped else self.of(value)
            for key, value in schema.items()
            if key != "$ref" or not is_ref
        }
        if not is_ref:
            return beside
        target = self._at(ref)
        return {**target, **beside} if beside and isinstance(target, dict) else target

    def _at(self, ref: Any) -> Any:
        if ref in self._known:
            return self._known[ref]
        if ref in self._above:
            self._cuts += 1
            return {}
        self._followed += 1
        before = self._cuts
        self._above.append(ref)
        target = self.of(find(self._root, ref))
        self._above.pop()
        if self._cuts == before or self._followed > self.PATIENCE:
            self._known[ref] = target
        return target


def find(schema: Any, ref: str) -> Any:
    """What a JSON pointer (RFC 6901) in a URI fragment points to.

    Raises:
        ValueError: `ref` doesn't begin with `#`.
        KeyError: it points to something that isn't there.
    """
    start, *path = ref.split("/")
    if start != "#":
        raise ValueError(
            f"only references into the same schema can be resolved, which begin with '#', not {ref!r}"
        )
    for step in path:
        key = step.replace("~1", "/").replace("~0", "~")
        try:
            schema = schema[int(key)] if isinstance(schema, list) else schema[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise KeyError(f"there is no {key!r} at {ref!r}") from None
    return schema
