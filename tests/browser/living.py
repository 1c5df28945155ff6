"""A hall half an hour into a Monday morning, always the same: for whoever looks at pages.

    with living_hall(settings) as hall:
        … hall.base, hall.address("/t/{called}"), hall.token(Role.MANAGER), hall.somebody_is_called()

The demonstration hall on a driven clock, played through its API from a seed. Nothing happens by itself, so two
pictures of a page show the same people at the same windows.
"""

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from queue_server.demo.definition import H1, Definition, read
from queue_server.demo.documents import put_documents
from queue_server.demo.seed import seed, write_logins
from queue_server.people.core import Role
from queue_server.settings import Settings
from tests.api.places import Client, Server

OPENS = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # A Monday, nine o'clock in Shanghai.
MINUTES = 34
SEED = 4
CLOSED_WINDOWS = {"02", "15"}
PAUSED_WINDOW = "04"
CALLS_WINDOW, SERVES_WINDOW, FREE_WINDOW = "09", "08", "10"
ALSO_CALLING = ("16", "06")
ARRIVALS_PER_MINUTE = {"A": 1.1, "B": 0.5, "C": 0.3, "D": 0.3, "E": 0.3, "Q": 0.2}
AHEAD_MIN = 3  # People before whoever waits.
SERVICE_MINUTES = (3, 9)
MISSED_SHARE = 0.1
ELDERLY_SHARE = 0.08


SUGGESTED = {
    "title": "户口簿上是曾用名怎么办",
    "body": "户口簿有曾用名一栏的，核对一致即可，不另要派出所证明。",
    "kind": "question",
    "about": ["M15.lost"],
}


@dataclass
class LivingHall:
    """A running server, its hall, and who is in it."""

    server: Server
    definition: Definition
    tokens: dict[str, str] = field(default_factory=dict)
    called: str = ""  # The link of somebody who is expected at a window,
    waiting: str = ""  # and that of somebody who waits.
    case: str = ""  # A case that waits for a decision,
    code: str = ""  # and what its citizen asks by.
    _luck: random.Random = field(default_factory=lambda: random.Random(SEED))
    _clients: dict[str, Client] = field(default_factory=dict)
    _busy_until: dict[str, int] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return self.server.base

    @property
    def hall_id(self) -> str:
        return self.definition.hall.id

    def address(self, path: str) -> str:
        """A path of the table of pages, with everything filled in."""
        if "{waiting}" in path:
            self._somebody_waits()
        places = {
            "hall": self.hall_id,
            "window": CALLS_WINDOW,
            "desk": SERVES_WINDOW,
            "zone": self.definition.zones[0].id,
            "called": self.called,
            "waiting": self.waiting,
            "case": self.case,
            "code": self.code,
            "rating": self._rating("another visit"),
        }
        return path.format_map(places)

    def token(self, who: Role | str) -> str:
        """A session of somebody with this role, or of the clerk of this window."""
        if who not in self.tokens:
            people = self.server.house.people
            accounts = {each.login: each for each in self.server.do(people.accounts())}
            login = next(
                each.login for each in self.definition.staff if each.role == who and each.mentor is None
            )
            self.tokens[who] = self.server.do(people.admit(accounts[login])).token
        return self.tokens[who]

    def somebody_is_called(self) -> None:
        """One window sends home whom it has, and calls the next; somebody else comes in."""
        self._issue("A")
        self._desk(FREE_WINDOW, "start", "completion", "calls")

    # ── The morning ──────────────────────────────────────────────────────────────────────────────

    def play(self) -> None:
        """From opening until now."""
        self._admit_clerks()
        for window in self._windows():
            self._desk(window, "session")
        for minute in range(MINUTES):
            self.server.time_passes(60)
            for group, per_minute in ARRIVALS_PER_MINUTE.items():
                rush = 2.5 if minute < 4 else 1.0
                for _ in range(int(per_minute * rush + self._luck.random())):
                    self._issue(group, elderly=self._luck.random() < ELDERLY_SHARE)
            for window in self._windows():
                self._work(window, minute)
        self._desk(PAUSED_WINDOW, "start", "completion")
        self._client(PAUSED_WINDOW).ask(
            "PUT", self._at(PAUSED_WINDOW, "pause"), {"reason": "盖章", "minutes": 15}
        )
        self._desk(SERVES_WINDOW, "start", "completion", "calls", "start")
        for window in ALSO_CALLING:
            self._desk(window, "start", "completion", "calls")
        self._a_case_is_looked_at()
        self._a_case_is_accepted()
        self._an_agent_brings_a_case()
        self._somebody_was_not_satisfied()
        self.server.time_passes(4)
        self._somebody_is_expected()
        self.waiting = str(self._issue("A")["link_token"])
        self.server.time_passes(5)

    def _rating(self, subject: str) -> str:
        """By what a service of this morning is rated."""
        ratings = self.server.app.state.ratings
        return str(ratings.token(subject, self.hall_id, "A", FREE_WINDOW, OPENS.date()))

    def _somebody_was_not_satisfied(self) -> None:
        """Of three who rated their visit."""
        for level, words in ((5, None), (4, None), (2, "等了很久，没有人说明原因。")):
            said = {"level": level, "aspects": {"attitude": level}, "comment": words}
            path = f"/api/v1/ratings/{self._rating(f'visit {level}')}"
            assert self.server.anybody.ask("POST", path, said).status == 201

    def _somebody_waits(self) -> None:
        """Whoever waits must not be called while somebody looks."""
        view = self.server.anybody.ask("GET", f"/api/v1/tickets/{self.waiting}").json
        if view["state"] != "waiting" or view["ahead"] < AHEAD_MIN:
            self.waiting = str(self._issue("A")["link_token"])

    def _somebody_is_expected(self) -> None:
        """At one window somebody is called whose link we know."""
        self._desk(CALLS_WINDOW, "start", "completion")
        ticket = self._issue("A")
        asked = {"ticket": ticket["id"], "reason": "复核材料"}
        answer = self._client(CALLS_WINDOW).ask("POST", self._at(CALLS_WINDOW, "calls"), asked)
        assert answer.status == 201, answer
        self.called = str(ticket["link_token"])

    def _a_case_is_looked_at(self) -> None:
        """At the desk of the pictures, with one paper in hand and the others to come."""
        case = self._case(SERVES_WINDOW)
        self._change(SERVES_WINDOW, case, "PUT", "materials/0", mark="present")

    def _a_case_is_accepted(self) -> None:
        """Somebody's identity card is to be renewed, which another office decides."""
        ticket = {"matters": ["M15"], "scenarios": ["M15.lost"], "channel": "kiosk"}
        path = f"/api/v1/halls/{self.hall_id}/tickets"
        asked = {"ticket": self.server.anybody.ask("POST", path, ticket).json["id"], "reason": "复核材料"}
        self._desk(FREE_WINDOW, "start", "completion")
        self._client(FREE_WINDOW).ask("POST", self._at(FREE_WINDOW, "calls"), asked)
        self._desk(FREE_WINDOW, "start")
        case = self._case(FREE_WINDOW)
        applicant = {"kind": "resident", "name": "张某某", "number": "11010519491231002X"}
        case = self._change(FREE_WINDOW, case, "PUT", "applicant", **applicant)
        case = self._change(FREE_WINDOW, case, "POST", "receipt")
        case = self._change(FREE_WINDOW, case, "POST", "acceptance")
        self.case, self.code = case["id"], case["code"]
        self._the_department_is_asked(case)

    def _the_department_is_asked(self, case: dict[str, Any]) -> None:
        """One question waits, one is answered, one thing was looked for in vain, and a review has begun."""
        hall, at = f"/api/v1/halls/{self.hall_id}", f"/api/v1/halls/{self.hall_id}/cases/{case['id']}"
        clerk, reviewer = self._client(FREE_WINDOW), self.server.client(self.token(Role.REVIEWER))
        for by, address, body in (
            (clerk, f"{at}/questions", {"text": "户口簿上是曾用名，身份证用现名，还要派出所证明吗？"}),
            (reviewer, f"{at}/questions/0/answer", {"text": "不用。户口簿有曾用名一栏的，核对一致即可。"}),
            (clerk, f"{at}/questions", {"text": "临时身份证可以当天领吗？"}),
            (clerk, f"{hall}/knowledge", SUGGESTED),
            (clerk, f"{hall}/knowledge/misses", {"query": "曾用名", "matter": "M15"}),
        ):
            assert by.ask("POST", address, body).status < 300
        seen = clerk.ask("GET", at).json
        assert reviewer.ask("POST", f"{at}/review", {"version": seen["version"]}).status == 200
        reviewer.close()

    def _an_agent_brings_a_case(self) -> None:
        """Somebody in a village asks for support, and need not come."""
        filed = {
            "matter": "M19",
            "scenario": "single",
            "applicant": {"kind": "resident", "name": "李某某", "number": "11010519491231002X"},
            "entruster": "applicant",
            "paper_seen": True,
            "marks": ["present", None, "present", "to_check"],
        }
        agent = self.server.client(self.token(Role.AGENT))
        answer = agent.ask("POST", f"/api/v1/halls/{self.hall_id}/entrusted-cases", filed)
        assert answer.status == 201, answer

    def _case(self, window: str) -> dict[str, Any]:
        """The case for the first matter of whoever is served at a window."""
        ticket = self._client(window).ask("GET", self._at(window)).json["ticket"]
        asked = {"ticket": ticket["id"], "matter": ticket["matters"][0]["code"]}
        answer = self._client(window).ask("POST", f"/api/v1/halls/{self.hall_id}/cases", asked)
        assert answer.status == 201, answer
        return dict(answer.json)

    def _change(
        self, window: str, case: dict[str, Any], method: str, deed: str, **body: Any
    ) -> dict[str, Any]:
        path = f"/api/v1/halls/{self.hall_id}/cases/{case['id']}/{deed}"
        answer = self._client(window).ask(method, path, {"version": case["version"], **body})
        assert answer.status == 200, answer
        return dict(answer.json)

    def _work(self, window: str, minute: int) -> None:
        """One minute at a window: whoever was called comes or does not, whoever is done goes."""
        if minute < self._busy_until.get(window, 0):
            return
        state = self._client(window).ask("GET", self._at(window)).json["window"]["state"]
        if state == "calling":
            came = self._luck.random() > MISSED_SHARE
            self._desk(window, "start" if came else "missed")
            self._busy_until[window] = minute + (self._luck.randint(*SERVICE_MINUTES) if came else 0)
            return
        self._desk(window, *(["completion"] if state == "serving" else []), "calls")

    def _issue(self, group: str, *, elderly: bool = False) -> dict[str, Any]:
        """A citizen takes a ticket for something that is done here."""
        matters = [
            matter.code for matter in self.definition.matters if matter.group == group and matter.active
        ]
        wanted = {"matters": [self._luck.choice(matters)]} if matters else {"group": group}
        body = {**wanted, "channel": self._luck.choice(["kiosk", "kiosk", "wechat", "web"])}
        if elderly:
            body["priority_class"] = "elderly"
        answer = self.server.anybody.ask("POST", f"/api/v1/halls/{self.hall_id}/tickets", body)
        assert answer.status == 201, answer
        return dict(answer.json)

    def _desk(self, window: str, *deeds: str) -> None:
        """Deeds at a window. What cannot be done there now is left out."""
        for deed in deeds:
            self._client(window).ask("POST", self._at(window, deed), {})

    def _at(self, window: str, deed: str = "") -> str:
        return f"/api/v1/halls/{self.hall_id}/windows/{window}" + (f"/{deed}" if deed else "")

    def _client(self, window: str) -> Client:
        if window not in self._clients:
            self._clients[window] = self.server.client(self.tokens[window])
        return self._clients[window]

    def _windows(self) -> list[str]:
        return [window.id for window in self.definition.windows if window.id in self.tokens]

    def _admit_clerks(self) -> None:
        """A clerk who can do it for each window that opens today, as if they had typed their passwords."""
        people = self.server.house.people
        accounts = {each.login: each for each in self.server.do(people.accounts(self.hall_id))}
        free = [each for each in self.definition.staff if each.skills and each.mentor is None]
        for window in self.definition.windows:
            able = next((each for each in free if window.groups[0] in each.skills), None)
            if able is not None and window.id not in CLOSED_WINDOWS:
                free.remove(able)
                self.tokens[window.id] = self.server.do(people.admit(accounts[able.login])).token


@contextmanager
def living_hall(settings: Settings) -> Iterator[LivingHall]:
    """The hall on these services, for the length of a block."""
    definition = read(H1)
    settings = settings.model_copy(
        update={
            "clock": "driven",
            "clock_start": OPENS - timedelta(minutes=1),
            "window_absent_seconds": 10**9,
            "public_base_url": "http://hall.example",
        }
    )
    _seed(settings, definition)
    server = Server(settings)
    server.start()
    try:
        server.time_passes(60)
        hall = LivingHall(server, definition)
        hall.play()
        yield hall
    finally:
        server.stop()


def _seed(settings: Settings, definition: Definition) -> None:
    """Write the hall down. Nobody signs in by password, and nobody waits for one to be hashed."""
    logins = settings.data / "logins.json"
    write_logins(logins, {account.login: "" for account in definition.accounts()})
    with ThreadPoolExecutor(1) as aside:  # Whoever tests a browser has a loop that runs already.
        aside.submit(asyncio.run, seed(settings, [definition], logins)).result()
        aside.submit(asyncio.run, put_documents(settings, definition, lambda: OPENS)).result()
