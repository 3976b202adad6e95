"""Files behind a URL: memory, a real S3 server of moto's, a web server."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embedsvc.errors import BrokenSourceError, RecipeError, SourceNotFoundError
from training.corpus import Candidate, Source, SourceReport, open_source, read_candidates
from training.corpus.sources.remote import _Guarded

LINES = b"".join(b'{"id": "%d", "title": "Cook"}\n' % number for number in range(3000))


def read(report: SourceReport | None = None, **keys: Any) -> list[Candidate]:
    source = Source(**keys)
    origins = open_source(source, Path())
    return list(read_candidates(origins, source.fields, report=report or SourceReport()))


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()


def test_every_format_is_read_from_a_store(memory: Any):
    table = io.BytesIO()
    pq.write_table(pa.table({"id": ["4"], "title": ["Cook"]}), table)
    memory.pipe("/in/a.jsonl.gz", gzip.compress(b'{"id": "1"}\n'))
    memory.pipe("/in/b.csv.zst", pa.compress(b"id,title\n2,Cook\n", codec="zstd", asbytes=True))
    memory.pipe("/in/c.json", b'[{"id": "3"}]')
    memory.pipe("/in/d.parquet", table.getvalue())
    memory.pipe("/in/deep/a.jsonl", b'{"title": "no id"}\n')
    report = SourceReport()
    assert [each.id for each in read(report, url="memory://in/**")] == ["1", "2", "3", "4", "a.2-1"]
    assert (
        report.bytes_read == report.bytes_total == sum(memory.info(path)["size"] for path in memory.find("/"))
    )


def test_what_is_not_there_is_said(memory: Any):
    memory.pipe("/in/a.jsonl", b"{}\n")
    for url, said in [
        ("memory://in/b.jsonl", "There is no file memory://in/b.jsonl; check the URL"),
        ("memory://in/*.csv", r"No file matches memory://in/\*.csv; check the pattern"),
        ("nosuch://key:secret@b/c.csv", "nosuch://key:\\*\\*\\*@b/c.csv names no store"),
    ]:
        with pytest.raises(SourceNotFoundError, match=said):
            read(url=url)


def test_the_stamp_changes_with_the_file(memory: Any):
    memory.pipe("/a.jsonl", b"{}\n")
    (origin,) = open_source(Source(url="memory://a.jsonl"), Path())
    before = origin.stamp()
    assert origin.stamp() == before
    memory.pipe("/a.jsonl", b"[]\n")
    assert origin.stamp() != before


def test_a_transfer_that_fails_or_ends_early_is_an_error_without_secrets():
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 10_000:
                raise RuntimeError("lost ?token=secret\nmore")
            return super().read(size)

    whole = _Guarded(io.BytesIO(b"x" * 100), "https://h/c?token=secret", 101)
    assert whole.read(100) == b"x" * 100
    with pytest.raises(OSError, match="it ends after 100 of 101 bytes"):
        whole.read(1)
    lost = _Guarded(Broken(b"x" * 20_000), "https://h/c?token=secret", 20_000)
    lost.read(10_001)
    with pytest.raises(OSError, match=r"RuntimeError: lost \?token=\*\*\*$"):
        lost.read(1)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            patch.setenv("AWS_ACCESS_KEY_ID", "testing")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            files = fsspec.filesystem("s3")
            files.mkdir("corpus")
            files.pipe("corpus/a.jsonl.gz", gzip.compress(LINES))
            files.pipe("corpus/b.csv", b"id,title\nx,Waiter\n")
            yield "s3://corpus"
    finally:
        server.stop()


def test_s3_by_name_and_by_pattern(s3: str):
    assert [each.id for each in read(url=f"{s3}/a.jsonl.gz")] == [str(number) for number in range(3000)]
    assert [each.id for each in read(url=f"{s3}/*")][-2:] == ["2999", "x"]
    with pytest.raises(SourceNotFoundError, match=r"There is no file s3://corpus/gone\.csv"):
        read(url=f"{s3}/gone.csv")
    (origin,) = open_source(Source(url=f"{s3}/b.csv"), Path())
    assert "ETag" in str(origin.stamp())
    assert origin.stamp() == origin.stamp()


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=tmp_path)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_web_server(web: str, tmp_path: Path):
    (tmp_path / "c.jsonl").write_bytes(LINES)
    assert len(read(url=f"{web}/c.jsonl?token=secret")) == 3000
    with pytest.raises(SourceNotFoundError, match=r"gone\.jsonl\?token=\*\*\*; check the URL") as caught:
        read(url=f"{web}/gone.jsonl?token=secret")
    assert "secret" not in f"{caught.value!r}{caught.value.__cause__!r}"
    (tmp_path / "c.jsonl").write_bytes(json.dumps({"id": "x"}).encode()[:-3])
    with pytest.raises(BrokenSourceError, match="cut short in the middle of line 1"):
        read(url=f"{web}/c.jsonl")


WITHOUT = """
import sys
from pathlib import Path
sys.modules.update(dict.fromkeys(sys.argv[1].split(",")))
from embedsvc.errors import OptionalDependencyError
from training.corpus import Source, open_source
for url, key in [each.split() for each in sys.argv[2:]]:
    try:
        open_source(Source(**{"url": url, key: None if key == "path" else "t"}), Path())
    except OptionalDependencyError as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("absent", "sources"),
    [
        (
            "fsspec,sqlalchemy,pymongo",
            {
                "memory://c.csv path": ("fsspec", "sources"),
                "postgresql://h/d table": ("sqlalchemy", "databases"),
                "mongodb://h/d collection": ("pymongo", "databases"),
            },
        ),
        (
            "s3fs,aiohttp,psycopg",
            {
                "s3://b/c.csv path": ("s3fs", "s3"),
                "https://h/c.csv path": ("aiohttp", "sources"),
                "postgresql://h/d table": ("psycopg[binary]", "databases"),
            },
        ),
    ],
)
def test_a_library_that_is_not_installed_is_named_with_its_pip_line(
    absent: str, sources: dict[str, tuple[str, str]]
):
    command = [sys.executable, "-c", WITHOUT, absent, *sources]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(said) == len(sources)
    for line, (package, extra) in zip(said, sources.values(), strict=True):
        assert line.endswith(f"needs {package}, which is not installed: pip install 'embedsvc[{extra}]'.")


def test_a_url_of_no_kind_is_refused():
    with pytest.raises(RecipeError, match="The environment variable NOT_SET_ANYWHERE"):
        open_source(Source(url="${NOT_SET_ANYWHERE}"), Path())
