"""A hall on paper: what contradicts itself, what changed, and colours one can read."""

import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from queue_server.demo.definition import H1, H1_THEME, H2, read
from queue_server.demo.seed import on_paper
from queue_server.hall.api.configuration import wrong_with
from queue_server.hall.api.models import RulesRequest
from queue_server.hall.core import palette
from queue_server.hall.core.cautions import cautions
from queue_server.hall.core.changes import changes, consequences
from queue_server.hall.core.model import About, Clerk, Group, Name, Plan, Rules, Spot, Window, Zone
from queue_server.hall.core.paper import (
    IEND,
    IHDR,
    LOGO_BYTES_MAX,
    PNG,
    Configuration,
    Device,
    Layout,
    Look,
    Notice,
    problems,
)
from queue_server.hall.core.rulebook import RULEBOOK, default
from tests.hall.story import GROUPS, WINDOWS, Story, at

TOKENS = Path(__file__).parents[2] / "queue_server" / "static" / "css" / "tokens.css"
NAME = Name("名称", "Name")
PAPER = Configuration(
    id="h1",
    about=About(
        NAME,
        "Asia/Shanghai",
        zones=(Zone("Z1", NAME),),
        general_group_id="A",
        plan=Plan(40, 24, Spot(20, 12), Spot(20, 24)),
    ),
    hours={"weekly": {"mon": [["09:00", "17:00"]]}, "holidays": "none"},
    rules=Rules(),
    groups=(Group("A", NAME, "A", zone_id="Z1"), Group("B", NAME, "B")),
    windows=(Window("01", NAME, ("A",), spot=Spot(3, 2)), Window("02", NAME, ("A", "B"))),
)


def test_a_hall_that_is_as_it_should_be_has_no_problems() -> None:
    assert problems(PAPER) == []


@pytest.mark.parametrize("file", [H1, H1_THEME, H2], ids=lambda file: file.stem)
def test_the_halls_of_the_demonstration_can_be_saved_as_they_are(file: Path) -> None:
    assert wrong_with(on_paper(read(file))) == []


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"groups": (*PAPER.groups, Group("A", NAME, "C"))}, "groups.2.id"),
        ({"groups": (PAPER.groups[0], Group("B", NAME, "A"))}, "groups.1.prefix"),
        ({"groups": (Group("A", NAME, "A", "B"), PAPER.groups[1])}, "groups.1.prefix"),
        ({"groups": (Group("A", NAME, "A", "A"), PAPER.groups[1])}, "groups.0.green_prefix"),
        ({"groups": (*PAPER.groups, Group("C", NAME, "C"))}, "groups.2.windows"),
        ({"groups": (replace(PAPER.groups[0], zone_id="Z9"), PAPER.groups[1])}, "groups.0.zone_id"),
        ({"windows": (Window("01", NAME, ()), PAPER.windows[1])}, "windows.0.group_ids"),
        ({"windows": (*PAPER.windows, Window("03", NAME, ("Z",)))}, "windows.2.group_ids"),
        ({"windows": (*PAPER.windows, Window("03", NAME, ("A",), spot=Spot(41, 2)))}, "windows.2.spot"),
        ({"about": replace(PAPER.about, timezone="Mars/Olympus")}, "about.timezone"),
        ({"about": replace(PAPER.about, general_group_id="Q")}, "about.general_group_id"),
        ({"about": replace(PAPER.about, plan=Plan(10, 10, Spot(5, 5), Spot(5, 11)))}, "about.plan.entrance"),
        ({"hours": {"weekly": {"mon": [["17:00", "09:00"]]}}}, "hours"),
        ({"hours": {"weekly": {"mon": [["09:00", "17:00", ["Q"]]]}}}, "hours"),
        ({"rules": Rules(overtaken_max=2, green_in_a_row_max=3)}, "rules.green_in_a_row_max"),
        ({"rules": Rules(call_grace_seconds=60, recall_gap_seconds=60)}, "rules.recall_gap_seconds"),
        ({"devices": (Device("D", "display", NAME, window_id="99"),)}, "devices.0.window_id"),
        ({"notices": (Notice("n", NAME, "notice", at("10:00"), at("09:00")),)}, "notices.0.until_at"),
        ({"layouts": (Layout("own", NAME, ("calls", "sound")),)}, "layouts.0.panels"),
        ({"layouts": (Layout("own", NAME, ("calls", "window")),)}, "layouts.0.panels"),
        ({"devices": (Device("D", "display", NAME, layout_id="none"),)}, "devices.0.layout_id"),
        ({"devices": (Device("D", "display", NAME, layout_id="window"),)}, "devices.0.window_id"),
        ({"look": Look(accent="red")}, "look.accent"),
        ({"look": Look(accent="#e8b339")}, "look.accent"),
        ({"look": Look(logo="bm90IGEgcGljdHVyZQ==")}, "look.logo"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_said_where_it_stands(changed: dict[str, Any], where: str) -> None:
    found = wrong_with(replace(PAPER, **changed))
    assert where in [fault.where for fault in found]
    for fault in found:
        assert re.search(r"[\u4e00-\u9fff]", fault.zh)
        assert fault.en.endswith(".") or where == "hours"


def picture(size: int) -> str:
    """Something that begins and ends like a PNG, of so many bytes."""
    return b64encode(PNG + IHDR + b"\0" * (size - len(PNG + IHDR + IEND)) + IEND).decode()


@pytest.mark.parametrize(("size", "good"), [(LOGO_BYTES_MAX, True), (LOGO_BYTES_MAX + 1, False)])
def test_a_logo_has_at_most_64_kilobytes(size: int, good: bool) -> None:
    assert (problems(replace(PAPER, look=Look(logo=picture(size)))) == []) == good


# ── What is unwise ───────────────────────────────────────────────────────────────────────────────

ANYBODY = Clerk("c", "王", "c")
ANY_MATTER = replace(PAPER, groups=(PAPER.groups[0], replace(PAPER.groups[1], undifferentiated=True)))


@pytest.mark.parametrize(
    ("paper", "clerks", "said"),
    [
        (PAPER, [ANYBODY], []),
        (PAPER, [replace(ANYBODY, group_ids=("A",))], ["Nobody is trained for the group B"]),
        (PAPER, [], ["Nobody is trained for the group A", "Nobody is trained for the group B"]),
        (
            PAPER,
            [replace(ANYBODY, group_ids=("A", "B"), secondary=("B",))],
            ["Only helpers are trained for the group B"],
        ),
        (
            replace(PAPER, groups=(PAPER.groups[0], replace(PAPER.groups[1], target_seconds=1200))),
            [replace(ANYBODY, group_ids=("A", "B"), secondary=("B",))],
            [],
        ),
        (ANY_MATTER, [replace(ANYBODY, group_ids=("A",)), replace(ANYBODY, group_ids=("B",))], []),
        (
            replace(ANY_MATTER, rules=Rules(skill_gap_blocks=True),
                    groups=(replace(PAPER.groups[0], undifferentiated=True), ANY_MATTER.groups[1])),
            [replace(ANYBODY, group_ids=("A",)), replace(ANYBODY, group_ids=("B",))],
            ["A rule asks clerks for everything"],
        ),
        (
            replace(PAPER, groups=(PAPER.groups[0], replace(PAPER.groups[1], target_seconds=300))),
            [ANYBODY],
            ["The target of the group B is shorter than one service"],
        ),
        (
            replace(PAPER, rules=Rules(near_ahead=0, near_seconds=0)),
            [ANYBODY],
            ["Nobody is told that their turn is near"],
        ),
    ],
)  # fmt: skip
def test_a_hall_in_which_people_would_wait_for_nobody_is_told_so_in_both_languages(
    paper: Configuration, clerks: list[Clerk], said: list[str]
) -> None:
    found = cautions(paper, clerks)
    assert [caution.en.startswith(begins) for caution, begins in zip(found, said, strict=True)] == [
        True for _ in said
    ]
    assert all(re.search(r"[\u4e00-\u9fff]", caution.zh) for caution in found)


# ── What changed, in words ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "zh", "en"),
    [
        (
            {"windows": (replace(PAPER.windows[0], group_ids=("B",)), PAPER.windows[1])},
            "窗口 01 的业务：A → B",
            "Window 01, groups: A → B",
        ),
        ({"windows": PAPER.windows[1:]}, "撤销窗口 01 名称", "The window 01 Name is gone"),
        (
            {"groups": (*PAPER.groups, Group("C", Name("税务", "Tax"), "C"))},
            "新增窗口组 C 税务",
            "New group C Tax",
        ),
        ({"windows": PAPER.windows[::-1]}, "窗口顺序已调整", "The order of the windows changed"),
        (
            {"rules": Rules(call_grace_seconds=240)},
            "规则“到窗等候时间”：3分钟 → 4分钟",
            "Rule “Time to come”: 3 min → 4 min",
        ),
        ({"look": Look(accent="#2f5d50")}, "主色：无 → #2f5d50", "Accent colour: none → #2f5d50"),
        ({"hours": "always"}, "开放时间改为全天", "Open around the clock now"),
        (
            {"notices": (Notice("n1", Name("静", "Quiet")),)},
            "新增公告 n1 静",
            "New notice n1 Quiet",
        ),
        (
            {"windows": (replace(PAPER.windows[0], spot=Spot(4, 2)), PAPER.windows[1])},
            "窗口 01 的位置已更改",
            "Window 01, place on the plan changed",
        ),
    ],
)
def test_a_change_is_a_sentence_in_both_languages(changed: dict[str, Any], zh: str, en: str) -> None:
    said = changes(PAPER, replace(PAPER, **changed))
    assert Name(zh, en) in said


def test_nothing_is_said_when_nothing_changed() -> None:
    assert changes(PAPER, PAPER) == []


# ── Who would notice ─────────────────────────────────────────────────────────────────────────────


def paper_of(story: Story, **changed: Any) -> Configuration:
    """The story's hall on paper."""
    paper = replace(PAPER, about=story.hall.about, groups=GROUPS, windows=WINDOWS)
    return replace(paper, **changed)


def test_it_is_said_who_would_be_left_without_a_window() -> None:
    story = Story().tell("""
        09:01  anna takes B   → B001
        09:02  boris takes B  → B002
    """)
    (found,) = consequences(story.hall, paper_of(story, groups=GROUPS[:1], windows=WINDOWS[:3]))
    assert found.blocks
    assert "B001, B002" in found.zh
    assert "2" in found.en


def test_it_is_said_that_a_running_service_is_finished_first() -> None:
    story = Story().tell("""
        09:00  w1 opens       → ok
        09:01  anna takes A   → A001
        09:02  w1 calls       → A001 (turn)
        09:03  w1 starts      → ok
    """)
    moved = (replace(WINDOWS[0], group_ids=("B",)), *WINDOWS[1:])
    (found,) = consequences(story.hall, paper_of(story, windows=moved))
    assert not found.blocks
    assert found.zh == "w1号窗口先办完 A001，之后办理 B。"


def test_it_is_said_when_people_would_wait_for_closed_windows_only() -> None:
    story = Story().tell("""
        09:00  w1 opens       → ok
        09:01  anna takes A   → A001
    """)
    moved = (replace(WINDOWS[0], group_ids=("B",)), *WINDOWS[1:])
    said = [found.en for found in consequences(story.hall, paper_of(story, windows=moved))]
    assert "1 people wait for group A, and none of its windows would be open." in said


# ── Rules ────────────────────────────────────────────────────────────────────────────────────────


def test_every_rule_is_explained_once() -> None:
    assert sorted(rule.id for rule in RULEBOOK) == sorted(field.name for field in fields(Rules))


@pytest.mark.parametrize("rule", RULEBOOK, ids=lambda rule: rule.id)
def test_a_rule_has_the_bounds_that_the_api_checks(rule: Any) -> None:
    schema = RulesRequest.model_json_schema()["properties"][rule.id]["anyOf"][0]
    if rule.unit == "yes":
        assert schema == {"type": "boolean"}
    else:
        assert (schema["minimum"], schema["maximum"]) == (rule.least, rule.most)
        assert rule.least <= default(rule) <= rule.most


# ── Colours ──────────────────────────────────────────────────────────────────────────────────────


def test_the_papers_and_inks_are_those_of_the_token_file() -> None:
    css = TOKENS.read_text()
    for token, colour in (
        ("paper", palette.PAPER),
        ("paper-raised", palette.RAISED),
        ("paper-sunken", palette.SUNKEN),
        ("ink", palette.INK),
        ("on-seal", palette.ON_SEAL),
    ):
        assert re.search(rf"--{token}: {colour};", css), token


@given(st.integers(0, 0xFFFFFF))
def test_whatever_the_accent_everything_drawn_in_it_can_be_read(number: int) -> None:
    accent = palette.nearest(f"#{number:06x}")
    assert palette.stands_out(accent)
    made = palette.palette(accent)
    for one, other in (
        (made.on_seal, made.seal),
        (made.on_seal, made.seal_deep),
        (made.seal, made.seal_tint),
        (made.seal_deep, made.seal_tint),
        (palette.INK, made.seal_tint),
        (made.seal, palette.PAPER),
    ):
        assert palette.contrast(one, other) >= palette.CONTRAST_MIN
    elder = palette.elder_palette(accent)
    assert palette.contrast(elder.seal, palette.WHITE) >= palette.ELDER_CONTRAST_MIN
    assert palette.contrast(elder.seal, elder.seal_tint) >= palette.CONTRAST_MIN
