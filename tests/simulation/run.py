"""`./jinghao simulate`: the whole hall under bad luck, by seed.

    ./jinghao simulate --seed 7               one seed; what it came to, or what it broke and where
    ./jinghao simulate --seeds 2000 --json    many seeds from the first on; the figures in their one form

The same seed is the same day, on every machine. With `--json` a seed that broke something is a figure
like any other (`failed_seeds_count`, `first_failed_seed`); without it the exit status says so too.
"""

import argparse
import json
import os
import platform
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from .world import Failure, Figures, simulate

STEPS = 250
SEEDS_FOR_REFERENCE = 20
SEEDS_PER_TASK = 5


def main(argv: Sequence[str] = ()) -> int:
    """Run the seeds that were asked for."""
    args = parse(argv)
    seeds = range(args.seed, args.seed + args.seeds)
    if len(seeds) == 1 and not args.json:
        return one(args.seed, args.steps)

    began_at = time.perf_counter()
    total: Counter[str] = Counter()
    failed: list[int] = []
    for seed, figures in lived_through(seeds, args.steps):
        if figures is None:
            failed.append(seed)
            say(f"seed {seed} broke something: ./jinghao simulate --seed {seed} --steps {args.steps}")
        else:
            total.update({key: value for key, value in figures.items() if isinstance(value, int)})
        if (seed - args.seed + 1) % max(1, len(seeds) // 10) == 0:
            say(f"simulate {(seed - args.seed + 1) / len(seeds):.0%}")
    seconds = time.perf_counter() - began_at
    report(
        {
            "seeds_count": len(seeds),
            "failed_seeds_count": len(failed),
            "first_failed_seed": min(failed, default=None),
            "steps_per_seed_count": args.steps,
            "requests_count": total["requests"],
            "journal_rows_count": total["journal"],
            "answers_judged_count": total["answers"] + total["claims"],
            "views_judged_count": total["views"],
            "kills_count": total["kill"],
            "lost_commits_count": total["lost"],
            "replayed_commits_count": total["replay"],
            "seeds_per_s": round(len(seeds) / seconds, 2),
            "hall_seconds_per_s": round(total["hall_seconds"] / seconds),
        },
        reference(args.steps),
        as_json=args.json,
    )
    return 1 if failed and not args.json else 0


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="jinghao simulate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--seeds", type=at_least_one, default=1, help="how many seeds (1)")
    parser.add_argument("--steps", type=at_least_one, default=STEPS, help=f"requests of a seed ({STEPS})")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object on stdout")
    return parser.parse_args(argv)


def at_least_one(text: str) -> int:
    """One or more, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def one(seed: int, steps: int) -> int:
    """One seed, for somebody who looks at it."""
    try:
        figures = simulate(seed, steps)
    except Failure as failure:
        traceback.print_exception(failure.__cause__)
        say(f"This is what seed {seed} broke. Again: {failure}")
        return 1
    for key, value in {"seed": seed, **figures}.items():
        print(f"{key:<14}{value}")
    return 0


def lived_through(seeds: Sequence[int], steps: int) -> Iterator[tuple[int, Figures | None]]:
    """Each seed with what it came to, None for one that broke something."""
    processes = len(os.sched_getaffinity(0))
    if len(seeds) <= SEEDS_PER_TASK or processes == 1:
        yield from ((seed, survived(seed, steps)) for seed in seeds)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from zip(
            seeds, pool.map(partial(survived, steps=steps), seeds, chunksize=SEEDS_PER_TASK), strict=True
        )


def survived(seed: int, steps: int) -> Figures | None:
    """What a seed came to, or None."""
    try:
        return simulate(seed, steps)
    except Failure:
        return None


def reference(steps: int) -> Figures | dict[str, float]:
    """The same hall when nothing goes wrong."""
    began_at = time.perf_counter()
    total: Counter[str] = Counter()
    for seed in range(1, SEEDS_FOR_REFERENCE + 1):
        figures = simulate(seed, steps, fair_weather=True)
        total.update({key: value for key, value in figures.items() if isinstance(value, int)})
    seconds = time.perf_counter() - began_at
    return {
        "fair_weather_seeds_per_s_per_process": round(SEEDS_FOR_REFERENCE / seconds, 2),
        "fair_weather_requests_count": total["requests"],
        "fair_weather_journal_rows_count": total["journal"],
        "fair_weather_replayed_commits_count": total["replay"],
    }


def report(figures: object, reference: object, *, as_json: bool) -> None:
    """Print the figures in their one form (docs/measuring.md), or so that people can read them."""
    form = {"name": "simulate", "figures": figures, "reference": reference, "machine": machine()}
    print(json.dumps(form, ensure_ascii=False) if as_json else json.dumps(form, ensure_ascii=False, indent=2))


def machine() -> dict[str, int | float | str]:
    """The machine the figures are from, and how busy it was."""
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load_1m": round(os.getloadavg()[0], 2),
    }


def say(sentence: str) -> None:
    """Tell people something, without disturbing the figures."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
