"""Spaces: keys, vectors, and how to encode what a space has not seen."""

from embedsvc.spaces.sif import SifEncoder, TextEncoder
from embedsvc.spaces.space import Space
from embedsvc.spaces.writer import SpaceWriter

__all__ = ["SifEncoder", "Space", "SpaceWriter", "TextEncoder"]
