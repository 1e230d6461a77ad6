"""Values as plain data that JSON knows, and back: messages, documents and their like, and nothing that could do anything."""

from __future__ import annotations

from riverrun.load.dump import dumpd, dumps
from riverrun.load.load import InitValidator, load, loads
from riverrun.load.serializable import Serializable

__all__ = ["InitValidator", "Serializable", "dumpd", "dumps", "load", "loads"]
