"""Collections of MongoDB; the only module that imports pymongo."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from embedsvc.errors import BrokenSourceError, CorpusError, RecipeError, SourceNotFoundError
from training.corpus.fields import FieldMapping
from training.corpus.origin import Note, Record
from training.corpus.sources.address import masked, without_secrets
from training.corpus.sources.extras import missing

if TYPE_CHECKING:
    from pymongo.collection import Collection
    from pymongo.errors import PyMongoError

    _Collection = Collection[dict[str, Any]]

_BATCH = 100  # documents fetched at once: a few MB of CVs
_TRIES = 4
_FIRST_PAUSE = 0.5  # seconds; doubled each time
_REASON = 300  # characters of a driver's message
_SERVER_SELECTION_MS = 10_000
_SOCKET_MS = 60_000

Opener = Callable[[str, str], AbstractContextManager["_Collection"]]


@contextmanager
def open_collection(url: str, collection: str) -> Iterator[_Collection]:
    """Open the collection that an expanded URL and a name lead to; nothing is sent yet.

    Raises:
        OptionalDependencyError: pymongo is not installed.
        RecipeError: The URL is none, or names no database.
    """
    try:
        from pymongo import MongoClient
        from pymongo.errors import ConfigurationError, InvalidURI
    except ImportError:
        raise missing(f"from {masked(url)}", "pymongo", "databases") from None
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(
            url,
            serverSelectionTimeoutMS=_SERVER_SELECTION_MS,
            socketTimeoutMS=_SOCKET_MS,
            unicode_decode_error_handler="replace",
            connect=False,
        )
    except (ConfigurationError, InvalidURI, ValueError) as error:
        raise _unusable(url, error) from None
    with client:
        try:
            database = client.get_default_database()
        except ConfigurationError as error:
            raise _unusable(url, error) from None
        yield database[collection]


def _unusable(url: str, error: Exception) -> RecipeError:
    return RecipeError(
        f"{masked(url)} cannot be used ({_reason(error, url)}); write mongodb://user:password@host/database."
    )


class MongoOrigin:
    """A collection, read in the order of `_id` so that a lost cursor is taken up where it was lost.

    Args:
        url: Expanded: mongodb:// or mongodb+srv://, with the database.
        collection: Its name.
        mapping: Which fields are read; others are not fetched.
        open_collection: Opens a collection; tests hand in another.
        pause: Waits so many seconds.
    """

    unit = "documents"

    def __init__(
        self,
        url: str,
        collection: str,
        mapping: FieldMapping,
        *,
        open_collection: Opener = open_collection,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url
        self._mapping = mapping
        self._pause = pause
        self._seen = 0
        self.name = f"{masked(url)} {collection}"
        self.stem = collection
        self._open = open_collection
        with self._open(url, collection):
            pass  # a URL that cannot be used is said before anything is read

    def size(self) -> int:
        """Nobody knows."""
        return 0

    def stamp(self) -> Any:
        """The number of documents and the latest value of `updated_at`.

        Never the same twice where no document has the field that is mapped to it.
        """
        self._seen = 0
        with self._opened() as collection:
            count = collection.count_documents({})
            latest = [_latest(collection, path) for path in self._mapping.updated_at]
        return [count, *map(str, latest)] if any(latest) else uuid.uuid4().hex

    def records(self, note: Note) -> Iterator[tuple[int, Record | str]]:
        """Yield (number, document); a lost cursor is taken up again a few times.

        Raises:
            SourceNotFoundError: The server cannot be reached, or has no such collection.
            BrokenSourceError: It went away for good, or documents are missing after a cursor was lost.
        """
        self._seen = 0
        with self._opened() as collection:
            self._require(collection)
            resumed = False
            for document, again in self._documents(collection):
                resumed |= again
                self._seen += 1
                yield self._seen, document
            if resumed:
                self._require_all(collection)
        note(0)

    def _documents(self, collection: _Collection) -> Iterator[tuple[dict[str, Any], bool]]:
        """Every document, and whether the cursor was lost since the one before."""
        from pymongo.errors import AutoReconnect, CursorNotFound

        after: dict[str, Any] = {}
        tries, again = 0, False
        while True:
            try:
                for document in self._found(collection, after):
                    yield document, again
                    after = {"_id": {"$gt": document["_id"]}}
                    tries, again = 0, False
            except (AutoReconnect, CursorNotFound):
                tries, again = tries + 1, True
                if not after or tries == _TRIES:
                    raise
                self._pause(_FIRST_PAUSE * 2 ** (tries - 1))
            else:
                return

    def _found(self, collection: _Collection, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        fields = {name.split(".")[0]: 1 for name in sorted(self._mapping.roots())}
        with collection.find(query, fields, batch_size=_BATCH, sort=[("_id", 1)]) as cursor:
            yield from cursor

    def _require(self, collection: _Collection) -> None:
        if collection.name not in collection.database.list_collection_names():
            raise SourceNotFoundError(f"{self.name}: there is no such collection; check `collection`.")

    def _require_all(self, collection: _Collection) -> None:
        """`$gt` compares values of one type: ids of several types may have been passed over."""
        there = collection.count_documents({})
        if self._seen < there:
            raise BrokenSourceError(
                f"{self.name}: after the cursor was lost only {self._seen:,} of {there:,} documents came; "
                "run it again."
            )

    @contextmanager
    def _opened(self) -> Iterator[_Collection]:
        from pymongo.errors import PyMongoError

        try:
            with self._open(self._url, self.stem) as collection:
                yield collection
        except PyMongoError as error:
            raise self._failure(error) from None

    def _failure(self, error: PyMongoError) -> CorpusError:
        reason = _reason(error, self._url)
        if self._seen:
            return BrokenSourceError(
                f"{self.name} went away after {self._seen:,} documents ({reason}); nothing was made of them. "
                "Run it again when the database is back."
            )
        return SourceNotFoundError(
            f"{self.name} cannot be read ({reason}); check the address, the password and the collection."
        )


def _latest(collection: _Collection, path: str) -> Any:
    newest: Any = collection.find_one({}, {path: 1}, sort=[(path, -1)])
    for part in path.split("."):
        newest = newest.get(part) if isinstance(newest, dict) else None
    return newest


def _reason(error: Exception, url: str) -> str:
    return " ".join(without_secrets(str(error), url).split())[:_REASON]
