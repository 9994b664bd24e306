"""Test questions: read strictly, tried on a matcher, counted, compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.decision import Thresholds
from faq.entry import LANGUAGES
from faq.loader import SHIPPED, load
from faq.match import Answer, DontKnow, Match, Part, Reading, Suggest
from faq.matcher import Matcher
from faq.probes import Probe, read_probes
from faq.trial import Figures, Trial, Verdict, moved, run
from strict_yaml import Problems
from tests.support.faq_files import FaqFiles
from texts import explain

IDS = {"pin-safe", "card-cost"}


# ---- reading


@pytest.fixture
def files(tmp_path):
    return FaqFiles(tmp_path)


def test_questions_are_read_with_their_language_and_line(files):
    probes = read_probes(files.write(), IDS)
    assert [(probe.language, probe.expected) for probe in probes] == [
        ("de", ("pin-safe",)),
        ("de", ("card-cost",)),
        ("de", ()),
        ("en", ("pin-safe",)),
        ("en", ("card-cost", "pin-safe")),
    ]
    assert probes[1] == Probe("de", "karte preis", ("card-cost",), "tests/de.yaml", 4)


def test_a_folder_without_test_questions(tmp_path):
    assert read_probes(tmp_path / "content", IDS) == []


@pytest.mark.parametrize(
    ("name", "text", "line", "code", "words"),
    [
        ("de", "questions:\n- ask: was nun\n  expect: pin-save", 3, "faq.test-entry", ["pin-save", "„pin-safe“?"]),
        ("de", "questions:\n- ask: was\n  expect: [pin-safe, none]", 3, "faq.test-entry", ["none"]),
        ("de", "questions:\n- {ask: was, expect: none}\n- {ask: Was, expect: none}", 3, "faq.test-twice", ["Zeile 2"]),
        ("fr", "questions:\n- {ask: quoi, expect: none}", 0, "faq.test-language", ["de, en"]),
        ("de", "questions:\n- ask: was\n  expect: []", 3, "schema.too_short", ["mindestens 1"]),
        ("de", "questions:\n- ask: was\n  expect:", 3, "schema.empty", ["expect"]),
        ("de", "questions:\n- ask: was\n  expected: none", 3, "schema.extra_forbidden", ["Meinten Sie „expect“?"]),
        ("de", "questions: []", 1, "schema.too_short", ["mindestens 1"]),
        ("en-late", "questions:\n- {ask: what, expect: none, ask: x}", 2, "yaml.duplicate-key", ["ask"]),
    ],
)
def test_what_is_wrong_with_test_questions(files, name, text, line, code, words):
    files.probes = {}
    folder = files.write()
    (folder.parent / "tests" / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Problems) as caught:
        read_probes(folder, IDS)
    told = {problem.code: problem for problem in caught.value.problems}
    assert (told[code].file, told[code].line) == (f"tests/{name}.yaml", line)
    assert all(word in explain(told[code]) for word in words)


def test_the_problems_of_all_files_are_told(files):
    files.probes = {"de": [("a b", "nowhere")], "en": [("a b", "somewhere")]}
    with pytest.raises(Problems) as caught:
        read_probes(files.write(), IDS)
    assert [problem.file for problem in caught.value.problems] == ["tests/de.yaml", "tests/en.yaml"]


def test_the_shipped_questions_are_many_and_fit_the_store():
    store = load(SHIPPED)
    probes = read_probes(SHIPPED, store.entries)
    for language in LANGUAGES:
        own = [probe for probe in probes if probe.language == language]
        assert len(own) >= 300
        assert sum(not probe.expected for probe in own) >= 30
        assert len({entry for probe in own for entry in probe.expected}) > 0.9 * len(store.entries)


# ---- trying


class Says:
    """A matcher that reads each text as it is told to."""

    def __init__(self, **readings):
        self.readings = readings

    def read(self, text):
        return self.readings[text]


def matches(*entries, first=0.9):
    return tuple(Match(entry, first - 0.1 * place, "…", "de") for place, entry in enumerate(entries))


def answer(*entries, first=0.9):
    found = matches(*entries, first=first)
    return Part("…", found, Answer(found[0]))


def choice(*entries, first=0.5):
    found = matches(*entries, first=first)
    return Part("…", found, Suggest(found[:3]))


def silence(*entries):
    return Part("…", matches(*entries, first=0.3), DontKnow())


def tried(expected, *parts, urgent=None, text="q"):
    [one] = run([Probe("de", text, expected)], Says(**{text: Reading("de", parts, urgent)})).tried
    return one


A, B, NOTHING = ("a",), ("b",), ()


@pytest.mark.parametrize(
    ("expected", "parts", "verdict"),
    [
        (A, [answer("a", "b")], Verdict.RIGHT),
        (A, [answer("b", "a")], Verdict.WRONG),
        (("b", "a"), [answer("a")], Verdict.RIGHT),  # any of several
        (A, [choice("b", "a")], Verdict.OFFERED),
        (A, [choice("b", "c", "d", "a")], Verdict.MISSED),  # only three are shown
        (A, [silence("a")], Verdict.MISSED),
        (A, [], Verdict.MISSED),
        (NOTHING, [silence("a")], Verdict.RIGHT),
        (NOTHING, [choice("a")], Verdict.RIGHT),
        (NOTHING, [answer("a")], Verdict.WRONG),
        # several questions in one message
        (A, [silence("c"), answer("a")], Verdict.RIGHT),
        (A, [answer("a"), answer("b")], Verdict.WRONG),
        (("a", "b"), [answer("a"), answer("b")], Verdict.RIGHT),
        (A, [answer("a"), choice("b")], Verdict.RIGHT),
        (A, [choice("b"), choice("a")], Verdict.OFFERED),
    ],
)
def test_what_a_reaction_is_worth(expected, parts, verdict):
    assert tried(expected, *parts).verdict is verdict


def test_urgent_words_count_as_an_answer():
    assert tried(A, silence("b"), urgent="a").verdict is Verdict.RIGHT
    assert tried(B, answer("b"), urgent="a").verdict is Verdict.WRONG
    assert tried(A, urgent="a").among(1)


def test_places_are_counted_in_any_part():
    one = tried(A, choice("b", "c", "d", "a"), choice("c", "a"))
    assert (one.among(1), one.among(2), one.among(3)) == (False, True, True)
    assert not tried(NOTHING, answer("a")).among(3)


@pytest.mark.parametrize(
    ("parts", "best"),
    [
        ([choice("b"), answer("a")], "a"),
        ([choice("b", first=0.3), choice("c", first=0.5)], "c"),
        ([silence("d")], "d"),
        ([], None),
    ],
)
def test_the_entry_that_is_seen_first(parts, best):
    assert tried(A, *parts).best == best


TRIAL = Trial(
    (
        tried(A, answer("a")),
        tried(A, choice("b", "a")),
        tried(A, choice("b"), text="second"),
        tried(A, answer("c")),
        tried(A),
        tried(NOTHING, answer("b")),
        tried(NOTHING, silence()),
    )
)


def test_figures():
    assert TRIAL.figures() == Figures(
        in_scope=5, top1=1, top3=2, right=1, offered=1, missed=2, wrong=1, out_of_scope=2, answered=1
    )
    assert TRIAL.of("en").figures() == Figures(0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_confusions_begin_with_the_confident_ones():
    told = [(one.expected, one.found, len(one.tried), one.wrong) for one in TRIAL.confusions()]
    assert told[:2] == [("a", "c", 1, 1), (None, "b", 1, 1)]
    assert told[2:] == [("a", "b", 2, 0), ("a", None, 1, 0)]


def test_the_stranger_is_named_when_one_of_several_answers_is_wrong():
    [confusion] = Trial((tried(A, answer("a"), answer("b")),)).confusions()
    assert (confusion.expected, confusion.found) == ("a", "b")


PARTS = st.lists(
    st.builds(
        lambda make, entries: make(*entries),
        st.sampled_from([answer, choice, silence]),
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True),
    ),
    max_size=3,
)


@given(st.lists(st.tuples(st.lists(st.sampled_from("abc"), max_size=2, unique=True), PARTS), max_size=8))
def test_every_question_is_counted_once(asked):
    trial = Trial(
        tuple(tried(tuple(expected), *parts, text=f"q{number}") for number, (expected, parts) in enumerate(asked))
    )
    figures = trial.figures()
    assert figures.right + figures.offered + figures.missed + figures.wrong == figures.in_scope
    assert figures.in_scope + figures.out_of_scope == len(asked)
    assert figures.top1 <= figures.top3 <= figures.in_scope
    assert figures.right <= figures.top1
    assert figures.answered <= figures.out_of_scope
    confused = [one for confusion in trial.confusions() for one in confusion.tried]
    assert len(confused) == len(set(map(id, confused)))
    assert sum(confusion.wrong for confusion in trial.confusions()) == figures.wrong + figures.answered
    assert moved(trial, trial) == []


# ---- comparing


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (answer("a"), answer("b"), True),
        (answer("a"), choice("a"), True),  # no longer sure
        (choice("a", "b"), choice("b", "a"), True),
        (choice("a", "b"), choice("a", "c"), False),
        (silence("a"), silence("b"), False),  # a member sees the same
        (silence("a"), choice("a"), True),
        (answer("a", "b"), answer("a", "c"), False),
    ],
)
def test_questions_that_now_lead_elsewhere(before, after, moves):
    old, new = Trial((tried(A, before),)), Trial((tried(A, after),))
    assert [(move.before, move.after) for move in moved(old, new)] == [(old.tried[0], new.tried[0])] * moves


def test_only_questions_of_both_trials_are_compared():
    assert moved(Trial((tried(A, answer("a"), text="x"),)), Trial((tried(A, answer("b"), text="y"),))) == []


def test_with_the_real_matcher(files):
    store = load(files.write())
    trial = run(read_probes(files.folder, store.entries), Matcher.of(store, Thresholds()))
    figures = trial.figures()
    assert (figures.in_scope, figures.out_of_scope) == (4, 1)
    assert figures.top1 == 4
    assert figures.wrong == figures.answered == 0
    assert [one.probe.language for one in trial.of("en").tried] == ["en", "en"]
