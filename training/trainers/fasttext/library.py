"""The program of the process that trains: `python -P library.py METHOD INPUT OUTPUT PARAMETERS [VALIDATION]`.

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
    """Train on INPUT with PARAMETERS (JSON), write OUTPUT; a failure is one line on standard output.

    METHOD is `unsupervised` or `supervised`; of the latter, P@1 on VALIDATION is a line there.
    """
    method, path, output, told, *validation = sys.argv[1:]
    threading.Thread(target=_leave_when_left, daemon=True).start()
    parameters = json.loads(told)
    # The one parameter that the library knows but lets nobody name.
    FastText.unsupervised_default["seed"] = parameters.pop("seed")
    train = FastText.train_unsupervised if method == "unsupervised" else FastText.train_supervised
    try:
        model = train(path, **parameters)
        model.save_model(output)
        for file in validation:
            _, right, _ = model.test(file, k=1)
            print(right)  # noqa: T201 - read by who started this process
    except (RuntimeError, ValueError, MemoryError) as error:
        print(error)  # noqa: T201 - read by who started this process
        sys.exit(1)


def _leave_when_left() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(2)


if __name__ == "__main__":
    main()
