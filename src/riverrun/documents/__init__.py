"""Documents: texts that are retrieved, with what is known about them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from riverrun.documents.base import Document
from riverrun.documents.transformers import BaseDocumentTransformer

if TYPE_CHECKING:
    from riverrun.documents.compressor import BaseDocumentCompressor as BaseDocumentCompressor

__all__ = ["BaseDocumentCompressor", "BaseDocumentTransformer", "Document"]


def __getattr__(name: str) -> Any:
    if name == "BaseDocumentCompressor":  # a pydantic model: pydantic is loaded by whoever asks for it
        return import_module("riverrun.documents.compressor").BaseDocumentCompressor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
