"""Logging that cannot leak: no token in any line, whoever wrote it, and no member's words.

A filter on our own logger would not do: httpx logs the whole address of a call, with the token in it, and a traceback
repeats whatever an exception carried. The filter therefore sits on the root's handlers, where every record of every
library passes, and works on the finished line: message, arguments and traceback together.
"""

import logging
import re
from collections.abc import Iterable
from typing import TextIO

TOKEN = re.compile(r"(?<![0-9])[0-9]{6,12}(:|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
HIDDEN = "[token]"
# These name the address of every call, or whole updates with members' words, below WARNING.
QUIET = ("httpx", "httpcore", "aiohttp", "telegram", "apscheduler", "watchfiles", "uvicorn", "asyncio", "alembic")


class HideSecrets(logging.Filter):
    """Replaces tokens, by their shape or because they are known, in everything a record will print."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return TOKEN.sub(HIDDEN, text)

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  a record whose arguments do not fit must neither raise nor be lost
            message = f"{record.msg!s} {record.args!r}"
        record.msg, record.args = self.hide(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self.hide(record.exc_text)
        if record.stack_info:
            record.stack_info = self.hide(record.stack_info)
        return True


def set_up(secrets: Iterable[str] = (), *, stream: TextIO | None = None, level: int = logging.INFO) -> logging.Handler:
    """Sends the root logger to one handler that hides secrets, and quiets the libraries that would print them.

    Returns the handler, so that a test can take it off again.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%H:%M:%S"))
    handler.addFilter(HideSecrets(secrets))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler
