"""Settings come from EMBEDSVC_* variables, and go to worker processes by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from embedsvc.settings import Settings


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDSVC_STORE", "somewhere")
    monkeypatch.setenv("EMBEDSVC_PORT", "9000")
    monkeypatch.setenv("EMBEDSVC_ACCESS_LOG", "all")
    settings = Settings()
    assert (settings.store, settings.port, settings.access_log) == (Path("somewhere"), 9000, "all")
    assert Settings(port=9001).port == 9001


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", 70_000), ("workers", 0), ("watch_seconds", 0), ("access_log", "loud"), ("max_body_bytes", -1)],
)
def test_values_out_of_range_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({name: value})
    assert caught.value.errors()[0]["loc"] == (name,)


def test_settings_survive_the_way_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Settings(
        store=Path("a b/ü"),
        port=0,
        workers=3,
        watch_seconds=1.5,
        log_level="error",
        api_keys="a:read:" + "0" * 64,
        api_keys_file=Path("c d"),
        cors_origins=["https://a.example", "https://b.example"],
    )
    for name, value in sent.as_environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == sent
