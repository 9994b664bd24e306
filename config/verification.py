"""`verification`: how a member proves to be one."""

from typing import Annotated

from pydantic import Field

from config.base import Strict


class Verification(Strict):
    code_days: Annotated[int, Field(ge=1, le=60)]
    second_check: bool
    wrong_per_quarter_hour: Annotated[int, Field(ge=1, le=20)]
    wrong_per_day: Annotated[int, Field(ge=1, le=50)]
    wrong_in_all: Annotated[int, Field(ge=1, le=100)]
    typing_errors_per_hour: Annotated[int, Field(ge=1, le=100)]
    digit_tries: Annotated[int, Field(ge=1, le=5)]
    letter_days: Annotated[int, Field(ge=1, le=90)]
    letters_per_year: Annotated[int, Field(ge=1, le=52)]
    dormant_days: Annotated[int, Field(ge=1, le=365)]
    link_days: Annotated[int, Field(ge=1, le=730)]
    floor_seconds: Annotated[float, Field(ge=0, le=5)]
