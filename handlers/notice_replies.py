"""What staff see of a notice: questions, preview, progress, result. Pure, but for the search of entries that fit."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

from db.audiences import AFFECTED, GOT, LINKED, SAW, SUBSCRIBERS, Audience, Counts, Missed
from db.notices import Phase
from handlers.approval_replies import ApprovalReplies
from handlers.at_desk import LANGUAGE, Place
from handlers.notice_words import NoticeWords
from handlers.reply import Act, Key, Reply, Rows
from handlers.staff_buttons import StaffButton, pack
from markup import plain
from services.approvals import NobodyElse
from services.desk import Desk
from services.notice_checks import LONGEST
from services.notice_view import AUDIENCE, DE, EN, ENTRY, Choice, Progress, Stale, View
from services.notices import Discarded, ForNobody, InTicket, Listed, Requested, Tested, TestFirst
from services.staff import NotAllowed
from texts import Html, Texts

NOUN = "notice"
BAR = 12  # symbols of the progress bar
NEAR = 3  # entries that are offered or named
HEAD = 60  # characters of a notice in a list
SHORT = {SUBSCRIBERS: "s", LINKED: "l", AFFECTED: "a", SAW: "e"}  # an audience in callback data
LONG = {short: kind for kind, short in SHORT.items()}


def audience_of(word: str) -> str:
    """The audience that a button names; empty for none."""
    short, _, name = word.partition(".")
    return str(Audience(LONG[short], name)) if short in LONG else ""


class NoticeReplies:
    """Outcomes of `services.notices`, for the place in the group where something was done."""

    def __init__(self, texts: Texts, desk: Desk, bot_name: str) -> None:
        self._texts, self._desk, self._bot_name = texts, desk, bot_name
        self._words = NoticeWords(texts, desk)
        self._approvals = ApprovalReplies(texts, desk)

    def compose(self, outcome: object, place: Place) -> list[Reply]:
        return [reply.in_thread(place.thread) for reply in self._replies(outcome, place)]

    def _replies(self, outcome: object, place: Place) -> list[Reply]:
        match outcome:
            case View():
                return self.asked(outcome) if outcome.step else self.preview(outcome)
            case Listed(views):
                return [self._listed(views)]
            case Tested() | TestFirst():
                return [self._tested(outcome)]
            case ForNobody(view):
                return [Reply(Act.SEND, self._reach(view), self._rows(view, "change", "discard"))]
            case Requested(view, asked):
                buttons = Reply(Act.KEYBOARD, rows=self._rows(view, "change", "discard"), target=place.message)
                return [buttons, self._approvals.card(asked, self.summary(view))]
            case Progress():
                return [self.progress(outcome, place.message)]
            case Discarded(view):
                return [self._plain("circular.discarded", number=view.id)]
            case Stale(phase):
                return [self._plain(f"circular.stale.{phase or 'none'}")]
            case InTicket():
                return [self._plain("circular.in-ticket")]
            case NotAllowed() | NobodyElse():
                return [self._approvals.refusal(outcome)]
        raise TypeError(f"no words for {type(outcome).__name__}")

    def _plain(self, key: str, **values: Any) -> Reply:
        return Reply(Act.SEND, self._texts.say(key, LANGUAGE, **values))

    # ---- asking

    def asked(self, view: View) -> list[Reply]:
        """The question for what is missing, with what is wrong about a text that was just given."""
        told = [self._finding(one) for one in view.findings if one[0] == view.step and one[1].stops]
        question = self._texts.say(f"circular.ask.{view.step}", LANGUAGE, number=view.id, most=LONGEST)
        html = "\n\n".join([*told, question])
        rows: Rows = ()
        if view.step == ENTRY:
            rows = self._entries(view)
        elif view.step == AUDIENCE:
            rows = tuple((self._choice(view, choice),) for choice in view.choices)
        return [Reply(Act.SEND, html, (*rows, *self._rows(view, "discard")))]

    def _entries(self, view: View) -> Rows:
        rows = [self._button(self._title(entry), view, "to", entry) for entry in self.near(view)]
        rows.append(self._button(self._label("no-entry"), view, "to"))
        return tuple((key,) for key in rows if key is not None)

    def near(self, view: View) -> list[str]:
        """The entries that are nearest to what the notice says."""
        reading = self._desk.library.read(plain(view.text_de or view.text_en)[:300])
        found = [match.entry for part in reading.parts for match in part.matches]
        return [entry for entry in dict.fromkeys(found) if entry in self._desk.store.entries][:NEAR]

    def _title(self, entry: str) -> str:
        return self._desk.store.entries[entry].de.title

    def _choice(self, view: View, choice: Choice) -> Key:
        name = self._texts.label(f"circular.to.{choice.audience.kind}", LANGUAGE, name=choice.name)
        word = SHORT[choice.audience.kind] + (f".{choice.audience.name}" if choice.audience.name else "")
        return Key(f"{name} ({figure(choice.count)})"[:64], pack(StaffButton(NOUN, "for", view.id, word)))

    def _button(self, label: str, view: View, verb: str, word: str = "") -> Key | None:
        try:
            return Key(label[:64], pack(StaffButton(NOUN, verb, view.id, word)))
        except ValueError:  # too long an id: it can be typed
            return None

    # ---- preview

    def preview(self, view: View) -> list[Reply]:
        """Both languages exactly as they will look, and below them the card with what to do next."""
        shown = [self._shown(view, DE), self._shown(view, EN)]
        verbs = ("request", "test") if view.tested else ("test",)
        rows = self._rows(view, *verbs, "change", "discard")
        return [*shown, Reply(Act.SEND, self.card(view), rows)]

    def _shown(self, view: View, language: Any) -> Reply:
        """Its buttons do nothing here: they belong to the reader."""
        reply = self._words.message(self._content(view, language), language)
        idle = pack(StaffButton(NOUN, "shown", view.id))
        return replace(reply, rows=tuple(tuple(Key(key.label, idle) for key in row) for row in reply.rows))

    def _content(self, view: View, language: str) -> dict[str, Any]:
        audience = view.audience
        if view.neutral:
            audience = Audience(AFFECTED)
        elif audience is not None and audience.kind == GOT:
            audience = view.first
        return {
            "notice": view.id,
            "audience": str(audience) if audience else LINKED,
            "html": view.text_en if language == EN else view.text_de,
            "neutral": view.neutral,
            "entry": view.entry,
            "corrects": view.corrects.isoformat() if view.corrects else None,
        }

    def card(self, view: View) -> Html:
        say = self._texts.say
        lines: list[str] = [say("circular.card", LANGUAGE, number=view.id, to=self.audience(view))]
        lines.append(self._reach(view))
        if view.neutral:
            lines += [say("circular.neutral", LANGUAGE), Html(f"<i>{view.text_de}</i>"), Html(f"<i>{view.text_en}</i>")]
        lines += [self._finding(one) for one in view.findings]
        if not view.findings:
            lines.append(say("circular.clean", LANGUAGE))
        if not view.is_for_nobody:
            lines.append(say("circular.next-request" if view.tested else "circular.next-test", LANGUAGE))
        return Html("\n".join(lines))

    def summary(self, view: View) -> Html:
        """What a second person is asked to release: everything, once more."""
        heading = self._texts.say("circular.asks", LANGUAGE, number=view.id, to=self.audience(view))
        warned = [self._finding(one) for one in view.findings]
        parts = [heading, self._reach(view), *warned, f"\n<b>DE</b>\n{view.text_de}", f"\n<b>EN</b>\n{view.text_en}"]
        if view.entry and view.entry in self._desk.store.entries:
            part = self._texts.label("circular.part.entry", LANGUAGE)
            parts.append(f"\n<b>{part}:</b> {escape(self._title(view.entry), quote=False)}")
        if view.neutral:
            parts.insert(2, self._texts.say("circular.neutral", LANGUAGE))
        return Html("\n".join(parts))

    def _reach(self, view: View) -> Html:
        if view.is_for_nobody:
            key = "circular.correction-for-nobody" if view.corrects else "circular.for-nobody"
            return self._texts.say(key, LANGUAGE, number=view.id)
        return self._texts.say("circular.reach", LANGUAGE, count=figure(view.count), minutes=view.minutes)

    def audience(self, view: View) -> str:
        if view.audience is None:
            return "–"
        return self._texts.label(f"circular.to.{view.audience.kind}", LANGUAGE, name=view.audience_name)

    def _finding(self, found: tuple[str, Any]) -> Html:
        language, finding = found
        mark = "⛔" if finding.stops else "⚠️"
        values = {"what": finding.what, "most": LONGEST}
        return Html(
            f"{mark} {language.upper()}: {self._texts.say(f'circular.finding.{finding.code}', LANGUAGE, **values)}"
        )

    def _rows(self, view: View, *verbs: str) -> Rows:
        """Two of these buttons in a row; "change" opens the choice of what to change. Nothing leads on to nobody."""
        if view.is_for_nobody:
            verbs = tuple(verb for verb in verbs if verb not in ("test", "request"))
        keys = [Key(self._label(verb), pack(StaffButton(NOUN, verb, view.id))) for verb in verbs]
        return tuple(tuple(keys[at : at + 2]) for at in range(0, len(keys), 2))

    def what_to_change(self, number: int, target: int, *, corrects: bool) -> Reply:
        """In place of the card's buttons."""
        steps = (DE, EN, ENTRY) if corrects else (DE, EN, ENTRY, AUDIENCE)
        keys = [
            Key(self._texts.label(f"circular.part.{step}", LANGUAGE), pack(StaffButton(NOUN, "ask", number, step)))
            for step in steps
        ]
        return Reply(Act.KEYBOARD, rows=tuple((key,) for key in keys), target=target)

    def _label(self, name: str) -> str:
        return self._texts.label(f"circular.buttons.{name}", LANGUAGE)

    # ---- lists, tests

    def _listed(self, views: Sequence[View]) -> Reply:
        if not views:
            return self._plain("circular.how")
        lines = [
            self._texts.say("circular.line", LANGUAGE, number=view.id, phase=self._phase(view), text=_head(view))
            for view in views
        ]
        drafts = [view for view in views if view.phase in (Phase.DRAFT, Phase.PROPOSED)]
        opens = self._label("open")
        rows = tuple((Key(f"{opens} {view.id}", pack(StaffButton(NOUN, "open", view.id))),) for view in drafts[:8])
        heading = self._texts.say("circular.list", LANGUAGE)
        return Reply(Act.SEND, "\n".join([heading, *lines, "", self._texts.say("circular.how", LANGUAGE)]), rows)

    def _phase(self, view: View) -> str:
        return self._texts.label(f"circular.phase.{view.phase}", LANGUAGE)

    def _tested(self, outcome: Tested | TestFirst) -> Reply:
        view = outcome.view
        start = Key(self._label("start"), url=f"https://t.me/{self._bot_name}?start=test")
        if isinstance(outcome, Tested) and outcome.sent:
            html = self._texts.say("circular.tested", LANGUAGE, number=view.id)
            return Reply(Act.SEND, html, self._rows(view, "request", "test", "change", "discard"))
        missed = isinstance(outcome, Tested) or outcome.refused
        key = "circular.test-cannot" if missed else "circular.test-first"
        rows = self._rows(view, "test")
        return Reply(Act.SEND, self._texts.say(key, LANGUAGE), ((start,), *rows) if missed else rows)

    # ---- sending

    def progress(self, progress: Progress, target: int) -> Reply:
        """Replaces the message that shows how far it has come."""
        return Reply(Act.EDIT, self._progress(progress), self._progress_rows(progress), target)

    def _progress(self, progress: Progress) -> Html:
        view, counts = progress.view, progress.counts
        say = self._texts.say
        done = counts.all - counts.waiting
        part = done / counts.all if counts.all else 1.0
        bar = "▓" * round(part * BAR) + "░" * (BAR - round(part * BAR))
        lines: list[str] = [
            say("circular.progress", LANGUAGE, number=view.id, to=self.audience(view), phase=self._phase(view)),
            say("circular.released", LANGUAGE, asker=progress.asker, approver=progress.approver),
            f"{bar} {int(part * 100)} %",
            self.figures(counts),
        ]
        if progress.asks_to_stop:
            lines.append(say("circular.stop-sure", LANGUAGE, count=figure(counts.waiting + counts.again)))
        return Html("\n".join(lines))

    def figures(self, counts: Counts) -> Html:
        """By state; what is zero is left out."""
        named = {
            "waiting": counts.waiting,
            "again": counts.again,
            "blocked": counts.blocked,
            "refused": counts.refused,
            "unclear": counts.unclear - counts.again,
            "failed": counts.failed,
            "cancelled": counts.cancelled,
        }
        lines: list[str] = [
            self._texts.say("circular.sent", LANGUAGE, sent=figure(counts.sent), all=figure(counts.all))
        ]
        for name, count in named.items():
            if count > 0:
                lines.append(self._texts.say(f"circular.count.{name}", LANGUAGE, count=figure(count)))
        return Html("\n".join(lines))

    def _progress_rows(self, progress: Progress) -> Rows:
        view = progress.view
        if progress.asks_to_stop:
            return self._rows(view, "go", "end")
        verbs = {Phase.SENDING: ("pause", "stop"), Phase.PAUSED: ("go", "stop"), Phase.STOPPED: ("correct",)}
        return self._rows(view, *verbs.get(view.phase, ()))

    def result(self, progress: Progress) -> Reply:
        """A new message when it is over, with how to correct it and what of the FAQ may have to say the same."""
        view = progress.view
        lines: list[str] = [self._texts.say("circular.done", LANGUAGE, number=view.id, to=self.audience(view))]
        lines.append(self.figures(progress.counts))
        near = [view.entry] if view.entry else self.near(view)
        if near:
            named = "; ".join(f"{self._title(entry)} ({entry})" for entry in near if entry in self._desk.store.entries)
            lines.append(self._texts.say("circular.faq", LANGUAGE, entries=named))
        return Reply(Act.SEND, "\n".join(lines), self._rows(view, "correct"))

    def unreached(self, view: View, missed: Sequence[tuple[Missed, str]]) -> Reply:
        """Who was not reached, as a file for a spreadsheet: no number of anybody, only the log's name of this month."""
        table = io.StringIO()
        rows = csv.writer(table, delimiter=";", lineterminator="\r\n")
        rows.writerow(
            [self._texts.label(f"circular.column.{name}", LANGUAGE) for name in ("number", "reason", "at", "who")]
        )
        for number, (one, name) in enumerate(missed, 1):
            reason = self._texts.label(f"circular.reason.{one.reason}", LANGUAGE)
            rows.writerow([number, reason, self._approvals.moment(one.at) if one.at else "", name])
        caption = self._texts.say("circular.file", LANGUAGE, number=view.id, count=figure(len(missed)))
        return Reply(Act.FILE, caption, file=(f"meldung-{view.id}-nicht-erreicht.csv", "\ufeff" + table.getvalue()))

    def proposed(self, view: View) -> Reply:
        """An answer has changed: whether those who got the old one are to be told."""
        html = self._texts.say(
            "circular.proposed", LANGUAGE, title=view.audience_name, count=figure(view.count), text=Html(view.text_de)
        )
        return Reply(Act.SEND, html, self._rows(view, "open", "discard"))

    def expired(self, view: View) -> Reply:
        return Reply(
            Act.SEND,
            self._texts.say("circular.expired", LANGUAGE, number=view.id),
            self._rows(view, "request", "discard"),
        )

    def refused(self, view: View, answerer: str, target: int) -> Reply:
        html = self._texts.say("circular.refused", LANGUAGE, number=view.id, name=answerer)
        return Reply(Act.EDIT, html, self._rows(view, "change", "request", "discard"), target)


def figure(value: int) -> str:
    """A number as Germans write it: 1.846"""
    return f"{value:,}".replace(",", ".")


def _head(view: View) -> str:
    text = plain(view.text_de or view.text_en).replace("\n", " ")
    return text if len(text) <= HEAD else f"{text[: HEAD - 1]}…"
