"""Rows that hold sealed values, by the hundred: for a rotation of keys that can stop and go on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Card, Member, Ticket, TicketMessage


@dataclass(frozen=True, slots=True)
class Sealed:
    """A row's values under some key: `values` by column, and the mark of its number, where it has one."""

    id: int
    mark: str | None
    values: dict[str, str | None] = field(repr=False)


COLUMNS = {
    "members": ("number", "digits", "email"),
    "cards": ("number",),
    "tickets": ("subject",),
    "ticket_messages": ("words",),
}
_TABLES: dict[str, Any] = {"members": Member, "cards": Card, "tickets": Ticket, "ticket_messages": TicketMessage}
MARKED = frozenset({"members", "cards"})


def after(session: Session, table: str, last: int, most: int) -> list[Sealed]:
    """The next rows of a table behind the id `last`."""
    model = _TABLES[table]
    rows = session.scalars(select(model).where(model.id > last).order_by(model.id).limit(most))
    return [
        Sealed(
            row.id,
            row.number_mark if table in MARKED else None,
            {name: getattr(row, _column(table, name)) for name in COLUMNS[table]},
        )
        for row in rows
    ]


def write(session: Session, table: str, rows: Sequence[Sealed]) -> None:
    model = _TABLES[table]
    values = [
        {"id": row.id}
        | ({"number_mark": row.mark} if table in MARKED else {})
        | {_column(table, name): value for name, value in row.values.items()}
        for row in rows
    ]
    if values:
        session.execute(update(model), values)


def _column(table: str, name: str) -> str:
    return f"{name}_sealed" if table in MARKED else name
