"""A kill run's settings: where its services are, and how its processes die."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

CRASH_MODULES: Final = (
    *(f"bot.services.billing.{name}" for name in ("limits", "quotas")),
    *(
        f"bot.services.jobs.{name}"
        for name in ("dispatcher", "pipeline", "poller", "provider_slots")
    ),
    *(f"bot.services.jobs.{name}" for name in ("delivery", "parked", "render_steps")),
    *(f"bot.services.jobs.{name}" for name in ("result_storage", "submitter")),
    *(f"bot.services.orders.{name}" for name in ("acceptance", "admission", "job_control")),
    "bot.services.pictures.seed_images",
    *(
        f"bot.services.progress.{name}"
        for name in ("card_updates", "order_summary", "result_sender")
    ),
    "bot.storage.disk.file_store",
    *(f"bot.storage.repositories.{name}" for name in ("jobs", "leases")),
    *(f"bot.storage.repositories.billing.{name}" for name in ("admission", "ledger")),
    "bot.storage.sqlite.database",
)
"""Modules in a job's path whose awaits are crash points in a process without Discord."""


@dataclass(frozen=True, slots=True)
class KillRun:
    """One folder and the processes that use it, one after another.

    `kills` 0 means once at every crash point, otherwise that many kills at random moments, `pause`
    seconds apart on average. `grace` is the minimum time of doubt, in seconds.
    """

    folder: Path
    members: str
    runware: str
    api_key: str
    seed: int
    kills: int = 0
    grace: float = 0.7
    pause: float = 0.15
    patience: float = 60.0

    @classmethod
    def from_json(cls, text: str) -> Self:
        given = json.loads(text)
        return cls(**(given | {"folder": Path(given["folder"])}))

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"folder": str(self.folder)})

    @property
    def crash_points_file(self) -> Path:
        """Return the file to which each process writes the crash point it dies at, one per line."""
        return self.folder / "struck"

    @property
    def online_file(self) -> Path:
        """Return the file that each child creates when it is working."""
        return self.folder / "online"

    @property
    def database_file(self) -> Path:
        return self.folder / "jobs.db"


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """How many orders a child accepts, and after how many seconds it stops (0: when all ended)."""

    orders: int
    seconds: float = 0.0
