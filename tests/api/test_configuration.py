"""Laying a hall out over HTTP: looked at before it is saved, live once it is, and never at anybody's expense."""

from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from queue_server.hall.core.paper import IEND, IHDR, PNG
from queue_server.people.core import Role
from queue_server.settings import Settings

from .places import Answer, Hall, Json, Server, served
from .test_contract import matter

LOGO = b64encode(PNG + IHDR + b"\0" * 50_000 + IEND).decode()


class Desk:
    """Whoever lays a hall out, with what they have seen of it."""

    def __init__(self, hall: Hall, role: str = "manager") -> None:
        self.hall = hall
        self.client = hall.by(role)
        self.at = f"/api/v1/configurations/{hall.id}"
        self.look()

    def look(self) -> None:
        seen = self.client.ask("GET", self.at).json
        self.version: int = seen["version"]
        self.paper: Json = seen["configuration"]

    def draft(self, **more: object) -> Json:
        return {"version": self.version, "configuration": self.paper, **more}

    def saves(self, **more: Any) -> Answer:
        return self.client.ask("PUT", self.at, self.draft(), **more)

    def previews(self) -> Json:
        answer = self.client.ask("POST", f"{self.at}/preview", self.draft())
        assert answer.status == 200, answer
        return answer.json

    def without(self, kind: str, thing_id: str) -> None:
        self.paper[kind] = [thing for thing in self.paper[kind] if thing["id"] != thing_id]


@pytest.fixture
def desk(hall: Hall) -> Desk:
    return Desk(hall)


def group(group_id: str) -> Json:
    return {"id": group_id, "name": {"zh": "新业务", "en": "New"}, "prefix": group_id}


def moved(desk: Desk, window_id: str, *groups: str) -> None:
    """Let a window serve other groups, on paper."""
    for window in desk.paper["windows"]:
        if window["id"] == window_id:
            window["group_ids"] = list(groups)


# ── At once, and at nobody's expense ─────────────────────────────────────────────────────────────


def test_what_is_read_can_be_saved_as_it_is(desk: Desk) -> None:
    assert desk.saves().status == 200
    before = desk.paper
    desk.look()
    assert desk.paper == before


def test_an_open_hall_goes_on_as_the_new_version_says(hall: Hall, desk: Desk) -> None:
    anna = hall.takes()
    desk.paper["groups"].append(group("N"))
    moved(desk, "w1", "A", "N")
    assert desk.saves().json["version"] == 2
    assert "N" in [each["id"] for each in hall.board()["groups"]]
    assert hall.board()["version"] == 2
    assert hall.takes("N").ticket["number"] == "N001"
    assert anna.sees()["state"] == "waiting"


def test_a_window_that_is_moved_finishes_its_service_and_calls_from_the_new_group(
    hall: Hall, desk: Desk
) -> None:
    hall.takes("A")
    hall.takes("B")
    clerk = hall.desk("w1", hall.clerks["w2"]).does("session", "calls", "start")
    moved(desk, "w1", "B")
    assert desk.saves().status == 200
    clerk.does("completion", "calls")
    assert clerk.sees()["ticket"]["number"] == "B001"


def test_a_group_with_people_is_not_struck_and_the_refusal_names_them(hall: Hall, desk: Desk) -> None:
    hall.takes("B")
    hall.takes("B")
    desk.without("groups", "B")
    moved(desk, "w2", "A")
    moved(desk, "w3", "F")
    answer = desk.saves()
    assert answer.said == (409, "group_stranded")
    assert answer.json["title_zh"] == "B组还有2人等候或办理中（B001, B002），更改后将没有窗口办理该窗口组。"
    assert hall.board()["version"] == 1
    assert desk.client.ask("GET", desk.at).json["version"] == 1


def test_a_window_is_not_taken_from_the_clerk_who_sits_there(hall: Hall, desk: Desk) -> None:
    hall.desk("w1").does("session")
    desk.without("windows", "w1")
    answer = desk.saves()
    assert answer.said == (409, "window_in_use")
    assert answer.json["title"].startswith("Clerk w1 is signed in at window w1.")


def test_a_window_moved_for_the_day_stays_so_when_something_else_is_saved(hall: Hall, desk: Desk) -> None:
    hall.by("manager").ask("PUT", f"{hall.at}/windows/w1/groups", {"groups": ["B"]})
    desk.paper["notices"] = [{"id": "n", "text": {"zh": "静", "en": "Quiet"}}]
    assert desk.saves().status == 200
    assert hall.board()["windows"][0]["groups"] == ["B"]


def test_a_matter_whose_group_is_gone_goes_to_general_business(hall: Hall, desk: Desk) -> None:
    house = hall.server.house
    hall.server.do(house.catalogue.put_matters(hall.id, [matter("M01", "F")], by="test"))
    desk.without("groups", "F")
    desk.paper["about"]["general_group_id"] = "B"
    moved(desk, "w3", "B")
    assert desk.saves().status == 200
    wish = {"matters": ["M01"], "channel": "kiosk"}
    assert hall.server.anybody.ask("POST", f"{hall.at}/tickets", wish).json["group"] == "B"
    line = desk.client.ask("GET", f"{hall.at}/directory").json["matters"][0]
    assert (line["group"], line["lost"]) == ("F", True)


def test_rules_hold_as_soon_as_they_are_saved(hall: Hall, desk: Desk) -> None:
    desk.paper["rules"]["recalls_max"] = 7
    desk.saves()
    assert hall.server.do(hall.server.house.queues.halls.current(hall.id)).rules.recalls_max == 7


# ── Looking before saving ────────────────────────────────────────────────────────────────────────


def test_a_preview_says_what_would_change_and_changes_nothing(hall: Hall, desk: Desk) -> None:
    seq = hall.seq()
    moved(desk, "w1", "B")
    preview = desk.previews()
    assert preview["changes"] == [{"zh": "窗口 w1 的业务：A → B", "en": "Window w1, groups: A → B"}]
    assert (preview["problems"], preview["newest"], len(preview["days"])) == ([], 1, 14)
    assert hall.seq() == seq


def test_a_preview_says_who_is_in_the_way(hall: Hall, desk: Desk) -> None:
    hall.takes("F")
    moved(desk, "w3", "B")
    desk.without("groups", "F")
    (said,) = [each for each in desk.previews()["consequences"] if each["blocks"]]
    assert "F001" in said["zh"]


def test_a_preview_warns_of_a_group_that_nobody_is_trained_for_and_lets_it_be_saved(desk: Desk) -> None:
    desk.paper["groups"].append(group("N"))
    moved(desk, "w1", "A", "N")
    (caution,) = desk.previews()["cautions"]
    assert caution["zh"] == "没有工作人员具备窗口组 N 的资格，取了号也无人办理。"
    assert desk.saves().status == 200


def test_hours_are_shown_as_the_calendar_reads_them(desk: Desk) -> None:
    desk.paper["hours"] = {
        "always": False,
        "weekly": {"tue": [{"opens": "09:00", "closes": "24:00"}]},
        "exceptions": [{"day": "2026-12-01", "spans": []}],
    }
    days = {day["day"]: day["openings"] for day in desk.previews()["days"]}
    assert days.get("2026-12-01", []) == []
    open_days = [day for day, openings in days.items() if openings]
    assert all(days[day][0]["opens_at"].endswith("T01:00:00Z") for day in open_days)


# ── What cannot be ───────────────────────────────────────────────────────────────────────────────

WRONG: dict[str, tuple[Callable[[Json], object], str]] = {
    "an empty name": (lambda p: p["about"]["name"].update(zh=" "), "about.name.zh"),
    "a name that turns the text round": (lambda p: p["groups"][0]["name"].update(zh="\u202eabc"), "groups.0.name.zh"),
    "a name of 4,000 characters": (lambda p: p["groups"][0]["name"].update(zh="长" * 4000), "groups.0.name.zh"),
    "a small prefix": (lambda p: p["groups"][0].update(prefix="a"), "groups.0.prefix"),
    "a number as prefix": (lambda p: p["groups"][0].update(prefix="1"), "groups.0.prefix"),
    "an id with a slash": (lambda p: p["windows"][0].update(id="a/b"), "windows.0.id"),
    "a rule out of bounds": (lambda p: p["rules"].update(call_grace_seconds=5), "rules.call_grace_seconds"),
    "a clock of 25 hours": (
        lambda p: p["hours"].update(weekly={"mon": [{"opens": "25:00", "closes": "24:00"}]}), "hours.weekly.mon.0.opens"
    ),
    "an unknown weekday": (lambda p: p["hours"].update(weekly={"someday": []}), "hours.weekly"),
    "an unknown colour": (lambda p: p["about"]["zones"][0].update(color="neon"), "about.zones.0.color"),
    "three characters in the seal": (lambda p: p["look"].update(seal="政务厅"), "look.seal"),
    "a printer with a command": (
        lambda p: p["devices"].insert(0, {"id": "K", "kind": "kiosk", "name": p["about"]["name"], "printer": "a b"}),
        "devices.0.printer",
    ),
    "too many windows": (lambda p: p["windows"].extend([dict(p["windows"][0])] * 300), "windows"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_read_is_refused_where_it_stands(desk: Desk, what: str) -> None:
    change, where = WRONG[what]
    change(desk.paper)
    answer = desk.saves()
    assert answer.said == (422, "invalid_request")
    assert f"body.configuration.{where}" in [each["where"] for each in answer.json["errors"]]


def test_what_contradicts_itself_is_refused_with_everything_that_is_wrong(hall: Hall, desk: Desk) -> None:
    desk.paper["groups"].append({**group("N"), "prefix": "A"})
    desk.paper["look"]["accent"] = "#e8b339"
    answer = desk.saves()
    assert answer.said == (422, "configuration_wrong")
    assert [each["where"] for each in answer.json["problems"]] == [
        "groups.3.prefix",
        "groups.3.windows",
        "look.accent",
    ]
    assert all(each["message"] and each["message_zh"] for each in answer.json["problems"])
    assert hall.board()["version"] == 1


def test_a_hall_with_its_logo_is_not_too_large(desk: Desk) -> None:
    desk.paper["look"]["logo"] = LOGO
    assert desk.saves().status == 200


def test_a_configuration_beyond_every_limit_is_too_large(desk: Desk) -> None:
    desk.paper["look"]["logo"] = "A" * 500_000
    assert desk.saves().status == 413


# ── Two at once ──────────────────────────────────────────────────────────────────────────────────


def test_the_second_of_two_is_told_that_somebody_saved_meanwhile(hall: Hall, desk: Desk) -> None:
    other = Desk(hall, "admin+")
    desk.paper["about"]["name"]["zh"] = "甲厅"
    other.paper["about"]["name"]["zh"] = "乙厅"
    assert desk.saves().status == 200
    assert other.saves().said == (409, "configuration_moved")
    assert hall.board()["hall"]["name"]["zh"] == "甲厅"


def test_of_many_who_save_at_once_through_two_servers_one_wins_each_version(
    hall: Hall, hall_settings: Settings
) -> None:
    with served(hall_settings) as second:
        clients = [
            server.client(hall.new_account(Role.MANAGER))
            for server in (hall.server, second)
            for _ in range(3)
        ]
        draft = Desk(hall).draft()

        def save(client: Any) -> Answer:
            return client.ask("PUT", f"/api/v1/configurations/{hall.id}", draft)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(save, clients))
    assert sorted(answer.said for answer in answers) == [(200, ""), *[(409, "configuration_moved")] * 5]
    assert Desk(hall).version == 2


def test_a_repeated_save_is_one_version(desk: Desk) -> None:
    first = desk.saves(key="k1")
    assert desk.saves(key="k1").body == first.body
    desk.look()
    assert desk.version == 2


# ── The way back ─────────────────────────────────────────────────────────────────────────────────


def test_an_earlier_version_comes_back_as_the_newest(hall: Hall, desk: Desk) -> None:
    before = desk.client.ask("GET", desk.at).json["configuration"]
    desk.paper["about"]["name"]["zh"] = "新名"
    desk.saves()
    answer = desk.client.ask("POST", f"{desk.at}/versions/1/restoration", {"version": 2})
    assert answer.json["version"] == 3
    assert answer.json["configuration"] == before
    assert hall.board()["hall"]["name"]["zh"] == before["about"]["name"]["zh"]


def test_a_way_back_that_strands_somebody_is_refused_too(hall: Hall, desk: Desk) -> None:
    desk.paper["groups"].append(group("N"))
    moved(desk, "w1", "A", "N")
    desk.saves()
    hall.takes("N")
    answer = desk.client.ask("POST", f"{desk.at}/versions/1/restoration", {"version": 2})
    assert answer.said == (409, "group_stranded")


def test_a_version_that_never_was_cannot_come_back(desk: Desk) -> None:
    answer = desk.client.ask("POST", f"{desk.at}/versions/9/restoration", {"version": 1})
    assert answer.said == (404, "version_unknown")


def test_the_history_says_who_changed_what_and_why(hall: Hall, desk: Desk) -> None:
    moved(desk, "w1", "B")
    desk.client.ask("PUT", desk.at, desk.draft(note="支援市场准入"))
    newest, first = desk.client.ask("GET", f"{desk.at}/versions").json["versions"]
    assert newest["changes"] == [{"zh": "窗口 w1 的业务：A → B", "en": "Window w1, groups: A → B"}]
    assert newest["note"] == "支援市场准入"
    assert newest["changed_by"].startswith("manager:")
    assert (first["version"], first["first"], first["changes"]) == (1, True, [])


def test_rules_changed_alone_are_a_version_as_well(hall: Hall, desk: Desk) -> None:
    hall.by("manager").ask("PUT", f"{hall.at}/rules", {"near_ahead": 5})
    assert desk.saves().said == (409, "configuration_moved")
    newest, _ = desk.client.ask("GET", f"{desk.at}/versions").json["versions"]
    assert newest["changes"] == [
        {
            "zh": "规则“临近提醒：前面人数”：3人 → 5人",
            "en": "Rule “Reminder: people ahead”: 3 people → 5 people",
        }
    ]


# ── New halls ────────────────────────────────────────────────────────────────────────────────────


def test_a_new_hall_takes_tickets_when_its_day_is_open(hall: Hall, hall_server: Server) -> None:
    admin = hall.by("admin+")
    new = {"id": f"{hall.id}-n", "name_zh": "新厅", "name_en": "New hall", "timezone": "UTC"}
    assert admin.ask("POST", "/api/v1/configurations", new).status == 201
    assert admin.ask("POST", "/api/v1/configurations", new).said == (409, "hall_exists")
    desk = Desk(Hall(hall_server, new["id"], {}, hall.tokens), "admin+")
    desk.paper["hours"]["always"] = True
    assert desk.saves().json["version"] == 2
    assert admin.ask("POST", f"/api/v1/halls/{new['id']}/day").status == 201
    wish = {"group": "A", "channel": "kiosk"}
    assert (
        hall_server.anybody.ask("POST", f"/api/v1/halls/{new['id']}/tickets", wish).json["number"] == "A001"
    )


def test_an_admin_of_one_hall_founds_no_other(hall: Hall) -> None:
    new = {"id": "mine", "name_zh": "新厅", "name_en": "New hall"}
    answer = hall.server.client(hall.new_account(Role.ADMIN)).ask("POST", "/api/v1/configurations", new)
    assert answer.said == (403, "role_missing")


@pytest.mark.parametrize(
    ("name", "value"), [("id", "Big"), ("id", "a/b"), ("name_zh", ""), ("timezone", "../etc")]
)
def test_a_hall_that_cannot_be_is_not_founded(hall: Hall, name: str, value: str) -> None:
    new = {"id": "fine", "name_zh": "新厅", "name_en": "New hall", "timezone": "UTC", name: value}
    assert hall.by("admin+").ask("POST", "/api/v1/configurations", new).said == (422, "invalid_request")


def test_a_hall_in_no_time_zone_is_not_founded(hall: Hall) -> None:
    new = {"id": "fine", "name_zh": "新厅", "name_en": "New hall", "timezone": "Mars/Olympus"}
    answer = hall.by("admin+").ask("POST", "/api/v1/configurations", new)
    assert answer.said == (422, "configuration_wrong")


# ── Matters ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def line(hall: Hall) -> str:
    """The address of a matter in the directory."""
    hall.server.do(hall.server.house.catalogue.put_matters(hall.id, [matter("M01", "A")], by="test"))
    return f"{hall.at}/directory/M01"


CHANGED: Json = {"group": "B", "target_minutes": 25, "active": True, "synonyms": ["落户", "落户"]}


def test_a_matter_is_done_elsewhere_as_soon_as_it_is_saved(hall: Hall, line: str) -> None:
    answer = hall.by("manager").ask("PUT", line, CHANGED)
    assert (answer.json["group"], answer.json["synonyms"]) == ("B", ["落户"])
    wish = {"matters": ["M01"], "channel": "kiosk"}
    assert hall.server.anybody.ask("POST", f"{hall.at}/tickets", wish).json["group"] == "B"


def test_a_closed_matter_says_so(hall: Hall, line: str) -> None:
    hall.by("manager").ask("PUT", line, {**CHANGED, "active": False})
    wish = {"matters": ["M01"], "channel": "kiosk"}
    assert hall.server.anybody.ask("POST", f"{hall.at}/tickets", wish).said == (409, "matter_closed")
    (kept,) = hall.by("manager").ask("GET", f"{hall.at}/directory").json["matters"]
    assert not kept["active"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"group": "Z"}, (404, "group_unknown")),
        ({"target_minutes": 0}, (422, "invalid_request")),
        ({"synonyms": [" "]}, (422, "invalid_request")),
    ],
)
def test_a_matter_that_cannot_be_so_stays_as_it_was(
    hall: Hall, line: str, changed: Json, said: tuple[int, str]
) -> None:
    assert hall.by("manager").ask("PUT", line, {**CHANGED, **changed}).said == said
    (kept,) = hall.by("manager").ask("GET", f"{hall.at}/directory").json["matters"]
    assert kept["group"] == "A"


def test_a_repeated_change_of_a_matter_does_not_undo_a_later_one(hall: Hall, line: str) -> None:
    manager = hall.by("manager")
    first = manager.ask("PUT", line, CHANGED, key="k1")
    manager.ask("PUT", line, {**CHANGED, "group": "A"})
    assert manager.ask("PUT", line, CHANGED, key="k1").body == first.body
    (kept,) = manager.ask("GET", f"{hall.at}/directory").json["matters"]
    assert kept["group"] == "A"
