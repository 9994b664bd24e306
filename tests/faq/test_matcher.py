"""A small store and the messages that must find its entries."""

import pytest

from faq.decision import Thresholds
from faq.match import Answer
from faq.matcher import Matcher, Phrasing, phrasings_in

STORE = {
    ("pin", "de"): ["Ist meine PIN sicher?", "muss ich die PIN ändern", "Geheimnummer ausgespäht", "PIN neu setzen?"],
    ("pin", "en"): ["is my pin safe", "do I have to change the pin", "was my secret number read"],
    ("block", "de"): ["Wie sperre ich meine Karte?", "Karte verloren", "Ausweis gestohlen, was tun?", "Sperrhotline"],
    ("block", "en"): ["how do I block my card", "I lost my card", "card stolen what now", "blocking hotline"],
    ("when", "de"): ["Wann ist das passiert?", "Datum des Vorfalls", "An welchem Tag war das Datenleck?"],
    ("when", "en"): ["when did it happen", "date of the incident", "on which day was the data breach"],
    ("press", "de"): ["Wer ist die Pressestelle?", "Ich bin Journalist und habe Fragen", "Presseanfrage stellen"],
    ("press", "en"): ["who is the press office", "I am a journalist with questions", "press enquiry"],
    ("damages", "de"): ["Bekomme ich Schadensersatz?", "Entschädigung für das Datenleck", "Kann ich klagen?"],
    ("damages", "en"): ["do I get damages", "compensation for the data leak", "can I sue them"],
}
PHRASINGS = [Phrasing(entry, language, text) for (entry, language), texts in STORE.items() for text in texts]
SYNONYMS = [["Journalist", "Reporter", "newspaper people"], ["Entschädigung", "Schmerzensgeld"]]


@pytest.fixture(scope="module")
def matcher():
    return Matcher.of_phrasings(PHRASINGS, Thresholds(answer_at=0.5, suggest_at=0.1, lead=0.05), SYNONYMS)


def best(matcher, text):
    (part,) = matcher.read(text).parts
    return part.matches[0]


@pytest.mark.parametrize("phrasing", PHRASINGS, ids=lambda phrasing: phrasing.text)
def test_every_phrasing_is_answered_by_its_entry(matcher, phrasing):
    (part,) = matcher.read(phrasing.text).parts
    assert isinstance(part.decision, Answer)
    assert part.decision.match.entry == phrasing.entry


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("is meine pin nohc sciher", "pin"),
        ("WIE SPERRE ICH MEINE KARTE", "block"),
        ("kartensperrung", "block"),
        ("meinekarte sperren", "block"),
        ("kar te ver loren", "block"),
        ("geheim nummer ausgespaeht?", "pin"),
        ("entschaedigung", "damages"),
        ("Datenlecktag?", "when"),
        ("how do I sperren my card", "block"),
        ("jornalist mit frage", "press"),
        ("compansation for the leek", "damages"),
    ],
)
def test_messages_as_they_are_typed(matcher, text, entry):
    assert best(matcher, text).entry == entry


@pytest.mark.parametrize(
    ("text", "entry"), [("reporter hier", "press"), ("newspaper people", "press"), ("schmerzensgeld", "damages")]
)
def test_a_synonym_counts_as_the_first_word_of_its_group(matcher, text, entry):
    assert best(matcher, text).entry == entry


def test_the_nearest_phrasing_and_its_language_are_named(matcher):
    match = best(matcher, "date of this incident?")
    assert (match.phrasing, match.language) == ("date of the incident", "en")


def test_corrected_and_unknown_words_are_told(matcher):
    (part,) = matcher.read("Presseanfarge wegen Waschmaschine").parts
    assert part.corrected == (("Presseanfarge", "Presseanfrage"),)
    assert part.unknown == ("Waschmaschine",)


@pytest.mark.parametrize("text", ["Wie wird das Wetter morgen in Hamburg?", "best pizza in town", "asdfghjkl", "4711"])
def test_what_is_foreign_is_not_answered(matcher, text):
    (part,) = matcher.read(text).parts
    assert not isinstance(part.decision, Answer)


@pytest.mark.parametrize("text", ["blargh fnord zibble", "grux plonk", "zelkstord", "pni blargh fnord"])
def test_words_that_nobody_knows_are_no_question(text):
    (part,) = Matcher.of_phrasings(PHRASINGS, Thresholds(), SYNONYMS).read(text).parts
    assert not isinstance(part.decision, Answer)


def test_a_question_of_typos_is_no_riddle(matcher):
    assert best(matcher, "schadenersaz").confidence > 0.5


def test_confidences_are_probabilities_in_falling_order(matcher):
    for phrasing in PHRASINGS:
        (part,) = matcher.read(phrasing.text + " bitte danke").parts
        confidences = [match.confidence for match in part.matches]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
        assert len({match.entry for match in part.matches}) == len(part.matches) <= 5


def test_a_message_is_always_read_alike(matcher):
    again = Matcher.of_phrasings(PHRASINGS, matcher.thresholds, SYNONYMS)
    for text in ("karte weg", "when was that", "pin"):
        assert matcher.read(text) == matcher.read(text) == again.read(text)


def test_the_language_of_the_message_is_told(matcher):
    assert matcher.read("wann ist das passiert").language == "de"
    assert matcher.read("when did it happen").language == "en"


@pytest.mark.parametrize("text", ["", "   ", "?!", "🙏❤️", "\u200b\u202e"])
def test_without_a_word_there_is_no_question(matcher, text):
    assert matcher.read(text).parts == ()


def test_an_empty_store_knows_nothing():
    (part,) = Matcher.of_phrasings([], Thresholds()).read("Ist meine PIN sicher?").parts
    assert part.matches == ()


def test_a_store_of_one_phrasing_works():
    matcher = Matcher.of_phrasings([Phrasing("a", "de", "Hallo")], Thresholds())
    assert best(matcher, "halo").entry == "a"


def test_an_added_phrasing_counts_at_once():
    text = "zeugnis der volljährigkeit"
    more = Matcher.of_phrasings([*PHRASINGS, Phrasing("when", "de", text)], Thresholds(), SYNONYMS)
    assert best(more, text).entry == "when"


def test_urgent_words_are_noticed_as_whole_words_anywhere():
    urgent = [("block", "Karte gestohlen"), ("press", "Notfall")]
    matcher = Matcher(PHRASINGS, Thresholds(), urgent=urgent)
    assert matcher.read("Hilfe, meine KARTE GESTOHLEN, was nun").urgent == "block"
    assert matcher.read("wort " * 700 + "Notfall").urgent == "press"
    assert matcher.read("Notfallpraxis, Karte nicht gestohlen").urgent is None


def test_what_an_editor_wrote_down_is_answered_word_for_word(shipped):
    """Every tenth phrasing of the shipped store; a phrasing of several questions is split and has its own rules."""
    for phrasing in list(phrasings_in(shipped.store))[::10]:
        parts = shipped.read(phrasing.text).parts
        if len(parts) == 1:
            assert isinstance(parts[0].decision, Answer), phrasing
            assert parts[0].decision.match.entry == phrasing.entry
