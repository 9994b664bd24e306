"""XLSX: opened in a process of its own, whose rows come through a pipe."""

import json
import signal
import subprocess
import sys
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from strict_yaml import Problem, Problems
from tables.column import Limits
from tables.record import Record, Source

_ROOT = Path(__file__).resolve().parent.parent
_OUT_OF_MEMORY = 12  # tables/sandbox.py
# How the process ends: Rust aborts when it gets no memory; the kernel sends SIGXCPU, or SIGKILL when all are short.
_ENDINGS = {
    _OUT_OF_MEMORY: "tables.memory",
    -signal.SIGABRT: "tables.memory",
    -signal.SIGSEGV: "tables.memory",
    -signal.SIGKILL: "tables.memory",
    -signal.SIGXCPU: "tables.time",
}


def opened(path: Path, limits: Limits) -> Source:
    """The records of the first visible sheet.

    Raises `Problems` when the file must not be opened or cannot be read; `records` raise them when that shows later.
    """
    messages = _messages(path.resolve(), limits)
    head = next(messages)
    notes = tuple(Problem(**note) for note in head["notes"])
    return Source(_records(messages), head["total"], notes)


def _records(messages: Generator[Any, None, None]) -> Generator[Record, None, None]:
    try:
        for number, texts, kinds in messages:
            yield Record(number, number, texts, {int(position): kind for position, kind in kinds.items()})
    finally:
        messages.close()


def _messages(path: Path, limits: Limits) -> Generator[Any, None, None]:
    """What the process prints, without its last word. Raises `Problems` when it names some or ends without that."""
    with _started(path, limits) as process:
        assert process.stdout
        try:
            for message in map(json.loads, process.stdout):
                if isinstance(message, list) or "total" in message:
                    yield message
                elif "problems" in message:
                    raise Problems([Problem(**problem) for problem in message["problems"]])
                else:
                    return
        finally:
            process.kill()  # does nothing when it has ended
    raise Problems([Problem(path.name, 0, "", _ENDINGS.get(process.returncode, "tables.damaged"))])


def _started(path: Path, limits: Limits) -> "subprocess.Popen[bytes]":
    """The process, with an empty environment: it inherits neither a token nor the database's address."""
    command = [sys.executable, "-B", "-m", "tables.sandbox", str(path), json.dumps(asdict(limits))]
    return subprocess.Popen(  # noqa: S603  our own program, no shell
        command, cwd=_ROOT, env={}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
