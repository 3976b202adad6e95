"""A process that writes one release: `write_release.py STORE NAME FLAG`.

It says "writing" when its draft is open and holds a file, waits until the file FLAG is there, publishes,
and says "published" or the name of the error.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from embedsvc.errors import EmbedsvcError
from embedsvc.releases import Store


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main(store: Path, name: str, flag: Path) -> None:
    try:
        with Store(store).draft(name) as draft:
            (draft.path / "file").write_bytes(name.encode() * 100_000)
            say("writing")
            while not flag.exists():
                time.sleep(0.005)
            draft.publish(recipe={}, metrics={}, canary={})
        say("published")
    except EmbedsvcError as error:
        say(type(error).__name__)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
