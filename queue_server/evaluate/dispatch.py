"""Waits, overtakes and workload under our order, on a recorded or an invented day, beside four other orders.

    evaluate dispatch bank.csv.gz --json           days of a trace with exact seconds
    evaluate dispatch --demo --load 1.6 --json     days of the demonstration hall, busier than usual

Everybody brings the same arrival, work and patience to each policy, and every desk is staffed at the same times.
What is printed is explained in docs/measuring.md.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

from load_tests.figures import (
    CannotMeasure,
    Figures,
    Progress,
    could_not_measure,
    mean,
    percentile,
    report,
    rounded,
    whole_number,
)
from queue_server.evaluate.bank import days_of
from queue_server.evaluate.floor import Day, Desk, Person, Policy, Record, lived_through
from queue_server.evaluate.invented import invented_days
from queue_server.evaluate.policies import Lines, Ours, as_one_pool, by_office
from queue_server.evaluate.recorded import Unreadable
from queue_server.hall.core.model import Rules

HOUR_S = 3600.0
STAFFED_S_MIN = 900.0  # A desk that was staffed for less in an hour says nothing about its share.

Lived = tuple[Day, Record]


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `evaluate dispatch`."""
    parser = argparse.ArgumentParser(prog="jinghao evaluate dispatch", description=__doc__)
    parser.add_argument("file", nargs="?", help="a trace with exact seconds, plain or gzipped")
    parser.add_argument("--demo", action="store_true", help="the demonstration hall instead of a trace")
    parser.add_argument("--load", type=positive, default=1.0, help="of --demo: times as many people (1.0)")
    parser.add_argument("--days", type=whole_number, default=20, help="of --demo: how many days (20)")
    parser.add_argument("--seed", type=int, default=1, help="of --demo: of the first day (1)")
    parser.add_argument("--equal", action="store_true", help="of --demo: all clerks equally quick")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args(argv)
    if (options.file is None) is not options.demo:
        parser.error("name a FILE, or say --demo")
    try:
        if options.demo:
            days = invented_days(options.seed, options.days, options.load, equal=options.equal)
        else:
            days = list(days_of(options.file))
        figures, reference = measured(days, Rules())
    except (CannotMeasure, Unreadable) as error:
        return could_not_measure("evaluate dispatch", error)
    report("evaluate dispatch", figures, reference, as_json=options.json)
    return 0


def positive(text: str) -> float:
    """A number above nothing, for argparse."""
    number = float(text)
    if not 0 < number < 100:
        raise argparse.ArgumentTypeError(f"{text} makes no sense as a load")
    return number


def measured(days: Sequence[Day], rules: Rules) -> tuple[Figures, Figures]:
    """Every policy over all days; ours are the figures, the others the reference."""
    if not any(day.people for day in days):
        raise CannotMeasure("nobody came on any of these days")
    policies: Mapping[str, Callable[[Day], Lived]] = {
        "ours": lambda day: on(day, Ours(day, rules)),
        "fifo": lambda day: on(day, Lines()),
        "dedicated": lambda day: on(by_office(day), Lines()),
        "priority": lambda day: on(day, Lines(by_priority=True)),
        "bound": lambda day: on(as_one_pool(day), Lines()),
    }
    lived: dict[str, list[Lived]] = {name: [] for name in policies}
    with Progress("evaluate dispatch", len(days)) as progress:
        for number, day in enumerate(days, start=1):
            for name, policy in policies.items():
                lived[name].append(policy(day))
            progress.show(number)
    said = {name: said_of(records, rules) for name, records in lived.items()}
    ours = {f"ours_{key}": value for key, value in said["ours"].items()}
    bound = said["bound"]["mean_wait_s"]
    own = said["ours"]["mean_wait_s"]
    ours["ratio_to_bound"] = rounded(own / bound, 3) if isinstance(own, float) and bound else None
    others = {
        f"{name}_{key}": v for name, values in said.items() if name != "ours" for key, v in values.items()
    }
    return ours, {**others, "days_count": len(days), "people_count": sum(len(day.people) for day in days)}


def on(day: Day, policy: Policy) -> Lived:
    """A day as it went under a policy."""
    return day, lived_through(day, policy)


def said_of(lived: Sequence[Lived], rules: Rules) -> dict[str, float | int | None]:
    """The figures of one policy over all days."""
    everybody = [(record, person) for day, record in lived for person in day.people]
    passed = [record.overtaken[person.id] for record, person in everybody]
    return {
        **waits_of("", everybody),
        **waits_of("green_", [each for each in everybody if each[1].priority]),
        **waits_of("ordinary_", [each for each in everybody if not each[1].priority]),
        "overtakes": sum(passed),
        "overtaken_most": max(passed),
        "starved": sum(times > rules.overtaken_max for times in passed),
        "gave_up": sum(len(record.gave_up) for _, record in lived),
        "busy_spread": rounded(mean([spread for each in lived for spread in day_spreads(each)]), 4),
        "busy_spread_hour": rounded(mean(hour_spreads(lived)), 4),
        "busy_spread_one_hour": rounded(mean([s for each in lived for s in hour_spreads([each])]), 4),
    }


def waits_of(name: str, people: Iterable[tuple[Record, Person]]) -> dict[str, float | None]:
    """How long some people waited."""
    waits = [record.wait_s(person) for record, person in people]
    return {
        f"{name}mean_wait_s": rounded(mean(waits)),
        f"{name}p90_wait_s": rounded(percentile(waits, 90)),
        f"{name}max_wait_s": rounded(max(waits, default=None)),
    }


# ── Workload ─────────────────────────────────────────────────────────────────────────────────────


def day_spreads(lived: Lived) -> list[float]:
    """Between the busiest and the idlest desk of each pool, over the whole day."""
    day, record = lived
    return [
        spread(share_of(record, desk, desk.staffed) for desk in desks) for desks in pools_of(day).values()
    ]


def hour_spreads(lived: Sequence[Lived]) -> list[float]:
    """The same by the hour: of each desk its mean share in this hour over all days, for hours that are busy.

    A service of twelve minutes fills a fifth of an hour, so that in a single hour of a single day luck decides.
    Over many days what is left is what the policy does to people.
    """
    shares: dict[tuple[tuple[str, ...], int], dict[str, list[float]]] = {}
    for day, record in lived:
        for kinds, desks in pools_of(day).items():
            for desk in desks:
                for hour in range(24):
                    staffed = within(desk.staffed, hour * HOUR_S, (hour + 1) * HOUR_S)
                    if sum(b - a for a, b in staffed) >= STAFFED_S_MIN:
                        of_hour = shares.setdefault((kinds, hour), {})
                        of_hour.setdefault(desk.id, []).append(share_of(record, desk, staffed))
    spreads = []
    for by_desk in shares.values():
        means = [fmean(each) for each in by_desk.values()]
        if len(means) > 1 and fmean(means) >= LOAD_MIN:
            spreads.append(max(means) - min(means))
    return spreads


LOAD_MIN = 0.7  # Below it desks are idle for long, and who is idle matters little.


def pools_of(day: Day) -> dict[tuple[str, ...], list[Desk]]:
    """The desks that can serve the same and were staffed for an hour at least, where there are several."""
    pools: dict[tuple[str, ...], list[Desk]] = {}
    for desk in day.desks:
        if sum(closes - opens for opens, closes in desk.staffed) >= HOUR_S:
            pools.setdefault(desk.kinds, []).append(desk)
    return {kinds: desks for kinds, desks in pools.items() if len(desks) > 1}


def share_of(record: Record, desk: Desk, staffed: Sequence[tuple[float, float]]) -> float:
    """The share of its staffed time in which somebody was at a desk."""
    busy = record.busy.get(desk.id, ())
    worked = sum(b - a for opens, closes in staffed for a, b in within(busy, opens, closes))
    return worked / sum(closes - opens for opens, closes in staffed)


def within(stretches: Iterable[tuple[float, float]], begins: float, ends: float) -> list[tuple[float, float]]:
    """The parts of some stretches of time between two moments."""
    return [(max(a, begins), min(b, ends)) for a, b in stretches if a < ends and b > begins]


def spread(shares: Iterable[float]) -> float:
    """Between the largest and the smallest."""
    known = list(shares)
    return max(known) - min(known)
