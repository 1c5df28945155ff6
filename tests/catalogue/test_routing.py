"""Which group a visit leads to. Every matter leads to exactly one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.catalogue.core import (
    Material,
    Matter,
    MatterClosed,
    MatterUnknown,
    OneScenarioEach,
    Scenario,
    ScenarioUnknown,
    difference,
    route,
    with_directory,
)

CARD = Matter("M15", "居民身份证换领", "ID card renewal", "公安分局", "Police", "household", "A", 8)
LICENCE = replace(CARD, code="M16", name_zh="机动车驾驶证期满换证", target_minutes=10)
COMPANY = replace(CARD, code="M01", name_zh="企业设立登记", department_zh="市场监管局", group_id="B")
UNMAPPED = replace(CARD, code="M99", group_id=None)
CLOSED = replace(CARD, code="M98", active=False)
KNOWN = {matter.code: matter for matter in (CARD, LICENCE, COMPANY, UNMAPPED, CLOSED)}


def groups(*codes: str) -> list[str]:
    return [leg.group_id for leg in route(KNOWN, codes, "A")]


def test_matters_of_two_departments_in_one_group_are_one_leg() -> None:
    assert groups("M15", "M16") == ["A"]


def test_matters_of_two_groups_are_two_legs_in_the_order_they_were_named() -> None:
    assert groups("M01", "M15") == ["B", "A"]


def test_a_matter_that_nobody_mapped_goes_to_general_business() -> None:
    assert groups("M99") == ["A"]


def test_a_leg_lasts_as_long_as_its_matters_together() -> None:
    assert [leg.minutes for leg in route(KNOWN, ["M15", "M16"], "A")] == [18]


def test_a_matter_that_is_named_twice_is_done_once() -> None:
    assert route(KNOWN, ["M15", "M15"], "A") == route(KNOWN, ["M15"], "A")


HOME, PROJECT = Scenario("home", "居民", "Home"), Scenario("project", "项目", "Project", group_id="C")
WATER = replace(CARD, code="M24", scenarios=(HOME, PROJECT))
WITH_WATER = {**KNOWN, "M24": WATER}


def test_a_case_may_be_done_elsewhere() -> None:
    legs = route(WITH_WATER, ["M15", "M24"], "A", ["M24.project"])
    assert [(leg.group_id, leg.scenarios) for leg in legs] == [("A", ()), ("C", ("M24.project",))]


def test_a_case_without_a_place_of_its_own_stays_with_its_matter() -> None:
    (leg,) = route(WITH_WATER, ["M15", "M24"], "A", ["M24.home", "M24.home"])
    assert (leg.group_id, leg.codes, leg.scenarios) == ("A", ("M15", "M24"), ("M24.home",))


def test_one_is_in_one_case_at_a_time() -> None:
    with pytest.raises(OneScenarioEach):
        route(WITH_WATER, ["M24"], "A", ["M24.home", "M24.project"])


@pytest.mark.parametrize("named", ["M24.moon", "M15.home", "M99.home", "M24.", "home", ""])
def test_a_case_that_no_matter_of_the_visit_has_is_not_found(named: str) -> None:
    with pytest.raises(ScenarioUnknown):
        route(WITH_WATER, ["M24"], "A", [named])


def test_each_case_has_its_own_list_of_what_to_bring() -> None:
    always, only_home = Material("申请表", "Form"), Material("权属证书", "Title", exempt=True, only=("home",))
    water = replace(WATER, materials=(always, only_home))
    assert water.materials_for("home") == (always, only_home)
    assert water.materials_for("project") == water.materials_for("") == (always,)


def test_a_matter_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(MatterUnknown):
        groups("M15", "M404")


def test_a_matter_that_is_not_handled_at_present_is_refused() -> None:
    with pytest.raises(MatterClosed):
        groups("M98")


# ── Whatever the catalogue ──────────────────────────────────────────────────────────────────────

CODES = st.text("ABC123", min_size=1, max_size=3)
CATALOGUES = st.dictionaries(
    CODES,
    st.builds(
        Matter,
        code=st.just(""),
        name_zh=st.just("事项"),
        name_en=st.just("matter"),
        department_zh=st.just("部门"),
        department_en=st.just("department"),
        theme=st.just("business"),
        group_id=st.none() | st.sampled_from("ABCD"),
        target_minutes=st.integers(1, 60),
        active=st.booleans(),
    ),
    min_size=1,
).map(lambda entries: {code: replace(matter, code=code) for code, matter in entries.items()})


@given(CATALOGUES)
def test_every_active_matter_routes_to_exactly_one_group(matters: dict[str, Matter]) -> None:
    for matter in matters.values():
        if matter.active:
            assert [leg.group_id for leg in route(matters, [matter.code], "A")] == [matter.group_id or "A"]


@given(CATALOGUES, st.data())
def test_the_legs_hold_every_matter_once(matters: dict[str, Matter], data: st.DataObject) -> None:
    active = sorted(code for code, matter in matters.items() if matter.active)
    codes = data.draw(st.lists(st.sampled_from(active))) if active else []
    held = [code for leg in route(matters, codes, "A") for code in leg.codes]
    assert sorted(held) == sorted(set(codes))


@given(CATALOGUES, st.data())
def test_no_group_is_visited_twice(matters: dict[str, Matter], data: st.DataObject) -> None:
    active = sorted(code for code, matter in matters.items() if matter.active)
    codes = data.draw(st.lists(st.sampled_from(active))) if active else []
    groups = [leg.group_id for leg in route(matters, codes, "A")]
    assert len(groups) == len(set(groups))


# ── A new directory ─────────────────────────────────────────────────────────────────────────────


def moved(group_id: str, *codes: str) -> dict[str, str | None]:
    return {matter.code: matter.group_id for matter in with_directory(KNOWN.values(), group_id, codes)}


def test_what_a_directory_lists_is_done_in_its_group() -> None:
    assert moved("B", "M01", "M16")["M16"] == "B"


def test_what_a_directory_no_longer_lists_falls_back_to_general_business() -> None:
    assert moved("B")["M01"] is None


def test_a_directory_leaves_other_groups_alone() -> None:
    assert moved("B", "M01")["M15"] == "A"


def test_a_directory_cannot_list_what_the_hall_does_not_know() -> None:
    with pytest.raises(MatterUnknown):
        moved("B", "M404")


def test_the_difference_names_what_comes_goes_and_changes() -> None:
    after = {"M15": replace(CARD, target_minutes=9), "M16": LICENCE, "M02": replace(CARD, code="M02")}
    changes = difference({"M15": CARD, "M16": LICENCE, "M01": COMPANY}, after)
    assert (changes.added, changes.removed, changes.changed) == (("M02",), ("M01",), ("M15",))
