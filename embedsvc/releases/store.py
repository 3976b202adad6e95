"""The release store: publish, activate, roll back, list, verify, collect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import JsonValue

from embedsvc.errors import ReleaseExistsError, StoreError, UnknownReleaseError
from embedsvc.releases import disk, names, pointer, staging, verification
from embedsvc.releases.draft import Draft
from embedsvc.releases.journal import Journal
from embedsvc.releases.locks import held
from embedsvc.releases.manifest import Manifest, read_manifest
from embedsvc.schemas import ReleaseInfo

_LOCK_WAIT_SECONDS = 30.0

# Inside the class `list` is the method.
Names = list[str]


class Store:
    """A release store in a local folder. Reading needs no write permission.

    Any number of processes may use one store at once. Every method that takes a release's name raises
    InputError where the text cannot be a name, and UnknownReleaseError where no release bears it.

    Args:
        root: The store's folder.
        create: Make it where it is missing.

    Raises:
        StoreError: It is missing, is a file, is no release store, or cannot be made.
    """

    def __init__(self, root: Path, *, create: bool = False) -> None:
        self.root = root
        self.releases = root / "releases"
        self._staging = root / "staging"
        self._current = root / "current"
        if create:
            self._create()
        where = disk.shown(root)
        if not root.exists():
            raise StoreError(f"There is no release store at {where}; train into it first, or mend the path.")
        if not root.is_dir():
            raise StoreError(f"The release store {where} is a file; give a folder.")
        if not self.releases.is_dir():
            raise StoreError(f"The folder {where} is no release store: it has no folder 'releases'.")

    def _create(self) -> None:
        if not self.root.is_file():
            with disk.translated(self.root, "create folders"):
                self.releases.mkdir(parents=True, exist_ok=True)
                self._staging.mkdir(exist_ok=True)

    @property
    def journal(self) -> Journal:
        """What happened to the candidates since releases were made."""
        return Journal(self.root)

    def draft(self, name: str | None = None, parent: str | None = None) -> Draft:
        """Start a release; use it as a context manager.

        Args:
            name: Its name; without one, the time and a random end.
            parent: The release it was made from.

        Raises:
            ReleaseExistsError: The name is taken.
        """
        if parent is not None:
            self.path(parent)
        name = names.new_release_name(datetime.now(UTC)) if name is None else names.release_name(name)
        self._refuse_taken(name)
        return Draft(self, name, parent)

    def stage(self, name: str) -> staging.StagingArea:
        """Make the folder a draft writes to, after removing what dead writers left; for `Draft`."""
        with self._changing(f"start release {name}"):
            staging.sweep(self._staging)
            self._refuse_taken(name)
            return staging.StagingArea.make(self._staging, name)

    def _refuse_taken(self, name: str) -> None:
        if (self.releases / name).exists():
            raise ReleaseExistsError(
                f"Release {name} has been published already; choose another name.", details={"release": name}
            )

    def path(self, name: str) -> Path:
        """The folder of a release."""
        folder = self.releases / names.release_name(name)
        if not folder.is_dir() or folder.is_symlink():
            raise UnknownReleaseError(
                f"There is no release {name} in this store; list the releases to see their names.",
                details={"release": name},
            )
        return folder

    def manifest(self, name: str) -> Manifest:
        """The manifest of a release.

        Raises:
            ReleaseCorruptError: It cannot be used.
            StoreError: Its schema is not known to this version.
        """
        return read_manifest(self.path(name))

    def check(self, name: str) -> None:
        """Check that a release's files are there and have their sizes; reads no file.

        Raises:
            ReleaseCorruptError: Names the first that is not right.
        """
        verification.check(self.path(name), self.manifest(name))

    def verify(self, name: str) -> None:
        """Check the sha256 of every file of a release, and that it holds no others.

        Raises:
            ReleaseCorruptError: Names the first that is not right.
        """
        with disk.translated(self.root, f"verify {name}"):
            verification.verify(self.path(name), self.manifest(name))

    def current(self) -> str | None:
        """The active release's name; None where none has been activated.

        Raises:
            StoreError: `current` cannot be read.
        """
        active = pointer.read_pointer(self._current)
        return active.release if active else None

    def activated_token(self) -> pointer.Token | None:
        """Changes whenever `current` does; costs one stat call. None where none has been activated."""
        return pointer.change_token(self._current)

    def activate(self, name: str, *, verify: bool = True) -> None:
        """Make a release the active one, in one step; activating the active one changes nothing.

        With `verify` the sha256 of all its files is checked first, without it their sizes only.

        Raises:
            ReleaseCorruptError: It is damaged; what was active stays so.
            StoreFullError: No space left; what was active stays so.
        """
        if verify:
            self.verify(name)
        with self._changing(f"activate {name}"):
            self.check(name)
            active = self._pointer_to_replace()
            if active is None:
                pointer.write_pointer(self._current, pointer.pointing_at(name, []))
            elif active.release != name:
                pointer.write_pointer(self._current, active.moved_to(name))

    def note_forced(self, name: str, faults: Sequence[str]) -> None:
        """Write into a release's manifest that it goes live in spite of `faults`, and when.

        Raises:
            StoreError: The manifest cannot be read or replaced.
        """
        with self._changing(f"note that {name} is forced"):
            manifest = self.manifest(name)
            before = manifest.notes.get("forced")
            note: JsonValue = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "faults": list(faults)}
            forced = [*(before if isinstance(before, list) else []), note]
            changed = manifest.model_copy(update={"notes": {**manifest.notes, "forced": forced}})
            disk.replace_durably(self.path(name) / names.MANIFEST_NAME, changed.to_json().encode())

    def _pointer_to_replace(self) -> pointer.Pointer | None:
        """The pointer; None also where it is damaged, for then activating is what mends it."""
        try:
            return pointer.read_pointer(self._current)
        except StoreError:
            return None

    def rollback(self) -> str:
        """Make the release active that was so before, and say its name.

        Releases collected since are passed over; each roll back goes one further into the past.

        Raises:
            StoreError: There is none to roll back to.
            ReleaseCorruptError: It is damaged; what was active stays so.
        """
        with self._changing("roll back"):
            active = pointer.read_pointer(self._current)
            back = active.moved_back(set(self._names())) if active else None
            if back is not None:
                self.check(back.release)
                pointer.write_pointer(self._current, back)
                return back.release
        raise StoreError("There is no earlier release to roll back to; activate one by its name.")

    def list(self) -> list[ReleaseInfo]:
        """All releases that can be read, newest first; `broken` tells of the others."""
        active = self.current()
        manifests = sorted(self._readable(), key=lambda each: (each.created, each.name), reverse=True)
        return [
            ReleaseInfo(
                name=each.name,
                created=each.created,
                active=each.name == active,
                bytes=each.bytes,
                parent=each.parent,
            )
            for each in manifests
        ]

    def next_moment(self, now: datetime) -> datetime:
        """`now`, or a moment after the newest release where the clock has gone back since that was made.

        So the newest release is the one made last, whatever the clock did.
        """
        newest = max((datetime.fromisoformat(each.created) for each in self._readable()), default=now)
        return now if newest < now else newest + timedelta(microseconds=1)

    def broken(self) -> dict[str, StoreError]:
        """Releases whose manifest cannot be used, by name, each with the reason."""
        faults: dict[str, StoreError] = {}
        for name in self._names():
            try:
                self.manifest(name)
            except UnknownReleaseError:
                continue
            except StoreError as error:
                faults[name] = error
        return faults

    def collect(self, keep: int) -> Names:
        """Remove old releases and say which.

        Kept are the active one, the `keep` that roll back would reach first, the `keep` newest (one may
        be waiting to be judged), and any whose manifest this version cannot read.

        Args:
            keep: At least 1.

        Raises:
            StoreError: `keep` is below 1, or a release cannot be removed.
        """
        if keep < 1:
            raise StoreError("Keep at least 1 release.")
        with self._changing("collect old releases"):
            staging.sweep(self._staging)
            newest = [each.name for each in self.list()]
            active = pointer.read_pointer(self._current)
            kept = {*newest[:keep], *(active.reachable(newest, keep) if active else ())}
            removed = [name for name in newest if name not in kept]
            for name in removed:
                staging.set_aside(self.releases / name, self._staging)
            staging.sweep(self._staging)
        return removed

    def sweep(self) -> None:
        """Remove what writers that died left half made.

        Raises:
            StoreError: It cannot be removed.
        """
        with self._changing("remove what was left half made"):
            staging.sweep(self._staging)

    def remove(self, names: Sequence[str]) -> None:
        """Remove releases; roll back passes over them.

        Raises:
            StoreError: One of them is active, or cannot be removed.
        """
        with self._changing("remove releases"):
            active = pointer.read_pointer(self._current)
            if active is not None and active.release in names:
                raise StoreError(f"Release {active.release} is active; activate another first.")
            for name in names:
                staging.set_aside(self.path(name), self._staging)
            staging.sweep(self._staging)

    def names(self) -> Names:
        """The names of all releases, also of those that cannot be read, in alphabetical order."""
        return [*self._names()]

    def _names(self) -> Iterator[str]:
        with disk.translated(self.root, "list releases"):
            for folder in sorted(self.releases.iterdir()):
                if names.is_release_name(folder.name) and folder.is_dir() and not folder.is_symlink():
                    yield folder.name

    def _readable(self) -> Iterator[Manifest]:
        for name in self._names():
            try:
                yield self.manifest(name)
            except StoreError:
                continue

    @contextmanager
    def _changing(self, doing: str) -> Iterator[None]:
        """Hold the store's lock, and speak of the disk's errors in the store's words."""
        with disk.translated(self.root, doing), held(self.root / "lock", _LOCK_WAIT_SECONDS):
            yield
