"""Words written as they are spoken, and the words of the store that they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.corpus import Corpus
from faq.dialect import spellings
from faq.spelling import Speller
from faq.vocabulary import Vocabulary

STORE = "Zeig, wie heißt, such das Buch, spiel das Lied, mach die Erinnerungen, gemacht, Tisch, schreiben, über, möchte"


@pytest.fixture(scope="module")
def speller():
    return Speller(Vocabulary(Corpus([STORE], ["de"], lambda _: ())))


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("zoag", "zeig"),
        ("suach", "such"),
        ("buach", "buch"),
        ("spui", "spiel"),
        ("liad", "lied"),
        ("disch", "tisch"),
        ("schpiu", "spiel"),
        ("jemacht", "gemacht"),
        ("mecht", "mocht"),  # in plain spelling, see `normalise`
        ("macha", "machen"),
    ],
)
def test_the_written_form_is_among_the_spellings(spoken, written):
    assert written in set(spellings(spoken))


@pytest.mark.parametrize(("spoken", "meant"), [("zoag", "zeig"), ("suach", "such"), ("spui", "spiel")])
def test_a_word_in_dialect_is_read_as_the_word_of_the_store(speller, spoken, meant):
    read = speller.read(spoken)
    assert read.is_typo
    assert read.words[0][0] == meant


def test_a_nearer_typo_is_the_better_reading(speller):
    assert speller.read("erinerungne").words[0][0] == "erinnerungen"


@given(st.text(alphabet="abcdeghiksuoyptw", max_size=48))
def test_the_spellings_of_any_word_are_few(word):
    assert sum(1 for _ in spellings(word)) <= 250
