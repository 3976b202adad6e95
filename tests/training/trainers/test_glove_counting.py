"""Counts of pairs against a plain double loop, in memory and spilled, on one worker and on three."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedsvc.errors import EmptyCorpusError
from training.trainers.glove import tokens
from training.trainers.glove.counting import Context, count_pairs, list_context, text_context
from training.trainers.glove.pairs import TiledPairs, weigh_pairs
from training.trainers.glove.sweep import LINE_END, Ids
from training.trainers.glove.tiles import Tiling
from training.trainers.glove.tokens import number_corpus

WORDS = 37
TINY = 1  # bytes: no whole tile, and a table of the least size

Lines = list[list[int]]
Found = dict[tuple[int, int], float]
some_lines = st.lists(st.lists(st.integers(0, WORDS - 1), max_size=12), max_size=12)


def stream(lines: Lines) -> Ids:
    ids = np.array([token for line in lines for token in [*line, LINE_END]], np.int32)
    ids.flags.writeable = False
    return ids


def random_lines(seed: int, count: int, longest: int) -> Lines:
    draw = np.random.default_rng(seed)
    return [(draw.random(draw.integers(longest + 1)) ** 2 * WORDS).astype(int).tolist() for _ in range(count)]


def plain_text_counts(lines: Lines, window: int, *, symmetric: bool) -> Found:
    found: Counter[tuple[int, int]] = Counter()
    for line in lines:
        for place, word in enumerate(line):
            for before in range(max(0, place - window), place):
                found[word, line[before]] += 1 / (place - before)
                if symmetric:
                    found[line[before], word] += 1 / (place - before)
    return dict(found)


def plain_list_counts(lines: Lines, *, shared: bool) -> Found:
    found: Counter[tuple[int, int]] = Counter()
    for line in lines:
        for place, word in enumerate(line):
            for other_place, other in enumerate(line):
                if place != other_place:
                    found[word, other] += 1 / (len(line) - 1) if shared else 1
    return dict(found)


def counts_of(pairs: TiledPairs) -> Found:
    """All counts by (row, column), both ways round where the tiling keeps a pair once."""
    tiling = pairs.tiling
    tile = np.repeat(np.arange(tiling.tiles), np.diff(pairs.starts))
    rows = (tile // tiling.blocks << tiling.bits) + (pairs.cells >> tiling.bits)
    columns = (tile % tiling.blocks << tiling.bits) + (pairs.cells & (1 << tiling.bits) - 1)
    places = list(zip(rows.tolist(), columns.tolist(), strict=True))
    found = dict(zip(places, np.exp(pairs.logs).tolist(), strict=True))
    assert len(found) == len(pairs)  # none twice
    if tiling.symmetric:
        assert (rows <= columns).all()
        found.update({(column, row): found[row, column] for row, column in places})
    return found


def counted(
    contexts: list[Context],
    folder: Path,
    *,
    symmetric: bool = True,
    bits: int = 3,
    memory: int = 1 << 20,
    workers: int = 2,
) -> tuple[Found, int]:
    """The counts, and how many runs were spilled."""
    counts = count_pairs(contexts, Tiling(WORDS, bits, symmetric), folder, memory, workers)
    return counts_of(weigh_pairs(counts, 10, 0.75, 1, folder, memory)), len(list(folder.glob("run-*.cells")))


@pytest.mark.parametrize("memory", [TINY, 1 << 12, 1 << 20])
@pytest.mark.parametrize("symmetric", [True, False])
def test_text_is_counted_as_by_a_double_loop(tmp_path: Path, symmetric: bool, memory: int) -> None:
    lines = random_lines(1, 60, 25)

    found, _ = counted([text_context(stream(lines), 4)], tmp_path, symmetric=symmetric, memory=memory)

    assert found == pytest.approx(plain_text_counts(lines, 4, symmetric=symmetric), rel=1e-5)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("symmetric", [True, False])
def test_all_pairs_of_a_list_are_counted_whatever_the_text_does(
    tmp_path: Path, symmetric: bool, shared: bool
) -> None:
    lines = random_lines(2, 40, 12)

    found, _ = counted([list_context(stream(lines), 100, share=shared)], tmp_path, symmetric=symmetric)

    assert found == pytest.approx(plain_list_counts(lines, shared=shared), rel=1e-5)


def test_text_and_lists_are_added_up(tmp_path: Path) -> None:
    text, lists = random_lines(3, 30, 20), random_lines(4, 30, 8)
    expected = Counter(plain_text_counts(text, 3, symmetric=True))
    expected.update(plain_list_counts(lists, shared=True))

    found, _ = counted([text_context(stream(text), 3), list_context(stream(lists), 9, share=True)], tmp_path)

    assert found == pytest.approx(dict(expected), rel=1e-5)


def test_a_list_beyond_the_window_is_a_window(tmp_path: Path) -> None:
    found, _ = counted([list_context(stream([[0, 1, 2, 3]]), 2, share=True)], tmp_path)

    third = pytest.approx(1 / 3)
    assert {pair for pair in found if pair[0] < pair[1]} == {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)}
    assert found[0, 1] == third
    assert found[3, 1] == third


def test_counts_by_hand(tmp_path: Path) -> None:
    lines = [[0, 1, 0], [2], [], [1, 2]]

    both, _ = counted([text_context(stream(lines), 5)], tmp_path)
    before, _ = counted([text_context(stream(lines), 5)], tmp_path, symmetric=False)

    # 0 stands beside 1 twice, and beside itself at distance 2, which counts for each of the two.
    assert both == pytest.approx({(0, 1): 2, (1, 0): 2, (0, 0): 1, (1, 2): 1, (2, 1): 1})
    assert before == pytest.approx({(1, 0): 1, (0, 1): 1, (0, 0): 0.5, (2, 1): 1})


@given(some_lines, st.integers(1, 5), st.sampled_from([1, 2, 6]), st.sampled_from([TINY, 4000, 1 << 20]))
@settings(max_examples=30, deadline=None)
def test_tiles_memory_and_workers_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, lines: Lines, window: int, bits: int, memory: int
) -> None:
    contexts = [text_context(stream(lines), window)]
    one, _ = counted(contexts, tmp_path_factory.mktemp("one"), bits=3, workers=1)
    other, _ = counted(contexts, tmp_path_factory.mktemp("other"), bits=bits, memory=memory, workers=3)

    assert other == pytest.approx(one, rel=1e-6)
    assert one == pytest.approx(plain_text_counts(lines, window, symmetric=True), rel=1e-5)


def test_little_memory_spills_and_much_does_not(tmp_path: Path) -> None:
    # The least table has 4,096 slots: a vocabulary of thousands is needed to fill it.
    words = 2000
    draw = np.random.default_rng(5)
    lines = draw.integers(0, words, (600, 20)).tolist()
    expected = plain_text_counts(lines, 2, symmetric=True)
    for name, memory, runs in (("little", TINY, True), ("much", 1 << 26, False)):
        folder = tmp_path / name
        folder.mkdir()
        counts = count_pairs([text_context(stream(lines), 2)], Tiling(words, 7, True), folder, memory, 2)

        pairs = weigh_pairs(counts, 10, 0.75, 1, folder, memory)

        assert (len(list(folder.glob("run-*.cells"))) >= 4) is runs
        assert (folder / "pairs.cells").exists() is runs
        assert counts_of(pairs) == pytest.approx(expected, rel=1e-5)


def test_weights_are_those_of_the_paper(tmp_path: Path) -> None:
    # Counts 1 and 16 with x_max 8: (1 / 8) ** 0.5, and 1.
    lines = [[0, 1]] + [[2, 3]] * 16
    counts = count_pairs([text_context(stream(lines), 5)], Tiling(4, 2, True), tmp_path, 1 << 20, 1)

    pairs = weigh_pairs(counts, 8, 0.5, 1, tmp_path, 1 << 20)

    by_cell = dict(zip(pairs.cells.tolist(), pairs.weights.tolist(), strict=True))
    assert by_cell == pytest.approx({0 << 2 | 1: 0.353553, 2 << 2 | 3: 1.0}, rel=1e-5)
    assert pairs.starts.tolist() == [0, 2]


def test_the_order_inside_a_tile_is_random_and_of_the_seed(tmp_path: Path) -> None:
    lines = [list(range(WORDS))]
    counts = count_pairs([text_context(stream(lines), WORDS)], Tiling(WORDS, 6, True), tmp_path, 1 << 20, 1)
    one, again, other = (
        weigh_pairs(counts, 10, 0.75, seed, tmp_path, 1 << 20).cells.tolist() for seed in (1, 1, 2)
    )

    assert one == again
    assert one != other
    assert one != sorted(one)
    assert sorted(one) == sorted(other)


def test_progress_counts_tokens(tmp_path: Path) -> None:
    seen: list[tuple[float, float]] = []
    text, lists = stream([[0, 1]]), stream([[2]])
    contexts = [text_context(text, 2), list_context(lists, 2, share=True)]

    count_pairs(contexts, Tiling(3, 1, True), tmp_path, 1 << 20, 1, lambda *told: seen.append(told))

    assert seen == [(3, 5), (5, 5)]


def test_words_are_numbered_by_frequency_and_rare_ones_left_out(tmp_path: Path) -> None:
    text, lists = tmp_path / "text", tmp_path / "lists"
    text.write_text("b a rare b\n\nc  b\nc a")
    lists.write_text("a b\n")

    corpus = number_corpus([text, lists], 2, tmp_path)

    assert corpus.words == ["b", "a", "c"]
    assert corpus.counts.tolist() == [4, 3, 2]
    assert corpus.streams[0].tolist() == [0, 1, 0, -1, -1, 2, 0, -1, 2, 1]
    assert corpus.streams[1].tolist() == [1, 0, -1]


def test_words_cut_by_a_block_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text"
    path.write_text("alpha beta gamma\nalpha  beta\n" * 20)
    whole = number_corpus([path], 1, tmp_path)
    monkeypatch.setattr(tokens, "_CHARACTERS", 7)
    monkeypatch.setattr(tokens, "_TOKENS", 5)
    (tmp_path / "cut").mkdir()

    cut = number_corpus([path], 1, tmp_path / "cut")

    assert cut.words == whole.words == ["alpha", "beta", "gamma"]
    assert cut.counts.tolist() == [40, 40, 20]
    assert cut.streams[0].tolist() == whole.streams[0].tolist()


@pytest.mark.parametrize("content", ["", "\n\n", "a b c\n"])
def test_without_frequent_words_there_is_nothing_to_train_on(tmp_path: Path, content: str) -> None:
    (tmp_path / "text").write_text(content)

    with pytest.raises(EmptyCorpusError, match=r"lower glove\.min_count"):
        number_corpus([tmp_path / "text"], 2, tmp_path)
