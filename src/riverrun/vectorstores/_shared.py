"""What the methods of a vector store do in either colour, before and after they wait."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from riverrun._pure.exceptions import InputError
from riverrun.documents import Document

log = logging.getLogger("riverrun")


def checked_query(query: Any) -> None:
    """
    Raises:
        InputError: `query` is no text.
    """
    if not isinstance(query, str):
        hint = '; pick the text first: itemgetter("question") | retriever' if isinstance(query, dict) else ""
        raise InputError(f"a retriever takes its query as text, not {type(query).__name__}{hint}")


def documents_of(
    texts: Iterable[str], metadatas: Sequence[dict[str, Any]] | None, ids: Sequence[str | None] | None
) -> list[Document]:
    """Texts, their metadata and their ids as documents.

    Raises:
        InputError: there are not as many metadatas or ids as texts.
    """
    texts = list(texts)
    for name, given in (("metadatas", metadatas), ("ids", ids)):
        if given is not None and len(given) != len(texts):
            raise InputError(
                f"the number of {name} must be that of the texts: {len(given)} {name}, {len(texts)} texts"
            )
    return [
        Document(text, metadata=dict(metadata), id=id)
        for text, metadata, id in zip(
            texts, metadatas or [{}] * len(texts), ids or [None] * len(texts), strict=True
        )
    ]


def parts_of(
    documents: Sequence[Document], kwargs: dict[str, Any]
) -> tuple[list[str], list[dict[str, Any]], dict[str, Any]]:
    """The texts and metadata of `documents`; and `kwargs`, with the ids among them where there are any."""
    ids = [document.id for document in documents]
    if "ids" not in kwargs and any(ids):
        kwargs = {**kwargs, "ids": ids}
    return [document.page_content for document in documents], [each.metadata for each in documents], kwargs


def relevant(found: list[tuple[Document, float]], threshold: float | None) -> list[tuple[Document, float]]:
    """Those of `found` that reach `threshold`. Warns of a relevance that is not between 0 and 1."""
    if odd := [score for _, score in found if not 0 <= score <= 1]:
        warnings.warn(f"the relevance of a document should be between 0 and 1, and is {odd}", stacklevel=3)
    if threshold is None:
        return found
    kept = [(document, score) for document, score in found if score >= threshold]
    if not kept:
        log.warning("a search found nothing whose relevance reaches its score_threshold, %s", threshold)
    return kept


SEARCHES = {
    "similarity": "similarity_search",
    "similarity_score_threshold": "similarity_search_with_relevance_scores",
    "mmr": "max_marginal_relevance_search",
}


def search_of(search_type: str) -> str:
    """The method that is the search of a kind.

    Raises:
        InputError: there is no such kind.
    """
    if search_type not in SEARCHES:
        raise InputError(f"search_type must be one of {', '.join(map(repr, SEARCHES))}, not {search_type!r}")
    return SEARCHES[search_type]


def without_scores(search_type: str, found: list[Any]) -> list[Document]:
    """The documents that the search of a kind found."""
    return [document for document, _ in found] if search_type == "similarity_score_threshold" else found
