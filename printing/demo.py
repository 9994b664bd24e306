"""The letter of the demonstration: an invented member, marked as a sample."""

from datetime import date

from printing.letter import Language, Letter


def demo_letter(code_printed: str, link: str, valid_until: date, *, language: Language = "de") -> Letter:
    """A letter to somebody who does not exist, with a code that the demonstration knows.

    Raises ValueError as `Letter` does.
    """
    return Letter(
        reference="DEMO-00001",
        number=1,
        code_printed=code_printed,
        link=link,
        salutation="Sehr geehrte Frau Dr. Beispiel" if language == "de" else "Dear Dr Beispiel",
        name="Dr. med. Mara Beispiel",
        address=("Am Musterweg 7", "00000 Musterstadt"),
        valid_until=valid_until,
        language=language,
        is_demo=True,
    )
