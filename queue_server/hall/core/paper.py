"""A hall on paper: everything a manager writes down about it, as one document with versions.

A day opens with the newest version. A version that is saved while the hall is open enters it as an event
(`HallReconfigured`). Layouts, devices, notices and looks never enter the journal: screens ask for them, and
learn from the hall's `version` when to ask again.
"""

from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from queue_server.calendar.core import read_hours
from queue_server.hall.core.model import About, Group, Name, Rules, Spot, Window, Zone
from queue_server.hall.core.palette import CONTRAST_MIN, is_colour, lowest_contrast, nearest, stands_out

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


class Fault(Struct, frozen=True):
    """Something on paper that cannot be so: where it stands, such as `groups.2.prefix`, and why not."""

    where: str
    zh: str
    en: str


LOGO_BYTES_MAX = 64 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
IHDR = b"\x00\x00\x00\rIHDR"
IEND = b"IEND\xaeB`\x82"


def problems(paper: Configuration) -> list[Fault]:
    """Everything in which a hall on paper contradicts itself, each as a sentence in both languages."""
    return [
        *repeated("about.zones", "分区", "zone", (zone.id for zone in paper.about.zones)),
        *repeated("groups", "窗口组", "group", (group.id for group in paper.groups)),
        *repeated("windows", "窗口", "window", (window.id for window in paper.windows)),
        *repeated("layouts", "布局", "layout", (layout.id for layout in paper.layouts)),
        *repeated("devices", "设备", "device", (device.id for device in paper.devices)),
        *repeated("notices", "公告", "notice", (notice.id for notice in paper.notices)),
        *prefix_problems(paper),
        *time_problems(paper),
        *rule_problems(paper.rules),
        *group_problems(paper),
        *window_problems(paper),
        *plan_problems(paper),
        *device_problems(paper),
        *notice_problems(paper),
        *look_problems(paper.look),
    ]


def repeated(where: str, zh: str, en: str, ids: Iterable[str]) -> Iterator[Fault]:
    """Ids that were there before."""
    seen = set()
    for at, each in enumerate(ids):
        if each in seen:
            yield Fault(f"{where}.{at}.id", f"已有{zh} {each}。", f"There is a {en} {each} already.")
        seen.add(each)


def prefix_problems(paper: Configuration) -> Iterator[Fault]:
    """Letters in front of numbers that two groups share: their numbers would be mistaken for each other."""
    owners: dict[str, str] = {}
    for at, group in enumerate(paper.groups):
        for name, prefix in (("prefix", group.prefix), ("green_prefix", group.green_prefix)):
            if prefix is None:
                continue
            owner = owners.setdefault(prefix, group.id)
            if owner != group.id or (name == "green_prefix" and prefix == group.prefix):
                yield Fault(
                    f"groups.{at}.{name}",
                    f"号码前缀 {prefix} 已用于窗口组 {owner}。",
                    f"The prefix {prefix} belongs to the group {owner} already.",
                )


def time_problems(paper: Configuration) -> Iterator[Fault]:
    """A time zone or hours that cannot be read."""
    try:
        ZoneInfo(paper.about.timezone)
    except (OSError, ValueError, KeyError):  # An unknown zone is a KeyError.
        yield Fault(
            "about.timezone",
            f"没有时区 {paper.about.timezone}。",
            f"There is no time zone {paper.about.timezone}.",
        )
    try:
        hours = read_hours(paper.hours)
    except (ValueError, TypeError, AttributeError) as error:
        yield Fault("hours", f"开放时间无法识别：{error}", f"The opening hours cannot be read: {error}")
        return
    named = {g for spans in hours.spans() for span in spans for g in span.groups or ()}
    for group_id in sorted(named - {group.id for group in paper.groups}):
        yield Fault(
            "hours",
            f"开放时间提到不存在的窗口组 {group_id}。",
            f"The hours name a group {group_id} that is not there.",
        )


def rule_problems(rules: Rules) -> Iterator[Fault]:
    """Rules of which one makes another impossible."""
    if rules.green_in_a_row_max > rules.overtaken_max:
        yield Fault(
            "rules.green_in_a_row_max",
            f"每人最多被 {rules.overtaken_max} 位后来者先叫，绿色通道不能连续叫 {rules.green_in_a_row_max} 位。",
            f"Nobody is passed by more than {rules.overtaken_max} people, so {rules.green_in_a_row_max} green calls "
            "in a row cannot be.",
        )
    if rules.misses_itself and rules.recalls_max and rules.recall_gap_seconds >= rules.call_grace_seconds:
        yield Fault(
            "rules.recall_gap_seconds",
            f"{rules.call_grace_seconds}秒未到窗即自动过号，而{rules.recall_gap_seconds}秒后才能重呼，永远来不及。",
            f"A call is marked as missed after {rules.call_grace_seconds} s, so it could never be repeated after "
            f"{rules.recall_gap_seconds} s.",
        )


def group_problems(paper: Configuration) -> Iterator[Fault]:
    """Groups that nobody serves or that lead nowhere."""
    zone_ids = {zone.id for zone in paper.about.zones}
    general = paper.about.general_group_id
    if not paper.groups:
        yield Fault("groups", "至少要有一个窗口组。", "There must be at least one group.")
    if general is not None and general not in {group.id for group in paper.groups}:
        yield Fault(
            "about.general_group_id",
            f"综合业务窗口组 {general} 不存在。",
            f"General business goes to a group {general} that is not there.",
        )
    for at, group in enumerate(paper.groups):
        if not any(group.id in window.group_ids for window in paper.windows):
            yield Fault(
                f"groups.{at}.windows",
                f"窗口组 {group.id} 没有窗口办理。",
                f"No window serves the group {group.id}.",
            )
        yield from zone_problem(
            f"groups.{at}.zone_id", f"窗口组 {group.id} ", f"The group {group.id}", group.zone_id, zone_ids
        )


def window_problems(paper: Configuration) -> Iterator[Fault]:
    """Windows that serve nothing, or groups that are not there."""
    zone_ids = {zone.id for zone in paper.about.zones}
    group_ids = {group.id for group in paper.groups}
    for at, window in enumerate(paper.windows):
        where = f"windows.{at}"
        if not window.group_ids:
            yield Fault(
                f"{where}.group_ids",
                f"窗口 {window.id} 没有任何业务。",
                f"The window {window.id} serves no group.",
            )
        for group_id in window.group_ids:
            if group_id not in group_ids:
                yield Fault(
                    f"{where}.group_ids",
                    f"窗口 {window.id} 办理不存在的窗口组 {group_id}。",
                    f"The window {window.id} serves a group {group_id} that is not there.",
                )
        yield from zone_problem(
            f"{where}.zone_id", f"窗口 {window.id} ", f"The window {window.id}", window.zone_id, zone_ids
        )
        if window.spot is not None and not on_plan(paper.about, window.spot):
            yield Fault(
                f"{where}.spot",
                f"窗口 {window.id} 不在平面图内。",
                f"The window {window.id} is not on the floor plan.",
            )


def plan_problems(paper: Configuration) -> Iterator[Fault]:
    """What would be drawn outside of the floor plan."""
    plan = paper.about.plan
    if plan is None:
        return
    for name, zh, en, spot in (
        ("waiting", "等候区", "waiting area", plan.waiting),
        ("entrance", "入口", "entrance", plan.entrance),
    ):
        if not on_plan(paper.about, spot):
            yield Fault(f"about.plan.{name}", f"{zh}不在平面图内。", f"The {en} is not on the floor plan.")
    for at, zone in enumerate(paper.about.zones):
        if zone.area is not None and not (
            on_plan(paper.about, Spot(zone.area.x, zone.area.y))
            and on_plan(paper.about, Spot(zone.area.x + zone.area.width, zone.area.y + zone.area.height))
        ):
            yield Fault(
                f"about.zones.{at}.area",
                f"分区 {zone.id} 超出平面图。",
                f"The zone {zone.id} reaches beyond the floor plan.",
            )


def device_problems(paper: Configuration) -> Iterator[Fault]:
    """Devices that stand nowhere or show what is not there."""
    zone_ids = {zone.id for zone in paper.about.zones}
    window_ids = {window.id for window in paper.windows}
    for at, device in enumerate(paper.devices):
        where = f"devices.{at}"
        yield from zone_problem(
            f"{where}.zone_id", f"设备 {device.id} ", f"The device {device.id}", device.zone_id, zone_ids
        )
        if device.window_id is not None and device.window_id not in window_ids:
            yield Fault(
                f"{where}.window_id",
                f"设备 {device.id} 属于不存在的窗口 {device.window_id}。",
                f"The device {device.id} belongs to a window {device.window_id} that is not there.",
            )
        if device.spot is not None and not on_plan(paper.about, device.spot):
            yield Fault(
                f"{where}.spot",
                f"设备 {device.id} 不在平面图内。",
                f"The device {device.id} is not on the floor plan.",
            )
    for at, layout in enumerate(paper.layouts):
        yield from zone_problem(
            f"layouts.{at}.zone_id",
            f"布局 {layout.id} ",
            f"The layout {layout.id}",
            layout.zone_id,
            zone_ids,
        )


def notice_problems(paper: Configuration) -> Iterator[Fault]:
    """Notices that are never shown."""
    for at, notice in enumerate(paper.notices):
        if notice.from_at is not None and notice.until_at is not None and notice.from_at >= notice.until_at:
            yield Fault(
                f"notices.{at}.until_at",
                f"公告 {notice.id} 结束早于开始。",
                f"The notice {notice.id} ends before it begins.",
            )


def look_problems(look: Look) -> Iterator[Fault]:
    """Colours that cannot be read, and logos that are none."""
    if look.accent and not is_colour(look.accent):
        yield Fault(
            "look.accent", "颜色须写作 #rrggbb，如 #a32d1b。", "A colour is written #rrggbb, like #a32d1b."
        )
    elif look.accent and not stands_out(look.accent):
        found, darker = f"{lowest_contrast(look.accent):.1f}", nearest(look.accent)
        yield Fault(
            "look.accent",
            f"对比度只有 {found}:1，至少须 {CONTRAST_MIN}:1，否则看不清；同色可用 {darker}。",
            f"A contrast of {found}:1 cannot be read; it takes {CONTRAST_MIN}:1. {darker} would do.",
        )
    if look.logo and not is_logo(look.logo):
        yield Fault(
            "look.logo",
            "标志须为不超过64 KB的 PNG 图片。",
            "A logo is a PNG picture of at most 64 KB.",
        )


def is_logo(written: str) -> bool:
    """Whether this is a PNG in base64, from its first bytes to its last, and small enough."""
    try:
        picture = b64decode(written, validate=True)
    except ValueError:
        return False
    whole = picture.startswith(PNG + IHDR) and picture.endswith(IEND)
    return whole and len(picture) <= LOGO_BYTES_MAX


def zone_problem(where: str, zh: str, en: str, zone_id: str | None, zone_ids: set[str]) -> Iterator[Fault]:
    """A zone that is not there."""
    if zone_id is not None and zone_id not in zone_ids:
        yield Fault(
            where, f"{zh}位于不存在的分区 {zone_id}。", f"{en} is in a zone {zone_id} that is not there."
        )


def on_plan(about: About, spot: Spot) -> bool:
    """Whether a point lies on the floor plan, if there is one."""
    plan = about.plan
    return plan is None or (0 <= spot.x <= plan.width and 0 <= spot.y <= plan.height)


def zone_named(zones: Iterable[Zone], zone_id: str | None) -> Zone | None:
    """A zone by its id."""
    return next((zone for zone in zones if zone.id == zone_id), None)
