"""A code in what a member writes of own accord: "mein code ist K7QM-2F9T-XW3B-8HRN".

Nobody asked for a code here, so this is stricter than `codes.normalise`: a question must not be taken for a code with
a typing error, nor a bank account or a card number. The message is cut into runs of letters and digits; neighbouring
runs of even lengths that come to sixteen symbols are looked at. Letters and digits must be mixed as they are in a code.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from vault.codes import GROUP, LENGTH, CheckFails, NotACode, Typed, judge, mixed
from vault.plain import plain

_SEGMENT = re.compile(r"[^\W_]+(?:[ -]+[^\W_]+)*")  # runs that only spaces and hyphens part
_DIGIT = re.compile("[0-9]")
_EVEN = (1, 2, 4, 8, 16)  # lengths of the groups of one code, when all are the same
# Groups of four that mix letters and digits. Every code has two, and one of them may have lost it to a typing error.
_MIXED_IF_RIGHT = 1
_MIXED_IF_WRONG = 2


class Candidate(NamedTuple):
    symbols: str
    has_neighbour: bool  # a run with a digit stands directly before or after, as in a longer number


def recognise(text: str) -> Typed | NotACode | CheckFails:
    """The code in a message, if there is one; the likeliest, when there are several."""
    best: Typed | NotACode | CheckFails = NotACode()
    most = (0, False)  # a word of four letters and three groups of the code may, rarely, pass the check as well
    text = plain(text)
    if not _has_digit(text):  # nearly every question: no group is mixed
        return best
    for candidate in _candidates(text):
        verdict = judge(candidate.symbols)
        groups, alone = mixed(candidate.symbols), not candidate.has_neighbour
        if isinstance(verdict, Typed) and groups >= _MIXED_IF_RIGHT and (groups, alone) > most:
            best, most = verdict, (groups, alone)
        elif isinstance(verdict, CheckFails) and isinstance(best, NotACode) and groups >= _MIXED_IF_WRONG and alone:
            best = verdict
    return best


def _candidates(text: str) -> Iterator[Candidate]:
    for segment in _SEGMENT.findall(text):
        runs = re.split("[ -]+", segment)
        for start in range(len(runs)):
            for end, length in enumerate(accumulate(map(len, runs[start : start + LENGTH])), start + 1):
                if length == LENGTH and _is_even(runs[start:end]):
                    around = [*runs[max(start - 1, 0) : start], *runs[end : end + 1]]
                    yield Candidate("".join(runs[start:end]), any(_has_digit(run) for run in around))
                if length >= LENGTH:
                    break


def _is_even(runs: list[str]) -> bool:
    lengths = {len(run) for run in runs}
    return all(length % GROUP == 0 for length in lengths) or (len(lengths) == 1 and lengths <= set(_EVEN))


def _has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None
