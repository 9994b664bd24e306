"""Tells systemd how the program is: ready, alive, stopping.

The protocol is one datagram (man 3 sd_notify, "Standalone implementations"), so ten lines and no package: sdnotify
had its last release years ago, and cysystemd ties the program to one build of libsystemd.
"""

import contextlib
import socket
from collections.abc import Mapping

MICROSECONDS = 1_000_000


class Systemd:
    """The service manager that started this process; nothing is sent where there is none."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        allowed = environment.get("WATCHDOG_USEC", "")
        self.alive_every: float | None = int(allowed) / MICROSECONDS / 2 if allowed.isdigit() and int(allowed) else None
        """Seconds between two signs of life, half of what systemd waits; None: it does not watch."""

    def ready(self) -> None:
        self._tell("READY=1")

    def starting(self, seconds: float) -> None:
        """The start takes so long again at most."""
        self._tell(f"EXTEND_TIMEOUT_USEC={int(seconds * MICROSECONDS)}")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.setblocking(False)  # a manager that does not read must not hold the program
            end.sendto(state.encode(), self._address)
