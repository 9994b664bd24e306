"""What a list may call one thing, in any of several ways."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from config.base import Strict, Text

Names = Annotated[tuple[Text, ...], Field(min_length=1)]


def names_in(model: Strict) -> tuple[tuple[str, ...], ...]:
    """The names of each thing that a model of nothing but `Names` holds."""
    return tuple(getattr(model, field) for field in type(model).model_fields)


def check_one_meaning(things: Iterable[tuple[str, ...]]) -> None:
    """Raises `ValueError` when a name stands for two of the things: an import would have to guess.

    As in the lists, neither capitals nor spaces make a difference.
    """
    words = [word for names in things for word in {"".join(name.casefold().split()) for name in names}]
    if twice := next((word for word in words if words.count(word) > 1), None):
        message = f"„{twice}“ hat zwei Bedeutungen. Lassen Sie es nur an einer Stelle stehen."
        raise ValueError(message)
