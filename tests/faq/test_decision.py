"""Answer, offer, or admit."""

from hypothesis import given
from hypothesis import strategies as st

from faq.decision import SUGGESTIONS, Thresholds, decide
from faq.match import Answer, DontKnow, Match, Suggest

THRESHOLDS = Thresholds(answer_at=0.8, suggest_at=0.2, lead=0.1)


def matches(*confidences):
    return [Match(f"e{number}", confidence, "?", "de") for number, confidence in enumerate(confidences)]


def test_sure_and_ahead_is_answered():
    found = matches(0.85, 0.5)
    assert decide(found, THRESHOLDS) == Answer(found[0])


def test_exactly_at_the_threshold_is_answered():
    assert isinstance(decide(matches(0.8, 0.1), THRESHOLDS), Answer)


def test_a_tie_is_offered_however_sure():
    found = matches(0.9, 0.85)
    assert decide(found, THRESHOLDS) == Suggest(tuple(found))


def test_only_what_is_near_enough_is_offered():
    found = matches(0.5, 0.2, 0.1)
    assert decide(found, THRESHOLDS) == Suggest(tuple(found[:2]))


def test_nothing_near_is_admitted():
    assert decide(matches(0.1), THRESHOLDS) == decide([], THRESHOLDS) == DontKnow()


@given(st.lists(st.floats(0, 1), max_size=6))
def test_at_most_three_are_offered_best_first(confidences):
    found = matches(*sorted(confidences, reverse=True))
    decision = decide(found, THRESHOLDS)
    if isinstance(decision, Suggest):
        assert list(decision.matches) == found[: len(decision.matches)]
        assert 1 <= len(decision.matches) <= SUGGESTIONS
