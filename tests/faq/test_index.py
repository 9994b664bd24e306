"""The two steps of the index beside the plain products that they stand for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq import index as faq_index
from faq.built import Phrasing
from faq.decision import Thresholds
from faq.index import SHARES
from faq.inverted import ByTerm, Inverted
from faq.loader import SHIPPED, load
from faq.matcher import Matcher
from faq.normalise import words
from faq.probes import read_probes

OWNERS, COLUMNS = 5, 4
tables = st.lists(
    st.lists(st.sampled_from([0.0, 0.0, 0.25, 0.5, 1.0]), min_size=COLUMNS, max_size=COLUMNS),
    min_size=OWNERS,
    max_size=OWNERS,
).map(lambda rows: np.array(rows, np.float32))


def by_term(table):
    """A table of owners and columns, column by column."""
    columns, owners = np.nonzero(table.T)
    starts = np.searchsorted(columns, np.arange(COLUMNS + 1))
    return ByTerm(starts, owners.astype(np.uint8), table.T[columns, owners])


@given(tables, tables, st.lists(st.sampled_from(range(2 * COLUMNS)), unique=True, min_size=1))
def test_the_products_are_those_of_all_channels_together(meanings, letters, asked):
    inverted = Inverted([by_term(meanings), by_term(letters)])
    values = np.linspace(0.5, 1, len(asked), dtype=np.float32)
    first = np.array([column < COLUMNS for column in asked])
    columns = np.array(asked)
    message = [(columns[first], values[first]), (columns[~first] - COLUMNS, values[~first])]
    beside = np.concatenate([meanings, letters], axis=1)
    np.testing.assert_allclose(inverted.products(message, OWNERS), beside[:, columns] @ values, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(inverted.squares(OWNERS), (beside**2).sum(axis=1), rtol=1e-5)


def test_only_the_rarest_terms_are_read_where_there_are_too_many():
    count = 20
    table = np.array([[owner < number for number in range(1, count + 1)] for owner in range(count)], np.float32)
    columns, owners = np.nonzero(table.T)
    terms = ByTerm(np.searchsorted(columns, np.arange(count + 1)), owners.astype(np.uint8), table.T[columns, owners])
    message = [(np.arange(count), np.ones(count, np.float32))]
    assert Inverted([terms]).products(message, count).tolist() == table.sum(axis=1).tolist()
    # The term at which the limit is reached is read to its end: what has it is compared fairly.
    assert Inverted([terms]).products(message, count, most=50).tolist() == table[:, :10].sum(axis=1).tolist()
    assert Inverted([terms]).products(message, count, most=1).tolist() == table[:, :8].sum(axis=1).tolist()


@pytest.fixture(scope="module")
def shipped():
    return Matcher.of(load(), Thresholds())


def nearest(matcher, text):
    built = matcher.built
    return built.index.nearest(built.encoder.question(matcher.question(words(text))))


def test_what_is_found_is_compared_in_full(shipped):
    """The likeness of a phrasing is that with itself, and with nothing else is it greater."""
    for phrasing in shipped.built.phrasings[::500]:
        found = nearest(shipped, phrasing.text)
        assert found.similarity.max() <= 1.001
        assert found.by_channel.max() <= 1.001
        shares = np.array([[share] for share in SHARES.values()])
        np.testing.assert_allclose((found.by_channel * shares).sum(axis=0), found.similarity, atol=1e-5)


def test_the_first_choice_by_rare_terms_finds_what_all_terms_would_find(shipped, monkeypatch):
    """Of a hundred test questions nearly all keep their nearest phrasing."""
    probes = read_probes(SHIPPED, shipped.entries)[::10]
    texts = [probe.text for probe in probes if words(probe.text)]
    rare = [nearest(shipped, text) for text in texts]
    monkeypatch.setattr(faq_index, "_POSTINGS", 10_000_000)
    every = [nearest(shipped, text) for text in texts]
    best = [
        (left.phrasings[np.argmax(left.similarity)] == right.phrasings[np.argmax(right.similarity)])
        for left, right in zip(rare, every, strict=True)
    ]
    assert np.mean(best) >= 0.95


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=60))
def test_phrasings_stand_by_entry_and_none_comes_twice(entries):
    matcher = Matcher([Phrasing(e, "de", f"karte {e} nummer {n}") for n, e in enumerate(entries)], Thresholds())
    found = nearest(matcher, "karte nummer 3")
    assert found.place.tolist() == sorted(found.place.tolist())
    assert len(set(found.phrasings.tolist())) == len(found.phrasings)
    assert set(found.place.tolist()) == set(range(len(found.entries)))
    for entry in range(len(found.entries)):
        assert found.place.tolist().count(entry) <= faq_index._SPOKESMEN
