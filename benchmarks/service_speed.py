"""How many answers a second, and how soon: related skills, search, embeddings."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import related as beside_constant
from benchmarks.service_findings import Finding
from benchmarks.service_load import Outcome, closed_load, open_load, percentile, question
from benchmarks.service_processes import family, processor_seconds, serving
from benchmarks.service_stores import SEARCHED, kept_store, sentences
from embedsvc import queries
from embedsvc.releases.opening import Release, open_release
from embedsvc.schemas import SearchRequest
from embedsvc.text import clean_text

K = 10
BATCH = 256
WORDS_A_QUERY, WORDS_A_SENTENCE = 12, 10
_QUERIES, _BATCHES = 1_000, 20


def search_questions() -> list[bytes]:
    """Many different texts to find candidates by."""
    texts = sentences(SEARCHED, _QUERIES, WORDS_A_QUERY)
    return [question("POST", "/v1/search", {"queries": [text], "k": K}) for text in texts]


def related_questions(store: Path) -> list[bytes]:
    """Many different skills."""
    return [question("GET", path) for path in beside_constant.sampled_paths(store)]


def related(folder: Path, seconds: float, rounds: int) -> list[Finding]:
    """Related skills beside a constant answer, and how soon at half of the most."""
    store = kept_store(folder, SEARCHED).root
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        most = beside_constant.measure(place, store, rounds, max(1, round(seconds)))["rows"]
        rates = {name: sorted(row["requests_per_second"])[rounds // 2] for name, row in most.items()}
        half = rates["related"] / 2
        asked = related_questions(store)
        with serving(store, place / "log") as server:
            closed_load(server.port, asked, 8, 1)
            ours, worked = working([server.pid], lambda: open_load(server.port, asked, half, seconds))
        with beside_constant.constant(place / "body") as address:
            port = int(address.rpartition(":")[2])
            one = [question("GET", "/constant")]
            plain, idled = working(family(os.getpid())[1:], lambda: open_load(port, one, half, seconds))
    return [
        Finding("related", "a constant answer, one worker", rates["constant"], "/s"),
        Finding("related", "related skills, one worker", rates["related"], "/s"),
        Finding(
            "related", "their ratio, median of rounds", most["related"]["ratio"]["median"], "", 0.70, "least"
        ),
        Finding("related", "processor time of an answer, the constant", 1e6 * idled, "us"),
        Finding("related", "processor time of an answer, related skills", 1e6 * worked, "us"),
        Finding("related", "p99 of the constant at that half load", ms(plain, 0.99), "ms"),
        *timed("related", f"at half load, {half:,.0f}/s", ours, 5.0),
    ]


def search(folder: Path, seconds: float, rounds: int) -> list[Finding]:
    """Search over 200,000 candidates, and how soon at half of the most."""
    store, asked = kept_store(folder, SEARCHED), search_questions()
    alone = partial(searched, open_release(store, SEARCHED.name))
    bare = bare_rate(alone, sentences(SEARCHED, _QUERIES, WORDS_A_QUERY), seconds)
    with tempfile.TemporaryDirectory() as scratch, serving(store.root, Path(scratch) / "log") as server:
        most = best_of(rounds, lambda: closed_load(server.port, asked, 16, seconds))
        rate, longer = most.per_second / 2, max(seconds, 5.0)
        half, worked = working([server.pid], lambda: open_load(server.port, asked, rate, longer))
    return [
        Finding("search", "the query alone, called in one thread", bare, "/s"),
        Finding("search", "over 200,000 candidates, one worker", most.per_second, "/s", 300, "least"),
        Finding("search", "processor time of an answer", 1e6 * worked, "us"),
        *timed("search", f"at half load, {rate:,.0f}/s", half, 25.0),
    ]


def embeddings(folder: Path, seconds: float, rounds: int) -> list[Finding]:
    """Vectors of batches of short sentences, in base64."""
    store = kept_store(folder, SEARCHED)
    batches = [sentences(SEARCHED, BATCH, WORDS_A_SENTENCE, seed) for seed in range(10, 10 + _BATCHES)]
    body = {"model": "sentences", "encoding_format": "base64"}
    asked = [question("POST", "/v1/embeddings", {**body, "input": batch}) for batch in batches]
    bare = BATCH * bare_rate(partial(encoded, open_release(store, SEARCHED.name)), batches, seconds)
    with tempfile.TemporaryDirectory() as scratch, serving(store.root, Path(scratch) / "log") as server:
        most = best_of(rounds, lambda: closed_load(server.port, asked, 4, seconds))
    rate = BATCH * most.per_second
    return [
        Finding("embeddings", "sentences, the encoder called in one thread", bare, "/s"),
        Finding("embeddings", "sentences, batches of 256, base64, one worker", rate, "/s", 20_000, "least"),
        Finding("embeddings", "p99 of a batch, 4 at once", ms(most, 0.99), "ms"),
    ]


def searched(release: Release, text: str) -> object:
    """One search, without the service."""
    return queries.search(release, SearchRequest(queries=[text], k=K))


def encoded(release: Release, texts: Sequence[str]) -> object:
    """Texts to vectors and no more."""
    return release.sentences.encode([release.tokenizer.tokens(clean_text(text)) for text in texts])


def bare_rate(call: Callable[[Any], object], given: Sequence[Any], seconds: float) -> float:
    """Calls a second, in this thread."""
    call(given[0])
    begin, done = time.perf_counter(), 0
    while time.perf_counter() - begin < min(seconds, 2.0):
        call(given[done % len(given)])
        done += 1
    return done / (time.perf_counter() - begin)


def best_of(rounds: int, load: Callable[[], Outcome]) -> Outcome:
    """The median round by its rate, after one that is not counted; all must be answered by 200."""
    load()
    outcomes = sorted((load() for _ in range(rounds)), key=lambda outcome: outcome.per_second)
    for each in outcomes:
        all_good(each)
    return outcomes[len(outcomes) // 2]


def working(pids: Sequence[int], load: Callable[[], Outcome]) -> tuple[Outcome, float]:
    """A load, and the processor seconds that these processes took for an answer of it."""
    before = sum(map(processor_seconds, pids))
    outcome = load()
    return outcome, (sum(map(processor_seconds, pids)) - before) / len(outcome)


def all_good(outcome: Outcome) -> None:
    """Leave where anything but 200 was answered: such figures say nothing."""
    if set(outcome.counts()) != {200}:
        raise SystemExit(f"Not every request was answered by 200: {json.dumps(outcome.counts())}")


def timed(part: str, when: str, outcome: Outcome, aim: float) -> list[Finding]:
    """Median and p99 of an open load, the p99 with its aim in milliseconds; and whether all were answered."""
    return [
        Finding(part, f"not answered by 200 {when}", sum(each != 200 for each in outcome.status), "", 0),
        Finding(part, f"median {when}", ms(outcome, 0.5), "ms"),
        Finding(part, f"p99 {when}", ms(outcome, 0.99), "ms", aim),
    ]


def ms(outcome: Outcome, share: float) -> float:
    """A percentile of the good answers' time, in milliseconds."""
    return 1_000 * percentile(outcome.latencies(), share)
