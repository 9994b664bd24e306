"""FAQ files that are cut off while they are saved: the last good ones go on answering."""

import random
import re
import shutil

import pytest

import checks
from faq.history import History
from faq.loader import SHIPPED
from handlers.reloading import Refused, Reloading, Unchanged
from tests.support.member import Member

pytestmark = pytest.mark.long

CUTS, WHOLE_ENTRIES = 10, 1  # places anywhere in a file; places just between two entries of it
ASKED, ANSWER = "pin sicher?", "PIN und PUK"


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'one.sqlite'}"


@pytest.fixture
def content(tmp_path):
    return shutil.copytree(SHIPPED, tmp_path / "content")


@pytest.fixture
def reloading(program, content, tmp_path):
    def open_edited(folder):
        desk = program.desk
        return checks.open_edited(program.texts, folder, before=desk.library, today=desk.clock().date())

    return Reloading(program.context, content, History(tmp_path / "history"), open_edited, lambda result: None)


def places(data, chance, deep):
    """Anywhere, also within a character; and between entries, where what is left is a whole file of its own."""
    between = [match.start() for match in re.finditer(rb"^  - id: ", data, re.MULTILINE)][1:]
    anywhere = chance.sample(range(len(data)), CUTS if not deep else len(data) // 50)
    return anywhere + (between if deep else chance.sample(between, min(WHOLE_ENTRIES, len(between))))


async def test_truncated_while_saved(program, telegram, content, reloading, counted, deep):
    """Whatever is left of a file, members are answered; once it is whole, all is as before."""
    member, chance = Member(program, telegram), random.Random(7)
    assert await reloading.reload() == Unchanged()
    cuts, refused, answered = 0, 0, 0
    for path in sorted(content.glob("*.yaml")):
        whole = path.read_bytes()
        for place in places(whole, chance, deep):
            path.write_bytes(whole[:place])
            refused += isinstance(await reloading.reload(), Refused)
            cuts += 1
        path.write_bytes(whole)
        assert await reloading.reload() == Unchanged()
        (said,) = await member.says(ASKED)
        answered += ANSWER in said.text
    counted(cuts=cuts, refused=refused, gone_live=cuts - refused, answered=answered)
    assert answered == len(list(content.glob("*.yaml")))
    assert refused == cuts


@pytest.mark.parametrize(
    ("name", "place"),
    [("data.yaml", lambda data: len(data) - 36), ("other.yaml", lambda data: data.index(b"  - id: other-emergency\n"))],
    ids=["within the last answer", "between two entries"],
)
async def test_the_old_ones_go_on(program, content, reloading, name, place):
    assert await reloading.reload() == Unchanged()
    before, path = program.desk.library, content / name
    path.write_bytes(path.read_bytes()[: place(path.read_bytes())])
    assert isinstance(await reloading.reload(), Refused)
    assert program.desk.library is before
