"""Letter n-grams: the same for the same letters, wherever they stand."""

from hypothesis import given
from hypothesis import strategies as st

from faq import grams

WORD = st.text("abcdeüß", min_size=1, max_size=12)


def keys(words):
    found, owners = grams.of_words(words)
    return [set(found[owners == number].tolist()) for number in range(len(words))]


@given(st.lists(WORD, min_size=1, max_size=6))
def test_a_word_has_the_same_n_grams_in_any_company(words):
    assert keys(words) == [keys([word])[0] for word in words]


@given(WORD, WORD)
def test_what_is_kept_of_words_and_seams_is_what_they_have(left, right):
    for _ in range(2):  # worked out, then known
        assert grams.of_word(left).tolist() == grams.of_words([left])[0].tolist()
        assert grams.of_seam(left, right).tolist() == grams.of_seams([(left, right)])[0].tolist()


@given(WORD)
def test_every_window_of_the_padded_word_is_counted(word):
    padded = len(word) + 2
    found, _ = grams.of_words([word])
    assert len(found) == sum(max(0, padded - size + 1) for size in grams.SIZES)


def test_a_lost_space_is_found_in_the_seam():
    seam, _ = grams.of_seams([("kar", "te")])
    assert set(seam.tolist()) <= keys(["karte"])[0]


def test_seams_hold_only_what_crosses_them():
    seam, owners = grams.of_seams([("meine", "karte"), ("a", "b")])
    assert not set(seam[owners == 0].tolist()) & keys(["meine", "karte"])[0]
    assert not (owners == 1).any()  # two letters make no n-gram of three


def test_nothing_has_no_n_grams():
    assert len(grams.of_words([])[0]) == len(grams.of_seams([])[0]) == 0
