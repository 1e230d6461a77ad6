"""Document loaders: where documents come from."""

from riverrun.document_loaders.base import BaseBlobParser, BaseLoader
from riverrun.document_loaders.blob_loaders import Blob, BlobLoader, PathLike

__all__ = ["BaseBlobParser", "BaseLoader", "Blob", "BlobLoader", "PathLike"]
