"""The halls that come with the product make sense, and a definition that does not is refused."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from queue_server.calendar.core import sessions_on
from queue_server.catalogue.core import route
from queue_server.demo.definition import H1, H1_THEME, H2, Definition, DefinitionWrong, read
from queue_server.people.core import Role

EVERY_HALL = pytest.mark.parametrize("file", [H1, H1_THEME, H2], ids=lambda file: file.stem)


@EVERY_HALL
def test_every_active_matter_routes_to_exactly_one_group_with_a_window(file: Path) -> None:
    hall = read(file)
    with_window = {group_id for window in hall.windows for group_id in window.groups}
    matters = {matter.code: matter for matter in hall.catalogue()}
    for matter in matters.values():
        (leg,) = route(matters, [matter.code], hall.hall.general_group)
        assert leg.group_id in with_window


@EVERY_HALL
def test_a_new_matter_without_a_group_goes_to_general_business(file: Path) -> None:
    hall = read(file)
    new = replace(hall.catalogue()[0], code="M777", group_id=None)
    assert route({"M777": new}, ["M777"], hall.hall.general_group)[0].group_id == hall.hall.general_group


@EVERY_HALL
def test_prefixes_do_not_collide(file: Path) -> None:
    groups = read(file).groups
    prefixes = [prefix for group in groups for prefix in (group.prefix, group.green_prefix) if prefix]
    assert len(prefixes) == len(set(prefixes))


@EVERY_HALL
def test_everything_people_read_is_there_in_both_languages(file: Path) -> None:
    def names(value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"zh", "en"}:
                yield value
            for part in value.values():
                yield from names(part)
        elif isinstance(value, list):
            for part in value:
                yield from names(part)

    assert all(
        name["zh"].strip() and name["en"].isascii() and name["en"].strip()
        for name in names(msgspec.to_builtins(read(file)))
    )


@EVERY_HALL
def test_a_mentor_has_an_account_before_the_trainee(file: Path) -> None:
    seen: set[str | None] = {None}
    for account in read(file).accounts():
        assert account.mentor_id in seen
        seen.add(account.id)


def test_the_demonstration_hall_has_the_five_window_categories_and_a_guide_desk() -> None:
    assert [(group.id, group.type) for group in read(H1).groups] == [
        ("A", "comprehensive"),
        ("B", "comprehensive"),
        ("C", "comprehensive"),
        ("D", "professional"),
        ("E", "issuance"),
        ("Q", "consultation"),
    ]


def test_the_demonstration_hall_has_sixteen_windows_and_13_is_green() -> None:
    windows = {window.id: window for window in read(H1).windows}
    assert (len(windows), windows["13"].green, windows["13"].groups) == (16, True, ("A",))


def test_tax_is_done_only_at_tax_windows() -> None:
    hall = read(H1)
    assert [window.id for window in hall.windows if "D" in window.groups] == ["01", "02"]


def test_nobody_helps_the_group_that_one_department_owns() -> None:
    assert not any("D" in group.helps for group in read(H1).groups)


def test_the_theme_hall_files_the_same_matters_in_four_groups() -> None:
    groups = {matter.group_id for matter in read(H1_THEME).catalogue()}
    assert groups == {"B", "C", "R", "S"}


def test_both_templates_offer_the_same_matters() -> None:
    assert {matter.code for matter in read(H1).catalogue()} == {
        matter.code for matter in read(H1_THEME).catalogue()
    }


def test_the_general_windows_are_open_on_wednesday_evening() -> None:
    hall = read(H1)
    sessions = sessions_on(hall.opening_hours(), date(2026, 11, 25), hall.hall.timezone)
    assert [session.kind for session in sessions] == ["normal", "extended"]


def test_a_trainee_has_a_mentor() -> None:
    trainees = {account.id: account.mentor_id for account in read(H1).accounts() if account.trainee}
    assert trainees == {"c05": "c03", "c12": "c09"}


def test_every_matter_says_what_to_bring_in_every_case() -> None:
    for matter in read(H1).catalogue():
        assert matter.materials_for("") or matter.scenarios
        assert all(matter.materials_for(case.code) for case in matter.scenarios)


def test_water_for_a_building_site_is_settled_where_building_sites_are() -> None:
    matters = {matter.code: matter for matter in read(H1).catalogue()}
    assert route(matters, ["M24"], "A", ["M24.project"])[0].group_id == "C"


def test_the_town_has_no_group_for_building_sites() -> None:
    assert not [case for matter in read(H2).catalogue() for case in matter.scenarios if case.group_id]


def test_there_is_somebody_who_may_open_the_day() -> None:
    assert any(account.role == Role.MANAGER for account in read(H2).accounts())


# ── What is refused ─────────────────────────────────────────────────────────────────────────────


def changed(**changes: Any) -> Any:
    """The demonstration hall with some parts replaced by hand."""
    return {**json.loads(H1.read_text()), **changes}


def entries(part: str, entry_id: str, **changes: Any) -> dict[str, Any]:
    key = "code" if part == "matters" else "id"
    return {
        part: [
            {**entry, **changes} if entry[key] == entry_id else entry
            for entry in json.loads(H1.read_text())[part]
        ]
    }


def part_of(part: str, **changes: Any) -> dict[str, Any]:
    return {part: {**json.loads(H1.read_text())[part], **changes}}


LOST = {"code": "lost", "name": {"zh": "遗失", "en": "Lost"}}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (entries("groups", "B", prefix="A"), "prefix A is there 2 times"),
        (entries("groups", "A", green_prefix="B"), "prefix B is there 2 times"),
        (entries("groups", "B", id="X"), "window 03 serves group B, which is not there"),
        (entries("groups", "B", zone="Z9"), "group B is in zone Z9, which is not there"),
        (entries("groups", "B", helps=["D"]), "group B helps group D, which only its own department staffs"),
        (entries("windows", "16", groups=["A"]), "group Q has no window"),
        (entries("windows", "16", groups=[]), "window 16 serves no group"),
        (entries("windows", "13", green=False), "group A has a green prefix but no green window"),
        (entries("windows", "02", id="01"), "window 01 is there 2 times"),
        (entries("matters", "M15", group="X"), "matter M15 goes to group X, which is not there"),
        (entries("matters", "M15", group="E"), "matter M15 goes to group E, where nothing is filed"),
        (entries("matters", "M12", specialised_because=""), "matter M12 is bound to a professional window"),
        (entries("matters", "M15", scenarios=[LOST, LOST]), "scenario M15.lost is there 2 times"),
        (entries("matters", "M15", scenarios=[{**LOST, "group": "E"}]), "scenario M15.lost goes to group E"),
        (entries("matters", "M15", scenarios=[LOST]), "matter M15 has no scenario expired"),
        (entries("matters", "M15", department="x"), "matter M15 belongs to department x"),
        (entries("staff", "c12", mentor="c99"), "account c12 has mentor c99, who is not there"),
        (entries("staff", "c08", skills={"X": "primary"}), "account c08 is trained for group X"),
        (entries("staff", "c16", skills={}), None),
        (part_of("hall", general_group="E"), "general business E is no comprehensive group"),
        (part_of("hall", timezone="Mars/Olympus"), "the hours cannot be read"),
        (part_of("hall", hours="sometimes"), "the hours cannot be read"),
        (part_of("traffic", service_minutes={"A": 12}), "the traffic does not name exactly the groups"),
        (entries("groups", "B", prefix="A1"), "prefix"),
        (entries("matters", "M15", groop="A"), "groop"),
        (entries("staff", "c08", role="king"), "king"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(
    wrong: dict[str, Any], sentence: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "hall.json"
    file.write_text(json.dumps(changed(**wrong)))
    if sentence is None:  # The guides still know their desk.
        assert isinstance(read(file), Definition)
        return
    with pytest.raises(DefinitionWrong, match=sentence):
        read(file)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "hall.json"
    file.write_text(json.dumps(changed(**entries("groups", "B", prefix="A", zone="Z9"))))
    with pytest.raises(DefinitionWrong) as refusal:
        read(file)
    assert len(refusal.value.problems) == 2
