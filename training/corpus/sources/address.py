"""The URLs of a recipe: which kind of source they name, what they hide, and the variables in them."""

from __future__ import annotations

import os
import re
from typing import Literal
from urllib.parse import quote, unquote

from embedsvc.errors import RecipeError

Kind = Literal["files", "sql", "mongo"]

_SQL = ("postgresql", "postgresql+psycopg", "postgres", "sqlite")
_MONGO = ("mongodb", "mongodb+srv")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(?:://|::)")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# A password may hold any character in a database's URL, where people forget to escape it; in a file's URL
# an @ behind the first slash belongs to the file.
_DATABASE_USER = re.compile(r"(?<=://)(.*)@", re.DOTALL)
_FILE_USER = re.compile(r"(?<=://)([^/@]*)@")
_SECRET_PARAMETER = re.compile(
    r"([?&][^=&#]*(?:pass|pwd|secret|token|key|signature|sig|credential)[^=&#]*=)([^&#]*)", re.IGNORECASE
)


def kind_of(url: str) -> Kind | None:
    """What `url` names; None where it begins with a variable, so that nobody knows yet.

    Raises:
        RecipeError: It has no scheme, or that of a database that is not read.
    """
    if url.startswith("${"):
        return None
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise RecipeError(f"{masked(url)!r} is no URL; write a file of this machine as `path`.")
    name = scheme[1].lower()
    if name in _MONGO:
        return "mongo"
    if name in _SQL:
        return "sql"
    if name.split("+")[0] in {"mysql", "mariadb", "oracle", "mssql", "postgresql", "sqlite", "redis"}:
        raise RecipeError(
            f"{name}:// is not read; the databases are postgresql://, sqlite:/// and mongodb://: "
            "export the table as CSV or Parquet."
        )
    return "files"


def expanded(url: str) -> str:
    """`url` with every `${NAME}` replaced by that environment variable.

    In front of the @ the value is escaped, so a password may hold any character.

    Raises:
        RecipeError: A variable is not set.
    """
    user = re.match(r"[A-Za-z0-9+.-]+://([^/@]*)@", url)
    ends = user.end(1) if user else 0

    def value(reference: re.Match[str]) -> str:
        found = os.environ.get(reference[1])
        if found is None:
            raise RecipeError(
                f"The environment variable {reference[1]} that a source's url names is not set."
            )
        return quote(found, safe="") if reference.start() < ends else found

    return _REFERENCE.sub(value, url)


def masked(url: str) -> str:
    """`url` as it may be shown: *** for what is secret; a variable's name is not."""
    scheme = _SCHEME.match(url)
    database = scheme is not None and scheme[1].lower().startswith((*_SQL, *_MONGO))
    pattern, count = (_DATABASE_USER, 1) if database else (_FILE_USER, 0)
    return _SECRET_PARAMETER.sub(_hidden_parameter, pattern.sub(_hidden_password, url, count=count))


def without_secrets(text: str, url: str) -> str:
    """`text`, a driver's message, without the secrets of the expanded `url`."""
    users = [*_DATABASE_USER.findall(url), *_FILE_USER.findall(url)]
    secrets = {user.partition(":")[2] or user for user in users}
    secrets |= {secret for _, secret in _SECRET_PARAMETER.findall(url)}
    secrets |= {unquote(secret) for secret in secrets}
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "***")
    return text


def _hidden_password(found: re.Match[str]) -> str:
    user, colon, password = found[1].partition(":")
    if _REFERENCE.fullmatch(password):
        return found[0]
    return f"{user}:***@" if colon else f"{user}@"


def _hidden_parameter(found: re.Match[str]) -> str:
    return found[0] if _REFERENCE.fullmatch(found[2]) else f"{found[1]}***"
