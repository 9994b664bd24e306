"""A database with something of everything, and all of its rows to compare."""

from datetime import timedelta

from sqlalchemy import text

from db.models import Base, Card, Chat, Delivery, Finding, HandledUpdate, Letter, Link, Member, Throttle, Tick
from tests.support.audit import NOW
from vault import index, sealing

CANARY = "80276001081699900578"


def number_of(person):
    return f"4711{person:02d}"


def chat_of(person):
    return 4_711_000_000 + person


def fill(session, ring, people=3):
    """Members 1 to `people`, each with a card that is affected, a redeemed letter, a link, a chat and a delivery."""
    for person in range(1, people + 1):
        member = Member(
            number_mark=index.mark(ring, number_of(person), kind="member"),
            number_sealed=sealing.seal(ring, number_of(person), field="members.number"),
            number_end=f"{person:02d}",
            language="de",
            imported_at=NOW,
        )
        session.add(member)
        session.flush()
        chat = chat_of(person)
        card = Card(member=member.id, kind="ehba", number_mark=f"k1:{person}", number_sealed=CANARY, number_end="0578")
        session.add(card)
        session.flush()
        session.add_all(
            [
                Finding(card=card.id, incident="breach", affected=True, kinds=["name"], as_of=NOW.date(), version=1),
                Letter(
                    batch="b1",
                    reference=f"r{person}",
                    member=member.id,
                    digest=f"k1:{person}",
                    state="redeemed",
                    created_at=NOW,
                    redeemed_by=chat,
                ),
                Link(chat=chat, member=member.id, state="active", made_at=NOW, active_at=NOW, used_at=NOW),
                Chat(
                    id=chat,
                    first_at=NOW,
                    last_at=NOW,
                    offered=["a", 'tab\tnew\nline\\ "quoted" ü'],
                    misses=0,
                    minute_count=0,
                ),
                Delivery(
                    key=f"d{person}",
                    chat=chat,
                    member=member.id,
                    kind="notice",
                    reply={"t": None},
                    state="queued",
                    due_at=NOW,
                ),
                HandledUpdate(bot=1, update_id=person, handled_at=NOW, chat=chat, message=7),
                Throttle(chat=chat, rule="wrong-24h", window_at=NOW, count=2),
                Throttle(chat=chat, rule="look-up-1h", window_at=NOW, count=2),
                Tick(member=member.id, incident="breach", step="pin", ticked_at=NOW + timedelta(seconds=1)),
            ]
        )
    session.flush()


def rows(database):
    """All rows of all tables as the database gives them."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {table.name}")).all()))
            for table in Base.metadata.sorted_tables
        }
