"""The journal of changes to candidates: one append-only file beside the releases.

    STORE/changes/journal   a record a line: checksum, space, JSON; the first is the journal's own
    STORE/changes/lock      held by who writes

A record is on the disk before the call that wrote it returns. A last line that a dying writer left torn was
never acknowledged: readers pass over it and the next writer cuts it off. Damage anywhere else is an error,
for what cannot be read may be an erasure. `rewrite` leaves out what is no longer needed, by writing a new
file and putting it in the place of the old one in one step.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from embedsvc.errors import ChangesFullError, StoreError
from embedsvc.releases import disk
from embedsvc.releases.changes import Change, Put, as_json, of_json
from embedsvc.releases.locks import held
from embedsvc.releases.pointer import Token, change_token

FORMAT = 1
MAX_BYTES = 256 * 1024 * 1024
_LOCK_WAIT_SECONDS = 30.0
_SUM_BYTES = 8
_BEGINS = b' {"changes":'  # nowhere else in a record: quotes inside of it are escaped


class Journal:
    """The journal of a store; any number of processes may read and write it at once.

    Args:
        root: The store's folder.
        max_bytes: Size up to which candidates are put in; erasures always are.
    """

    def __init__(self, root: Path, max_bytes: int = MAX_BYTES) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self.folder = root / "changes"
        self.path = self.folder / "journal"

    def token(self) -> Token | None:
        """Differs after every change; one stat call. None where nothing was ever changed.

        Raises:
            StoreError: There was a journal, and it is gone.
        """
        token = change_token(self.path)
        if token is not None:
            return token
        with disk.translated(self.root, "look at the journal of changes"):
            if self.folder.is_dir() and (token := change_token(self.path)) is None:
                raise missing()
        return token

    def reader(self) -> Reader:
        """A reader that begins at the beginning."""
        return Reader(self)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer, for the body; the journal is made where there is none.

        Raises:
            StoreFullError: No space left; what had been written stands.
            StoreError: The store cannot be written to, or somebody else has written for too long.
        """
        with disk.translated(self.root, "write the journal of changes"):
            if not self.folder.is_dir():
                with held(self.root / "lock", _LOCK_WAIT_SECONDS):
                    self._make()
            with held(self.folder / "lock", _LOCK_WAIT_SECONDS):
                yield

    def append(self, changes: Sequence[Change], reader: Reader) -> None:
        """Add changes, all or none of them, and wait until they are on the disk; inside `writing` only.

        Args:
            changes: Numbered from `reader.last + 1`.
            reader: One that has read to the end since the writing began.

        Raises:
            ChangesFullError: Candidates are to be put in and the journal is as large as it may be.
        """
        line = _line({"changes": [as_json(change) for change in changes]})
        end = reader.offset
        if any(isinstance(change, Put) for change in changes) and end + len(line) > self.max_bytes:
            raise ChangesFullError(
                f"The journal of changes has reached {self.max_bytes:,} bytes; run 'embedsvc reindex', and "
                "give its recipe the sources of the candidates that are put in."
            )
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.ftruncate(descriptor, end)
            os.lseek(descriptor, end, os.SEEK_SET)
            try:
                _write_all(descriptor, line)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)

    def rewrite(self, keep: Callable[[Change], bool]) -> None:
        """Leave out the changes that are not to be kept; inside `writing` only."""
        reader = self.reader()
        _, changes = reader.read()
        lines = [_head(reader.salt, reader.last + 1)]
        lines += [_line({"changes": [as_json(change)]}) for change in changes if keep(change)]
        self._replace(self.path, lines)

    def _make(self) -> None:
        """The folder with a journal in it, in one step: one without was damaged."""
        if self.folder.is_dir():
            return
        aside = self.folder.with_name("changes.new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        self._replace(aside / "journal", [_head(secrets.token_bytes(32), 1)])
        aside.rename(self.folder)
        disk.sync(self.root)

    @staticmethod
    def _replace(path: Path, lines: Iterable[bytes]) -> None:
        aside = path.with_name("journal.new")
        aside.unlink(missing_ok=True)
        # Only its owner may read it: it holds texts of candidates.
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            for line in lines:
                _write_all(descriptor, line)
            os.fsync(descriptor)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        aside.replace(path)
        disk.sync(path.parent)


class Reader:
    """Reads a journal from where it stopped the last time.

    Attributes:
        offset: Where the last whole record ends.
        last: The number of the last change, 0 where there is none.
        salt: The key of the journal's hashes; empty where there is no journal.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._head = b""
        self._start_over()

    def _start_over(self) -> None:
        self.offset = 0
        self.last = 0
        self.salt = b""

    def who(self, identity: str) -> str:
        """The hash under which an id is known as erased."""
        return hashlib.blake2b(identity.encode(), key=self.salt, digest_size=16).hexdigest()

    def read(self) -> tuple[bool, list[Change]]:
        """(whether this begins anew, for the file was rewritten; the changes since the last time).

        Raises:
            StoreError: The journal cannot be read, or is damaged before its last line.
        """
        with disk.translated(self._journal.root, "read the journal of changes"):
            before, changes = self._head, []
            for record in self._records():
                changes += self._take(record)
            return self._head != before, changes

    def _records(self) -> Iterator[dict[str, Any]]:
        """The records since the last time, the journal's own among them."""
        try:
            file = self._journal.path.open("rb")
        except FileNotFoundError:
            self._journal.token()  # an error where there was one
            return
        with file:
            head = file.readline()
            if head != self._head:
                self._start_over()
                self._head = head
            file.seek(self.offset)
            broken = False
            for line in file:
                record = _record(line)
                if broken or (record is None and (not self.offset or line.count(_BEGINS) > 1)):
                    raise _unusable(f"the record at byte {self.offset:,} is damaged")
                if not line.endswith(b"\n"):
                    return  # being written, or left torn by who died writing it
                if record is None:
                    broken = True  # the last one may be, if nothing follows
                    continue
                self.offset += len(line)
                yield record

    def _take(self, record: dict[str, Any]) -> list[Change]:
        try:
            if "format" in record:
                if record["format"] != FORMAT:
                    raise _unusable(f"it is of format {str(record['format'])[:20]}")
                self.salt, self.last = bytes.fromhex(record["salt"]), int(record["next"]) - 1
                return []
            changes = [of_json(facts) for facts in record["changes"]]
        except (KeyError, TypeError, ValueError) as error:
            raise _unusable("a record is none of this version's") from error
        self.last = max([self.last, *(change.seq for change in changes)])
        return changes


def _head(salt: bytes, first: int) -> bytes:
    """The journal's own record; no two are alike, so that a rewritten file is told from the old one."""
    record = {"format": FORMAT, "salt": salt.hex(), "next": first, "writing": secrets.token_hex(8)}
    return _line(record)


def _line(record: dict[str, Any]) -> bytes:
    body = orjson.dumps(record)
    return b"%b %b\n" % (_sum(body), body)


def _record(line: bytes) -> dict[str, Any] | None:
    """The record of a line; None where it is torn or damaged."""
    checksum, _, body = line.removesuffix(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != _sum(body):
        return None
    record: dict[str, Any] = orjson.loads(body)
    return record


def _sum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_SUM_BYTES).hexdigest().encode()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def missing() -> StoreError:
    """The error for a journal that was there and is no more."""
    return _unusable("it is missing")


def _unusable(reason: str) -> StoreError:
    return StoreError(
        f"The store's journal of changes cannot be used ({reason}), so that nobody knows who was erased; "
        "restore changes/journal from a backup, then ask again."
    )
