"""Record the golden rows of a release: `python -m tests.golden.record 0.1`, once, before the release.

A release writes its rows once and never again. Later releases only read them.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from msgspec import structs

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.decide import decide
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.forecast.halls import luck_of, outlook
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.model import Channel, Clerk, Hall, Hours, Leg
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.core.timers import due
from queue_server.hall.store import entries
from queue_server.kit.rejections import Rejected
from tests.simulation import people
from tests.simulation.world import STARTS_AT, paper

GOLDEN = Path(__file__).parent
ROWS_MAX = 320


def main(release: str) -> None:
    """Write `journal.jsonl` and the hall that it makes."""
    folder = GOLDEN / release
    folder.mkdir()  # A release that has its rows keeps them.
    history = next(found for seed in range(10_000) if (found := a_day_with_everything(Random(seed))))
    rows = [dict(zip(("name", "body"), entries.spell(event), strict=True)) for event in history]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "journal.jsonl").write_text(text)
    hall = Hall("golden")
    for event in history:
        hall = evolve(hall, event)
    (folder / "hall.json").write_text(json.dumps(plain(hall), ensure_ascii=False, indent=1) + "\n")


def a_day_with_everything(luck: Random) -> list[e.Event] | None:
    """Two days and an evening in which every event happens, or None when these people were not that busy."""
    hall, now, history = Hall("golden"), STARTS_AT, list[e.Event]()
    expected: Outlook | None = None
    crowd = [people.citizen] * 4 + [people.manager, people.guide("g1")]
    crowd += [people.clerk(w, f"c-{w}", "left") for w in ("w1", "w2", "w3")] * 2

    def ask(command: c.Command) -> None:
        nonlocal hall
        try:
            events, hall = decide(hall, command, now, expected)
        except Rejected:
            return
        history.extend(events)

    for day in range(2):
        now = max(now, STARTS_AT + timedelta(days=day))
        ask(opening(now))
        while len(history) < ROWS_MAX * (day + 1) / 2:
            now += timedelta(seconds=luck.choice((1, 20, 90)) * luck.random())
            if luck.random() < 0.2:
                expected = outlook(hall, Routine(), now, luck_of(hall), futures=8)
            for request in due(hall, now, expected):
                ask(request)
            ask(luck.choice(crowd)(hall, now, luck))
            if luck.random() < 0.03:
                window = luck.choice(("w1", "w2", "w3"))
                ask(luck.choice((c.MarkAbsent(window), c.MarkPresent(window, "left"))))
            if luck.random() < 0.02:
                ask(c.PauseWindow("w1", "left", "整理材料"))
    now += timedelta(days=1)
    hours = (Hours(now, now + timedelta(minutes=30)),)
    ask(replace(opening(now), hours=hours, next_opens_at=now + timedelta(days=1), version=hall.version))
    ask(
        c.ChangeRules(
            structs.replace(hall.rules, extension_seconds=60, misses_itself=False, carry_over_waiting=False),
            by="manager:m1",
        )
    )
    for windows, people_more in ((("w1",), 20), (("w2", "w3"), 0)):
        # One window is too few for all of them, and three are enough.
        for window_id in windows:
            ask(c.SignIn(window_id, Clerk(f"c-{window_id}", "", window_id), "left", take_over=True))
        for _ in range(people_more):
            ask(c.IssueTicket((Leg("A"),), Channel.KIOSK, "digest"))
        expected = outlook(hall, Routine(), now, luck_of(hall), futures=8)
        for request in due(hall, now, expected):
            ask(request)
        for ticket in list(hall.tickets.values())[3:]:
            ask(c.CancelTicket(ticket.id))
    return history if {type(event) for event in history} == set(e.EVENTS.values()) else None


def opening(now: datetime) -> c.OpenDay:
    """The day that it is, open around the clock."""
    on_paper = paper()
    return c.OpenDay(
        day=now.date(),
        about=on_paper.about,
        rules=on_paper.rules,
        hours=(Hours(now, now + timedelta(hours=12)),),
        groups=on_paper.groups,
        windows=on_paper.windows,
    )


def plain(value: object) -> Any:
    """A hall as JSON, in an order of its own."""
    encoded = msgspec.json.encode(value, enc_hook=_plain, order="deterministic")
    return json.loads(encoded, object_hook=_lane)


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): value[key] for key in sorted(value)}
    raise TypeError(type(value))


def _lane(found: dict[str, Any]) -> Any:
    """A lane as who stands in it, whatever blocks it is made of."""
    return list(chain.from_iterable(found["blocks"])) if found.keys() == {"blocks", "length"} else found


if __name__ == "__main__":
    main(sys.argv[1])
