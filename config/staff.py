"""`staff`: people with a role."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from config.base import Strict


class StaffMember(Strict):
    id: Annotated[int, Field(gt=0)]
    role: Literal["editor", "agent", "admin"]
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=32)] = ""  # as members see it


class Staff(Strict):
    chat: int = 0  # 0: none
    members: tuple[StaffMember, ...] = ()
