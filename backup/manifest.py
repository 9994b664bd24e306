"""What a backup says of itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

FORMAT = 1
FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One file in a backup."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """When what was copied from where, so that a restore can tell whether it has all of it."""

    made_at: datetime
    dialect: str
    revision: str  # the migration that the database was at
    columns: Mapping[str, tuple[str, ...]]  # by table
    rows: Mapping[str, int]  # by table
    parts: Mapping[str, Part]
    format: int = FORMAT

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"made_at": self.made_at.isoformat()}, sort_keys=True, indent=1)


class NotAManifest(ValueError):  # noqa: N818  says what the file is
    """Not one, or one of a newer program: `newer` says which."""

    def __init__(self, *, newer: bool) -> None:
        super().__init__("newer" if newer else "none")
        self.newer = newer


def read(text: str) -> Manifest:
    """Raises `NotAManifest`. Its author had the backup key: this is a check of versions, not of enemies."""
    try:
        data: dict[str, Any] = json.loads(text)
        version = int(data["format"])
    except (ValueError, TypeError, KeyError) as error:
        raise NotAManifest(newer=False) from error
    if version > FORMAT:
        raise NotAManifest(newer=True)
    try:
        return _manifest(data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotAManifest(newer=False) from error


def _manifest(data: dict[str, Any]) -> Manifest:
    return Manifest(
        made_at=datetime.fromisoformat(data["made_at"]),
        dialect=data["dialect"],
        revision=data["revision"],
        columns={name: tuple(columns) for name, columns in data["columns"].items()},
        rows={name: int(rows) for name, rows in data["rows"].items()},
        parts={name: Part(**part) for name, part in data["parts"].items()},
    )
