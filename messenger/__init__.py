"""A messenger on this computer: the Bot API on localhost, and a page with members, staff and groups to try a bot with.

It knows nothing of the bot. `docs` of the ids of its demo people: `messenger.people`.
"""

from messenger.app import create_app
from messenger.server import build_server

__all__ = ["build_server", "create_app"]
