"""A guard of a test's event loop: the bot may neither compute nor touch files on it.

A callback's processor time is measured, not its duration, since the machine's cores are shared.
Waits for the disk, a name server or a process are found by Python's audit events.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final, TypeAlias

Stack: TypeAlias = tuple[tuple[str, int, str], ...]
"""Files, lines and functions from the callback inwards."""

LIMIT_SECONDS: Final = 0.05
"""Processor time of one callback: a delay of an answer that no member notices."""
_SAMPLE_SECONDS: Final = 0.01
_OURS: Final = ("/bot/", "/cogs/", "/discord/")
"""Files of the bot and of the library that it runs on."""
_OTHERS: Final = ("/sandbox/", "/tests/", "/bench/")
"""Files of what shares the loop in tests only; a stack with one of them is not the bot's."""
_BLOCKING_EVENTS: Final = frozenset(
    {"open", "time.sleep", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen"}
)
ALLOWED: Final = {
    "importlib._bootstrap": "a module is imported once, most of them before the bot logs in",
    " _check_time_zone": "a time zone's few kilobytes are read once",
    " zone_info": "a time zone's few kilobytes are read once",
    "/linecache.py": "a traceback shows lines of source, whose files are read once each",
}
"""Parts of `file:line function` that may block, with the reason."""


@dataclass(slots=True)
class LoopGuard:
    """What blocked the loop, with the stacks that show where."""

    findings: list[str] = field(default_factory=list)
    _thread: int = field(default_factory=threading.get_ident)
    _started: float | None = None
    _samples: list[Stack] = field(default_factory=list)
    _collecting: float = 0.0
    _collected: float = 0.0

    @classmethod
    @contextmanager
    def watch(cls) -> Iterator[LoopGuard]:
        """Watch the callbacks of this thread's loop; raise `AssertionError` if any blocked it."""
        guard, done = cls(), threading.Event()
        sampler = threading.Thread(target=guard._sample, args=(done,), daemon=True)
        original = asyncio.Handle._run

        def run(handle: asyncio.Handle) -> None:
            guard._run_callback(handle, original)

        asyncio.Handle._run = run  # type: ignore[method-assign, assignment]
        gc.callbacks.append(guard._measure_collection)
        _AUDITED.append(guard)
        sampler.start()
        try:
            yield guard
        finally:
            asyncio.Handle._run = original  # type: ignore[method-assign]
            gc.callbacks.remove(guard._measure_collection)
            _AUDITED.remove(guard)
            done.set()
            sampler.join()
        assert not guard.findings, "the event loop was blocked:\n" + "\n".join(guard.findings)

    def _run_callback(self, handle: asyncio.Handle, run: Any) -> None:
        if threading.get_ident() != self._thread:
            run(handle)
            return
        self._samples, self._collected, self._started = [], 0.0, time.monotonic()
        before = time.thread_time()
        run(handle)
        used = time.thread_time() - before - self._collected
        self._started = None
        if used > LIMIT_SECONDS:
            stacks = [each for each in self._samples if _is_bots(each)]
            if stacks:
                self._add_finding(f"{used * 1000:.0f} ms of processor time", stacks[0])
            elif (
                not self._samples
            ):  # a single call without Python code, which no thread can look at
                self._judge_task(handle, used)

    def _judge_task(self, handle: asyncio.Handle, used: float) -> None:
        task = getattr(getattr(handle, "_callback", None), "__self__", None)
        code = getattr(task.get_coro(), "cr_code", None) if isinstance(task, asyncio.Task) else None
        if code is not None:
            stack = ((code.co_filename, code.co_firstlineno, code.co_name),)
            if _is_bots(stack):
                self._add_finding(f"{used * 1000:.0f} ms of processor time in one call", stack)

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """Look at an audit event of Python's while a callback of the bot runs."""
        if self._started is None or threading.get_ident() != self._thread:
            return
        stack = _extract_stack(sys._getframe(2))
        if _is_bots(stack):
            self._add_finding(f"{event} {args[0] if args else ''}", stack)

    def _add_finding(self, what: str, stack: Stack) -> None:
        lines = [f"{file}:{line} {function}" for file, line, function in stack]
        if not any(allowed in line for line in lines for allowed in ALLOWED):
            self.findings.append("\n    ".join([what, *lines]))

    def _measure_collection(self, phase: str, _: dict[str, int]) -> None:
        # a collection walks the objects of the whole test run, not those of the bot
        if threading.get_ident() != self._thread:
            return
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._collected += time.thread_time() - self._collecting

    def _sample(self, done: threading.Event) -> None:
        while not done.wait(_SAMPLE_SECONDS):
            started = self._started
            if started is None or time.monotonic() - started < _SAMPLE_SECONDS:
                continue
            frame = sys._current_frames().get(self._thread)
            if frame is not None and self._started == started:
                self._samples.append(_extract_stack(frame))


_AUDITED: Final[list[LoopGuard]] = []


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if event in _BLOCKING_EVENTS:
        for guard in _AUDITED:
            guard.audit(event, args)


sys.addaudithook(_audit)  # a hook stays for the life of a process


def _extract_stack(frame: FrameType | None) -> Stack:
    """Return the frames from the running callback to `frame`."""
    found = []
    while frame is not None and frame.f_code is not LoopGuard._run_callback.__code__:
        found.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return tuple(reversed(found))


def _is_bots(stack: Stack) -> bool:
    files = [file for file, _, _ in stack]
    is_shared = any(part in file for file in files for part in _OTHERS)
    return not is_shared and any(part in file for file in files for part in _OURS)
