"""How the program is, in words for admins. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.approval_replies import not_allowed
from handlers.at_desk import LANGUAGE
from handlers.reply import Act, Reply
from handlers.statistics_replies import span
from services.staff import NotAllowed
from services.status import Allowed, Status
from texts import Html, Texts

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Process:
    """The process that was asked. `trouble`: part and code of what is not as it should be."""

    runs_for: timedelta
    leads: bool
    silent_for: float  # seconds since Telegram was heard of
    trouble: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What runs. `faq_at`: when this version of the FAQ was accepted."""

    now: datetime
    version: str
    database: str
    schema: str
    faq: str
    faq_at: datetime | None
    entries: int
    phrasings: int
    process: Process | None


class StatusReplies:
    """What admins are told. Moments are shown in `zone`."""

    def __init__(self, texts: Texts, zone: str) -> None:
        self._texts, self._zone = texts, ZoneInfo(zone)

    def not_allowed(self, outcome: NotAllowed) -> Reply:
        return not_allowed(self._texts, outcome.role)

    def status(self, outcome: Status | NotAllowed, facts: Facts) -> Reply:
        if isinstance(outcome, NotAllowed):
            return self.not_allowed(outcome)
        return Reply(Act.SEND, Html("\n".join(self._lines(outcome, facts))))

    def version(self, outcome: Allowed | NotAllowed, facts: Facts) -> Reply:
        if isinstance(outcome, NotAllowed):
            return self.not_allowed(outcome)
        lines = self._say("version", version=facts.version, database=facts.database, schema=facts.schema)
        return Reply(Act.SEND, Html(f"{lines}\n{self._faq(facts)}"))

    def _lines(self, status: Status, facts: Facts) -> Iterator[str]:
        yield self._say("heading", version=facts.version)
        if facts.process is not None:
            yield from self._process(facts.process)
        size = f"{status.size / MEGABYTE:.1f}".replace(".", ",")
        yield self._say("database", kind=facts.database, size=size, schema=facts.schema)
        yield self._faq(facts)
        yield self._backup(status.doubts.backup_at, facts.now)
        yield from self._outbox(status)
        yield self._tickets(status)
        yield self._say("faults" if status.faults else "no-faults", count=status.faults)
        for fault in status.newest:
            yield self._say("fault", ref=fault.reference, at=self._moment(fault.at), kind=fault.kind, place=fault.place)
        if status.faults > len(status.newest):
            yield self._say("more-faults", count=status.faults - len(status.newest))

    def _process(self, process: Process) -> Iterator[str]:
        yield self._say("leads" if process.leads else "follows", span=self._span(process.runs_for))
        yield self._say("heard", seconds=round(process.silent_for))
        for part, code in process.trouble:
            yield self._say(f"trouble.{part}", code=code)

    def _faq(self, facts: Facts) -> str:
        values = {"version": facts.faq, "entries": facts.entries, "phrasings": facts.phrasings}
        if facts.faq_at is None:
            return self._say("faq", **values)
        return self._say("faq-since", at=self._moment(facts.faq_at), **values)

    def _backup(self, at: datetime | None, now: datetime) -> str:
        if at is None:
            return self._say("no-backup")
        return self._say("backup", at=self._moment(at), span=self._span(now - at))

    def _outbox(self, status: Status) -> Iterator[str]:
        waiting = status.waiting
        due_for = self._span(timedelta(seconds=waiting.due_for))
        yield self._say("outbox" if waiting.due else "outbox-empty", due=waiting.due, span=due_for)
        if waiting.owed:
            yield self._say("owed", count=waiting.owed, span=self._span(timedelta(seconds=waiting.owed_for)))
        if status.doubts.unknown:
            yield self._say("unknown", count=status.doubts.unknown)

    def _tickets(self, status: Status) -> str:
        found = status.tickets
        if found.longest is None:
            return self._texts.say("statistics.open", LANGUAGE, count=found.count)
        values = {"count": found.count, "number": found.number, "span": self._span(found.longest)}
        return self._texts.say("statistics.waiting", LANGUAGE, **values)

    def _span(self, value: timedelta) -> str:
        return span(self._texts, value)

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%d.%m. %H:%M}"

    def _say(self, key: str, **values: object) -> Html:
        return self._texts.say(f"status.{key}", LANGUAGE, **values)
