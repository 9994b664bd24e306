"""`mail`: the server that e-mails to members go to."""

import re
from typing import Literal, Self

from pydantic import model_validator

from config.base import Port, Strict


class Mail(Strict):
    """The mail server; no host, no e-mails."""

    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.host and not re.fullmatch(r"[!-~]+@[A-Za-z0-9.-]+", self.sender):
            message = "sender fehlt oder ist keine E-Mail-Adresse. Ohne Mailserver bleibt host leer."
            raise ValueError(message)
        if self.host and self.security == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            message = "security: none geht nur mit einem Mailserver auf diesem Computer; sonst liest jeder mit."
            raise ValueError(message)
        return self
