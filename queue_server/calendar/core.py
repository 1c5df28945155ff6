"""When a hall is open, and which days count as working days.

The two questions are kept apart, because their answers differ: a Saturday with a roster issues tickets
but does not bring a deadline closer, and a make-up workday does both.

    opening hours    weekly, extended and roster sessions of one hall, in its own time zone; dates that differ
    working days     Monday to Friday, corrected by the year table that the State Council publishes each autumn

An exception for a date wins over everything. A public holiday is closed unless an exception opens it. A
make-up workday keeps the hours of the first day of the week that has any. Sessions are given as instants in
UTC, so that nobody after us has to think about daylight saving.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any, Literal
from zoneinfo import ZoneInfo

from queue_server.kit.rejections import Rejected

Kind = Literal["normal", "extended", "roster"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 400  # A hall that opens once a year is still found.


class YearNotPublished(Rejected):
    """The holiday table of {year} has not been entered yet, so its working days are not known."""

    zh = "{year}年的节假日安排尚未录入，无法计算工作日。"


@dataclass(frozen=True, slots=True)
class YearTable:
    """The public holidays of one year, and the weekend days on which people work in exchange."""

    year: int
    holidays: frozenset[date]
    make_up: frozenset[date]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when on the wall clock, and for which groups; midnight as an end is the end of the day."""

    opens: time
    closes: time
    groups: tuple[str, ...] | None = None  # None: every group.


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of one hall, as its manager would write them on the door."""

    weekly: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    extended: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    roster: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    years: Mapping[int, YearTable] = field(default_factory=dict)

    def spans(self) -> Iterable[tuple[Span, ...]]:
        """Every stretch that is written down, for whichever day."""
        return chain.from_iterable(
            part.values() for part in (self.weekly, self.extended, self.roster, self.exceptions)
        )


@dataclass(frozen=True, slots=True)
class Session:
    """One stretch of time in which the hall is open for some groups, or for all of them."""

    opens_at: datetime
    closes_at: datetime
    groups: tuple[str, ...] | None
    kind: Kind

    def serves(self, group_id: str | None) -> bool:
        """Whether this session is for the group; without a group: whether it is for everyone."""
        return self.groups is None or group_id in self.groups


# ── Opening hours ───────────────────────────────────────────────────────────────────────────────


def sessions_on(hours: Hours, day: date, timezone: str) -> tuple[Session, ...]:
    """Every session of one day, the earliest first.

    >>> hours = read_hours({"weekly": {"mon": [["09:00", "17:00"]]}})
    >>> [str(session.opens_at) for session in sessions_on(hours, date(2026, 11, 23), "Asia/Shanghai")]
    ['2026-11-23 01:00:00+00:00']
    """
    zone = ZoneInfo(timezone)
    sessions = [
        Session(opens_at, closes_at, span.groups, kind)
        for kind, span in _spans_on(hours, day)
        if (opens_at := _instant(day, span.opens, zone)) < (closes_at := _end(day, span.closes, zone))
    ]
    return tuple(sorted(sessions, key=lambda session: (session.opens_at, session.closes_at)))


def session_at(hours: Hours, at: datetime, timezone: str, group_id: str | None) -> Session | None:
    """The session that is on at an instant for a group, if there is one. The closing instant is closed."""
    today = at.astimezone(ZoneInfo(timezone)).date()
    for session in sessions_on(hours, today, timezone):
        if session.opens_at <= at < session.closes_at and session.serves(group_id):
            return session
    return None


def next_opening(hours: Hours, after: datetime, timezone: str, group_id: str | None) -> datetime | None:
    """When a session for the group begins next, or nothing if none does for more than a year."""
    today = after.astimezone(ZoneInfo(timezone)).date()
    for ahead_days in range(LOOK_AHEAD_DAYS):
        for session in sessions_on(hours, today + timedelta(days=ahead_days), timezone):
            if session.opens_at > after and session.serves(group_id):
                return session.opens_at
    return None


def _spans_on(hours: Hours, day: date) -> Iterable[tuple[Kind, Span]]:
    if day in hours.exceptions:
        return [("normal", span) for span in hours.exceptions[day]]
    table = hours.years.get(day.year)
    if table is not None and day in table.holidays:
        return []
    if table is not None and day in table.make_up:
        return [("normal", span) for span in _ordinary_day(hours)]
    weekday = WEEKDAYS[day.weekday()]
    return [
        *(("normal", span) for span in hours.weekly.get(weekday, ())),
        *(("extended", span) for span in hours.extended.get(weekday, ())),
        *(("roster", span) for span in hours.roster.get(weekday, ())),
    ]


def _ordinary_day(hours: Hours) -> tuple[Span, ...]:
    return next((hours.weekly[weekday] for weekday in WEEKDAYS if hours.weekly.get(weekday)), ())


def _end(day: date, closes: time, zone: ZoneInfo) -> datetime:
    if closes == time.min:
        return _instant(day + timedelta(days=1), closes, zone)
    return _instant(day, closes, zone)


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


# ── Working days ────────────────────────────────────────────────────────────────────────────────


def is_workday(day: date, years: Mapping[int, YearTable] | None = None) -> bool:
    """Whether a day counts towards a time limit. Refuses to guess for a year without a table.

    >>> is_workday(date(2026, 2, 28))  # A Saturday, worked in exchange for the Spring Festival.
    True
    >>> is_workday(date(2026, 10, 1))
    False
    """
    table = (CHINA if years is None else years).get(day.year)
    if table is None:
        raise YearNotPublished(year=day.year)
    if day in table.make_up:
        return True
    return day.weekday() < 5 and day not in table.holidays


def add_workdays(start: date, days: int, years: Mapping[int, YearTable] | None = None) -> date:
    """The last day of a limit that begins on a day, which itself is not counted.

    >>> add_workdays(date(2026, 2, 13), 1)  # The Friday before the Spring Festival: Saturday is worked.
    datetime.date(2026, 2, 14)
    >>> add_workdays(date(2026, 2, 14), 1)
    datetime.date(2026, 2, 24)
    """
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_workday(day, years)
    return day


def count_workdays(after: date, until: date, years: Mapping[int, YearTable] | None = None) -> int:
    """How many working days lie after one day, up to and with another; none if that comes first.

    >>> count_workdays(date(2026, 2, 13), date(2026, 2, 24))
    2
    """
    return sum(is_workday(after + timedelta(days=n), years) for n in range(1, (until - after).days + 1))


def _days(year: int, *stretches: str) -> frozenset[date]:
    """Spell out "02-15/02-23" and single days such as "02-14"."""
    days: set[date] = set()
    for stretch in stretches:
        first, last = ((stretch + "/" + stretch).split("/"))[:2]
        begin, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
        days.update(begin + timedelta(days=n) for n in range((end - begin).days + 1))
    return frozenset(days)


# The years of the cases that can be played again, and those one can be in.
CHINA: Mapping[int, YearTable] = {
    2010: YearTable(
        2010,
        holidays=_days(
            2010,
            "01-01/01-03",
            "02-13/02-19",
            "04-03/04-05",
            "05-01/05-03",
            "06-14/06-16",
            "09-22/09-24",
            "10-01/10-07",
        ),
        make_up=_days(2010, "02-20", "02-21", "06-12", "06-13", "09-19", "09-25", "09-26", "10-09"),
    ),
    2011: YearTable(
        2011,
        holidays=_days(
            2011,
            "01-01/01-03",
            "02-02/02-08",
            "04-03/04-05",
            "04-30/05-02",
            "06-04/06-06",
            "09-10/09-12",
            "10-01/10-07",
        ),
        make_up=_days(2011, "01-30", "02-12", "04-02", "10-08", "10-09", "12-31"),
    ),
    2012: YearTable(
        2012,
        holidays=_days(
            2012, "01-01/01-03", "01-22/01-28", "04-02/04-04", "04-29/05-01", "06-22/06-24", "09-30/10-07"
        ),
        make_up=_days(2012, "01-21", "01-29", "03-31", "04-01", "04-28", "09-29"),
    ),
    # 国务院办公厅关于2026年部分节假日安排的通知, 4 November 2025.
    2026: YearTable(
        2026,
        holidays=_days(
            2026,
            "01-01/01-03",  # 元旦
            "02-15/02-23",  # 春节
            "04-04/04-06",  # 清明节
            "05-01/05-05",  # 劳动节
            "06-19/06-21",  # 端午节
            "09-25/09-27",  # 中秋节
            "10-01/10-07",  # 国庆节
        ),
        make_up=_days(2026, "01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    ),
}


# ── Reading hours as people write them ──────────────────────────────────────────────────────────


PARTS = frozenset({"weekly", "extended", "roster", "exceptions", "holidays"})
ALWAYS = Hours(weekly={weekday: (Span(time.min, time.min),) for weekday in WEEKDAYS})


def read_hours(written: Any) -> Hours:
    """Read hours as a hall definition has them; "always" is around the clock.

    >>> hours = read_hours({
    ...     "weekly": {"mon": [["09:00", "12:00"], ["13:00", "24:00"]]},
    ...     "roster": {"sat": [["09:00", "12:00", ["A", "E"]]]},
    ...     "exceptions": {"2026-12-31": []},
    ... })
    >>> hours.roster["sat"][0].groups
    ('A', 'E')
    """
    if written == "always":
        return ALWAYS
    if not isinstance(written, dict) or written.keys() - PARTS:
        raise ValueError(f"hours are 'always', or some of {', '.join(sorted(PARTS))}")
    exceptions = written.get("exceptions", {})
    return Hours(
        weekly=_week(written.get("weekly", {})),
        extended=_week(written.get("extended", {})),
        roster=_week(written.get("roster", {})),
        exceptions={date.fromisoformat(day): _spans(spans) for day, spans in exceptions.items()},
        years=_years(written.get("holidays", "none")),
    )


def _years(written: object) -> Mapping[int, YearTable]:
    if written == "china":
        return CHINA
    if written == "none":
        return {}
    raise ValueError(f"holidays are 'china' or 'none', not {written!r}")


def _week(written: Mapping[str, object]) -> Mapping[str, tuple[Span, ...]]:
    if unknown := written.keys() - set(WEEKDAYS):
        raise ValueError(f"not a day of the week: {', '.join(sorted(unknown))}")
    return {weekday: _spans(spans) for weekday, spans in written.items()}


def _spans(written: object) -> tuple[Span, ...]:
    if not isinstance(written, list | tuple):
        raise ValueError(f"a day is a list of spans, not {written!r}")
    return tuple(_span(span) for span in written)


def _span(written: object) -> Span:
    match written:
        case [str(opens), str(closes)]:
            groups = None
        case [str(opens), str(closes), [*ids]]:
            groups = tuple(str(group_id) for group_id in ids)
        case _:
            raise ValueError(f"a span is [opens, closes] or [opens, closes, groups], not {written!r}")
    span = Span(_wall_clock(opens), _wall_clock(closes), groups)
    if span.closes != time.min and span.closes <= span.opens:
        raise ValueError(f"a span ends after it begins, unlike {opens}-{closes}")
    return span


def _wall_clock(written: str) -> time:
    if written == "24:00":
        return time.min
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", written):
        raise ValueError(f"a time of day is written 09:00, not {written!r}")
    return time.fromisoformat(written)
