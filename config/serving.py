"""`serving`: where Telegram reaches the program in webhook mode, and where it tells how it is."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from config.base import Port, Strict, Text

TELEGRAM_CALLS = (443, 80, 88, 8443)  # ports of a webhook


class Serving(Strict):
    """Where Telegram reaches the program in webhook mode, and where it tells how it is."""

    address: str = ""
    host: Text = "127.0.0.1"
    port: Port = 8443
    certificate: str = ""  # beside config.yaml
    key: str = ""
    self_signed: bool = False
    connections: Annotated[int, Field(ge=1, le=100)] = 40
    health_host: Text = "127.0.0.1"
    health_port: Annotated[int, Field(ge=0, le=65535)] = 0
    silence_seconds: Annotated[int, Field(ge=60, le=3600)] = 120
    outbox_seconds: Annotated[int, Field(ge=60, le=86400)] = 600

    @property
    def path(self) -> str:
        return urlsplit(self.address).path

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        """What Telegram calls: core.telegram.org/bots/api#setwebhook."""
        if not self.address:
            return self
        url = urlsplit(self.address)
        here = url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1")
        if not here and (url.scheme != "https" or not url.hostname or (url.port or 443) not in TELEGRAM_CALLS):
            message = "address muss mit https:// beginnen; Telegram ruft nur die Ports 443, 80, 88 und 8443."
            raise ValueError(message)
        if not re.fullmatch(r"/[A-Za-z0-9/_.-]+", url.path) or url.query or url.fragment or url.username:
            message = "address braucht nach dem Namen einen Pfad, zum Beispiel /telegram, und nichts dahinter."
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _certified(self) -> Self:
        if self.key and not self.certificate:
            message = "Zu key gehört certificate."
            raise ValueError(message)
        if self.certificate and not (self.key or self.self_signed):
            message = "certificate allein bewirkt nichts: Dazu gehört key, oder self_signed: true."
            raise ValueError(message)
        if self.self_signed and not self.certificate:
            message = "Zu self_signed gehört certificate: Telegram bekommt es, um die Verbindung zu prüfen."
            raise ValueError(message)
        return self
