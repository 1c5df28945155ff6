"""Days of the demonstration hall: its groups, its clerks of unequal pace, its traffic, its lunch.

People come by chance at the rate of their hour, work varies around the mean of the group, one in sixteen does not
come when called and costs the grace. In the lunch hours half of the desks rest in turn.
"""

from collections.abc import Iterator
from math import log, sqrt
from random import Random

from queue_server.evaluate.floor import Day, Desk, Person

OPENS_HOUR, CLOSES_HOUR = 9, 17
ARRIVALS_PER_HOUR = {
    "A": (20, 28, 26, 14, 12, 24, 22, 12),
    "B": (6, 9, 8, 4, 3, 8, 6, 3),
    "C": (2, 3, 3, 1, 1, 3, 2, 1),
    "D": (6, 9, 8, 4, 4, 8, 7, 4),
    "E": (8, 12, 14, 8, 8, 16, 18, 12),
    "Q": (15, 22, 20, 10, 8, 18, 15, 8),
}
WORK_MINUTES = {"A": 12, "B": 18, "C": 30, "D": 12, "E": 4, "Q": 2}
WORK_VARIATION = 0.5  # Deviation over mean, log-normal.
DESKS = {
    "D": ("01", "02"), "B": ("03", "04", "05"), "C": ("06", "07"), "A": ("08", "09", "10", "11", "12", "13"),
    "E": ("14", "15"), "Q": ("16",),
}  # fmt: skip
PACES = {"03": 0.8, "05": 1.6, "08": 0.7, "12": 1.6}  # The able clerk, two trainees, the quick one.
GREEN_DESK = "13"
OFFICES = {  # Whose business the matters of a group are, by how many matters each has.
    "A": {"police": 3, "welfare": 3, "labour": 2, "justice": 2, "planning": 1, "utilities": 1},
    "B": {"market": 3, "health": 2, "education": 2},
    "C": {"housing": 2, "planning": 1, "reform": 1},
}
PRIORITY_SHARE = 0.12  # Elderly 7 %, ill or disabled 2 %, pregnant 1 %, veterans 2 %.
NO_SHOW_SHARE = 0.06
GRACE_S = 180.0
LUNCH_HOURS = (12, 13)


def invented_days(seed: int, days: int, load: float, *, equal: bool = False) -> list[Day]:
    """Days from a seed on, each with its own luck."""
    return [invented_day(Random(seed + number), load, equal=equal) for number in range(days)]


def invented_day(luck: Random, load: float, *, equal: bool = False) -> Day:
    """One day: so many times as many people as usual, or everybody equally quick."""
    arrivals = sorted(arrivals_of(luck, load))
    people = tuple(
        Person(
            number,
            kind,
            arrives_s,
            work_of(kind, luck),
            priority=luck.random() < PRIORITY_SHARE,
            office=office_of(kind, luck),
        )
        for number, (arrives_s, kind) in enumerate(arrivals)
    )
    desks = tuple(
        Desk(
            desk_id,
            (kind,),
            shifts(place, len(desk_ids)),
            1.0 if equal else PACES.get(desk_id, 1.0),
            desk_id == GREEN_DESK,
        )
        for kind, desk_ids in DESKS.items()
        for place, desk_id in enumerate(desk_ids)
    )
    return Day(people, desks)


def arrivals_of(luck: Random, load: float) -> Iterator[tuple[float, str]]:
    """When people come, and for what."""
    for kind, rates in ARRIVALS_PER_HOUR.items():
        for hour, rate in enumerate(rates, start=OPENS_HOUR):
            now_s = hour * 3600.0
            while (now_s := now_s + luck.expovariate(rate * load / 3600)) < (hour + 1) * 3600:
                yield now_s, kind


def office_of(kind: str, luck: Random) -> str:
    """Whose business somebody comes for."""
    offices = OFFICES.get(kind, {"": 1})
    return f"{kind}/{luck.choices(list(offices), list(offices.values()))[0]}"


def work_of(kind: str, luck: Random) -> float:
    """How long somebody takes, in seconds; whoever does not come takes the grace."""
    if luck.random() < NO_SHOW_SHARE:
        return GRACE_S
    sigma = sqrt(log(1 + WORK_VARIATION**2))
    return luck.lognormvariate(log(WORK_MINUTES[kind] * 60) - sigma**2 / 2, sigma)


def shifts(place: int, desks: int) -> tuple[tuple[float, float], ...]:
    """From when to when a desk of a group is staffed: lunch in turn, and a desk alone goes on."""
    if desks == 1:
        return ((OPENS_HOUR * 3600.0, CLOSES_HOUR * 3600.0),)
    rests_at = LUNCH_HOURS[place % 2] * 3600.0
    return (OPENS_HOUR * 3600.0, rests_at), (rests_at + 3600.0, CLOSES_HOUR * 3600.0)
