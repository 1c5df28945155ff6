"""When a hall is open: in its own zone, on ordinary days and on others."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from queue_server.calendar.core import (
    ALWAYS,
    CHINA,
    WEEKDAYS,
    Hours,
    Session,
    Span,
    _spans_on,
    next_opening,
    read_hours,
    session_at,
    sessions_on,
)

SHANGHAI = "Asia/Shanghai"
HALL = read_hours(
    {
        "weekly": {day: [["09:00", "17:00"]] for day in WEEKDAYS[:5]},
        "extended": {"wed": [["17:00", "18:00", ["A"]]]},
        "roster": {"sat": [["09:00", "12:00", ["A", "E"]]]},
        "exceptions": {"2026-12-24": [], "2026-10-05": [["09:00", "12:00", ["A"]]]},
        "holidays": "china",
    }
)
MONDAY = date(2026, 11, 23)
WEDNESDAY = date(2026, 11, 25)
SATURDAY = date(2026, 11, 28)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(SHANGHAI)).astimezone(UTC)


def told(sessions: tuple[Session, ...]) -> list[str]:
    return [
        f"{session.kind} {local(session.opens_at)}-{local(session.closes_at)} {session.groups or 'all'}"
        for session in sessions
    ]


def local(instant: datetime) -> str:
    return f"{instant.astimezone(ZoneInfo(SHANGHAI)):%H:%M}"


def test_an_ordinary_monday_has_one_session_for_everybody() -> None:
    assert told(sessions_on(HALL, MONDAY, SHANGHAI)) == ["normal 09:00-17:00 all"]


def test_sessions_are_instants_in_utc() -> None:
    (session,) = sessions_on(HALL, MONDAY, SHANGHAI)
    assert session.opens_at == datetime(2026, 11, 23, 1, tzinfo=UTC)


def test_on_wednesday_one_group_stays_open_for_longer() -> None:
    assert told(sessions_on(HALL, WEDNESDAY, SHANGHAI)) == [
        "normal 09:00-17:00 all",
        "extended 17:00-18:00 ('A',)",
    ]


def test_on_saturday_only_the_groups_of_the_roster_are_open() -> None:
    assert told(sessions_on(HALL, SATURDAY, SHANGHAI)) == ["roster 09:00-12:00 ('A', 'E')"]


def test_a_public_holiday_is_closed_though_it_is_a_thursday() -> None:
    assert sessions_on(HALL, date(2026, 10, 1), SHANGHAI) == ()


def test_a_make_up_saturday_keeps_the_hours_of_an_ordinary_day() -> None:
    assert told(sessions_on(HALL, date(2026, 10, 10), SHANGHAI)) == ["normal 09:00-17:00 all"]


def test_an_exception_closes_a_day_that_would_be_open() -> None:
    assert sessions_on(HALL, date(2026, 12, 24), SHANGHAI) == ()


def test_an_exception_opens_a_public_holiday() -> None:
    assert told(sessions_on(HALL, date(2026, 10, 5), SHANGHAI)) == ["normal 09:00-12:00 ('A',)"]


def test_a_year_without_a_table_does_not_close_the_hall() -> None:
    assert sessions_on(HALL, date(2031, 1, 6), SHANGHAI) != ()


@pytest.mark.parametrize(
    ("clock", "group_id", "kind"),
    [
        ("08:59", "A", None),
        ("09:00", "A", "normal"),
        ("16:59", "B", "normal"),
        ("17:00", "A", "extended"),
        ("17:00", "B", None),
        ("18:00", "A", None),
    ],
)
def test_a_group_is_open_from_its_opening_up_to_its_closing(
    clock: str, group_id: str, kind: str | None
) -> None:
    session = session_at(HALL, at(WEDNESDAY, clock), SHANGHAI, group_id)
    assert (session.kind if session else None) == kind


def test_a_roster_for_some_groups_is_not_an_opening_of_the_whole_hall() -> None:
    assert session_at(HALL, at(SATURDAY, "10:00"), SHANGHAI, None) is None


@pytest.mark.parametrize(
    ("after", "group_id", "opens"),
    [
        (at(MONDAY, "08:00"), "B", at(MONDAY, "09:00")),
        (at(MONDAY, "09:00"), "B", at(date(2026, 11, 24), "09:00")),
        (at(date(2026, 11, 27), "18:00"), "A", at(SATURDAY, "09:00")),
        (at(date(2026, 11, 27), "18:00"), "B", at(date(2026, 11, 30), "09:00")),
        (at(date(2026, 9, 30), "18:00"), "B", at(date(2026, 10, 8), "09:00")),
    ],
)
def test_the_next_opening_skips_what_is_closed_for_the_group(
    after: datetime, group_id: str, opens: datetime
) -> None:
    assert next_opening(HALL, after, SHANGHAI, group_id) == opens


def test_a_hall_that_never_opens_has_no_next_opening() -> None:
    assert next_opening(Hours(), at(MONDAY, "09:00"), SHANGHAI, "A") is None


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))
def test_a_hall_that_is_always_open_is_open_at_every_instant(instant: datetime) -> None:
    assert session_at(ALWAYS, instant, "Europe/Warsaw", "A") is not None


# ── Whatever the hours, whatever the zone ───────────────────────────────────────────────────────

CLOCKS = st.times(datetime.min.time(), time(23, 59)).map(lambda clock: time(clock.hour, clock.minute))
SPANS = st.tuples(CLOCKS, CLOCKS, st.none() | st.just(("A",))).map(
    lambda parts: Span(min(parts[:2]), max(parts[:2]), parts[2])
)
WEEKS = st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(SPANS, max_size=3).map(tuple))
SOME_HOURS = st.builds(
    Hours,
    weekly=WEEKS,
    extended=WEEKS,
    roster=WEEKS,
    years=st.sampled_from([{}, CHINA]),
)
# Shanghai has no daylight saving; Warsaw and Lord Howe do; Santiago and Cairo skip midnight itself.
ZONES = st.sampled_from(
    [SHANGHAI, "Europe/Warsaw", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "UTC"]
)
# Days on which clocks change somewhere come up as often as all others.
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31)) | st.sampled_from(
    [
        date(2026, 3, 29),
        date(2026, 10, 25),
        date(2026, 4, 24),
        date(2026, 9, 6),
        date(2026, 4, 5),
        date(2026, 10, 4),
    ]
)


@given(SOME_HOURS, DAYS, ZONES)
def test_every_session_ends_after_it_begins(hours: Hours, day: date, zone: str) -> None:
    assert all(session.opens_at < session.closes_at for session in sessions_on(hours, day, zone))


@given(SOME_HOURS, DAYS, ZONES)
def test_sessions_come_in_the_order_of_their_opening(hours: Hours, day: date, zone: str) -> None:
    openings = [session.opens_at for session in sessions_on(hours, day, zone)]
    assert openings == sorted(openings)


@given(SOME_HOURS, DAYS, ZONES)
def test_a_session_belongs_to_its_own_day(hours: Hours, day: date, zone: str) -> None:
    for session in sessions_on(hours, day, zone):
        assert session.opens_at.astimezone(ZoneInfo(zone)).date() == day


@given(SOME_HOURS, DAYS, ZONES)
def test_the_door_says_the_hour_that_is_written_on_it(hours: Hours, day: date, zone: str) -> None:
    midnight = datetime.combine(day, time.min, ZoneInfo(zone))
    assume(midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset())
    written = {span.opens for _, span in _spans_on(hours, day)}
    shown = {session.opens_at.astimezone(ZoneInfo(zone)).time() for session in sessions_on(hours, day, zone)}
    assert shown <= written


@settings(max_examples=30)
@given(SOME_HOURS, DAYS, ZONES)
def test_the_next_opening_is_an_opening_of_some_session(hours: Hours, day: date, zone: str) -> None:
    after = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
    opening = next_opening(hours, after, zone, "A")
    if opening is not None:
        assert opening > after
        session = session_at(hours, opening, zone, "A")
        assert session is not None


# ── Hours as people write them ──────────────────────────────────────────────────────────────────


def test_midnight_at_the_end_is_the_end_of_the_day() -> None:
    (session,) = sessions_on(read_hours({"weekly": {"mon": [["20:00", "24:00"]]}}), MONDAY, SHANGHAI)
    assert session.closes_at - session.opens_at == timedelta(hours=4)


@pytest.mark.parametrize(
    "written",
    [
        "sometimes",
        {"weekly": {"monday": [["09:00", "17:00"]]}},
        {"weekly": {"mon": [["17:00", "09:00"]]}},
        {"weekly": {"mon": [["9", "17"]]}},
        {"weekly": {"mon": ["09:00"]}},
        {"weekly": {"mon": "09:00-17:00"}},
        {"exceptions": {"tomorrow": []}},
        {"holidays": "mars"},
        {"lunch": []},
    ],
)
def test_hours_that_make_no_sense_are_refused(written: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is for people.
        read_hours(written)
