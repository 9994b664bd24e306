"""python -m messenger --port 8080 --folder var/messenger [--token 123:abc]"""

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path

from messenger import build_server, create_app
from messenger.people import DEMO_TOKEN


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m messenger", description="A Bot API and its chats on this computer")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--folder", type=Path, required=True, help="where the chats are kept; created when missing")
    parser.add_argument("--token", help="the bot's token; without it MESSENGER_TOKEN or that of the demonstration")
    parser.add_argument("--bot-username", default="auskunft_bot")
    arguments = parser.parse_args()
    token = arguments.token or os.environ.get("MESSENGER_TOKEN") or DEMO_TOKEN
    try:
        app = create_app(token=token, folder=arguments.folder, bot_username=arguments.bot_username)
    except ValueError as error:
        sys.exit(f"messenger: {error}")
    root = f"http://127.0.0.1:{arguments.port}"
    print(f"Chats: {root}/   Bot API: {root}/bot<token>/", flush=True)  # noqa: T201
    with suppress(KeyboardInterrupt):
        build_server(app, port=arguments.port, alone=True).run()


if __name__ == "__main__":
    main()
