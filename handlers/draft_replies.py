"""What staff see of a draft: questions, preview, what it is near to, the test questions' difference. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import markup
from faq.entry import LANGUAGES, Entry, Store
from faq.trial import Move, Tried
from faq.writing import Change, NewEntry
from handlers.at_desk import LANGUAGE
from handlers.draft_checks import NotPossible, Tested, TooNear
from handlers.editing import ByHand, NotTaken, Step
from handlers.replies import Replies
from handlers.reply import Act, Key, Reply, Rows
from handlers.staff_buttons import StaffButton, pack
from handlers.wording import pairs
from services import answers, draft_fields
from services.desk import Desk
from services.draft_fields import CATEGORY, OWNER, REVIEW, SOURCES, STEPS, Mistake
from services.drafts import Discarded, Listed, Published, Saved, Stale, View
from services.staff import NotAllowed
from strict_yaml import Problem
from texts import Html, Texts, day, explain

NOUN, FILES = "draft", "faq"
OFFERED = 4  # sources that are offered
TOLD = 8  # of a list in one message
MONTHS = (3, 6, 12)
DAYS_OF_MONTH = 30.5
LABEL = 64
QUESTION = 90  # characters of a test question that are shown
LONGEST = 3500  # characters of a value that is shown above a question


class DraftReplies:
    """To the staff group."""

    def __init__(self, texts: Texts, desk: Desk, replies: Replies) -> None:
        self._texts, self._desk, self._replies = texts, desk, replies

    def compose(self, outcome: object) -> list[Reply]:
        match outcome:
            case View():
                return [self._asked(outcome)] if outcome.step else self._card(outcome)
            case Listed(views):
                return [self._listed(views)]
            case Saved(view):
                return [self._plain("draft.saved", number=view.id)]
            case Discarded(number):
                return [self._plain("draft.discarded", number=number)]
            case Published():
                return [self._published(outcome)]
            case Stale(phase):
                return [self._plain(f"draft.stale.{phase or 'none'}")]
            case NotAllowed(role):
                return [self._plain("draft.not-allowed", role=role.value)]
            case TooNear():
                return [self._near(outcome)]
            case Tested():
                return [self._tested(outcome)]
            case NotPossible():
                return [self._not_possible(outcome)]
        raise TypeError(f"no words for {type(outcome).__name__}")

    def _say(self, key: str, **values: Any) -> Html:
        return self._texts.say(key, LANGUAGE, **values)

    def _plain(self, key: str, **values: Any) -> Reply:
        return Reply(Act.SEND, self._say(key, **values))

    def _key(self, label: str, view: View, verb: str, word: str = "", **values: Any) -> Key | None:
        """None where the word does not fit: it can be typed."""
        text = self._texts.label(f"draft.buttons.{label}", LANGUAGE, **values)
        return _key(text, verb, view.id, word)

    # ---- asking

    def _asked(self, view: View) -> Reply:
        step, parts = view.step, list[str]()
        if view.wrong is not None:
            parts.append(f"⚠️ {self._wrong(view.wrong)}")
        parts += [self._head(view), self._say(f"draft.ask.{step}")]
        if view.given.has(step):
            parts.append(self._say("draft.now", value=self._value(view, step)))
        elif view.suggestion:
            parts.append(self._say("draft.suggestion", value=_shown(step, view.suggestion)))
        parts.append(self._say("draft.how-tap" if step == CATEGORY else "draft.how"))
        rows = [*self._choices(view), *self._steps(view)]
        return Reply(Act.SEND, "\n\n".join(parts), tuple(rows))

    def _head(self, view: View) -> Html:
        if view.step not in STEPS or view.adds_to is not None:
            return self._say("draft.head-one", number=view.id)
        return self._say("draft.head", number=view.id, place=STEPS.index(view.step) + 1, all=len(STEPS))

    def _wrong(self, wrong: Mistake) -> Html:
        return self._say(f"draft.wrong.{wrong.code}", **wrong.values)

    def _value(self, view: View, step: str) -> Html:
        value = getattr(view.given, step)
        if isinstance(value, tuple):
            value = "\n".join(value) or self._texts.label("draft.buttons.no-source", LANGUAGE)
        if isinstance(value, date):
            value = day(value, LANGUAGE)
        return _shown(step, str(value))

    def _choices(self, view: View) -> list[tuple[Key, ...]]:
        """Answers that can be tapped."""
        step, store = view.step, self._desk.store
        match step:
            case draft_fields.CATEGORY:
                offered = [(known.title.de, known.id) for known in store.categories]
            case draft_fields.SOURCES:
                offered = [(f"{id_} {store.sources[id_].name.de}", id_) for id_ in self._sources(view)]
                offered.append((self._texts.label("draft.buttons.no-source", LANGUAGE), "-"))
            case draft_fields.OWNER:
                owners = dict.fromkeys(entry.owner for entry in store.entries.values())
                offered = [(owner, owner) for owner in owners]
            case draft_fields.REVIEW:
                offered = [self._months(months) for months in MONTHS]
            case _:
                offered = []
        verbs = {CATEGORY: "category", SOURCES: "source", OWNER: "owner", REVIEW: "review"}
        keys = [_key(label, verbs[step], view.id, word) for label, word in offered]
        return pairs([key for key in keys if key is not None])

    def _sources(self, view: View) -> list[str]:
        """Those that the entries of the same category name most often."""
        entries = (entry for entry in self._desk.store.entries.values() if entry.category == view.given.category)
        return [source for source, _ in Counter(one for entry in entries for one in entry.sources).most_common(OFFERED)]

    def _months(self, months: int) -> tuple[str, str]:
        when = (self._desk.clock() + timedelta(days=months * DAYS_OF_MONTH)).date()
        values = {"months": months, "date": day(when, LANGUAGE)}
        return self._texts.label("draft.buttons.months", LANGUAGE, **values), when.isoformat()

    def _steps(self, view: View) -> list[tuple[Key, ...]]:
        rows: list[tuple[Key | None, ...]] = []
        has = view.given.has(view.step)
        if view.suggestion and not has:
            rows.append((self._key("take", view, "take", view.step),))
        onward = self._key("keep" if has else "skip", view, "next", view.step)
        is_first = view.step == STEPS[0] or view.step not in STEPS or view.adds_to is not None
        rows.append((onward,) if is_first else (onward, self._key("back", view, "back", view.step)))
        rows.append((self._key("save", view, "save"), self._key("cancel", view, "discard")))
        return _whole(rows)

    # ---- preview

    def _card(self, view: View) -> list[Reply]:
        """The entry in both languages as it will look, and below it what is missing or what happens now."""
        if view.adds_to is not None:
            return [self._card_of_more(view)]
        store, today = self._desk.store, self._desk.clock().date()
        shown = []
        for language in LANGUAGES:
            entry = draft_fields.entry_in(view.given, language, store, today)
            if entry is not None:
                shown.append(self._preview(entry, language))
        given = view.given
        review = day(given.review_by, LANGUAGE) if given.review_by else "–"
        values = {"german": len(given.ask_de), "english": len(given.ask_en), "owner": given.owner or "–"}
        values |= {
            "id": draft_fields.identifier(given, store),
            "category": self._category(given.category),
            "date": review,
        }
        text = self._say("draft.card", number=view.id, title=self._title(view), **values)
        return [*shown, Reply(Act.SEND, f"{text}\n\n{self._next(view)}", self._card_rows(view))]

    def _category(self, category: str) -> str:
        titles = {known.id: known.title.de for known in self._desk.store.categories}
        return titles.get(category, "–")

    def _card_of_more(self, view: View) -> Reply:
        heading = self._say("draft.card-adds", number=view.id, title=self._title_of(view.adds_to or ""))
        lines = [f"– {escape(text, quote=False)}" for _, text in view.given.phrasings()]
        return Reply(Act.SEND, "\n".join([heading, *lines, "", self._next(view)]), self._card_rows(view))

    def _next(self, view: View) -> Html:
        if view.is_complete:
            return self._say("draft.checking" if view.adds_to is None else "draft.checking-adds")
        return self._say("draft.missing", parts=", ".join(self._part(step) for step in view.missing))

    def _preview(self, entry: Entry, language: Any) -> Reply:
        """Its buttons do nothing here: they belong to the reader."""
        store = self._desk.store
        with_it: Store = store.model_copy(update={"entries": {**store.entries, entry.id: entry}})
        reply = self._replies.compose(answers.shown(with_it, entry.id, language, question="preview-only"))
        assert reply is not None
        rows = tuple(tuple(key for text in row if (key := _key(text.label, "idle", 0))) for row in reply.rows)
        return replace(reply, rows=rows)

    def _part(self, step: str) -> str:
        return self._texts.label(f"draft.part.{step}", LANGUAGE)

    def _card_rows(self, view: View) -> Rows:
        rows: list[tuple[Key | None, ...]] = []
        if not view.is_complete:
            first = view.missing[0]
            rows.append((self._key("fill", view, "ask", first, part=self._part(first)),))
        else:
            rows.append((self._key("check", view, "check"),))
        rows.append((self._key("change", view, "change"), self._key("save", view, "save")))
        rows.append((self._key("discard", view, "discard"),))
        return tuple(_whole(rows))

    def what_to_change(self, view: View, target: int) -> Reply:
        """In place of the card's buttons."""
        steps = draft_fields.MORE_STEPS if view.adds_to is not None else (*STEPS, draft_fields.IDENTIFIER)
        keys = [_key(self._part(step), "ask", view.id, step) for step in steps]
        return Reply(Act.KEYBOARD, rows=tuple(pairs([key for key in keys if key])), target=target)

    # ---- checks

    def _near(self, outcome: TooNear) -> Reply:
        view = outcome.view
        found = outcome.worst
        lines: list[str] = [self._say("draft.near", number=view.id)]
        for one in found[:TOLD]:
            values = {"phrasing": one.phrasing, "entry": one.entry, "title": self._title_of(one.entry)}
            lines.append(self._say("draft.near-line", **values))
        if len(found) > TOLD:
            lines.append(self._say("draft.near-more", count=len(found) - TOLD))
        lines += ["", self._say("draft.near-hard" if outcome.is_hard else "draft.near-soft")]
        others = [entry for entry in dict.fromkeys(one.entry for one in found) if entry in self._desk.store.entries]
        rows: list[tuple[Key | None, ...]] = [
            (self._key("merge", view, "merge", entry, title=self._title_of(entry)),) for entry in others[:3]
        ]
        rows.append((self._key("strike", view, "strike"),))
        if not outcome.is_hard:
            rows.append((self._key("anyway" if view.adds_to is None else "anyway-adds", view, "anyway"),))
        rows.append((self._key("change", view, "change"), self._key("discard", view, "discard")))
        return Reply(Act.SEND, "\n".join(lines), tuple(_whole(rows)))

    def _tested(self, outcome: Tested) -> Reply:
        view, compared = outcome.view, outcome.compared
        lines: list[str] = []
        if compared.all:
            same = compared.all - len(compared.moves)
            lines.append(self._say("draft.trial", number=view.id, same=same, all=compared.all))
        else:
            lines.append(self._say("draft.trial-none", number=view.id))
        if compared.moves:
            counts = {"better": len(compared.better), "worse": len(compared.worse), "other": len(compared.other)}
            lines.append(self._say("draft.trial-moved", **counts))
            told = [("⚠️", move) for move in compared.worse] + [("✔", move) for move in compared.better]
            told += [("–", move) for move in compared.other]
            lines += [self._move(view, sign, move) for sign, move in told[:TOLD]]
        if len(compared.moves) > TOLD:
            lines.append(self._say("draft.near-more", count=len(compared.moves) - TOLD))
        if compared.wrong:
            lines.append(self._say("draft.trial-wrong", count=compared.wrong))
        elif compared.moves:
            lines.append(self._say("draft.trial-fine"))
        if not outcome.may_publish:
            lines.append(self._say("draft.trial-editor"))
        rows = [
            (self._key("publish", view, "publish", view.mark),),
            (self._key("save", view, "save"),),
            (self._key("change", view, "change"), self._key("discard", view, "discard")),
        ]
        return Reply(Act.SEND, "\n".join(lines), tuple(_whole(rows)))

    def _move(self, view: View, sign: str, move: Move) -> Html:
        values = {"before": self._way(view, move.before), "after": self._way(view, move.after)}
        return self._say("draft.trial-line", sign=sign, question=_short(move.after.probe.text), **values)

    def _way(self, view: View, tried: Tried) -> str:
        key, found = ("trial-answer", tried.answered) if tried.answered else ("trial-offer", tried.offered[:1])
        if not found:
            return self._texts.label("draft.trial-nothing", LANGUAGE)
        store = self._desk.store
        own = {} if view.adds_to else {draft_fields.identifier(view.given, store): view.given.title_de}
        titles = (store.entries[one].de.button if one in store.entries else own.get(one) or one for one in found)
        return ", ".join(self._texts.label(f"draft.{key}", LANGUAGE, title=title) for title in titles)

    def _not_possible(self, outcome: NotPossible) -> Reply:
        view, why = outcome.view, outcome.why
        rows = tuple(_whole([(self._key("change", view, "change"), self._key("check", view, "check"))]))
        if isinstance(why, ByHand):
            file = why.file or self._file(outcome.change) or self._texts.label("draft.the-file", LANGUAGE)
            html = self._say(f"draft.by-hand.{why.reason}", number=view.id, file=file)
            return Reply(Act.FILE, html, file=(f"entwurf-{view.id}.yaml", why.lines))
        if not why.problems:
            return Reply(Act.SEND, self._say("draft.refused-elsewhere", number=view.id), rows)
        heading = self._say("draft.refused", number=view.id)
        return Reply(Act.SEND, "\n\n".join([heading, *_explained(why.problems)]), rows)

    def _file(self, change: Change) -> str:
        store = self._desk.store
        if isinstance(change, NewEntry):
            return f"{change.entry.category}.yaml"
        return f"{store.entries[change.entry].category}.yaml" if change.entry in store.entries else ""

    def _published(self, outcome: Published) -> Reply:
        key = "draft.published-adds" if outcome.adds else "draft.published"
        values = {"title": self._title_of(outcome.entry), "entry": outcome.entry, "version": outcome.version[:8]}
        return self._plain(key, **values)

    # ---- lists, and the way back

    def _listed(self, views: Sequence[View]) -> Reply:
        if not views:
            return self._plain("draft.none")
        lines: list[str] = [self._say("draft.list")]
        for view in views:
            phase = self._texts.label(f"draft.phase.{view.phase}", LANGUAGE)
            lines.append(self._say("draft.line", number=view.id, phase=phase, title=self._title(view)))
        keys = [self._key("resume", view, "resume", number=view.id) for view in views[:TOLD]]
        return Reply(Act.SEND, "\n".join(lines), tuple(pairs([key for key in keys if key])))

    def _title(self, view: View) -> str:
        if view.adds_to is not None:
            return self._texts.label("draft.adds", LANGUAGE, title=self._title_of(view.adds_to))
        return view.given.title_de or view.given.title_en or self._texts.label("draft.no-title", LANGUAGE)

    def _title_of(self, entry: str) -> str:
        known = self._desk.store.entries.get(entry)
        return known.de.title if known else entry

    def way_back(self, step: Step | None) -> Reply:
        """What /zurueck would do, before it is done."""
        if step is None:
            return self._plain("draft.undo.none")
        at: datetime = step.version.at.astimezone(ZoneInfo(self._desk.rules.office.time_zone))
        lines: list[str] = [self._say("draft.undo.ask", version=step.version.digest[:8], date=f"{at:%d.%m.%Y %H:%M}")]
        changed = step.difference
        for key, ids in (("back", changed.removed), ("again", changed.added), ("changed", changed.changed)):
            if ids:
                lines.append(self._say(f"draft.undo.{key}", ids=", ".join(ids)))
        if changed.is_empty:
            lines.append(self._say("draft.undo.words"))
        data = pack(StaffButton(FILES, "back", 0, f"{step.version.digest}.{step.from_}"))
        return Reply(Act.SEND, "\n".join(lines), ((Key(self._texts.label("draft.buttons.undo", LANGUAGE), data),),))

    def went_back(self, done: object, version: str) -> Reply:
        if isinstance(done, NotTaken):
            return Reply(Act.SEND, "\n\n".join([self._say("draft.undo.refused"), *_explained(done.problems)]))
        key = "read-only" if isinstance(done, ByHand) else "moved" if done is None else "done"
        return self._plain(f"draft.undo.{key}", version=version[:8])

    def no_files(self) -> Reply:
        return self._plain("draft.no-files")


def _key(label: str, verb: str, number: int, word: str = "") -> Key | None:
    try:
        return Key(label[:LABEL], pack(StaffButton(NOUN, verb, number, word)))
    except ValueError:
        return None


def _whole(rows: Sequence[tuple[Key | None, ...]]) -> list[tuple[Key, ...]]:
    found = (tuple(key for key in row if key is not None) for row in rows)
    return [row for row in found if row]


def _shown(step: str, value: str) -> Html:
    """An answer as it looks; everything else as text."""
    if step.startswith("answer") and not markup.mistakes(value):
        return Html(f"\n{value}")
    text = markup.plain(value) if step.startswith("answer") else value
    return Html(("\n" if "\n" in text else "") + escape(text[:LONGEST], quote=False))


def _explained(problems: Sequence[Problem]) -> list[str]:
    return [escape(explain(problem, LANGUAGE), quote=False) for problem in problems[:TOLD]]


def _short(text: str) -> str:
    return text if len(text) <= QUESTION else f"{text[: QUESTION - 1]}…"
