"""Compile numeric kernels ahead of their first call, and run them over bands of rows."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Final, TypeVar, cast

import numba
from numba import typeof

KernelT = TypeVar("KernelT", bound=Callable[..., Any])

MOST_THREADS: Final = 4
BANDS: Final = 4
"""Bands per thread: neighbouring bands take unequal time."""
SMALL: Final = 48
"""Rows below which one thread is faster than several; measured for the prototype."""


def compile_device(function: KernelT) -> KernelT:
    """Compile a function that only kernels call."""
    return cast("KernelT", numba.njit(nogil=True, inline="always")(function))


def compile_kernel(*examples: Any) -> Callable[[KernelT], KernelT]:
    """Compile a kernel `(first row, end row, *arguments)` at import, for arguments like `examples`.

    Compiled code is cached on disk, so only the first import on a machine is slow. Workers are
    forked from a process that has imported everything. Without a writable folder, nothing is
    cached.
    """
    kinds = [typeof(each) for each in examples]  # type: ignore[no-untyped-call] # numba's own gap
    signature = numba.void(numba.int64, numba.int64, *kinds)

    def compile_now(function: KernelT) -> KernelT:
        try:
            compiled = numba.njit(signature, nogil=True, cache=True)(function)
        except RuntimeError:  # "no locator available": nowhere to keep it
            compiled = numba.njit(signature, nogil=True)(function)
        return cast("KernelT", compiled)

    return compile_now


def over_rows(run: Callable[..., None], rows: int, *arguments: Any) -> None:
    """Call a kernel for bands that cover `rows`; bands must not read what others write."""
    count = _threads.count
    if rows < SMALL or count == 1:
        run(0, rows, *arguments)
        return
    edges = [rows * part // (count * BANDS) for part in range(count * BANDS + 1)]
    pool = _pool(count)
    bands = [pool.submit(run, first, end, *arguments) for first, end in pairwise(edges)]
    for band in bands:
        band.result()


@dataclass(slots=True)
class _Threads:
    count: int = max(1, min(MOST_THREADS, os.cpu_count() or 1))


_threads: Final = _Threads()


def use_threads(count: int) -> None:
    """Run kernels on `count` threads of this process from now on; the bytes do not depend on it."""
    _threads.count = count


def count_threads() -> int:
    return _threads.count


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    # Own threads: numba's default threading layer must not be entered concurrently.
    return ThreadPoolExecutor(count, "engine")
