"""Vector stores: documents found by what they mean."""

from riverrun.vectorstores.base import VST, VectorStore, VectorStoreRetriever
from riverrun.vectorstores.in_memory import InMemoryVectorStore

__all__ = ["VST", "InMemoryVectorStore", "VectorStore", "VectorStoreRetriever"]
