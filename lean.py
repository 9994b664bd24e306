"""What keeps the running program small. Imported before all else: most of it counts only while libraries are loaded."""

import contextlib
import ctypes
import gc
import os
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h
# Bytes. Nothing that one question needs is as large: a block of its own costs the kernel as much time as the answer.
_LARGE = 1 << 21

# The matrices here are small: several threads for one of them cost more than they bring, and memory for every core.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# PTB loads httpx, and httpx its own command line with a highlighter for all languages where it finds one.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


def tune_allocator() -> None:
    """Tells glibc to give large blocks back when they are freed, and to share one pool between threads.

    Otherwise what a reload needed for a moment stays with the process. Does nothing where there is another allocator.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE)
        mallopt(_M_ARENA_MAX, 1)


def trim() -> None:
    """Gives back what is free at this moment, after something large was built or taken apart.

    What is left stays for long. So that no answer waits 50 ms and more while Python looks through all of it for cycles,
    it does so here, and from then on looks through what is newer only.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
