"""`limits`: what keeps one chat from costing the others."""

from typing import Annotated

from pydantic import Field

from config.base import Strict


class Limits(Strict):
    chats_side_by_side: Annotated[int, Field(ge=1, le=64)]
    questions_per_minute: Annotated[int, Field(ge=1, le=600)]
    per_chat_per_second: Annotated[float, Field(gt=0, le=30)]
    overall_per_second: Annotated[float, Field(gt=0, le=1000)]
