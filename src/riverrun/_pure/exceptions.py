"""Every error riverrun raises itself, in one tree.

    RiverrunError
    ├── ConfigError (TypeError, ValueError)         a config key that holds a value of the wrong type
    │   └── UnknownOptionError (KeyError)           a config names an option or alternative that there isn't
    ├── NotAStepError (TypeError)                   an operand that can't become a step
    ├── InputError (TypeError, ValueError)          a step, store or document was given a value that it can't take
    ├── EmptyStreamError (ValueError)               a stream ended without a chunk where a value is needed
    ├── TemplateError (ValueError)                  a template that is refused: field syntax, width, nesting
    ├── MissingVariableError (KeyError)             a prompt was given too few variables
    ├── MessageError (ValueError)                   something that can't be read as a message: role, shape, block
    │   └── MissingFieldError (KeyError)            a message, or a block of one, lacks a key
    ├── UnknownParameterError (TypeError)           a near miss of a model's parameter name
    ├── MissingKeyError (ValueError)                no API key was given and none is in the environment
    ├── MissingExtraError (ImportError)             an optional package is not installed
    ├── OutputParserException (ValueError)          a model's answer that a parser can't read
    │   └── InvalidJSONError                        it holds no JSON, or wrong JSON; it says where
    ├── PathError (ValueError)                      a path into JSON that can't be read
    ├── LoadError (ValueError)                      stored data that can't be read, or asks for what data may not ask for
    ├── IndexingException                           a store that did not remove what is outdated
    ├── ToolException                               a tool that failed, as its author says: the model may be told
    ├── SchemaAnnotationError (TypeError)           a tool class says BaseModel where it means a subclass of it
    └── ModelError                                  a request to a model that failed; `is_retryable` says what a retry is worth
        ├── ModelAuthenticationError, ModelPermissionDeniedError, ModelInvalidRequestError, ModelNotFoundError
        ├── ModelRateLimitError, ModelAPIError, ModelConnectionError, ModelTimeoutError     worth a retry
        ├── ContextOverflowError                    the prompt is too long for the model
        ├── ModelRefusalError                       the model declined to answer in the form that was asked for
        ├── IncompleteStreamError                   a provider's stream ended before it said that it had ended
        └── ProviderError                           a provider's error reported inside its stream

What a user's own code raises passes through unwrapped: the same object in every mode, with a note that names the step.
"""

from collections.abc import Mapping
from typing import Any, Self


class RiverrunError(Exception):
    """The root of every error that riverrun raises itself."""


class ConfigError(RiverrunError, TypeError, ValueError):
    """A known config key holds a value of the wrong type or range."""


class UnknownOptionError(ConfigError, KeyError):
    """A config names an option of a configurable field, or an alternative, that there isn't; the message lists those there are."""

    __str__ = Exception.__str__  # KeyError would show the repr of the sentence


class NotAStepError(RiverrunError, TypeError):
    """An operand is no runnable, function, generator function or dict of these."""


class InputError(RiverrunError, TypeError, ValueError):
    """A step, a store or a document was given a value that it can't take; the message names what, and the value's type."""


class EmptyStreamError(RiverrunError, ValueError):
    """A stream ended without a single chunk where its whole value is needed."""


class TemplateError(RiverrunError, ValueError):
    """A prompt template is refused: a field that is no plain identifier, or a width beyond the cap."""


class MissingVariableError(RiverrunError, KeyError):
    """A prompt was formatted without some of its variables; the message names them and those that were given."""

    def __str__(self) -> str:  # KeyError shows the repr of its argument, which would quote a whole sentence
        return str(self.args[0]) if self.args else ""


class MessageError(RiverrunError, ValueError):
    """A value can't be read as a message: an unknown role, a missing field, a wrong shape."""


class MissingFieldError(MessageError, KeyError):
    """A message's dict, or a block of its content, lacks a key; the message names it and the place."""

    __str__ = Exception.__str__  # KeyError would show the repr of the sentence


class UnknownParameterError(RiverrunError, TypeError):
    """A keyword is so close to a model's parameter that it must be a slip; the message names the one that was meant."""


class MissingKeyError(RiverrunError, ValueError):
    """No API key was given, and the environment variable that could hold it is not set."""


class MissingExtraError(RiverrunError, ImportError):
    """An optional package is missing; the message names the extra that brings it."""


class OutputParserException(RiverrunError, ValueError):
    """A model's answer that a parser can't read.

    Args:
        error: what is wrong, or the exception that says it.
        observation: what to tell the model, so that it may do better.
        llm_output: the answer.
        send_to_llm: whether an agent is to show the model the observation and its answer; both must be given then.
    """

    def __init__(
        self,
        error: Any,
        observation: str | None = None,
        llm_output: str | None = None,
        send_to_llm: bool = False,
    ) -> None:
        if send_to_llm and (observation is None or llm_output is None):
            raise ValueError("send_to_llm sends the observation and the llm_output, so both must be given")
        super().__init__(error)
        self.observation = observation
        self.llm_output = llm_output
        self.send_to_llm = send_to_llm


class InvalidJSONError(OutputParserException):
    """A text that holds no JSON, or JSON that is wrong from some place on, or nested too deeply.

    Args:
        problem: what is wrong.
        offset: where, in characters from the beginning of the text.
        line: the line that it is in, from 1.
        column: the column in that line, from 1.
    """

    def __init__(
        self, problem: str, offset: int, line: int, column: int, llm_output: str | None = None
    ) -> None:
        super().__init__(f"{problem}: line {line}, column {column} (offset {offset})", llm_output=llm_output)
        self.problem = problem
        self.offset = offset
        self.line = line
        self.column = column

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problem, self.offset, self.line, self.column, self.llm_output)


class PathError(RiverrunError, ValueError):
    """A path into JSON that can't be read, or not followed while the JSON arrives; the message says from where on."""


class LoadError(RiverrunError, ValueError):
    """Stored data that can't be read: it is broken, or asks for a class that is no plain data."""


class IndexingException(RiverrunError):
    """A store did not remove the documents that an index no longer has."""


class ToolException(RiverrunError):
    """Raised in a tool to say that it failed; with `handle_tool_error` the model is told instead of the caller."""


class SchemaAnnotationError(RiverrunError, TypeError):
    """A tool class annotates `args_schema` with a model, where `type[BaseModel]` is meant."""


class ModelError(RiverrunError):
    """A request to a model failed."""

    is_retryable: bool = False
    """Whether the same request may succeed later."""


class ModelAuthenticationError(ModelError):
    """The provider doesn't accept the key."""


class ModelPermissionDeniedError(ModelError):
    """The key may not do this."""


class ModelInvalidRequestError(ModelError):
    """The provider can't take the request as it is."""


class ModelNotFoundError(ModelError):
    """The provider has no such model."""


class ModelRateLimitError(ModelError):
    """Too many requests, or too many tokens, in too short a time."""

    is_retryable = True


class ModelAPIError(ModelError):
    """The provider failed."""

    is_retryable = True


class ModelConnectionError(ModelError):
    """The provider can't be reached."""

    is_retryable = True


class ModelTimeoutError(ModelError):
    """The provider didn't answer in time."""

    is_retryable = True


class ContextOverflowError(ModelError):
    """The prompt is longer than the model's context."""


class ModelRefusalError(ModelError):
    """The model declined to answer in the form that was asked for. `raw_message` is what it said instead."""

    def __init__(
        self,
        message: str = "the model declined to give the output that was asked for",
        *,
        raw_message: Any = None,
    ) -> None:
        super().__init__(message)
        self.raw_message = raw_message

    @classmethod
    def from_refusal(cls, refusal: Mapping[str, Any], *, raw_message: Any) -> Self:
        """The error for a message that holds a refusal block, with the reason that the block gives."""
        error = cls(raw_message=raw_message)
        return (
            cls(f"{error}: {reason}", raw_message=raw_message)
            if (reason := refusal.get("refusal"))
            else error
        )


class IncompleteStreamError(ModelError):
    """A provider's stream ended before the provider said that it was complete."""

    is_retryable = True


class ProviderError(ModelError):
    """A provider reported an error inside its stream."""
