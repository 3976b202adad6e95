"""A checkpoint before it is opened: a folder of sentence-transformers' layout, looked through, not run.

What could run code on being read is refused by its name, unread: pickled weights, and modules that are not
the library's own.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Final

from embedsvc.errors import RecipeError
from training.corpus.paths import shown
from training.trainers.transformer.libraries import missing

_WEIGHTS: Final = ".safetensors"
_PICKLES: Final = frozenset({".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"})
_MODULES: Final = frozenset({"Transformer", "Pooling", "Normalize", "Dense", "LayerNorm"})
# What a checkpoint is made of; nothing else of a repository is fetched or counts.
_FILES: Final = ("*.json", "*.txt", "*.model", f"*{_WEIGHTS}")


def check(folder: Path) -> None:
    """Look whether a checkpoint can be opened without running what it brings.

    Raises:
        RecipeError: It is not there, is no checkpoint, or holds weights that would have to be unpickled.
    """
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise RecipeError(
            f"{shown(folder)} is no checkpoint: config.json and modules.json are missing. Let "
            "transformer.checkpoint name a folder that sentence-transformers saved."
        )
    for path in sorted(folder.rglob("*")):
        if path.suffix in _PICKLES and not any(path.parent.glob(f"*{_WEIGHTS}")):
            raise RecipeError(
                f"{shown(path)} is a pickle, which could run anything, and is not read; save the "
                "checkpoint anew as safetensors."
            )
    if not any(folder.rglob(f"*{_WEIGHTS}")):
        raise RecipeError(f"{shown(folder)} holds no weights: a file *{_WEIGHTS} is missing.")
    _check_modules(folder / "modules.json")


def fingerprint(folder: Path) -> dict[str, str]:
    """The sha256 of every file that matters, by its path; changes where the model would."""
    found = {}
    for path in sorted({path for pattern in _FILES for path in folder.rglob(pattern)}):
        with path.open("rb") as content:
            name = path.relative_to(folder).as_posix()
            found[name] = hashlib.file_digest(content, "sha256").hexdigest()
    return found


def fetch(name: str, revision: str | None, folder: Path) -> None:
    """Fetch a checkpoint of the Hugging Face hub into a folder, its pickles left out.

    Raises:
        OptionalDependencyError: huggingface_hub is not installed.
        RecipeError: There is none of that name, or the hub is not reached.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise missing("huggingface_hub") from None
    try:
        snapshot_download(name, revision=revision, local_dir=folder, allow_patterns=list(_FILES))
    except Exception as error:
        raise RecipeError(
            f"transformer.checkpoint: {name[:200]!r} is no folder beside the recipe, and could not be "
            f"fetched from the Hugging Face hub ({type(error).__name__}); check the name and the network, "
            "or name a folder."
        ) from error


def _check_modules(path: Path) -> None:
    """Look whether all modules are the library's and lie inside the folder."""
    if not path.is_file():
        return
    try:
        modules = [(str(each["type"]), str(each["path"])) for each in json.loads(path.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RecipeError(f"{shown(path)} cannot be read as a list of modules ({error}).") from None
    for kind, place in modules:
        first, _, last = kind.partition(".")
        if first != "sentence_transformers" or last.rpartition(".")[2] not in _MODULES:
            raise RecipeError(
                f"{shown(path)} names a module {kind[:100]!r}; of these are known: "
                f"{', '.join(sorted(_MODULES))}."
            )
        if PurePosixPath(place).is_absolute() or ".." in PurePosixPath(place).parts:
            raise RecipeError(f"{shown(path)} names a module outside the checkpoint's folder.")
