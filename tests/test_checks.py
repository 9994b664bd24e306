"""What `python bot.py check` finds about the FAQ files and the staff group."""

import shutil

import pytest
from telegram import Bot

import checks
import settings
from config.staff import Staff
from faq.loader import SHIPPED
from strict_yaml import Problems
from tests.support.colleague import STAFF
from tests.support.program import Clock
from tests.support.telegram import BOT, TOKEN, FakeTelegram


def test_a_file_that_was_half_saved_while_nothing_ran(tmp_path, monkeypatch):
    """Cut off in its last line it is good YAML: only the version before tells, at a start and when somebody checks."""
    content = shutil.copytree(SHIPPED, tmp_path / "content")
    monkeypatch.setattr(checks, "SHIPPED", content)
    loaded = settings.load({"AUSKUNFT_HOME": str(tmp_path / "home")})
    texts = checks.texts_of(loaded)
    checks.history_of(loaded).keep(content, Clock()())
    assert checks._content(loaded, texts, "de") == []
    path = content / "other.yaml"
    whole = path.read_text(encoding="utf-8")
    left = whole.rstrip()[:-8]
    path.write_text(left, encoding="utf-8")
    (said,) = checks._content(loaded, texts, "de")
    assert said.startswith(f"other.yaml, Zeile {len(left.rstrip().splitlines())}")
    assert left.rstrip().splitlines()[-1].strip()[:60] in said
    assert "nur halb gespeichert" in said
    assert "# Ende" in said
    with pytest.raises(Problems):
        checks.open_shipped(loaded, texts)
    path.write_text(left + "\n# Ende\n", encoding="utf-8")
    assert checks._content(loaded, texts, "de") == []


def test_an_update_without_an_entry_starts_and_is_mentioned(tmp_path, monkeypatch):
    content = shutil.copytree(SHIPPED, tmp_path / "content")
    monkeypatch.setattr(checks, "SHIPPED", content)
    loaded = settings.load({"AUSKUNFT_HOME": str(tmp_path / "home")})
    path = content / "other.yaml"
    update = path.read_text(encoding="utf-8")
    own = update[update.index("  - id: ") :].split("\n\n")[0].replace("- id: ", "- id: own-", 1)
    path.write_text(f"{update}\n{own}\n", encoding="utf-8")
    checks.history_of(loaded).keep(content, Clock()())
    assert checks.doubts(loaded) == []
    path.write_text(update, encoding="utf-8")
    assert checks._content(loaded, checks.texts_of(loaded), "de") == []
    (said,) = checks.doubts(loaded)
    assert said.startswith(f"other.yaml, Zeile {len(update.splitlines())}")
    assert "faq undo" in said


def test_a_history_that_may_not_be_read(tmp_path, monkeypatch):
    """As for a user to whom the home folder is closed."""
    loaded = settings.load({"AUSKUNFT_HOME": str(tmp_path / "home")})

    def closed(self):
        raise PermissionError(13, "no")

    monkeypatch.setattr("faq.history.History.versions", closed)
    (said,) = checks._content(loaded, checks.texts_of(loaded), "de")
    assert "lassen sich nicht lesen" in said
    assert str(tmp_path / "home" / "faq-history") in said
    with pytest.raises(Problems):
        checks.open_shipped(loaded, checks.texts_of(loaded))


def test_a_folder_of_keys_that_may_not_be_looked_at(tmp_path, monkeypatch):
    def closed(self, **_):
        raise PermissionError(13, "no")

    monkeypatch.setattr("pathlib.Path.stat", closed)
    (said,) = checks._keys(settings.load({"AUSKUNFT_HOME": str(tmp_path)}), "de")
    assert "lässt sich nicht lesen" in said


def with_staff(staff):
    loaded = settings.load({})
    return loaded.model_copy(update={"config": loaded.config.model_copy(update={"staff": staff})})


@pytest.mark.parametrize(
    ("staff", "said"),
    [
        (Staff(), None),
        (STAFF, None),
        (Staff(chat=STAFF.chat), "niemand mit der Rolle „agent“"),
        (STAFF.model_copy(update={"members": STAFF.members[1:2]}), "niemand mit der Rolle „agent“"),
    ],
)
def test_somebody_can_answer_by_name(staff, said):
    loaded = with_staff(staff)
    found = checks._desk(loaded, checks.texts_of(loaded), "de")
    assert found == [] if said is None else said in found[0]


@pytest.mark.parametrize(
    ("is_forum", "may_manage", "may_delete", "name", "said"),
    [
        (True, True, True, None, None),
        (False, True, True, None, "keine Themen"),
        (True, False, True, None, "keine Themen"),
        (True, True, False, None, "keine Nachrichten löschen"),
        (True, True, True, "kammer", "öffentlich"),
        (None, True, True, None, "nicht zu erreichen"),
    ],
)
async def test_the_staff_group_is_as_it_must_be(is_forum, may_manage, may_delete, name, said):
    telegram = FakeTelegram()

    async def chat(parameters):
        if is_forum is None:
            return 400, "Bad Request: chat not found"
        body = {"id": STAFF.chat, "type": "supergroup", "title": "x", "is_forum": is_forum}
        body |= {"username": name} if name else {}
        return body | {"accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}

    async def own(parameters):
        rights = _RIGHTS | {"can_manage_topics": may_manage, "can_delete_messages": may_delete}
        return {"status": "administrator", "user": BOT} | rights

    telegram.on_getChat, telegram.on_getChatMember = chat, own
    loaded = with_staff(STAFF)
    async with Bot(TOKEN, request=telegram.request(), get_updates_request=telegram.request()) as bot:
        found = await checks._group(bot, loaded, checks.texts_of(loaded), "de")
    assert found == [] if said is None else said in found[0]


_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
_RIGHTS = dict.fromkeys(
    (
        "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
        "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
        "can_edit_stories", "can_delete_stories",
    ),
    False,
)  # fmt: skip
