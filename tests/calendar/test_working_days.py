"""Which days count towards a time limit."""

from datetime import date, timedelta

import pytest

from queue_server.calendar.core import CHINA, YearNotPublished, is_workday, read_hours, sessions_on


def test_a_saturday_with_a_roster_is_open_but_brings_no_deadline_closer() -> None:
    saturday = date(2026, 11, 28)
    hours = read_hours({"roster": {"sat": [["09:00", "12:00"]]}})
    assert (len(sessions_on(hours, saturday, "Asia/Shanghai")), is_workday(saturday)) == (1, False)


def test_a_make_up_workday_counts() -> None:
    assert is_workday(date(2026, 10, 10))


def test_a_holiday_in_the_middle_of_the_week_does_not_count() -> None:
    assert not is_workday(date(2026, 2, 18))


def test_2026_has_as_many_working_days_as_the_state_council_says() -> None:
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    # 261 weekdays, of which 13 statutory holidays and 6 exchanged days are off, and 6 weekend days on.
    assert sum(map(is_workday, days)) == 248


def test_every_make_up_day_is_a_weekend_day_and_no_holiday() -> None:
    assert all(
        day.weekday() >= 5 and day not in table.holidays for table in CHINA.values() for day in table.make_up
    )


def test_a_year_without_a_table_is_not_guessed() -> None:
    with pytest.raises(YearNotPublished):
        is_workday(date(2031, 5, 5))
