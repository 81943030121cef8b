"""Read-only checks of everything that the bot needs to start."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.composition.startup_checks import check_provider, check_secrets
from bot.config.settings import Settings
from bot.domain.errors import ExpanseError
from bot.errors import StartError
from bot.runware.client import open_client
from bot.storage.sqlite import backups
from bot.storage.sqlite.process_lock import lock_data_dir
from bot.ui.client import check_token


@dataclass(frozen=True, slots=True)
class CheckResult:
    name: str
    is_good: bool
    detail: str


async def run_checks(settings: Settings) -> list[CheckResult]:
    """Run all checks, each with its own deadline; no detail contains a secret."""
    checks: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("secrets", _check_both_secrets),
        ("data folder", _check_data_folder),
        ("database", _check_database),
        ("backups", _check_backups),
        ("Discord", lambda settings: check_token(settings.discord)),
        ("Runware", _check_runware),
    )
    return [await _run_check(name, check, settings) for name, check in checks]


async def _run_check(
    name: str, check: Callable[[Settings], Awaitable[str]], settings: Settings
) -> CheckResult:
    try:
        async with asyncio.timeout(settings.runware.request_seconds):
            return CheckResult(name, is_good=True, detail=await check(settings))
    except TimeoutError:
        return CheckResult(name, is_good=False, detail="no answer in time")
    except (ExpanseError, OSError) as error:
        return CheckResult(name, is_good=False, detail=str(error))


async def _check_both_secrets(settings: Settings) -> str:
    check_secrets(settings)
    return "both are there"


async def _check_data_folder(settings: Settings) -> str:
    folder, least = settings.storage.data_dir, settings.storage.min_free_mib
    path = folder.absolute()
    existing = next(each for each in (path, *path.parents) if each.exists())
    free = await asyncio.to_thread(shutil.disk_usage, existing)
    mib = free.free // 2**20
    if mib < least:
        raise StartError(f"{mib} MiB are free; new jobs need {least}")
    try:
        with lock_data_dir(folder):
            return f"{mib} MiB are free; no Expanse is running on it"
    except StartError as error:
        return f"{mib} MiB are free. {error}"


async def _check_database(settings: Settings) -> str:
    path = settings.storage.database_path
    if not path.exists():
        return "there is none yet; the first start makes it"
    await asyncio.to_thread(backups.verify_backup, path)
    return f"complete, and its ledger balances ({path.stat().st_size // 1024} KiB)"


async def _check_backups(settings: Settings) -> str:
    folder = settings.storage.database_path.parent / backups.BACKUP_FOLDER
    newest = await asyncio.to_thread(backups.find_newest_usable, folder)
    if newest is None and settings.storage.database_path.exists() and settings.storage.backups:
        return "there is none yet; a running bot makes one a day"
    return f"the newest good one is {newest}" if newest else "there is none yet"


async def _check_runware(settings: Settings) -> str:
    async with open_client(
        base_url=settings.runware.base_url,
        api_key=settings.runware.api_key.get_secret_value(),
        deadline=settings.runware.request_seconds,
    ) as client:
        await check_provider(client, settings.runware.base_url)
    return "answers and takes the key"
