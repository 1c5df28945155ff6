"""When a case has to be decided: working days from its acceptance, without the time that does not count.

The day of acceptance is not counted. A pause counts from its first day until the day before the clock runs
again, so one that ends on the day it began costs nothing. Where the limit crosses a year whose holidays
nobody has published, the day is not guessed: the year is named, and the day follows when its table does.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from msgspec import Struct

from queue_server.calendar.core import YearNotPublished, add_workdays, count_workdays
from queue_server.cases.core.model import UNDER_WAY, Case

NOTICE_DAYS: Final = (
    5  # Within so many working days somebody says what is missing, or the case counts as accepted.
)
SUPPLEMENT_DAYS: Final = 10  # How long an applicant has to fill gaps.
GENERAL_DAYS: Final = 20  # What the law gives where a matter has no limit of its own.
SOON_DAYS: Final = 2


class Due(Struct, frozen=True):
    """Until when a case is to be decided. One of `on` and `unknown_year` says so."""

    on: date | None
    left_days: int | None  # Working days; none below zero.
    late: bool = False
    unknown_year: int | None = None
    paused: bool = False

    @property
    def color(self) -> str:
        """How urgent it is."""
        if self.paused:
            return "paused"
        if self.late:
            return "late"
        return "soon" if self.left_days is not None and self.left_days <= SOON_DAYS else "calm"


def due(case: Case, today: date) -> Due | None:
    """When a case is due, as seen on a day; None before it is accepted."""
    if case.counted_from is None:
        return None
    paused = bool(case.pauses) and case.pauses[-1].until_on is None
    try:
        on = _last_day(case.counted_from, case.subject.limit_days + paused_days(case, today))
        counted = case.decision.by.on if case.decision is not None else today
        left = _days_left(max(counted, case.counted_from), on)
    except YearNotPublished as unknown:
        return Due(None, None, unknown_year=unknown.facts["year"], paused=paused)
    return Due(on, left, late=today > on and case.stage in UNDER_WAY and not paused, paused=paused)


def paused_days(case: Case, today: date) -> int:
    """How many working days did not count until a day."""
    eve = timedelta(days=1)
    return sum(
        count_workdays(pause.from_on - eve, max(pause.from_on, pause.until_on or today) - eve)
        for pause in case.pauses
    )


def counted_from(received_on: date, today: date, *, notified: bool) -> date:
    """From when the limit runs. Who was told nothing for too long counts as accepted from the first day.

    >>> counted_from(date(2026, 11, 2), date(2026, 11, 23), notified=False)
    datetime.date(2026, 11, 2)
    """
    silent = not notified and count_workdays(received_on, today) > NOTICE_DAYS
    return received_on if silent else today


# A list of cases asks for the same few days again and again. A year that is not published yet is asked for anew.
_last_day = lru_cache(maxsize=4096)(add_workdays)
_days_left = lru_cache(maxsize=4096)(count_workdays)
