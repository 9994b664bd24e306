"""What systemd hears, at its own socket."""

import socket

import pytest

from adapters.systemd import Systemd


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A socket as systemd gives it to a service, and its name in the environment."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@auskunft-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name.startswith("@") else name)
        listening.setblocking(False)
        yield listening, name


def test_it_hears_each_state(manager):
    listening, name = manager
    systemd = Systemd({"NOTIFY_SOCKET": name})
    for tell in (systemd.ready, systemd.alive, systemd.stopping, lambda: systemd.starting(90.0)):
        tell()
    heard = [listening.recv(100) for _ in range(4)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1", b"EXTEND_TIMEOUT_USEC=90000000"]


def test_a_manager_that_does_not_read_holds_nothing(manager):
    _, name = manager
    systemd = Systemd({"NOTIFY_SOCKET": name})
    for _ in range(5000):  # more than its queue takes
        systemd.alive()


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_without_one_nothing_happens(environment):
    Systemd(environment).ready()


@pytest.mark.parametrize(
    ("allowed", "every"), [("30000000", 15.0), ("1000000", 0.5), ("", None), ("0", None), ("often", None)]
)
def test_a_sign_of_life_comes_twice_as_often_as_is_asked(allowed, every):
    assert Systemd({"WATCHDOG_USEC": allowed}).alive_every == every
