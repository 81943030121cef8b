"""Look at everything that a start needs, one finding each, and change nothing."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.client import greet
from bot.config import Settings
from bot.errors import ExpanseError, StartError
from bot.runware.client import open_client
from bot.start_checks import check_secrets, greet_provider
from bot.storage import backups
from bot.storage.owner import sole_owner


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    good: bool
    detail: str


async def examine(settings: Settings) -> list[Finding]:
    """Make every check, each under its own deadline; no secret is in any detail."""
    checks: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("secrets", _secrets),
        ("data folder", _folder),
        ("database", _database),
        ("backups", _backups),
        ("Discord", _discord),
        ("Runware", _runware),
    )
    return [await _checked(name, check, settings) for name, check in checks]


async def _checked(
    name: str, check: Callable[[Settings], Awaitable[str]], settings: Settings
) -> Finding:
    try:
        async with asyncio.timeout(settings.runware.request_seconds):
            return Finding(name, good=True, detail=await check(settings))
    except TimeoutError:
        return Finding(name, good=False, detail="no answer in time")
    except (ExpanseError, OSError) as error:
        return Finding(name, good=False, detail=str(error))


async def _secrets(settings: Settings) -> str:
    check_secrets(settings)
    return "both are there"


async def _folder(settings: Settings) -> str:
    folder, least = settings.storage.data_dir, settings.storage.min_free_mib
    free = await asyncio.to_thread(shutil.disk_usage, _existing(folder))
    mib = free.free // 2**20
    if mib < least:
        raise StartError(f"{mib} MiB are free; new jobs need {least}")
    try:
        with sole_owner(folder):
            return f"{mib} MiB are free; no Expanse is running on it"
    except StartError as error:
        return f"{mib} MiB are free. {error}"


async def _database(settings: Settings) -> str:
    path = settings.storage.database
    if not path.exists():
        return "there is none yet; the first start makes it"
    await asyncio.to_thread(backups.verify, path)
    return f"whole, and its books balance ({path.stat().st_size // 1024} KiB)"


async def _backups(settings: Settings) -> str:
    folder = settings.storage.database.parent / backups.FOLDER
    good = await asyncio.to_thread(backups.newest_good, folder)
    if good is None and settings.storage.database.exists() and settings.storage.backups:
        return "there is none yet; a running bot makes one a day"
    return f"the newest good one is {good}" if good else "there is none yet"


async def _discord(settings: Settings) -> str:
    return await greet(settings.discord)


async def _runware(settings: Settings) -> str:
    async with open_client(
        base_url=settings.runware.base_url,
        api_key=settings.runware.api_key.get_secret_value(),
        deadline=settings.runware.request_seconds,
    ) as client:
        await greet_provider(client, settings.runware.base_url)
    return "answers and takes the key"


def _existing(folder: Path) -> Path:
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
