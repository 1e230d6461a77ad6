"""Every error riverrun raises itself, in one tree.

    RiverrunError
    ├── ConfigError (TypeError, ValueError)         a config key that holds a value of the wrong type
    │   └── UnknownOptionError (KeyError)           a config names an option or alternative that there isn't
    ├── NotAStepError (TypeError)                   an operand that can't become a step
    ├── InputError (TypeError, ValueError)          a step was given a value of a type that it can't take
    ├── EmptyStreamError (ValueError)               a stream ended without a chunk where a value is needed
    ├── TemplateError (ValueError)                  a template that is refused: field syntax, width, nesting
    ├── MissingVariableError (KeyError)             a prompt was given too few variables
    ├── MessageError (ValueError)                   something that can't be read as a message: role, shape, block
    ├── UnknownParameterError (TypeError)           a near miss of a model's parameter name
    ├── MissingKeyError (ValueError)                no API key was given and none is in the environment
    ├── MissingExtraError (ImportError)             an optional package is not installed
    ├── IncompleteStreamError                       a provider's stream ended before it said that it had ended
    └── ProviderError                               a provider's error reported inside its stream

What a user's own code raises passes through unwrapped: the same object in every mode, with a note that names the step.
"""


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
    """A step was given a value of a type that it can't take; the message names the step and the type."""


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


class UnknownParameterError(RiverrunError, TypeError):
    """A keyword is so close to a model's parameter that it must be a slip; the message names the one that was meant."""


class MissingKeyError(RiverrunError, ValueError):
    """No API key was given, and the environment variable that could hold it is not set."""


class MissingExtraError(RiverrunError, ImportError):
    """An optional package is missing; the message names the extra that brings it."""


class IncompleteStreamError(RiverrunError):
    """A provider's stream ended before the provider said that it was complete."""


class ProviderError(RiverrunError):
    """A provider reported an error inside its stream."""
