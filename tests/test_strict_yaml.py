"""Files that people write by hand: what stands there is what is read, and each mistake says where it is."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from strict_yaml import Problems, load, read
from texts import explain


class Sample(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    tags: tuple[str, ...] = ()


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "sample.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def problems(path, schema=None):
    with pytest.raises(Problems) as caught:
        read(path, schema) if schema else load(path)
    return caught.value.problems


@pytest.mark.parametrize("text", ["9:30", "NO", "0123456", "1.10", "2026-01-31", "null", "~", "1e3", "0x1F", "yes"])
def test_a_value_is_the_text_that_stands_there(file, text):
    node, _ = load(file(f"key: {text}\n"))
    assert node.plain() == {"key": text}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "yaml.duplicate-key", 3),
        ("a: &x 1\nb: 2\n", "yaml.anchor", 1),
        ("a: 1\nb: *x\n", "yaml.alias", 2),
        ("a:\n  <<: {b: 1}\n", "yaml.merge", 2),
        ("a: !!python/object:os.system 1\n", "yaml.tag", 1),
        ("a: " + "[" * 40 + "]" * 40 + "\n", "yaml.deep", 1),
        ("", "yaml.empty", 0),
        ("# nur ein Kommentar\n", "yaml.empty", 0),
        ("a: 1\n---\nb: 2\n", "yaml.second-document", 2),
        ("a:\n\t- b\n", "yaml.tab", 2),
        ("a: b: c\n", "yaml.colon", 1),
        ('a: "offen\nb: 1\n', "yaml.quote", None),
        ("a:\n  - b\n c: 1\n", "yaml.indentation", None),
        ("a: @b\n", "yaml.character", 1),
        ("? [x]\n: 1\n", "yaml.key", 1),
        (b"a: \xfcber\n", "yaml.encoding", 1),
        ("a: " + "x" * 1_100_000, "yaml.large", 0),
    ],
)
def test_each_mistake_has_its_sentence_and_its_line(file, text, code, line):
    found = problems(file(text))
    assert code in [problem.code for problem in found]
    if line is not None:
        assert [problem.line for problem in found if problem.code == code] == [line]


def test_all_mistakes_are_told_at_once(file):
    found = problems(file("a: 1\na: 2\nb: &x 1\nc: *x\n"))
    assert [problem.line for problem in found] == [2, 3, 4]


def test_a_schema_names_what_is_unknown_missing_or_empty(file):
    found = problems(file("nam: x\ntags:\n  - \n"), Sample)
    assert {(problem.code, problem.line) for problem in found} >= {("schema.extra_forbidden", 1), ("schema.missing", 1)}
    unknown = next(problem for problem in found if problem.code == "schema.extra_forbidden")
    assert unknown.values["near"] == "name"
    assert "Meinten Sie „name“?" in explain(unknown)
    assert "sample.yaml, Zeile 1" in explain(unknown)
    assert "nam: x" in explain(unknown)


def test_a_file_that_is_not_there(tmp_path):
    assert [problem.code for problem in problems(tmp_path / "no.yaml")] == ["yaml.unreadable"]


@pytest.mark.parametrize("levels", [5, 8, 9])
def test_a_bomb_costs_nothing(file, levels):
    """400 bytes of merge keys cost PyYAML's safe_load 0.6 s, each level more ten times that (PyYAML #235)."""
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, levels)]
    begin = time.perf_counter()
    problems(file("\n".join(lines) + "\n"))
    assert time.perf_counter() - begin < 0.5


@given(st.dictionaries(st.text(min_size=1), st.text() | st.lists(st.text()), min_size=1))
def test_what_yaml_writes_comes_back_as_text(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("yaml") / "x.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=False, default_style='"'), encoding="utf-8")
    if "<<" in data:
        return
    node, _ = load(path)
    assert node.plain() == data


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_words(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("yaml") / "x.yaml"
    path.write_bytes(data)
    found = []
    try:
        load(path)
    except Problems as problems:
        found = problems.problems
    assert all(explain(problem) for problem in found)
