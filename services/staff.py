"""Who works at the desk, and what each may do.

A role belongs to a personal user id: it stands in config.yaml or was given in the staff group. Whoever speaks in the
group as the group itself, or as a channel, has none (core.telegram.org/bots/api#message, `sender_chat`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from db import staff_roles
from db.session import Session
from services.desk import Desk

T = TypeVar("T")

LONGEST_NAME = 32


class Role(StrEnum):
    """What somebody may do; an admin may everything."""

    EDITOR = "editor"  # the FAQ
    AGENT = "agent"  # tickets
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody with a role. `name` is as the others know them, at most 32 characters."""

    user: int
    name: str
    role: Role

    def may(self, role: Role) -> bool:
        return self.role in (role, Role.ADMIN)

    @property
    def actor(self) -> str:
        """As the audit log calls them."""
        return f"staff:{self.user}"


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """It takes this role, or an admin."""

    role: Role


@dataclass(frozen=True, slots=True)
class StaffTurn:
    """What every step of something done in the staff group needs."""

    session: Session
    desk: Desk
    colleague: Colleague
    thread: int | None
    now: datetime

    @property
    def group(self) -> int:
        return self.desk.rules.staff.chat


def in_turn(use_case: Callable[..., T], colleague: Colleague, thread: int | None) -> Callable[..., T]:
    """A use case of the staff group as one of the whole program: what a colleague does in a topic."""

    def act(session: Session, desk: Desk, *, now: datetime, **values: Any) -> T:
        return use_case(StaffTurn(session, desk, colleague, thread, now), **values)

    return act


def find(session: Session, desk: Desk, user: int, name: str = "") -> Colleague | None:
    """The colleague with this user id; None when it has no role. `name` is Telegram's, and config.yaml's wins."""
    for member in desk.rules.staff.members:
        if member.id == user:
            return Colleague(user, (member.name or name)[:LONGEST_NAME], Role(member.role))
    given = staff_roles.find(session, user)
    return Colleague(user, name[:LONGEST_NAME], Role(given)) if given else None
