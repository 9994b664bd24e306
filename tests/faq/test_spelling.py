"""Unknown words read in the words of the store."""

import pytest

from faq.corpus import Corpus
from faq.spelling import Speller
from faq.vocabulary import Vocabulary

STORE = (
    "Wie sperre ich meine Karte? Wo ist die Praxis? Ist der elektronische Ausweis betroffen? Apothekenkarten, "
    "Datenleck, Benachrichtigung über den Dienst, Apothekerkammer, Kennwort vergessen, Passwort"
)


@pytest.fixture(scope="module")
def speller():
    texts = [STORE, "is my certificate affected by the breach"]
    return Speller(Vocabulary(Corpus(texts, ["de", "en"], lambda _: ())))


@pytest.mark.parametrize("word", ["karte", "karten", "sperren", "affected"])
def test_a_word_of_the_store_in_any_form_is_itself(speller, word):
    assert speller.read(word).words == ((word, 1.0),)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kratee", "karte"),
        ("elektronishe", "elektronische"),
        ("betrofen", "betrofen"),  # the plain spelling of "betroffen" has both f
        ("datneleck", "datenleck"),
        ("certifikate", "certificate"),
        ("kenwort", "kenwort"),
    ],
)
def test_a_typo_is_the_nearest_word(speller, typed, meant):
    read = speller.read(typed)
    nearest = read.words[0][0]
    assert nearest == meant or (read.is_typo and nearest.startswith(meant[:3]))


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("praxisausweis", ("praxis", "ausweis")),
        ("kartensperre", ("karte", "sperre")),
        ("meinekarte", ("meine", "karte")),
        ("benachrichtigungsdienst", ("benachrichtigung", "dienst")),
    ],
)
def test_a_compound_is_its_parts(speller, compound, parts):
    assert tuple(word for word, _ in speller.read(compound).words) == parts


@pytest.mark.parametrize("word", ["wasser", "house", "telefon"])
def test_a_right_word_that_the_store_lacks_is_not_corrected(speller, word):
    assert not speller.read(word).words


@pytest.mark.parametrize("word", ["apothekenkasse", "benachrichtigungsabo"])
def test_a_compound_that_only_begins_alike_is_no_typo(speller, word):
    assert not speller.read(word).is_typo


@pytest.mark.parametrize("word", ["x", "zz", "4711", "qqqqqqqqqqqq"])
def test_what_is_like_nothing_is_unknown(speller, word):
    assert not speller.read(word).words
