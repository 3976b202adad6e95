"""Order by score and position, against a plain sort."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indexes.select import best_first

SCORES = st.floats(width=32, allow_nan=False) | st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45])


@given(st.data())
def test_best_first_and_equal_ones_by_position(data: st.DataObject):
    rows, columns = data.draw(st.integers(0, 4)), data.draw(st.integers(1, 9))
    scores = data.draw(arrays(np.float32, (rows, columns), elements=SCORES))
    positions = data.draw(
        arrays(np.int64, (rows, columns), elements=st.integers(0, 2**31 - 1), unique=True, fill=st.nothing())
    )
    missing = data.draw(arrays(np.bool_, (rows, columns)))
    positions[missing], scores[missing] = -1, -np.inf
    count = data.draw(st.integers(1, columns))
    before = positions.copy(), scores.copy()

    found, values = best_first(positions, scores, count)

    for row in range(rows):
        last = np.where(positions[row] < 0, 2**32, positions[row])
        order = np.lexsort((last, -scores[row]))[:count]
        np.testing.assert_array_equal(found[row], positions[row][order])
        np.testing.assert_array_equal(values[row], scores[row][order])
    assert (found.dtype, values.dtype, found.shape) == (np.int64, np.float32, (rows, count))
    np.testing.assert_array_equal(positions, before[0])
    np.testing.assert_array_equal(scores, before[1])
