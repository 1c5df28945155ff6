"""Recorded waits in the two layouts in which halls keep them, read with care.

* *exact*: one row for each person, with the seconds of joining, call and end, and who served them;
* *boards*: one row for each queue and poll, as the screens of an office had it.

Plain or gzipped. What cannot be read is refused with a sentence.
"""

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from queue_server.hall.core.forecast.boards import Board, Office, board, office
from queue_server.hall.core.forecast.calls import Kind

Floats = NDArray[np.float64]
Row = dict[str, str]

EXACT = ("date", "arrival", "service_start", "service_end", "queue_exit", "joined_queue", "service_type", "pool",
         "server_id", "priority", "outcome")  # fmt: skip
BOARDS = (
    "office",
    "queue_id",
    "date",
    "min",
    "status",
    "displayed_time_min",
    "open_counters",
    "waiting",
    "called_no",
)
GATE = ("office", "queue_id", "date", "ok")
GZIP = b"\x1f\x8b"
NEW_MORNING_MINUTE = 600.0  # Numbers that start again before ten are a new morning, not a mistake.


class Unreadable(ValueError):
    """The file is no record of waits. The message says where and why."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One person of an exact record; seconds, not-a-number where nothing was written down."""

    day: str
    arrived: float
    called: float
    ended: float
    left_line: float
    waited: bool
    kind: Kind
    pool: str
    window: str
    served: bool

    @property
    def counts(self) -> bool:
        """Whether a wait is predicted: for those who joined the line and were served in the end."""
        return self.waited and self.served and self.called == self.called


@dataclass(frozen=True, slots=True)
class BoardDay:
    """An office on one day: all of it, and the boards of which the numbers can be trusted."""

    day: str
    office: Office
    boards: tuple[Board, ...]


def layout_of(path: Path) -> str:
    """`exact` or `boards`, told by the columns."""
    header = set(next(_lines(path), ()))
    if not header:
        raise Unreadable(f"{path.name} is empty")
    for name, columns in (("exact", EXACT), ("boards", BOARDS)):
        if header.issuperset(columns):
            return name
    missing = min(([c for c in columns if c not in header] for columns in (EXACT, BOARDS)), key=len)
    raise Unreadable(
        f"{path.name} is neither an exact record nor one of boards: it has no column {', '.join(missing)}"
    )


def rows_of(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """All rows of a file that has these columns."""
    lines = _lines(path)
    header = next(lines, [])
    missing = [column for column in columns if column not in header]
    if missing:
        raise Unreadable(f"{path.name} has no column {', '.join(missing)}")
    rows = [dict(zip(header, line, strict=False)) for line in lines if line]
    if any(len(row) < len(header) for row in rows):
        raise Unreadable(f"{path.name} breaks off in the middle of a line")
    if not rows:
        raise Unreadable(f"{path.name} has no rows")
    return rows


def visits_of(path: Path) -> list[Visit]:
    """The people of an exact record, in the order of the file."""
    visits = []
    for number, row in enumerate(rows_of(path, EXACT), start=2):
        try:
            visits.append(
                Visit(
                    row["date"],
                    seconds(row["arrival"]),
                    seconds(row["service_start"]),
                    seconds(row["service_end"]),
                    seconds(row["queue_exit"]),
                    row["joined_queue"] == "1",
                    (row["service_type"], str(int(row["priority"]))),
                    row["pool"],
                    row["server_id"],
                    row["outcome"] == "served",
                )
            )
        except ValueError as error:
            raise Unreadable(f"{path.name}, line {number}: {error}") from error
        if not visits[-1].arrived == visits[-1].arrived:
            raise Unreadable(f"{path.name}, line {number}: nobody comes without an arrival")
    return visits


def seconds(text: str) -> float:
    """An instant without a zone, as seconds; not-a-number if nothing was written down."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() if text else float("nan")


def board_days_of(path: Path, gate: Path | None) -> list[BoardDay]:
    """The offices of a record of boards, day by day, in the order of the days."""
    trusted = None if gate is None else trusted_boards(gate)
    polls: dict[tuple[str, str], dict[str, list[tuple[float, ...]]]] = defaultdict(lambda: defaultdict(list))
    for number, row in enumerate(rows_of(path, BOARDS), start=2):
        try:
            poll = (float(row["min"]), float(row["called_no"] or 0), float(row["waiting"]), float(row["open_counters"]),
                    float(row["displayed_time_min"]), float(row["status"] or 0))  # fmt: skip
            datetime.fromisoformat(row["date"])
        except ValueError as error:
            raise Unreadable(f"{path.name}, line {number}: {error}") from error
        polls[row["date"], row["office"]][row["queue_id"]].append(poll)
    return [
        BoardDay(day, whole_office(queues), tuple(_trusted(day, name, queues, trusted)))
        for (day, name), queues in sorted(polls.items())
    ]


def trusted_boards(gate: Path) -> set[tuple[str, str, str]]:
    """The days of a queue on which its numbers are consistent."""
    return {
        (row["office"], row["queue_id"], row["date"]) for row in rows_of(gate, GATE) if row["ok"] == "True"
    }


def _trusted(
    day: str, name: str, queues: dict[str, list[tuple[float, ...]]], trusted: set[tuple[str, str, str]] | None
) -> Iterator[Board]:
    for queue_id, polls in queues.items():
        if trusted is None or (name, queue_id, day) in trusted:
            rows = np.array(sorted(poll[:5] for poll in polls))
            yield board((name, queue_id), day, rows[first_poll(rows) :])


def first_poll(rows: Floats) -> int:
    """Where the day begins: after the last time that the numbers started again, if that was in the morning."""
    restarts = np.flatnonzero(np.diff(rows[:, 1]) < -5)
    if len(restarts) and rows[restarts[-1] + 1, 0] < NEW_MORNING_MINUTE:
        return int(restarts[-1]) + 1
    return 0


def whole_office(queues: dict[str, list[tuple[float, ...]]]) -> Office:
    """All boards of an office side by side."""
    minutes = np.array(sorted({poll[0] for polls in queues.values() for poll in polls}))
    columns = {queue_id: number for number, queue_id in enumerate(sorted(queues))}
    called, waiting, counters, issuing = (np.zeros((len(minutes), len(columns))) for _ in range(4))
    for queue_id, polls in queues.items():
        rows = np.array(polls)
        at, column = np.searchsorted(minutes, rows[:, 0]), columns[queue_id]
        for values, field in ((called, 1), (waiting, 2), (counters, 3), (issuing, 5)):
            values[at, column] = rows[:, field]
    return office(minutes, columns, called, (waiting, counters, issuing))


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        with path.open("rb") as probe:
            zipped = probe.read(2) == GZIP
        with gzip.open(path, "rt", encoding="utf8") if zipped else path.open(encoding="utf8") as file:
            yield from csv.reader(file)
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"{path.name} cannot be read: {error}") from error
