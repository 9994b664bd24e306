"""`office`: when the people behind the bot answer, and what they are reminded of."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from config.base import Identifier, Strict, Words

Hours = Annotated[str, StringConstraints(pattern=r"^(|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d)$")]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^(|([01]\d|2[0-3]):[0-5]\d)$")]


def _a_time_zone(value: str) -> str:
    if value not in available_timezones():
        message = f"„{value}“ ist keine Zeitzone. Ein Beispiel: Europe/Berlin."
        raise ValueError(message)
    return value


class Week(Strict):
    """When people answer, by the day: "09:00-16:00"; empty for not at all."""

    monday: Hours
    tuesday: Hours
    wednesday: Hours
    thursday: Hours
    friday: Hours
    saturday: Hours
    sunday: Hours


class Subject(Words):
    """What members can subscribe to."""

    id: Identifier


class Office(Strict):
    """The people behind the bot."""

    hours: Week
    holidays: tuple[date, ...] = ()
    time_zone: Annotated[str, AfterValidator(_a_time_zone)]
    alarm_minutes: Annotated[int, Field(ge=1, le=10080)]
    urgent_minutes: Annotated[int, Field(ge=1, le=1440)]
    keep_days: Annotated[int, Field(ge=1, le=365)]
    approval_hours: Annotated[int, Field(ge=1, le=168)]
    daily_digest: TimeOfDay
    weekly_digest: Literal["", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    subjects: tuple[Subject, ...] = ()
