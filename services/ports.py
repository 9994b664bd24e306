"""What services want from the world outside; `adapters` provide it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Subject(StrEnum):
    """What an e-mail is about."""

    LINKED = "linked"  # the membership was linked to a Telegram account


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail to a member. The address is sealed until it is sent."""

    id: str  # the same when it is sent once more
    address_sealed: str = field(repr=False)  # the field members.email
    subject: Subject
    language: str
    on: date  # when it happened
    sent_at: datetime


class MailFate(StrEnum):
    """What became of an e-mail."""

    ACCEPTED = "accepted"  # by the mail server, which answers for the rest
    REFUSED = "refused"  # for good: this address, or this e-mail
    NOT_SENT = "not-sent"  # surely not accepted: try this one again
    NO_SERVER = "no-server"  # the server cannot be used: none can be sent now
    UNKNOWN = "unknown"  # may have been accepted


class MailPort(Protocol):
    async def send(self, mail: Mail) -> MailFate:
        """Hands one e-mail to the mail server, once."""
