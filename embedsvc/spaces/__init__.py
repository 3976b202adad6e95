"""Spaces: keys, vectors, and how to encode what a space has not seen."""

from embedsvc.spaces.encoder import TextEncoder, TextLengths, open_encoder
from embedsvc.spaces.sif import SifEncoder
from embedsvc.spaces.space import Space
from embedsvc.spaces.static_encoder import StaticEncoder
from embedsvc.spaces.transformer_encoder import TransformerEncoder
from embedsvc.spaces.writer import SpaceWriter

__all__ = [
    "SifEncoder",
    "Space",
    "SpaceWriter",
    "StaticEncoder",
    "TextEncoder",
    "TextLengths",
    "TransformerEncoder",
    "open_encoder",
]
