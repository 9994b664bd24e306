"""Letters are printed and stored in an order in which no crash does harm.

1. The PDF and its manifest are made in a locked drawer beside their place. A crash leaves nothing that counts: the
   drawer is emptied by the next run.
2. The letters are stored in one transaction. After a crash here the batch exists without a PDF; its codes do not work
   and never will, because nobody can post them. `letters list` shows the batch, `letters withdraw` ends it, and until
   then its members get no second letter by mistake.
3. The files are moved to their place. When that fails, the batch is withdrawn at once.

So there is never a PDF whose codes are not known.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config import Config
from db.session import Database, DatabaseError
from printing import Letter, Manifest, Sender, render
from printing.drawer import drawer, publish
from services import letters
from services.desk import Desk
from services.imports import Order, Progress, quiet
from services.letters import Draft
from strict_yaml import Problem, Problems
from vault import codes
from vault.codes import Code


@dataclass(frozen=True, slots=True)
class Press:
    """What letters look like: who writes, where the bot is, and the association's template, if it has one."""

    sender: Sender
    template: Path | None = None

    @classmethod
    def of(cls, config: Config, folder: Path) -> "Press":
        """`folder` is where `config.yaml` lies."""
        other = config.policies.other_channel
        sender = Sender.of(
            config.association.model_dump(),
            second_check=config.verification.second_check,
            other_channel=other.de,
            other_channel_en=other.en,
        )
        return cls(sender, folder / config.letters.template if config.letters.template else None)

    def link(self, code: Code) -> str:
        """The link that opens the bot with the code."""
        return f"https://t.me/{self.sender.bot_name.removeprefix('@')}?start={code.symbols}"


def manifest_of(out: Path) -> Path:
    """Where the manifest of a PDF is."""
    return out.with_name(f"{out.stem}.manifest.json")


def run(
    database: Database,
    desk: Desk,
    press: Press,
    made: Draft,
    out: Path,
    order: Order,
    *,
    now: datetime,
    progress: Progress = quiet,
) -> Manifest:
    """Prints a batch to `out` and stores it. Raises `Problems` and OSError; then there is no PDF and no valid code."""
    with drawer(out.parent) as inside:
        for place in (out, manifest_of(out)):
            if place.exists():
                raise Problems([Problem(place.name, 0, "", "letters.exists")])
        proof = inside / out.name
        manifest = render(
            _letters(made, press),
            press.sender,
            proof,
            batch=made.batch,
            day=made.day,
            template=press.template,
            progress=progress,
        )
        if problem := database.work(letters.store, desk, made, order, now):
            raise Problems([problem])
        try:
            publish({manifest_of(proof): manifest_of(out), proof: out})
        except BaseException:
            with suppress(DatabaseError):  # else the batch stays as after a crash
                database.work(letters.withdraw, desk, made.batch, by="system", now=now)
            raise
    return manifest


def _letters(made: Draft, press: Press) -> Iterator[Letter]:
    for number, slip in enumerate(made.slips, 1):
        yield slip.recipient.letter(slip.reference, number, codes.printed(slip.code), press.link(slip.code), made.until)
