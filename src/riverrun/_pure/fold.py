"""What the chunks of one stream come to: the contract that ties `stream` to `invoke`.

Text is joined once. A type that knows how to join many of its own at once says so with a classmethod
`__fold__(chunks)`. Others are added with `+`; where `+` is not defined, the last chunk stands for all.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from itertools import chain
from typing import Any

from riverrun._pure.exceptions import EmptyStreamError


def fold(chunks: Sequence[Any]) -> Any:
    """The value that `chunks` are the pieces of, in time linear in their sizes.

    Raises:
        EmptyStreamError: there is no chunk, so there is no value.
    """
    if not chunks:
        raise EmptyStreamError("the stream ended without a chunk, so there is no value to fold it into")
    first = chunks[0]
    if len(chunks) == 1:
        return first
    kind = type(first)
    try:
        if kind is str:
            return "".join(chunks)
        if (join := getattr(kind, "__fold__", None)) is not None:
            return join(chunks)
        if kind in (list, tuple) and all(type(chunk) is kind for chunk in chunks):
            return kind(chain.from_iterable(chunks))
        if kind is bytes:
            return b"".join(chunks)
        return reduce(operator.add, chunks)
    except TypeError:
        return chunks[-1]
