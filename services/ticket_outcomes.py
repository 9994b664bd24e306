"""What the use cases of tickets return: to the member, and to staff. Plain facts, none of them an error."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from faq.entry import Language
from services.staff import NotAllowed

if TYPE_CHECKING:  # that module names these outcomes among its own
    from services.outcomes import Shown


class Matter(StrEnum):
    """Why a ticket was opened; all but a question are urgent."""

    QUESTION = "question"
    IMPOSTOR = "impostor"  # somebody poses as the association
    CRISIS = "crisis"
    THREAT = "threat"


class Line(StrEnum):
    """What staff are told about a ticket in its topic."""

    BLOCKED = "blocked"  # the member has blocked the bot
    REFUSED = "refused"  # Telegram did not take the answer
    FAILED = "failed"  # tried for a day
    UNKNOWN = "unknown"  # may have arrived
    EDIT_REFUSED = "edit-refused"
    ALARM = "alarm"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    REOPENED = "reopened"  # by the member
    CRISIS = "crisis"
    THREAT = "threat"


@dataclass(frozen=True, slots=True)
class Opening:
    """When somebody answers: in about so many minutes, or when the office opens again."""

    minutes: int | None
    opens_at: datetime | None  # in the office's zone; None when it never does
    asked_at: datetime


# ---- to the member


@dataclass(frozen=True, slots=True)
class HandOffAsked:
    """What happens with the next message. `question` names one that was not understood and may be passed on."""

    language: Language
    matter: Matter
    opening: Opening
    question: str | None = None


@dataclass(frozen=True, slots=True)
class TicketOpened:
    language: Language
    number: int
    matter: Matter
    opening: Opening
    urgent: "Shown | None" = None  # what must be read first


@dataclass(frozen=True, slots=True)
class TicketShown:
    """Where the chat's open ticket stands."""

    language: Language
    number: int
    taken_name: str | None
    opening: Opening
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A message went to the ticket. `noted`: the member is told in words; otherwise by a sign at the message."""

    language: Language
    number: int
    message: int
    noted: bool
    urgent: "Shown | None" = None


@dataclass(frozen=True, slots=True)
class NotPassedOn:
    """What must never be sent here was not given to staff; `kind`: pin, number, birth, code; or a kind of file."""

    language: Language
    number: int | None
    kind: str
    urgent: "Shown | None" = None  # what must be read first all the same

    @property
    def is_secret(self) -> bool:
        return self.kind in ("pin", "number", "birth", "code")


@dataclass(frozen=True, slots=True)
class WithdrawAsked:
    """The last message, or all of it?"""

    language: Language
    number: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    language: Language
    number: int
    whole: bool


@dataclass(frozen=True, slots=True)
class AsideBegun:
    """For so many minutes the member talks to the bot."""

    language: Language
    number: int
    minutes: int


MemberOutcome = (
    HandOffAsked | TicketOpened | TicketShown | PassedOn | NotPassedOn | WithdrawAsked | Withdrawn | AsideBegun
)


# ---- to staff


@dataclass(frozen=True, slots=True)
class NoTicket:
    """There is none with this number, or nothing can be done with it any more."""


@dataclass(frozen=True, slots=True)
class Note:
    """It stays in the topic."""


@dataclass(frozen=True, slots=True)
class Done:
    """The ticket's state changed; its head shows it."""

    number: int


@dataclass(frozen=True, slots=True)
class TakenBy:
    """Somebody else has it. `version` is that of the ticket now."""

    number: int
    name: str
    version: int
    was_answer: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """An answer is on its way to the member."""

    number: int
    message: int


@dataclass(frozen=True, slots=True)
class IsClosed:
    """The ticket is closed: nothing goes to the member."""

    number: int
    may_reopen: bool


@dataclass(frozen=True, slots=True)
class TooLong:
    """An answer may have so many characters."""

    most: int


@dataclass(frozen=True, slots=True)
class Unsuited:
    """Staff sent something that cannot be passed on."""


@dataclass(frozen=True, slots=True)
class NoCommand:
    """An answer that begins with a slash, as a command does, and is none."""


@dataclass(frozen=True, slots=True)
class FileStays:
    """Another file was put into an answer: the member still has the first one."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An answer is deleted at the member's. `done` is False when it is too old for that, or none.

    `sure` is False when it may have arrived without anybody knowing: such a copy nobody can delete.
    """

    done: bool
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Colleagues:
    """To whom a ticket can be handed: user id and name."""

    number: int
    found: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Templates:
    """Entries of the FAQ that could be sent: id and label."""

    number: int
    found: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open ticket, for the list."""

    number: int
    subject: str
    matter: Matter
    urgent: bool
    taken_name: str | None
    thread: int | None
    since: datetime | None  # None: nobody waits
    address: str = ""  # of the group in links, where it has one


@dataclass(frozen=True, slots=True)
class OpenTickets:
    found: tuple[Waiting, ...]
    now: datetime


StaffOutcome = (
    NotAllowed | NoTicket | Note | Done | TakenBy | Passed | IsClosed | TooLong | Unsuited | NoCommand
    | FileStays | TakenBack | Colleagues | Templates | OpenTickets
)  # fmt: skip
