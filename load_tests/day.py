"""A day of citizens and clerks, played through the real API of a server whose clock runs fast.

    python -m load_tests.day hall.json --base http://127.0.0.1:8000 --clerks logins.json --speed 30

`hall.json` is a hall definition with its `traffic` (how many come in each hour, how long they take, how
many do not come); `logins.json` holds {login: password} of the clerks who are played. Windows without such
a clerk stay free for whoever wants to sit down. Who takes over a window at a real console has it: the
played clerk steps aside.

What somebody does is drawn when they arrive, from the seed, the day and their place in it: the same seed
gives the same citizens, whatever the machine is busy with.
"""

import argparse
import asyncio
import json
import math
import random
import signal
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvloop

from load_tests.figures import say
from load_tests.wire import Answer, Client, ConnectionLost, Json

API = "/api/v1"
LOOK_SECONDS = 0.5  # Real seconds between two looks at the board.
NOBODY_SECONDS = 15  # Hall seconds until a clerk without a citizen looks again.
WALK_SECONDS = (15, 100)
RECALL_AFTER_SECONDS = 65
NO_SHOW_LOOKS_SECONDS = 20
LATE_SHARE = 0.4  # Of those who miss their call, so many come back a little later.
PHONE_AT_KIOSK_SHARE = 0.35  # Who takes a paper slip and leaves a phone as well.
SECOND_MATTER_FACTOR = 1.6
CANCEL_AFTER_MINUTES = (3, 20)
WALK_IN_SHARE = 0.5  # Of those who take a ticket without a phone in their hand, so many scan its code.
RELATIVE_SHARE = 0.5  # Of the elderly among the others, so many leave the number of a daughter or a son.
GUIDE_LOOKS_SECONDS = 40
LUNCH = (12, 30)  # Half of the clerks rest from 12:00, the others from 12:30, this many minutes each.
STEPS_ASIDE_SECONDS = 120
HEARTBEAT_SECONDS = 10.0  # Real seconds, as a console does.
PATIENCE_SECONDS = 2.0
GONE = 5  # Looks that may fail before we believe that the server is gone.


def main(argv: Sequence[str] | None = None) -> int:
    """Play until told to stop, or until the server is gone."""
    parser = argparse.ArgumentParser(prog="load_tests.day", description="A simulated day in a hall.")
    parser.add_argument("definition", type=Path, metavar="HALL.json")
    parser.add_argument("--base", required=True, metavar="URL")
    parser.add_argument("--clerks", type=Path, required=True, metavar="LOGINS.json")
    parser.add_argument("--speed", type=float, default=30.0, help="how fast the server's clock runs")
    parser.add_argument("--load", type=float, default=1.0, help="times the usual number of citizens")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="say how it goes, once a minute of the hall")
    options = parser.parse_args(argv)
    definition = json.loads(options.definition.read_text())
    logins = json.loads(options.clerks.read_text())
    play = Play(options.base, definition, logins, options.speed, options.load, options.seed, options.verbose)
    return uvloop.run(play.run())


@dataclass(frozen=True, slots=True)
class Traffic:
    """What an ordinary day brings."""

    first_hour: int
    arrivals_per_hour: Mapping[str, Sequence[float]]
    service_minutes: Mapping[str, float]
    wanted: Mapping[str, float]  # A matter, beside the others of its group. Else 1.
    service_cv: float
    clerk_factors: Mapping[str, float]
    channels: Mapping[str, float]
    classes: Mapping[str, float]
    no_show: float
    cancel: float
    transfer: float
    two_matters: float

    @classmethod
    def read(cls, definition: Json) -> "Traffic":
        """From a hall definition; what it adds that we do not play is left alone."""
        traffic = definition["traffic"]
        return cls(**{name: traffic[name] for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody who will come, and what they will do."""

    at_seconds: float  # Of the hall's day.
    body: Json  # What they ask for at the door.
    walk_seconds: float
    service_minutes: float  # With a clerk of ordinary speed.
    comes: bool = True
    comes_late: bool = False
    transfer_to: str | None = None
    cancels_after_seconds: float | None = None
    follows: bool = False  # On the page of the ticket, so nobody need fetch them.


def citizens(definition: Json, day: date, seed: int, load: float = 1.0) -> list[Citizen]:
    """Everybody who comes on a day, by time of arrival."""
    traffic = Traffic.read(definition)
    everybody = []
    for group, per_hour in traffic.arrivals_per_hour.items():
        luck = random.Random(f"{seed}:{day}:{group}")
        for hour, number in enumerate(per_hour, start=traffic.first_hour):
            at = hour * 3600.0
            while number * load > 0:
                at += luck.expovariate(number * load / 3600)
                if at >= (hour + 1) * 3600:
                    break
                everybody.append(_citizen(definition, traffic, group, at, luck))
    return sorted(everybody, key=lambda citizen: citizen.at_seconds)


def _citizen(definition: Json, traffic: Traffic, group: str, at: float, luck: random.Random) -> Citizen:
    """One citizen. The draws stay in one order, whether or not they matter."""
    codes = [m["code"] for m in definition["matters"] if m.get("group") == group and m.get("active", True)]
    matters = [_wanted(traffic, codes, luck)] if codes else []
    others = [code for code in codes if code not in matters]
    second = luck.random() < traffic.two_matters
    if second and others:
        matters.append(_wanted(traffic, others, luck))
    body: Json = {
        "channel": _one_of(traffic.channels, luck),
        "language": "en" if luck.random() < 0.03 else "zh",
    }
    body |= {"matters": matters} if matters else {"group": group}
    priority_class = _one_of(traffic.classes, luck)
    if priority_class:
        body["priority_class"] = priority_class
    # A log-normal with this mean and coefficient of variation.
    sigma = math.sqrt(math.log(1 + traffic.service_cv**2))
    minutes = traffic.service_minutes[group] * luck.lognormvariate(-(sigma**2) / 2, sigma)
    elsewhere = [other for other in traffic.arrivals_per_hour if other != group]
    transfers, target = luck.random() < traffic.transfer, luck.choice(elsewhere or [group])
    cancels, after = luck.random() < traffic.cancel, luck.uniform(*CANCEL_AFTER_MINUTES) * 60
    walk_seconds = luck.uniform(*WALK_SECONDS)
    comes, comes_late = luck.random() >= traffic.no_show, luck.random() < LATE_SHARE
    follows = luck.random() < WALK_IN_SHARE or body["channel"] not in ("kiosk", "staff")
    number, leaves_it = luck.randrange(10_000), luck.random() < PHONE_AT_KIOSK_SHARE
    has_family = luck.random() < RELATIVE_SHARE
    if not follows and priority_class == "elderly" and has_family:
        body |= {"phone": f"1990000{number:04d}", "relative": True}  # Given to nobody.
    elif body["channel"] != "kiosk" or leaves_it:
        body["phone"] = f"1990000{number:04d}"
    return Citizen(
        at,
        body,
        walk_seconds=walk_seconds,
        service_minutes=minutes * (SECOND_MATTER_FACTOR if len(matters) > 1 else 1.0),
        comes=comes,
        comes_late=comes_late,
        transfer_to=target if transfers and target != group else None,
        cancels_after_seconds=after if cancels else None,
        follows=follows,
    )


def _wanted(traffic: Traffic, codes: Sequence[str], luck: random.Random) -> str:
    """What somebody comes for. Many want an identity card, few a pharmacy."""
    return luck.choices(codes, [traffic.wanted.get(code, 1) for code in codes])[0]


def _one_of(shares: Mapping[str, float], luck: random.Random) -> str:
    """A name by its share; the empty string for what is left of 1."""
    point = luck.random()
    for name, share in shares.items():
        point -= share
        if point < 0:
            return name
    return ""


ANYBODY = Citizen(0, {}, walk_seconds=40, service_minutes=6)  # Who took a ticket at a real page.


@dataclass(slots=True)
class Play:
    """The day as it is being played."""

    base: str
    definition: Json
    logins: Mapping[str, str]
    speed: float
    load: float
    seed: int
    verbose: bool
    board: Json = field(default_factory=dict)
    hall_clock: tuple[datetime, float] = (datetime(2000, 1, 1, tzinfo=UTC), 0.0)  # As of a real instant.
    people: dict[str, tuple[Citizen, str]] = field(default_factory=dict)  # By ticket: who, and their link.
    counts: dict[str, int] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    guide_token: str = ""

    @property
    def hall(self) -> str:
        """The hall's id."""
        return str(self.definition["hall"]["id"])

    async def run(self) -> int:
        """Until a signal, or until the server is gone."""
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        async with Client(self.base) as client:
            try:
                await self._look(client)
                traffic = Traffic.read(self.definition)
                for window, staff in rota(self.definition, self.logins):
                    clerk = Clerk(self, window, staff, traffic.clerk_factors.get(staff["id"], 1.0))
                    self.begin(clerk.work(client))
                self.begin(self._arrivals(client))
                self.begin(self._fetch_people(client))
                watching = asyncio.create_task(self._watch(client))
                stopping = asyncio.create_task(stopped.wait())
                await asyncio.wait([watching, stopping], return_when=asyncio.FIRST_COMPLETED)
            except (ConnectionLost, OSError) as error:
                say(f"day: no server at {self.base} ({error or 'connection lost'})")
                return 1
            finally:
                for task in (*self.tasks, *asyncio.all_tasks()):
                    if task is not asyncio.current_task():
                        task.cancel()
                await asyncio.gather(*self.tasks, return_exceptions=True)
        return 0 if stopped.is_set() else 1

    # ── Time ────────────────────────────────────────────────────────────────────────────────────

    def now(self) -> datetime:
        """The hall's time, in its zone."""
        at, seen = self.hall_clock
        return at + timedelta(seconds=(time.monotonic() - seen) * self.speed)

    async def sleep(self, hall_seconds: float) -> None:
        """Let so many seconds of the hall pass."""
        await asyncio.sleep(max(0.0, hall_seconds) / self.speed)

    async def _watch(self, client: Client) -> None:
        """Keep an eye on the board. Ends when the server is gone."""
        missed, told = 0, ""
        while missed < GONE:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look(client)
                missed = 0
            except (ConnectionLost, OSError):
                missed += 1
            minute = f"{self.now():%a %H:%M}"
            if self.verbose and minute != told:
                told = minute
                waiting = sum(group["waiting"] for group in self.board["groups"])
                counts = ", ".join(f"{number} {what}" for what, number in sorted(self.counts.items()))
                say(f"{minute}  {waiting} waiting  {counts}")

    async def _look(self, client: Client) -> None:
        answer = await client.ask("GET", f"{API}/halls/{self.hall}")
        if answer.status != 200:
            raise ConnectionLost(f"{answer.status} {answer.code}")
        self.board = answer.json()
        zone = ZoneInfo(self.definition["hall"]["timezone"])
        as_of = datetime.fromisoformat(self.board["as_of"]).astimezone(zone)
        # A view may be a moment old, but time does not go back.
        self.hall_clock = max(as_of, self.now()), time.monotonic()

    # ── Citizens ────────────────────────────────────────────────────────────────────────────────

    async def _arrivals(self, client: Client) -> None:
        """Day after day, everybody in turn."""
        while True:
            today = self.now().date()
            midnight = datetime.combine(today, datetime.min.time(), self.now().tzinfo)
            for number, citizen in enumerate(citizens(self.definition, today, self.seed, self.load)):
                left = (midnight - self.now()).total_seconds() + citizen.at_seconds
                if left < -60:
                    continue  # They came before we did.
                await self.sleep(left)
                if self.board["hall"]["open"]:
                    self.begin(self._visit(client, citizen, f"day-{self.seed}-{today}-{number}"))
            await self.sleep((midnight + timedelta(days=1) - self.now()).total_seconds() + 1)

    async def _visit(self, client: Client, citizen: Citizen, key: str) -> None:
        """Take a ticket; perhaps think better of it."""
        token = await self._guide(client) if citizen.body["channel"] == "staff" else None
        answer = await client.ask("POST", f"{API}/halls/{self.hall}/tickets", citizen.body, token, key=key)
        if answer.status >= 400:
            self.count(f"refused at the door ({answer.code})")
            return
        ticket = answer.json()
        self.count("issued")
        self.people[ticket["id"]] = citizen, ticket["link_token"]
        if citizen.follows:
            await client.ask("POST", f"{API}/tickets/{ticket['link_token']}/following", {})
        if citizen.cancels_after_seconds is not None:
            await self.sleep(citizen.cancels_after_seconds)
            gone = await client.ask("POST", f"{API}/tickets/{ticket['link_token']}/cancellation", {})
            if gone.status < 400:
                self.count("cancelled")

    async def come_late(self, client: Client, ticket_id: str) -> None:
        """Somebody who missed the call turns up after all."""
        _, link = self.people[ticket_id]
        await self.sleep(random.Random(ticket_id).uniform(60, 600))
        back = await client.ask("POST", f"{API}/tickets/{link}/return", {})
        if back.status < 400:
            self.people[ticket_id] = ANYBODY, link  # This time they listen.
            self.count("came back")

    # ── Guides ──────────────────────────────────────────────────────────────────────────────────

    async def _fetch_people(self, client: Client) -> None:
        """One guide fetches, one after the other, whoever is called; what is too much for one is left."""
        while True:
            await self.sleep(GUIDE_LOOKS_SECONDS)
            token = await self._guide(client)
            if token is None:
                continue
            desk = await client.ask("GET", f"{API}/halls/{self.hall}/guide", token=token)
            if desk.status == 401:
                self.guide_token = ""
            if desk.status != 200:
                continue
            called = [task for task in desk.json()["tasks"] if task["called_at"] and not task["helper"]]
            for task in called[:1]:
                place = f"{API}/halls/{self.hall}/tickets/{task['id']}"
                taken = await client.ask("POST", f"{place}/help", {}, token)
                if taken.status < 400:
                    self.count("fetched")
                    await client.ask("POST", f"{place}/acknowledgement", {}, token)

    async def _guide(self, client: Client) -> str | None:
        """The token of the last guide of the hall who has a login: the others are for whoever looks on."""
        guides = [s["login"] for s in self.definition.get("staff", []) if s["role"] == "guide"]
        login = next((each for each in reversed(guides) if each in self.logins), None)
        if not self.guide_token and login is not None:
            body = {"login": login, "password": self.logins[login]}
            answer = await client.ask("POST", f"{API}/sessions", body)
            self.guide_token = answer.json()["token"] if answer.status < 400 else ""
        return self.guide_token or None

    # ── Clerks ──────────────────────────────────────────────────────────────────────────────────

    def count(self, what: str) -> None:
        """One more."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on by itself."""
        task = asyncio.create_task(self._guarded(work))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        with suppress(ConnectionLost, OSError):  # `_watch` notices when the server is gone for good.
            await work


def rota(definition: Json, logins: Mapping[str, str]) -> list[tuple[str, Json]]:
    """Who sits at which window: the clerk of its number; at a window without one, somebody who can serve it.

    A window whose own clerk has no login here stays free for whoever wants to sit down.
    """
    numbered = {"".join(filter(str.isdigit, staff["id"])): staff for staff in reversed(definition["staff"])}
    rows = {w["id"]: numbered[w["id"]] for w in definition["windows"] if w["id"] in numbered}
    spare = [staff for staff in definition["staff"] if staff not in rows.values()]
    for window in definition["windows"]:
        able = [staff for staff in spare if set(staff.get("skills", {})) & set(window["groups"])]
        if window["id"] not in rows and able:
            rows[window["id"]] = able[0]
            spare.remove(able[0])
    present = [(window, staff) for window, staff in rows.items() if staff["login"] in logins]
    return sorted(present, key=lambda row: bool(row[1].get("mentor")))  # Trainees need their mentor there.


@dataclass(slots=True)
class Clerk:
    """One clerk at one window, from morning to closing, day after day."""

    play: Play
    window: str
    staff: Json
    factor: float
    token: str = ""

    @property
    def place(self) -> str:
        """The window's address."""
        return f"{API}/halls/{self.play.hall}/windows/{self.window}"

    async def work(self, client: Client) -> None:
        """Sign in while the hall is open, serve, go home."""
        self.play.begin(self._heartbeat(client))
        while True:
            if not self._wanted():
                await asyncio.sleep(LOOK_SECONDS)
                continue
            if not await self._sit_down(client):
                await self.play.sleep(STEPS_ASIDE_SECONDS)
                continue
            while self._wanted():
                if not await self._serve_one(client):
                    break
            await client.ask("DELETE", f"{self.place}/session", token=self.token)

    def _wanted(self) -> bool:
        """Whether the hall is open, or somebody is still waiting for this window."""
        return bool(self.play.board["hall"]["open"]) or self._somebody_waits()

    def _somebody_waits(self) -> bool:
        board = self.play.board
        own = {group for w in board["windows"] if w["id"] == self.window for group in w["groups"]}
        return any(group["waiting"] for group in board["groups"] if group["id"] in own)

    async def _sit_down(self, client: Client) -> bool:
        """Sign in, and open the window unless somebody real sits there."""
        if not self.token:
            body = {"login": self.staff["login"], "password": self.play.logins[self.staff["login"]]}
            answer = await client.ask("POST", f"{API}/sessions", body)
            if answer.status >= 400:
                self.play.count(f"sign-ins refused ({answer.code})")
                await asyncio.sleep(PATIENCE_SECONDS)
                return False
            self.token = answer.json()["token"]
        answer = await self._do(client, "session")
        if answer.code == "window_taken" and answer.json().get("clerk") == self.staff["display_name"]:
            # It is our own console of an earlier run that holds the window.
            answer = await self._do(client, "session", {"take_over": True})
        return answer.status < 400

    async def _serve_one(self, client: Client) -> bool:
        """Call somebody and see it through. False when this window is no longer ours."""
        if await self._rests(client):
            return True
        if not self._somebody_waits():
            await self.play.sleep(NOBODY_SECONDS)
            return bool(self.token)
        answer = await self._do(client, "calls")
        if answer.status >= 400:
            if answer.code == "window_busy":
                await self._finish_what_is_there(client)
                return True
            await self.play.sleep(NOBODY_SECONDS)
            return answer.code == "nobody_waiting"
        ticket = answer.json()["ticket"]
        citizen, _ = self.play.people.get(ticket["id"], (ANYBODY, ""))
        if not citizen.comes:
            await self._wait_in_vain(client, ticket["id"], citizen)
            return True
        await self.play.sleep(citizen.walk_seconds)
        if (await self._do(client, "start")).status >= 400:
            return True  # They cancelled on the way, or somebody real pressed a key. Next, please.
        await self.play.sleep(citizen.service_minutes * 60 * self.factor)
        await self._let_go(client, ticket["id"], citizen)
        return True

    async def _let_go(self, client: Client, ticket_id: str, citizen: Citizen) -> None:
        """Done here, or to be sent on."""
        if citizen.transfer_to is not None:
            sent = await self._do(
                client, "transfer", {"group": citizen.transfer_to, "reason": "该事项由其他窗口办理"}
            )
            if sent.status < 400:
                self.play.people[ticket_id] = ANYBODY, self.play.people[ticket_id][1]
                self.play.count("sent on")
                return
        done = await self._do(client, "completion")
        if done.status < 400:
            self.play.people.pop(ticket_id, None)
            self.play.count("served")

    async def _wait_in_vain(self, client: Client, ticket_id: str, citizen: Citizen) -> None:
        """Call again, wait, give up."""
        await self.play.sleep(RECALL_AFTER_SECONDS)
        await self._do(client, "recall")
        for _ in range(30):
            await self.play.sleep(NO_SHOW_LOOKS_SECONDS)
            answer = await self._do(client, "missed")
            if answer.code != "grace_not_over":
                break
        self.play.count("missed")
        if citizen.comes_late:
            self.play.begin(self.play.come_late(client, ticket_id))

    async def _finish_what_is_there(self, client: Client) -> None:
        """Somebody was left at this window by an earlier run: see it through."""
        await self._do(client, "start")
        await self._do(client, "completion")

    async def _rests(self, client: Client) -> bool:
        """Half an hour for lunch; half of the clerks at a time. Says whether it was lunch."""
        hour, minutes = LUNCH
        later = int(self.window) % 2 if self.window.isdecimal() else 0
        begins = self.play.now().replace(hour=hour, minute=0, second=0) + timedelta(minutes=minutes * later)
        left = (begins + timedelta(minutes=minutes) - self.play.now()).total_seconds()
        if not 0 < left <= minutes * 60 or left < 300 or not self._colleagues_open():
            return False
        paused = await self._do(
            client, "pause", {"reason": "午间轮休", "minutes": math.ceil(left / 60)}, method="PUT"
        )
        if paused.status >= 400:
            return False
        await self.play.sleep(left)
        await client.ask("DELETE", f"{self.place}/pause", token=self.token)
        return True

    def _colleagues_open(self) -> bool:
        """Whether somebody else serves what this window serves, so that lunch strands nobody."""
        windows = self.play.board["windows"]
        own = {group for w in windows if w["id"] == self.window for group in w["groups"]}
        others = {
            group
            for w in windows
            if w["id"] != self.window and w["state"] in ("ready", "calling", "serving")
            for group in w["groups"]
        }
        return own <= others

    async def _heartbeat(self, client: Client) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if self.token:
                await self._do(client, "heartbeat")

    async def _do(self, client: Client, deed: str, body: Json | None = None, method: str = "POST") -> Answer:
        """One deed at the window. Who is no longer signed in signs in again next time."""
        answer = await client.ask(method, f"{self.place}/{deed}", body or {}, self.token)
        if answer.status == 401:
            self.token = ""
        return answer


if __name__ == "__main__":
    sys.exit(main())
