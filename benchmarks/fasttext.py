"""The served subword space beside the fastText .bin it was made from: size, loss, memory, misspelt skills.

    python -m benchmarks.fasttext --data FOLDER [--prepared work/corpus-0123456789abcdef
        --lexicon work/lexicon-0123456789abcdef/lexicon] [--megabytes 20] [--tokens 5000000] [--json]

words    Trains on the first megabytes of `corpus_wiki100m.txt.gz` and scores the word pairs of FOLDER by
         Spearman's correlation with people: `known` with the vectors of the words as they are, `unseen` with
         every word made of its subwords alone, as if nobody had seen it.
skills   Trains on a part of a prepared corpus and asks for skills typed so wrongly that no earlier step of
         the query ladder knows them. `found` is the share whose best guess is right, `accepted` the share
         that reaches the threshold which 1 % of made-up words reach, `right` the share of those that are
         right. `cosine alone` and `spelling alone` are the same with one of the two as the score.

Each row is a space from the same training: `bin` is the whole model, in float32; the others are pruned and
packed into at most a share of it. `loss` is by how much of its score a space falls behind `bin`, with a 95 %
interval (paired bootstrap over pairs, or over queries). `opened` is what a process grows by (resident MB)
when it opens the model and asks for 200 unseen words: the .bin by fastText's library, the others by
`SubwordSpace`.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.fasttext_tasks import judge_skills, judge_words, opened_megabytes
from benchmarks.words import unpack
from embedsvc.formats.fasttext_bin import open_model
from embedsvc.spaces.subword_space import SubwordSpace
from embedsvc.text import Lexicon
from training.recipe import FastTextSection
from training.trainers.fasttext import compress
from training.trainers.fasttext.contexts import frequent_words, write_contexts
from training.trainers.fasttext.process import fit
from training.trainers.fasttext.trainer import parameters_of

SHARES = (0.25, 0.10, 0.05)
_SEED = 1


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("EMBEDSVC_DATA"), help="folder of data")
    parser.add_argument("--prepared", type=Path, help="a stage folder `corpus-...`")
    parser.add_argument("--lexicon", type=Path, help="its lexicon")
    parser.add_argument("--megabytes", type=float, default=20, help="of the corpus for words; 0 for none")
    parser.add_argument("--tokens", type=float, default=5e6, help="of the prepared texts, about")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--bucket", type=int, default=FastTextSection().bucket)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of data: --data FOLDER, or EMBEDSVC_DATA")
    section = FastTextSection(epochs=options.epochs, bucket=options.bucket)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text, lists = folder / "text.txt", folder / "lists.txt"
        if options.megabytes:
            unpack(options.data / "corpus_wiki100m.txt.gz", text, options.megabytes)
            lists.write_text("")
            spaces = _spaces(text, lists, section, folder)
            found["words"] = judge_words(options.data, spaces)
            _add_sizes(found["words"], spaces, folder)
        if options.prepared:
            _every_nth(options.prepared / "text.txt", text, options.tokens)
            spaces = _spaces(text, options.prepared / "lists.txt", section, folder)
            found["skills"] = judge_skills(Lexicon.open(options.lexicon), spaces)
            _add_sizes(found["skills"], spaces, folder)
    _show(found, as_json=options.json)


def _every_nth(source: Path, target: Path, tokens: float) -> None:
    with source.open(encoding="utf-8") as lines:
        have = sum(line.count(" ") + 1 for line in lines)
    step = max(1, round(have / tokens))
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        out.writelines(line for number, line in enumerate(lines) if number % step == 0)


def _spaces(text: Path, lists: Path, section: FastTextSection, folder: Path) -> dict[str, SubwordSpace]:
    """Train once; the whole model, then shares of it; all but the first are saved and opened again."""
    mixed, output = folder / "contexts.txt", folder / "model.bin"
    write_contexts(
        text, lists, frequent_words([text, lists], section.min_count), section.window, _SEED, mixed
    )
    fit(mixed, output, parameters_of(section, _SEED))
    model, size = open_model(output), output.stat().st_size
    spaces = {"bin": compress(model, None, "float32")}
    for share in SHARES:
        place = folder / f"{share:.0%}"
        compress(model, int(share * size), "int8").save(place)
        spaces[f"{share:.0%}"] = SubwordSpace.open(place)
    return spaces


def _add_sizes(rows: dict[str, dict[str, Any]], spaces: dict[str, SubwordSpace], folder: Path) -> None:
    whole = (folder / "model.bin").stat().st_size
    for name, space in spaces.items():
        place = folder / name
        size = whole if name == "bin" else sum(file.stat().st_size for file in place.iterdir())
        rows[name] |= {
            "buckets": len(space.bucket_ids),
            "megabytes": round(size / 1e6, 1),
            "share": round(size / whole, 4),
            "opened": opened_megabytes(folder / "model.bin" if name == "bin" else place),
        }


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for task, rows in found.items():
        print(task)
        for name, values in rows.items():
            print(f"  {name:15}", "  ".join(f"{key} {value}" for key, value in values.items()))


if __name__ == "__main__":
    main()
