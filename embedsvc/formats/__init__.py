"""Formats of vectors that people already have: import into a space, export from one."""

from embedsvc.formats.base import Block, Format, Table
from embedsvc.formats.exchange import Exchanged, export_vectors, import_vectors
from embedsvc.formats.registry import AUTO, FORMATS, format_named, format_of

__all__ = [
    "AUTO",
    "FORMATS",
    "Block",
    "Exchanged",
    "Format",
    "Table",
    "export_vectors",
    "format_named",
    "format_of",
    "import_vectors",
]
