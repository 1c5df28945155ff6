"""The one form of every figure: one JSON object on stdout, everything for people on stderr.

    {"name": "bench issue", "figures": {…}, "reference": {…}, "machine": {…}}

The last word of a key is its unit. `reference` holds what the figures are to be compared with, measured in
the same run. A verb ends with something other than 0 only when it could not measure; a bad figure is a
figure. `docs/measuring.md` says what each of them means.
"""

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Self

Figure = int | float | str | None
Figures = Mapping[str, Figure]

COULD_NOT_MEASURE = 2
BAR_CHARACTERS = 28
BAR_EVERY_SECONDS = 0.2


class CannotMeasure(Exception):
    """There is no figure to print. The message says why, in one sentence."""


def report(name: str, figures: Figures, reference: Figures, *, as_json: bool) -> None:
    """Print the figures: the one form for programs, a table for people."""
    if as_json:
        form = {"name": name, "figures": figures, "reference": reference, "machine": machine()}
        print(json.dumps(form, ensure_ascii=False), flush=True)
        return
    width = max(len(key) for key in (*figures, *reference))
    for title, values in ((name, figures), ("reference", reference)):
        print(title)
        for key, value in values.items():
            print(f"  {key:<{width}}  {value}")
    sys.stdout.flush()


def could_not_measure(name: str, reason: object) -> int:
    """Say why there is no figure, and return the exit status for it."""
    say(f"{name}: {reason}")
    return COULD_NOT_MEASURE


def machine() -> dict[str, int | float | str]:
    """The machine the figures are from, and how busy it was."""
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def mean(values: Sequence[float]) -> float | None:
    """The mean, or None of nothing.

    >>> mean([1, 2, 6])
    3.0
    """
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The smallest value that so many percent of all do not exceed (nearest rank), or None of nothing.

    >>> percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90)
    9
    """
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def rounded(value: float | None, digits: int = 2) -> float | None:
    """A figure with as many digits as it deserves."""
    return None if value is None else round(value, digits)


def say(sentence: str) -> None:
    """Tell people something, without disturbing the figures on stdout."""
    print(sentence, file=sys.stderr, flush=True)


def whole_number(text: str) -> int:
    """One or more, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


class Progress:
    """A bar on stderr; on something that is not a terminal, a line now and then."""

    def __init__(self, title: str, total: float) -> None:
        self.title = title
        self.total = max(total, 1e-9)
        self.terminal = sys.stderr.isatty()
        self.shown_at = 0.0
        self.shown_tenth = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.terminal:
            sys.stderr.write("\n")
            sys.stderr.flush()

    def show(self, done: float) -> None:
        """Draw how much is done, but not more often than an eye can follow."""
        share = min(1.0, done / self.total)
        if self.terminal:
            now = time.monotonic()
            if share < 1.0 and now - self.shown_at < BAR_EVERY_SECONDS:
                return
            self.shown_at = now
            full = round(share * BAR_CHARACTERS)
            bar = "█" * full + "░" * (BAR_CHARACTERS - full)
            sys.stderr.write(f"\r{self.title} {bar} {share:4.0%}")
            sys.stderr.flush()
        elif int(share * 10) != self.shown_tenth:
            self.shown_tenth = int(share * 10)
            say(f"{self.title} {share:.0%}")
