"""A trace with exact seconds, as days on the floor: who came when for what, and which desk was staffed when.

Columns are the bank's: `date, arrival, service_start, service_end, queue_exit, service_type, server_id, priority,
outcome`. What a desk can serve is what it was seen to serve. It counts as staffed from one service to the next
as long as it is seen again within a quarter of an hour; a service whose desk is not named had one for as long
as it took. Somebody who gave up waits as long here as there; if the
call comes earlier, the service takes as long as those of this type do on average.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from math import inf
from pathlib import Path
from statistics import fmean

from queue_server.evaluate.floor import Day, Desk, Person
from queue_server.evaluate.recorded import Row, Unreadable, rows_of

UNSEEN_S_MAX = 900.0
COLUMNS = ("date", "arrival", "service_start", "service_end", "queue_exit", "service_type", "server_id",
           "priority", "outcome")  # fmt: skip


def days_of(path: str | Path) -> Iterator[Day]:
    """The days of a file, in order."""
    rows = readable(Path(path))
    kinds = kinds_of(rows)
    mean_s = means_of(rows)
    by_day: dict[str, list[Row]] = {}
    for row in rows:
        by_day.setdefault(row["date"], []).append(row)
    for _, of_day in sorted(by_day.items()):
        yield Day(tuple(people_of(of_day, mean_s)), tuple(desks_of(of_day, kinds, mean_s)))


def readable(path: Path) -> list[Row]:
    """Every row, once its instants and priority can be read."""
    rows = rows_of(path, COLUMNS)
    for line, row in enumerate(rows, start=2):
        try:
            seconds(row["arrival"])
            for name in ("service_start", "service_end", "queue_exit"):
                if row[name]:
                    seconds(row[name])
            int(row["priority"])
        except (TypeError, ValueError) as error:
            raise Unreadable(f"{path.name}, line {line}: {error}") from error
    return rows


def people_of(rows: Sequence[Row], mean_s: Mapping[str, float]) -> Iterator[Person]:
    """Who came on a day, in order of arrival."""
    for number, row in enumerate(sorted(rows, key=lambda row: row["arrival"])):
        arrives_s = seconds(row["arrival"])
        served = row["outcome"] == "served"
        gave_up_s = seconds(row["queue_exit"]) - arrives_s if row["queue_exit"] and not served else inf
        yield Person(
            id=number,
            kind=row["service_type"],
            arrives_s=arrives_s,
            work_s=work_of(row, mean_s),
            patience_s=max(0.0, gave_up_s),
            priority=int(row["priority"]) > 1,
        )


def desks_of(
    rows: Iterable[Row], kinds: Mapping[str, set[str]], mean_s: Mapping[str, float]
) -> Iterator[Desk]:
    """Which desks were staffed on a day, and when."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if row["service_start"] and row["outcome"] == "served":
            begins_s = seconds(row["service_start"])
            seen.setdefault(row["server_id"], []).append((begins_s, begins_s + work_of(row, mean_s)))
    unnamed = apart(seen.pop("", ()))
    for server_id, services in sorted(seen.items()):
        yield Desk(server_id, tuple(sorted(kinds[server_id])), tuple(stretches(services)))
    for number, services in enumerate(unnamed, start=1):
        yield Desk(f"unnamed-{number}", tuple(sorted(kinds[""])), tuple(services))


def apart(services: Iterable[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Services dealt out to as few desks as can have given them.

    >>> apart([(0, 5), (2, 4), (4, 6)])
    [[(0, 5)], [(2, 4), (4, 6)]]
    """
    desks: list[list[tuple[float, float]]] = []
    for begins, ends in sorted(services):
        free = next((desk for desk in desks if desk[-1][1] <= begins), None)
        if free is None:
            desks.append([(begins, ends)])
        else:
            free.append((begins, ends))
    return desks


def stretches(services: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """From when to when somebody was there: services that follow each other closely enough.

    >>> list(stretches([(0, 100), (700, 800), (5000, 5100)]))
    [(0, 800), (5000, 5100)]
    """
    begins: float | None = None
    ends = 0.0
    for starts, stops in sorted(services):
        if begins is None:
            begins = starts
        elif starts - ends > UNSEEN_S_MAX:
            yield begins, ends
            begins = starts
        ends = max(ends, stops)
    if begins is not None:
        yield begins, ends


def work_of(row: Row, mean_s: Mapping[str, float]) -> float:
    """How long the service took; the mean of its type where that is not known."""
    if row["service_start"] and row["service_end"]:
        return max(0.0, seconds(row["service_end"]) - seconds(row["service_start"]))
    return mean_s.get(row["service_type"], mean_s[""])


def means_of(rows: Iterable[Row]) -> dict[str, float]:
    """The mean service by type, and under the empty name of all."""
    took: dict[str, list[float]] = {"": []}
    for row in rows:
        if row["service_start"] and row["service_end"]:
            work_s = max(0.0, seconds(row["service_end"]) - seconds(row["service_start"]))
            took.setdefault(row["service_type"], []).append(work_s)
            took[""].append(work_s)
    if not took[""]:
        raise Unreadable("no service in it begins and ends")
    return {kind: fmean(each) for kind, each in took.items()}


def kinds_of(rows: Iterable[Row]) -> dict[str, set[str]]:
    """What each desk was ever seen to serve."""
    kinds: dict[str, set[str]] = {}
    for row in rows:
        if row["service_start"] and row["outcome"] == "served":
            kinds.setdefault(row["server_id"], set()).add(row["service_type"])
    return kinds


def seconds(written: str) -> float:
    """An instant as seconds of its day.

    >>> seconds("1999-02-01T06:59:54")
    25194.0
    """
    instant = datetime.fromisoformat(written)
    return (instant - datetime.combine(instant.date(), time.min)).total_seconds()
