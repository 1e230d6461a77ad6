"""What every language model is: a step over prompts, with the metadata by which its runs are described."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeAlias, TypedDict
from zlib import crc32

from pydantic import ConfigDict, Field

from riverrun._engine.config import RunnableConfig
from riverrun._engine.run import Run, current
from riverrun._engine.runnable import Output, Runnable
from riverrun._pure.exceptions import InputError
from riverrun.caches import BaseCache
from riverrun.callbacks import Callbacks
from riverrun.globals import get_llm_cache, get_verbose
from riverrun.language_models._caching import Place, cache_of, is_set, key_of
from riverrun.language_models._hooks import stop_of
from riverrun.messages import BaseMessage, MessageLikeRepresentation, convert_to_messages, get_buffer_string
from riverrun.outputs import LLMResult
from riverrun.prompt_values import ChatPromptValue, PromptValue, StringPromptValue
from riverrun.runnables import RunnableSerializable

LanguageModelInput: TypeAlias = PromptValue | str | Sequence[MessageLikeRepresentation]
"""What a model takes: a prompt's value, a text, or a list of what can be read as messages."""

LanguageModelOutput: TypeAlias = BaseMessage | str
"""What a model puts out: a message, or a text."""

LanguageModelLike: TypeAlias = Runnable[LanguageModelInput, LanguageModelOutput]
"""A model, or a step that stands for one."""

CHARACTERS_PER_TOKEN = 4
"""How long a token of English text is, roughly."""


class LangSmithParams(TypedDict, total=False):
    """The metadata that describes a model's runs."""

    ls_provider: str
    ls_model_name: str
    ls_model_type: Literal["chat", "llm"]
    ls_temperature: float | None
    ls_max_tokens: int | None
    ls_stop: list[str] | None
    ls_integration: str


class _Described:
    """`dict`, apart from the class whose methods speak of `dict[...]`."""

    @property
    def _llm_type(self) -> str:
        """A short name of the kind of model, for metadata."""
        return type(self).__name__.lower()

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        """The settings that distinguish this model from others of its class."""
        return {}

    def asdict(self) -> Any:
        """The settings that identify this model, and its `_type`."""
        return {**self._identifying_params, "_type": self._llm_type}

    def dict(self, **kwargs: Any) -> Any:
        """`asdict`, by its older name."""
        return self.asdict()


class BaseLanguageModel(_Described, RunnableSerializable[LanguageModelInput, Output]):
    """A model of language behind the interface of a step."""

    model_config = ConfigDict(
        hide_input_in_errors=True
    )  # it may be a key: a missing field would show all that was given

    __slots__ = ("_notes",)  # of its caching: no field, and by identity though models compare by value

    cache: BaseCache | bool | None = Field(default=None, exclude=True)
    """Where answers are looked up before a request is made: a cache, True for the one that `set_llm_cache` has set, False
    for none; None for the one that is set, if there is one."""

    verbose: bool = Field(default_factory=get_verbose, exclude=True, repr=False)
    """Kept for who asks; nothing is printed because of it."""

    callbacks: Callbacks = Field(default=None, exclude=True)
    """Kept for who asks. Runs are reported to the callbacks of their config, which `with_config` binds to a model."""

    tags: list[str] | None = Field(default=None, exclude=True)
    """Tags of this model's own runs."""

    metadata: dict[str, Any] | None = Field(default=None, exclude=True)
    """Metadata of this model's own runs."""

    custom_get_token_ids: Callable[[str], list[int]] | None = Field(default=None, exclude=True)
    """What `get_token_ids` asks, in place of an estimate."""

    _ls_type: ClassVar[str] = ""
    _ls_affix: ClassVar[str] = ""

    # ----------------------------------------------------------------------------------------------- many prompts

    def generate_prompt(
        self,
        prompts: list[PromptValue],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        **kwargs: Any,
    ) -> LLMResult:
        """`generate` for prompts' values."""
        raise NotImplementedError(f"{type(self).__name__} defines no generate_prompt")

    async def agenerate_prompt(
        self,
        prompts: list[PromptValue],
        stop: list[str] | None = None,
        callbacks: Callbacks = None,
        **kwargs: Any,
    ) -> LLMResult:
        """`agenerate` for prompts' values."""
        raise NotImplementedError(f"{type(self).__name__} defines no agenerate_prompt")

    def with_structured_output(self, schema: dict[str, Any] | type, **kwargs: Any) -> Runnable[Any, Any]:
        """This model, held to answer in the form of `schema`. A class whose provider can do so overrides it."""
        raise NotImplementedError(f"{type(self).__name__} has no with_structured_output")

    # ----------------------------------------------------------------------------------------------------- tokens

    def get_token_ids(self, text: str) -> list[int]:
        """The tokens of `text`: what `custom_get_token_ids` says, else an estimate, one number for each four characters.

        Nothing is downloaded to count exactly. A class that knows its tokenizer overrides this, and all counts follow.
        """
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        return get_tokenizer().encode(text)

    def get_num_tokens(self, text: str) -> int:
        """How many tokens `text` has, as `get_token_ids` counts."""
        return len(self.get_token_ids(text))

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """How many tokens the messages have, each as a line of dialogue. What a provider adds, and tools, don't count."""
        return sum(self.get_num_tokens(get_buffer_string([message])) for message in messages)

    # ----------------------------------------------------------------------------------- what describes and identifies

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        """The metadata by which traces describe this model's runs: the `ls_*` keys."""
        provider = type(self).__name__.removeprefix(self._ls_affix).removesuffix(self._ls_affix).lower()
        params: dict[str, Any] = {"ls_provider": provider, "ls_model_type": self._ls_type}
        if stop:
            params["ls_stop"] = stop
        for key, names, kinds in _LS_SOURCES:
            for name in names:
                value = kwargs.get(name, getattr(self, name, None))
                if isinstance(value, kinds):
                    params[key] = value
                    break
        return params  # type: ignore[return-value]  # built key by key

    def _run_metadata(self, run: Run) -> dict[str, Any]:
        stop, kwargs = stop_of(run)
        return self._get_ls_params(stop=stop, **kwargs)  # type: ignore[return-value]  # a plain dict all the same

    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """What stands for this model and the arguments of a call in the keys of a cache."""
        return key_of(self, stop, kwargs)

    def _may_cache(self) -> bool:
        """Whether a cache has a say in this model's runs."""
        return self.cache is not False and (self.cache is not None or get_llm_cache() is not None)

    def _place_of(self, prompt: str, run: Run) -> Place | None:
        """Where a cache holds the answer to `prompt`; None where none has a say."""
        if not self._may_cache():
            return None
        with run.locating():
            stop, kwargs = stop_of(run)
            cache = cache_of(self.cache)
            return (
                Place(cache, prompt, self._get_llm_string(stop, **kwargs), run) if cache is not None else None
            )

    def __setattr__(self, name: str, value: Any) -> None:
        run = current.get()
        is_set(self, name, by_itself=run is not None and run.step is self)
        super().__setattr__(name, value)

    def _convert_input(self, model_input: Any) -> PromptValue:
        """A model's input as a prompt's value.

        Raises:
            InputError: it is neither a prompt's value, nor a text, nor a list.
            MessageError: something in the list can't be read as a message.
        """
        if isinstance(model_input, PromptValue):
            return model_input
        if isinstance(model_input, str):
            return StringPromptValue(text=model_input)
        if isinstance(model_input, Sequence):
            return ChatPromptValue(messages=convert_to_messages(model_input))
        raise InputError(
            f"{type(self).__name__} takes a prompt's value, a text or a list of messages, "
            f"not {type(model_input).__name__}"
        )


_LS_SOURCES: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    ("ls_model_name", ("model", "model_name"), str),
    ("ls_temperature", ("temperature",), int | float),
    ("ls_max_tokens", ("max_tokens",), int),
)


class Tokenizer:
    """An estimate of tokens that needs no vocabulary: a token for each four characters."""

    def encode(self, text: str) -> list[int]:
        """A number for each piece of `text`, the same for the same piece."""
        pieces = range(0, len(text), CHARACTERS_PER_TOKEN)
        return [crc32(text[i : i + CHARACTERS_PER_TOKEN].encode(errors="replace")) for i in pieces]


def get_tokenizer() -> Tokenizer:
    """What counts tokens by default: an estimate. Nothing is downloaded."""
    return Tokenizer()


def config_of(
    callbacks: Any,
    tags: Any,
    metadata: Any,
    run_name: Any,
    run_id: Any,
    count: int,
) -> list[RunnableConfig]:
    """The configs of `count` runs: what is a list of as many is spread over them, a run_id names the first."""
    spread = {
        "tags": tags,
        "metadata": metadata,
        "run_name": run_name,
        "run_id": run_id,
        "callbacks": callbacks,
    }
    configs: list[Any] = [{} for _ in range(count)]
    for key, value in spread.items():
        if value is None:
            continue
        each = value if _is_spread(key, value) else [value] * count
        if key == "run_id" and each is not value:
            each = [value, *[None] * (count - 1)]
        if len(each) != count:
            raise InputError(
                f"{key} has {len(each)} values for {count} prompts: give one, or one for each prompt"
            )
        for config, one in zip(configs, each, strict=True):
            if one is not None:
                config[key] = one
    return configs


def _is_spread(key: str, value: Any) -> bool:
    """Whether there is one value for each prompt: tags and callbacks are lists themselves."""
    if not isinstance(value, list):
        return False
    if key in ("tags", "callbacks"):
        return bool(value) and all(each is None or isinstance(each, list) for each in value)
    return True
