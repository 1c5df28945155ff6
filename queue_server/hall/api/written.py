"""A hall on paper as it goes over the wire: strict, within limits, and in words that can be shown.

What only holds while the hall is open (who sits at a window, which matters a group has today) is left out.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import Field, StringConstraints

from queue_server.hall.api.models import RulesRequest
from queue_server.hall.core.model import Rules
from queue_server.hall.core.paper import Configuration
from queue_server.kit.web.fields import Body, Id, Instant, ShortText

ZONES_MAX: Final = 40
GROUPS_MAX: Final = 60
WINDOWS_MAX: Final = 300
LAYOUTS_MAX: Final = 40
DEVICES_MAX: Final = 300
NOTICES_MAX: Final = 100
SPANS_MAX: Final = 6  # Of one day.
EXCEPTIONS_MAX: Final = 400
PLAN_METRES_MAX: Final = 1000
LOGO_CHARACTERS_MAX: Final = 90_000  # 64 KB in base64, and a little more so that the sentence is ours.

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OF_A_WINDOW: Final = ("session", "ticket_id", "held", "next_group_ids", "regroup_at", "widened")

ZoneColour = Literal[
    "", "indigo", "pine", "ochre", "plum", "slate", "rust"
]  # By their names in the token file.
Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Metres = Annotated[float, Field(ge=0, le=PLAN_METRES_MAX)]
Extent = Annotated[float, Field(gt=0, le=PLAN_METRES_MAX)]
Printer = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9._:/\[\]-]{1,200})?$")]


class WrittenName(Body):
    """What people read, in both languages."""

    zh: ShortText
    en: ShortText


class WrittenSpot(Body):
    """A point of the floor plan, in metres."""

    x: Metres
    y: Metres


class WrittenArea(WrittenSpot):
    """A rectangle of the floor plan, in metres."""

    width: Extent
    height: Extent


class WrittenPlan(Body):
    """The floor plan."""

    width: Extent
    height: Extent
    waiting: WrittenSpot
    entrance: WrittenSpot


class WrittenZone(Body):
    """A part of the hall."""

    id: Id
    name: WrittenName
    color: ZoneColour = ""
    area: WrittenArea | None = None


class WrittenAbout(Body):
    """What a hall is called, where it is on the clock, its zones."""

    name: WrittenName
    timezone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+/-]{1,59}$")]
    zones: list[WrittenZone] = Field(default_factory=list, max_length=ZONES_MAX)
    general_group_id: Id | None = None
    plan: WrittenPlan | None = None


class WrittenSpan(Body):
    """From when to when, and for which groups (null: for all)."""

    opens: Clock
    closes: Clock
    groups: list[Id] | None = Field(None, min_length=1, max_length=GROUPS_MAX)


class WrittenWeek(Body):
    """Spans by the day of the week."""

    mon: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)
    tue: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)
    wed: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)
    thu: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)
    fri: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)
    sat: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)
    sun: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)


class WrittenException(Body):
    """A date that differs; without spans the hall is closed."""

    day: Day
    spans: list[WrittenSpan] = Field(default_factory=list, max_length=SPANS_MAX)


class WrittenHours(Body):
    """When the hall is open. `always` is around the clock, whatever else is written."""

    always: bool = False
    weekly: WrittenWeek = WrittenWeek()
    extended: WrittenWeek = WrittenWeek()
    roster: WrittenWeek = WrittenWeek()
    exceptions: list[WrittenException] = Field(default_factory=list, max_length=EXCEPTIONS_MAX)
    holidays: Literal["none", "china"] = "none"


class WrittenGroup(Body):
    """A pool of windows that share one queue."""

    id: Id
    name: WrittenName
    prefix: Prefix
    green_prefix: Prefix | None = None
    zone_id: Id | None = None
    capacity: int | None = Field(None, ge=1, le=10_000)
    mean_seconds: float = Field(600.0, ge=10, le=28_800)
    target_seconds: int | None = Field(None, ge=60, le=28_800)
    undifferentiated: bool = False
    kind: Literal["comprehensive", "professional", "issuance", "consultation"] = "comprehensive"


class WrittenWindow(Body):
    """One numbered desk."""

    id: Id
    name: WrittenName
    group_ids: list[Id] = Field(max_length=GROUPS_MAX)
    zone_id: Id | None = None
    green: bool = False
    spot: WrittenSpot | None = None
    accessible: bool = False
    kind: Literal["comprehensive", "professional", "green", "issuance", "consultation"] = "comprehensive"


class WrittenLayout(Body):
    """Which panels a display shows, and of which zone."""

    id: Id
    name: WrittenName
    panels: list[Id] = Field(min_length=1, max_length=20)
    zone_id: Id | None = None


class WrittenDevice(Body):
    """A display or a kiosk."""

    id: Id
    kind: Literal["display", "kiosk"]
    name: WrittenName
    zone_id: Id | None = None
    spot: WrittenSpot | None = None
    layout_id: Id | None = None
    window_id: Id | None = None
    printer: Printer = ""
    elder: bool = False


class WrittenNotice(Body):
    """A sentence for the screens."""

    id: Id
    text: WrittenName
    kind: Literal["notice", "etiquette"] = "notice"
    from_at: Instant | None = None
    until_at: Instant | None = None


class WrittenLook(Body):
    """What makes the pages of one hall its own."""

    seal: Annotated[ShortText, StringConstraints(max_length=2)] = "静"
    accent: Annotated[str, StringConstraints(max_length=7)] = ""
    logo: Annotated[str, StringConstraints(max_length=LOGO_CHARACTERS_MAX)] = ""


class WrittenConfiguration(Body):
    """A hall on paper."""

    about: WrittenAbout
    hours: WrittenHours
    rules: RulesRequest
    groups: list[WrittenGroup] = Field(max_length=GROUPS_MAX)
    windows: list[WrittenWindow] = Field(max_length=WINDOWS_MAX)
    layouts: list[WrittenLayout] = Field(default_factory=list, max_length=LAYOUTS_MAX)
    devices: list[WrittenDevice] = Field(default_factory=list, max_length=DEVICES_MAX)
    notices: list[WrittenNotice] = Field(default_factory=list, max_length=NOTICES_MAX)
    look: WrittenLook = WrittenLook()


# ── From the wire to paper, and back ─────────────────────────────────────────────────────────────


def on_paper(hall_id: str, written: WrittenConfiguration) -> Configuration:
    """What was written, as the hall keeps it."""
    document = written.model_dump()
    document["id"] = hall_id
    document["hours"] = hours_on_paper(document["hours"])
    document["rules"] = Rules(**written.rules.model_dump(exclude_none=True))
    return msgspec.convert(document, Configuration)


def hours_on_paper(hours: dict[str, Any]) -> Any:
    """Hours as the calendar reads them."""
    if hours["always"]:
        return "always"
    parts = {part: week_on_paper(hours[part]) for part in ("weekly", "extended", "roster")}
    exceptions = {each["day"]: spans_on_paper(each["spans"]) for each in hours["exceptions"]}
    return {**parts, "exceptions": exceptions, "holidays": hours["holidays"]}


def week_on_paper(week: dict[str, Any]) -> dict[str, Any]:
    """The days of a week on which anything is written."""
    return {weekday: spans_on_paper(spans) for weekday, spans in week.items() if spans}


def spans_on_paper(spans: list[dict[str, Any]]) -> list[list[Any]]:
    """The spans of a day."""
    return [[s["opens"], s["closes"], *([s["groups"]] if s["groups"] is not None else [])] for s in spans]


def as_written(paper: Configuration) -> dict[str, Any]:
    """A hall on paper as it goes over the wire: what this says can be sent back."""
    document: dict[str, Any] = msgspec.to_builtins(paper)
    del document["id"]
    document["hours"] = hours_as_written(paper.hours)
    for group in document["groups"]:
        del group["matters"]
    for window in document["windows"]:
        for name in OF_A_WINDOW:
            del window[name]
    return document


def hours_as_written(hours: Any) -> dict[str, Any]:
    """Hours as they go over the wire."""
    if hours == "always":
        return {**hours_as_written({}), "always": True}
    return {
        "always": False,
        **{part: week_as_written(hours.get(part, {})) for part in ("weekly", "extended", "roster")},
        "exceptions": [
            {"day": day, "spans": spans_as_written(spans)}
            for day, spans in sorted(hours.get("exceptions", {}).items())
        ],
        "holidays": hours.get("holidays", "none"),
    }


def week_as_written(week: dict[str, Any]) -> dict[str, Any]:
    """Every day of the week, also those without hours."""
    return {weekday: spans_as_written(week.get(weekday, [])) for weekday in WEEKDAYS}


def spans_as_written(spans: list[Any]) -> list[dict[str, Any]]:
    """The spans of a day."""
    return [
        {"opens": span[0], "closes": span[1], "groups": list(span[2]) if len(span) > 2 else None}
        for span in spans
    ]
