"""Names and addresses for letters: from the register's file, for those who get one, and only while it is printed.

A row that cannot be used is reported by its number in the file; nothing of what stands in it is shown.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from config.letters import LetterColumns
from db.batches import Addressee
from printing import Letter, fault
from printing.letter import Language
from services.imports import Progress, column, quiet
from strict_yaml import Problem
from tables import Column, Rejected, Row, Table
from vault import index
from vault.keyring import Keyring

HOME = {"", "deutschland", "germany", "brd", "d", "de"}  # countries that are not printed
POSTCODE = re.compile(r"[0-9]{5}")
PROGRESS_EVERY = 1000  # rows


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a letter goes to. `repr` shows no name."""

    member: int
    language: str
    name: str = field(repr=False)
    address: tuple[str, ...] = field(repr=False)
    salutation: str = field(default="", repr=False)

    def letter(
        self, reference: str, number: int, code_printed: str, link: str, valid_until: date, *, is_demo: bool = False
    ) -> Letter:
        """Raises ValueError when the code is not one."""
        language: Language = "en" if self.language == "en" else "de"
        return Letter(
            reference=reference,
            number=number,
            code_printed=code_printed,
            link=link,
            name=self.name,
            address=self.address,
            valid_until=valid_until,
            language=language,
            salutation=self.salutation,
            is_demo=is_demo,
        )


@dataclass(frozen=True, slots=True)
class Merged:
    """`recipients` in the order of the file; `absent` has no row there that can be used.

    `problems` are of rows that were needed or might have been, with the numbers that a spreadsheet gives them.
    """

    recipients: tuple[Recipient, ...]
    absent: tuple[Addressee, ...]
    problems: tuple[tuple[int, Problem], ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The member numbers of a list, with the row of each."""

    file: str
    rows: dict[str, int] = field(repr=False)
    problems: tuple[tuple[int, Problem], ...]


def columns(names: LetterColumns) -> tuple[Column, ...]:
    """The columns of a register that letters need, for `tables.read`."""
    return (
        column("number", names.number, number=True),
        column("salutation", names.salutation, required=False),
        column("title", names.title, required=False),
        column("first_name", names.first_name, required=False),
        column("last_name", names.last_name),
        column("addition", names.addition, required=False),
        column("street", names.street),
        column("postcode", names.postcode),
        column("city", names.city),
        column("country", names.country, required=False),
    )


def numbers(table: Table) -> Numbers:
    """Raises `Problems` when the file turns out to be unusable."""
    rows: dict[str, int] = {}
    problems: list[tuple[int, Problem]] = []
    for row in table:
        if isinstance(row, Rejected):
            problems += _bare(row.number, row.problems)
        else:
            rows.setdefault(row.values["number"], row.number)
    return Numbers(table.file, rows, tuple(problems))


def number_column(names: LetterColumns) -> tuple[Column, ...]:
    """The only column of a list of members who are to get a letter."""
    return (column("number", names.number, number=True),)


def merge(
    table: Table, ring: Keyring, addressees: Sequence[Addressee], *, progress: Progress = quiet, most: int | None = None
) -> Merged:
    """Finds the addressees in the register. At most `most` recipients, the first ones of the file.

    Raises `Problems` when the file turns out to be unusable.
    """
    wanted = {addressee.number_mark: addressee for addressee in addressees}
    found: dict[int, Recipient | None] = {}  # None: the row cannot be used
    problems: list[tuple[int, Problem]] = []
    for count, row in enumerate(table, 1):
        if not count % PROGRESS_EVERY:
            progress(count)
        if isinstance(row, Rejected):
            problems += _bare(row.number, row.problems)
            continue
        addressee = _addressee(row, ring, wanted)
        if addressee is None:
            continue
        problem = _problem(row, addressee, table.file)
        if addressee.id in found:
            problem = Problem(table.file, row.line, "", "letters.twice")
        if problem:
            problems.append((row.number, problem))
        found[addressee.id] = None if problem else _recipient(row, addressee)
    recipients = tuple(recipient for recipient in found.values() if recipient)[:most]
    absent = tuple(addressee for addressee in addressees if not found.get(addressee.id))
    return Merged(recipients, absent, tuple(problems))


def _addressee(row: Row, ring: Keyring, wanted: dict[str, Addressee]) -> Addressee | None:
    marks = index.candidates(ring, row.values["number"], kind="member")
    return next((wanted[mark] for mark in marks if mark in wanted), None)


def _bare(row: int, problems: Iterable[Problem]) -> list[tuple[int, Problem]]:
    """Problems without what stands in the cell: it is a name or an address."""
    return [(row, replace(problem, excerpt="")) for problem in problems]


def _problem(row: Row, addressee: Addressee, file: str) -> Problem | None:
    values = row.values
    if _is_home(values["country"]) and not POSTCODE.fullmatch(values["postcode"]):
        return Problem(file, row.line, "", "letters.postcode")
    sample = _recipient(row, addressee).letter("L-000000", 1, "0000-0000-0000-0000", "=" + "0" * 16, date.min)
    found = fault(sample)
    return Problem(file, row.line, "", found.code, dict(found.values)) if found else None


def _recipient(row: Row, addressee: Addressee) -> Recipient:
    values = row.values
    name = " ".join(part for part in (values["title"], values["first_name"], values["last_name"]) if part)
    country = "" if _is_home(values["country"]) else values["country"].upper()
    address = (*values["addition"].splitlines(), values["street"], f"{values['postcode']} {values['city']}", country)
    return Recipient(
        addressee.id, addressee.language, name, tuple(line for line in address if line), _salutation(row, addressee)
    )


def _salutation(row: Row, addressee: Addressee) -> str:
    """The register's own greeting if it is a whole one in the letter's language; a mere "Frau" is none."""
    salutation, last_name = row.values["salutation"].rstrip(" ,"), row.values["last_name"].split()[-1]
    is_english = salutation.startswith("Dear ")
    fits = is_english == (addressee.language == "en")
    return salutation if fits and " " in salutation and last_name in salutation else ""


def _is_home(country: str) -> bool:
    return country.casefold() in HOME
