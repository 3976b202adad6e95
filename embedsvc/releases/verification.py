"""Is a release still what its manifest says?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from embedsvc.errors import ReleaseCorruptError
from embedsvc.releases import disk
from embedsvc.releases.manifest import FileEntry, Manifest
from embedsvc.releases.names import MANIFEST_NAME


def check(folder: Path, manifest: Manifest) -> None:
    """Check that every listed file is there as a plain file of the listed size: one lstat a file.

    Raises:
        ReleaseCorruptError: One is not; the message and `details["file"]` name it.
    """
    folders: set[str] = set()
    for relative, entry in manifest.files.items():
        _check_folders(folder, relative, folders, manifest.name)
        _check_file(folder, relative, entry, manifest.name)


def verify(folder: Path, manifest: Manifest) -> None:
    """Check the sha256 of every listed file, and that no file is there which the manifest does not list.

    Raises:
        ReleaseCorruptError: A file is missing, cut short, changed, a link, or not listed.
    """
    check(folder, manifest)
    for found in disk.walk(folder):
        if found.relative not in manifest.files and found.relative != MANIFEST_NAME:
            raise _corrupt(manifest.name, disk.shown(found.relative), "is not in the manifest")
    for relative, entry in manifest.files.items():
        try:
            digest = disk.sha256_of(folder / relative)
        except OSError as error:
            raise _corrupt(manifest.name, relative, f"cannot be read ({error.strerror})") from error
        if digest != entry.sha256:
            raise _corrupt(manifest.name, relative, "has changed since it was published")


def _check_folders(folder: Path, relative: str, seen: set[str], name: str) -> None:
    """A linked folder on the way would lead out of the release."""
    for end, letter in enumerate(relative):
        above = relative[:end]
        if letter == "/" and above not in seen:
            seen.add(above)
            status = _lstat(folder / above, relative, name)
            if not stat.S_ISDIR(status.st_mode):
                raise _corrupt(name, relative, "is not below a real folder")


def _check_file(folder: Path, relative: str, entry: FileEntry, name: str) -> None:
    status = _lstat(folder / relative, relative, name)
    if not stat.S_ISREG(status.st_mode):
        raise _corrupt(name, relative, "is not a plain file")
    if status.st_size != entry.bytes:
        raise _corrupt(name, relative, f"has {status.st_size} bytes instead of {entry.bytes}")


def _lstat(path: Path, relative: str, name: str) -> os.stat_result:
    try:
        return path.lstat()
    except OSError as error:
        raise _corrupt(name, relative, "is missing or out of reach") from error


def _corrupt(name: str, relative: str, reason: str) -> ReleaseCorruptError:
    return ReleaseCorruptError(
        f"File {relative!r} of release {name} {reason}; activate another release or publish this one again.",
        details={"release": name, "file": relative},
    )
