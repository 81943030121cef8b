"""Compile numeric kernels ahead of their first call, and run them over bands of rows."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any, Final, TypeVar

import numba

KernelT = TypeVar("KernelT", bound=Callable[..., Any])

THREADS: Final = max(1, min(4, os.cpu_count() or 1))
BANDS: Final = 4
"""Bands per thread: neighbouring bands take unequal time."""
SMALL: Final = 48
"""Rows below which one thread is faster than several; measured for the prototype."""


def device(function: KernelT) -> KernelT:
    """Compile a function that only kernels call."""
    compiled: KernelT = numba.njit(nogil=True, inline="always")(function)
    return compiled


def kernel(*examples: Any) -> Callable[[KernelT], KernelT]:
    """Compile a kernel `(first row, end row, *arguments)` at import, for arguments like `examples`.

    What was compiled is kept on disk, so only the first import on a machine takes its time. Workers
    are forked from a process that has imported it all. Where no folder is writable nothing is kept.
    """
    signature = numba.void(numba.int64, numba.int64, *(numba.typeof(each) for each in examples))

    def compile_now(function: KernelT) -> KernelT:
        try:
            compiled: KernelT = numba.njit(signature, nogil=True, cache=True)(function)
        except RuntimeError:  # "no locator available": nowhere to keep it
            compiled = numba.njit(signature, nogil=True)(function)
        return compiled

    return compile_now


def over_rows(run: Callable[..., None], rows: int, *arguments: Any, threads: int = THREADS) -> None:
    """Call a kernel for bands that cover `rows`; bands must not read what others write."""
    if rows < SMALL or threads == 1:
        run(0, rows, *arguments)
        return
    count = threads * BANDS
    edges = [rows * part // count for part in range(count + 1)]
    bands = [_pool(threads).submit(run, first, end, *arguments) for first, end in pairwise(edges)]
    for band in bands:
        band.result()


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    # Own threads and not numba's: its default threading layer must not be entered twice at once.
    return ThreadPoolExecutor(threads, "engine")
