"""`letters`: how letters with activation codes are made."""

from typing import Self

from pydantic import model_validator

from config.base import Strict
from config.names import Names, check_one_meaning, names_in


class LetterColumns(Strict):
    """The names that a column of the register may have when letters are addressed."""

    number: Names = ("Mitgliedsnummer", "Mitglieds-Nr.", "Mitgliedsnr.", "Member number")
    salutation: Names = ("Briefanrede", "Anrede", "Salutation")
    title: Names = ("Titel", "Title")
    first_name: Names = ("Vorname", "First name")
    last_name: Names = ("Nachname", "Name", "Last name")
    addition: Names = ("Adresszusatz", "Zusatz", "Address line 2")
    street: Names = ("Straße", "Strasse", "Straße und Hausnummer", "Street")
    postcode: Names = ("PLZ", "Postleitzahl", "Postcode")
    city: Names = ("Ort", "Stadt", "City")
    country: Names = ("Land", "Country")

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        check_one_meaning(names_in(self))
        return self


class Letters(Strict):
    """How letters with activation codes are made."""

    columns: LetterColumns = LetterColumns()
    template: str = ""  # beside config.yaml; empty: the one that comes with the program
