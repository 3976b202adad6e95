"""The compose file follows the official schema, and each command in it works when run by hand."""

from __future__ import annotations

import copy
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema.validators import validator_for

from embedsvc.releases import Store
from training.corpus.generator import write

ROOT = Path(__file__).resolve().parents[2]
STORE, WORK = "/var/lib/embedsvc/store", "/var/lib/embedsvc/work"
RECIPE, CANDIDATES = "/etc/embedsvc/embedsvc.toml", "/srv/candidates"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return document


def faults(document: dict[str, Any]) -> list[str]:
    """What the compose specification's own schema objects to."""
    schema = get_builtin_schema("vendor.compose-spec")
    return [error.json_path for error in validator_for(schema)(schema).iter_errors(document)]


def test_the_compose_file_follows_the_specification(compose: dict[str, Any]) -> None:
    assert faults(compose) == []


def test_a_broken_compose_file_does_not(compose: dict[str, Any]) -> None:
    broken = copy.deepcopy(compose)
    broken["services"]["api"]["comand"] = ["embedsvc"]
    broken["services"]["train"]["read_only"] = ["yes"]
    broken["volume"] = {}

    assert {"$", "$.services.api", "$.services.train.read_only"} <= set(faults(broken))


@pytest.mark.parametrize("name", ["api", "train", "reindex"])
def test_no_container_has_more_rights_than_it_needs(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]

    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - a path inside the container
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_the_service_writes_the_store_alone_and_the_jobs_their_work_too(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert services["api"]["volumes"] == [f"store:{STORE}"]
    for job in ("train", "reindex"):
        assert services[job]["volumes"][:2] == [f"store:{STORE}", f"work:{WORK}"]
        assert [mount.rpartition(":")[2] for mount in services[job]["volumes"][2:]] == ["ro", "ro"]
        assert services[job]["profiles"] == ["jobs"]
    assert set(compose["volumes"]) == {"store", "work"}


def test_the_service_is_asked_for_its_health_and_started_again(compose: dict[str, Any]) -> None:
    api = compose["services"]["api"]

    assert api["healthcheck"]["test"] == ["CMD", "embedsvc", "ready"]
    assert api["restart"] == "unless-stopped"
    assert api["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]


class Host:
    """Runs a container's command on this machine: the one place where its paths and address are replaced."""

    def __init__(self, folder: Path) -> None:
        places = {STORE: "store", WORK: "work", RECIPE: "embedsvc.toml", CANDIDATES: "candidates"}
        self.places = {inside: str(folder / outside) for inside, outside in places.items()}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "EMBEDSVC_STORE": self.places[STORE],
            "EMBEDSVC_PORT": self.url.rpartition(":")[2],
            "EMBEDSVC_URL": self.url,
        }

    def here(self, text: str) -> str:
        for inside, outside in self.places.items():
            text = text.replace(inside, outside)
        return text.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - no test listens to other machines

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.here(word) for word in command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, command: list[str]) -> tuple[int, str]:
        """The exit code, and both outputs."""
        process = self.start(command)
        out, err = process.communicate(timeout=300)
        return process.returncode, out + err

    def await_exit_0(self, command: list[str], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (ran := self.run(command))[0] != 0:
            assert time.monotonic() < deadline, ran[1]
            time.sleep(0.2)


def test_every_command_works_by_hand(compose: dict[str, Any], tmp_path: Path) -> None:
    services = compose["services"]
    health = services["api"]["healthcheck"]["test"][1:]
    host = Host(tmp_path)
    (tmp_path / "candidates").mkdir()
    write(tmp_path / "candidates" / "day1.jsonl.gz", 1000, seed=5)
    recipe = re.search(
        r"^```toml\n(store = .*?)^```", (ROOT / "docs/operations.md").read_text("utf-8"), re.M | re.S
    )
    assert recipe is not None
    (tmp_path / "embedsvc.toml").write_text(host.here(recipe[1]))

    code, printed = host.run(services["train"]["command"])
    assert code == 0, printed
    store = Store(tmp_path / "store")
    trained = store.current()
    assert trained is not None

    code, printed = host.run(health)
    assert (code, printed.count("\n")) == (69, 1), printed

    service = host.start(services["api"]["command"])
    try:
        host.await_exit_0(health, 60)
        assert httpx.get(f"{host.url}/health/ready").json()["release"] == trained

        write(tmp_path / "candidates" / "day2.jsonl.gz", 1000, seed=6)
        code, printed = host.run(services["reindex"]["command"])
        assert code == 0, printed
        renewed = store.current()
        assert renewed != trained
        _await_release(host.url, renewed)
        assert httpx.get(f"{host.url}/health/ready").status_code == 200
    finally:
        service.send_signal(signal.SIGTERM)
        out, err = service.communicate(timeout=60)
    # Told to stop, it ends what is under way, and then by the signal itself.
    assert service.returncode == -signal.SIGTERM, out + err
    assert "Application shutdown complete." in err
    assert [(each.name, each.active, each.parent) for each in store.list()] == [
        (renewed, True, trained),
        (trained, False, None),
    ]


def _await_release(url: str, name: str | None) -> None:
    deadline = time.monotonic() + 30
    while httpx.get(f"{url}/health/ready").json()["release"] != name:
        assert time.monotonic() < deadline
        time.sleep(0.1)
