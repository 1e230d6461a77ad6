"""Links in HTML, found without reading all of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

__all__ = ["PREFIXES_TO_IGNORE", "SUFFIXES_TO_IGNORE", "extract_sub_links", "find_all_links"]

logger = logging.getLogger(__name__)

PREFIXES_TO_IGNORE = ("javascript:", "mailto:", "#")
"""How links begin that lead to no page."""
SUFFIXES_TO_IGNORE = (
    *(".css", ".js", ".ico", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".csv", ".bz2", ".zip"),
    *(".epub", ".webp", ".pdf", ".docx", ".xlsx", ".pptx", ".pptm"),
)
"""How links end that lead to something else than a page."""

_LINK = r"""href=["'](?!javascript:|mailto:|\#)([^\#'"\n]*)[\#'"]"""


def find_all_links(raw_html: str, *, pattern: str | re.Pattern[str] | None = None) -> list[str]:
    """What the `href`s of a page lead to, each once, in their order; without their fragments, and what is no page.

    With a `pattern` of your own, what it finds, whatever that is.
    """
    links = re.findall(pattern or _LINK, raw_html)
    if pattern is None:
        links = [link for link in links if not link.endswith(SUFFIXES_TO_IGNORE)]
    return list(dict.fromkeys(links))


def extract_sub_links(
    raw_html: str,
    url: str,
    *,
    base_url: str | None = None,
    pattern: str | re.Pattern[str] | None = None,
    prevent_outside: bool = True,
    exclude_prefixes: Sequence[str] = (),
    continue_on_failure: bool = False,
) -> list[str]:
    """The absolute addresses that the page at `url` leads to, each once.

    Args:
        base_url: what they must begin with, on the same host; `url` if not given.
        pattern: as in `find_all_links`.
        prevent_outside: whether they must begin with that at all.
        exclude_prefixes: what they must not begin with.
        continue_on_failure: whether a link that can't be read is logged and left out.

    Raises:
        ValueError: a link can't be read.
    """
    base = base_url or url
    host = urlsplit(base).netloc
    found: dict[str, None] = {}
    for link in find_all_links(raw_html, pattern=pattern):
        try:
            address = urljoin(url, link)
            parts = urlsplit(address)
        except ValueError as error:
            if not continue_on_failure:
                error.add_note(f"in the link {link!r} of {url}")
                raise
            logger.warning("the link %r of %s can't be read: %s", link, url, error)
            continue
        if parts.scheme not in ("http", "https") or address.startswith(tuple(exclude_prefixes)):
            continue
        if prevent_outside and not (parts.netloc == host and address.startswith(base)):
            continue
        found[address] = None
    return list(found)
