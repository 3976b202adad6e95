"""The command line, `embedsvc`: tables and progress bars for people, `--json` for programs.

Every command imports what it needs when it runs, so that `--help` is quick and a bare SDK install can say
what is missing.
"""

from __future__ import annotations

import errno
import sys

from embedsvc.errors import EmbedsvcError, OptionalDependencyError

_CHECKOUT = (
    "The SDK is installed without the service and its jobs; they run from a checkout of embedsvc "
    "(pip install -e '.[service,training]') or from the image."
)


def main() -> None:
    """Run the command line and leave with an exit code of sysexits.h."""
    sys.exit(_guarded())


def _guarded() -> int:
    try:
        from embedsvc.cli.app import app

        app()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except EmbedsvcError as error:
        return _refuse(error.message, error.exit_code)
    except ModuleNotFoundError as missing:
        return _refuse(_missing(missing), OptionalDependencyError.exit_code)
    except BrokenPipeError:
        # Whoever read the output has gone; there is nobody left to tell.
        sys.stdout = None
        return 0
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        hint = " Free some space and run the command again; what is done is kept." if full else ""
        return _refuse(f"{error}.{hint}", 74)
    except KeyboardInterrupt:
        return _refuse("Stopped; what is done is kept.", 130)
    return 0


def _missing(missing: ModuleNotFoundError) -> str:
    name = (missing.name or "").split(".")[0]
    if name in {"indexes", "training", "typer", "fastapi", "numpy"}:
        return _CHECKOUT
    return f"The package '{name}' is not installed; run: pip install -e '.[service,training]'"


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"embedsvc: {message.encode('utf-8', 'backslashreplace').decode()}\n")
    return code
