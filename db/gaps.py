"""Rows of questions that were not answered well: what editors learn from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Question

UNANSWERED = ("dont_know", "suggest", "none_of_these")


@dataclass(frozen=True, slots=True)
class Gap:
    """A question in redacted words, and the nearest entry; `chosen`: the member took it from the suggestions.

    `helpful` is what the member said of what was chosen, `settled` what staff did about the question.
    """

    id: str
    asked_at: datetime
    words: str
    language: str
    entry: str | None
    chosen: bool
    helpful: bool | None
    settled: str | None


@dataclass(frozen=True, slots=True)
class Rated:
    """How often an entry was called not helpful, of how many times it was rated."""

    entry: str
    not_helpful: int
    rated: int


def unanswered(session: Session, since: datetime) -> list[Gap]:
    query = (
        select(Question)
        .where(Question.asked_at >= since, Question.words.is_not(None), Question.decision.in_(UNANSWERED))
        .order_by(Question.asked_at, Question.id)
    )
    return [
        Gap(row.id, row.asked_at, row.words or "", row.language, row.entry, row.chosen, row.helpful, row.settled)
        for row in session.scalars(query)
    ]


def badly_rated(session: Session, since: datetime) -> list[Rated]:
    """Entries that somebody found not helpful, the worst first."""
    query = select(Question.entry, Question.helpful).where(
        Question.asked_at >= since, Question.helpful.is_not(None), Question.entry.is_not(None)
    )
    ratings: dict[str, list[bool]] = {}
    for entry, helpful in session.execute(query):
        if entry is not None and helpful is not None:
            ratings.setdefault(entry, []).append(helpful)
    found = [Rated(entry, given.count(False), len(given)) for entry, given in ratings.items() if False in given]
    return sorted(found, key=lambda rated: (-rated.not_helpful, rated.entry))
