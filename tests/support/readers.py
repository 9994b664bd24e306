"""Libraries whose reading does harm, and processes as the system tells of them."""

import dataclasses
import os
import signal
import time
from pathlib import Path

DEADLY, ENDLESS, BROKEN = "deadly", "endless", "broken"


class Harmful:
    """A matcher that does with some words what a bug in a library of C could do. `allows` hears of each text first."""

    def __init__(self, matcher, allows=lambda text: None):
        self._matcher, self._allows = matcher, allows

    def __getattr__(self, name):
        return getattr(self._matcher, name)

    def read(self, text):
        self._allows(text)
        if DEADLY in text:
            os.kill(os.getpid(), signal.SIGSEGV)
        if ENDLESS in text:
            time.sleep(60)
        if BROKEN in text:
            raise ValueError(text)
        return self._matcher.read(text)


def harmful(library, allows=lambda text: None):
    return dataclasses.replace(library, matcher=Harmful(library.matcher, allows))


def is_there(process):
    """Whether there is such a process, other than what is left of a dead one."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def children(process):
    """The processes that a process has begun, dead ones that it has not taken note of among them."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            found.add(int(path.parent.name))
    return found
