"""Files that stop where they went on before."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.ending import Stops, cut_off, stops_at_start
from faq.history import History
from faq.loader import SHIPPED

WHOLE = "category: card\nentries:\n" + "".join(
    f"  - id: card-{number}\n    text: Antwort {number}\n" for number in range(40)
)


def folders(tmp_path, before, after):
    for name, text in (("before", before), ("after", after)):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "card.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "after", tmp_path / "before"


@given(st.integers(0, len(WHOLE.rstrip()) - 1))
def test_a_file_that_is_cut_anywhere_is_noticed(tmp_path_factory, place):
    assert cut_off(*folders(tmp_path_factory.mktemp("cut"), WHOLE, WHOLE[:place]))


def test_an_edited_file_that_is_cut_is_noticed(tmp_path):
    (problem,) = cut_off(*folders(tmp_path, WHOLE, WHOLE.replace("Antwort 3\n", "Neue Antwort\n")[:-60]))
    assert (problem.file, problem.code) == ("card.yaml", "faq.cut-off")
    assert problem.line > 60


def test_edits_of_people_are_left_alone(tmp_path):
    for edited in (
        WHOLE,
        WHOLE + "\n\n",
        WHOLE + "  - id: new\n    text: Neu\n",
        WHOLE.replace("Antwort 7\n", "Anders\n"),
        WHOLE.replace("  - id: card-7\n    text: Antwort 7\n", ""),
        WHOLE.replace("Antwort 39\n", "Anders\n"),
        WHOLE.removesuffix("  - id: card-39\n    text: Antwort 39\n") + "# Ende\n",
    ):
        assert not cut_off(*folders(tmp_path, WHOLE, edited)), edited[-80:]


def test_a_file_that_was_taken_away_is_another_matter(tmp_path):
    after, before = folders(tmp_path, WHOLE, WHOLE)
    (after / "card.yaml").unlink()
    assert cut_off(after, before) == []


def at_start(tmp_path, before, after):
    """What a start finds in the files `after` (text by name) when `before` was accepted."""
    content, history = tmp_path / "content", History(tmp_path / "history")
    for texts in (before, after):
        content.mkdir(parents=True, exist_ok=True)
        for path in content.iterdir():
            path.unlink()
        for name, data in texts.items():
            (content / name).write_bytes(data)
        if texts is before:
            history.keep(content, datetime(2026, 11, 24, tzinfo=UTC))
    return stops_at_start(content, history)


def shipped():
    return {path.name: path.read_bytes() for path in sorted(SHIPPED.glob("*.yaml"))}


ENTRY = b"\n  - "


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.parametrize(
    "updated",
    [
        lambda data: data[: data.rindex(ENTRY) + 1],
        lambda data: data[: data.index(ENTRY) + 1] + data[data.rindex(ENTRY) + 1 :] + data[data.index(ENTRY) + 1 : data.rindex(ENTRY) + 1],
        lambda data: data[: data.rstrip().rindex(b"\n") + 1],
    ],
    ids=["without the last entry", "the last entry on top", "without the last line"],
)  # fmt: skip
def test_an_update_is_never_kept_from_starting(tmp_path, name, updated):
    """Also when it changes one file only."""
    before = shipped()
    after = before | {name: updated(before[name])}
    assert after != before
    found = at_start(tmp_path, before, after)
    assert not found.half_saved
    assert {problem.file for problem in found.doubtful} <= {name}


def test_what_staff_appended_and_an_update_does_not_have(tmp_path):
    update = shipped()
    for name, data in update.items():
        appended = update | {name: data + b"  - id: own\n    text: Own\n"}
        found = at_start(tmp_path / name, appended, update)
        assert not found.half_saved
        assert [problem.file for problem in found.doubtful] == [name]


@given(st.integers(0, len(WHOLE.rstrip()) - 1))
def test_a_start_refuses_a_file_that_ends_within_a_line(tmp_path_factory, place):
    left = WHOLE[:place].encode()
    found = at_start(tmp_path_factory.mktemp("cut"), {"card.yaml": WHOLE.encode()}, {"card.yaml": left})
    assert bool(found.half_saved) is not left.endswith(b"\n")
    assert bool(found.doubtful) is left.endswith(b"\n")


def test_a_start_refuses_only_when_one_file_differs(tmp_path):
    before, left = {"bot.yaml": b"a: 1\n", "card.yaml": WHOLE.encode()}, WHOLE[:-60].encode()
    assert at_start(tmp_path / "one", before, before | {"card.yaml": left}).half_saved
    for number, change in enumerate(({"bot.yaml": b"a: 2\n"}, {"new.yaml": b"a: 1\n"})):
        found = at_start(tmp_path / str(number), before, before | change | {"card.yaml": left})
        assert (found.half_saved, len(found.doubtful)) == ((), 1)


@pytest.mark.parametrize("end", [b"# Ende\n", b"\n\n  # Ende\n\n# really\n"])
@pytest.mark.parametrize("without", [b"", b"\n", b"\n# En"])
def test_comments_are_no_loss_at_a_start(tmp_path, end, without):
    before, after = {"card.yaml": WHOLE.encode() + end}, {"card.yaml": WHOLE.encode().rstrip() + without}
    found = at_start(tmp_path, before, after)
    assert not found.half_saved
    assert not found.doubtful


def test_nothing_is_compared_before_there_is_a_version(tmp_path):
    assert stops_at_start(SHIPPED, History(tmp_path / "none")) == Stops()
