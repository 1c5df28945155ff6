"""How far off our waits are, and whether our ranges hold: on a recorded day, as the hall would have lived it.

    evaluate estimates bank.csv.gz --learn history.csv.gz --json
    evaluate estimates boards.csv.gz --gate gate.csv.gz --learn boards_before.csv.gz --learn-gate gate_before.csv.gz

The layout is told by the columns. `--learn` is the past that such a hall would already know; without it the hall begins
with documented defaults. Either way it goes on learning whenever a day of FILE is over. Seconds for a record of every
call, minutes for boards; `within` is the share of points no further off than 60 seconds or 5 minutes, in percent.
What is printed is explained in docs/measuring.md.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from load_tests.figures import CannotMeasure, Figure, Figures, could_not_measure, report
from queue_server.evaluate import rivals
from queue_server.evaluate.exact import ExactHall
from queue_server.evaluate.polled import PolledHall
from queue_server.evaluate.recorded import Unreadable, board_days_of, layout_of, visits_of
from queue_server.hall.core.forecast.calibration import Forecast

Floats = NDArray[np.float64]

BUSY_AHEAD = 5
NEAR_SECONDS = 60.0
NEAR_MINUTES = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One moment: what we said, and what the rules said and what came of it."""

    forecast: Forecast
    rules: rivals.Asked
    main: bool = True


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `evaluate estimates`."""
    parser = argparse.ArgumentParser(
        prog="jinghao evaluate estimates",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, help="recorded waits, plain or gzipped")
    parser.add_argument(
        "--gate", type=Path, help="of boards: the days of a queue whose numbers are consistent"
    )
    parser.add_argument("--learn", type=Path, help="the past of the same halls, in the same layout")
    parser.add_argument("--learn-gate", type=Path, help="of that past: the days whose numbers are consistent")
    parser.add_argument("--seed", type=int, default=1, help="of the predictor's luck (1)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args(argv)
    began = time.monotonic()
    try:
        layout = layout_of(options.file)
        if options.learn is not None and layout_of(options.learn) != layout:
            raise Unreadable(f"{options.learn.name} has another layout than {options.file.name}")
        outcomes = on_visits(options) if layout == "exact" else on_boards(options)
    except (CannotMeasure, Unreadable) as error:
        return could_not_measure("evaluate estimates", error)
    figures = figures_of(outcomes, layout)
    figures["wall_s"] = round(time.monotonic() - began, 1)
    report(
        "evaluate estimates",
        figures,
        {"layout": layout, "mean_wait": figures["mean_wait"]},
        as_json=options.json,
    )
    return 0


def on_visits(options: argparse.Namespace) -> list[Outcome]:
    """Every moment of a record of calls."""
    visits = visits_of(options.file)
    if not any(visit.counts for visit in visits):
        raise CannotMeasure("nobody in this record waited and was served")
    past = visits if options.learn is None else visits_of(options.learn)
    rules = rivals.of_visits(visits, rivals.means_of(past))
    hall = ExactHall(options.seed)
    if options.learn is not None:
        hall.learn(past)
    answers = hall.answers(visits)
    return [Outcome(answers[number], asked, visits[number].pool == "main") for number, asked in rules.items()]


def on_boards(options: argparse.Namespace) -> list[Outcome]:
    """Every moment of a record of boards."""
    record = board_days_of(options.file, options.gate)
    past = [] if options.learn is None else board_days_of(options.learn, options.learn_gate)
    minutes_of = rivals.counter_minutes_of(chain.from_iterable(each.boards for each in past or record))
    hall = PolledHall(options.seed)
    if past:
        hall.learn(past)
    answers = hall.answers(record)
    outcomes = [
        Outcome(answers[board.key, board.day, poll.at], asked)
        for each in record
        for board in each.boards
        for poll, asked in zip(
            rivals.moments_of(board), rivals.of_board(board, minutes_of(board.key)), strict=True
        )
    ]
    if not outcomes:
        raise CannotMeasure("no ticket in this record was issued and then called")
    return outcomes


def figures_of(outcomes: Sequence[Outcome], layout: str) -> dict[str, Figure]:
    """Ours first, then the rules at the same moments."""
    near = NEAR_SECONDS if layout == "exact" else NEAR_MINUTES
    truth = np.array([outcome.rules.truth for outcome in outcomes])
    busy = np.array([outcome.rules.ahead >= BUSY_AHEAD for outcome in outcomes])
    main_pool = np.array([outcome.main for outcome in outcomes])
    said = {"": np.array([outcome.forecast.p50 for outcome in outcomes])}
    for rule in rivals.RULES:
        said[f"{rule}_"] = np.array([getattr(outcome.rules, rule) for outcome in outcomes])
    low = np.array([outcome.forecast.p10 for outcome in outcomes])
    high = np.array([outcome.forecast.p90 for outcome in outcomes])
    figures: dict[str, Figure] = {"predictions": len(outcomes), "mean_wait": round(float(truth.mean()), 2)}
    for prefix, points in said.items():
        figures |= {f"{prefix}{key}": value for key, value in errors(points - truth, busy, near).items()}
        if not prefix:
            figures["coverage_80"] = round(float(100 * ((truth >= low) & (truth <= high)).mean()), 1)
            figures["width_80"] = round(float((high - low).mean()), 1)
    if layout == "exact" and main_pool.any():
        for prefix, points in said.items():
            figures[f"main_{prefix}mae"] = round(float(np.abs(points - truth)[main_pool].mean()), 2)
    return figures


def errors(error: Floats, busy: NDArray[np.bool_], near: float) -> Figures:
    """How far off some points were."""
    absolute = np.abs(error)
    return {
        "mae": round(float(absolute.mean()), 2),
        "rmse": round(float(np.sqrt((error**2).mean())), 2),
        "bias": round(float(error.mean()), 2),
        "within": round(float(100 * (absolute <= near).mean()), 1),
        "mae_busy": round(float(absolute[busy].mean()), 2) if busy.any() else None,
    }
