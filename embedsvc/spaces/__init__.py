"""Spaces: keys, vectors, and how to encode what a space has not seen."""

from embedsvc.spaces.sif import SifEncoder, TextEncoder
from embedsvc.spaces.space import Space

__all__ = ["SifEncoder", "Space", "TextEncoder"]
