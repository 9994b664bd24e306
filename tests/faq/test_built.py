"""What is built after an edit is what would be built from nothing, whatever was edited."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.built import Phrasing
from faq.decision import Thresholds
from faq.matcher import Matcher

WORDS = (
    "karte karten kartenleser leser kartenlesegerät sperren gesperrt pin praxis praxisausweis ausweis straße strasse"
    " datenleck betroffen bin ich wie was the card blocked lost certificate code 12 ä ue"
).split()
SYNONYMS = (("karte", "ausweis", "ehba"), ("datenleck", "vorfall", "data leak"))
QUESTIONS = ("wie sperre ich meine karte", "kartenlesegeraet gespert", "lost card", "ausweis", "the code 12", "xyz")

texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
phrasings = st.builds(Phrasing, st.sampled_from("abcd"), st.sampled_from(["de", "en"]), texts)
stores = st.lists(phrasings, max_size=16)
groups = st.sampled_from([SYNONYMS, SYNONYMS, SYNONYMS[:1]])


@st.composite
def edits(draw):
    """A store, and the same with some phrasings gone, some new ones, and some in another place."""
    store = draw(stores)
    kept = draw(st.lists(st.sampled_from(store), unique=True)) if store else []
    edited = draw(st.permutations([*kept, *draw(stores)])) if draw(st.booleans()) else [*kept, *draw(stores)]
    return store, edited


@settings(max_examples=300, deadline=None)
@given(edits(), groups, groups)
def test_built_after_an_edit_as_if_from_nothing(stores, groups_before, groups):
    store, edited = stores
    before = Matcher(store, Thresholds(), groups_before)
    after, fresh = Matcher(edited, Thresholds(), groups, before=before), Matcher(edited, Thresholds(), groups)
    assert after.entries == fresh.entries
    assert after.built.phrasings == fresh.built.phrasings
    assert after.built.vocabulary.counts == fresh.built.vocabulary.counts
    assert after.built.encoder.parts == fresh.built.encoder.parts
    for question in QUESTIONS:
        assert after.read(question) == fresh.read(question)
    same_terms(after, fresh)


def same_terms(one, other):
    if one.built.index is None or other.built.index is None:
        assert one.built.index is other.built.index
        return
    for mine, its in zip(one.built.index.terms, other.built.index.terms, strict=True):
        for name in ("keys", "starts", "columns", "counts"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(its, name))


def test_a_chain_of_edits_of_the_shipped_store(shipped):
    """Each edit builds on the one before, and in the end all is as if built at once."""
    store, matcher = shipped.store, shipped.matcher
    for number, id_ in enumerate(list(store.entries)[::25]):
        entry = store.entries[id_]
        asks = (*entry.de.ask[1:], f"nagelneuer quarkkartenleser {number}")
        edited = entry.model_copy(update={"de": entry.de.model_copy(update={"ask": asks})})
        store = store.model_copy(update={"entries": {**store.entries, id_: edited}})
        matcher = Matcher.of(store, matcher.thresholds, before=matcher)
    fresh = Matcher.of(store, matcher.thresholds)
    same_terms(matcher, fresh)
    for question in (*QUESTIONS, "quarkkartenleser", "Ist meine PIN sicher, und was kostet eine neue Karte?"):
        assert matcher.read(question) == fresh.read(question)
    assert matcher.read("nagelneuer quarkkartenleser 0").parts[0].matches[0].entry == next(iter(store.entries))


def test_an_edit_of_answers_only_keeps_all_that_was_built(shipped):
    again = Matcher.of(shipped.store, shipped.matcher.thresholds, before=shipped.matcher)
    assert again.built is shipped.matcher.built
