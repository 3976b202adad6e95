"""Settings of the service: one class, read from EMBEDSVC_* variables."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

AccessLog = Literal["none", "errors", "all"]


class Settings(BaseSettings):
    """Everything about the service that may differ between two machines.

    Each field is read from the variable `EMBEDSVC_<FIELD>`, for example `EMBEDSVC_STORE`; what is
    passed to the constructor wins. A value that cannot be used raises pydantic's ValidationError.
    """

    model_config = SettingsConfigDict(env_prefix="EMBEDSVC_", extra="forbid", frozen=True)

    store: Path = Field(default=Path("store"), description="Directory of the release store.")
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="TCP port; 0 takes a free one.")
    workers: int = Field(default=1, ge=1, le=256, description="Server processes; each maps the release.")
    cpu_threads: int = Field(
        default_factory=lambda: min(4, os.cpu_count() or 1),
        ge=1,
        le=256,
        description="Threads a process uses for batches, similarity, search and classification.",
    )
    max_waiting: int = Field(
        default=256, ge=0, description="Requests that may wait for such a thread; the next are answered 503."
    )
    watch_seconds: float = Field(
        default=0.5, gt=0, le=3600, description="How often the store is asked for a newly activated release."
    )
    max_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024, description="Largest request body read.")
    max_url_bytes: int = Field(default=8192, ge=256, description="Longest path and query string read.")
    body_seconds: float = Field(
        default=30.0, gt=0, le=3600, description="How long each piece of a request body may take to come."
    )
    wait_seconds: float = Field(
        default=10.0, gt=0, le=3600, description="How long a request may wait for a thread before a 503."
    )
    recall_seconds: float = Field(
        default=10.0,
        ge=0,
        description="Seconds between two searches that are answered again exactly, for the gauge of recall; "
        "0 is never.",
    )
    api_keys: str = Field(default="", description="API keys as NAME:SCOPE:SHA256, parted by commas.")
    api_keys_file: Path | None = Field(
        default=None, description="File of such keys, one a line; read again when it changes."
    )
    rate_limit: int = Field(
        default=0, ge=0, description="Requests a minute of each key, over all workers; 0 is no limit."
    )
    cors_origins: list[str] = Field(
        default=[], description="Origins whose pages may ask, as a JSON list; none by default."
    )
    explorer: bool = Field(default=True, description="Whether `/` is the explorer, a page for people.")
    recipe: Path | None = Field(
        default=None, description="Recipe of the re-index that POST /v1/jobs/reindex begins."
    )
    keep_jobs: int = Field(default=50, ge=1, le=10_000, description="So many ended jobs are kept.")
    access_log: AccessLog = Field(
        default="errors", description="Which answers are logged: none, status 400 and above, or all."
    )
    otlp_endpoint: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="Base address of a collector of traces (OTLP over HTTP); none are made without one.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def as_environment(self) -> dict[str, str]:
        """Return the variables from which a child process reads these same settings."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {
            f"EMBEDSVC_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }
