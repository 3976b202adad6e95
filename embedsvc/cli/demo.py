"""`embedsvc demo`: the whole product once, on invented candidates."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from embedsvc.cli.jobs import say_card
from embedsvc.cli.screen import print_table, say, scores_table
from embedsvc.errors import NotReadyError, TransportError

if TYPE_CHECKING:
    from embedsvc import Client
    from embedsvc.schemas import ClassifyResult

_START_SECONDS = 60.0
_QUESTIONS = ("php", "payroll", "phlebotomy")
_PAIRS = [
    ("registered nurse in intensive care", "critical care nursing, ventilators and patient assessment"),
    ("registered nurse in intensive care", "backend developer, java and spring boot"),
]
_TEXTS = [
    "prepared monthly accounts, reconciled ledgers and filed tax returns",
    "built REST services in java and deployed them with docker and kubernetes",
]
_JOB = "python developer who knows django, postgresql and aws"


def demo(
    folder: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("demo"),
    candidates: Annotated[int, typer.Option(help="Size of the sample corpus.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the sample corpus.")] = 7,
    port: Annotated[int, typer.Option(help="Port of the service.")] = 8000,
    serve: Annotated[bool, typer.Option(help="Keep serving after the answers.")] = True,
) -> None:
    """Write a sample corpus, train, evaluate, publish, serve and ask. A second run reuses what is done."""
    store = _released(folder, candidates, seed)
    with _service(store, port) as client:
        _ask(client)
        if serve:
            say(f"Serving: open http://127.0.0.1:{port} in a browser; the manual is at /docs.")
            say(f"The log is {store.parent / 'service.log'}.")
            say("Ctrl-C stops it.")
            _wait()


def _released(folder: Path, candidates: int, seed: int) -> Path:
    from embedsvc.releases import Store
    from training.corpus.generator import write
    from training.pipeline import Pipeline
    from training.progress import reporter
    from training.recipe import load_recipe

    folder.mkdir(parents=True, exist_ok=True)
    progress = reporter()
    corpus = folder / f"candidates-{candidates}-{seed}.jsonl.gz"
    if corpus.exists():
        progress.reused("generate")
    else:
        with progress.stage("generate") as meter:
            write(corpus, candidates, seed, meter.update)
    recipe = folder / "embedsvc.toml"
    # Of invented lists a network learns little that votes do not know: fewer questions keep the demo short.
    recipe.write_text(
        f"seed = {seed}\n\n[[corpus.sources]]\npath = {json.dumps(corpus.name)}\n\n"
        "[completion]\nquestions = 2000\n"
    )
    located = load_recipe(recipe)
    result = Pipeline(located, progress).run()
    Store(located.store).activate(result.release)
    scores_table(f"Release {result.release}", [score.as_json() for score in result.scores])
    say_card(Store(located.store), result.release)
    return located.store


@contextmanager
def _service(store: Path, port: int) -> Iterator[Client]:
    """The service as a process of its own, ready to answer; it ends with the context."""
    from embedsvc import Client

    command = [sys.executable, "-m", "embedsvc.cli", "serve", "--store", str(store), "--port", str(port)]
    log = store.parent / "service.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        with Client(f"http://127.0.0.1:{port}", retries=0) as client:
            _await_ready(client, process, log)
            yield client
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await_ready(client: Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        if process.poll() is not None:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise NotReadyError(f"The service did not start: {' '.join(last).removeprefix('embedsvc: ')}")
        try:
            client.health.ready()
        except (NotReadyError, TransportError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _ask(client: Client) -> None:
    for question in _QUESTIONS:
        answer = client.skills.related(question, k=8)
        print_table(
            f"Related to {answer.resolved.skill}",
            ("skill", "score", "candidates"),
            [(other.skill, other.score, other.candidates) for other in answer.related],
        )
    scores = client.similarity.pairs(_PAIRS).scores
    print_table(
        "Similarity",
        ("text", "text", "cosine"),
        [(left, right, score) for (left, right), score in zip(_PAIRS, scores, strict=True)],
    )
    print_table(
        "Functional area",
        ("text", "labels"),
        [
            (text, _labels(result))
            for text, result in zip(_TEXTS, client.classify(_TEXTS).results, strict=True)
        ],
    )
    print_table(
        f"Candidates for: {_JOB}",
        ("id", "score", "title", "label"),
        [
            (hit.id, hit.score, hit.title, hit.label)
            for hit in client.search([_JOB], k=5).results[0].hits or []
        ],
    )


def _labels(result: ClassifyResult) -> str:
    return ", ".join(f"{label.label} {label.probability:.2f}" for label in result.labels or [])


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        say("Stopped.")
