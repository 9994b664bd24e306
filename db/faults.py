"""Rows of faults: where our program broke."""

from datetime import datetime

from sqlalchemy.orm import Session

from db.models import Fault


def record(session: Session, *, reference: str, kind: str, place: str, update_id: int, now: datetime) -> None:
    session.add(Fault(reference=reference, at=now, kind=kind[:255], place=place[:255], update_id=update_id))
