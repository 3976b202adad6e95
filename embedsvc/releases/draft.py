"""A release being written: files go in, one rename makes it a release."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from embedsvc.errors import EmbedsvcError, InputError, ReleaseExistsError, StoreError
from embedsvc.releases import disk
from embedsvc.releases.manifest import FileEntry, Manifest, new_manifest
from embedsvc.releases.names import MANIFEST_NAME, path_fault

if TYPE_CHECKING:
    from embedsvc.releases.staging import StagingArea
    from embedsvc.releases.store import Store

_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY}
# Inode, modification time and size: while these stand still, a shared file's known hash holds.
_Stamp = tuple[int, int, int, int]


class Draft:
    """A context manager; leaving it without `publish` removes what was written.

    Made by `Store.draft`. Inside the `with`, write files below `path`, then call `publish` once.

    Raises:
        StoreFullError: The disk ran full inside the `with`, also when a library hid the reason.
    """

    def __init__(self, store: Store, name: str, parent: str | None) -> None:
        self.name = name
        self.parent = parent
        self._store = store
        self._area: StagingArea | None = None
        self._known: dict[str, tuple[_Stamp, FileEntry]] = {}

    def __enter__(self) -> Self:
        if self._area is not None:
            raise StoreError(f"The draft of {self.name} is open already; make another with Store.draft.")
        self._area = self._store.stage(self.name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        full = (
            error is not None
            and not isinstance(error, EmbedsvcError)
            and disk.means_full(error, self._store.root)
        )
        self._discard()
        if full:
            raise disk.full_error(self._store.root) from error

    @property
    def path(self) -> Path:
        """The folder to write the release's files to; it exists until `publish`.

        Raises:
            StoreError: The draft is not open, or has been published.
        """
        if self._area is None:
            raise StoreError(
                f"The draft of {self.name} is not open; use it inside one `with store.draft(...)`."
            )
        return self._area.files

    def share(self, release: str, *relative: str) -> None:
        """Take unchanged files, or folders with all in them, of a published release.

        They are hard-linked, or copied where the file system has no links. Never write to a shared
        file in place: it is the other release's file too.

        Args:
            release: The release to take from.
            relative: Paths inside it, of files or folders.

        Raises:
            UnknownReleaseError: No such release.
            InputError: No path was given, or one that the release does not hold.
            StoreError: A file cannot be linked or copied.
        """
        source, manifest = self._store.path(release), self._store.manifest(release)
        if not relative:
            raise InputError("Name at least one file or folder to share.")
        for wanted in relative:
            chosen = [path for path in manifest.files if path == wanted or path.startswith(f"{wanted}/")]
            if not chosen:
                raise InputError(f"Release {release} holds no file or folder {wanted[:80]!a}.")
            with disk.translated(self._store.root, f"share {wanted[:80]!a} of {release}"):
                for path in chosen:
                    self._share_file(source / path, path, manifest.files[path])

    def _share_file(self, source: Path, path: str, entry: FileEntry) -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            shutil.copyfile(source, target, follow_symlinks=False)
            return
        self._known[path] = (_stamp(target.lstat()), entry)

    def publish(
        self,
        *,
        recipe: Mapping[str, Any],
        metrics: Mapping[str, Any],
        canary: Mapping[str, Any],
        kind: str = "train",
        notes: Mapping[str, Any] | None = None,
    ) -> Manifest:
        """Make the draft a release: durable, complete, immutable, not yet active.

        Args:
            recipe: What it was made from and how; JSON values.
            metrics: What evaluation found; JSON values.
            canary: A query and its known answer, asked before the release is served; JSON values.
            kind: `train`, `reindex`, ...
            notes: Anything else worth keeping; JSON values.

        Raises:
            ReleaseExistsError: Another draft took the name first.
            StoreFullError: No space left.
            StoreError: The draft holds links or unusable names, a value is not JSON, or the disk failed.
        """
        folder = self.path
        if disk.is_full(folder):
            # Some libraries (fastText's C++) cut a file short on a full disk without a word.
            raise disk.full_error(self._store.root)
        with disk.translated(self._store.root, f"publish {self.name}"):
            files = self._seal(folder)
            facts = {"recipe": recipe, "metrics": metrics, "canary": canary, "notes": notes or {}}
            described = {key: dict(value) for key, value in facts.items()}
            created = self._store.next_moment(datetime.now(UTC))
            manifest = new_manifest(
                files, created=created, name=self.name, kind=kind, parent=self.parent, **described
            )
            disk.write_durably(folder / MANIFEST_NAME, manifest.to_json().encode())
            _make_read_only(folder / MANIFEST_NAME)
            disk.sync(folder)
            self._take_name(folder)
        self._discard()
        return manifest

    def _seal(self, folder: Path) -> dict[str, FileEntry]:
        """Make every file durable and read-only, and describe it."""
        files: dict[str, FileEntry] = {}
        for found in disk.walk(folder):
            fault = path_fault(found.relative)
            if fault or not found.is_regular or found.relative == MANIFEST_NAME:
                fault = fault or ("is reserved" if found.is_regular else "must be a plain file, not a link")
                raise StoreError(f"The draft holds {disk.shown(found.relative)!r}, which {fault}; remove it.")
            files[found.relative] = self._describe(folder / found.relative, found)
        if not files:
            raise StoreError(
                f"The draft of {self.name} holds no file; write the release below Draft.path first."
            )
        for parent in sorted({parent for path in files for parent in PurePosixPath(path).parents}):
            disk.sync(folder / parent)
        return dict(sorted(files.items()))

    def _describe(self, path: Path, found: disk.Found) -> FileEntry:
        stamp, entry = self._known.get(found.relative, (None, None))
        if entry is not None and stamp == _stamp(found.status):
            return entry
        disk.sync(path)
        _make_read_only(path)
        return FileEntry(bytes=path.lstat().st_size, sha256=disk.sha256_of(path))

    def _take_name(self, folder: Path) -> None:
        target = self._store.releases / self.name
        try:
            # rename(2) refuses a folder that is not empty, so of two drafts of one name one loses.
            folder.rename(target)
        except OSError as error:
            if error.errno in _TAKEN:
                raise ReleaseExistsError(
                    f"Release {self.name} has been published already; choose another name.",
                    details={"release": self.name},
                ) from error
            raise
        disk.sync(target.parent)

    def _discard(self) -> None:
        if self._area is not None:
            self._area.remove()
            self._area = None


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _make_read_only(path: Path) -> None:
    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
