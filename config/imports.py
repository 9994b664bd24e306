"""`imports`: how the lists of the association look, and what needs a second person."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from config.base import Strict
from config.names import Names, check_one_meaning, names_in


class RegisterColumns(Strict):
    """The names that a column of the register may have."""

    number: Names = ("Mitgliedsnummer", "Mitglieds-Nr.", "Mitgliedsnr.", "Member number")
    email: Names = ("E-Mail", "E-Mail-Adresse", "Email")
    digits: Names = ("EFN-Endziffern", "Letzte vier Ziffern der EFN", "EFN digits")
    language: Names = ("Sprache", "Language")


class CardColumns(Strict):
    """The names that a column of an incident's list may have."""

    number: Names = ("Mitgliedsnummer", "Mitglieds-Nr.", "Mitgliedsnr.", "Member number")
    kind: Names = ("Kartenart", "Kartentyp", "Card kind")
    card: Names = ("Kartennummer", "Karten-Nr.", "ICCSN", "Card number")
    affected: Names = ("Betroffen", "Affected")
    kinds: Names = ("Datenarten", "Betroffene Daten", "Kinds of data")


class Spoken(Strict):
    """How a list says that a member reads a language."""

    de: Names = ("de", "deutsch", "german")
    en: Names = ("en", "englisch", "english")


CardKind = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16)]


class Imports(Strict):
    """How the lists of the association look, and what needs a second person."""

    register_columns: RegisterColumns = RegisterColumns()
    card_columns: CardColumns = CardColumns()
    words_for_yes: Names = ("ja", "j", "yes", "y", "x", "1", "wahr", "true")
    words_for_no: Names = ("nein", "n", "no", "0", "falsch", "false", "-")
    words_for_languages: Spoken = Spoken()
    card_kinds: dict[CardKind, Names] = Field(
        default={
            "eHBA": ("eHBA", "HBA", "Arztausweis", "elektronischer Arztausweis"),
            "SMC-B": ("SMC-B", "SMCB", "Praxisausweis", "Institutionsausweis"),
        }
    )
    card_digits: Annotated[int, Field(ge=0, le=64)] = 20
    separator: Annotated[str, StringConstraints(min_length=1, max_length=3)] = ","
    encodings: Annotated[tuple[Literal["utf-8", "cp1252"], ...], Field(min_length=1)] = ("utf-8", "cp1252")
    delimiter: Literal["", ";", ",", "tab"] = ""
    links_ended_percent: Annotated[float, Field(ge=0, le=100)] = 5
    findings_changed_percent: Annotated[float, Field(ge=0, le=100)] = 20

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        for model in (self.register_columns, self.card_columns, self.words_for_languages):
            check_one_meaning(names_in(model))
        check_one_meaning((self.words_for_yes, self.words_for_no))
        check_one_meaning(self.card_kinds.values())
        return self
