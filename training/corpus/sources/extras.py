"""The error for a library that only some sources need and that is not installed."""

from __future__ import annotations

from embedsvc.errors import OptionalDependencyError


def missing(what: str, package: str, extra: str) -> OptionalDependencyError:
    """The error to raise when `package` cannot be imported.

    Args:
        what: Whose reading needs it, for example "a PostgreSQL table".
        package: The distribution.
        extra: The extra of embedsvc that holds it.
    """
    return OptionalDependencyError(
        f"Reading {what} needs {package}, which is not installed: pip install 'embedsvc[{extra}]'."
    )
