"""From sources to the prepared corpus, stage by stage, by one process and by several.

    python -m benchmarks.preparation --corpus candidates.jsonl.gz [--processes 2] [--rounds 3] [--json]

clean      read, find sections, clean, scrub, fingerprint, MinHash, compress: `clean_corpus.clean`.
prepare    read again, tokenise, merge skills, split: `preparer.prepare`.

The baseline of several processes is one process, in turns with it and in the same run; both write the same
bytes, which is checked. Speed is in MB (10^6 characters) of raw text per second of wall-clock time, with the
start of the processes. The profile is CPU time of one process over the first 2,000 candidates, as a share of
clean and prepare together; reading is beside it. Without --corpus candidates are generated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from embedsvc.text import Lexicon, Tokenizer, clean_text, scrub
from training.corpus import Candidate, fingerprint
from training.corpus.shingles import shingles, signatures
from training.intake import Intake
from training.lexicon.mining import mine_lists
from training.preparation.clean_corpus import CleanCorpus, clean
from training.preparation.preparer import Preparer, Rules, prepare
from training.progress import Quiet
from training.recipe import CleaningSection, LocatedRecipe, parse_recipe

_PROFILED = 2_000
_TEXTS = ("title", "summary", "experience", "education", "projects")


def recipe_of(corpus: Path | None, folder: Path, count: int) -> LocatedRecipe:
    """Return a recipe that reads `corpus`, or candidates generated into `folder`."""
    if corpus is None:
        from training.corpus.generator import write

        corpus = folder / "candidates.jsonl.gz"
        write(corpus, count, 1)
    return parse_recipe({"corpus": {"sources": [{"path": str(corpus.resolve())}]}}, folder)


def run(recipe: LocatedRecipe, lexicon: Path, folder: Path, processes: int) -> tuple[dict[str, float], str]:
    """Clean and prepare once; return seconds by stage and a hash of all that was written."""
    for name in ("clean", "corpus"):
        (folder / name).mkdir(parents=True)
    with Quiet().stage("clean") as meter:
        begin = time.perf_counter()
        stream = Intake(recipe).candidates(meter, skills_needed=False)
        cleaned, _ = clean(stream, CleaningSection(workers=processes), folder / "clean")
    done = time.perf_counter()
    prepare(cleaned, lexicon, folder / "corpus", Rules(0.05, 0.05), workers=processes)
    seconds = {"clean": done - begin, "prepare": time.perf_counter() - done}
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.read_bytes())
    return {**seconds, "both": seconds["clean"] + seconds["prepare"]}, digest.hexdigest()


def lexicon_of(recipe: LocatedRecipe, folder: Path) -> tuple[Path, float, int]:
    """Mine the lexicon; return its folder, the megabytes of the raw texts and the number of candidates."""
    folder.mkdir()
    with Quiet().stage("clean") as meter:
        cleaned, counts = clean(Intake(recipe).candidates(meter), CleaningSection(), folder)
    mined = mine_lists(
        (candidate.skills for candidate, _ in CleanCorpus(folder).candidates()), min_candidates=5
    )
    mined.lexicon.save(folder / "lexicon")
    return folder / "lexicon", counts["characters"] / 1e6, len(cleaned)


def profile(recipe: LocatedRecipe, lexicon: Path) -> dict[str, dict[str, float]]:
    """Return MB/s and share of the time of each step, each fed with the finished output of the one before."""
    with Quiet().stage("read") as meter:
        begin = time.process_time()
        people = [
            each for each, _ in islice(Intake(recipe).candidates(meter, skills_needed=False), _PROFILED)
        ]
        read = time.process_time() - begin
    raw = [[getattr(each, name) for name in _TEXTS] for each in people]
    megabytes = sum(len(text) for texts in raw for text in texts) / 1e6
    plain = [[clean_text(text) for text in texts] for texts in raw]
    scrubbed = [
        Candidate(each.id, skills=each.skills, **dict(zip(_TEXTS, map(scrub, texts), strict=True)))
        for each, texts in zip(people, plain, strict=True)
    ]
    sets = [shingles(each)[0] for each in scrubbed]
    known = Lexicon.open(lexicon)
    tokenizer, preparer = Tokenizer(known), Preparer(known)
    texts_of = [[getattr(each, name) for name in _TEXTS] for each in scrubbed]
    steps: dict[str, Callable[[], object]] = {
        "clean_text": lambda: [clean_text(text) for texts in raw for text in texts],
        "scrub": lambda: [scrub(text) for texts in plain for text in texts],
        "fingerprint": lambda: [fingerprint(each) for each in scrubbed],
        "shingles": lambda: [shingles(each) for each in scrubbed],
        "MinHash": lambda: signatures(sets),
        "tokenise + merge": lambda: [tokenizer.sentences(text) for texts in texts_of for text in texts],
        "skill fields": lambda: [preparer.skills(each) for each in scrubbed],
    }
    seconds = {"read": read}
    for step, work in steps.items():
        begin = time.process_time()
        work()
        seconds[step] = time.process_time() - begin
    total = sum(seconds.values()) - read
    return {step: {"mb_per_s": megabytes / spent, "share": spent / total} for step, spent in seconds.items()}


def measure(corpus: Path | None, count: int, processes: int, rounds: int) -> dict[str, Any]:
    """Run all and return what the report shows."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        recipe = recipe_of(corpus, folder, count)
        lexicon, megabytes, candidates = lexicon_of(recipe, folder / "lexicon")
        times: dict[int, list[dict[str, float]]] = {1: [], processes: []}
        digests = set()
        for number in range(rounds):
            for each in times:
                seconds, digest = run(recipe, lexicon, folder / f"{number}-{each}", each)
                times[each].append(seconds)
                digests.add(digest)
        stages = ("clean", "prepare", "both")
        return {
            "candidates": candidates,
            "megabytes": megabytes,
            "same_bytes": len(digests) == 1,
            "mb_per_s": {
                str(each): {stage: megabytes / statistics.median(t[stage] for t in taken) for stage in stages}
                for each, taken in times.items()
            },
            "ratio": {
                stage: statistics.median(
                    one[stage] / other[stage] for one, other in zip(times[1], times[processes], strict=True)
                )
                for stage in stages
            },
            "profile": profile(recipe, lexicon),
        }


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="JSON Lines of candidates, plain or gzip")
    parser.add_argument("--candidates", type=int, default=20_000, help="to generate, without --corpus")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="repetitions, in turns")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.corpus, options.candidates, options.processes, options.rounds)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print(f"{result['candidates']:,} candidates, {result['megabytes']:.1f} MB of raw text")
    print(f"the same bytes by any number of processes: {'yes' if result['same_bytes'] else 'NO'}")
    for processes, speeds in result["mb_per_s"].items():
        figures = "  ".join(f"{stage} {speed:6.1f}" for stage, speed in speeds.items())
        print(f"  {processes} process(es), MB/s   {figures}")
    print("  ratio                   " + "  ".join(f"{s} {r:6.2f}" for s, r in result["ratio"].items()))
    for step, figures in result["profile"].items():
        print(f"  step {step:20} {figures['mb_per_s']:8.1f} MB/s {figures['share']:8.1%}")


if __name__ == "__main__":
    main()
