"""Words that cannot wait: phrases whose entry is shown before anything else."""

from collections.abc import Iterable

from faq.normalise import LONGEST, words

_MESSAGE = 4096  # characters of a Telegram message


class Urgent:
    """Knows the urgent phrases of all entries."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """`phrases` as pairs of an entry and a phrase; the first entry that fits wins."""
        self._phrases = [(f" {plain} ", entry) for entry, phrase in phrases if (plain := _plain(phrase))]

    def entry_in(self, text: str) -> str | None:
        """The entry one of whose phrases stands in `text`, as whole words one after the other."""
        if not self._phrases:
            return None
        pieces = (text[start : start + LONGEST] for start in range(0, min(len(text), _MESSAGE), LONGEST // 2))
        for piece in pieces:
            plain = f" {_plain(piece)} "
            for phrase, entry in self._phrases:
                if phrase in plain:
                    return entry
        return None


def _plain(text: str) -> str:
    return " ".join(word.plain for word in words(text))
