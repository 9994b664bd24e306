"""Dialogues as data: `conversations/*.yaml`, played against the real program on both databases.

A step says, taps, sends or edits, and tells what must come back: `entry`, `entries`, `expect` (words that occur),
`begins`, `buttons` (labels that are there), `language`, `never` (words that occur nowhere: not said, not stored),
`quiet` (nothing is said in words).
"""

from pathlib import Path

import pytest
import sqlalchemy
import yaml

from db import chats
from markup import plain
from services import answers

FOLDER = Path(__file__).parent / "conversations"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
async def test_conversation(name, member, program):
    for number, step in enumerate(yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")), 1):
        said = await play(member, program, step)
        check(program, step, said, f"{name}, step {number}: {step}\n→ {said}")


async def play(member, program, step):
    if "offers" in step:
        await member.says("/start")
        await program.context.work(chats.offered, member.chat, step["offers"], None)
        return []
    if "taps" in step:
        return await member.taps(step["taps"])
    if "sends" in step:
        return await member.sends(**step["sends"])
    return await member.says(step["says"])


def check(program, step, said, told):
    if "offers" in step:
        return
    texts = [one for one in said if one.text]
    text = plain(texts[0].text) if texts else ""
    labels = texts[0].labels if texts else []
    if "edits-keyboard" in step:
        assert [one.method for one in said] == ["editMessageReplyMarkup"], told
        assert "Hilfreich" not in said[0].labels, told
        return
    if step.get("quiet"):
        assert not texts, told
        return
    assert len(texts) == 1, told
    assert (texts[0].method == "editMessageText") == step.get("edits", False), told
    for words in step.get("expect", []):
        assert words in text, told
    assert text.startswith(step.get("begins", "")), told
    for label in step.get("buttons", []):
        assert label in labels, told
    for entry in [step["entry"]] if "entry" in step else step.get("entries", []):
        assert shows(program, entry, text, step.get("language")), told
    if "not-entry" in step:
        assert not shows(program, step["not-entry"], text), told
    if step.get("deletes"):
        assert said[-1].method == "deleteMessage", told
    stored = everything_stored(program) if "never" in step else ""
    for words in step.get("never", []):
        assert words not in text, told
        assert words not in stored, told


def shows(program, entry, text, language=None):
    """Whether a text holds the answer of an entry, in this language or any."""
    wanted = [language] if language else ["de", "en"]
    filled = (
        plain(program.texts.fill(answers.shown(program.desk.store, entry, one).html, one)).strip() for one in wanted
    )
    return any(answer in text for answer in filled)


def everything_stored(program):
    """All values of all tables, as one text."""
    tables = sqlalchemy.inspect(program.database.engine).get_table_names()
    with program.database.engine.connect() as connection:
        rows = (connection.execute(sqlalchemy.text(f"SELECT * FROM {table}")).all() for table in tables)
        return repr([list(found) for found in rows])
