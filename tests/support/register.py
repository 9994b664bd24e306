"""Members with cards and dispatched letters, put into the database of a running program."""

from dataclasses import dataclass
from datetime import date, timedelta

from db.models import Card, Finding, IncidentList, Letter, Member
from vault import codes, index, sealing


@dataclass
class Enrolled:
    member: int
    number: str
    code: codes.Code
    letter: int

    @property
    def typed(self):
        return codes.printed(self.code)


def enrol(program, number="4711001", digits="4566", email=None, *, dispatched=True, code=None):
    """A member with a letter; with cards by `give_card`."""
    ring, now = program.desk.keys.ring, program.desk.clock()
    code = code or codes.new_code()

    def insert(session):
        member = Member(
            number_mark=index.mark(ring, number, kind="member"),
            number_sealed=sealing.seal(ring, number, field="members.number"),
            number_end=number[-2:],
            digits_sealed=sealing.seal(ring, digits, field="members.digits") if digits else None,
            email_sealed=sealing.seal(ring, email, field="members.email") if email else None,
            language="de",
            imported_at=now,
        )
        session.add(member)
        session.flush()
        letter = Letter(
            batch="test",
            reference=f"L-{number}-{codes.printed(code)[:4]}",
            member=member.id,
            digest=codes.digest(ring, code),
            state="dispatched" if dispatched else "created",
            created_at=now,
            valid_from=now if dispatched else None,
            valid_until=now + timedelta(days=21) if dispatched else None,
        )
        session.add(letter)
        session.flush()
        return Enrolled(member.id, number, code, letter.id)

    return program.database.work(insert)


def another_letter(program, enrolled):
    """A newer letter for the same member."""
    code, now = codes.new_code(), program.desk.clock()

    def insert(session):
        session.add(
            Letter(
                batch="again",
                reference=f"L-{codes.printed(code)}",
                member=enrolled.member,
                digest=codes.digest(program.desk.keys.ring, code),
                state="dispatched",
                created_at=now,
                valid_from=now,
                valid_until=now + timedelta(days=21),
            )
        )

    program.database.work(insert)
    return Enrolled(enrolled.member, enrolled.number, code, 0)


def give_card(program, enrolled, kind="eHBA", number="80276001081699900578", **findings):
    """A card; `findings` by incident with underscores: kinds of data, or None for 'not affected'."""
    ring, now = program.desk.keys.ring, program.desk.clock()

    def insert(session):
        card = Card(
            member=enrolled.member,
            kind=kind,
            number_mark=index.mark(ring, number, kind="card"),
            number_sealed=sealing.seal(ring, number, field="cards.number"),
            number_end=number[-4:],
        )
        session.add(card)
        session.flush()
        for name, kinds in findings.items():
            incident = name.replace("_", "-")
            if session.get(IncidentList, incident) is None:
                session.add(IncidentList(incident=incident, as_of=date(2025, 2, 10), imported_at=now, version=1))
            session.add(
                Finding(
                    card=card.id,
                    incident=incident,
                    affected=kinds is not None,
                    kinds=list(kinds or []),
                    as_of=date(2025, 2, 10),
                    version=1,
                )
            )

    program.database.work(insert)
