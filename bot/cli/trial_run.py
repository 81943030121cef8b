"""`expanse try`: expand one picture end to end on the sandbox."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from pydantic import BaseModel

from bot.cli.sandbox_client import CommandRefused, SandboxClient, build_file_option, open_sandbox
from bot.composition.app import App, open_app
from bot.domain.errors import ExpanseError
from bot.domain.ids import InteractionId
from bot.domain.job import Job, JobEvent, JobState
from bot.domain.money import ZERO, to_usd
from bot.images.pixel_diff import count_changed_pixels

_MEMBER: Final = "ana"
_READY_SECONDS: Final = 30.0
_LONGEST_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 1.0
_CONTAINER, _TEXT, _GALLERY = 17, 10, 12
"""Component types (Discord's API reference)."""


@dataclass(eq=False)
class TrialRefused(Exception):
    """The bot or Discord refused the command; nothing was paid."""

    code: str
    message: str


class TrialFailed(ExpanseError):
    """The run did not end with a delivered picture."""


class TrialOutcome(BaseModel):
    """The outcome of a run; sizes are [width, height] in pixels."""

    state: str
    job_id: str
    task_uuid: str
    asked: dict[str, int]
    rendered: dict[str, int]
    delivered: dict[str, int]
    rendered_size: tuple[int, int]
    seed_size: tuple[int, int]
    size: tuple[int, int]
    files: list[str]
    cost_usd: float
    quota: dict[str, int]
    message: dict[str, str]
    timings_ms: dict[str, float]
    original_changed_pixels: int


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A member's command with its options and picture, and the folder for the results."""

    command: str
    options: Mapping[str, Any]
    image: Path
    out: Path


async def run_trial(request: TrialRequest) -> TrialOutcome:
    """Start sandbox and bot, send the command as a member, and save the posted files.

    Raises `TrialRefused` or `TrialFailed`.
    """
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder {request.out} can't be used ({error.strerror})."
        raise TrialRefused("bad_folder", msg) from None
    with tempfile.TemporaryDirectory(prefix="expanse-try-") as folder:
        async with (
            open_sandbox() as sandbox,
            SandboxClient.open(sandbox.discord.control) as client,
            open_app(sandbox.build_settings(Path(folder))) as app,
        ):
            running = asyncio.create_task(app.run(), name="bot")
            try:
                return await _run_command(app, running, client, request)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def _run_command(
    app: App, running: asyncio.Task[None], client: SandboxClient, request: TrialRequest
) -> TrialOutcome:
    await _wait_until_ready(running, client)
    image = await asyncio.to_thread(build_file_option, request.image)
    options = {**request.options, "image": image}
    try:
        interaction = await client.invoke_command(_MEMBER, request.command, options)
    except CommandRefused as refused:
        raise TrialRefused(refused.code, refused.message) from None
    async with asyncio.timeout(_LONGEST_SECONDS):
        job, record = await _wait_for_end(app, client, interaction)
    message = _find_posted_message(record)
    if job is None or job.state is not JobState.SETTLED or message is None:
        raise await _build_failure(app, job, record)
    files = await _save_files(client, message, request.out)
    return await _build_outcome(app, job, record, message, files)


async def _wait_until_ready(running: asyncio.Task[None], client: SandboxClient) -> None:
    """Wait until the bot is ready; raise the error that stopped it otherwise."""
    asking = asyncio.create_task(client.wait_until_ready(_READY_SECONDS))
    done, _ = await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED)
    if running in done:
        asking.cancel()
        running.result()
    if not await asking:
        raise TrialFailed("The bot didn't start in time.")


async def _wait_for_end(
    app: App, client: SandboxClient, interaction: str
) -> tuple[Job | None, dict[str, Any]]:
    """Follow the interaction until its job has ended or it was answered without one."""
    since = 0
    while True:
        record = await client.fetch_interaction(interaction, since=since, wait=_POLL_SECONDS)
        since = record["version"]
        job = await app.core.jobs.find_by_interaction(InteractionId(int(interaction)))
        answered = record["state"] == "failed" or record["message"] is not None
        if job is None and answered:
            return None, record
        if job is not None and (job.has_ended or job.state is JobState.PARKED):
            # again, because the answer may have been edited since the job was read
            return job, await client.fetch_interaction(interaction, since=0, wait=0)


async def _build_failure(
    app: App, job: Job | None, record: Mapping[str, Any]
) -> TrialRefused | TrialFailed:
    """Return a refusal if nothing was paid, or a failure otherwise."""
    if record["state"] == "failed":
        return TrialFailed("The bot didn't answer the command in time.")
    lines = [line for text in _list_texts(record["message"]) for line in text.splitlines()]
    words = " ".join(line for line in lines if not line.startswith(("#", "-#")))
    code = next((line.split()[2] for line in lines if line.startswith("-# code ")), "unknown")
    if job is None:
        return TrialRefused(code, words)
    events = await app.core.jobs.list_events(job.id)
    if events[-1].source is JobState.RESERVED:
        return TrialRefused(job.failure, words)
    return TrialFailed(f"Job {job.id} ended as {job.state} ({job.failure}): {words}")


async def _save_files(
    client: SandboxClient, message: Mapping[str, Any], out: Path
) -> dict[Path, bytes]:
    files = {}
    for url in _list_media_urls(message):
        path = out / Path(urlsplit(url).path).name
        files[path] = await client.fetch_file(url)
        await asyncio.to_thread(path.write_bytes, files[path])
    return files


async def _build_outcome(
    app: App,
    job: Job,
    record: Mapping[str, Any],
    message: Mapping[str, Any],
    files: Mapping[Path, bytes],
) -> TrialOutcome:
    plan = job.prepared_plan
    usage = await app.core.quotas.get_job_usage(job)
    seed = app.core.files.get_path(job.stored_seed)
    changed = [
        await asyncio.to_thread(count_changed_pixels, seed, data, plan.delivered)
        for data in files.values()
    ]
    return TrialOutcome(
        state=job.state,
        job_id=job.id,
        task_uuid=str(job.task_uuid),
        asked=asdict(plan.asked),
        rendered=asdict(plan.rendered),
        delivered=asdict(plan.delivered),
        rendered_size=(plan.rendered_canvas.width, plan.rendered_canvas.height),
        seed_size=(plan.seed.width, plan.seed.height),
        size=(plan.canvas.width, plan.canvas.height),
        files=[str(path) for path in files],
        cost_usd=float(to_usd(job.cost or ZERO)),
        quota={"used": usage.used, "limit": usage.limit},
        message={"channel_id": message["channel_id"], "id": message["id"]},
        timings_ms=_compute_timings(await app.core.jobs.list_events(job.id), record["ack_ms"]),
        original_changed_pixels=max(changed),
    )


def _compute_timings(events: Sequence[JobEvent], ack_ms: float) -> dict[str, float]:
    at = {event.target: event.at for event in events}

    def between(source: JobState, target: JobState) -> float:
        return round((at[target] - at[source]).total_seconds() * 1000, 1)

    return {
        "ack": round(ack_ms, 1),
        "prepare": between(JobState.RESERVED, JobState.PREPARED),
        "provider": between(JobState.PREPARED, JobState.RENDERED),
        "store": between(JobState.RENDERED, JobState.STORED),
        "deliver": between(JobState.STORED, JobState.DELIVERED),
        "total": between(JobState.RESERVED, JobState.DELIVERED),
    }


def _find_posted_message(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first message with pictures: the reply, a follow-up or one in the channel."""
    for message in (record["message"], *record["followups"], *record["channel_messages"]):
        if message is not None and _list_media_urls(message):
            return cast("Mapping[str, Any]", message)
    return None


def _list_parts(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in message.get("components", []):
        if component["type"] == _CONTAINER:
            yield from component["components"]


def _list_media_urls(message: Mapping[str, Any]) -> list[str]:
    galleries = (part for part in _list_parts(message) if part["type"] == _GALLERY)
    return [item["media"]["url"] for gallery in galleries for item in gallery["items"]]


def _list_texts(message: Mapping[str, Any]) -> list[str]:
    return [part["content"] for part in _list_parts(message) if part["type"] == _TEXT]
