"""Processes that open the same index share the pages of its files."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexes import get_backend, open_index

ROWS, DIMENSION = 8_000, 64
LOOK = """
import sys
from pathlib import Path
import numpy as np
from indexes import open_index
index = open_index(Path(sys.argv[1]))
index.search(np.eye(64, dtype=np.float32), 10, effort=index.size - 1)
for row in range(0, index.size, 7):
    index.vectors_at([row])
print(Path("/proc/self/smaps").read_text())
"""


def shares(smaps: str, name: str) -> dict[str, int]:
    """Bytes of the mappings of a file, by kind."""
    found = dict.fromkeys(("Rss", "Pss", "Private_Dirty"), 0)
    for mapping in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", smaps):
        if mapping.splitlines()[0].endswith(f"/{name}"):
            for kind in found:
                found[kind] += 1024 * int(re.search(rf"^{kind}: +(\d+) kB", mapping, re.MULTILINE)[1])
    return found


@pytest.mark.skipif(not Path("/proc/self/smaps").is_file(), reason="needs the memory maps of Linux")
@pytest.mark.parametrize(
    ("backend", "args", "file"),
    [
        ("exact", {}, "vectors.npy"),
        ("annoy", {"trees": 5}, "forest.ann"),
        ("faiss_hnsw", {"m": 8, "ef_construction": 16}, "hnsw.faiss"),
        ("faiss_factory", {"factory": "IVF50,Flat"}, "codes.faiss"),
    ],
)
def test_pages_are_shared(backend: str, args: dict[str, object], file: str, tmp_path: Path):
    maker = get_backend(backend)
    vectors = np.random.default_rng(0).normal(size=(ROWS, DIMENSION)).astype(np.float32)
    maker.build(vectors, args=maker.args_type(**args)).save(tmp_path)
    mine = open_index(tmp_path)
    mine.search(np.eye(DIMENSION, dtype=np.float32), 10, effort=mine.size - 1)
    for row in range(0, ROWS, 7):
        mine.vectors_at([row])
    other = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    found = shares(other.stdout, file)
    assert found["Rss"] >= 0.8 * ROWS * DIMENSION * 4  # it has read the vectors
    assert found["Pss"] <= 0.6 * found["Rss"]  # and counts for half of them, as the other half is ours
    assert found["Private_Dirty"] == 0
