"""The query of a recipe: one SELECT, and nothing that writes."""

from __future__ import annotations

import re

from embedsvc.errors import RecipeError

# Strings, quoted names, dollar quotes and comments, inside which nothing is a statement.
_OPAQUE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS = re.compile(r"[\s(]*(select|with|values|table)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)


def checked(query: str) -> str:
    """`query` without its closing semicolon.

    This catches slips; what guards the database is that the transaction only reads.

    Raises:
        RecipeError: It is not one SELECT (or WITH ... SELECT, VALUES, TABLE).
    """
    bare = _OPAQUE.sub(" ", query).strip()
    reads = _READS.match(bare)
    writes = reads is not None and reads[1].lower() == "with" and _WRITES.search(bare)
    if reads is None or writes or ";" in bare.rstrip("; \t\r\n"):
        raise RecipeError("The `query` of a source must be one SELECT statement; candidates are only read.")
    return query.rstrip("; \t\r\n") if bare.endswith(";") else query
