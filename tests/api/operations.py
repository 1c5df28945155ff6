"""Every operation of the published API, with a body that says everything it can say."""

from dataclasses import dataclass, field
from typing import Any

from .places import Json

REASON = {"reason": "because"}
RULES: Json = {
    "near_ahead": 2, "near_seconds": 300, "recalls_max": 3, "recall_gap_seconds": 60, "call_grace_seconds": 180,
    "undo_seconds": 30, "return_within_seconds": 1800, "return_places": 3, "returns_max": 1,
    "hold_limit_seconds": 3600, "hops_max": 3, "defers_max": 2, "defer_places_max": 20,
    "widened_seconds_min": 900, "green_head_start_seconds": 1800, "overtaken_max": 5,
    "green_in_a_row_max": 2, "ordinary_guard_seconds": 1800, "extension_seconds": 3600,
    "open_before_seconds": 3600, "number_width": 3, "carry_over_waiting": False, "skill_gap_blocks": False,
    "misses_itself": False, "presence_required": False, "words_from_afar": True, "phone_code_required": False,
    "account_code": False, "wechat_binding": False, "tickets_per_person_max": 2,
}  # fmt: skip
NAME: Json = {"zh": "名称", "en": "Name"}
SPANS: Json = {"mon": [{"opens": "09:00", "closes": "17:00", "groups": ["A"]}]}
CONFIGURATION: Json = {
    "about": {
        "name": NAME, "timezone": "Asia/Shanghai", "general_group_id": "A",
        "zones": [
            {"id": "Z1", "name": NAME, "color": "pine", "area": {"x": 1.0, "y": 1.0, "width": 5.0, "height": 5.0}},
        ],
        "plan": {
            "width": 48.0, "height": 28.0, "waiting": {"x": 24.0, "y": 14.0}, "entrance": {"x": 38.0, "y": 28.0},
        },
    },
    "hours": {
        "always": False, "weekly": SPANS, "extended": {}, "roster": {},
        "exceptions": [{"day": "2026-12-31", "spans": []}], "holidays": "china",
    },
    "rules": RULES,
    "groups": [
        {
            "id": "A", "name": NAME, "prefix": "A", "green_prefix": "L", "zone_id": "Z1", "capacity": 90,
            "mean_seconds": 600.0, "target_seconds": 1800, "undifferentiated": True, "kind": "comprehensive",
        },
    ],
    "windows": [
        {
            "id": "w1", "name": NAME, "group_ids": ["A"], "zone_id": "Z1", "green": True,
            "spot": {"x": 3.0, "y": 2.0}, "accessible": True, "kind": "green",
        },
    ],
    "layouts": [{"id": "wide", "name": NAME, "panels": ["calls"], "zone_id": "Z1"}],
    "devices": [
        {
            "id": "K1", "kind": "kiosk", "name": NAME, "zone_id": "Z1", "spot": {"x": 3.0, "y": 2.0},
            "layout_id": "wide", "window_id": "w1", "printer": "192.0.2.7:9100", "elder": True,
        },
    ],
    "notices": [
        {
            "id": "n1", "text": NAME, "kind": "notice", "from_at": "2026-11-30T01:00:00Z",
            "until_at": "2026-12-30T01:00:00Z",
        },
    ],
    "look": {"seal": "静号", "accent": "#2f5d50", "logo": ""},
}  # fmt: skip
ACCOUNT: Json = {
    "login": "new-one", "display_name": "新人", "staff_no": "n1", "role": "clerk", "hall": None, "mentor": None,
    "disabled": False, "skills": {"A": "primary"},
}  # fmt: skip
GUIDE: Json = {
    "conditions": NAME, "questions": [{"code": "q", "text": NAME, "options": [{"code": "a", "text": NAME}]}],
    "scenarios": [{"code": "s", "name": NAME, "when": {"q": ["a"]}, "group": "A"}],
    "materials": [
        {
            "name": NAME, "source": "office", "source_note": NAME, "form": "copy", "copies": 2, "filled_in": True,
            "blank": "/blank.pdf", "sample": "/sample.pdf", "tolerable": True, "exempt": False, "only": ["s"],
        },
    ],
    "steps": [{"name": NAME, "who": NAME, "days": 3}], "process": NAME,
    "statutory_days": 20, "committed_days": 5, "place": NAME,
    "hours": NAME, "phone": "0826-2222222", "complaints": "0826-12345", "charged": True, "fee": NAME,
    "fee_basis": NAME, "result": NAME, "result_is_document": True, "result_sample": "/result.pdf", "basis": NAME,
    "visits": 2, "visits_because": NAME,
}  # fmt: skip
SHORT_GUIDE: Json = {**GUIDE, "questions": [], "scenarios": [], "materials": [], "steps": []}
ON_VERSION: Json = {"version": 1}
PRINTED: Json = {"number": "JY1", "scope": "热食", "issued_on": "2026-11-23", "valid_until": "2031-11-22"}
SUGGESTION: Json = {
    "title": "平面图怎么画",
    "body": "标明操作间。",
    "title_en": "Floor plans",
    "body_en": "Show the kitchen.",
    "kind": "sample",
    "about": ["M01"],
    "from_case": "1",
}
NAMES = {
    "case_id": "1", "place": "0", "entry_id": "1", "suggestion": "1", "document_id": "1", "manifest_id": "1",
    "rating_id": "1", "token": "x",
    "window_id": "w1", "device_id": "K1", "display_id": "lobby", "result_id": "1", "version": "1", "code": "M01",
    "number": "A001",
}  # fmt: skip
BODIES: dict[str, Json] = {
    "tickets_issue": {
        "group": "A", "channel": "kiosk", "priority_class": "ill", "needs": ["voice"], "phone": "13800138000",
        "relative": True, "language": "zh", "scenarios": [],
    },
    "tickets_keep_following": {},
    "tickets_walk": {"minutes": 10},
    "tickets_send_code": {"phone": "13800138000", "language": "zh"},
    "tickets_bind": {"code": "123456", "relative": True, "language": "zh"},
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
    "forecasts_rehearse": {
        "open": [{"group": "A", "windows": 1, "minutes": 40}],
        "leave": [{"window": "w1", "at": "2026-11-30T01:00:00Z", "minutes": 15}],
        "green_head_start_seconds": 600,
    },
    "forecasts_forget": REASON,
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
    "issuance_make": {"case": "1", "electronic": False, **PRINTED},
    "issuance_fix": {**PRINTED, **ON_VERSION},
    "issuance_hand_over": {"documents": ["1"]},
    "issuance_correct": {"again": ["1"], "kept": [], **ON_VERSION},
    "issuance_count": {"found": ["1"], **ON_VERSION},
    "issuance_file": {"place": "A-03", **ON_VERSION},
    "issuance_check": {"right": {"name": True}, "note": "why", **ON_VERSION},
    "issuance_mail": {
        "carrier": "EMS", "waybill": "EX123456785CN", "payer": "hall", "address": "某路1号", "proof": "/9j/AAAA",
        **ON_VERSION,
    },
    "issuance_arrive": {"arrived": False, "place": "A-03", "reason": "why", **ON_VERSION},
    "issuance_deliver": {
        "code": "38420197", "documents": ["1"], "kind": "resident", "tail": "002X", "looked_at": ["1"],
        "agent": {"kind": "permit", "name": "李某", "number": "E1234567", "entrustment": "公证委托书"},
        "signature": "M1 1" + "L2 2" * 9,
    },
    "ratings_rate": {"level": 2, "aspects": {"attitude": 1}, "comment": "why"},
    "ratings_answer": {"reply": "why"},
    "cases_open_case": {"ticket": "1", "matter": "M01"},
    "cases_choose": {"scenario": "new", **ON_VERSION},
    "cases_name_applicant": {"kind": "resident", "name": "张三", "number": "11010519491231002X", **ON_VERSION},
    "cases_mark": {
        "mark": "defective", "fault": "expired", "note": "2019", "form": "copy", "pages": 2, **ON_VERSION,
    },
    "cases_receive": ON_VERSION,
    "cases_notify": ON_VERSION,
    "cases_approve_notice": {**REASON, **ON_VERSION},
    "cases_accept": {"supply_on": "2026-11-30", **ON_VERSION},
    "cases_refuse": {"reason": "not_competent", "note": "why", **ON_VERSION},
    "cases_withdraw": ON_VERSION,
    "cases_take_up": ON_VERSION,
    "cases_pause": {"reason": "hearing", "note": "why", **ON_VERSION},
    "cases_resume": ON_VERSION,
    "cases_decide": {"approved": False, "note": "why", "handed_over": False, **ON_VERSION},
    "tasks_take": ON_VERSION,
    "tasks_give": {"agreed": False, "note": "why", **ON_VERSION},
    "tasks_lack": {"material": 0, "fault": "expired", "note": "why", **ON_VERSION},
    "tasks_notify": ON_VERSION,
    "agents_entrust": {
        "matter": "M01", "scenario": "new", "entruster": "applicant", "paper_seen": True, "marks": ["present", None],
        "applicant": {"kind": "resident", "name": "张三", "number": "11010519491231002X"},
        "contact": {"phone": "13800138000", "of": "applicant", "language": "zh", "consent": True},
    },
    "arrivals_register": {
        "matter": "M01", "scenario": "new", "way_back": "mail",
        "applicant": {"kind": "resident", "name": "张三", "number": "11010519491231002X"},
        "parcel": {"carrier": "EMS", "waybill": "EX100000001CN", "posted_on": "2026-11-20"},
        "contact": {"phone": "13800138000", "of": "applicant", "language": "zh", "consent": True},
    },
    "arrivals_add_parcel": {
        "parcel": {"carrier": "EMS", "waybill": "EX100000001CN", "posted_on": "2026-11-20"}, **ON_VERSION
    },
    "agents_deliver": {"returned": [0], "kept": [1], "signed": True, **ON_VERSION},
    "delegations_write": {"ends_on": "2027-11-30", "ask": "x01"},
    "delegations_ask": {"ends_on": "2028-11-30", **REASON},
    "delegations_settle": {"approved": True},
    "matter_guides_change": {"version": 0, "guide": SHORT_GUIDE},
    "matter_guides_save": {"revision": 0, "guide": GUIDE, "hand_in": False},
    "matter_guides_publish": {"revision": 1},
    "matter_guides_restore": {"version": 2, "earlier": 1},
    "matter_guides_suggest": {"version": 0, "guide": SHORT_GUIDE, **REASON},
    "cases_judge": {"passed": False, "note": "why", **ON_VERSION},
    "cases_cite": {"entry": "1", "entry_version": 1, **ON_VERSION},
    "cases_ask": {"text": "why"},
    "cases_answer": {"text": "why"},
    "cases_cite_answer": ON_VERSION,
    "cases_put_points": {
        "points": [
            {
                "item_zh": "布局", "item_en": "Layout", "method_zh": "看图", "method_en": "Read", "standard_zh": "清楚",
                "standard_en": "Clear",
            },
        ],
    },
    "knowledge_suggest": SUGGESTION,
    "knowledge_write": {**SUGGESTION, "version": 1, "state": "published"},
    "knowledge_miss": {"query": "消防", "matter": "M01"},
    "halls_open_day": {},
    "halls_change_rules": RULES,
    "kiosks_print_slip": {"link_token": "A" * 22, "copy": True},
    "configurations_found": {"id": "new", "name_zh": "新厅", "name_en": "New hall", "timezone": "Asia/Shanghai"},
    "configurations_save": {"version": 1, "note": "why", "configuration": CONFIGURATION},
    "configurations_preview": {"version": 1, "note": "why", "configuration": CONFIGURATION},
    "configurations_restore": {"version": 1},
    "directory_change": {"group": "A", "target_minutes": 15, "active": True, "synonyms": ["居住证"]},
    "accounts_create": ACCOUNT,
    "accounts_change": ACCOUNT,
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
        return self.path.format(**{**NAMES, **names})

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
