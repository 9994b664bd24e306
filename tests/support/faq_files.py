"""A small folder of FAQ files that nothing can be said against, to be spoilt by tests."""

from copy import deepcopy

import yaml

PIN_DE = """ist meine pin sicher|pin ändern nötig|wurde die puk ausgelesen|geheimzahl bekannt geworden
kann jemand mit meiner pin unterschreiben|muss ich eine neue geheimzahl setzen|pin brief noch gültig
zahlen zum freischalten gestohlen|signatur pin in gefahr|transport pin betroffen|wer kennt jetzt meine pin
pin wechseln oder nicht"""
PIN_EN = """is my pin safe|change the pin now|was the puk read|does anybody know my secret number
signing pin at risk|transport pin affected|new pin required|can someone sign with my pin"""
COST_DE = """was kostet der ausweis|gebühr für eine neue karte|wie teuer ist das|preis im jahr|rechnung vom anbieter
zahlt die kammer etwas dazu|kosten steuerlich absetzen|wie viel euro pro quartal|gibt es rabatt
ist der tausch umsonst|erstattung der auslagen|jahresbeitrag"""
COST_EN = """what does the card cost|price of a new one|how expensive is it|yearly fee|invoice from the provider
does the chamber pay a share|tax deductible|any discount"""


def lines(text):
    return [phrasing.strip() for line in text.splitlines() for phrasing in line.split("|")]


PIN = {
    "id": "pin-safe",
    "owner": "Datenschutz",
    "as_of": "2026-11-24",
    "review_by": "2027-05-31",
    "sources": ["S02"],
    "related": ["card-cost"],
    "actions": ["cards"],
    "de": {
        "title": "Ist meine PIN noch sicher?",
        "button": "Ist die PIN sicher?",
        "ask": lines(PIN_DE),
        "answer": 'Ja, Ihre <b>PIN</b> war nicht dabei.\nFragen? <a href="https://example.org/a">Hier</a> & {phone}'.replace(
            "&", "&amp;"
        ),
        "more": "Einzelheiten zur PIN.",
    },
    "en": {
        "title": "Is my PIN still safe?",
        "button": "Is the PIN safe?",
        "ask": lines(PIN_EN),
        "answer": "Yes, your PIN was not included.",
    },
}
COST = {
    "id": "card-cost",
    "owner": "Kartenstelle",
    "as_of": "2026-11-24",
    "review_by": "2027-05-31",
    "sources": ["S02"],
    "de": {
        "title": "Was kostet die Karte?",
        "button": "Kosten der Karte",
        "ask": lines(COST_DE),
        "answer": "Die Karte kostet etwa 500 Euro.",
    },
    "en": {
        "title": "What does the card cost me?",
        "button": "Cost of the card",
        "ask": lines(COST_EN),
        "answer": "The card costs about 500 euros.",
    },
}
PROBES = {
    "de": [("kennt jemand meine geheime pin", "pin-safe"), ("karte preis", "card-cost"), ("wetter morgen", "none")],
    "en": [("pin stolen, unsafe?", "pin-safe"), ("cost of a card", ["card-cost", "pin-safe"])],
}


class FaqFiles:
    """The files in `content/`, with test questions in `tests/` beside it."""

    def __init__(self, root):
        self.folder = root / "content"
        self.pin, self.cost = deepcopy(PIN), deepcopy(COST)
        self.probes = deepcopy(PROBES)
        self.category = "card"

    def write(self):
        """Writes everything and returns the folder."""
        self.folder.mkdir(exist_ok=True)
        head = {"category": self.category, "title": {"de": "Karte", "en": "Card"}}
        self._dump(self.folder / "card.yaml", head | {"entries": [self.pin, self.cost]})
        source = {"id": "S02", "name": {"de": "Kammer", "en": "Chamber"}}
        self._dump(self.folder / "sources.yaml", {"sources": [source]})
        tests = self.folder.parent / "tests"
        tests.mkdir(exist_ok=True)
        for language, probes in self.probes.items():
            questions = [{"ask": ask, "expect": expect} for ask, expect in probes]
            self._dump(tests / f"{language}.yaml", {"questions": questions})
        return self.folder

    @staticmethod
    def _dump(path, data):
        path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")
