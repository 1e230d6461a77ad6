"""The errors riverrun raises; the tree is drawn in `riverrun._pure.exceptions`."""

from riverrun._pure.exceptions import (
    ConfigError,
    EmptyStreamError,
    IncompleteStreamError,
    InputError,
    MessageError,
    MissingExtraError,
    MissingKeyError,
    MissingVariableError,
    NotAStepError,
    ProviderError,
    RiverrunError,
    TemplateError,
    UnknownOptionError,
    UnknownParameterError,
)

__all__ = [
    "ConfigError",
    "EmptyStreamError",
    "IncompleteStreamError",
    "InputError",
    "MessageError",
    "MissingExtraError",
    "MissingKeyError",
    "MissingVariableError",
    "NotAStepError",
    "ProviderError",
    "RiverrunError",
    "TemplateError",
    "UnknownOptionError",
    "UnknownParameterError",
]
