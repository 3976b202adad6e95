"""Releases: immutable, versioned directories, published and activated as one thing.

    STORE/
    ├── current                     which release is active; one small JSON file, replaced atomically
    ├── lock                        held for the moments in which `current` or `releases/` change
    ├── changes/                    candidates put in and erased since: one append-only journal
    ├── releases/<name>/            manifest.json and the files it lists; never written to again
    └── staging/<name>-<random>/    a release being written: its files, and a lock held by the writer

A process that dies while it writes leaves a folder in staging whose lock nobody holds; the next draft
removes it. Nothing under releases/ is ever half written: a release arrives there by one rename.
"""

from embedsvc.releases.draft import Draft
from embedsvc.releases.manifest import FileEntry, Manifest
from embedsvc.releases.store import Store

__all__ = ["Draft", "FileEntry", "Manifest", "Store"]
