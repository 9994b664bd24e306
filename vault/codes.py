"""Activation codes: 15 random symbols and one that shows typing errors, 74.7 bits.

Crockford's base 32 (crockford.com/base32.html): no I, L, O, U; a check symbol, the number modulo 37. It finds every
wrong symbol and every swap of neighbours or next but one. The code is drawn anew while its check symbol is one of the
five extra ones (`*~$=U`, which a deep link cannot carry), while no digit from 2 to 9 is in it, or while fewer than two
of its groups mix letters and digits: so no code is a word, and every code can be told from what else people type, also
with a typing error (costs 0.07 bit).
"""

import secrets
from dataclasses import dataclass, field

from vault.key import Purpose
from vault.keyring import Keyring
from vault.plain import plain
from vault.tagged import tag

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4
CHECK = 37
MIXED = 2  # groups, at least
TELLING = frozenset("23456789")  # 0 and 1 may be typed as letters
_VALUE = {symbol: value for value, symbol in enumerate(SYMBOLS)}
_ALIKE = str.maketrans("ILO", "110")


@dataclass(frozen=True, slots=True)
class Code:
    """A code in clear: for the letter and while it is redeemed. It does not show itself in logs."""

    symbols: str = field(repr=False)  # sixteen, as in the deep link


@dataclass(frozen=True, slots=True)
class Typed:
    """A code that may be one of ours."""

    code: Code


@dataclass(frozen=True, slots=True)
class CheckFails:
    """Sixteen symbols with a typing error. No guess: anybody can compute that."""


@dataclass(frozen=True, slots=True)
class NotACode:
    """Something else. `symbols` counts those that stand there, when there is nothing but symbols, and is 0 else."""

    symbols: int = 0


def new_code() -> Code:
    while True:
        value = secrets.randbelow(32 ** (LENGTH - 1))
        check = value % CHECK
        symbols = "".join(SYMBOLS[value >> 5 * place & 31] for place in range(LENGTH - 2, -1, -1))
        code = symbols + SYMBOLS[check] if check < len(SYMBOLS) else ""
        if TELLING.intersection(symbols) and mixed(code) >= MIXED:
            return Code(code)


def mixed(symbols: str) -> int:
    """How many groups mix letters and digits."""
    groups = (symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))
    return sum(any(map(str.isdigit, group)) and any(map(str.isalpha, group)) for group in groups)


def normalise(text: str) -> Typed | NotACode | CheckFails:
    """What somebody typed who was asked for a code."""
    return judge("".join(plain(text).split()).replace("-", ""))


def judge(symbols: str) -> Typed | NotACode | CheckFails:
    """The verdict on plain text without spaces and hyphens."""
    symbols = symbols.translate(_ALIKE)
    if not all(symbol in _VALUE for symbol in symbols):
        return NotACode()
    if len(symbols) != LENGTH:
        return NotACode(len(symbols))
    value = 0
    for symbol in symbols[:-1]:
        value = value * 32 + _VALUE[symbol]
    return Typed(Code(symbols)) if value % CHECK == _VALUE[symbols[-1]] else CheckFails()


def printed(code: Code) -> str:
    """As on the letter: K7QM-2F9T-XW3B-8HRN."""
    return "-".join(code.symbols[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def digest(keyring: Keyring, code: Code) -> str:
    """What is stored of a code, under the key in use."""
    return digests(keyring, code)[0]


def digests(keyring: Keyring, code: Code) -> list[str]:
    """What may be stored of a code: codes are not rotated, they expire with the key they were made with.

    As much work for every code, known or not.
    """
    return [tag(key, key.mac("code", code.symbols)) for key in keyring.every(Purpose.CODE)]
