"""`matching`: when the bot is sure."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from config.base import Strict


class Matching(Strict):
    answer_at: Annotated[float, Field(gt=0, lt=1)]
    lead: Annotated[float, Field(ge=0, lt=1)]
    suggest_at: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.suggest_at >= self.answer_at:
            message = "suggest_at muss kleiner sein als answer_at."
            raise ValueError(message)
        return self
