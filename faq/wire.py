"""Questions and readings as bytes, between the program and the process that reads for it (`faq.child`). Pure."""

import json
import struct
from collections.abc import Iterator
from typing import Any, cast

from faq.match import Answer, DontKnow, Match, Part, Reading, Suggest

_LENGTH = struct.Struct("!I")
_ENCODING = ("utf-8", "surrogatepass")  # half a pair is nothing that a member types, and no reason to stop
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Answer, DontKnow, Match, Part, Reading, Suggest)}


def framed(content: bytes) -> bytes:
    """With its length in front, so that it is found again in a stream."""
    return _LENGTH.pack(len(content)) + content


def frames(heard: bytearray) -> Iterator[bytes]:
    """Takes the whole frames out of what was heard until now; the rest of the next one stays."""
    while len(heard) >= _LENGTH.size:
        end = _LENGTH.size + _LENGTH.unpack_from(heard)[0]
        if len(heard) < end:
            return
        content = bytes(heard[_LENGTH.size : end])
        del heard[:end]
        yield content


def of_text(text: str) -> bytes:
    return text.encode(*_ENCODING)


def to_text(content: bytes) -> str:
    return content.decode(*_ENCODING)


def of_reading(reading: Reading | None) -> bytes:
    """None: it could not be read."""
    return of_text(json.dumps(_plain(reading), ensure_ascii=False, separators=(",", ":")))


def to_reading(content: bytes) -> Reading | None:
    return cast(Reading | None, _rich(json.loads(to_text(content))))


def _plain(value: Any) -> Any:
    """Lists for tuples, and for the words of matching the name with the values of the fields."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    name = type(value).__name__
    if name in _KINDS:
        return {name: [_plain(getattr(value, field)) for field in value.__slots__]}
    return value


def _rich(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_rich(one) for one in value)
    if isinstance(value, dict):
        ((name, fields),) = value.items()
        return _KINDS[name](*map(_rich, fields))
    return value
