"""Documents: texts that are retrieved, with what is known about them."""

from riverrun.documents.base import Document

__all__ = ["Document"]
