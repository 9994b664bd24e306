"""Mistakes and advice beyond what the loader sees, each at the line where it is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import checks
import settings
from faq import twins
from faq.check import check, first_sentence, is_advice
from faq.decision import Thresholds
from faq.library import Library
from faq.loader import SHIPPED, load, read_files
from faq.match import DontKnow, Match, Part, Reading
from faq.probes import read_probes
from tests.support.faq_files import FaqFiles
from texts import explain_briefly

TODAY = date(2026, 11, 24)


@pytest.fixture
def files(tmp_path):
    return FaqFiles(tmp_path)


@pytest.fixture(scope="module")
def fill():
    return checks.texts_of(settings.load({})).fill


class Leads:
    """A matcher that leads each text where it is told to, and every other one to its own entry."""

    def __init__(self, store, elsewhere=(), urgent=None):
        self.own = {}
        for entry in store.entries.values():
            for wording in (entry.de, entry.en):
                self.own |= dict.fromkeys((wording.title, wording.button, *wording.ask), entry.id)
        self.own |= dict(elsewhere)
        self.urgent = urgent

    def read(self, text):
        entry = self.own[text]
        if entry is None:
            return Reading(None, ())
        match = Match(entry, 0.9, text, "de")
        return Reading("de", (Part(text, (match,), DontKnow()),), self.urgent)


def found(files, fill, *, elsewhere=(), urgent=None, **options):
    """Code, line's text and sentence of everything that `check` says."""
    folder = files.write()
    store = load(folder, fill)
    problems = check(
        read_files(folder),
        Leads(store, elsewhere, urgent),
        read_probes(folder, store.entries),
        today=TODAY,
        fill=fill,
        **options,
    )
    assert problems == sorted(problems, key=lambda problem: (problem.file, problem.line))
    assert all(problem.file == "card.yaml" and problem.line for problem in problems)
    return [(problem.code, problem.excerpt, explain_briefly(problem)) for problem in problems]


def test_nothing_is_said_about_good_files(files, fill):
    folder = files.write()
    library = Library.open(folder, Thresholds(), fill)
    probes = read_probes(folder, library.store.entries)
    assert check(read_files(folder), library.matcher, probes, today=TODAY, fill=fill) == []


def set_in(entry, path, value):
    *steps, last = path.split(".")
    for step in steps:
        entry = entry[step]
    entry[last] = value


LONG = "Die Karte kostet, je nachdem bei welchem Anbieter Sie sie bestellen und wie lange sie laufen soll, " + (
    "und das ist noch nicht alles, was zu bedenken ist, " * 3 + "etwa 500 Euro."
)


@pytest.mark.parametrize(
    ("path", "value", "code", "excerpt", "words"),
    [
        ("review_by", "2026-11-23", "advice.overdue", "review_by: '2026-11-23'", ["card-cost", "2026-11-23"]),
        ("sources", [], "advice.no-source", "- id: card-cost", ["card-cost", "keine Quelle"]),
        ("related", ["pin-safe"] * 2, "faq.related-twice", "related:", ["pin-safe", "zweimal"]),
        ("de.ask", ["was kostet das"], "advice.few-phrasings", "ask:", ["nur 1", "card-cost › de › ask", "12"]),
        ("en.ask", ["what does it cost"], "advice.few-phrasings", "ask:", ["nur 1", "card-cost › en › ask", "8"]),
        ("de.answer", "Nein.\nEtwa 500 Euro.", "advice.bare-answer", "answer:", ["„Nein.“", "ganzen Satz"]),
        ("en.answer", "Yes! About 500.", "advice.bare-answer", "answer: Yes! About 500.", ["„Yes!“"]),
        ("de.answer", LONG, "advice.first-sentence", "answer: Die Karte kostet", ["bis 220"]),
        ("en.button", "IS THE PIN SAFE?", "faq.button-twice", "button: IS", ["pin-safe", "card.yaml,"]),
    ],
)
def test_what_is_wrong_with_one_entry(files, fill, path, value, code, excerpt, words):
    set_in(files.cost, path, value)
    [(told, shown, sentence)] = found(files, fill)
    assert told == code
    assert shown.startswith(excerpt)
    assert all(word in sentence for word in words)
    assert "…" not in sentence.replace("„Ja, Sie können …“", "")  # no value is missing


@pytest.mark.parametrize(
    ("answer", "needed"),
    [
        ("Rufen Sie an: {phone}", False),  # the association's own word
        ("Tippen Sie /karte", False),
        ("Seit 2025 gilt: {phone}", True),  # somebody published that
        ("Das <b>ist</b> so.", True),
    ],
)
def test_an_answer_of_the_association_needs_no_source(files, fill, answer, needed):
    files.cost["sources"] = []
    files.cost["de"]["answer"] = files.cost["en"]["answer"] = answer
    assert [code for code, *_ in found(files, fill)] == ["advice.no-source"] * needed


def test_entries_that_name_the_right_door_need_no_source(files, fill):
    files.category = "other"
    files.cost["sources"], files.pin["sources"] = [], []
    assert found(files, fill) == []


@pytest.mark.parametrize(
    ("own", "of_pin", "code"),
    [
        ("Auf wessen Konto geht's?", "auf wessen konto geht s", "faq.phrasing-twice"),
        ("Muß ich eine Kärte haben", "muss ich eine kaerte haben", "faq.phrasing-twice"),
        ("wie lange gilt der code im brief", "wie lange gilt der code im briefe", "advice.phrasing-near"),
        ("code im brief wie lange gültig", "wie lange gültig code im brief", "advice.phrasing-near"),
        ("artikel 15 dsgvo", "artikel 17 dsgvo", None),
        ("was kostet das", "wer kennt sie", None),
    ],
)
def test_phrasings_that_are_nearly_the_same(files, fill, own, of_pin, code):
    files.pin["de"]["ask"].append(of_pin)
    files.cost["en"]["ask"].append(own)
    told = found(files, fill)
    assert [code_ for code_, *_ in told] == [code] * (code is not None)
    if code:
        assert own in told[0][1]  # the later one of the two
        assert of_pin in told[0][2]
        assert "pin-safe" in told[0][2]


def test_a_phrasing_that_is_a_test_question(files, fill):
    files.cost["de"]["ask"][0] = "Karte, Preis?"
    [(code, excerpt, sentence)] = found(files, fill)
    assert (code, excerpt) == ("advice.test-question", "- Karte, Preis?")
    assert "tests/de.yaml, 4" in sentence


def test_phrasings_and_labels_that_find_another_entry(files, fill):
    elsewhere = {"preis im jahr": "pin-safe", "Was kostet die Karte?": "pin-safe", "Kosten der Karte": "pin-safe"}
    told = found(files, fill, elsewhere=elsewhere)
    assert [(code, excerpt) for code, excerpt, _ in told] == [
        ("faq.phrasing-elsewhere", "title: Was kostet die Karte?"),
        ("advice.button-elsewhere", "button: Kosten der Karte"),
        ("faq.phrasing-elsewhere", "- preis im jahr"),
    ]
    assert all("„pin-safe“ statt „card-cost“" in sentence for *_, sentence in told)


def test_a_phrasing_without_a_word(files, fill):
    files.cost["de"]["ask"].append("?!")
    [(code, excerpt, _)] = found(files, fill, elsewhere={"?!": None})
    assert (code, excerpt) == ("faq.phrasing-nothing", "- ?!")


def test_a_phrasing_finds_its_entry_also_below_urgent_words(files, fill):
    assert found(files, fill, urgent="pin-safe") == []


def test_only_what_was_edited_is_looked_at(files, fill):
    files.pin["review_by"] = files.cost["review_by"] = "2026-01-01"
    files.pin["de"]["ask"].append("wie lange gilt der code im brief")
    files.cost["de"]["ask"].append("wie lange gilt der code im briefe")
    files.pin["en"]["button"] = files.cost["en"]["button"]
    for edited, other in (("pin-safe", "card-cost"), ("card-cost", "pin-safe")):
        told = found(files, fill, only={edited}, elsewhere={"preis im jahr": "pin-safe", "preis": "?"})
        assert len([code for code, *_ in told if code == "advice.overdue"]) == 1
        [near] = [sentence for code, _, sentence in told if code == "advice.phrasing-near"]
        assert f"beim Eintrag „{other}“" in near  # told where the edit is
        assert [code for code, *_ in told].count("faq.button-twice") == 1
        assert [code for code, *_ in told].count("faq.phrasing-elsewhere") == (edited == "card-cost")
    assert found(files, fill, only=()) == []


def test_advice_refuses_nothing_and_mistakes_do(files, fill):
    files.cost["review_by"] = "2026-01-01"
    files.cost["related"] = ["pin-safe", "pin-safe"]
    folder = files.write()
    problems = check(read_files(folder), Leads(load(folder, fill)), today=TODAY, fill=fill)
    assert {problem.code: is_advice(problem) for problem in problems} == {
        "advice.overdue": True,
        "faq.related-twice": False,
    }


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("Ja, <b>Sie</b> können. Und mehr.", "Ja, Sie können."),
        ("Am 13. Januar, z. B. am Mittag. Dann.", "Am 13. Januar, z. B. am Mittag."),
        ("Erste Zeile\nzweite Zeile.", "Erste Zeile"),
        ("Wirklich? Ja.", "Wirklich?"),
        ("A &lt; B gilt", "A < B gilt"),
        ("", ""),
    ],
)
def test_the_first_sentence(html, sentence):
    assert first_sentence(html) == sentence


@given(st.text(st.characters(exclude_characters="<>&", exclude_categories=["Cs"])))
def test_the_first_sentence_begins_the_text(text):
    sentence = first_sentence(text)
    assert text.strip().startswith(sentence)
    assert len(sentence.splitlines()) <= 1
    assert bool(sentence) == bool(text.strip())


@given(st.lists(st.tuples(st.text("ab 1", max_size=8), st.sampled_from("xyz")), max_size=12), st.data())
def test_twins_are_of_different_owners_and_told_once(phrasings, data):
    texts, owners = [text for text, _ in phrasings], [owner for _, owner in phrasings]
    rows = [row for row in range(len(texts)) if data.draw(st.booleans())]
    pairs = list(twins.pairs(texts, owners, rows))
    assert all(row in rows and owners[row] != owners[column] for row, column in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    same = {
        frozenset((a, b)) for a in rows for b in range(len(texts)) if owners[a] != owners[b] and texts[a] == texts[b]
    }
    assert {pair for pair in same if texts[min(pair)]} <= {frozenset(pair) for pair in pairs}


def test_the_shipped_files_by_themselves(fill):
    """Everything but the matcher's part, which takes half a minute: below."""
    store = load(SHIPPED, fill)
    probes = read_probes(SHIPPED, store.entries)
    assert check(read_files(SHIPPED), Leads(store), probes, today=TODAY, fill=fill) == []


@pytest.mark.long
def test_every_shipped_phrasing_finds_its_entry(shipped, fill):
    problems = check(read_files(SHIPPED), shipped.matcher, today=TODAY, fill=fill)
    assert [problem for problem in problems if not is_advice(problem)] == []
