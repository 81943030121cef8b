"""The engine's processes start wherever temporary files are kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.runware.engine.render import MIRROR

ROOT = Path(__file__).parents[4]
PROGRAM = f"""
from sandbox.runware.engine.workers import Workers
if __name__ == "__main__":
    workers = Workers(1, wanted={MIRROR!r})
    workers.warm()
    print(workers.engine, workers.method)
    workers.close()
"""
LONGEST = 103 - len("/pymp-12345678/listener-12345678")
"""Bytes of a folder below which Python's fork server can have its socket on macOS: its names
have at most 103 bytes."""


@pytest.mark.parametrize(
    ("length", "method"), [(LONGEST, "forkserver"), (LONGEST + 1, "spawn"), (200, "spawn")]
)
def test_the_engine_starts_below_a_folder_of_any_length(
    tmp_path: Path, length: int, method: str
) -> None:
    folder = Path(f"/tmp/{tmp_path.name}-{length}-".ljust(length, "x"))  # noqa: S108 - pytest's own is too long
    folder.mkdir()
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, str(program)],
            env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        folder.rmdir()
    assert done.stdout.split() == [MIRROR, method], done.stderr
