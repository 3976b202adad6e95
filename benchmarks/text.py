"""Cleaning, tokens and skill merging: ours against the notebooks' way, on the same documents and one core.

    python -m benchmarks.text --corpus candidates.jsonl.gz [--documents 20000] [--json]

ours       clean_text, Tokenizer.sentences with a lexicon mined from the same file: tokens, skills merged.
notebooks  BeautifulSoup(html).get_text(), then NLTK's Toktok on each line: tokens, skills in pieces.

Two shapes of the same documents: `plain`, as they are in the file, and `html`, each sentence in a list item
and a line of its own, as job boards store them. Both ways read the same strings, in turns, and the tokens
are thrown away as they come. Speed is in MB (10^6 bytes of UTF-8) of raw text per second of CPU time.
Without --corpus the documents are generated candidates. Where the file has fewer documents than asked for,
they are repeated. What scaling over processes gives is measured by benchmarks/preparation.py.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from nltk.tokenize.toktok import ToktokTokenizer

from embedsvc.text import Tokenizer, clean_text, scrub
from training.lexicon.mining import mine_lists

Document = tuple[str, list[str]]


def records_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file of JSON Lines, gzip or plain."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            yield json.loads(line)


def documents_of(path: Path) -> Iterator[Document]:
    """Yield (raw text, skills) of each record: all its strings but the id, and the list called skills."""
    for record in records_of(path):
        texts = [value for key, value in record.items() if isinstance(value, str) and key != "id"]
        yield "\n".join(texts), [skill for skill in record.get("skills") or () if isinstance(skill, str)]


def generated(count: int) -> Iterator[Document]:
    """Yield (raw text, skills) of generated candidates."""
    from training.corpus.generator import generate

    for record in generate(count, seed=1):
        fields = record if isinstance(record, dict) else vars(record)
        texts = [json.dumps(value) if not isinstance(value, str) else value for value in fields.values()]
        yield "\n".join(texts), list(fields.get("skills") or ())


def as_html(text: str) -> str:
    """Return plain text as the HTML of a job board: a section for each line, an item for each sentence."""
    sections = []
    for line in html.escape(text).splitlines():
        items = "".join(f"<li><span>{sentence}</span></li>\n" for sentence in line.split(". ") if sentence)
        sections.append(f'<div class="section">\n<p><b>Section</b></p>\n<ul>\n{items}</ul>\n</div>\n')
    return "".join(sections)


def ours(documents: Iterable[str], tokenizer: Tokenizer) -> int:
    """Return the number of tokens, our way."""
    return ours_sentences(map(clean_text, documents), tokenizer)


def notebooks(documents: Iterable[str]) -> int:
    """Return the number of tokens, the notebooks' way."""
    toktok = ToktokTokenizer()
    lines = (
        line for text in documents for line in BeautifulSoup(text, "html.parser").get_text().splitlines()
    )
    return sum(len(toktok.tokenize(line)) for line in lines)


def speed(megabytes: float, run: Callable[[], int]) -> float:
    """Return MB per second of CPU time of one run."""
    begin = time.process_time()
    run()
    return megabytes / (time.process_time() - begin)


def profile(texts: list[str], megabytes: float, tokenizer: Tokenizer) -> dict[str, float]:
    """Return MB/s of each stage of ours, each fed with the finished output of the one before."""
    cleaned = [clean_text(text) for text in texts]
    plain = Tokenizer()
    return {
        "clean": speed(megabytes, lambda: sum(len(clean_text(text)) for text in texts)),
        "scrub (not in the ratio)": speed(megabytes, lambda: sum(len(scrub(text)) for text in cleaned)),
        "tokens, no lexicon": speed(megabytes, lambda: sum(len(plain.tokens(text)) for text in cleaned)),
        "tokens + merge": speed(megabytes, lambda: sum(len(tokenizer.tokens(text)) for text in cleaned)),
        "sentences + merge": speed(megabytes, lambda: ours_sentences(cleaned, tokenizer)),
        "clean + scrub + sentences": speed(
            megabytes, lambda: ours_sentences((scrub(clean_text(text)) for text in texts), tokenizer)
        ),
    }


def ours_sentences(cleaned: Iterable[str], tokenizer: Tokenizer) -> int:
    """Return the number of tokens of texts that are clean already."""
    return sum(sentence.count(" ") + 1 for text in cleaned for sentence in tokenizer.sentences(text))


def spread(values: list[float]) -> dict[str, float]:
    """Return the least, the middle and the greatest value."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def compared(texts: list[str], tokenizer: Tokenizer, rounds: int) -> dict[str, Any]:
    """Run both ways over `texts` in turns and return their speeds, the ratio, and the stages of ours."""
    megabytes = sum(len(text.encode("utf-8", "ignore")) for text in texts) / 1e6
    fast: list[float] = []
    slow: list[float] = []
    for _ in range(rounds):
        fast.append(speed(megabytes, lambda: ours(texts, tokenizer)))
        slow.append(speed(megabytes, lambda: notebooks(texts)))
    return {
        "megabytes": megabytes,
        "ours_mb_per_s": spread(fast),
        "notebooks_mb_per_s": spread(slow),
        "ratio": spread([ours_ / theirs for ours_, theirs in zip(fast, slow, strict=True)]),
        "stages_mb_per_s": profile(texts, megabytes, tokenizer),
    }


def measure(source: list[Document], documents: int, rounds: int) -> dict[str, Any]:
    """Mine the lexicon, compare both ways on both shapes, and return what the report shows."""
    texts = list(islice(cycle([text for text, _ in source]), documents))
    mined = mine_lists((skills for _, skills in source), min_candidates=5)
    tokenizer = Tokenizer(mined.lexicon)
    return {
        "documents": len(texts),
        "distinct_documents": min(len(source), len(texts)),
        "skills": len(mined.lexicon),
        "plain": compared(texts, tokenizer, rounds),
        "html": compared([as_html(text) for text in texts], tokenizer, rounds),
    }


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="JSON Lines of candidates, plain or gzip")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of each way, in turns")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    documents = documents_of(options.corpus) if options.corpus else generated(options.documents)
    result = measure(list(islice(documents, options.documents)), options.documents, options.rounds)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    print("{documents} documents ({distinct_documents} distinct), {skills} skills".format(**result))
    for shape in ("plain", "html"):
        print(f"\n{shape}: {result[shape]['megabytes']:.1f} MB of raw text")
        for name in ("ours_mb_per_s", "notebooks_mb_per_s", "ratio"):
            figures = "  ".join(f"{label} {value:7.2f}" for label, value in result[shape][name].items())
            print(f"  {name:20} {figures}")
        for stage, figure in result[shape]["stages_mb_per_s"].items():
            print(f"  stage {stage:26} {figure:7.1f} MB/s")


if __name__ == "__main__":
    main()
