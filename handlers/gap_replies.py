"""What staff see of the questions that nobody answered: the list, one group, and what became of it. Pure."""

import hashlib

from handlers.at_desk import LANGUAGE
from handlers.reply import Act, Key, Reply
from handlers.staff_buttons import StaffButton, pack
from handlers.wording import pairs
from services.desk import Desk
from services.gaps import FOREIGN, IGNORED, Gaps, Group, Settled
from texts import Html, Texts

NOUN = "gap"
LISTED = 8  # groups in the list
SHOWN = 6  # ways of asking, of one group
LONGEST = 160  # characters of a question that are shown
RATED = 5
LABEL = 64
NAMED = 8  # characters that tell an entry from the others in a button


class GapReplies:
    """To the staff group."""

    def __init__(self, texts: Texts, desk: Desk) -> None:
        self._texts, self._desk = texts, desk

    def _say(self, key: str, **values: object) -> Html:
        return self._texts.say(f"gap.{key}", LANGUAGE, **values)

    def _key(self, label: str, verb: str, word: str, **values: object) -> Key:
        text = self._texts.label(f"gap.buttons.{label}", LANGUAGE, **values)
        return Key(text[:LABEL], pack(StaffButton(NOUN, verb, 0, word)))

    def listed(self, found: Gaps) -> Reply:
        """The largest groups with their trend, and entries that often did not help."""
        lines: list[str] = [self._say("none")]
        if found.groups:
            count = sum(group.count for group in found.groups)
            lines = [self._say("list", count=count), ""]
            lines += [self._line(number, group) for number, group in enumerate(found.groups[:LISTED], 1)]
        if len(found.groups) > LISTED:
            lines.append(self._say("more", count=len(found.groups) - LISTED))
        if found.rated:
            lines += ["", self._say("rated")]
            for one in found.rated[:RATED]:
                values = {"title": self._title(one.entry), "bad": one.not_helpful, "all": one.rated}
                lines.append(self._say("rated-line", entry=one.entry, **values))
        keys = [
            self._key("open", "show", group.ids[0], number=number)
            for number, group in enumerate(found.groups[:LISTED], 1)
        ]
        return Reply(Act.SEND, "\n".join(lines), tuple(pairs(keys)))

    def _line(self, number: int, group: Group) -> Html:
        values = {"count": group.count, "question": _short(group.questions[0]), "sign": _sign(group)}
        return self._say("line", number=number, this=group.this_week, last=group.last_week, **values)

    def group(self, group: Group) -> Reply:
        """One group, and what can be done about it."""
        values = {"count": group.count, "sign": _sign(group), "this": group.this_week, "last": group.last_week}
        lines: list[str] = [self._say("card", **values)]
        lines += [self._say("question", question=_short(text)) for text in group.phrasings[:SHOWN]]
        if group.chosen:
            lines.append(self._say("chosen", count=group.chosen))
        if group.not_helpful:
            lines.append(self._say("not-helpful", count=group.not_helpful))
        near = [entry for entry in group.nearest if entry in self._desk.store.entries]
        lines += ["", self._say("how" if near else "how-none-near")]
        question = group.ids[0]
        rows = [(self._key("add", "add", f"{question}.{named(entry)}", title=self._title(entry)),) for entry in near]
        rows.append((self._key("new", "new", question),))
        settled = (self._key(FOREIGN, FOREIGN, question), self._key(IGNORED, IGNORED, question))
        return Reply(Act.SEND, "\n".join(lines), (*rows, settled))

    def settled(self, outcome: Settled) -> Reply:
        return Reply(Act.SEND, self._say(f"settled.{outcome.how}", count=outcome.count))

    def gone(self) -> Reply:
        return Reply(Act.SEND, self._say("gone"))

    def _title(self, entry: str) -> str:
        known = self._desk.store.entries.get(entry)
        return known.de.button if known else entry


def named(entry: str) -> str:
    """A short name of an entry: its id is too long beside that of a question."""
    return hashlib.sha256(entry.encode()).hexdigest()[:NAMED]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _sign(group: Group) -> str:
    if group.this_week == group.last_week:
        return "="
    return "▲" if group.this_week > group.last_week else "▼"
