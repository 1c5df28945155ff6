"""How long one pass over a crowded hall takes: the wait of everybody, in every future.

    evaluate pace --waiting 1000 --windows 60 --futures 100 --json

The reference is the same arithmetic without a hall: as many steps over as many windows and futures, each finding the
window that is free first. What is printed is explained in docs/measuring.md.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from load_tests.figures import Figures, percentile, report, rounded, whole_number
from queue_server.hall.core import events as e
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.forecast.halls import outlook
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.model import About, Channel, Clerk, Group, Hall, Leg, Name, Rules, Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GROUPS = "ABCDEF"


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `evaluate pace`, which `bench estimate` asks."""
    parser = argparse.ArgumentParser(prog="jinghao evaluate pace", description=__doc__)
    parser.add_argument("--waiting", type=whole_number, default=1000)
    parser.add_argument("--windows", type=whole_number, default=60)
    parser.add_argument("--futures", type=whole_number, default=100)
    parser.add_argument("--rounds", type=whole_number, default=15)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args(argv)
    hall = crowded(options.waiting, options.windows)
    rng, routine = np.random.default_rng(1), Routine()

    def bare() -> None:
        free_s = np.zeros((options.futures, options.windows))
        rows = np.arange(options.futures)
        for _ in range(options.waiting):
            first = free_s.argmin(axis=1)
            free_s[rows, first] += 1.0

    ours, cpu, alone = [], [], []
    for _ in range(options.rounds):  # In turns, so that a busy neighbour troubles both alike.
        wall_ms, cpu_ms = milliseconds(lambda: outlook(hall, routine, NOON, rng, options.futures))
        ours.append(wall_ms)
        cpu.append(cpu_ms)
        alone.append(milliseconds(bare)[0])
    told = outlook(hall, routine, NOON, rng, options.futures).calls
    figures: Figures = {
        "p50_ms": rounded(percentile(ours, 50)),
        "p90_ms": rounded(percentile(ours, 90)),
        "cpu_p50_ms": rounded(percentile(cpu, 50)),
        "told": len(told),
        "waiting": options.waiting,
        "windows": options.windows,
        "futures": options.futures,
    }
    report("evaluate pace", figures, {"bare_p50_ms": rounded(percentile(alone, 50))}, as_json=options.json)
    return 0


def milliseconds(deed: Callable[[], object]) -> tuple[float, float]:
    """How long something takes by the clock, and how much of that the processor was ours."""
    began, worked = time.perf_counter(), time.process_time()
    deed()
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


def crowded(waiting: int, windows: int) -> Hall:
    """A hall with so many people in six groups, and windows that serve two of them each."""
    opened = e.DayOpened(
        at=NOON,
        day=NOON.date(),
        about=About(Name("", ""), "UTC"),
        rules=Rules(),
        hours=(),
        groups=tuple(Group(group, Name(group, group), group) for group in GROUPS),
        windows=tuple(
            Window(f"{number}", Name("", ""), (GROUPS[number % 6], GROUPS[(number + 1) % 6]))
            for number in range(windows)
        ),
    )
    hall = evolve(Hall("crowded"), opened)
    for number in range(windows):
        clerk = Clerk(f"c{number}", "", f"{number}")
        hall = evolve(hall, e.WindowOpened(f"{number}", clerk, "", NOON))
    for number in range(waiting):
        at = NOON - timedelta(seconds=waiting - number)
        issued = e.TicketIssued(
            at=at, number=f"{number}", legs=(Leg(GROUPS[number % 6]),), channel=Channel.KIOSK, link_hash=""
        )
        hall = evolve(hall, issued)
    return hall
