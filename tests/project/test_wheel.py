"""The wheel is the SDK alone, and it works with nothing but httpx and pydantic beside it."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sdk(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of executables of a venv that holds the wheel and what it requires, and no more."""
    folder = tmp_path_factory.mktemp("sdk")
    assert _run(sys.executable, "-m", "venv", "--without-pip", folder / "venv").returncode == 0
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    installed = _run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel)
    assert installed.returncode == 0, installed.stderr

    beside = folder / "required"
    beside.mkdir()
    for name in _closure("httpx", "pydantic"):
        for top in {file.parts[0] for file in metadata.files(name) or []} - {"..", "__pycache__"}:
            (beside / top).symlink_to(metadata.distribution(name).locate_file(top))  # type: ignore[arg-type]
    site = Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip())
    (site / "required.pth").write_text(f"{beside}\n")
    return python.parent


def _closure(*names: str) -> set[str]:
    """These distributions and all they require, without extras."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            needs = [need for need in metadata.requires(name) or [] if ";" not in need]
            pending += [re.split(r"[^A-Za-z0-9_.-]", need)[0] for need in needs]
    return found


def test_the_wheel_holds_embedsvc_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert {name.split("/")[0] for name in names} == {"embedsvc", "embedsvc-0.1.0.dist-info"}
    pages = (ROOT / "embedsvc" / "explorer").iterdir()
    in_checkout = {path.relative_to(ROOT).as_posix() for path in [*(ROOT / "embedsvc").rglob("*.py"), *pages]}
    assert in_checkout - set(names) == set()
    assert "embedsvc/py.typed" in names
    assert "embedsvc-0.1.0.dist-info/licenses/LICENSE" in names
    assert [name for name in names if name.endswith((".pyc", ".so")) or "__pycache__" in name] == []


def test_the_wheel_requires_httpx_and_pydantic_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        described = email.message_from_bytes(archive.read("embedsvc-0.1.0.dist-info/METADATA"))

    requires = [need for need in described.get_all("Requires-Dist", []) if "extra ==" not in need]
    assert sorted(re.split(r"[<>=]", need)[0] for need in requires) == ["httpx", "pydantic"]
    assert described["Requires-Python"] == ">=3.11"


def test_the_sdk_imports_without_the_service(sdk: Path) -> None:
    code = (
        "import sys, embedsvc; client = embedsvc.Client('http://127.0.0.1:9'); client.close();"
        "heavy = {'numpy', 'faiss', 'fastapi', 'typer', 'pyarrow'} & set(sys.modules);"
        "print(embedsvc.__version__, sorted(heavy),"
        " 'site-packages' in embedsvc.__file__)"
    )
    ran = _run(sdk / "python", "-I", "-W", "error", "-c", code)

    assert (ran.stdout, ran.stderr) == ("0.1.0 [] True\n", "")


ASKED = """
import asyncio, httpx, embedsvc
related = {"release": "r", "relation": "similar", "related": [{"skill": "js", "score": 0.9, "candidates": 7}],
           "resolved": {"query": "php", "skill": "php", "step": "exact"}}
job = {"id": "j", "kind": "reindex", "state": "succeeded", "asked": {}, "created": "2026"}
def answer(request):
    return httpx.Response(200, json=job if "/jobs" in request.url.path else related)
async def awaited():
    async with embedsvc.AsyncClient("http://x", transport=httpx.MockTransport(answer)) as client:
        return (await client.skills.related("php")).related[0].score, (await client.jobs.reindex()).ended
with embedsvc.Client("http://x", transport=httpx.MockTransport(answer)) as client:
    print(client.skills.related("php").related[0].skill, client.jobs.wait("j").state)
print(*asyncio.run(awaited()))
try:
    embedsvc.Client.local("store")
except embedsvc.OptionalDependencyError as error:
    print(error)
"""


def test_the_sdk_asks_without_the_service(sdk: Path) -> None:
    ran = _run(sdk / "python", "-I", "-W", "error", "-c", ASKED)

    assert ran.stderr == ""
    first, second, third = ran.stdout.splitlines()
    assert (first, second) == ("js succeeded", "0.9 True")
    assert third.startswith("Client.local answers from this process, which lacks ")


@pytest.mark.parametrize("command", [["serve"], ["train"], ["--help"]])
def test_a_bare_wheel_says_that_the_service_is_elsewhere(sdk: Path, command: list[str]) -> None:
    ran = _run(sdk / "embedsvc", *command)

    assert ran.returncode == 69
    assert ran.stdout == ""
    assert ran.stderr == (
        "embedsvc: The SDK is installed without the service and its jobs; they run from a checkout of "
        "embedsvc (pip install -e '.[service,training]') or from the image.\n"
    )
