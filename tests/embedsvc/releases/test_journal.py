"""The journal of changes: what was acknowledged is read again, what was torn is not, damage is an error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedsvc.errors import ChangesFullError, StoreError
from embedsvc.releases.changes import Change, Erasure, Put
from embedsvc.releases.journal import Journal
from embedsvc.text.candidate import Candidate

CANDIDATE = Candidate(
    id="é/1", title="Nurse", skills=("icu", "care"), label="health", location="Oslo",
    metadata=(("years", 4.5),), other_labels=("x",),
)  # fmt: skip


def put(seq: int, candidate: Candidate = CANDIDATE) -> Put:
    return Put(seq, "2026-01-01T00:00:00+00:00", candidate, "enc", b"\0\0\x80\x3f" * 3)


def erasure(seq: int, who: str = "ab" * 16) -> Erasure:
    return Erasure(seq, "2026-01-02T00:00:00+00:00", who, "first", (3, 5))


def written(journal: Journal, *changes: Change) -> None:
    with journal.writing():
        reader = journal.reader()
        reader.read()
        journal.append(changes, reader)


def read(journal: Journal) -> list[Change]:
    return journal.reader().read()[1]


def test_what_was_written_is_read_and_only_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    reader = journal.reader()
    assert (journal.token(), reader.read(), reader.last) == (None, (False, []), 0)
    written(journal, put(1), erasure(2))
    assert reader.read() == (True, [put(1), erasure(2)])
    before = journal.token()
    written(journal, put(3))
    assert journal.token() != before
    assert reader.read() == (False, [put(3)])
    assert (reader.read(), reader.last) == ((False, []), 3)
    assert (put(1).row() == 1.0).all()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    written(Journal(tmp_path), put(1))
    assert Journal(tmp_path).path.stat().st_mode & 0o777 == 0o600


def test_the_hash_of_an_id_is_the_stores_own(tmp_path: Path) -> None:
    readers = []
    for name in "ab":
        (tmp_path / name).mkdir()
        written(Journal(tmp_path / name), put(1))
        readers.append(Journal(tmp_path / name).reader())
        readers[-1].read()
    one, other = (reader.who("c1") for reader in readers)
    assert len(one) == 32
    assert one != other
    assert readers[0].who("c2") != one


@settings(max_examples=40)
@given(cut=st.integers(1, 200), rubbish=st.booleans())
def test_a_torn_last_record_is_passed_over_and_cut_off_by_the_next_writer(
    tmp_path_factory: pytest.TempPathFactory, cut: int, rubbish: bool
) -> None:
    journal = Journal(tmp_path_factory.mktemp("torn"))
    written(journal, put(1))
    whole = journal.path.read_bytes()
    written(journal, put(2))
    torn = journal.path.read_bytes()[: len(whole) + cut]
    journal.path.write_bytes(torn[:-1] + b"\n" if rubbish else torn)
    reader = journal.reader()
    assert reader.read()[1] == [put(1)]
    written(journal, erasure(2))
    assert reader.read() == (False, [erasure(2)])
    assert read(journal) == [put(1), erasure(2)]


@settings(max_examples=40)
@given(st.data())
def test_damage_before_the_last_record_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    journal = Journal(tmp_path_factory.mktemp("damaged"))
    written(journal, erasure(1))
    end = journal.path.stat().st_size
    written(journal, put(2))
    content = bytearray(journal.path.read_bytes())
    place = data.draw(st.integers(0, end - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    journal.path.write_bytes(content)
    with pytest.raises(StoreError, match="restore changes/journal from a backup"):
        read(journal)


def test_a_journal_that_is_gone_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    written(journal, erasure(1))
    journal.path.unlink()
    for look in (journal.token, lambda: read(journal)):
        with pytest.raises(StoreError, match="it is missing"):
            look()


def test_a_store_that_may_not_be_looked_into_is_an_error_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", refuse)
    with pytest.raises(StoreError, match="make it writable for this user"):
        Journal(tmp_path / "nowhere").token()


def test_rewriting_leaves_out_what_is_not_kept_and_never_uses_a_number_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    written(journal, put(1), erasure(2))
    written(journal, put(3))
    reader = journal.reader()
    reader.read()
    salt = reader.salt
    with journal.writing():
        journal.rewrite(lambda change: isinstance(change, Erasure))
    assert reader.read() == (True, [erasure(2)])
    assert (reader.last, reader.salt) == (3, salt)


def test_a_full_journal_takes_erasures_only(tmp_path: Path) -> None:
    journal = Journal(tmp_path, max_bytes=600)
    written(journal, put(1))
    with pytest.raises(ChangesFullError, match="600 bytes"):
        written(journal, put(2))
    written(journal, erasure(2))
    assert read(journal) == [put(1), erasure(2)]


WRITER = """
import sys
from pathlib import Path
from tests.embedsvc.releases.test_journal import put, written
from embedsvc.releases.journal import Journal
for seq in range(1, 100_000):
    written(Journal(Path(sys.argv[1])), put(seq))
    print(seq, flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    for _ in range(3):
        before = len(read(Journal(tmp_path)))
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, env={**os.environ}) as writer:
            assert writer.stdout is not None
            for _ in range(20):
                told = int(writer.stdout.readline())
            time.sleep(0.003)
            writer.send_signal(signal.SIGKILL)
            told = max([told, *map(int, writer.stdout.read().split())])
        assert len(read(Journal(tmp_path))) >= before + told
    written(Journal(tmp_path), erasure(9))
    assert read(Journal(tmp_path))[-1] == erasure(9)
