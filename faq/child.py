"""A process that reads questions for the program: forked from it, with nothing of it open but a socket and the log.

It answers over that socket, in order, until that is closed. Its end is never an order by signal: when the program ends,
in whatever way, the socket is closed. It uses only the library, but its memory is a copy of the program's, keys too: it
is no wall around what is secret, and leaves no core file.
"""

import contextlib
import gc
import itertools
import os
import resource
import signal
import socket
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from faq import wire
from faq.library import Library
from faq.match import Reading

NAME = "auskunft-reader"  # in `ps`; Linux keeps fifteen letters
LONGEST = 5  # seconds for one question; what takes longer would never end
_ENDS = (signal.SIGINT, signal.SIGTERM)  # meant for the program, which ends what it has begun
_SOCKET = 3  # the first descriptor after those that every process has
_AT_ONCE = 1 << 16
_DESCRIPTORS = 1 << 20  # more than are ever open; in a container a thousand millions may be
_KILLED_FIRST = "1000"  # proc(5), oom_score_adj: where memory is short, the program can do without this process

IS_POSSIBLE = sys.platform == "linux"  # macOS: its own libraries may crash in a child that goes on without an exec


def fork(library: Library) -> tuple[int, socket.socket]:
    """Begins a process that reads by this library: its id, and the socket where it is asked.

    Any thread may do this. Raises OSError where there cannot be another process.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # the program's handlers are not for its child
        try:
            process = _forked()
            if process == 0:
                _live(theirs, library)
        except OSError:
            ours.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process, ours


def _forked() -> int:
    """As `os.fork` says it. Python 3.12 warns when there are threads; what they hold, decision 18 speaks of."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"This process .* is multi-threaded", DeprecationWarning)
        return os.fork()


def _live(end: socket.socket, library: Library) -> NoReturn:
    """The child's whole life. Nothing of what the program does at its end is done here."""
    status = 1
    try:
        with contextlib.suppress(ConnectionError):  # the program is gone
            serve(_alone_with(end), library)
        status = 0
    except BaseException as error:  # noqa: BLE001  it ends here; what an error says may be a member's words
        os.write(2, f"{NAME}: {type(error).__name__}\n".encode())
    finally:
        os._exit(status)


def _alone_with(end: socket.socket) -> socket.socket:
    """Lets go of everything of the program's but the socket and the log: a copy that stays open keeps it open."""
    signal.set_wakeup_fd(-1)
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.dup2(end.fileno(), _SOCKET)
    os.closerange(_SOCKET + 1, _DESCRIPTORS)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name, value in (("comm", NAME), ("oom_score_adj", _KILLED_FIRST)):
        with contextlib.suppress(OSError):
            Path("/proc/self", name).write_text(value, encoding="ascii")
    gc.freeze()  # looking through what is shared would copy it
    return socket.socket(fileno=_SOCKET)


def serve(end: socket.socket, library: Library) -> None:
    """Answers each question as soon as it is read, until the other end is closed.

    It begins with a title, unasked, and so shows that it can. What takes too long ends the process: nothing else could
    interrupt it, least of all when the program is gone meanwhile.
    """
    title = next((entry.wording("de").title for entry in library.store.entries.values()), "")
    for content in itertools.chain([wire.of_text(title)], _heard(end)):
        signal.alarm(LONGEST)
        answer = wire.of_reading(_read(library, wire.to_text(content)))
        signal.alarm(0)
        end.sendall(wire.framed(answer))


def _heard(end: socket.socket) -> Iterator[bytes]:
    heard = bytearray()
    while content := end.recv(_AT_ONCE):
        heard += content
        yield from wire.frames(heard)


def _read(library: Library, text: str) -> Reading | None:
    """None for what breaks: the program reads it itself and tells where."""
    try:
        return library.read(text)
    except Exception:  # noqa: BLE001
        return None
