"""Messages as they are typed on a telephone: seeded noise for learning and measuring."""

import random
import re

_NEIGHBOURS = {
    "de": ("qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
_UMLAUTS = {"ä": ("ae", "a"), "ö": ("oe", "o"), "ü": ("ue", "u"), "ß": ("ss", "s")}


def noisy(text: str, level: int, language: str, seed: int = 0) -> str:
    """`text` with about `level` mistakes for every twenty characters; level 0 is the text itself.

    Above level 0 capitals, punctuation and umlauts suffer as well, as they do on telephones.
    """
    if level <= 0:
        return text
    dice = random.Random(f"{seed} {level} {text}")
    if dice.random() < 0.7:
        text = text.lower()
    if dice.random() < 0.5:
        text = re.sub(r"[^\w\s]", "", text)
    way = dice.choice((None, 0, 0, 1))
    if way is not None:
        text = "".join(_UMLAUTS[char][way] if char in _UMLAUTS else char for char in text)
    for _ in range(max(1, round(level * len(text) / 20))):
        text = _mistake(text, dice, _NEIGHBOURS[language])
    return text.strip() or "?"


def _mistake(text: str, dice: random.Random, rows: tuple[str, ...]) -> str:
    letters = [place for place, char in enumerate(text) if char.isalpha()]
    if len(letters) < 3:
        return text
    at = dice.choice(letters)
    char = text[at]
    kind = dice.choices(("neighbour", "drop", "double", "swap", "join", "split"), (6, 5, 2, 4, 3, 2))[0]
    if kind == "neighbour":
        return text[:at] + _neighbour(char.lower(), dice, rows) + text[at + dice.randint(0, 1) :]
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "double":
        return text[:at] + char + text[at:]
    if kind == "swap" and at + 1 < len(text) and text[at + 1].isalpha():
        return text[:at] + text[at + 1] + char + text[at + 2 :]
    if kind == "join" and " " in text:
        space = dice.choice([place for place, char in enumerate(text) if char == " "])
        return text[:space] + text[space + 1 :]
    if kind == "split" and (long := list(re.finditer(r"\w{7,}", text))):
        word = dice.choice(long)
        cut = dice.randint(word.start() + 3, word.end() - 3)
        return text[:cut] + " " + text[cut:]
    return text


def _neighbour(char: str, dice: random.Random, rows: tuple[str, ...]) -> str:
    for number, row in enumerate(rows):
        if (place := row.find(char)) >= 0:
            around = [other[max(0, place - 1) : place + 2] for other in rows[max(0, number - 1) : number + 2]]
            return dice.choice("".join(around).replace(char, "") or char)
    return char
