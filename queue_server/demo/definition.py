"""A hall as written in a file: its zones, groups, windows, people, matters, and the traffic to expect.

The same form serves the demonstration and a real hall's first day. A definition may be based on another
file: what it says replaces what the other one says, and `matter_groups` picks matters of the other one and
says where they are done here. A definition which contradicts itself is refused, with everything that is
wrong with it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from queue_server.calendar.core import Hours, read_hours
from queue_server.catalogue.core import Kind, Material, Matter, Scenario, group_of
from queue_server.knowledge.core import KnowledgeKind
from queue_server.people.core import Account, Level, Role

HERE: Final = Path(__file__).parent
H1: Final = HERE / "hall_h1.json"
H1_THEME: Final = HERE / "hall_h1_theme.json"  # The same hall with one group for each theme.
H2: Final = HERE / "hall_h2.json"  # A town's outlet with one window.

Id = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,40}$")]
Prefix = Annotated[str, Meta(pattern="^[A-Z]{1,2}$")]  # Letters only: A1 and 001 would read like A and 1001.
Share = Annotated[float, Meta(ge=0, le=1)]
Minutes = Annotated[float, Meta(gt=0)]
Point = tuple[float, float]  # Metres from the upper left corner of the floor plan.
Rectangle = tuple[float, float, float, float]  # Upper left corner, width and height, in metres.

INTAKE = ("comprehensive", "professional")  # The types of groups where one files something.


class DefinitionWrong(ValueError):
    """A hall definition contradicts itself. Says everything that is wrong, not only the first thing."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written in a definition, and nothing else."""


class Name(Written, frozen=True):
    """What people read, in both languages."""

    zh: str
    en: str


class PlanEntry(Written, frozen=True):
    """The floor plan: its size, where people wait and where they come in."""

    width: float
    height: float
    waiting: Point
    entrance: Point


class HallEntry(Written, frozen=True):
    """The hall itself. `rules` are those that differ from the usual ones."""

    id: Id
    name: Name
    timezone: str
    general_group: str  # Where everything goes that nobody mapped.
    hours: Any
    rules: dict[str, Any] = {}
    plan: PlanEntry | None = None


class Zone(Written, frozen=True):
    """A part of the hall, used to find the way."""

    id: Id
    name: Name
    color: str = ""
    area: Rectangle | None = None


class DeviceEntry(Written, frozen=True):
    """A screen or a terminal that stands in the hall."""

    id: Id
    kind: Literal["display", "kiosk"]
    name: Name
    zone: str | None = None
    spot: Point | None = None
    layout: str | None = None
    printer: str = ""
    elder: bool = False


class NoticeEntry(Written, frozen=True):
    """A sentence for the screens."""

    id: Id
    text: Name
    kind: Literal["notice", "etiquette"] = "notice"


class Group(Written, frozen=True):
    """A pool of windows that share one queue."""

    id: Id
    name: Name
    prefix: Prefix
    type: Literal["comprehensive", "professional", "issuance", "consultation"]
    zone: str
    mean_minutes: Minutes
    target_minutes: Minutes | None = None  # Beyond this nobody should wait: then others help.
    green_prefix: Prefix | None = None  # On the tickets of the group's green channel.
    undifferentiated: bool = False  # Every window takes every matter.
    owner_department: str | None = None  # Staffed by one department; nobody else helps here.
    capacity: Annotated[int, Meta(gt=0)] | None = None  # Most people waiting at once.
    helps: tuple[str, ...] = ()  # Groups from which its idle windows may take.


class Window(Written, frozen=True):
    """One numbered desk."""

    id: Id
    label: Name
    type: Literal["comprehensive", "professional", "green", "issuance", "consultation"]
    zone: str
    groups: tuple[str, ...]
    green: bool = False
    spot: Point | None = None
    accessible: bool = False  # May speak to somebody who asked for a voice.


class Staff(Written, frozen=True):
    """Somebody who works here. Who has a mentor is a trainee."""

    id: Id
    login: str
    display_name: str
    role: Role
    staff_no: str
    skills: dict[str, Level] = {}
    mentor: str | None = None
    department: str | None = None  # Of a reviewer: whose cases come first.


class ScenarioEntry(Written, frozen=True):
    """A case within a matter."""

    code: Id
    name: Name
    group: str | None = None  # Where this case is done, if not where the others are.


class MaterialEntry(Written, frozen=True):
    """Something one has to bring, unless it is exempt."""

    name: Name
    tolerable: bool = False
    exempt: bool = False
    only: tuple[Id, ...] = ()  # The scenarios that need it; empty: all of them.


class MatterEntry(Written, frozen=True):
    """A thing one can apply for. `online` says where it can be done without coming."""

    code: Id
    name: Name
    department: str
    theme: str
    kind: Kind
    target_minutes: Annotated[int, Meta(gt=0)]
    group: str | None = None
    tags: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    specialised_because: str = ""
    active: bool = True
    scenarios: tuple[ScenarioEntry, ...] = ()
    materials: tuple[MaterialEntry, ...] = ()
    online: Name | None = None
    committed_days: Annotated[int, Meta(ge=0)] | None = None
    statutory_days: Annotated[int, Meta(gt=0)] | None = None


class Delegation(Written, frozen=True):
    """Until when a department lets the hall accept a matter, and who can renew the letter."""

    matter: Id
    ends_on: date
    ask: str


class LinkEntry(Written, frozen=True):
    """One matter of a chain: what it waits for, and the material that its result is."""

    matter: Id
    after: tuple[Id, ...] = ()
    gives: str = ""


class SituationEntry(Written, frozen=True):
    """A scenario of a chain: which one it means for each of its matters."""

    code: Id
    name: Name
    scenarios: dict[str, Id]


class ChainEntry(Written, frozen=True):
    """Matters that are applied for together."""

    code: Id
    name: Name
    lead: Id
    links: tuple[LinkEntry, ...]
    situations: tuple[SituationEntry, ...] = ()


class KnowledgeEntry(Written, frozen=True):
    """What a department has written down for the windows."""

    title: Name
    body: Name
    kind: KnowledgeKind
    about: tuple[str, ...] = ()


class PointEntry(Written, frozen=True):
    """What a reviewer judges, by which method and against which standard."""

    item: Name
    method: Name
    standard: Name


class BranchEntry(Written, frozen=True):
    """A department that has a say in a matter beside the one that leads."""

    department: str
    days: Annotated[int, Meta(ge=0)]


class CertificateEntry(Written, frozen=True):
    """Until when somebody may decide for a department, and who does it afterwards."""

    account: Id
    department: str
    ends_on: date
    stand_in: Id | None = None


class Traffic(Written, frozen=True):
    """What an ordinary day brings: arrivals per group and hour, service times, and how people behave."""

    first_hour: Annotated[int, Meta(ge=0, le=23)]
    arrivals_per_hour: dict[str, tuple[Annotated[float, Meta(ge=0)], ...]]
    service_minutes: dict[str, Minutes]
    wanted: dict[str, Annotated[float, Meta(gt=0)]]  # A matter, beside the others of its group. Else 1.
    service_cv: Share
    clerk_factors: dict[str, Annotated[float, Meta(gt=0)]]
    channels: dict[str, Share]
    classes: dict[str, Share]
    no_show: Share
    cancel: Share
    transfer: Share
    two_matters: Share
    busy_factor: float
    overload_factor: float


class Definition(Written, frozen=True):
    """A whole hall."""

    hall: HallEntry
    zones: tuple[Zone, ...]
    departments: dict[str, Name]
    groups: tuple[Group, ...]
    windows: tuple[Window, ...]
    staff: tuple[Staff, ...]
    matters: tuple[MatterEntry, ...]
    devices: tuple[DeviceEntry, ...] = ()
    notices: tuple[NoticeEntry, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    chains: tuple[ChainEntry, ...] = ()
    flows: dict[str, tuple[BranchEntry, ...]] = {}  # By matter.
    certificates: tuple[CertificateEntry, ...] = ()
    knowledge: tuple[KnowledgeEntry, ...] = ()
    review_points: dict[str, tuple[PointEntry, ...]] = {}  # By matter.
    traffic: Traffic | None = None
    notice: Name | None = None  # Shown wherever the data is: for instance that it is made up.

    def opening_hours(self) -> Hours:
        """When the hall is open."""
        return read_hours(self.hall.hours)

    def catalogue(self) -> tuple[Matter, ...]:
        """What the hall offers, in its order."""
        return tuple(self._matter(entry) for entry in self.matters)

    def accounts(self) -> tuple[Account, ...]:
        """Who works here, mentors before their trainees."""
        return tuple(
            self._account(each) for each in sorted(self.staff, key=lambda each: each.mentor is not None)
        )

    def skills(self, account_id: str) -> Mapping[str, Level]:
        """What somebody is trained for, by group."""
        return next(each.skills for each in self.staff if each.id == account_id)

    def _matter(self, entry: MatterEntry) -> Matter:
        department = self.departments[entry.department]
        return Matter(
            code=entry.code,
            name_zh=entry.name.zh,
            name_en=entry.name.en,
            department_zh=department.zh,
            department_en=department.en,
            theme=entry.theme,
            group_id=entry.group,
            target_minutes=entry.target_minutes,
            kind=entry.kind,
            tags=entry.tags,
            synonyms=entry.synonyms,
            specialised_because=entry.specialised_because,
            active=entry.active,
            scenarios=tuple(
                Scenario(each.code, each.name.zh, each.name.en, each.group) for each in entry.scenarios
            ),
            materials=tuple(
                Material(each.name.zh, each.name.en, each.tolerable, each.exempt, each.only)
                for each in entry.materials
            ),
            online_zh="" if entry.online is None else entry.online.zh,
            online_en="" if entry.online is None else entry.online.en,
            committed_days=entry.committed_days,
            statutory_days=entry.statutory_days,
        )

    def _account(self, each: Staff) -> Account:
        return Account(
            id=each.id,
            hall_id=self.hall.id,
            login=each.login,
            display_name=each.display_name,
            staff_no=each.staff_no,
            role=each.role,
            trainee=each.mentor is not None,
            mentor_id=each.mentor,
            department=None if each.department is None else self.departments[each.department].zh,
        )


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────


def read(file: Path) -> Definition:
    """The hall this file defines. Raises DefinitionWrong if it is not one."""
    try:
        definition = msgspec.convert(_merged(file), Definition)
    except (msgspec.ValidationError, json.JSONDecodeError, KeyError) as error:
        raise DefinitionWrong([f"{file.name}: {error}"]) from error
    if problems := list(problems_of(definition)):
        raise DefinitionWrong(problems)
    return definition


def _merged(file: Path) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    based_on = written.pop("based_on", None)
    matter_groups = written.pop("matter_groups", None)
    if based_on is not None:
        written = {**_merged(file.parent / based_on), **written}
    if matter_groups is not None:
        written["matters"] = list(_moved(written["matters"], matter_groups))
    return written


def _moved(matters: list[dict[str, Any]], matter_groups: dict[str, str]) -> Iterator[dict[str, Any]]:
    by_code = {matter["code"]: matter for matter in matters}
    for code, group in matter_groups.items():
        # A matter is bound to a professional window of one hall, and a case to a group of it; the reasons
        # do not travel.
        scenarios = [{**each, "group": None} for each in by_code[code].get("scenarios", ())]
        yield {**by_code[code], "group": group, "specialised_because": "", "scenarios": scenarios}


# ── Checking ────────────────────────────────────────────────────────────────────────────────────


def problems_of(definition: Definition) -> Iterator[str]:
    """Everything in which a definition contradicts itself, each as a sentence."""
    yield from _repeated(definition)
    yield from _time_problems(definition)
    yield from _group_problems(definition)
    yield from _window_problems(definition)
    yield from _matter_problems(definition)
    yield from _staff_problems(definition)
    if definition.traffic is not None:
        yield from _traffic_problems(definition, definition.traffic)


def _repeated(definition: Definition) -> Iterator[str]:
    named: dict[str, Iterable[str]] = {
        "zone": (zone.id for zone in definition.zones),
        "group": (group.id for group in definition.groups),
        "window": (window.id for window in definition.windows),
        "account": (each.id for each in definition.staff),
        "login": (each.login for each in definition.staff),
        "matter": (matter.code for matter in definition.matters),
        "prefix": chain.from_iterable(
            filter(None, (group.prefix, group.green_prefix)) for group in definition.groups
        ),
    }
    for what, ids in named.items():
        for each, times in Counter(ids).items():
            if times > 1:
                yield f"{what} {each} is there {times} times"


def _time_problems(definition: Definition) -> Iterator[str]:
    try:
        ZoneInfo(definition.hall.timezone)
        definition.opening_hours()
    except (OSError, ValueError, KeyError) as error:  # An unknown zone is a KeyError.
        yield f"the hours cannot be read: {error}"


def _group_problems(definition: Definition) -> Iterator[str]:
    groups = {group.id: group for group in definition.groups}
    zones = {zone.id for zone in definition.zones}
    general = groups.get(definition.hall.general_group)
    if general is None or general.type != "comprehensive":
        yield f"general business {definition.hall.general_group} is no comprehensive group"
    for group in definition.groups:
        own = [window for window in definition.windows if group.id in window.groups]
        if not own:
            yield f"group {group.id} has no window"
        if group.green_prefix is not None and not any(window.green for window in own):
            yield f"group {group.id} has a green prefix but no green window"
        if group.zone not in zones:
            yield f"group {group.id} is in zone {group.zone}, which is not there"
        if group.owner_department is not None and group.owner_department not in definition.departments:
            yield f"group {group.id} belongs to department {group.owner_department}, which is not there"
        for other in group.helps:
            if other not in groups:
                yield f"group {group.id} helps group {other}, which is not there"
            elif groups[other].owner_department is not None:
                yield f"group {group.id} helps group {other}, which only its own department staffs"


def _window_problems(definition: Definition) -> Iterator[str]:
    groups = {group.id for group in definition.groups}
    zones = {zone.id for zone in definition.zones}
    for window in definition.windows:
        if not window.groups:
            yield f"window {window.id} serves no group"
        if window.zone not in zones:
            yield f"window {window.id} is in zone {window.zone}, which is not there"
        for group_id in window.groups:
            if group_id not in groups:
                yield f"window {window.id} serves group {group_id}, which is not there"
        if window.green != (window.type == "green"):
            yield f"window {window.id} is half green"


def _matter_problems(definition: Definition) -> Iterator[str]:
    groups = {group.id: group for group in definition.groups}
    for entry in definition.matters:
        if entry.department not in definition.departments:
            yield f"matter {entry.code} belongs to department {entry.department}, which is not there"
            continue
        group = groups.get(group_of(definition._matter(entry), definition.hall.general_group))
        if group is None:
            yield f"matter {entry.code} goes to group {entry.group}, which is not there"
        elif group.type not in INTAKE:
            yield f"matter {entry.code} goes to group {group.id}, where nothing is filed"
        elif (group.type == "professional") != bool(entry.specialised_because):
            yield f"matter {entry.code} is bound to a professional window with a reason, or not at all"
        yield from _scenario_problems(entry, groups)


def _scenario_problems(entry: MatterEntry, groups: Mapping[str, Group]) -> Iterator[str]:
    cases = Counter(each.code for each in entry.scenarios)
    for code, times in cases.items():
        if times > 1:
            yield f"scenario {entry.code}.{code} is there {times} times"
    for each in entry.scenarios:
        if each.group is not None and (each.group not in groups or groups[each.group].type not in INTAKE):
            yield f"scenario {entry.code}.{each.code} goes to group {each.group}, where nothing is filed"
    for material in entry.materials:
        for code in material.only:
            if code not in cases:
                yield f"matter {entry.code} has no scenario {code}, and a material is only for it"


def _staff_problems(definition: Definition) -> Iterator[str]:
    groups = {group.id for group in definition.groups}
    accounts = {each.id for each in definition.staff}
    for each in definition.staff:
        if each.department is not None and each.department not in definition.departments:
            yield f"account {each.id} belongs to department {each.department}, which is not there"
        if each.mentor is not None and (each.mentor not in accounts or each.mentor == each.id):
            yield f"account {each.id} has mentor {each.mentor}, who is not there"
        for group_id in each.skills:
            if group_id not in groups:
                yield f"account {each.id} is trained for group {group_id}, which is not there"
    trained = {group_id for each in definition.staff if each.mentor is None for group_id in each.skills}
    for group_id in sorted(groups - trained):
        yield f"nobody is trained for group {group_id}"


def _traffic_problems(definition: Definition, traffic: Traffic) -> Iterator[str]:
    groups = {group.id for group in definition.groups}
    if traffic.arrivals_per_hour.keys() != groups or traffic.service_minutes.keys() != groups:
        yield "the traffic does not name exactly the groups of the hall"
    if len({len(arrivals) for arrivals in traffic.arrivals_per_hour.values()}) > 1:
        yield "the traffic of some groups covers more hours than that of others"
    if abs(sum(traffic.channels.values()) - 1) > 1e-9:
        yield "the channels do not add up to everybody"
    if unknown := traffic.clerk_factors.keys() - {each.id for each in definition.staff}:
        yield f"the traffic names accounts which are not there: {', '.join(sorted(unknown))}"
