"""The process of a job that the service began: `python -m training.job` with a store, a job and a recipe.

It says in the job's folder how far it is and how it ended. Nothing is printed, and of errors that nobody
foresaw only the kind is kept: their words may hold a candidate's text.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from embedsvc.errors import EmbedsvcError, OptionalDependencyError, RecipeError
from embedsvc.jobs import LAST_STAGE, JobFolder, JobVoice
from embedsvc.schemas import ReindexOutcome, ReindexRequest

if TYPE_CHECKING:
    from training.progress import Meter

_NICE = 10
_UNFORESEEN = "The job failed on something that nobody foresaw ({kind}); run 'embedsvc reindex' to see where."


class Reporter:
    """Tells the job's folder; from its last stage on the job hears no request to end any more."""

    def __init__(self, voice: JobVoice) -> None:
        self._voice = voice

    @contextmanager
    def stage(self, name: str) -> Iterator[Meter]:
        """Open a stage."""
        if name == LAST_STAGE:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with self._voice.stage(name) as meter:
            yield meter

    def reused(self, name: str) -> None:
        """Say that a stage was found done."""
        self._voice.reused(name)


def main() -> None:
    """Do the job, and say how it ended."""
    parser = argparse.ArgumentParser(prog="python -m training.job")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--job", required=True)
    parser.add_argument("--recipe", type=Path, required=True)
    parser.add_argument("--lock", type=int, required=True)
    given = parser.parse_args()
    # Held until this process is dead; what it begins does not inherit it.
    os.set_inheritable(given.lock, False)
    folder = JobFolder(given.store / "jobs", given.job)
    voice = JobVoice(folder)
    voice.begin()
    with suppress(OSError):
        os.nice(_NICE)  # questions come first
    try:
        voice.succeed(reindexed(given.store, given.recipe, folder.asked().body, Reporter(voice)))
    except EmbedsvcError as error:
        voice.fail(error.code, error.message)
    except ModuleNotFoundError as missing:
        message = f"The package '{missing.name}' is not installed; run: pip install -e '.[service,training]'"
        voice.fail(OptionalDependencyError.code, message)
    except OSError as error:
        voice.fail("internal", f"{error.strerror or type(error).__name__}: the job cannot read or write.")
    except Exception as error:  # noqa: BLE001 - the last resort: its words are not told
        voice.fail("internal", _UNFORESEEN.format(kind=type(error).__qualname__))


def reindexed(store: Path, recipe: Path, asked: ReindexRequest, reporter: Reporter) -> ReindexOutcome:
    """Index the store's candidates again.

    Raises:
        RecipeError: It cannot be used, or is for another store.
        EmbedsvcError: What a re-index raises; what is live stays.
    """
    from training.recipe import load_recipe  # loads much; the job has said by now that it began
    from training.reindex import reindex

    located = load_recipe(recipe)
    if not located.store.is_dir() or not located.store.samefile(store):
        raise RecipeError(
            f"The recipe {recipe.name} is for the store '{located.recipe.store}', which is not the one that "
            "the service serves; let EMBEDSVC_RECIPE name the recipe of that store."
        )
    made = reindex(located, reporter, activate=asked.activate)
    return ReindexOutcome(
        release=made.release,
        parent=made.parent,
        activated=asked.activate,
        candidates=made.candidates,
        recall=made.recall,
        lines=made.sources["lines"],
        bad_lines=made.sources["bad_lines"],
    )


if __name__ == "__main__":
    main()
