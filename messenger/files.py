"""Files of messages: kept in the folder, described as Telegram describes them."""

import json
import mimetypes
import secrets
import struct
from pathlib import Path
from typing import Final

from messenger.errors import Refused, bad
from messenger.store import Json, dump
from messenger.world import World

LARGEST_FILE: Final = 50 << 20  # bytes; bots/api#sending-files
LARGEST_PHOTO: Final = 10 << 20
_PLACES: Final = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}
_KNOWN_TYPES: Final = {".webp": "image/webp", ".ogg": "audio/ogg", ".md": "text/markdown"}


def mime(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return _KNOWN_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def keep(world: World, kind: str, name: str, data: bytes) -> Json:
    """Writes a file into the folder; returns its record. Raises Refused when it is empty or too large."""
    if not data:
        raise bad("file must be non-empty")
    if len(data) > LARGEST_FILE:
        raise Refused(413, "Request Entity Too Large")
    number = world.store.next_number("next_file", 0)
    size = image_size(data)
    if kind == "photo":
        if len(data) > LARGEST_PHOTO:
            raise bad(
                f"file of size {len(data)} bytes is too big for a photo; the maximum size is {LARGEST_PHOTO} bytes"
            )
        if size is None:
            raise bad("IMAGE_PROCESS_FAILED")
    suffix = Path(name).suffix.lower()[:8] if Path(name).suffix[1:].isalnum() else ""
    record: Json = {"id": f"AgAD{secrets.token_urlsafe(24)}", "unique": f"AQAD{secrets.token_urlsafe(8)}", "kind": kind}
    record |= {"name": Path(name).name or "file", "mime": mime(name), "size": len(data), "dimensions": size}
    record["path"] = f"{_PLACES.get(kind, 'documents')}/file_{number}{suffix}"
    place = world.store.folder / "files" / record["path"]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    world.store.write("INSERT INTO files VALUES (?, ?, ?)", record["id"], number, dump(record))
    return record


def find(world: World, number: str) -> Json | None:
    return world.store.body("SELECT body FROM files WHERE id = ?", number)


def find_by_path(world: World, path: str) -> Json | None:
    for (body,) in world.store.rows("SELECT body FROM files ORDER BY number"):
        record: Json = json.loads(body)
        if record["path"] == path:
            return record
    return None


def place(world: World, record: Json) -> Path:
    return world.store.folder / "files" / str(record["path"])


def described(record: Json, kind: str) -> Json:
    """Returns what stands in a message: {"photo": [...]}, {"document": {...}} and so on."""
    base = {"file_id": record["id"], "file_unique_id": record["unique"], "file_size": record["size"]}
    width, height = record["dimensions"] or (512, 512)
    if kind == "photo":
        return {"photo": [base | {"width": width, "height": height}]}
    if kind == "voice":
        return {"voice": base | {"duration": 3, "mime_type": "audio/ogg"}}
    return {"document": base | {"file_name": record["name"], "mime_type": record["mime"]}}


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, JPEG or WebP; None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:  # noqa: PLR2004
        return struct.unpack(">II", data[16:24])
    if data[:6] in {b"GIF87a", b"GIF89a"} and len(data) >= 10:  # noqa: PLR2004
        return struct.unpack("<HH", data[6:10])
    if data[:2] == b"\xff\xd8":
        return _jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:  # noqa: PLR2004
        kind, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:  # noqa: PLR2004 - a frame's header
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] == b"VP8X" and len(data) >= 30:  # noqa: PLR2004
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8 " and len(data) >= 30:  # noqa: PLR2004
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if data[12:16] == b"VP8L" and len(data) >= 25:  # noqa: PLR2004
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
