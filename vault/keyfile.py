"""The text of a key file: a line for each key, the last one in use.

    k1 2026-11-24 <base64 of 32 bytes> <fingerprint>

The functions return what is wrong instead of raising it, and no problem has an excerpt: a traceback or a message
would carry the key on.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from strict_yaml import Problem
from vault.key import SIZE, Key, Purpose, fingerprint

KEY_ID = re.compile(r"k[1-9][0-9]{0,5}")
LINE_PARTS = 4
# 32 random bytes hold about 30 different ones; fewer than this happens once in 10^16 keys.
FEWEST_DIFFERENT = 16
PLACEHOLDER = re.compile(
    r"change|place.?holder|ersetze|example|beispiel|insert|geheim|secret|todo|xxx|[<>…]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of one purpose, oldest first, and what is wrong with their file."""

    keys: tuple[Key, ...] = ()
    problems: tuple[Problem, ...] = ()


def new_line(purpose: Purpose, before: Sequence[Key], today: date) -> str:
    """A line with a new random key, to follow the keys that are there."""
    key_id = f"k{number(before[-1].id) + 1 if before else 1}"
    material = secrets.token_bytes(SIZE)
    text = base64.b64encode(material).decode("ascii")
    return f"{key_id} {today.isoformat()} {text} {fingerprint(purpose, key_id, material)}\n"


def number(key_id: str) -> int:
    return int(key_id[1:])


def parse(path: Path, purpose: Purpose, content: bytes) -> Ring:
    """The keys in a file's content, or what is wrong with each line."""
    keys: list[Key] = []
    problems: list[Problem] = []
    for count, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _key(purpose, line.split())
        if isinstance(found, Key) and keys and number(found.id) <= number(keys[-1].id):
            found = "vault.order"
        if isinstance(found, Key):
            keys.append(found)
        else:
            problems.append(Problem(str(path), count, "", found))
    if not keys and not problems:
        problems.append(Problem(str(path), 0, "", "vault.empty"))
    return Ring(tuple(keys), tuple(problems))


def _key(purpose: Purpose, parts: list[str]) -> Key | str:
    """The key in a line, or the code of the problem with it."""
    if any(PLACEHOLDER.search(part) and len(_material(part) or b"") != SIZE for part in parts):
        return "vault.placeholder"
    if len(parts) != LINE_PARTS or not KEY_ID.fullmatch(parts[0]):
        return "vault.line"
    key_id, since, text, check = parts
    day, material = _day(since), _material(text)
    if day is None or material is None:
        return "vault.line"
    if len(material) != SIZE:
        return "vault.size"
    if len(set(material)) < FEWEST_DIFFERENT or all(0x20 <= byte < 0x7F for byte in material):  # noqa: PLR2004  ASCII
        return "vault.placeholder"
    if check != fingerprint(purpose, key_id, material):
        return "vault.fingerprint"
    return Key.of(purpose, key_id, day, material)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _material(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None  # one spelling, the one that was written
