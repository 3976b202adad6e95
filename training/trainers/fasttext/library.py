"""The program of the process that trains: `python -P library.py INPUT OUTPUT PARAMETERS`.

Of its own because of what the library does to a process: it prints to standard error past Python, cannot be
stopped, and fills its memory only in part (see `process`). Ends when its standard input is closed, so that
it does not outlive who started it.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from fasttext import FastText


def main() -> None:
    """Train on INPUT with PARAMETERS (JSON), write OUTPUT; a failure is one line on standard output."""
    path, output, told = sys.argv[1:]
    threading.Thread(target=_leave_when_left, daemon=True).start()
    parameters = json.loads(told)
    # The one parameter that the library knows but lets nobody name.
    FastText.unsupervised_default["seed"] = parameters.pop("seed")
    try:
        FastText.train_unsupervised(path, **parameters).save_model(output)
    except (RuntimeError, ValueError) as error:
        print(error)  # noqa: T201 - read by who started this process
        sys.exit(1)


def _leave_when_left() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(2)


if __name__ == "__main__":
    main()
