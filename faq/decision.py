"""What to do with the matches of a question: answer, offer a choice, or say that there is no answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from faq.match import Answer, Decision, DontKnow, Match, Suggest

SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Confidences (0 … 1) at which the bot speaks up.

    `answer_at`: from here the best match is given as the answer. `suggest_at`: from here an entry is worth showing in
    a choice. `lead`: how far the best must be ahead of the second to be the answer on its own.

    With these defaults about two percent of all messages get a wrong confident answer in a store that nothing is known
    of, by the report of `benchmarks/learn_weights.py`, in which a set is measured with weights learnt on other sets.
    """

    answer_at: float = 0.84
    suggest_at: float = 0.06
    lead: float = 0.05


def decide(matches: Sequence[Match], thresholds: Thresholds) -> Decision:
    """The decision for matches in falling confidence."""
    shown = tuple(match for match in matches if match.confidence >= thresholds.suggest_at)[:SUGGESTIONS]
    if not shown:
        return DontKnow()
    best = shown[0]
    second = matches[1].confidence if len(matches) > 1 else 0.0
    if best.confidence >= thresholds.answer_at and best.confidence - second >= thresholds.lead:
        return Answer(best)
    return Suggest(shown)
