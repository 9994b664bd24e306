"""Words that cannot wait: phrases whose entry is shown before anything else."""

from collections.abc import Iterable

from faq.normalise import LONGEST, words

_MESSAGE = 4096  # characters of a Telegram message


class Urgent:
    """Knows the urgent phrases of all entries."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """`phrases` as pairs of an entry and a phrase; the first entry that fits wins."""
        self._entries: list[str] = []
        self._beginning: dict[str, list[tuple[int, str]]] = {}  # phrases with their places, by their first word
        for entry, phrase in phrases:
            if typed := [word.plain for word in words(phrase)]:
                place = len(self._entries), f" {' '.join(typed)} "
                self._beginning.setdefault(typed[0], []).append(place)
                self._entries.append(entry)

    def entry_in(self, text: str) -> str | None:
        """The entry one of whose phrases stands in `text`, as whole words one after the other."""
        if not self._entries:
            return None
        pieces = (text[start : start + LONGEST] for start in range(0, min(len(text), _MESSAGE), LONGEST // 2))
        for piece in pieces:
            typed = [word.plain for word in words(piece)]
            plain = f" {' '.join(typed)} "
            found = (place for word in typed for place, phrase in self._beginning.get(word, ()) if phrase in plain)
            if (first := min(found, default=None)) is not None:
                return self._entries[first]
        return None
