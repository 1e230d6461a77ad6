"""The base of what loads raw data."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from riverrun.documents.base import Blob, PathLike

__all__ = ["Blob", "BlobLoader", "PathLike"]


class BlobLoader(ABC):
    """Loads raw data from somewhere. A subclass defines `yield_blobs`, a generator."""

    @abstractmethod
    def yield_blobs(self) -> Iterator[Blob]:
        """The blobs, one after another, each when it is asked for."""
