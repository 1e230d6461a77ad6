"""numpy, where it is needed."""

from typing import Any

from riverrun._pure.exceptions import MissingExtraError


def numpy_for(what: str) -> Any:
    """The module numpy.

    Raises:
        MissingExtraError: it is not installed, and `what` needs it.
    """
    try:
        import numpy
    except ImportError:
        raise MissingExtraError(f"{what} need the package numpy: pip install 'riverrun[numpy]'") from None
    return numpy
