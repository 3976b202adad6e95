"""Errors of the indexes.

    IndexesError
    ├── InvalidVectorsError   (ValueError)   vectors, queries, ids or tables that cannot be indexed
    ├── CorruptIndexError                    a folder that is not, or no longer, a readable index
    ├── UnknownBackendError   (ValueError)   no backend of that name
    └── MissingBackendError   (ImportError)  the backend's library is not installed

Errors of the disk (``OSError``) are never wrapped: a full disk stays a full disk.
"""


class IndexesError(Exception):
    """Base of every error raised on purpose by this package."""


class InvalidVectorsError(IndexesError, ValueError):
    """Vectors, queries, ids or neighbour rows that cannot be indexed; the message says which row and why."""


class CorruptIndexError(IndexesError):
    """A folder that holds no index, a foreign one, or a damaged one."""


class UnknownBackendError(IndexesError, ValueError):
    """No backend has that name."""


class MissingBackendError(IndexesError, ImportError):
    """The backend's library is not installed; the message holds the pip line that installs it."""
