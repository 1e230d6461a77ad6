"""Output parsers: steps that make something of what a model says."""

from riverrun.output_parsers.base import BaseGenerationOutputParser, BaseLLMOutputParser, BaseOutputParser
from riverrun.output_parsers.json import JsonOutputParser, SimpleJsonOutputParser
from riverrun.output_parsers.string import StrOutputParser
from riverrun.output_parsers.transform import BaseCumulativeTransformOutputParser, BaseTransformOutputParser

__all__ = [
    "BaseCumulativeTransformOutputParser",
    "BaseGenerationOutputParser",
    "BaseLLMOutputParser",
    "BaseOutputParser",
    "BaseTransformOutputParser",
    "JsonOutputParser",
    "SimpleJsonOutputParser",
    "StrOutputParser",
]
