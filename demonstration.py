"""The demonstration: the messenger on this computer stands in for Telegram, with invented members."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from functools import partial

from building import LANGUAGE, CannotStart, Program
from config.staff import Staff, StaffMember
from settings import Settings
from texts import Texts

LOCAL_TOKEN = "1000000001:LocalMessengerOnThisComputerOnly00001"  # noqa: S105  opens nothing but the local messenger


def demonstrate(program: Program) -> None:
    """The demonstration's members, lists and letters, at the first start; later they are kept."""
    from demo import make_demo  # noqa: PLC0415  with a token nothing is demonstrated or printed
    from demo_letters import make_demo_letters  # noqa: PLC0415
    from services.printrun import Press  # noqa: PLC0415

    settings, desk = program.settings, program.desk
    make_demo(program.database, desk)
    press = Press.of(settings.config, settings.config_path.parent)
    make_demo_letters(program.database, desk, press, settings.home / "demo", desk.clock())


def with_demo_staff(settings: Settings) -> Settings:
    """The settings with the local messenger's people as staff: two admins for what takes two, and an agent.

    Herr Vogt is in the group without a role: an admin gives him one with /rollen.
    """
    from messenger.people import KELLER, LANG, SOMMER, STAFF_GROUP  # noqa: PLC0415  with a token: no messenger

    members = (
        StaffMember(id=SOMMER, role="admin", name="Frau Sommer"),
        StaffMember(id=KELLER, role="admin", name="Herr Keller"),
        StaffMember(id=LANG, role="agent", name="Frau Lang"),
    )
    config = settings.config.model_copy(update={"staff": Staff(chat=STAFF_GROUP, members=members)})
    return settings.model_copy(update={"config": config})


@contextlib.asynccontextmanager
async def local_messenger(settings: Settings, texts: Texts) -> AsyncIterator[str]:
    """The messenger on this computer, at the address that comes back. Raises CannotStart when its port is taken."""
    from demo_handouts import handouts  # noqa: PLC0415  with a token there is no messenger to load
    from messenger import build_server, create_app  # noqa: PLC0415

    port = settings.config.messenger.port
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(texts.say_plain("console.port-taken", LANGUAGE, port=port)) from error
    letters = partial(handouts, settings.home / "demo", texts)
    app = create_app(token=LOCAL_TOKEN, folder=settings.home / "messenger", handouts=letters)
    server = build_server(app, port=port)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
        if serving.done():
            await serving
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving
