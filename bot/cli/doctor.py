"""Read-only checks of everything that the bot needs to start."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from bot.cli.checks import CheckLevel, CheckResult
from bot.cli.doctor_provider import check_provider
from bot.composition.startup_checks import check_secrets
from bot.config.settings import Settings, StorageSettings
from bot.domain.errors import ExpanseError
from bot.errors import StartError
from bot.storage.sqlite import backups
from bot.storage.sqlite.process_lock import find_lock_owner
from bot.ui.bot_account import fetch_account

_SETTINGS: Final = "storage.data_dir or storage.url"


async def run_checks(settings: Settings) -> list[CheckResult]:
    """Run all checks, each with its own deadline; no detail contains a secret."""
    checks: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("secrets", _check_both_secrets),
        ("data folder", _check_data_folder),
        ("database", _check_database),
        ("backups", _check_backups),
        ("Discord", _check_discord),
    )
    local = [await _run_check(name, check, settings) for name, check in checks]
    return [*local, *await check_provider(settings)]


async def _run_check(
    name: str, check: Callable[[Settings], Awaitable[str]], settings: Settings
) -> CheckResult:
    try:
        async with asyncio.timeout(settings.runware.request_seconds):
            return CheckResult(name, CheckLevel.OK, await check(settings))
    except TimeoutError:
        return CheckResult(name, CheckLevel.FAILED, "no answer in time")
    except (ExpanseError, OSError) as error:
        return CheckResult(name, CheckLevel.FAILED, str(error))


async def _check_both_secrets(settings: Settings) -> str:
    check_secrets(settings)
    return "both are set"


async def _check_data_folder(settings: Settings) -> str:
    folder, least = settings.storage.data_dir, settings.storage.min_free_mib
    for each in _list_folders(settings.storage):
        await asyncio.to_thread(_check_writable, each)
    existing = _find_existing(folder)
    free = await asyncio.to_thread(shutil.disk_usage, existing)
    mib = free.free // 2**20
    if mib < least:
        raise StartError(
            f"{mib} MiB are free on {folder}; new orders need {least}. Free some space, or lower"
            " storage.min_free_mib."
        )
    owner = find_lock_owner(folder)
    who = f"Expanse (process {owner})" if owner else "no Expanse"
    return f"{mib} MiB are free; {who} is running on it"


def _list_folders(storage: StorageSettings) -> set[Path]:
    """Return the folders that files are made in, as far as they exist."""
    beside = storage.database_path.parent
    folders = (storage.data_dir, storage.files_dir, beside, beside / backups.BACKUP_FOLDER)
    return {_find_existing(each) for each in folders}


def _find_existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    path = path.absolute()
    return next(each for each in (path, *path.parents) if each.exists())


def _check_writable(folder: Path) -> None:
    """Raise `StartError` if files can't be made in a folder, leaving none behind."""
    if not folder.is_dir():
        raise StartError(f"{folder} is a file, not a folder. Change {_SETTINGS}.")
    try:
        # a file without a name: nothing is left behind, and no permission is guessed
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(
            f"{folder} can't be written to. Give the bot's user access, or change {_SETTINGS}."
        ) from error


async def _check_database(settings: Settings) -> str:
    path = settings.storage.database_path
    if not path.exists():
        return "there is none yet; the first start makes it"
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        # what another user once ran, root for example, belongs to that user
        if each.exists() and not os.access(each, os.R_OK | os.W_OK):
            raise StartError(f"{each} can't be written to. Give the bot's user access.")
    await asyncio.to_thread(backups.verify_backup, path)
    return f"complete, and its ledger balances ({path.stat().st_size // 1024} KiB)"


async def _check_backups(settings: Settings) -> str:
    folder = settings.storage.database_path.parent / backups.BACKUP_FOLDER
    newest = await asyncio.to_thread(backups.find_newest_usable, folder)
    if newest is None and settings.storage.database_path.exists() and settings.storage.backups:
        return "there is none yet; a running bot makes one a day"
    return f"the newest good one is {newest}" if newest else "there is none yet"


async def _check_discord(settings: Settings) -> str:
    if not settings.discord.token.get_secret_value():
        raise StartError("not checked: discord.token is not set")
    account = await fetch_account(settings.discord)
    return (
        f"accepts the token of {account.name}; {account.commands} commands are known."
        f" Invite link: {account.invite_link}"
    )
