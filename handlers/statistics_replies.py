"""Figures in words, as a picture and as a table. Pure."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.at_desk import LANGUAGE
from handlers.reply import Act, Key, Reply
from handlers.staff_buttons import StaffButton, pack
from printing.chart import Chart, Series, Tile
from services.hours import DAYS
from services.statistics import Day, Form, Open, Period, Statistics
from tables import writing
from texts import Html, Texts, day

NOUN, CSV = "statistics", "csv"
HOUR, TWO_DAYS = 60, 48  # minutes, hours
SHARES = 5  # rated questions from which on a share says something


class StatisticsReplies:
    """What is said about figures. Moments are shown in `zone`."""

    def __init__(self, texts: Texts, zone: str) -> None:
        self._texts, self._zone = texts, ZoneInfo(zone)

    def usage(self, most: int) -> Reply:
        return Reply(Act.SEND, self._say("usage", most=most))

    def picture(self, found: Statistics, form: Form, png: bytes | None) -> Reply:
        """The figures of a period, below their picture; without one when it could not be drawn."""
        word = f"{found.period.until.timestamp():.0f}"
        csv = StaffButton(NOUN, CSV, len(found.days), word)
        rows = ((Key(self._label("as-csv"), pack(csv)),),)
        lines = [self._say(f"heading-{form}", period=self._period(found.period)), *self._lines(found)]
        if png is None:
            return Reply(Act.SEND, Html("\n".join([*lines, self._say("no-picture")])), rows)
        name = f"{self._label('file')}-{found.period.last}.png"
        return Reply(Act.PICTURE, Html("\n".join(lines)), rows, file=(name, base64.b64encode(png).decode()))

    def once_more(self, reply: Reply) -> Reply:
        """The same, marked: nobody knows whether the first one arrived."""
        return replace(reply, html=f"{reply.html}\n{self._texts.say('ticket-desk.post.twice', LANGUAGE)}")

    def digest(self, found: Statistics, waiting: Open) -> Reply:
        """Yesterday's figures beside those of a week before: the last and the first day of the period."""
        before, last = found.days[0], found.days[-1]
        date_ = f"{self._weekday(last.day)}, {day(last.day, LANGUAGE)}"
        lines = [self._say("heading-day", date=date_), self._change(last, before), self._decisions(last)]
        lines += [self._say("gaps", count=last.gaps)] if last.gaps else []
        lines += [self._waiting(waiting), self._helpful(last), self._links(last)]
        return Reply(Act.SEND, Html("\n".join(lines)))

    def chart(self, found: Statistics) -> Chart:
        total, label = found.total, self._label
        decided = (
            Series(label("answered"), tuple(day.answered for day in found.days)),
            Series(label("suggested"), tuple(day.suggested for day in found.days)),
            Series(label("not-known"), tuple(day.not_known for day in found.days)),
        )
        return Chart(
            title=label("title"),
            subtitle=label("subtitle", period=self._period(found.period), count=total.questions),
            days=tuple(f"{self._weekday(one.day)}\n{one.day.day}.{one.day.month}." for one in found.days),
            series=decided,
            entries_title=label("entries"),
            entries=tuple((entry.title, entry.count) for entry in found.entries),
            tiles=self._tiles(found, total),
            empty=label("none"),
        )

    def csv(self, found: Statistics) -> Reply:
        """A line for each figure, so that a spreadsheet can sort and sum them."""
        header = [self._label(f"column.{name}") for name in ("from", "to", "figure", "entry", "value")]
        text = writing.text(header, self._table(found))
        name = f"{self._label('file')}-{found.period.first}-{found.period.last}.csv"
        caption = self._say("heading-csv", period=self._period(found.period))
        return Reply(Act.FILE, caption, file=(name, text))

    # ---- parts

    def _lines(self, found: Statistics) -> Iterator[str]:
        total = found.total
        yield self._say("questions", count=total.questions)
        yield self._decisions(total)
        yield self._say("gaps", count=total.gaps)
        yield self._say("tickets", count=total.tickets, taken=self._median(found.taken_after),
                        answered=self._median(found.answered_after))  # fmt: skip
        yield self._helpful(total)
        yield self._links(total)

    def _change(self, last: Day, before: Day) -> str:
        weekday = self._weekday(before.day)
        return self._say("change", count=last.questions, before=before.questions, weekday=weekday)

    def _decisions(self, one: Day) -> str:
        return self._say("decisions", answered=one.answered, suggested=one.suggested, not_known=one.not_known)

    def _helpful(self, one: Day) -> str:
        if not one.rated:
            return self._say("not-rated")
        return self._say("helpful", helpful=one.helpful, rated=one.rated)

    def _links(self, one: Day) -> str:
        return self._say("links", links=one.links, look_ups=one.look_ups)

    def _waiting(self, waiting: Open) -> str:
        if waiting.longest is None:
            return self._say("open", count=waiting.count)
        return self._say("waiting", count=waiting.count, number=waiting.number, span=span(self._texts, waiting.longest))

    def _tiles(self, found: Statistics, total: Day) -> tuple[Tile, ...]:
        share = f"{round(100 * total.helpful / total.rated)} %" if total.rated >= SHARES else str(total.helpful)
        return (
            Tile(str(total.gaps), self._label("tile.gaps")),
            Tile(self._median(found.taken_after), self._label("tile.taken")),
            Tile(self._median(found.answered_after), self._label("tile.answered")),
            Tile(share if total.rated else "–", self._label("tile.helpful", rated=total.rated)),
            Tile(str(total.links), self._label("tile.links")),
            Tile(str(total.look_ups), self._label("tile.look-ups")),
        )

    def _table(self, found: Statistics) -> Iterator[tuple[str, ...]]:
        first, last = str(found.period.first), str(found.period.last)
        for one in found.days:
            for name in COUNTS:
                figure = self._label(f"figure.{name.replace('_', '-')}")
                yield str(one.day), str(one.day), figure, "", str(getattr(one, name))
        for name, span in (("taken-after", found.taken_after), ("answered-after", found.answered_after)):
            minutes = "" if span is None else str(round(span.total_seconds() / 60))
            yield first, last, self._label(f"figure.{name}"), "", minutes
        for entry in found.entries:
            yield first, last, self._label("figure.entry"), entry.id, str(entry.count)

    def _median(self, value: timedelta | None) -> str:
        return "–" if value is None else span(self._texts, value)

    def _period(self, period: Period) -> str:
        """The days, and until when where the last is not over."""
        until = period.until.astimezone(self._zone)
        values = {"first": _short(period.first), "last": day(period.last, LANGUAGE), "time": f"{until:%H:%M}"}
        one = period.first == period.last
        if until.date() == period.last:
            return self._label("period.today" if one else "period.until", **values)
        return self._label("period.day" if one else "period.days", **values)

    def _weekday(self, day: date) -> str:
        return self._label(f"weekday.{DAYS[day.weekday()]}")

    def _label(self, key: str, **values: object) -> str:
        return self._texts.label(f"statistics.{key}", LANGUAGE, **values)

    def _say(self, key: str, **values: object) -> Html:
        return self._texts.say(f"statistics.{key}", LANGUAGE, **values)


COUNTS = tuple(name for name in Day.__dataclass_fields__ if name != "day")


def span(texts: Texts, value: timedelta) -> str:
    """How long, in the two largest units."""
    minutes = round(value.total_seconds() / 60)
    if minutes < HOUR:
        return texts.label("statistics.span.minutes", LANGUAGE, minutes=minutes)
    hours, minutes = divmod(minutes, HOUR)
    if hours < TWO_DAYS:
        return texts.label("statistics.span.hours", LANGUAGE, hours=hours, minutes=f"{minutes:02}")
    days, hours = divmod(hours, 24)
    return texts.label("statistics.span.days", LANGUAGE, days=days, hours=hours)


def _short(value: date) -> str:
    return f"{value:%d.%m.}"


def until_of(button: StaffButton, now: datetime) -> datetime | None:
    """The moment that a button names; None for one that was forged."""
    if not button.word.isdecimal() or len(button.word) > 11:  # noqa: PLR2004  digits of a time in seconds
        return None
    until = datetime.fromtimestamp(int(button.word), tz=now.tzinfo)
    return until if timedelta(0) <= now - until < timedelta(days=730) else None
