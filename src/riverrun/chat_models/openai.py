"""OpenAI's chat models, and all that speak their chat.completions format.

The official `openai` package carries authentication, retries and transport. It is imported when the first request is
made, every request goes through its `chat.completions.create`, and its answer is read as the bytes that came, so that
a cut, an error in the middle, or whatever else the wire holds, is seen here.
"""

import os
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from types import ModuleType
from typing import Any, cast

from pydantic import ConfigDict, Field, PrivateAttr, SecretStr

from riverrun._backends.aio import ASYNC
from riverrun._engine.run import current
from riverrun._engine.runnable import Runnable
from riverrun._pure.exceptions import ConfigError, MissingKeyError, UnknownParameterError
from riverrun._pure.slips import meant
from riverrun.chat_models import _http
from riverrun.chat_models._openai_chat import payload_of, tool_choice_of
from riverrun.chat_models._openai_sdk import (
    aread,
    http_library,
    known_to_create,
    read,
    result_of,
    result_of_chunks,
    scrub,
    sdk,
    without_user,
)
from riverrun.language_models import BaseChatModel, LangSmithParams
from riverrun.messages import BaseMessage
from riverrun.outputs import ChatGenerationChunk, ChatResult
from riverrun.utils.function_calling import convert_to_openai_tool

__all__ = ["ChatOpenAI"]

_ON_THE_WIRE = (
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "n",
    "presence_penalty",
    "reasoning_effort",
    "seed",
    "service_tier",
    "stop",
    "store",
    "temperature",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
)
"""Fields that the API has under the same name."""

_WIRE_NAMES = {
    "max_tokens": "max_completion_tokens",
    "model_name": "model",
    "request_timeout": "timeout",
    "stop_sequences": "stop",
}
"""Further names of parameters given with a call, and how the API or its client calls them."""

_NO_SLIPS = frozenset(("top_k", "min_p", "repetition_penalty", "tools", "functions"))
"""Parameters of this API or of its lookalikes that are no fields, but are spelled much like one."""


class _Clients:
    """The clients of one model. Deep copies and pickles of the model begin without any."""

    __slots__ = ("made", "own")

    def __init__(self) -> None:
        self.own: dict[str, Any] = {}
        """What the user has set in place of the official ones."""
        self.made: dict[str, tuple[dict[str, Any], Any]] = {}

    def take(self, kind: str, settings: dict[str, Any]) -> Any:
        """The client of this kind with these settings; another one when a setting of the model was changed."""
        made = self.made.get(kind)
        if made is None or made[0] != settings:
            self.made[kind] = made = settings, getattr(sdk(), kind)(**settings)
        return made[1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Clients)  # models are equal if their settings are

    __hash__ = None  # type: ignore[assignment]  # as the models'

    def __reduce__(self) -> tuple[Any, ...]:
        return _Clients, ()


class ChatOpenAI(BaseChatModel):
    """A chat model behind OpenAI's chat.completions API, at OpenAI or wherever `base_url` points.

    Parameters go by the names of the API and by those that users of earlier clients know. A keyword that nearly spells
    one of them is refused, any other goes to `model_kwargs` with a warning. The key is read from `OPENAI_API_KEY`, the
    address from `OPENAI_API_BASE` or `OPENAI_BASE_URL`, the organization from `OPENAI_ORG_ID`.

    Closing a stream early closes its connection. Models share their connections, unless they are given clients.

    Raises:
        MissingKeyError: no key was given, and none is in the environment. A server that needs none takes any.
        UnknownParameterError: a keyword is nearly the name of a parameter.
        pydantic.ValidationError: a parameter has a value of the wrong type.
    """

    model_config = ConfigDict(populate_by_name=True, arbitrary_types_allowed=True, protected_namespaces=())

    model_name: str = Field(default="gpt-3.5-turbo", alias="model")
    openai_api_key: SecretStr | None = Field(default=None, alias="api_key")
    openai_api_base: str | None = Field(default=None, alias="base_url")
    openai_organization: str | None = Field(default=None, alias="organization")
    request_timeout: Any = Field(default=None, alias="timeout")
    """Seconds, or a `Timeout` of the HTTP library that `openai` uses. By default 600, and 5 to connect."""
    max_retries: int | None = None
    """How often a request that failed before its answer began is made again; 2 by default."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = Field(default=None, alias="max_completion_tokens")
    n: int | None = None
    """How many answers to ask for. A stream shows the first."""
    stop: list[str] | str | None = Field(default=None, alias="stop_sequences")
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: dict[int, int] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    user: str | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    store: bool | None = None

    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further parameters of the API."""
    extra_body: Mapping[str, Any] | None = None
    """What goes into the request's body as it is, for servers that know more than the API does."""
    default_headers: Mapping[str, str] | None = Field(default=None, repr=False)
    default_query: Mapping[str, object] | None = Field(default=None, repr=False)
    http_client: Any = Field(default=None, repr=False, exclude=True)
    """An `httpx2.Client` (`httpx.Client` below openai 3) of one's own. It is never closed here."""
    http_async_client: Any = Field(default=None, repr=False, exclude=True)

    streaming: bool = False
    """Whether `invoke` streams too."""
    stream_usage: bool | None = None
    """Whether a stream asks for its usage; by default OpenAI is asked and other servers are not."""

    _clients: _Clients = PrivateAttr(default_factory=_Clients)

    def __init__(self, **given: Any) -> None:
        super().__init__(**_settle(type(self), given))
        if not self._secret():
            raise MissingKeyError(
                f"{type(self).__name__} has no API key: set the environment variable OPENAI_API_KEY, or pass api_key= "
                "(any text will do for a server that asks for none)"
            )

    @property
    def model(self) -> str:
        """The model's name."""
        return self.model_name

    # ---- the official clients

    @property
    def root_client(self) -> Any:
        """The `openai.OpenAI` that requests are made with, made when first asked for."""
        return self._clients.take("OpenAI", self._settings(self.http_client, _http.sync_client))

    @property
    def root_async_client(self) -> Any:
        """The `openai.AsyncOpenAI` that async requests are made with. It serves one event loop after another."""
        return self._clients.take("AsyncOpenAI", self._settings(self.http_async_client, _http.async_client))

    @property
    def client(self) -> Any:
        """What has `create`. Another one can be set in its place."""
        return self._clients.own.get("client") or self.root_client.chat.completions

    @client.setter
    def client(self, client: Any) -> None:
        self._clients.own["client"] = client

    @client.deleter
    def client(self) -> None:
        self._clients.own.pop("client", None)

    @property
    def async_client(self) -> Any:
        """What has the async `create`. Another one can be set in its place."""
        return self._clients.own.get("async_client") or self.root_async_client.chat.completions

    @async_client.setter
    def async_client(self, client: Any) -> None:
        self._clients.own["async_client"] = client

    @async_client.deleter
    def async_client(self) -> None:
        self._clients.own.pop("async_client", None)

    async def _async_client(self) -> Any:
        """`async_client`. The first of a process takes half a second, most of it to import `openai`: not on the loop."""
        run = current.get()
        if run is not None and not sdk.cache_info().currsize and "async_client" not in self._clients.own:
            await ASYNC.call(lambda: self.async_client, (), run, False)
        return self.async_client

    def _settings(self, own: Any, shared: Callable[[ModuleType], Any]) -> dict[str, Any]:
        settings = {
            "api_key": self._secret(),
            "base_url": self.openai_api_base,
            "organization": self.openai_organization,
            "timeout": self.request_timeout,
            "max_retries": self.max_retries,
            "default_headers": self.default_headers,
            "default_query": self.default_query,
            "http_client": own if own is not None else shared(http_library()),
        }
        return {name: value for name, value in settings.items() if value is not None}

    def _secret(self) -> str:
        return self.openai_api_key.get_secret_value() if self.openai_api_key else ""

    # ---- requests

    def _request(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        given: dict[str, Any],
        *,
        stream: bool = False,
    ) -> dict[str, Any]:
        """The arguments of `create`. What it does not know goes into the body as it is."""
        fields: dict[str, Any] = {"model": self.model_name, "max_completion_tokens": self.max_tokens}
        fields |= {name: getattr(self, name) for name in _ON_THE_WIRE}
        options = {name: value for name, value in fields.items() if value is not None}
        options |= self.model_kwargs
        options |= {_WIRE_NAMES.get(name, name): value for name, value in given.items()}
        if stop is not None:
            options["stop"] = stop
        asks_usage = options.pop("stream_usage", self.stream_usage)
        if stream:
            options["stream"] = True
            if asks_usage is None:
                asks_usage = self.openai_api_base is None
            if asks_usage:
                options.setdefault("stream_options", {"include_usage": True})
        else:
            options.pop("stream_options", None)
        known = known_to_create()
        _refuse_slips(self.get_name(), given, {*known, *_WIRE_NAMES, "stream_usage", "extra_body"})
        extra = {**(self.extra_body or {}), **(options.pop("extra_body", None) or {})}
        extra |= {name: value for name, value in options.items() if name not in known}
        options = {name: value for name, value in options.items() if name in known}
        if extra:
            options["extra_body"] = extra
        return {"messages": payload_of(messages), **options}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        if kwargs.pop("stream", self.streaming):
            return result_of_chunks(
                [made.message for made in self._stream(messages, stop, run_manager, **kwargs)]
            )
        with self._explained():
            return result_of(self.client.create(**self._request(messages, stop, kwargs)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        if kwargs.pop("stream", self.streaming):
            made = self._astream(messages, stop, run_manager, **kwargs)
            return result_of_chunks([each.message async for each in made])
        with self._explained():
            client = await self._async_client()
            return result_of(await client.create(**self._request(messages, stop, kwargs)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with self._explained():
            yield from read(self.client.create(**self._request(messages, stop, kwargs, stream=True)))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        with self._explained():
            client = await self._async_client()
            answer = await client.create(**self._request(messages, stop, kwargs, stream=True))
            async with aclosing(aread(answer)) as chunks:
                async for chunk in chunks:
                    yield chunk

    # ---- tools

    def bind_tools(
        self,
        tools: Sequence[Mapping[str, Any] | type[Any] | Callable[..., Any] | Any],
        *,
        tool_choice: str | bool | Mapping[str, Any] | None = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[Any, Any]:
        """The model with tools that it may call.

        Args:
            tools: tools, functions, pydantic classes, TypedDicts, or dicts in a provider's format.
            tool_choice: `"auto"`, `"none"`, `"required"`, `"any"` or True for the same, or the name of one tool.
            strict: whether arguments must match the schema.
            parallel_tool_calls: whether several calls may come at once.
            kwargs: what else each request gets.

        Raises:
            ConfigError: something can't be read as a tool, or `tool_choice` is the name of none.
        """
        if not isinstance(tools, list | tuple):
            raise ConfigError(
                f"bind_tools takes a list of tools, not {type(tools).__name__}: write [...] around it"
            )
        told = [convert_to_openai_tool(tool, strict=strict) for tool in tools]
        if tool_choice:
            kwargs["tool_choice"] = tool_choice_of(
                tool_choice, [tool["function"]["name"] for tool in told if "function" in tool]
            )
        if parallel_tool_calls is not None:
            kwargs["parallel_tool_calls"] = parallel_tool_calls
        return self.bind(tools=told, **kwargs)

    # ---- what others want to know

    @property
    def _llm_type(self) -> str:
        return "openai-chat"

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        """How traces describe this model."""
        stops = stop or kwargs.get("stop") or self.stop
        params: LangSmithParams = {
            "ls_provider": "openai",
            "ls_model_name": kwargs.get("model") or kwargs.get("model_name") or self.model_name,
            "ls_model_type": "chat",
            "ls_temperature": kwargs.get("temperature", self.temperature),
            "ls_max_tokens": kwargs.get("max_tokens", kwargs.get("max_completion_tokens", self.max_tokens)),
            "ls_stop": [stops] if isinstance(stops, str) else stops,
        }
        return cast(LangSmithParams, {name: value for name, value in params.items() if value is not None})

    # ---- errors

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Let errors pass, with a note of what was tried and what to check, and without the key."""
        try:
            yield
        except Exception as error:
            scrub(error, self._secret().strip())
            if (note := self._note_on(error)) is not None:
                error.add_note(note)
            raise

    def _note_on(self, error: Exception) -> str | None:
        if "openai" not in sys.modules or not isinstance(error, (openai := sdk()).OpenAIError):
            return None
        where = without_user(str(self.root_client.base_url))
        if isinstance(error, openai.APITimeoutError):
            return f"{where} did not answer in time; timeout= sets the limit"
        if isinstance(error, openai.APIConnectionError):
            return (
                f"{where} could not be reached: does the server run, is base_url= (OPENAI_BASE_URL) right, "
                "does this machine need a proxy?"
            )
        if isinstance(error, openai.AuthenticationError):
            return f"{where} refused the API key: check api_key= (OPENAI_API_KEY), and that it is a key of this server"
        if isinstance(error, openai.NotFoundError):
            return f"{where} was asked for the model {self.model_name!r}: check model= and base_url="
        return None


# ---- parameters


def _refuse_slips(owner: str, given: Iterable[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known and name not in _NO_SLIPS and (near := meant(name, known)):
            raise UnknownParameterError(f"{owner} has no parameter {name!r}; did you mean {near!r}?")


def _settle(kind: type[ChatOpenAI], given: dict[str, Any]) -> dict[str, Any]:
    """What was given, with the environment in place of what was not, and unknown keywords in `model_kwargs`."""
    names = {field.alias or name: name for name, field in kind.model_fields.items()}
    known = names.keys() | names.values()
    unknown = {name: value for name, value in given.items() if name not in known}
    _refuse_slips(kind.__name__, unknown, known)
    settled = {name: value for name, value in given.items() if name in known}
    if unknown:
        warnings.warn(
            f"{kind.__name__} has no parameter {', '.join(map(repr, unknown))}: passed on in model_kwargs",
            stacklevel=3,
        )
        settled["model_kwargs"] = {**settled.get("model_kwargs", {}), **unknown}
    for field, variables in _ENVIRONMENT.items():
        names_of_it = (field, kind.model_fields[field].alias or field)
        if not any(map(settled.get, names_of_it)):
            settled = {name: value for name, value in settled.items() if name not in names_of_it}
            if found := next(filter(None, map(os.environ.get, variables)), None):
                settled[field] = found
    return settled


_ENVIRONMENT = {
    "openai_api_key": ("OPENAI_API_KEY",),
    "openai_api_base": ("OPENAI_API_BASE", "OPENAI_BASE_URL"),
    "openai_organization": ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION"),
}
