"""The questions of a message: most hold one, some two or three, long ones hide one among other things."""

from collections.abc import Callable

from faq.match import Part


def split(text: str, ask: Callable[[str], Part | None]) -> list[Part]:
    part = ask(text)
    return [part] if part else []
