"""MP4 encoding by the operator's ffmpeg, if it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from bot.errors import ResultUnusable

_DEADLINE_SECONDS: Final = 8.0
"""Deadline of one encoding; two attempts fit a worker's time limit (`[images] worker_seconds`)."""
_MAX_BITS_PER_SECOND: Final = 6_000_000
"""Bits per second beyond which a film of this size looks no better."""
_TARGET_SHARE: Final = 0.85
"""Share of the size limit to aim at, as ffmpeg keeps the bit rate only on average."""


def find_encoder() -> Path | None:
    """Return the path of ffmpeg, or None if it isn't installed."""
    found = shutil.which("ffmpeg")
    return Path(found) if found else None


def encode_mp4(
    frames: Sequence[Image.Image], durations: Sequence[int], max_bytes: int, encoder: Path
) -> bytes:
    """Encode frames of one size with even sides as H.264, at a bit rate that fits `max_bytes`.

    `durations` are milliseconds, equal except for the first and the last, which may be longer.
    Raises `ResultUnusable` if the encoder fails or takes too long.
    """
    rate = min(_MAX_BITS_PER_SECOND, int(max_bytes * 8 * _TARGET_SHARE / (sum(durations) / 1000)))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as raw:
        # a file, not a pipe: writing to a pipe blocks forever if ffmpeg stops reading
        for frame in frames:
            raw.write(frame.tobytes())
        raw.seek(0)
        film = Path(folder, "film.mp4")
        command = _build_command(encoder, frames[0].size, durations, rate, film)
        try:
            subprocess.run(  # noqa: S603 - the operator's own ffmpeg, arguments are numbers
                command,
                stdin=raw,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=_DEADLINE_SECONDS,
                check=True,
            )
            return film.read_bytes()
        except subprocess.CalledProcessError as error:
            detail = error.stderr.decode(errors="replace")[-200:]
            raise ResultUnusable("no_encoder", detail) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ResultUnusable("no_encoder", type(error).__name__) from error


def _build_command(
    encoder: Path, size: tuple[int, int], durations: Sequence[int], rate: int, film: Path
) -> list[str]:
    each = durations[1]
    first, last = ((time - each) / 1000 for time in (durations[0], durations[-1]))
    # raw video has one frame rate; longer first and last frames are cloned
    hold = f"tpad=start_mode=clone:start_duration={first}:stop_mode=clone:stop_duration={last}"
    source = f"-f rawvideo -pix_fmt rgb24 -s {size[0]}x{size[1]} -framerate 1000/{each} -i pipe:0"
    coding = "-c:v libx264 -preset superfast -crf 20 -pix_fmt yuv420p -threads 2"
    cap = f"-maxrate {rate} -bufsize {rate} -an -map_metadata -1 -movflags +faststart -y"
    return [
        *(str(encoder), "-loglevel", "error", *source.split()),
        *("-vf", hold, *coding.split(), *cap.split(), str(film)),
    ]
