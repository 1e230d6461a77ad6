"""Makes messages fit a number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, overload

from riverrun._pure.exceptions import InputError
from riverrun.messages._convert import Messages, convert_to_messages, message_chunk_to_message
from riverrun.messages._count import about
from riverrun.messages._select import Kind, as_step, is_of, listed
from riverrun.messages._text import text_of
from riverrun.messages.base import BaseMessage
from riverrun.messages.system import SystemMessage

if TYPE_CHECKING:
    from riverrun.runnables import Runnable

__all__ = ["trim_messages"]


class Counter(Protocol):
    """A model, seen from below."""

    def get_num_tokens_from_messages(self, messages: list[BaseMessage]) -> int: ...


class Splitter(Protocol):
    """What splits texts, as an object."""

    def split_text(self, text: str) -> list[str]: ...


TokenCounter: TypeAlias = (
    Callable[[list[BaseMessage]], int] | Callable[[BaseMessage], int] | Counter | Literal["approximate"]
)
TextSplitter: TypeAlias = Callable[[str], list[str]] | Splitter


@overload
def trim_messages(
    messages: None = None,
    *,
    max_tokens: int,
    token_counter: TokenCounter,
    strategy: Literal["first", "last"] = "last",
    allow_partial: bool = False,
    end_on: Kind | Sequence[Kind] | None = None,
    start_on: Kind | Sequence[Kind] | None = None,
    include_system: bool = False,
    text_splitter: TextSplitter | None = None,
) -> Runnable[Messages, list[BaseMessage]]: ...
@overload
def trim_messages(
    messages: Messages,
    *,
    max_tokens: int,
    token_counter: TokenCounter,
    strategy: Literal["first", "last"] = "last",
    allow_partial: bool = False,
    end_on: Kind | Sequence[Kind] | None = None,
    start_on: Kind | Sequence[Kind] | None = None,
    include_system: bool = False,
    text_splitter: TextSplitter | None = None,
) -> list[BaseMessage]: ...
def trim_messages(
    messages: Messages | None = None,
    *,
    max_tokens: int,
    token_counter: TokenCounter,
    strategy: Literal["first", "last"] = "last",
    allow_partial: bool = False,
    end_on: Kind | Sequence[Kind] | None = None,
    start_on: Kind | Sequence[Kind] | None = None,
    include_system: bool = False,
    text_splitter: TextSplitter | None = None,
) -> Any:
    """As many of the messages as come to `max_tokens` at most: the first of them, or the last.

    Without messages, a step that does this to its input.

    Args:
        token_counter: counts tokens: a model, "approximate" (see `count_tokens_approximately`), a function of a list of
            messages or one of a single message, whose parameter is annotated with `BaseMessage`. What a longer list comes to
            must not be less. A counter of single messages is asked once for each that is looked at; one of lists a few times.
        allow_partial: whether to keep a part of the message that doesn't fit: some of its blocks, or of its text.
        end_on: kinds of messages to end on; what follows the last of them is left out, with the strategy "last" before
            anything is counted, and with "first" afterwards.
        start_on: with the strategy "last", kinds of messages to start on; what precedes the first of them is left out. A
            system message that `include_system` keeps may precede it.
        include_system: with the strategy "last", whether to keep a system message that is the first of all.
        text_splitter: how text is cut where `allow_partial`: a function, or an object with `split_text`. At the ends of lines,
            if none is given.

    Raises:
        InputError: a parameter has a wrong value; the message names it.
        MessageError: something in `messages` stands for no message.
    """
    if strategy not in ("first", "last"):
        raise InputError(f"strategy must be 'first' or 'last', not {strategy!r}")
    for name, value in (("start_on", start_on), ("include_system", include_system)):
        if value and strategy == "first":
            raise InputError(f"{name} goes with strategy='last' only")
    if not isinstance(max_tokens, int | float):
        raise InputError(f"max_tokens must be a number, not {type(max_tokens).__name__}")
    counter = _Counter(token_counter)
    split = _splitter(text_splitter) if allow_partial else None
    if messages is None:
        return as_step(
            trim_messages,
            {
                "max_tokens": max_tokens,
                "token_counter": token_counter,
                "strategy": strategy,
                "allow_partial": allow_partial,
                "end_on": end_on,
                "start_on": start_on,
                "include_system": include_system,
                "text_splitter": text_splitter,
            },
        )
    made = convert_to_messages(messages)
    if strategy == "first":
        chosen = _first(made, max_tokens, counter, split)
        return _up_to(chosen, listed(end_on))
    kept = _up_to(made, listed(end_on))
    system = kept[:1] if include_system and kept and isinstance(kept[0], SystemMessage) else []
    room = max(0, max_tokens - counter(system)) if system else max_tokens
    chosen = _last(kept[len(system) :], room, counter, split)
    return system + _up_to(chosen[::-1], listed(start_on))[::-1]


def _up_to(messages: list[BaseMessage], kinds: Collection[Kind]) -> list[BaseMessage]:
    """The messages up to the last of these kinds; all, if no kinds are given."""
    end = len(messages)
    while kinds and end and not is_of(messages[end - 1], kinds):
        end -= 1
    return messages[:end]


def _first(
    messages: list[BaseMessage], room: float, counter: _Counter, split: Callable[[str], list[str]] | None
) -> list[BaseMessage]:
    fit = counter.how_many(messages, room, backwards=False)
    kept = messages[:fit]
    if (
        split
        and fit < len(messages)
        and (part := _part(kept, messages[fit], room, counter, split, backwards=False))
    ):
        kept.append(part)
    return kept


def _last(
    messages: list[BaseMessage], room: float, counter: _Counter, split: Callable[[str], list[str]] | None
) -> list[BaseMessage]:
    fit = counter.how_many(messages, room, backwards=True)
    start = len(messages) - fit
    kept = messages[start:]
    if split and start and (part := _part(kept, messages[start - 1], room, counter, split, backwards=True)):
        kept.insert(0, part)
    return kept


def _part(
    kept: list[BaseMessage],
    message: BaseMessage,
    room: float,
    counter: _Counter,
    split: Callable[[str], list[str]],
    *,
    backwards: bool,
) -> BaseMessage | None:
    """As much of the message as fits beside those that are kept: of its blocks, or else of the text in the first that is looked at."""
    message = message_chunk_to_message(message)
    content = message.content
    if isinstance(content, list):
        blocks = content[::-1] if backwards else content

        def with_blocks(count: int) -> BaseMessage:
            chosen = blocks[:count]
            return message.model_copy(update={"content": chosen[::-1] if backwards else chosen})

        fit = _longest(
            lambda count: counter([with_blocks(count), *kept] if backwards else [*kept, with_blocks(count)]),
            len(blocks) - 1,
            room,
        )
        if fit:
            return with_blocks(fit)
        content = text_of(blocks[:1])
        if not content:
            return None
    room -= counter(kept)
    pieces = split(content)
    if backwards:
        pieces.reverse()

    def with_text(count: int) -> BaseMessage:
        chosen = pieces[:count]
        return message.model_copy(update={"content": "".join(reversed(chosen) if backwards else chosen)})

    fit = _longest(lambda count: counter([with_text(count)]), len(pieces), room)
    return with_text(fit) if fit else None


class _Counter:
    """A token counter of any kind. Where it counts single messages, what a list comes to is the sum."""

    def __init__(self, given: Any) -> None:
        self._of_one: Any = None
        self._of_all: Any = None
        if given == "approximate":
            self._of_one = about
        elif isinstance(given, str):
            raise InputError(f"token_counter may be 'approximate', but not {given!r}")
        elif (of_model := getattr(given, "get_num_tokens_from_messages", None)) is not None:
            self._of_all = of_model
        elif not callable(given):
            raise InputError(
                "token_counter must be a function, 'approximate' or a model with get_num_tokens_from_messages, "
                f"not {type(given).__name__}"
            )
        elif _takes_one(given):
            self._of_one = given
        else:
            self._of_all = given

    def __call__(self, messages: list[BaseMessage]) -> float:
        total: float = sum(map(self._of_one, messages)) if self._of_all is None else self._of_all(messages)
        return total

    def how_many(self, messages: list[BaseMessage], room: float, *, backwards: bool) -> int:
        """How many of the messages, from the start or from the end, come to `room` at most."""
        size = len(messages)
        if (count := self._of_all) is not None:
            return _longest(
                lambda number: count(messages[size - number :] if backwards else messages[:number]),
                size,
                room,
            )
        sizes = map(self._of_one, reversed(messages) if backwards else messages)
        return next((number for number, total in enumerate(accumulate(sizes)) if total > room), size)


def _takes_one(function: Callable[..., Any]) -> bool:
    """Whether the function's parameter is annotated as one message."""
    said = next((kind for name, kind in _annotations(function).items() if name != "return"), None)
    if isinstance(said, str):  # what `from __future__ import annotations` leaves of it
        return said.rpartition(".")[2] == "BaseMessage"
    return isinstance(said, type) and issubclass(said, BaseMessage)


def _annotations(function: Any) -> dict[str, Any]:
    """What the parameters of a function, or of an object that can be called, are annotated with."""
    while isinstance(function, partial):
        function = function.func
    said = getattr(function, "__annotations__", None)
    return said if said is not None else getattr(type(function).__call__, "__annotations__", {})


def _longest(count: Callable[[int], float], size: int, room: float) -> int:
    """The largest number, `size` at most, that `count` says comes to `room` at most; `count` never falls.

    The number is guessed by proportion, for `count` may be costly, and every second time by halves, in case it is uneven.
    """
    if size <= 0 or (most := count(size)) <= room:
        return max(size, 0)
    low, high, least, by_halves = 0, size, min(0.0, room), False
    while high - low > 1:
        share = 0.5 if by_halves else (room - least) / (most - least)
        middle = min(max(low + int(share * (high - low)), low + 1), high - 1)
        total = count(middle)
        if total <= room:
            low, least = middle, total
        else:
            high, most = middle, total
        by_halves = not by_halves
    return low


def _splitter(given: TextSplitter | None) -> Callable[[str], list[str]]:
    if given is None:
        return _lines
    if (split := getattr(given, "split_text", None)) is not None:
        return lambda text: list(split(text))
    if not callable(given):
        raise InputError(
            f"text_splitter must be a function or an object with split_text, not {type(given).__name__}"
        )
    return lambda text: list(given(text))


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), last]
