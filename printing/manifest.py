"""What a batch of letters was, without codes, names and addresses."""

import json
from dataclasses import asdict, dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written beside the PDF; says which letters are in it, in their order, and how to tell that it is this PDF."""

    batch: str
    day: date
    letters: int
    pages: int
    pdf: str  # the file's name
    pdf_sha256: str
    template_sha256: str
    references: tuple[str, ...]

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "day": self.day.isoformat()}, ensure_ascii=False, indent=1) + "\n"
