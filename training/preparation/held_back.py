"""What is held back from training: which groups, and that no text of theirs was trained on after all.

The split is made once per corpus, by groups of near-duplicates. It is kept in the release:

    split/split.json             seed, shares, and how many groups are held back in each part
    split/dev.npy, split/test.npy  uint64, ascending: a hash of each such group; no text can be told from it

Candidates of different groups may still read alike once their texts are tokens: they wrote so little. What a
candidate of the train part said too is therefore taken out of what is judged by (`set_apart`), and so are
their skill lists (`set_lists_apart`); judging by such a text or list is an error (`check_held_back`).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from embedsvc.errors import LeakError
from training.corpus.split import Part, part_of

SPLIT = "split"
TRAINED, DOCUMENTS = "trained.npy", "documents.jsonl"
LISTS, HELD_LISTS = "lists.txt", "held_lists.txt"
HELD: tuple[Part, ...] = ("dev", "test")

Hashes = npt.NDArray[np.uint64]


def text_hash(text: str) -> bytes:
    """Eight bytes of a hash of a document's text, or nothing of an empty one, which nobody learns from."""
    return hashlib.blake2b(text.encode(), digest_size=8).digest() if text else b""


def hashes(found: bytes) -> Hashes:
    """The hashes, joined by `text_hash`, in ascending order and each once."""
    return np.unique(np.frombuffer(found, ">u8").astype(np.uint64))


def write_split(keys: Hashes, dev_share: float, test_share: float, seed: int, folder: Path) -> None:
    """Write which groups are held back.

    Args:
        keys: (candidates,) what decides the part of each; the same for near-duplicates.
        dev_share: Share of the groups in the dev part.
        test_share: Share of the groups in the test part.
        seed: Of the split.
        folder: Made where missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held: dict[Part, list[int]] = {part: [] for part in HELD}
    groups = np.unique(keys)
    for key in groups.tolist():
        part = part_of(key, dev_share=dev_share, test_share=test_share, seed=seed)
        if part != "train":
            held[part].append(key)
    for part, found in held.items():
        np.save(folder / f"{part}.npy", hashes(b"".join(text_hash(f"group {key}") for key in found)))
    counts = {"train": len(groups) - sum(map(len, held.values())), **{part: len(held[part]) for part in HELD}}
    description = {"seed": seed, "dev_share": dev_share, "test_share": test_share, "groups": counts}
    (folder / "split.json").write_bytes(orjson.dumps(description, option=orjson.OPT_INDENT_2))


def held_part(folder: Path, key: int) -> Part:
    """The part of a group, by its key, as the split in `folder` has it."""
    wanted = hashes(text_hash(f"group {key}"))
    for part in HELD:
        if np.isin(wanted, np.load(folder / f"{part}.npy", allow_pickle=False)).all():
            return part
    return "train"


def set_apart(documents: Path, trained: Hashes) -> Counter[Part]:
    """Take out of what is judged by the documents whose text was trained on; they stay searchable.

    Args:
        documents: `documents.jsonl` of a prepared corpus, written anew where need be.
        trained: Hashes of the texts of the train part.

    Returns:
        How many documents of each part are judged by no longer.
    """
    known, taken = set(trained.tolist()), Counter[Part]()
    draft = documents.with_suffix(".apart")
    with documents.open("rb") as lines, draft.open("wb") as kept:
        for line in lines:
            document = orjson.loads(line)
            if not _leaks(document, known):
                kept.write(line)
                continue
            taken[document["part"]] += 1
            kept.write(orjson.dumps(document | {"kept": False}, option=orjson.OPT_APPEND_NEWLINE))
    draft.replace(documents)
    return taken


def set_lists_apart(lists: Path, held: Path) -> int:
    """Take the skill lists that were trained on, word by word, out of those held back.

    Args:
        lists: `lists.txt` of a prepared corpus.
        held: `held_lists.txt`, written anew where need be.

    Returns:
        How many were taken out.
    """
    known, taken = _known(lists), 0
    draft = held.with_suffix(".apart")
    with held.open("rb") as lines, draft.open("wb") as kept:
        for line in lines:
            if _line_hash(line) in known:
                taken += 1
            else:
                kept.write(line)
    draft.replace(held)
    return taken


def check_held_back(corpus: Path) -> None:
    """Make sure that nothing is judged by what was trained on.

    Args:
        corpus: Folder of a prepared corpus.

    Raises:
        LeakError: A document held back has a text of the train part, or a skill list held back is one of
            the train part; says how many do, never which words.
    """
    known = set(np.load(corpus / TRAINED, allow_pickle=False).tolist())
    with (corpus / DOCUMENTS).open("rb") as lines:
        leaked = sum(_leaks(orjson.loads(line), known) for line in lines)
    refuse_leaks(leaked, "documents", "have a text that was")
    trained = _known(corpus / LISTS)
    with (corpus / HELD_LISTS).open("rb") as lines:
        leaked = sum(_line_hash(line) in trained for line in lines)
    refuse_leaks(leaked, "skill lists", "were")


def refuse_leaks(leaked: int, what: str, how: str) -> None:
    """Let nothing pass that was trained on.

    Args:
        leaked: How many do.
        what: What of the parts held back, in the plural.
        how: How they stand to "trained on".

    Raises:
        LeakError: Any does.
    """
    if leaked:
        raise LeakError(
            f"{leaked:,} {what} of the dev and test parts {how} trained on, so that scores would "
            "tell of memory; remove the work folder's `corpus-*` and train again.",
            details={what: leaked},
        )


def _known(lists: Path) -> set[bytes]:
    """A hash of each line: a corpus has more lines than memory should hold."""
    with lists.open("rb") as lines:
        return set(map(_line_hash, lines))


def _line_hash(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=8).digest()


def _leaks(document: dict[str, str | bool], known: set[int]) -> bool:
    if document["part"] == "train" or not document["kept"]:
        return False
    found = text_hash(str(document["text"]))
    return bool(found) and int.from_bytes(found) in known
