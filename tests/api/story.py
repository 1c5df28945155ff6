"""Stories over HTTP, a line for each deed. What a line came to is an answer.

    anna takes A               a ticket; `anna takes A as ill` with a priority class
    anna cancellation          a deed with the link: cancellation, deferral, return, acknowledgement
    w1 session                 a deed at a window, by its clerk; `w1 -session` takes it back
    w1 resume anna             a deed that names a ticket
    w1b session                the same window, from another console
    guide void anna            a deed of staff: void, priority-class, return, help, acknowledgement
    guide2 help anna           the same by a second guide
    manager day                a deed for the hall: day, -day, rules; or for a window: w1/groups, w1/loss
    300 seconds pass           the hall's clock is driven

A body may follow as JSON; deeds that need one have one of their own.
"""

import json
import re
from typing import Any

from queue_server.people.core import Role

from .places import NOTHING, Answer, Citizen, Desk, Hall

BODIES: dict[str, dict[str, Any]] = {
    "deferral": {"places": 1},
    "void": {"reason": "left the hall"},
    "priority-class": {"priority_class": "ill", "reason": "seen at the desk", "proof_seen": True},
    "pause": {"reason": "lunch", "minutes": 30},
    "hold": {"reason": "fetches a copy"},
    "transfer": {"group": "B", "reason": "belongs there"},
    "rules": {"near_ahead": 4},
    "groups": {"groups": ["A", "B"]},
    "loss": {"reason": "power cut"},
}
PUTS = ("pause", "rules", "groups")


class Story:
    """What happens in one hall."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.people: dict[str, Citizen] = {}
        self._desks: dict[str, Desk] = {}

    def tell(self, table: str) -> "Story":
        """One deed for each line, each of which must succeed."""
        for line in filter(None, map(str.strip, table.splitlines())):
            answer = self.do(line)
            assert answer is None or answer.status < 300, (line, answer)
        return self

    def do(self, line: str) -> Answer | None:
        """What one line came to."""
        words, _, written = line.partition("{")
        body = json.loads("{" + written) if written else None
        who, *deed = words.split()
        if deed[:2] == ["seconds", "pass"]:
            self.hall.server.time_passes(float(who))
            return None
        if deed[0] == "takes":
            return self._takes(who, deed[1], dict(zip(("priority_class",), deed[3:], strict=False)), body)
        if re.fullmatch(r"w\d\w?", who):
            return self._at_window(who, deed, body)
        if who in ("guide", "guide2", "manager"):
            return self._by_staff(who, deed, body)
        return self.people[who].asks(deed[0], body or BODIES.get(deed[0], NOTHING))

    def _takes(self, who: str, group: str, more: dict[str, str], body: dict[str, Any] | None) -> Answer:
        wish = body or {"group": group, "channel": "kiosk", **more}
        answer = self.hall.server.anybody.ask("POST", f"{self.hall.at}/tickets", wish)
        if answer.status == 201:
            self.people[who] = Citizen(self.hall, answer.json)
        return answer

    def _at_window(self, who: str, deed: list[str], body: dict[str, Any] | None) -> Answer:
        desk, name = self.desk(who), deed[0].removeprefix("-")
        sent = dict(body or BODIES.get(name, {}))
        if len(deed) > 1:
            sent["ticket"] = self.people[deed[1]].id
        if deed[0].startswith("-"):
            return desk.asks("DELETE", name)
        return desk.asks("PUT" if name in PUTS else "POST", name, sent)

    def _by_staff(self, role: str, deed: list[str], body: dict[str, Any] | None) -> Answer:
        if role == "guide2" and role not in self.hall.tokens:
            self.hall.tokens[role] = self.hall.new_account(Role.GUIDE)
        client, name = self.hall.by(role), deed[0].removeprefix("-")
        if len(deed) > 1:
            where = f"{self.hall.at}/tickets/{self.people[deed[1]].id}/{name}"
        elif "/" in name:
            where, name = f"{self.hall.at}/windows/{name}", name.split("/")[1]
        else:
            where = f"{self.hall.at}/{name}"
        method = "DELETE" if deed[0].startswith("-") else "PUT" if name in PUTS else "POST"
        return client.ask(method, where, body or BODIES.get(name, NOTHING) if method != "DELETE" else NOTHING)

    def desk(self, who: str) -> Desk:
        """A window; with a letter behind it the same one from another console of another clerk."""
        if who not in self._desks:
            token = self.hall.clerks[who] if who in self.hall.clerks else self.hall.new_account(Role.CLERK)
            self._desks[who] = self.hall.desk(who[:2], token)
        return self._desks[who]
