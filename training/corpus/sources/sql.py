"""Tables and queries of PostgreSQL and SQLite; the only module that imports SQLAlchemy."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from embedsvc.errors import BrokenSourceError, CorpusError, RecipeError, SourceNotFoundError
from training.corpus.fields import FieldMapping
from training.corpus.origin import Note, Record
from training.corpus.paths import shown
from training.corpus.sources.address import masked, without_secrets
from training.corpus.sources.columns import require_known
from training.corpus.sources.extras import missing
from training.corpus.sources.statement import checked
from training.corpus.values import cell_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Engine
    from sqlalchemy.exc import SQLAlchemyError

_BATCH = 100  # rows fetched at once: a few MB of CVs
_REASON = 300  # characters of a driver's message
# A server that fell off the net is noticed within a minute, not after the two hours of TCP's default.
_ALIVE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class SqlOrigin:
    """A table or view, or a query, read in a read-only transaction through a server-side cursor.

    Args:
        url: Expanded: postgresql://, postgresql+psycopg:// or sqlite:///.
        mapping: Which columns are read.
        folder: What a relative path of SQLite is relative to.
        table: `name` or `schema.name`.
        query: One SELECT; either this or `table`.

    Raises:
        OptionalDependencyError: SQLAlchemy or psycopg is not installed.
        RecipeError: The URL or the query cannot be used.
        SourceNotFoundError: The file of SQLite is not there.
    """

    unit = "rows"

    def __init__(
        self, url: str, mapping: FieldMapping, folder: Path, *, table: str | None, query: str | None
    ) -> None:
        self._url = url
        self._mapping = mapping
        self._roots = mapping.roots()
        self._table = table
        self._query = checked(query) if query is not None else None
        self.name = f"{masked(url)} {table}" if table is not None else f"{masked(url)} (query)"
        self.stem = table if table is not None else "query"
        self._file: Path | None = None
        self._rows = 0
        self._engine = self._made(folder)

    def size(self) -> int:
        """Bytes of SQLite's file; nobody knows for PostgreSQL."""
        return self._file.stat().st_size if self._file is not None else 0

    def stamp(self) -> Any:
        """SQLite: its files' size and time of change; PostgreSQL: the rows and the latest `updated_at`.

        Never the same twice where PostgreSQL has no column that is mapped to `updated_at`.
        """
        if self._file is not None:
            files = [self._file, self._file.with_name(f"{self._file.name}-wal")]
            return [[file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.is_file()]
        with self._connected() as connection:
            relation = self._relation(connection)
            columns = tuple(self._run(connection, f"SELECT * FROM {relation} LIMIT 0").keys())  # noqa: S608
            latest = next((path for path in self._mapping.updated_at if path in columns), None)
            if latest is None:
                return uuid.uuid4().hex
            column = connection.dialect.identifier_preparer.quote(latest)
            found = self._run(connection, f"SELECT count(*), max({column}) FROM {relation}")  # noqa: S608
            count, newest = tuple(found.one())
        return [count, str(newest)]

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (row number, row) or (row number, what is wrong)."""
        self._rows = 0
        with self._connected() as connection:
            # The name is quoted by SQLAlchemy; the query is the user's own and checked.
            statement = self._query or f"SELECT * FROM {self._relation(connection)}"  # noqa: S608
            options = {"stream_results": True, "max_row_buffer": _BATCH}
            # A lost connection leaves its cursor open to complain when it is collected.
            with closing(self._run(connection, statement, **options)) as result:
                columns = tuple(result.keys())
                require_known(self.name, columns, self._mapping)
                for rows in result.partitions(_BATCH):
                    for row in rows:
                        self._rows += 1
                        yield self._rows, self._record(columns, row)
        note(self.size())

    def _record(self, columns: Sequence[str], row: Sequence[Any]) -> Record | str:
        values = {name: cell_of(cell) for name, cell in zip(columns, row, strict=True) if name in self._roots}
        return "not UTF-8" if any(value is _NOT_TEXT for value in values.values()) else values

    def _made(self, folder: Path) -> Engine:
        try:
            from sqlalchemy import NullPool, create_engine
            from sqlalchemy.engine import make_url
            from sqlalchemy.exc import ArgumentError
        except ImportError:
            raise missing(f"from {self.name}", "sqlalchemy", "databases") from None
        try:
            url = make_url(self._url)
        except (ArgumentError, ValueError):
            # SQLAlchemy's message would show the password.
            raise RecipeError(
                f"{masked(self._url)} is no database URL; write postgresql://user:password@host/database and "
                "escape odd characters of the password (%40 for @), or take it from a ${VARIABLE}."
            ) from None
        if url.drivername == "sqlite":
            self._file = _database_file(url.database, folder)
            connect = _read_only(self._file)
            return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
        arguments = {key: value for key, value in _ALIVE.items() if key not in url.query}
        try:
            return create_engine(
                url.set(drivername="postgresql+psycopg"),
                connect_args=arguments,
                poolclass=NullPool,
                hide_parameters=True,
                isolation_level="REPEATABLE READ",
            ).execution_options(postgresql_readonly=True)
        except ImportError:
            raise missing(f"from {self.name}", "psycopg[binary]", "databases") from None

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._failure(error) from None

    @staticmethod
    def _run(connection: Connection, statement: str, **options: Any) -> CursorResult[Any]:
        # As it stands: neither a colon nor a percent sign is a parameter.
        return connection.exec_driver_sql(statement, execution_options={"no_parameters": True, **options})

    def _relation(self, connection: Connection) -> str:
        if self._query is not None:
            return f"({self._query}\n) AS candidates"
        quoted = connection.dialect.identifier_preparer.quote_identifier
        return ".".join(quoted(part) for part in (self._table or "").split("."))

    def _failure(self, error: SQLAlchemyError) -> CorpusError:
        reason = _reason(error, self._url)
        if self._rows:
            return BrokenSourceError(
                f"{self.name} went away after {self._rows:,} rows ({reason}); nothing was made of them. "
                "Run it again when the database is back."
            )
        return SourceNotFoundError(
            f"{self.name} cannot be read ({reason}); check the address, the password and the table."
        )


class _NotText:
    """Stands for a text of SQLite that is not UTF-8."""


_NOT_TEXT = _NotText()


def _text(data: bytes) -> str | _NotText:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _NOT_TEXT


def _database_file(database: str | None, folder: Path) -> Path:
    if not database or database == ":memory:":
        raise RecipeError("The source's sqlite:/// URL names no file: write sqlite:///candidates.db.")
    file = folder / Path(database).expanduser()
    if not file.is_file():
        raise SourceNotFoundError(f"There is no database {shown(file)}; check the path behind sqlite:///.")
    return file


def _read_only(file: Path) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        name = f"file:{quote(os.fsencode(file.absolute()))}?mode=ro"
        connection = sqlite3.connect(name, uri=True, check_same_thread=False)
        connection.text_factory = _text
        connection.execute("PRAGMA query_only = ON")
        return connection

    return connect


def _reason(error: SQLAlchemyError, url: str) -> str:
    from sqlalchemy.exc import DataError

    cause = getattr(error, "orig", None) or error
    if isinstance(error, DataError):
        # The driver quotes the value that it could not convert, which is a candidate's.
        return f"{type(cause).__name__}, SQLSTATE {getattr(cause, 'sqlstate', None)}"
    return " ".join(without_secrets(str(cause), url).split())[:_REASON]
