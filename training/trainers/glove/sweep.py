"""The compiled part of counting: one sweep over tokens, into whole tiles and a hash table.

It is one file because numba's cache, when it looks for changes, reads a function's own file alone.

The table is open-addressing with linear probing: keys are numbers from 0, a free slot holds FREE.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.trainers.glove.compiled import compiled

LINE_END = -1  # between the lines of a stream of tokens
FREE = -1

Ids = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]
Counts = npt.NDArray[np.float64]


@compiled
def add(keys: Keys, counts: Counts, key: int, amount: float) -> int:
    """Add to the count of `key`; the table must have a free slot. Returns 1 where the key is new, else 0."""
    mask = len(keys) - 1
    # Fibonacci hashing: the high bits of the product depend on all bits of the key.
    slot = ((key * 0x1E3779B97F4A7C15) >> 20) & mask
    while True:
        held = keys[slot]
        if held == key:
            counts[slot] += amount
            return 0
        if held == FREE:
            keys[slot] = key
            counts[slot] = amount
            return 1
        slot = (slot + 1) & mask


@compiled
def copy_into(keys: Keys, counts: Counts, new_keys: Keys, new_counts: Counts) -> None:
    """Put all entries of one table into another."""
    for slot in range(len(keys)):
        if keys[slot] != FREE:
            add(new_keys, new_counts, keys[slot], counts[slot])


@compiled
def _line_start(ids: Ids, token: int, window: int) -> int:
    """Start of the line that holds a token, or `window` tokens before it where the line is longer."""
    start = token
    while start > max(token - window, 0) and ids[start - 1] != LINE_END:
        start -= 1
    return start


@compiled
def _line_scale(ids: Ids, token: int) -> float:
    """1 / (words of the line that holds a token - 1)."""
    start = _line_start(ids, token, token)
    end = token
    while end < len(ids) and ids[end] != LINE_END:
        end += 1
    return 1.0 / max(end - start - 1, 1)


@compiled
def sweep(
    ids: Ids,
    token: int,
    stop: int,
    weights: Counts,
    share: bool,
    both: bool,
    bits: int,
    blocks: int,
    symmetric: bool,
    slots: npt.NDArray[np.int32],
    dense: Counts,
    keys: Keys,
    counts: Counts,
    used: int,
    room: int,
    mine: npt.NDArray[np.bool_],
) -> tuple[int, int]:
    """Count from `token` until `stop` or until the table is full; returns where it is and entries used."""
    mask = (1 << bits) - 1
    window = len(weights) - 1
    line = _line_start(ids, token, window)
    scale = _line_scale(ids, token) if share else 1.0
    while token < stop and used <= room:
        word = ids[token]
        if word == LINE_END:
            token += 1
            line = token
            scale = _line_scale(ids, token) if share else 1.0
            continue
        for other in range(token - 1, max(line, token - window) - 1, -1):
            before = ids[other]
            low, high = min(word, before), max(word, before)
            if not mine[high]:
                continue
            amount = weights[token - other] * scale
            row, column = (low, high) if symmetric else (word, before)
            if symmetric and low == high:
                amount *= 2.0
            for _ in range(2 if both and not symmetric else 1):
                tile = np.int64(row >> bits) * blocks + (column >> bits)
                cell = np.int64(row & mask) << bits | (column & mask)
                if slots[tile] >= 0:
                    dense[slots[tile], cell] += amount
                else:
                    used += add(keys, counts, tile << 2 * bits | cell, amount)
                row, column = column, row
        token += 1
    return token, used
