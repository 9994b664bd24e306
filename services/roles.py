"""Who has a role, and giving and taking one. A new admin takes two people: whoever is one may everything."""

from dataclasses import dataclass

from db import staff_roles
from db.approvals import Request
from services import approvals, audit
from services.approvals import Asked, Kind, NobodyElse
from services.audit import Tag
from services.staff import NotAllowed, Role, StaffTurn


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody has. `fixed`: it stands in config.yaml and is changed there."""

    user: int
    role: Role
    name: str
    fixed: bool


@dataclass(frozen=True, slots=True)
class Roles:
    """All who have one."""

    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Given:
    user: int
    role: Role


@dataclass(frozen=True, slots=True)
class Taken:
    user: int


@dataclass(frozen=True, slots=True)
class Fixed:
    """The role of this person stands in config.yaml."""

    user: int


@dataclass(frozen=True, slots=True)
class NoRole:
    """There is none that could be taken from this person."""

    user: int


@dataclass(frozen=True, slots=True)
class AskedForAdmin:
    """A second admin is asked whether this person may be one, too."""

    user: int
    asked: Asked


def every(turn: StaffTurn) -> Roles:
    """Those of config.yaml first."""
    fixed = [Held(one.id, Role(one.role), one.name, fixed=True) for one in turn.desk.rules.staff.members]
    known = {held.user for held in fixed}
    given = staff_roles.every(turn.session).items()
    return Roles((*fixed, *(Held(user, Role(role), "", fixed=False) for user, role in given if user not in known)))


def give(turn: StaffTurn, user: int, role: Role) -> Given | AskedForAdmin | NotAllowed | NobodyElse | Fixed:
    """Gives a role, in place of the one that this person has."""
    if not turn.colleague.may(Role.ADMIN):
        return NotAllowed(Role.ADMIN)
    if _is_fixed(turn, user):
        return Fixed(user)
    if role is Role.ADMIN:
        asked = approvals.ask(turn, Kind.ROLE, {"user": user, "role": role.value})
        return AskedForAdmin(user, asked) if isinstance(asked, Asked) else asked
    return _give(turn, user, role)


def approved(turn: StaffTurn, request: Request, _message: int) -> Given | Fixed:
    """A second admin allowed it."""
    user = int(request.subject["user"])
    return Fixed(user) if _is_fixed(turn, user) else _give(turn, user, Role(request.subject["role"]))


def take(turn: StaffTurn, user: int) -> Taken | NotAllowed | Fixed | NoRole:
    """Takes a role away; at once, since somebody may have to go."""
    if not turn.colleague.may(Role.ADMIN):
        return NotAllowed(Role.ADMIN)
    if _is_fixed(turn, user):
        return Fixed(user)
    if not staff_roles.take(turn.session, user):
        return NoRole(user)
    audit.record(turn.session, turn.desk, Tag.ROLE_TAKEN, now=turn.now, actor=turn.colleague.actor, chat=user)
    return Taken(user)


def _give(turn: StaffTurn, user: int, role: Role) -> Given:
    by = turn.colleague
    staff_roles.give(turn.session, user, role.value, by=by.user, now=turn.now)
    audit.record(turn.session, turn.desk, Tag.ROLE_GIVEN, now=turn.now, actor=by.actor, chat=user, role=role.value)
    return Given(user, role)


def _is_fixed(turn: StaffTurn, user: int) -> bool:
    return any(member.id == user for member in turn.desk.rules.staff.members)
