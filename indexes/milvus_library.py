"""The Milvus client, and databases of Milvus Lite in temporary folders of this process."""

import os
import shutil
import tarfile
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from indexes.errors import CorruptIndexError, MissingBackendError

try:
    import pymilvus
except ImportError as missing:
    raise MissingBackendError(
        "the milvus backend needs pymilvus: pip install 'pymilvus>=2.6,<4' 'milvus-lite>=3,<4'"
    ) from missing

_NAME = "index.db"


class Database:
    """A connection to a database; one of Milvus Lite ends, and its files are deleted, with the last user."""

    kinds: Any = pymilvus.DataType

    def __init__(self, client: Any, folder: Path | None = None) -> None:
        self.client = client
        self._folder = folder
        weakref.finalize(self, _close, client, folder)

    def pack(self, file: BinaryIO) -> None:
        """Write all files of a database of Milvus Lite as one archive.

        Raises:
            OSError: as the system gives it.
        """
        assert self._folder is not None  # noqa: S101 - a cluster's is never packed
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(self._folder / _NAME, _NAME, filter=_without_owner)


def cluster(uri: str) -> Database:
    """Connect to a cluster, with the token in MILVUS_TOKEN if there is one.

    Raises:
        ConnectionError: nobody answers there.
    """
    with reasons(uri):
        return Database(pymilvus.MilvusClient(uri, token=os.environ.get("MILVUS_TOKEN", ""), timeout=10))


def embedded(archive: Path | None = None) -> Database:
    """A new database of Milvus Lite, or what `Database.pack` wrote.

    Args:
        archive: whose content was compared with what was saved.

    Raises:
        MissingBackendError: Milvus Lite is not installed.
        CorruptIndexError: it is no archive of a database.
    """
    try:
        import milvus_lite  # noqa: F401 - the client asks for it by itself, but then says less
    except ImportError as error:
        raise MissingBackendError(
            "a Milvus database in a folder needs Milvus Lite: pip install 'milvus-lite>=3,<4'"
        ) from error
    folder = Path(tempfile.mkdtemp(prefix="milvus-"))
    try:
        if archive is not None:
            _unpack(archive, folder)
        with reasons(""):
            return Database(pymilvus.MilvusClient(str(folder / _NAME)), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")  # nothing outside the folder, no links out of it
    except (tarfile.TarError, EOFError) as error:
        raise CorruptIndexError(f"{archive} cannot be read ({error}): build the index again") from error
    if not (folder / _NAME).is_dir():
        raise CorruptIndexError(f"{archive} holds no database: build the index again")


def _without_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return None if Path(entry.name).name == "LOCK" else entry


def _close(client: Any, folder: Path | None) -> None:
    with suppress(Exception):  # at the end of the process parts of it may be gone already
        client.close()
    if folder is None:
        return
    with suppress(Exception):
        from milvus_lite.server_manager import server_manager_instance

        server_manager_instance.release_server(str(folder / _NAME))
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def reasons(uri: str) -> Iterator[None]:
    """Turn Milvus's own errors into `ConnectionError`, which says where."""
    try:
        yield
    except pymilvus.MilvusException as error:
        where = f"Milvus at {uri}" if uri else "Milvus Lite"
        raise ConnectionError(f"{where} did not do what was asked ({str(error)[:200]})") from error
