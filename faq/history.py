"""Every accepted version of the FAQ files, and the way back to any of them.

A version is a folder with the files as they were: an editor can look into it without this program. Files are written
beside their place and then moved onto it, so nobody ever reads half a file.
"""

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from faq.loader import digest

KEEP = 200
_NAME = re.compile(r"(?P<at>[0-9]{8}T[0-9]{6})-(?P<digest>[0-9a-f]{12})")
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Version:
    """An accepted version; `digest` names its content."""

    at: datetime
    digest: str
    folder: Path


class History:
    """The versions in a folder, oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def versions(self) -> list[Version]:
        if not self._folder.is_dir():
            return []
        found = ((_NAME.fullmatch(path.name), path) for path in sorted(self._folder.iterdir()))
        return [
            Version(datetime.strptime(name["at"], _STAMP).replace(tzinfo=UTC), name["digest"], path)
            for name, path in found
            if name
        ]

    def find(self, digest_start: str) -> Version | None:
        """The newest version whose digest begins so."""
        return next((known for known in reversed(self.versions()) if known.digest.startswith(digest_start)), None)

    def keep(self, content: Path, now: datetime) -> Version | None:
        """Keeps what is in `content` as the newest version; None when it is that already."""
        versions = self.versions()
        current = digest(content)
        if versions and versions[-1].digest == current:
            return None
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._folder / f"{now.astimezone(UTC):{_STAMP}}-{current}"
        with tempfile.TemporaryDirectory(dir=self._folder) as begun:
            for path in sorted(content.glob("*.yaml")):
                shutil.copy2(path, begun)
            if target.exists():
                return None
            shutil.copytree(begun, target)
        for old in versions[: max(0, len(versions) + 1 - KEEP)]:
            shutil.rmtree(old.folder)
        return Version(now, current, target)

    @staticmethod
    def restore(version: Version, content: Path) -> None:
        """Makes the files in `content` those of a version. Other files there stay."""
        wanted = {path.name: path for path in version.folder.glob("*.yaml")}
        for name, path in wanted.items():
            _replace(content / name, path.read_bytes())
        for path in content.glob("*.yaml"):
            if path.name not in wanted:
                path.unlink()


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode if path.exists() else 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
