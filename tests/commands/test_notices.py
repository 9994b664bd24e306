"""`python bot.py notices missed`: whom to write to by post, on the server only."""

from typer.testing import CliRunner

from commands import notices
from db import notices as rows
from db.models import AuditEvent, Delivery
from db.notices import Phase
from tests.support.printshop import NUMBERS


def call(*words):
    done = CliRunner().invoke(notices.app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def sent(session, now, states):
    """A notice with one delivery to each member, in these states."""
    row = rows.add(session, phase=Phase.DONE, by=1, now=now, thread=None, audience="linked")
    values = {"kind": "news", "notice": row.id, "reply": {}, "due_at": now, "attempts": 1, "closed_at": now}
    for number, (member, state) in enumerate(states.items()):
        session.add(Delivery(key=f"news:{number}", chat=number, member=member, state=state, **values))
    return row.id


def test_the_numbers_of_those_who_were_not_reached_go_into_a_private_file(shop, tmp_path):
    first, second, *_ = [shop.member(number) for number in NUMBERS]
    notice = shop.work(lambda session: sent(session, shop.clock(), {first: "delivered", second: "refused"}))
    path = tmp_path / "missed.csv"
    done = call("missed", notice, "--to", path, "--by", "anna")
    assert done.exit_code == 0, done.output
    text = path.read_text(encoding="utf-8-sig")
    assert NUMBERS[1] in text
    assert NUMBERS[0] not in text
    assert path.stat().st_mode & 0o077 == 0
    (event,) = shop.work(lambda session: session.query(AuditEvent).filter_by(tag="staff:notice:missed-listed").all())
    assert (event.actor, event.detail) == ("staff:anna", {"notice": notice, "members": 1})


def test_nothing_is_written_when_everybody_was_reached_or_there_is_no_such_notice(shop, tmp_path):
    member = shop.member(NUMBERS[0])
    notice = shop.work(lambda session: sent(session, shop.clock(), {member: "delivered"}))
    path = tmp_path / "missed.csv"
    assert call("missed", notice, "--to", path).exit_code == 1
    assert call("missed", 99, "--to", path).exit_code == 1
    assert not path.exists()
