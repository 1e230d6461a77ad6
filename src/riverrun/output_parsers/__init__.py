"""Output parsers: steps that make something of what a model says."""

from riverrun.output_parsers.string import StrOutputParser

__all__ = ["StrOutputParser"]
