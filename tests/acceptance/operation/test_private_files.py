"""Nothing that the program writes can be read by other users of the machine, whatever the umask."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.operation.test_startup_checks import build_environment
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload, wait_until

UMASKS = (0o000, 0o777)
FOLDER_MODE, FILE_MODE = 0o700, 0o600


def list_modes(folder: Path) -> dict[str, int]:
    """Return the permissions of a folder and of everything in it but links, by path."""
    paths = [path for path in (folder, *folder.rglob("*")) if not path.is_symlink()]
    return {
        str(path.relative_to(folder.parent)): stat.S_IMODE(path.lstat().st_mode) for path in paths
    }


def find_open(folder: Path) -> dict[str, str]:
    """Return what has other permissions than 0700 for a folder and 0600 for a file."""
    return {
        name: oct(mode)
        for name, mode in list_modes(folder).items()
        if mode != (FOLDER_MODE if (folder.parent / name).is_dir() else FILE_MODE)
    }


async def run_command(
    words: Sequence[str], environment: dict[str, str], cwd: Path, umask: int
) -> str:
    """Run a command of the program to its end and return its output; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        env=environment,
        cwd=cwd,
        umask=umask,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 55)
    assert process.returncode == 0, out.decode()
    return out.decode()


async def run_bot_for_one_order(app_fixture: AppFixture, cwd: Path, umask: int) -> str:
    """Run the program until it has delivered a picture and return its log."""
    await app_fixture.stop()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        env=build_environment(app_fixture, cwd, EXPANSE_STORAGE__RESERVE_MIB="1"),
        cwd=cwd,
        umask=umask,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await wait_until(lambda: app_fixture.discord.state.is_bot_online)
        upload = encode_upload(draw_photograph())
        call = await app_fixture.ana.slash("expand", image=upload, direction="right", pixels=64)
        await app_fixture.wait_for_result(call)
        backups = cwd / "own" / "backups"
        await wait_until(lambda: any(backups.glob("expanse-*.db")))
        # while it runs, so that -wal, -shm, lock and reserve are there
        assert {"expanse.db-wal", "expanse.db-shm", "expanse.lock", "reserve"} <= {
            path.name for path in (cwd / "own").iterdir()
        }
        assert find_open(cwd / "own") == {}
    finally:
        process.terminate()
        _, log = await asyncio.wait_for(process.communicate(), 20)
    return log.decode()


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
async def test_no_command_leaves_a_file_for_others(
    app_fixture: AppFixture, tmp_path: Path, umask: int
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    log = await run_bot_for_one_order(app_fixture, home, umask)
    assert "permissions" not in log  # nothing was to be tightened
    environment = build_environment(app_fixture, home)
    made = home / "made"
    made.mkdir(mode=FOLDER_MODE)
    (made / "export.json").touch(mode=0o666)  # an export must not keep an older file's permissions
    (made / "export.json").chmod(0o666)
    member = str(app_fixture.ana.id)
    await run_command(("init", str(made / "config.toml")), environment, home, umask)
    export = ("export", "--user", member, "--out", str(made / "export.json"))
    await run_command(export, environment, home, umask)
    backup = ("backup", "--out", str(made / "deep" / "copy.db"))
    await run_command(backup, environment, home, umask)
    await run_command(("restore", str(made / "deep" / "copy.db")), environment, home, umask)
    await run_command(("forget", "--user", member, "--yes"), environment, home, umask)
    await run_command(("migrate",), environment, home, umask)
    assert find_open(home / "own") == {}
    assert find_open(made) == {}


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a short path: the local engine's socket is in it, and 107 bytes its limit."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


async def test_a_trial_and_the_demo_keep_their_files_to_themselves(
    tmp_path: Path, temporary: Path
) -> None:
    umask = UMASKS[0]
    draw_photograph().save(tmp_path / "photo.png")
    environment = {**os.environ, "TMPDIR": str(temporary)}
    trial = ("try", str(tmp_path / "photo.png"), "--out", str(tmp_path / "out"), "--json")
    outcome = json.loads(await run_command(trial, environment, tmp_path, umask))
    assert outcome["state"] == "settled"
    assert find_open(tmp_path / "out") == {}
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", "0", "--no-open"),
        *("--data", str(tmp_path / "demo")),
        env=environment,
        cwd=tmp_path,
        umask=umask,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert demo.stdout is not None
        assert b"Expanse is at" in await asyncio.wait_for(demo.stdout.readline(), 40)
        assert {"expanse.db", "discord"} <= {path.name for path in (tmp_path / "demo").iterdir()}
        assert find_open(tmp_path / "demo") == {}
        assert find_open(temporary) == {}
    finally:
        demo.terminate()
        await asyncio.wait_for(demo.wait(), 20)


async def test_wider_permissions_are_tightened_at_the_start_and_the_log_says_so(
    app_fixture: AppFixture, tmp_path: Path
) -> None:
    own, outside = tmp_path / "own", tmp_path / "outside"
    (own / "files" / "ab").mkdir(parents=True)
    (own / "backups").mkdir()
    with closing(sqlite3.connect(own / "expanse.db")) as made:
        made.execute("VACUUM")
    for path in (own / "files/ab/picture", own / "backups/expanse-20250101T000000Z.db", outside):
        path.write_bytes(b"old")
    for path in (own, *own.rglob("*"), outside):
        path.chmod(0o777 if path.is_dir() else 0o666)
    (own / "link").symlink_to(outside)  # what it leads to is not the program's
    log = await run_bot_for_one_order(app_fixture, tmp_path, 0o022)
    lines = [json.loads(line) for line in log.splitlines()]
    told = [line for line in lines if "permissions" in line["event"]]
    # own, files, files/ab, backups, the picture, the backup and the database
    assert [(line["level"], line["changed"]) for line in told] == [("warning", 7)]
    assert stat.S_IMODE(outside.stat().st_mode) == 0o666
