"""What all imports have in common: a plan that is made first and shown, and then carried out as a whole or not at all.

A plan reads the file once and compares it with the database in short transactions, so that a running bot is not held
up; what is to be written waits, sealed, in a file without a name. Carrying it out is one transaction that only writes.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, Self, TypeVar

from db.session import Session
from services import audit
from services.audit import Tag
from services.desk import Desk
from strict_yaml import Problem
from tables import Column, Rejected, Row, Table

BATCH = 2000
SHOWN = 50  # rejected rows that are kept in memory

T = TypeVar("T")
Progress = Callable[[int], None]


def quiet(_rows: int) -> None:
    """Nobody watches."""


class Verdict(StrEnum):
    """What became, or would become, of an import."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"  # the database says the same already
    REJECTED = "rejected"  # rows cannot be used: all or nothing
    OLDER = "older"  # than the list that is there
    FUTURE = "future"  # a list of a day that has not come
    NEEDS_SECOND = "needs-second"  # so much would change that a second person must agree
    SAME_PERSON = "same-person"  # the second person is the first
    OUTDATED = "outdated"  # something else was imported since the plan was made


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants an import to be carried out, and who agreed, by their logins."""

    by: str
    confirmed_by: str | None = None

    @property
    def is_by_two(self) -> bool:
        return self.confirmed_by is not None and self.confirmed_by.casefold() != self.by.casefold()


class Spool:
    """Records that wait outside memory, as JSON lines in a file that has no name and goes when it is closed."""

    def __init__(self) -> None:
        self._file = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  lives as long as the plan
        self.count = 0

    def add(self, record: Sequence[Any]) -> None:
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self.count += 1

    def __iter__(self) -> Iterator[list[Any]]:
        self._file.seek(0)
        return (json.loads(line) for line in self._file)

    def batches(self) -> Iterator[list[list[Any]]]:
        return in_batches(self)

    def close(self) -> None:
        self._file.close()


class Rejects:
    """The rows that cannot be used, with every reason; `first` are those for the screen."""

    def __init__(self) -> None:
        self.spool = Spool()
        self.rows = 0
        self.first: list[tuple[int, Problem]] = []

    def add(self, number: int, problems: Sequence[Problem]) -> None:
        """`number` as a spreadsheet counts rows."""
        self.rows += 1
        for problem in problems:
            self.spool.add([number, asdict(problem)])
            if self.rows <= SHOWN:
                self.first.append((number, problem))

    def __iter__(self) -> Iterator[tuple[int, Problem]]:
        """Every problem with the number of its row."""
        return ((number, Problem(**problem)) for number, problem in self.spool)


class Seen:
    """Which ids of the database a file has named, in a bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> bool:
        """False when it was there before."""
        place, bit = number >> 3, 1 << (number & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits) + 1024))
        is_new = not self._bits[place] & bit
        self._bits[place] |= bit
        return is_new

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] & (1 << (number & 7)))


class Plan:
    """What an import would do. Use it in a `with`, to let go of what waits in its files.

    `stamp` is the state of the database that it was made for: another one makes it outdated. `verdict` is why it
    cannot be carried out, as far as the lists themselves say it.
    """

    def __init__(self, table: Table, stamp: object) -> None:
        self.file, self.warnings, self.stamp = table.file, list(table.notes), stamp
        self.verdict: Verdict | None = None
        self.tolerated = 0  # rejected rows that do not keep the rest from being imported
        self.rejects = Rejects()
        self.rows = 0
        self._table = table
        self._spools: list[Spool] = [self.rejects.spool]

    def spool(self) -> Spool:
        self._spools.append(Spool())
        return self._spools[-1]

    def reject(self, row: Row | Rejected, *problems: Problem) -> None:
        self.rejects.add(row.number, problems)

    def batches(self, progress: Progress) -> Iterator[list[Row]]:
        """The clean rows of the file, some thousand at once; the others are rejected on the way."""
        for rows in in_batches(self._table):
            self.rows += len(rows)
            for row in rows:
                if isinstance(row, Rejected):
                    self.reject(row, *row.problems)
            yield [row for row in rows if isinstance(row, Row)]
            progress(self.rows)

    def warn(self, code: str, **values: str) -> None:
        self.warnings.append(Problem(self.file, 0, "", code, values))

    @property
    def counts(self) -> dict[str, int]:
        """What is shown and audited."""
        raise NotImplementedError

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing would be written."""
        raise NotImplementedError

    @property
    def needs_second(self) -> bool:
        """Whether so much would change that a second person must agree."""
        raise NotImplementedError

    def refusal(self, order: Order | None = None) -> Verdict | None:
        """Why this cannot be carried out; without an order, as far as nobody's consent is asked."""
        if self.verdict is not None:
            return self.verdict
        if self.rejects.rows > self.tolerated:
            return Verdict.REJECTED
        if order is None or not (self.needs_second or order.confirmed_by):
            return None
        if order.confirmed_by is None:
            return Verdict.NEEDS_SECOND
        return None if order.is_by_two else Verdict.SAME_PERSON

    def close(self) -> None:
        for spool in self._spools:
            spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def in_batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def share(part: int, whole: int) -> float:
    """In percent; of nothing, nothing."""
    return 100 * part / whole if whole else 0.0


def meanings(words: Mapping[T, Iterable[str]]) -> dict[str, T]:
    """What each word of a list means, the other way round."""
    return {word(name): meaning for meaning, names in words.items() for name in names}


def column(name: str, headers: Sequence[str], *, required: bool = True, number: bool = False) -> Column:
    return Column(name, tuple(headers), required=required, numeric_text=number)


def word(text: str) -> str:
    """How words of a list compare."""
    return "".join(text.casefold().split())


def refused(
    session: Session, desk: Desk, plan: Plan, order: Order, *, now: datetime, what: str, stamp: object
) -> Verdict | None:
    """Why a plan may not be carried out, and audits it; None when it may. From here on no other import writes.

    `stamp` is the state of the database as it is now.
    """
    verdict = plan.refusal(order) or (Verdict.OUTDATED if stamp != plan.stamp else None)
    if verdict is not None:
        actor = f"staff:{order.by}"
        audit.record(session, desk, Tag.IMPORT_REFUSED, now=now, actor=actor, what=what, reason=verdict.value)
    return verdict
