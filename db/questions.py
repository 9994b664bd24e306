"""Rows of questions: what was asked, without who asked it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from db.models import Question

_RECORD = insert(cast(Table, Question.__table__))


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the figures need it. `words`, redacted already, only where no answer was sure."""

    id: str
    language: str
    decision: str
    entry: str | None
    confidence: float | None
    words: str | None = None


def record(session: Session, asked: Asked, now: datetime) -> None:
    session.connection().execute(_RECORD, {**asdict(asked), "asked_at": now, "chosen": False})


def choose(session: Session, question: str, entry: str) -> None:
    """The member chose this entry from the suggestions."""
    session.execute(update(Question).where(Question.id == question).values(entry=entry, chosen=True))


def words(session: Session, question: str) -> str | None:
    """What was asked, redacted; None when it was understood, or is forgotten."""
    return session.scalar(select(Question.words).where(Question.id == question))


def rate(session: Session, question: str, *, helpful: bool) -> None:
    session.execute(update(Question).where(Question.id == question).values(helpful=helpful))


def refuse(session: Session, question: str) -> None:
    """None of the suggestions was meant."""
    session.execute(update(Question).where(Question.id == question).values(decision="none_of_these"))


def settle(session: Session, ids: Sequence[str], how: str | None) -> None:
    """Notes what staff did about these questions: added, drafted, foreign, ignored; None: nothing after all."""
    session.execute(update(Question).where(Question.id.in_(ids)).values(settled=how))


def words_of(session: Session, ids: Sequence[str], language: str) -> list[str]:
    """What was asked in this language, redacted, each once, as far as it is still kept."""
    query = select(Question.words).where(
        Question.id.in_(ids), Question.language == language, Question.words.is_not(None)
    )
    found = [" ".join((words or "").split()) for words in session.scalars(query.order_by(Question.asked_at))]
    return list(dict.fromkeys(text for text in found if text))


def forget_words(session: Session, before: datetime) -> None:
    session.execute(update(Question).where(Question.asked_at < before, Question.words.is_not(None)).values(words=None))
