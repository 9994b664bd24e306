"""What deliveries say: neutral, in the language of the chat, with a button that is checked again."""

import pytest

import checks
import settings
from db.deliveries import Due
from handlers.buttons import Ask, unpack
from handlers.deliveries import DeliveryReplies
from handlers.reply import Act, Reply
from services.deliveries import Kind
from services.intents import Wish


@pytest.fixture(scope="module")
def replies():
    loaded = settings.load({})
    return DeliveryReplies(checks.texts_of(loaded), "auskunft_bot", loaded.config.faq)


def due(kind, language="de", reply=None):
    return Due(1, "key", kind, 7, 3, reply or {}, 1, language)


def test_a_notice_tells_nothing_by_itself(replies):
    for language, word in (("de", "Mitteilung"), ("en", "new message")):
        said = replies.compose(due(Kind.NOTICE, language))
        assert word in said.html
        for forbidden in ("betroffen", "affected", "eHBA", "SMC-B"):
            assert forbidden not in said.html
        assert unpack(said.rows[0][0].data) == Ask(Wish.CARDS)


def test_an_objection_can_be_made(replies):
    assert unpack(replies.compose(due(Kind.OBJECTION)).rows[0][0].data) == Ask(Wish.OBJECT)


def test_a_deletion_is_as_it_was_written(replies):
    deletion = Reply(Act.DELETE, target=9)
    assert replies.compose(due(Kind.DELETION, reply=deletion.to_json())) == deletion
