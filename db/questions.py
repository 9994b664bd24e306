"""Rows of questions: what was asked, without who asked it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.models import Question


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
    session.add(
        Question(
            id=asked.id,
            asked_at=now,
            language=asked.language,
            decision=asked.decision,
            entry=asked.entry,
            confidence=asked.confidence,
            chosen=False,
            words=asked.words,
        )
    )


def choose(session: Session, question: str, entry: str) -> None:
    """The member chose this entry from the suggestions."""
    session.execute(update(Question).where(Question.id == question).values(entry=entry, chosen=True))


def rate(session: Session, question: str, *, helpful: bool) -> None:
    session.execute(update(Question).where(Question.id == question).values(helpful=helpful))


def refuse(session: Session, question: str) -> None:
    """None of the suggestions was meant."""
    session.execute(update(Question).where(Question.id == question).values(decision="none_of_these"))


def forget_words(session: Session, before: datetime) -> None:
    session.execute(update(Question).where(Question.asked_at < before, Question.words.is_not(None)).values(words=None))
