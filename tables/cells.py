"""One cell: clean text, or why not."""

import re
import unicodedata
from dataclasses import dataclass, field

from tables.column import Column
from tables.record import FORMULA, Kind

# Spaces and hyphens may group the digits of a number. Points may not: `1234.0` is how pandas writes a spoilt number.
_GROUPED = re.compile(r"[0-9]+(?:[ \u00a0\u2009\u202f-][0-9]+)*")
_GROUPING = re.compile(r"[^0-9]")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]+")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]+")
_INTEGER = re.compile(r"-?[0-9]{1,15}")  # Excel keeps 15 digits (support.microsoft.com, "Excel specifications")
# Control and format characters, lone surrogates, and the line ends that only Unicode knows.
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_REFUSED = {
    Kind.ERROR: "tables.error-value",
    Kind.DATE: "tables.date",
    Kind.BOOLEAN: "tables.boolean",
    Kind.MERGED: "tables.merged",
    Kind.LONG: "tables.long",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell is not taken: the sentence and what fills it."""

    code: str
    values: dict[str, str] = field(default_factory=dict)


def clean(column: Column, text: str, kind: int, most: int) -> str | Fault:
    """The cell's text: stripped, in NFC, each line end a line feed; for numbers the digits alone."""
    if fault := _kind_fault(column, text, kind, most):
        return fault
    text = text.strip()
    if len(text) > most:
        return Fault("tables.long", {"most": str(most)})
    if not text.isprintable():  # nearly never
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if invisible := next((character for character in text if _is_invisible(character)), None):
            return Fault("tables.invisible", {"character": f"U+{ord(invisible):04X}"})
    text = unicodedata.normalize("NFC", text)
    if not text:
        return Fault("tables.empty-cell") if column.required else ""
    return _digits(text) if column.numeric_text else text


def _kind_fault(column: Column, text: str, kind: int, most: int) -> Fault | None:
    if kind <= Kind.TEXT:
        return None
    plain = Kind(kind & ~FORMULA)
    if code := _REFUSED.get(plain):
        return Fault(code, {"most": str(most)})
    if kind & FORMULA and (column.numeric_text or not text):
        return Fault("tables.formula")
    if plain is Kind.NUMBER and column.numeric_text:
        return Fault("tables.number")
    if plain is Kind.NUMBER and not _INTEGER.fullmatch(text):
        return Fault("tables.fraction")
    return None


def _digits(text: str) -> str | Fault:
    if _GROUPED.fullmatch(text):
        return _GROUPING.sub("", text)
    if _SCIENTIFIC.fullmatch(text):
        return Fault("tables.scientific")
    return Fault("tables.decimal" if _DECIMAL.fullmatch(text) else "tables.digits")


def _is_invisible(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in _INVISIBLE
