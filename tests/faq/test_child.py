"""The process that reads: it answers as the library does, has nothing else open, and ends with its socket."""

import contextlib
import os
import resource
import signal
import socket
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from faq import child, vocabulary, wire
from tests.support.readers import BROKEN, ENDLESS, harmful, is_there

BOUND = 5.0  # seconds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


class Asking:
    """One process, asked in turn. It has said its first word."""

    def __init__(self, library):
        self.process, self.end = child.fork(library)
        self.end.settimeout(BOUND)
        self._heard = bytearray()
        self.first = self.hear()

    def hear(self):
        while True:
            for content in wire.frames(self._heard):
                return wire.to_reading(content)
            content = self.end.recv(1 << 16)
            if not content:
                raise EOFError
            self._heard += content

    def put(self, text):
        self.end.sendall(wire.framed(wire.of_text(text)))

    def ask(self, text):
        self.put(text)
        return self.hear()

    def gone(self):
        """Its exit code, once it has ended."""
        until = time.monotonic() + BOUND
        while (found := os.waitpid(self.process, os.WNOHANG)) == (0, 0):
            assert time.monotonic() < until
            time.sleep(0.01)
        return os.waitstatus_to_exitcode(found[1])


@pytest.fixture
def begin():
    begun = []

    def begin(library):
        begun.append(Asking(library))
        return begun[-1]

    yield begin
    for one in begun:
        one.end.close()
        with contextlib.suppress(ChildProcessError, ProcessLookupError):
            os.kill(one.process, signal.SIGKILL)
            os.waitpid(one.process, 0)


def test_it_reads_as_the_library_does(begin, shipped):
    asking = begin(shipped)
    assert asking.first == shipped.read(next(iter(shipped.store.entries.values())).de.title)
    for text in ("pin sicher?", "", "\ud83d", "Welche Daten sind weg? Und was mache ich jetzt?", "x" * 4096):
        assert asking.ask(text) == shipped.read(text)


def test_what_waits_is_answered_in_order(begin, shipped):
    asking, texts = begin(shipped), ["pin sicher?", "karte sperren", "hotline"] * 30
    for text in texts:
        asking.put(text)
    assert [asking.hear() for _ in texts] == [shipped.read(text) for text in texts]


def test_what_breaks_is_answered_with_nothing(begin, shipped):
    asking = begin(harmful(shipped))
    assert asking.ask(BROKEN) is None
    assert asking.ask("pin sicher?") == shipped.read("pin sicher?")


def test_it_has_nothing_of_the_program_but_its_socket_and_the_log(begin, shipped, tmp_path):
    with (tmp_path / "database").open("w"), socket.create_server(("127.0.0.1", 0)) as server:
        asking = begin(shipped)
        folder = Path(f"/proc/{asking.process}/fd")
        held = {int(path.name): str(path.readlink()) for path in folder.iterdir()}
        assert server.fileno() > 2
    assert set(held) == {0, 1, 2, 3}
    assert (held[0], held[1], held[2]) == ("/dev/null", "/dev/null", str(Path("/proc/self/fd/2").readlink()))
    assert held[3].startswith("socket:")
    assert Path(f"/proc/{asking.process}/comm").read_text(encoding="ascii").strip() == child.NAME


def test_it_goes_first_where_memory_is_short_and_leaves_no_core_file(begin, shipped):
    asking = begin(shipped)
    assert Path(f"/proc/{asking.process}/oom_score_adj").read_text(encoding="ascii").strip() == "1000"
    assert resource.prlimit(asking.process, resource.RLIMIT_CORE) == (0, 0)


def test_a_warning_of_threads_is_no_reason_not_to_fork(begin, shipped, monkeypatch):
    """As Python 3.12 says it; in tests a warning is an error."""
    real = os.fork

    def warns():
        text = f"This process (pid={os.getpid()}) is multi-threaded, use of fork() may lead to deadlocks in the child."
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        return real()

    monkeypatch.setattr(os, "fork", warns)
    assert begin(shipped).ask("hotline") == shipped.read("hotline")


def test_it_ends_with_its_socket_also_beside_another_one(begin, shipped):
    one, other = begin(shipped), begin(shipped)  # the other one was forked while this one's socket was open
    one.end.close()
    assert one.gone() == 0
    assert other.ask("hotline") == shipped.read("hotline")


def test_a_stop_of_the_program_is_not_for_it(begin, shipped):
    asking = begin(shipped)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(asking.process, number)
    assert asking.ask("pin sicher?") == shipped.read("pin sicher?")


def test_what_never_ends_is_ended_also_without_the_program(begin, shipped, monkeypatch):
    monkeypatch.setattr(child, "LONGEST", 1)
    asking = begin(harmful(shipped))
    asking.put(ENDLESS)
    asking.end.close()
    assert is_there(asking.process)
    assert asking.gone() == -signal.SIGALRM


def test_what_another_thread_holds_does_not_hold_it(begin, shipped):
    """A word that the store does not know is stemmed, by one thread at a time."""
    stop = threading.Event()

    def stems():
        while not stop.is_set():
            vocabulary._stems(["Kartenlesegeräte"] * 200, "de")

    threads = [threading.Thread(target=stems) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            asking = begin(shipped)
            assert asking.ask("Quarzuhrwerken verlegt") == shipped.read("Quarzuhrwerken verlegt")
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_where_there_cannot_be_a_process_nothing_is_left(shipped, monkeypatch):
    def refuses():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuses)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="unavailable"):
        child.fork(shipped)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()
