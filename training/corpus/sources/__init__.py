"""The places candidates come from, a module a kind; every one is an `Origin` to the reader.

Libraries that only some sources need are imported by the one module that uses them, when it is used.
"""

from training.corpus.origin import Origin
from training.corpus.sources.local import LocalFile
from training.corpus.sources.opening import open_source
from training.corpus.sources.spec import Source

__all__ = ["LocalFile", "Origin", "Source", "open_source"]
