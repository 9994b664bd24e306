"""Files that stop where they went on before."""

from hypothesis import given
from hypothesis import strategies as st

from faq.ending import cut_off

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
