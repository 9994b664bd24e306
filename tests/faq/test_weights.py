"""The learnt weights: readable, complete, and where they come from."""

import json

from faq.confidence import SHIPPED, SIGNALS, logistic, probabilities
from faq.evidence import FIGURES

DOCUMENT = json.loads(SHIPPED.read_text(encoding="utf-8"))


def test_every_figure_and_signal_has_its_weight():
    assert tuple(DOCUMENT["ranking"]) == FIGURES
    assert tuple(DOCUMENT["confidence"]) == SIGNALS


def test_the_file_says_how_it_was_made():
    assert DOCUMENT["made_by"].startswith("python -m benchmarks.learn_weights")
    assert len(DOCUMENT["made_from"]) > 5
    assert set(DOCUMENT["on_sets_left_out"]) >= {"top1", "wrong"}


def test_a_vote_speaks_for_an_entry_and_an_unknown_word_against_an_answer():
    assert DOCUMENT["ranking"]["vote"] > 0
    assert DOCUMENT["confidence"]["unknown"] < 0
    assert DOCUMENT["confidence"]["probability"] > 0


def test_extreme_scores_do_not_overflow():
    import numpy as np

    assert logistic(1e9) <= 1.0
    assert logistic(-1e9) >= 0.0
    assert probabilities(np.array([1e4, 0.0], np.float32)).tolist() == [1.0, 0.0]
