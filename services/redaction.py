"""What must not be kept: found, hidden, and told apart.

The patterns give labels; the safety comes from the last one: no run of five or more digits survives. Each is bounded
or unambiguous, so that hostile text costs microseconds. Check digits decide nothing: a mistyped card number is still
a card number.
"""

import re
import unicodedata

from vault.plain import Forms

LONGEST = 500
_SEP = r"[ .\-/]?"
_CODE = "[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4}"

# Order matters: dates before telephone numbers, the catch-all last.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("[token]", re.compile(r"(?<![0-9])[0-9]{6,12}:[A-Za-z0-9_-]{30,64}")),
    ("[iban]", re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")),
    ("[e-mail]", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("[card]", re.compile(rf"(?<![0-9])8{_SEP}0{_SEP}2{_SEP}7{_SEP}6(?:{_SEP}[0-9]){{10,15}}(?!{_SEP}[0-9])")),
    ("[kvnr]", re.compile(r"(?<![A-Za-z0-9])[A-Za-z][0-9]{9}(?![0-9])")),
    ("[code]", re.compile(rf"(?<![A-Za-z0-9])(?=[A-Za-z -]*[0-9]){_CODE}(?:[ -]?{_CODE}){{3}}(?![A-Za-z0-9])")),
    (
        "[date]",
        re.compile(r"(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01])\.\s?(?:0?[1-9]|1[0-2])\.\s?(?:19|20)?[0-9]{2}(?![0-9])"),
    ),
    ("[phone]", re.compile(r"(?<![\w+])(?:\+49|0049|0)(?:[ ()/\-.]{0,2}[0-9]){6,13}(?![0-9])")),
    ("[number]", re.compile(r"(?<![0-9])[0-9](?:[ .\-/]?[0-9]){4,}")),
)
_NAMES = re.compile(
    r"\b((?:[Dd]r\.|[Ff]rau|[Hh]err[n]?|[Pp]rof\.|(?:ich hei(?:ß|ss)e|mein name ist|my name is|i am called))\s+)"
    r"(?:(?:[Dd]r\.|[Pp]rof\.|[Mm]ed\.)\s+){0,3}\S{1,40}(?:\s+[A-ZÄÖÜ]\S{0,40}){0,2}",
    re.IGNORECASE,
)

_SECRET_WORD = r"(?:pin|puk|passwort|kennwort|password|passcode|geheimzahl)"  # noqa: S105  a word, no secret
_IS = r"(?:\s+(?:ist|lautet|war|is|was|nummer|number|code)|\s*[:=]){1,3}\s*"
_PIN = re.compile(
    rf"\b{_SECRET_WORD}(?:{_IS}|\s+(?!20[2-9][0-9]\b))[0-9]{{4,8}}\b|\b[0-9]{{4,8}}\s+(?:ist|is)\s+(?:meine|my)\s+{_SECRET_WORD}",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"\b(?:passwort|kennwort|password)\s*(?:ist|lautet|is|[:=])\s*(?=\S*[0-9!$%&#@*])\S{4,64}", re.IGNORECASE
)
_BIRTH = re.compile(
    r"\b(?:geb(?:oren|\.)?(?:\s+am)?|geburtsdatum|born(?:\s+on)?|birth\s?date|date of birth|dob)\b[^0-9]{0,20}"
    r"[0-9]{1,2}[./\- ]\s?(?:[0-9]{1,2}[./\- ]|[a-zä]{3,9})\s?(?:19|20)?[0-9]{2}",
    re.IGNORECASE,
)
_NUMBER_LABELS = ("[iban]", "[card]", "[kvnr]")
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ .\-/]?[0-9]){13,}")


def clean(text: str, longest: int = LONGEST) -> str:
    """One form for what looks alike: NFKC, every script's digits as 0-9, every dash as '-', nothing invisible."""
    text = unicodedata.normalize("NFKC", text[:longest])[:longest]
    return text.translate(_FORMS)


def _clean(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Pd":
        return "-"
    if kind in ("Zs", "Zl", "Zp") or char in "\n\t\r":
        return " "
    return "" if kind in ("Cf", "Cc", "Co", "Cs", "Mn", "Me") else char


_FORMS = Forms(_clean)


def redact(text: str, longest: int = LONGEST) -> str:
    """The text without numbers, dates, addresses and names that follow a title; cut to so many characters before."""
    text = clean(text, longest)
    text = _PIN.sub("[pin]", text)
    text = _PASSWORD.sub("[password]", text)
    for label, pattern in _PATTERNS:
        text = pattern.sub(label, text)
    return _NAMES.sub(r"\1[name]", text).strip()


def sensitive(text: str, longest: int = LONGEST) -> str | None:
    """What kind of thing a member typed that must never be sent here: 'pin', 'number', 'birth', or None."""
    text = clean(text, longest)
    if _PIN.search(text) or _PASSWORD.search(text):
        return "pin"
    if _BIRTH.search(text):
        return "birth"
    labelled = any(pattern.search(text) for label, pattern in _PATTERNS if label in _NUMBER_LABELS)
    return "number" if labelled or _LONG_NUMBER.search(text) else None
