"""Drive a hall through a real day, as its citizens and clerks, over HTTP alone.

    replay FILE --speed max --json

A rehearsal server (its clock is driven by us) opens a hall with one group for each service of the trace.
What the figures say is read back from that server afterwards: every ticket by its link, and the journal.
See `docs/measuring.md`.
"""

import argparse
import asyncio
import itertools
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from load_tests import script, trace
from load_tests.figures import (
    CannotMeasure,
    Figures,
    Progress,
    could_not_measure,
    mean,
    percentile,
    report,
    rounded,
    say,
)
from load_tests.script import Act, Deed, Script
from load_tests.servers import Server
from load_tests.trace import BadTrace, Outcome, Visit
from load_tests.wire import Answer, Client, ConnectionLost, Json, Prepared, Refused, hall_definition

READERS = 8
NAME_CHARACTERS_MAX = 200
PACE_SECONDS = 0.5  # How often the hall's clock moves while nothing happens, when people watch.
API = "/api/v1"
FINISHED = {"completed", "cancelled", "void", "missed", "expired"}

REHEARSAL = {
    "JINGHAO_CLOCK": "driven",
    "JINGHAO_TIMEZONE": "UTC",
    "JINGHAO_WINDOW_ABSENT_SECONDS": "1000000000",  # Our consoles keep still while hours fly past.
}
RULES = {"misses_itself": False}  # The trace says who missed a call; our clerks report it.


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `replay`."""
    parser = argparse.ArgumentParser(prog="jinghao replay", description="Replay a real day from a CSV.")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--speed", type=_speed, default=None, metavar="N|max", help="times real time")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--base", metavar="URL", help="use this rehearsal server rather than an own one")
    parser.add_argument("--keep", action="store_true", help="keep the own server's data and log")
    options = parser.parse_args(argv)
    try:
        visits = trace.read(options.file)
        figures, reference = replay(visits, options.speed, base=options.base, keep=options.keep)
    except BadTrace as mistake:
        say(str(mistake))
        return 2
    except (CannotMeasure, Refused, ConnectionLost, OSError, ValueError) as error:
        return could_not_measure("replay", error)
    report(f"replay {options.file.name}", figures, reference, as_json=options.json)
    return 0


def replay(
    visits: Sequence[Visit], speed: float | None = None, *, base: str | None = None, keep: bool = False
) -> tuple[Figures, Figures]:
    """The figures of a replayed day, and what the trace says. Speed None is as fast as it goes."""
    with ExitStack() as stack:
        if base is None:
            start = visits[0].arrives_at.replace(hour=0, minute=0, second=0, microsecond=0)
            server = Server(env=REHEARSAL | {"JINGHAO_CLOCK_START": _stamp(start)}, keep=keep)
            base = stack.enter_context(server).base
            if keep:
                say(f"The data and the log stay in {server.data}")
        return uvloop.run(_replay(visits, script.write(visits), speed, base))


async def _replay(
    visits: Sequence[Visit], day: Script, speed: float | None, base: str
) -> tuple[Figures, Figures]:
    begun = time.monotonic()
    async with Client(base) as client:
        hall = f"replay-{uuid.uuid4().hex[:8]}"
        rehearsal = await Rehearsal.open(client, hall, day)
        with Progress("replay", len(day.acts)) as progress:
            await rehearsal.play(speed, progress)
        story = await Story.read_back(client, hall, rehearsal.links)
    figures = {**story.figures(), **_trace_waits(visits), "wall_s": round(time.monotonic() - begun, 2)}
    order = (
        "tickets called served missed abandoned lost duplicate_numbers double_calls out_of_order"
        " mean_wait_s p90_wait_s trace_mean_wait_s trace_p90_wait_s wall_s"
    )
    return {key: figures[key] for key in order.split()}, _trace_counts(visits)


# ── Playing the day ──────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Rehearsal:
    """A hall that is being played, and who plays which part."""

    client: Client
    hall: str
    day: Script
    tokens: dict[str, str]
    shift: timedelta  # Whole days from the trace to the hall, when the hall is already past the trace.
    holder: list[str] = field(default_factory=list)  # The ticket that plays each part.
    part_of: dict[str, int] = field(default_factory=dict)  # The part each ticket plays.
    links: dict[str, str] = field(default_factory=dict)  # The secret of each ticket.

    @classmethod
    async def open(cls, client: Client, hall: str, day: Script) -> "Rehearsal":
        """Make the hall, and sit down at every window."""
        start = day.acts[0].at
        now = _instant((await client.put(f"{API}/rehearsal/clock", {"now": _stamp(start)}))["now"])
        shift = timedelta(days=-((start - now) // timedelta(days=1))) if now > start else timedelta()
        if shift:
            await client.put(f"{API}/rehearsal/clock", {"now": _stamp(start + shift)})
        definition = hall_definition(
            hall,
            {group: _printable(service) for group, service in day.groups.items()},
            {window: [group] for window, group in day.windows.items()},
            rules=RULES,
        )
        tokens = (await client.post(f"{API}/rehearsal/halls", definition))["tokens"]
        for window in day.windows:
            await client.post(f"{API}/halls/{hall}/windows/{window}/session", {}, tokens[window])
        return cls(client, hall, day, tokens, shift, [""] * len(day.group_of))

    async def play(self, speed: float | None, progress: Progress) -> None:
        """All acts of the day, in order, with the hall's clock in between."""
        begun, first = time.monotonic(), self.day.acts[0].at
        done = 0
        for at, acts in itertools.groupby(self.day.acts, key=lambda act: act.at):
            if speed is not None:
                await self._let_time_pass(first, begun, at, speed)
            now = list(acts)
            await self._perform(at, now)
            done += len(now)
            progress.show(done)

    async def _perform(self, at: datetime, acts: Sequence[Act]) -> None:
        """The acts of one instant. Down one connection, the server takes them in turn."""
        clock = Prepared("PUT", f"{API}/rehearsal/clock", {"now": _stamp(at + self.shift)})
        requests: list[tuple[Act | None, Prepared]] = [(None, clock)]
        for act in acts:
            if act.deed is Deed.CANCEL_AT_ONCE:
                await self._send(requests)  # Who came only now has no link before this is answered.
                requests = []
            requests.append((act, self._request(act)))
        await self._send(requests)

    async def _send(self, requests: Sequence[tuple[Act | None, Prepared]]) -> None:
        if not requests:
            return
        answers = await self.client.exchange(
            [request.with_key(self.client.new_key()) for _, request in requests]
        )
        for (act, _), answer in zip(requests, answers, strict=True):
            if answer.status >= 400:
                what = "the clock" if act is None else f"{act.deed.name.lower()} at {act.at:%H:%M:%S}"
                raise Refused(what, answer)
            if act is not None:
                self._note(act, answer)

    def _request(self, act: Act) -> Prepared:
        hall = f"{API}/halls/{self.hall}"
        match act.deed:
            case Deed.ISSUE:
                body = {"group": self.day.group_of[act.part], "channel": "kiosk"}
                return Prepared("POST", f"{hall}/tickets", body)
            case Deed.CANCEL | Deed.CANCEL_AT_ONCE:
                link = self.links[self.holder[act.part]]
                return Prepared("POST", f"{API}/tickets/{link}/cancellation", {})
            case Deed.CALL:
                deed = "calls"
            case Deed.START:
                deed = "start"
            case Deed.MISS:
                deed = "missed"
            case Deed.COMPLETE | Deed.COMPLETE_AT_ONCE:
                deed = "completion"
        return Prepared("POST", f"{hall}/windows/{act.window}/{deed}", {}, self.tokens[act.window])

    def _note(self, act: Act, answer: Answer) -> None:
        """Learn who was issued what, and whom the hall chose."""
        if act.deed is Deed.ISSUE:
            ticket = answer.json()
            self._cast(act.part, ticket["id"])
            self.links[ticket["id"]] = ticket["link_token"]
        elif act.deed is Deed.CALL:
            chosen = answer.json()["ticket"]["id"]
            if chosen not in self.part_of:
                raise CannotMeasure(f"the hall called ticket {chosen}, which is not ours")
            other = self.part_of[chosen]
            self._cast(other, self.holder[act.part])
            self._cast(act.part, chosen)

    def _cast(self, part: int, ticket: str) -> None:
        self.holder[part] = ticket
        self.part_of[ticket] = part

    async def _let_time_pass(self, first: datetime, begun: float, until: datetime, speed: float) -> None:
        """Wait for an act, and move the hall's clock meanwhile so that watchers see time pass."""
        while (left := begun + (until - first).total_seconds() / speed - time.monotonic()) > 0:
            await asyncio.sleep(min(left, PACE_SECONDS))
            now = first + timedelta(seconds=(time.monotonic() - begun) * speed)
            if now < until:
                await self.client.put(f"{API}/rehearsal/clock", {"now": _stamp(now + self.shift)})


# ── Reading it back ──────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Life:
    """One ticket, as the journal tells it."""

    id: str
    number: str
    day: str
    lane: tuple[str, bool]
    issued: int  # The journal number, which is the order.
    issued_at: datetime
    called_at: datetime | None = None  # First call.
    calls: int = 0
    waiting: bool = True
    by_issue: bool = True  # Whether its place is still the one it took at the door.
    state: str = "waiting"


@dataclass(slots=True)
class Story:
    """The day as the server remembers it."""

    lives: dict[str, Life]
    views: dict[str, Json | None]  # What each link shows; None when it shows nothing.
    double_calls: int
    out_of_order: int

    @classmethod
    async def read_back(cls, client: Client, hall: str, links: dict[str, str]) -> "Story":
        """Everything, from the server alone."""
        journal: list[Json] = []
        while page := (
            await client.get(
                f"{API}/rehearsal/halls/{hall}/journal?after={journal[-1]['seq'] if journal else 0}"
            )
        )["entries"]:
            journal += page
        views: dict[str, Json | None] = {}
        remaining = iter(list(links.items()))

        async def read() -> None:
            for ticket, link in remaining:
                answer = await client.ask("GET", f"{API}/tickets/{link}")
                views[ticket] = answer.json() if answer.status == 200 else None

        await asyncio.gather(*(read() for _ in range(READERS)))
        lives, double_calls, out_of_order = told(journal)
        return cls(lives, views, double_calls, out_of_order)

    def figures(self) -> dict[str, int | float | None]:
        """What became of everybody."""
        lives = self.lives.values()
        waits = [(life.called_at - life.issued_at).total_seconds() for life in lives if life.called_at]
        states = Counter(life.state for life in lives)
        numbers = Counter((life.day, life.number) for life in lives)
        return {
            "tickets": len(lives),
            "called": sum(1 for life in lives if life.calls),
            "served": states["completed"],
            "missed": states["missed"],
            "abandoned": states["cancelled"],
            "lost": sum(1 for ticket, view in self.views.items() if not self._is_explained(ticket, view)),
            "duplicate_numbers": numbers.total() - len(numbers),
            "double_calls": self.double_calls,
            "out_of_order": self.out_of_order,
            "mean_wait_s": rounded(mean(waits)),
            "p90_wait_s": rounded(percentile(waits, 90)),
        }

    def _is_explained(self, ticket: str, view: Json | None) -> bool:
        """Whether link and journal know the ticket, agree on its number, and say how it ended."""
        life = self.lives.get(ticket)
        return (
            life is not None
            and view is not None
            and view["number"] == life.number
            and view["state"] in FINISHED
            and life.state in FINISHED
        )


ENDS = {
    "ServingCompleted": "completed",
    "TicketCancelled": "cancelled",
    "TicketMissed": "missed",
    "TicketExpired": "expired",
}
BACK_IN_LINE = {"CallUndone", "TicketRequeued", "TicketTransferred", "TicketReassigned"}


def told(journal: Sequence[Json]) -> tuple[dict[str, Life], int, int]:
    """The lives a journal tells, how many calls were made of somebody who was not waiting, and how many
    passed over somebody of the same group and class who had come earlier."""
    lives: dict[str, Life] = {}
    lines: dict[tuple[str, bool], dict[str, Life]] = {}  # Who waits at the place taken at the door.
    double_calls = out_of_order = 0
    day = ""
    for entry in journal:
        name, body, at = entry["name"], entry["body"], _instant(entry["at"])
        if name == "DayOpened":
            day = str(body["day"])
        if name == "TicketIssued":
            group = body["legs"][0]["group_id"]
            lane = (group, bool(body.get("priority_class")))
            life = Life(str(entry["seq"]), body["number"], day, lane, entry["seq"], at)
            lives[life.id] = life
            lines.setdefault(life.lane, {})[life.id] = life
        life_of = lives.get(str(body.get("ticket_id", "")))
        if life_of is None:
            continue
        line = lines[life_of.lane]
        if name == "TicketCalled":
            double_calls += not life_of.waiting
            out_of_order += life_of.by_issue and next(iter(line.values()), life_of).issued < life_of.issued
            life_of.calls += 1
            life_of.called_at = life_of.called_at or at
            life_of.waiting, life_of.state = False, "called"
            line.pop(life_of.id, None)
        elif name in BACK_IN_LINE:
            life_of.waiting, life_of.by_issue, life_of.state = True, False, "waiting"
        elif name in ("TicketDeferred", "ClassChanged"):
            life_of.by_issue = False
            line.pop(life_of.id, None)
        elif name in ENDS:
            life_of.waiting, life_of.state = False, ENDS[name]
            line.pop(life_of.id, None)
    return lives, double_calls, out_of_order


# ── What the trace says ──────────────────────────────────────────────────────────────────────────


def _trace_waits(visits: Sequence[Visit]) -> dict[str, float | None]:
    waits = [(visit.called_at - visit.arrives_at).total_seconds() for visit in visits if visit.called_at]
    return {
        "trace_mean_wait_s": rounded(mean(waits)),
        "trace_p90_wait_s": rounded(percentile(waits, 90)),
    }


def _trace_counts(visits: Sequence[Visit]) -> Figures:
    outcomes = Counter(visit.outcome for visit in visits if visit.called_at or visit.leaves_at)
    return {
        "trace_tickets": len(visits),
        "trace_called": sum(1 for visit in visits if visit.called_at),
        "trace_served": outcomes[Outcome.SERVED],
        "trace_missed": outcomes[Outcome.MISSED],
        "trace_abandoned": outcomes[Outcome.ABANDONED],
        **_trace_waits(visits),
    }


def _printable(name: str) -> str:
    """A service's name as a hall takes it: not too long, nothing that cannot be seen."""
    return "".join(letter for letter in name if letter.isprintable())[:NAME_CHARACTERS_MAX].strip() or "?"


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is neither max nor a number above 0")
    return speed


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


if __name__ == "__main__":
    sys.exit(main())
