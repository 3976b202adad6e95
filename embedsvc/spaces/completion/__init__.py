"""What a list of several skills also names: evidence of pairs, weighed by a small network."""

from __future__ import annotations

from embedsvc.spaces.completion.completer import Completer
from embedsvc.spaces.completion.evidence import FEATURES, Evidence, gather
from embedsvc.spaces.completion.network import Network
from embedsvc.spaces.completion.pairs import Pairs, PairTable

__all__ = ["FEATURES", "Completer", "Evidence", "Network", "PairTable", "Pairs", "gather"]
