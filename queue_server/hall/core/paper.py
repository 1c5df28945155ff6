"""A hall on paper: everything a manager writes down about it, as one document with versions.

A day opens with the newest version. A version that is saved while the hall is open enters it as an event
(`HallReconfigured`). Layouts, devices, notices and looks never enter the journal: screens ask for them, and
learn from the hall's `version` when to ask again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from queue_server.calendar.core import read_hours
from queue_server.hall.core.model import About, Group, Name, Rules, Spot, Window, Zone

DeviceKind = Literal["display", "kiosk"]
NoticeKind = Literal["notice", "etiquette"]


class Layout(Struct, frozen=True):
    """What a display shows: which panels, and of which zone (None: of the whole hall)."""

    id: str
    name: Name
    panels: tuple[str, ...]
    zone_id: str | None = None


class Device(Struct, frozen=True):
    """A screen or a terminal that stands in the hall."""

    id: str
    kind: DeviceKind
    name: Name
    zone_id: str | None = None
    spot: Spot | None = None  # From here its arrows point to the windows.
    layout_id: str | None = None  # Of a display: one of the hall's layouts, or one that every hall has.
    window_id: str | None = None  # Of the display above a window.
    printer: str = ""  # Of a kiosk: the address of its slip printer; empty for none.
    elder: bool = False  # Of a kiosk: begins, and begins again, in elder mode.


class Notice(Struct, frozen=True):
    """A sentence for the screens, from one instant to another (None: no limit)."""

    id: str
    text: Name
    kind: NoticeKind = "notice"
    from_at: datetime | None = None
    until_at: datetime | None = None


class Look(Struct, frozen=True):
    """What makes the pages of one hall its own."""

    seal: str = "静"  # One or two characters in the corner of every page.
    accent: str = ""  # A colour as #rrggbb, in place of the vermilion; empty for that.
    logo: str = ""  # A PNG in base64, in place of the seal; empty for none.


class Configuration(Struct, frozen=True):
    """A hall on paper."""

    id: str
    about: About
    hours: Any  # As `calendar.core.read_hours` takes them: "always", or sessions by weekday.
    rules: Rules
    groups: tuple[Group, ...]
    windows: tuple[Window, ...]
    layouts: tuple[Layout, ...] = ()
    devices: tuple[Device, ...] = ()
    notices: tuple[Notice, ...] = ()
    look: Look = Look()


def device_at(paper: Configuration, device_id: str, kind: DeviceKind) -> Device | None:
    """A device of this kind by its id."""
    return next((d for d in paper.devices if d.id == device_id and d.kind == kind), None)


# ── Contradictions ───────────────────────────────────────────────────────────────────────────────


def problems(paper: Configuration) -> list[Name]:
    """Everything in which a hall on paper contradicts itself, each as a sentence in both languages."""
    return [
        *repeated("分区", "zone", (zone.id for zone in paper.about.zones)),
        *repeated("窗口组", "group", (group.id for group in paper.groups)),
        *repeated("窗口", "window", (window.id for window in paper.windows)),
        *repeated("号码前缀", "prefix", prefixes(paper.groups)),
        *repeated("布局", "layout", (layout.id for layout in paper.layouts)),
        *repeated("设备", "device", (device.id for device in paper.devices)),
        *repeated("公告", "notice", (notice.id for notice in paper.notices)),
        *time_problems(paper),
        *group_problems(paper),
        *window_problems(paper),
        *device_problems(paper),
        *notice_problems(paper),
    ]


def repeated(zh: str, en: str, ids: Iterable[str]) -> Iterator[Name]:
    """Ids that are there more than once."""
    for each, times in Counter(ids).items():
        if times > 1:
            yield Name(f"{zh} {each} 出现了 {times} 次。", f"The {en} {each} is there {times} times.")


def prefixes(groups: Iterable[Group]) -> Iterator[str]:
    """The letters in front of numbers."""
    for group in groups:
        yield group.prefix
        if group.green_prefix is not None:
            yield group.green_prefix


def time_problems(paper: Configuration) -> Iterator[Name]:
    """A time zone or hours that cannot be read."""
    try:
        ZoneInfo(paper.about.timezone)
    except (OSError, ValueError, KeyError):  # An unknown zone is a KeyError.
        yield Name(f"没有时区 {paper.about.timezone}。", f"There is no time zone {paper.about.timezone}.")
    try:
        hours = read_hours(paper.hours)
    except (ValueError, TypeError, AttributeError) as error:
        yield Name(f"开放时间无法识别：{error}", f"The opening hours cannot be read: {error}")
        return
    named = {g for spans in hours.spans() for span in spans for g in span.groups or ()}
    for group_id in sorted(named - {group.id for group in paper.groups}):
        yield Name(
            f"开放时间提到不存在的窗口组 {group_id}。",
            f"The hours name a group {group_id} that is not there.",
        )


def group_problems(paper: Configuration) -> Iterator[Name]:
    """Groups that nobody serves or that lead nowhere."""
    zone_ids = {zone.id for zone in paper.about.zones}
    general = paper.about.general_group_id
    if not paper.groups:
        yield Name("至少要有一个窗口组。", "There must be at least one group.")
    if general is not None and general not in {group.id for group in paper.groups}:
        yield Name(
            f"综合业务窗口组 {general} 不存在。",
            f"General business goes to a group {general} that is not there.",
        )
    for group in paper.groups:
        if not any(group.id in window.group_ids for window in paper.windows):
            yield Name(f"窗口组 {group.id} 没有窗口办理。", f"No window serves the group {group.id}.")
        yield from zone_problem(f"窗口组 {group.id} ", f"The group {group.id}", group.zone_id, zone_ids)


def window_problems(paper: Configuration) -> Iterator[Name]:
    """Windows that serve nothing, or groups that are not there."""
    zone_ids = {zone.id for zone in paper.about.zones}
    group_ids = {group.id for group in paper.groups}
    for window in paper.windows:
        if not window.group_ids:
            yield Name(f"窗口 {window.id} 没有任何业务。", f"The window {window.id} serves no group.")
        for group_id in window.group_ids:
            if group_id not in group_ids:
                yield Name(
                    f"窗口 {window.id} 办理不存在的窗口组 {group_id}。",
                    f"The window {window.id} serves a group {group_id} that is not there.",
                )
        yield from zone_problem(f"窗口 {window.id} ", f"The window {window.id}", window.zone_id, zone_ids)
        if window.spot is not None and not on_plan(paper.about, window.spot):
            yield Name(
                f"窗口 {window.id} 不在平面图内。", f"The window {window.id} is not on the floor plan."
            )


def device_problems(paper: Configuration) -> Iterator[Name]:
    """Devices that stand nowhere or show what is not there."""
    zone_ids = {zone.id for zone in paper.about.zones}
    window_ids = {window.id for window in paper.windows}
    for device in paper.devices:
        yield from zone_problem(f"设备 {device.id} ", f"The device {device.id}", device.zone_id, zone_ids)
        if device.window_id is not None and device.window_id not in window_ids:
            yield Name(
                f"设备 {device.id} 属于不存在的窗口 {device.window_id}。",
                f"The device {device.id} belongs to a window {device.window_id} that is not there.",
            )
    for layout in paper.layouts:
        yield from zone_problem(f"布局 {layout.id} ", f"The layout {layout.id}", layout.zone_id, zone_ids)


def notice_problems(paper: Configuration) -> Iterator[Name]:
    """Notices that are never shown."""
    for notice in paper.notices:
        if notice.from_at is not None and notice.until_at is not None and notice.from_at >= notice.until_at:
            yield Name(f"公告 {notice.id} 结束早于开始。", f"The notice {notice.id} ends before it begins.")


def zone_problem(zh: str, en: str, zone_id: str | None, zone_ids: set[str]) -> Iterator[Name]:
    """A zone that is not there."""
    if zone_id is not None and zone_id not in zone_ids:
        yield Name(f"{zh}位于不存在的分区 {zone_id}。", f"{en} is in a zone {zone_id} that is not there.")


def on_plan(about: About, spot: Spot) -> bool:
    """Whether a point lies on the floor plan, if there is one."""
    plan = about.plan
    return plan is None or (0 <= spot.x <= plan.width and 0 <= spot.y <= plan.height)


def zone_named(zones: Iterable[Zone], zone_id: str | None) -> Zone | None:
    """A zone by its id."""
    return next((zone for zone in zones if zone.id == zone_id), None)
