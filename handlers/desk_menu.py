"""The commands of the staff group: its menu, and /hilfe there. Their German names are in both."""

from collections.abc import Mapping

from handlers.at_desk import LANGUAGE
from handlers.reply import Act, Reply
from texts import Html, Texts

NAMES = ("hilfe", "help")


def names(commands: Mapping[str, object]) -> list[str]:
    """The first name of each command, in their order; the others are for those who look for it in English."""
    first: dict[int, str] = {}
    for name, command in commands.items():
        first.setdefault(id(command), name)
    return list(first.values())


def told(texts: Texts, name: str) -> str:
    """What a command does, in some words."""
    return texts.label(f"desk-commands.{name}", LANGUAGE)


def page(texts: Texts, commands: Mapping[str, object]) -> Reply:
    lines = [texts.say("desk-help.heading", LANGUAGE)]
    lines += [texts.say("desk-help.line", LANGUAGE, name=name, what=told(texts, name)) for name in names(commands)]
    return Reply(Act.SEND, Html("\n".join([*lines, texts.say("desk-help.reply", LANGUAGE)])))
