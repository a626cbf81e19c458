"""What a serving process keeps in memory, and what it need not look through."""

from __future__ import annotations

import contextlib
import ctypes
import gc

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # <malloc.h>
_KEPT, _LARGE = 32 << 20, 1 << 20  # bytes
_NEW, _GENERATIONS = 10_000, 20


def return_large_blocks() -> None:
    """Have glibc give large blocks back to the system when they are freed: by itself it would keep the 19 MiB that a
    password's hash takes, for good. What is small it keeps, as it would. Does nothing where the C library is another.
    """
    with contextlib.suppress(AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_M_TRIM_THRESHOLD, _KEPT)


def settle() -> None:
    """What has been made by now lives until the end: the collector leaves it alone, and looks at what requests leave
    behind less often, who make few cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW, _GENERATIONS, _GENERATIONS)
