"""Example selectors: what chooses, of many examples, those that a prompt shows for an input."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun.example_selectors.base import BaseExampleSelector
from riverrun.example_selectors.length_based import LengthBasedExampleSelector

if TYPE_CHECKING:
    from riverrun.example_selectors.semantic_similarity import (
        MaxMarginalRelevanceExampleSelector,
        SemanticSimilarityExampleSelector,
        sorted_values,
    )

__all__ = [
    "BaseExampleSelector",
    "LengthBasedExampleSelector",
    "MaxMarginalRelevanceExampleSelector",
    "SemanticSimilarityExampleSelector",
    "sorted_values",
]


def __getattr__(name: str) -> Any:
    if name in __all__:  # what needs a vector store is imported when it is asked for
        value = getattr(import_module("riverrun.example_selectors.semantic_similarity"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
