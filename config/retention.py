"""`retention`: how long things are kept."""

from typing import Annotated

from pydantic import Field

from config.base import Strict


class Retention(Strict):
    questions_days: Annotated[int, Field(ge=1, le=365)]
    updates_days: Annotated[int, Field(ge=2, le=365)]
