"""Every operation of the published API, with a body that says everything it can say."""

from dataclasses import dataclass, field
from typing import Any

from .places import Json

REASON = {"reason": "because"}
RULES: Json = {
    "near_ahead": 2, "near_seconds": 300, "recalls_max": 3, "recall_gap_seconds": 60, "call_grace_seconds": 180,
    "undo_seconds": 30, "return_within_seconds": 1800, "return_places": 3, "returns_max": 1,
    "hold_limit_seconds": 3600, "hops_max": 3, "defers_max": 2, "defer_places_max": 20,
    "green_in_a_row_max": 2, "ordinary_guard_seconds": 1800, "extension_seconds": 3600,
    "carry_over_waiting": False, "misses_itself": False,
}  # fmt: skip
BODIES: dict[str, Json] = {
    "tickets_issue": {
        "group": "A", "channel": "kiosk", "priority_class": "ill", "needs": ["voice"], "phone": "13800138000",
        "relative": True, "language": "zh", "scenarios": [],
    },
    "tickets_keep_following": {},
    "tickets_cancel": {},
    "tickets_defer": {"places": 3},
    "tickets_come_back": {},
    "tickets_acknowledge": {},
    "tickets_void": REASON,
    "tickets_change_class": {"priority_class": "ill", "proof_seen": True, **REASON},
    "tickets_bring_back": {},
    "guides_take": {},
    "guides_acknowledge": {},
    "windows_sign_in": {"take_over": False},
    "windows_pause": {"minutes": 15, **REASON},
    "windows_heartbeat": {},
    "windows_regroup": {"groups": ["A", "B"], "effective_at": "2026-11-30T01:00:00Z"},
    "windows_lose": REASON,
    "calls_call_next": {"ticket": "1", **REASON},
    "calls_recall": {},
    "calls_undo": {},
    "calls_miss": {},
    "servings_start": {},
    "servings_hold": {"minutes": 10, **REASON},
    "servings_resume": {"ticket": "1"},
    "servings_transfer": {"group": "B", "ticket": "1", **REASON},
    "servings_complete": {"outcomes": {"M01": "done"}, "overrun_reason": "slow"},
    "issuance_announce": {"name": "张三", "code": "JH-0178", "window": "w1", "days": 30},
    "halls_open_day": {},
    "halls_change_rules": RULES,
    "kiosks_print_slip": {"link_token": "A" * 22, "copy": True},
    "sessions_sign_in": {"login": "nobody-here", "password": "correct horse battery"},
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One way to ask something of the server."""

    id: str
    method: str
    path: str
    described: Json = field(repr=False)

    @property
    def body(self) -> Json | None:
        return BODIES.get(self.id)

    def at(self, **names: str) -> str:
        """The address, with these names in their places, and else with what every hall has or may have."""
        return self.path.format(**{"display_id": "lobby", "result_id": "1", **names})

    @property
    def names(self) -> list[str]:
        """What stands in the address."""
        return [each["name"] for each in self.described.get("parameters", ()) if each["in"] == "path"]


def operations(document: Json) -> dict[str, Operation]:
    """Every operation of a published description, by its id."""
    found = [
        Operation(described["operationId"], method.upper(), path, described)
        for path, item in document["paths"].items()
        for method, described in item.items()
    ]
    return {operation.id: operation for operation in found}


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a body something stands that could be something else."""
    if isinstance(value, dict) and value:
        return [leaf for name, each in value.items() for leaf in leaves(each, (*at, name))]
    if isinstance(value, list) and value:
        return [at, *(leaf for index, each in enumerate(value) for leaf in leaves(each, (*at, index)))]
    return [at] if at else []


def replaced(value: Any, at: tuple[Any, ...], other: Any) -> Any:
    """The body with something else at one place."""
    if not at:
        return other
    if isinstance(value, list):
        return [replaced(each, at[1:], other) if index == at[0] else each for index, each in enumerate(value)]
    return {name: replaced(each, at[1:], other) if name == at[0] else each for name, each in value.items()}
