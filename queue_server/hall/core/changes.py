"""What is different between two versions of a hall on paper, and what that means for whoever is in it now.

Both are sentences in both languages, for the list of versions and for the last look before saving.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from queue_server.hall.core.managers import hindrances, people_for
from queue_server.hall.core.model import Group, Hall, Name, TicketState, Window, Zone
from queue_server.hall.core.order import windows_for
from queue_server.hall.core.paper import Configuration, Device, Layout, Notice
from queue_server.hall.core.rulebook import RULEBOOK, spelled

NOTHING = Name("无", "none")

Thing = TypeVar("Thing", Zone, Group, Window, Layout, Device, Notice)


# ── From one version to the next ─────────────────────────────────────────────────────────────────


def changes(before: Configuration, after: Configuration) -> list[Name]:
    """Everything that differs, in the order of the pages on which it is edited."""
    return [
        *about_changes(before, after),
        *list_changes(
            before.about.zones, after.about.zones, Name("分区", "zone"), ZONE_FIELDS, lambda z: z.name
        ),
        *list_changes(before.groups, after.groups, Name("窗口组", "group"), GROUP_FIELDS, lambda g: g.name),
        *list_changes(before.windows, after.windows, Name("窗口", "window"), WINDOW_FIELDS, lambda w: w.name),
        *hours_changes(before.hours, after.hours),
        *rule_changes(before, after),
        *list_changes(before.layouts, after.layouts, Name("布局", "layout"), LAYOUT_FIELDS, lambda x: x.name),
        *list_changes(before.devices, after.devices, Name("设备", "device"), DEVICE_FIELDS, lambda d: d.name),
        *list_changes(before.notices, after.notices, Name("公告", "notice"), NOTICE_FIELDS, lambda n: n.text),
    ]


FIELD_NAMES: Mapping[str, Name] = {
    "name": Name("名称", "name"),
    "color": Name("颜色", "colour"),
    "area": Name("范围", "area"),
    "prefix": Name("号码前缀", "prefix"),
    "green_prefix": Name("绿色通道前缀", "green prefix"),
    "zone_id": Name("分区", "zone"),
    "capacity": Name("等候人数上限", "most people waiting"),
    "mean_seconds": Name("预计办理时长", "expected service time"),
    "target_seconds": Name("等候目标", "target of the wait"),
    "undifferentiated": Name("无差别受理", "takes any matter"),
    "kind": Name("类型", "type"),
    "group_ids": Name("业务", "groups"),
    "green": Name("绿色通道", "green channel"),
    "spot": Name("位置", "place on the plan"),
    "accessible": Name("无障碍语音", "may speak on request"),
    "panels": Name("内容", "panels"),
    "layout_id": Name("布局", "layout"),
    "window_id": Name("所属窗口", "window"),
    "printer": Name("打印机", "printer"),
    "elder": Name("长者模式", "elder mode"),
    "text": Name("内容", "text"),
    "from_at": Name("开始", "from"),
    "until_at": Name("结束", "until"),
}
ZONE_FIELDS = ("name", "color", "area")
GROUP_FIELDS = (
    "name",
    "prefix",
    "green_prefix",
    "kind",
    "zone_id",
    "capacity",
    "mean_seconds",
    "target_seconds",
    "undifferentiated",
)
WINDOW_FIELDS = ("name", "group_ids", "kind", "zone_id", "green", "accessible", "spot")
LAYOUT_FIELDS = ("name", "panels", "zone_id")
DEVICE_FIELDS = ("name", "kind", "zone_id", "layout_id", "window_id", "printer", "elder", "spot")
NOTICE_FIELDS = ("text", "kind", "from_at", "until_at")
WITHOUT_VALUES = ("spot", "area")  # Metres say nothing to anybody.


def about_changes(before: Configuration, after: Configuration) -> Iterator[Name]:
    """Name, time zone, general business, floor plan and look."""
    old, new = before.about, after.about
    yield from value_change(Name("大厅名称", "Name of the hall"), old.name, new.name)
    yield from value_change(Name("时区", "Time zone"), old.timezone, new.timezone)
    yield from value_change(Name("综合业务", "General business"), old.general_group_id, new.general_group_id)
    if old.plan != new.plan:
        yield Name("平面图已更改", "The floor plan changed")
    yield from value_change(Name("印章文字", "Seal"), before.look.seal, after.look.seal)
    yield from value_change(Name("主色", "Accent colour"), before.look.accent, after.look.accent)
    if before.look.logo != after.look.logo:
        yield (
            Name("标志已更改", "The logo changed")
            if after.look.logo
            else Name("标志已移除", "The logo is gone")
        )


def list_changes(
    before: Iterable[Thing],
    after: Iterable[Thing],
    kind: Name,
    fields: tuple[str, ...],
    called: Callable[[Any], Name],
) -> Iterator[Name]:
    """What was added, taken away, changed or put in another order."""
    old, new = {thing.id: thing for thing in before}, {thing.id: thing for thing in after}
    for gone in (thing for thing in old.values() if thing.id not in new):
        name = called(gone)
        yield Name(f"撤销{kind.zh} {gone.id} {name.zh}", f"The {kind.en} {gone.id} {name.en} is gone")
    for thing in new.values():
        known = old.get(thing.id)
        if known is None:
            name = called(thing)
            yield Name(f"新增{kind.zh} {thing.id} {name.zh}", f"New {kind.en} {thing.id} {name.en}")
        else:
            yield from field_changes(known, thing, kind, fields)
    if [x for x in old if x in new] != [x for x in new if x in old]:
        yield Name(f"{kind.zh}顺序已调整", f"The order of the {kind.en}s changed")


def field_changes(before: Any, after: Any, kind: Name, fields: tuple[str, ...]) -> Iterator[Name]:
    """What changed about one thing that stays."""
    for field in fields:
        old, new = getattr(before, field), getattr(after, field)
        what = FIELD_NAMES[field]
        title = Name(f"{kind.zh} {after.id} 的{what.zh}", f"{kind.en.capitalize()} {after.id}, {what.en}")
        if old != new and field in WITHOUT_VALUES:
            yield Name(f"{title.zh}已更改", f"{title.en} changed")
        else:
            yield from value_change(title, old, new)


def hours_changes(before: Any, after: Any) -> Iterator[Name]:
    """Which parts of the hours changed."""
    if before == after:
        return
    parts = {
        "weekly": Name("每周开放时段", "Weekly hours"),
        "extended": Name("延时服务", "Extended hours"),
        "roster": Name("周末轮值", "Roster"),
        "exceptions": Name("特别日期", "Exceptions"),
        "holidays": Name("节假日安排", "Holidays"),
    }
    old, new = (each if isinstance(each, dict) else {} for each in (before, after))
    if "always" in (before, after):
        yield (
            Name("开放时间改为全天", "Open around the clock now")
            if after == "always"
            else Name("不再全天开放", "No longer open around the clock")
        )
    for part, name in parts.items():
        if (old.get(part) or None) != (new.get(part) or None):
            yield Name(f"{name.zh}已更改", f"{name.en} changed")


def rule_changes(before: Configuration, after: Configuration) -> Iterator[Name]:
    """Which rules changed, from what to what."""
    for rule in RULEBOOK:
        old, new = getattr(before.rules, rule.id), getattr(after.rules, rule.id)
        if old != new:
            yield from_to(
                Name(f"规则“{rule.name.zh}”", f"Rule “{rule.name.en}”"),
                spelled(rule, old),
                spelled(rule, new),
            )


def value_change(title: Name, before: object, after: object) -> Iterator[Name]:
    """One value, if it changed."""
    if before != after:
        yield from_to(title, words(before), words(after))


def from_to(title: Name, before: Name, after: Name) -> Name:
    """A change as a sentence."""
    return Name(f"{title.zh}：{before.zh} → {after.zh}", f"{title.en}: {before.en} → {after.en}")


def words(value: object) -> Name:
    """A value as people read it."""
    match value:
        case None | "" | ():
            return NOTHING
        case True:
            return Name("是", "yes")
        case False:
            return Name("否", "no")
        case Name():
            return value
        case tuple():
            return Name("、".join(map(str, value)), ", ".join(map(str, value)))
        case _:
            plain = str(msgspec.to_builtins(value))
            return Name(plain, plain)


# ── For whoever is in the hall now ───────────────────────────────────────────────────────────────


class Consequence(Struct, frozen=True):
    """What a new version would mean at this moment; what `blocks` keeps it from being saved."""

    blocks: bool
    zh: str
    en: str


def consequences(hall: Hall, paper: Configuration) -> list[Consequence]:
    """What people in the hall would notice, the hindrances first."""
    if not hall.open:
        return []
    return [
        *(Consequence(True, no.in_chinese, no.en) for no in hindrances(hall, paper.groups, paper.windows)),
        *window_consequences(hall, paper),
        *waiting_consequences(hall, paper),
    ]


def window_consequences(hall: Hall, paper: Configuration) -> Iterator[Consequence]:
    """Windows that go on with other groups after whoever is there now."""
    for window in paper.windows:
        now = hall.windows.get(window.id)
        if now is None or now.session is None or now.group_ids == window.group_ids:
            continue
        groups = words(window.group_ids)
        if now.ticket_id is None:
            yield Consequence(
                False,
                f"{window.id}号窗口下一次叫号起办理 {groups.zh}。",
                f"Window {window.id} calls for {groups.en} from its next call on.",
            )
        else:
            number = hall.tickets[now.ticket_id].number
            yield Consequence(
                False,
                f"{window.id}号窗口先办完 {number}，之后办理 {groups.zh}。",
                f"Window {window.id} finishes {number}, then calls for {groups.en}.",
            )


def waiting_consequences(hall: Hall, paper: Configuration) -> Iterator[Consequence]:
    """Groups whose people keep a window on paper, but none that is open."""
    windows = {window.id: window for window in paper.windows}
    for group_id in hall.groups:
        waiting = [t for t in people_for(hall, group_id) if t.state is TicketState.WAITING]
        open_now = windows_for(hall, group_id)
        open_then = [
            window_id
            for window_id, window in windows.items()
            if group_id in window.group_ids
            and window_id in hall.windows
            and hall.windows[window_id].session is not None
        ]
        if waiting and open_now and not open_then:
            yield Consequence(
                False,
                f"{len(waiting)}人正在等候 {group_id} 组，更改后该组暂无已开放的窗口。",
                f"{len(waiting)} people wait for group {group_id}, and none of its windows would be open.",
            )
