"""The program's commands, as a user runs them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.app_fixture import draw_photograph

SHAPE = {
    "state", "job_id", "task_uuid", "asked", "rendered", "delivered", "rendered_size", "seed_size",
    "size", "files", "cost_usd", "quota", "message", "timings_ms", "original_changed_pixels",
}  # fmt: skip


async def run_expanse(*words: str) -> tuple[int, dict[str, Any]]:
    """Run a command to its end and return its exit code and the JSON it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 55)
    assert process.returncode is not None
    return process.returncode, json.loads(out)


async def test_try_shows_one_run_of_the_main_job_whole(tmp_path: Path) -> None:
    draw_photograph().save(tmp_path / "photo.png")
    code, outcome = await run_expanse(
        "try", str(tmp_path / "photo.png"), "--pixels", "100", "--out", str(tmp_path), "--json"
    )
    assert code == 0
    assert outcome.keys() == SHAPE
    assert (
        outcome["asked"] == outcome["delivered"] == {"top": 0, "right": 100, "bottom": 0, "left": 0}
    )
    assert (outcome["rendered"]["right"], outcome["rendered_size"]) == (128, [448, 240])
    assert (outcome["seed_size"], outcome["size"]) == ([320, 240], [420, 240])
    assert (outcome["state"], outcome["cost_usd"]) == ("settled", 0.05)
    assert outcome["quota"] == {"used": 1, "limit": 20}
    assert outcome["original_changed_pixels"] == 0
    assert set(outcome["timings_ms"]) == {"ack", "prepare", "provider", "store", "deliver", "total"}
    with Image.open(outcome["files"][0]) as posted:
        assert posted.size == (420, 240)


async def test_try_tells_a_refusal_from_a_failure(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("not a picture")
    code, refusal = await run_expanse("try", str(tmp_path / "words.txt"), "--json")
    assert code == 2
    assert refusal["error"]["code"] == "not_an_image"
    assert "Nothing was charged" in refusal["error"]["message"]
    code, refusal = await run_expanse("try", str(tmp_path / "nothing.png"), "--json")
    assert (code, refusal["error"]["code"]) == (2, "no_such_file")


async def test_the_sandbox_prints_its_addresses_and_ends_when_asked() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--json"), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    where = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    assert where["discord"].keys() == {
        "api_base", "gateway_url", "cdn_base", "token", "page", "control",
    }  # fmt: skip
    assert where["runware"].keys() == {"base_url", "ws_url", "api_key", "control"}
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 15) == 0
