"""Invented records in the two layouts, from a seed: people come by chance and are served in order."""

import csv
import heapq
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from queue_server.evaluate.recorded import BOARDS, EXACT

FIRST_DAY = datetime(2026, 3, 2)
OPENS_HOUR, CLOSES_HOUR = 9, 12


PATIENCE_S = 1500.0


class Visit(NamedTuple):
    arrives: float
    called: float  # Or given up, if there is no window.
    ends: float
    window: int | None


def visits_of_a_day(
    luck: Random,
    windows: int = 3,
    service_s: float = 240,
    every_s: float = 75,
    impatient: bool = True,
) -> list[Visit]:
    free = [(OPENS_HOUR * 3600.0, window) for window in range(windows)]
    now, visits = OPENS_HOUR * 3600.0, []
    while (now := now + luck.expovariate(1 / every_s)) < CLOSES_HOUR * 3600:
        called, window = max(now, free[0][0] + 5), free[0][1]
        gives_up = now + luck.expovariate(1 / PATIENCE_S)
        if impatient and gives_up < called:
            visits.append(Visit(now, gives_up, gives_up, None))
            continue
        heapq.heappop(free)
        ends = called + luck.expovariate(1 / service_s)
        heapq.heappush(free, (ends, window))
        visits.append(Visit(now, called, ends, window))
    return visits


def write_exact(path: Path, days: int, seed: int = 1) -> Path:
    luck = Random(seed)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(EXACT)
        for number in range(days):
            day = FIRST_DAY + timedelta(days=number)
            for visit in visits_of_a_day(luck):
                arrives, called, ends = (
                    (day + timedelta(seconds=int(s))).isoformat()
                    for s in (visit.arrives, visit.called, visit.ends)
                )
                waited = int(visit.called) > int(visit.arrives)
                kind = luck.choice(["A", "A", "B"])
                gave_up = visit.window is None
                rows.writerow(
                    [day.date(), arrives, "" if gave_up else called, "" if gave_up else ends, called, int(waited), kind,
                     "main", "" if gave_up else f"S{visit.window}", 1, "abandoned" if gave_up else "served"]
                )  # fmt: skip
    return path


def write_boards(path: Path, days: int, seed: int = 1) -> Path:
    luck = Random(seed)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(BOARDS)
        for number in range(days):
            day = (FIRST_DAY + timedelta(days=number)).date()
            for queue_id in ("1", "2"):
                visits = visits_of_a_day(luck, windows=2, service_s=420, every_s=230, impatient=False)
                for minute in range(OPENS_HOUR * 60, (CLOSES_HOUR + 1) * 60, 5):
                    issued = sum(visit.arrives <= minute * 60 for visit in visits)
                    called = sum(visit.called <= minute * 60 for visit in visits)
                    rows.writerow(
                        ["Hall", queue_id, day, minute, 1.0, 10, 2, issued - called, float(called) or ""]
                    )
    return path
