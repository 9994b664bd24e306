"""Where backups lie: one file each, named by its time (UTC)."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = "backups"  # in the home folder
KEPT_FOR = timedelta(days=35)
NAME = re.compile(r"auskunft-(\d{4}-\d\d-\d\d-\d{6})\.backup")
TIME = "%Y-%m-%d-%H%M%S"


def name_for(now: datetime) -> str:
    return f"auskunft-{now.astimezone(UTC):{TIME}}.backup"


def made_at(path: Path) -> datetime | None:
    """When a backup was made, from its name; None for other files."""
    found = NAME.fullmatch(path.name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def prune(folder: Path, *, now: datetime, kept_for: timedelta = KEPT_FOR) -> list[Path]:
    """Deletes backups that are older, and only files named like one; which those were. Raises OSError."""
    old = [path for path in sorted(folder.glob("auskunft-*.backup")) if _is_older(path, now - kept_for)]
    for path in old:
        path.unlink()
    return old


def _is_older(path: Path, than: datetime) -> bool:
    at = made_at(path)
    return at is not None and at < than
