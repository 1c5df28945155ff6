"""A real day from a CSV: who came when, for what, and what became of them.

Two layouts are understood:

* instants: `customer_id, arrival, service_type` and, where known, `called, service_start, service_end,
  queue_exit, server_id, priority, outcome`. Times are ISO 8601, or seconds of the day.
* minutes of the day: `customer_id, date, service_type, arrival_est_min, called_est_min, open_counters`.

Everything is checked before anything happens: a file with mistakes is refused as a whole, each mistake
with its line.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

MISTAKES_SHOWN = 10
DAY_OF_NO_DATE = datetime(2000, 1, 3, tzinfo=UTC)  # A Monday.
SECONDS_MAX = 7 * 86_400  # A trace that counts from the start of its day ends within a week.
INSTANTS = ("customer_id", "arrival", "service_type")
MINUTES = ("customer_id", "arrival_est_min", "service_type")


class Outcome(StrEnum):
    """What became of somebody who came."""

    SERVED = "served"
    ABANDONED = "abandoned"
    MISSED = "missed"


OUTCOMES = {
    "served": Outcome.SERVED,
    "completed": Outcome.SERVED,
    "abandoned": Outcome.ABANDONED,
    "cancelled": Outcome.ABANDONED,
    "left": Outcome.ABANDONED,
    "missed": Outcome.MISSED,
    "no_show": Outcome.MISSED,
    "no-show": Outcome.MISSED,
}


class BadTrace(Exception):
    """The file cannot be replayed. The message says why, line by line."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's day at the hall, as the trace tells it. Unknown instants are None."""

    line: int
    customer: str
    service: str
    arrives_at: datetime
    called_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    leaves_at: datetime | None
    outcome: Outcome
    counters: int | None = None  # How many counters of this service were open.


def read(file: Path) -> list[Visit]:
    """Every visit of a file, by arrival. BadTrace names each line that is wrong."""
    visits: list[Visit] = []
    mistakes: list[str] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            for line, row in _rows(file, text):
                try:
                    visit = _visit(line, row)
                    if visits and visit.arrives_at < visits[-1].arrives_at:
                        mistakes.append(
                            f"line {line}: arrival {_clock(visit.arrives_at)} is before the"
                            f" {_clock(visits[-1].arrives_at)} of line {visits[-1].line};"
                            " arrivals must be sorted"
                        )
                    visits.append(visit)
                except ValueError as mistake:
                    mistakes.append(f"line {line}: {mistake}")
    except UnicodeDecodeError as error:
        raise BadTrace(f"{file}: this is no text in UTF-8 ({error.reason})") from error
    except OSError as error:
        raise BadTrace(f"{file}: {error.strerror or error}") from error
    if mistakes:
        shown = [f"{file}: {mistake}" for mistake in mistakes[:MISTAKES_SHOWN]]
        more = len(mistakes) - len(shown)
        raise BadTrace("\n".join([*shown, f"… and {more} more mistakes"] if more else shown))
    if not visits:
        raise BadTrace(f"{file}: there is a header but nobody came")
    return visits


def _rows(file: Path, text: Iterator[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line, after a look at the header. A row of another length is a mistake of its own."""
    reader = csv.reader(text, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not header:
            raise BadTrace(f"{file}: the file is empty")
        needed = MINUTES if "arrival" not in header and "arrival_est_min" in header else INSTANTS
        if missing := [name for name in needed if name not in header]:
            raise BadTrace(
                f"{file}: line 1: there is no column {', '.join(missing)};"
                f" a trace has at least {', '.join(INSTANTS)}"
            )
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise BadTrace(f"{file}: line 1: the column {', '.join(twice)} is there twice")
        for fields in reader:
            if fields:
                if len(fields) != len(header):
                    raise BadTrace(
                        f"{file}: line {reader.line_num}: {len(fields)} fields"
                        f" where the header has {len(header)}"
                    )
                yield reader.line_num, dict(zip(header, (field.strip() for field in fields), strict=True))
    except csv.Error as error:
        raise BadTrace(f"{file}: line {reader.line_num}: {error}") from error


def _visit(line: int, row: Mapping[str, str]) -> Visit:
    """One row as a visit; ValueError says what is wrong with it."""
    customer = _text(row, "customer_id")
    service = _text(row, "service_type")
    if "arrival" in row:
        arrives_at = _needed(row, "arrival", _instant(row, "arrival"))
        starts_at = _instant(row, "service_start")
        called_at = _instant(row, "called") or starts_at
        ends_at = _instant(row, "service_end")
        leaves_at = _instant(row, "queue_exit")
    else:
        arrives_at = _needed(row, "arrival_est_min", _minute(row, "arrival_est_min"))
        called_at = starts_at = _minute(row, "called_est_min")
        ends_at = leaves_at = None
    outcome = _outcome(row.get("outcome", ""), called_at, leaves_at)
    if outcome is Outcome.ABANDONED:
        leaves_at = leaves_at or called_at
        called_at = starts_at = ends_at = None
    elif outcome is Outcome.MISSED:
        starts_at = ends_at = leaves_at = None
        if called_at is None:
            raise ValueError("somebody missed a call, but called is empty")
    else:
        leaves_at = None
        starts_at = starts_at or called_at
        if ends_at is not None and starts_at is None:
            raise ValueError("service_end is given without service_start")
    _in_order(
        ("arrival", arrives_at), ("called", called_at), ("service_start", starts_at), ("service_end", ends_at)
    )
    _in_order(("arrival", arrives_at), ("queue_exit", leaves_at))
    return Visit(
        line, customer, service, arrives_at, called_at, starts_at, ends_at, leaves_at, outcome, _counters(row)
    )


def _outcome(text: str, called_at: datetime | None, leaves_at: datetime | None) -> Outcome:
    """What the row says became of the person, or what follows from its instants."""
    if text:
        if text.lower() not in OUTCOMES:
            raise ValueError(f"outcome {text!r} is none of {', '.join(OUTCOMES)}")
        return OUTCOMES[text.lower()]
    return Outcome.ABANDONED if called_at is None and leaves_at is not None else Outcome.SERVED


def _in_order(*steps: tuple[str, datetime | None]) -> None:
    """ValueError when a later step of a visit comes before an earlier one."""
    known = [(name, at) for name, at in steps if at is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first:
            raise ValueError(f"{later} {_clock(second)} is before {earlier} {_clock(first)}")


def _text(row: Mapping[str, str], column: str) -> str:
    if not row[column]:
        raise ValueError(f"{column} is empty")
    return row[column]


def _needed(row: Mapping[str, str], column: str, value: datetime | None) -> datetime:
    if value is None:
        raise ValueError(f"{column} is empty")
    return value


def _instant(row: Mapping[str, str], column: str) -> datetime | None:
    """An ISO instant, or seconds of the day. Always the hall's own wall clock, whatever zone is named."""
    text = row.get(column, "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is not None and not _is_number(text):
        return at.replace(tzinfo=UTC)
    return _day(row) + _offset(column, text, timedelta(seconds=1))


def _minute(row: Mapping[str, str], column: str) -> datetime | None:
    """A minute of the day of this row."""
    text = row.get(column, "")
    return _day(row) + _offset(column, text, timedelta(minutes=1)) if text else None


def _offset(column: str, text: str, unit: timedelta) -> timedelta:
    if not _is_number(text):
        raise ValueError(f"{column} {text!r} is no time")
    number = float(text)
    if number < 0:
        raise ValueError(f"{column} {text} is negative")
    if not number * unit.total_seconds() <= SECONDS_MAX:
        raise ValueError(f"{column} {text} is not within a week")
    return timedelta(milliseconds=round(number * unit.total_seconds() * 1000))


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False


def _day(row: Mapping[str, str]) -> datetime:
    """Midnight of the row's date."""
    text = row.get("date", "")
    if not text:
        return DAY_OF_NO_DATE
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
    except ValueError:
        raise ValueError(f"date {text!r} is no day such as 2020-01-08") from None


def _counters(row: Mapping[str, str]) -> int | None:
    text = row.get("open_counters", "")
    if not text:
        return None
    if not text.isdecimal() or int(text) > 999:
        raise ValueError(f"open_counters {text!r} is no number of counters")
    return int(text)


def _clock(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="auto").removesuffix("+00:00")


def services(visits: Sequence[Visit]) -> list[str]:
    """The services of a trace, in the order in which they are first asked for."""
    return list(dict.fromkeys(visit.service for visit in visits))
