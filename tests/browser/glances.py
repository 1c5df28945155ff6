"""What a hall may say to its guides and managers, for tests that play it."""

from typing import Any

from tests.browser.stage import NOW, View, board, both

GUIDE = {
    "account": {"id": "g1", "display_name": "流动导办甲", "staff_no": "g01", "role": "guide", "hall": "h1"}
}
MANAGER = {
    "account": {"id": "m1", "display_name": "大厅主管", "staff_no": "m01", "role": "manager", "hall": "h1"}
}
GENERAL = {"id": "A", "name": both("综合业务", "General business")}
WINDOW = {
    "id": "09",
    "label": both("9号窗口", "Window 9"),
    "zone": {"id": "Z1", "name": both("前台受理区", "Front intake"), "color": "indigo"},
    "direction": "up_right",
}
EARLIER = "2026-11-23T01:20:00.000Z"
ALARMS = [
    {"kind": "absent", "number": None, "window": "10", "group": None, "since": EARLIER},
    {"kind": "help", "number": "A007", "window": "09", "group": None, "since": EARLIER},
    {"kind": "unserved", "number": "A012", "window": None, "group": "A", "since": EARLIER},
    {"kind": "pause", "number": None, "window": "08", "group": None, "since": EARLIER},
    {"kind": "wait", "number": "A001", "window": None, "group": "A", "since": "2026-11-23T00:55:00.000Z"},
]


def task(number: str, *, called: bool = False, helper: str | None = None, **more: Any) -> View:
    """Somebody who is to be fetched; a helper called 流动导办甲 is who looks at the page."""
    mine = helper == GUIDE["account"]["display_name"]
    return {
        "id": str(int(number[1:])),
        "number": number,
        "group": GENERAL,
        "state": "called" if called else "waiting",
        "since": EARLIER,
        "called_at": EARLIER if called else None,
        "window": WINDOW if called else None,
        "ahead": None if called else 1,
        "why": ["relative", "wheelchair"],
        "priority_class": "elderly",
        "language": "zh",
        "acknowledged": False,
        "helper": None if helper is None else {"id": "g1" if mine else "g2", "name": helper},
        "helped_at": None if helper is None else NOW,
        **more,
    }


def person(number: str, state: str = "waiting", **more: Any) -> View:
    """An open ticket, as guides find it."""
    return {
        "id": str(int(number[1:])),
        "number": number,
        "group": GENERAL,
        "state": state,
        "issued_at": EARLIER,
        "ahead": 2 if state == "waiting" else None,
        "window": None,
        "priority_class": "elderly",
        "proof_seen": False,
        "needs": [],
        "reach": "relative",
        "followed": False,
        "missed_at": EARLIER if state == "missed" else None,
        "return_until": "2026-11-23T01:50:00.000Z" if state == "missed" else None,
        "can": {"return": state == "missed", "acknowledge": state == "called", "void": True},
        **more,
    }


def guide(tasks: list[View], seq: int = 1, *, missed: list[View] | None = None) -> View:
    """The guides' desk."""
    whole = board(seq)
    return {
        "type": "guide",
        "hall": {**whole["hall"], "open": True, "general_group": "A"},
        "epoch": "e1",
        "seq": seq,
        "as_of": NOW,
        "tasks_total": len(tasks),
        "tasks": tasks,
        "missed": missed or [],
        "groups": whole["groups"],
        "windows": [{"id": each["id"], "label": each["label"]} for each in whole["windows"]],
        "waiting": 6,
    }


def overview(seq: int = 1, *, attention: list[View] | None = None, hall_open: bool = True) -> View:
    """The hall at a glance: one window serves beyond its target, one is paused, one is away."""
    whole = board(seq, hall_open=hall_open)
    serving = {
        "id": "7",
        "number": "A007",
        "called_at": EARLIER,
        "serving_since": EARLIER,
        "service_seconds": 0.0,
        "target_minutes": 8,
    }
    more = (
        {"state": "paused", "pause": "meal", "paused_until": "2026-11-23T01:30:00.000Z"},
        {"state": "serving", "number": "A007", "ticket": serving, "busy_share": 0.81},
        {"state": "absent", "regroup_at": "2026-11-23T02:00:00.000Z", "next_groups": ["A"], "held": 1},
    )
    quiet = {
        "serves": ["A"],
        "since": EARLIER,
        "pause": None,
        "ticket": None,
        "held": 0,
        "served": 3,
        "busy_share": None,
        "next_groups": None,
        "regroup_at": None,
    }
    (group,) = whole["groups"]
    return {
        "type": "overview",
        "hall": whole["hall"],
        "epoch": "e1",
        "seq": seq,
        "as_of": NOW,
        "groups": [
            {
                **{key: group[key] for key in ("id", "name", "zone", "open", "waiting", "estimate", "windows")},
                "green": 1,
                "waits_since": "2026-11-23T00:55:00.000Z",
                "issued": 20,
                "served": 12,
                "missed": 2,
                "no_shows": 1,
                "spread": 0.22,
            }
        ],
        "windows": [{**window, **quiet, **state} for window, state in zip(whole["windows"], more, strict=True)],
        "tickets": {
            "waiting": 6, "called": 0, "serving": 1, "on_hold": 1, "missed": 0,
            "issued": 20, "served": 12, "no_shows": 1, "cancelled": 1,
        },
        "half_hours": [
            {"at": "2026-11-23T01:00:00.000Z", "issued": 14, "served": 7},
            {"at": "2026-11-23T01:30:00.000Z", "issued": 6, "served": 5},
        ],
        "help": {"open": 1, "taken": 4, "response_seconds": 48},
        "attention": attention or [],
    }  # fmt: skip
