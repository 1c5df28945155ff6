"""Guides in versions: who may change what, and what everybody goes by after that."""

from dataclasses import replace as replaced
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.actions.guides import Guides, Standing
from queue_server.catalogue.core.guides import (
    DraftChanged,
    DraftNotInReview,
    Guide,
    GuideChanged,
    GuideUnfit,
    LimitLonger,
    NothingChanged,
    OwnReview,
    SubstanceChanged,
    SuggestionSettled,
    SuggestionStale,
    Words,
    derived,
)
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database
from queue_server.kit.requests import Answer
from queue_server.people.core import Account, Role

from .guides import PERMIT, both, complete

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def person(name: str, role: Role) -> Account:
    return Account(name, "h1", name, name, name, role)


CITY, OTHER_CITY = person("x01", Role.ADMIN), person("x02", Role.ADMIN)
DEPARTMENT = person("r02", Role.REVIEWER)
HEAD = person("m01", Role.MANAGER)


class Office:
    """The guides of one hall, as its people work on them."""

    def __init__(self, guides: Guides, catalogue: Catalogue) -> None:
        self.guides, self.catalogue, self.now = guides, catalogue, Standing(PERMIT, 0, derived(PERMIT))

    def heard(self, now: Standing) -> Answer:
        self.now = now
        return Answer(200, "")

    async def does(self, deed: str, *told: Any, **more: Any) -> Standing:
        await getattr(self.guides, deed)("h1", "M03", *told, respond=self.heard, **more)
        self.now = await self.guides.look("h1", "M03")
        return self.now

    async def changes(self, by: Account, **changed: Any) -> Standing:
        guide = replace(self.now.guide, **changed)
        return await self.does("change", self.now.version, guide, by, is_editor=by.role is Role.ADMIN)

    async def publishes(self, guide: Guide) -> Standing:
        await self.does("save", 0, guide, CITY, hand_in=True)
        return await self.does("publish", 1, HEAD)

    async def suggests(self, **changed: Any) -> int:
        guide = replace(self.now.guide, **changed)
        await self.does("suggest", self.now.version, guide, "简化", DEPARTMENT)
        number: int = (await self.guides.suggestions("h1", "M03"))[0]["id"]
        return number


@pytest.fixture
async def office(database: Database) -> Office:
    catalogue = Catalogue(database, Bus(), lambda: NOW)
    await catalogue.put_matters("h1", [PERMIT, replaced(PERMIT, code="M04")], by="test")
    return Office(Guides(database, catalogue, lambda: NOW), catalogue)


async def test_a_matter_nobody_has_edited_has_the_guide_that_the_catalogue_knows(office: Office) -> None:
    now = await office.guides.look("h1", "M03")
    assert (now.version, now.guide) == (0, derived(PERMIT))


async def test_a_guide_goes_from_draft_to_review_to_publication_by_somebody_else(office: Office) -> None:
    await office.does("save", 0, complete(), CITY, hand_in=False)
    with pytest.raises(DraftNotInReview):
        await office.does("publish", 1, HEAD)
    await office.does("save", 1, complete(), CITY, hand_in=True)
    with pytest.raises(OwnReview):
        await office.does("publish", 2, CITY)
    now = await office.does("publish", 2, HEAD)
    assert (now.version, now.guide, now.draft) == (2, complete(), None)
    history = await office.guides.history("h1", "M03")
    assert [(each["version"], each["edited_by"], each["published_by"]) for each in history] == [
        (2, "x01", "m01"),
        (1, "catalogue", "m01"),
    ]


async def test_a_guide_with_errors_is_not_handed_in(office: Office) -> None:
    with pytest.raises(GuideUnfit) as no:
        await office.does("save", 0, replace(complete(), place=Words()), CITY, hand_in=True)
    assert [found["code"] for found in no.value.facts["findings"]] == ["place_missing"]
    await office.does("save", 0, replace(complete(), place=Words()), CITY, hand_in=False)


async def test_two_editors_at_one_draft_and_the_later_is_told_by_whom(office: Office) -> None:
    await office.does("save", 0, complete(), CITY, hand_in=False)
    with pytest.raises(DraftChanged) as no:
        await office.does("save", 0, complete(), OTHER_CITY, hand_in=False)
    assert no.value.facts == {"by": "x01", "revision": 1}


async def test_a_department_changes_hours_and_telephone_at_once(office: Office) -> None:
    now = await office.changes(DEPARTMENT, hours=both("周六 9:00–12:00"), phone="0826-3333333")
    assert (now.version, now.guide.hours.zh) == (2, "周六 9:00–12:00")


async def test_a_department_cannot_drop_a_material(office: Office) -> None:
    with pytest.raises(SubstanceChanged) as no:
        await office.changes(DEPARTMENT, materials=office.now.guide.materials[1:], phone="1")
    assert no.value.facts == {"elements": ["materials"]}


async def test_what_a_department_suggests_is_published_when_the_city_accepts(office: Office) -> None:
    await office.publishes(complete())
    number = await office.suggests(materials=complete().materials[1:])
    now = await office.does("accept", number, CITY)
    assert (now.version, len(now.guide.materials)) == (3, 2)
    matter = (await office.catalogue.matters("h1"))["M03"]
    assert [each.name_zh for each in matter.materials] == ["营业执照", "场所平面图"]
    with pytest.raises(SuggestionSettled):
        await office.does("accept", number, CITY)


async def test_a_suggestion_is_stale_once_its_element_is_another(office: Office) -> None:
    await office.publishes(complete())
    number = await office.suggests(materials=complete().materials[1:])
    await office.publishes(replace(complete(), materials=complete().materials[:1]))
    with pytest.raises(SuggestionStale):
        await office.does("accept", number, CITY)
    assert (await office.does("decline", number, CITY)).version == 3


async def test_nobody_accepts_a_suggestion_of_their_own(office: Office) -> None:
    await office.does("suggest", 0, complete(), "补全", CITY)
    number = (await office.guides.suggestions("h1", "M03"))[0]["id"]
    with pytest.raises(OwnReview):
        await office.does("accept", number, CITY)


async def test_a_department_shortens_its_limit_at_once_and_the_city_alone_makes_it_longer(
    office: Office,
) -> None:
    assert (await office.changes(DEPARTMENT, committed_days=3)).matter.committed_days == 3
    with pytest.raises(LimitLonger):
        await office.changes(DEPARTMENT, committed_days=5)
    assert (await office.changes(CITY, committed_days=5)).matter.committed_days == 5


async def test_an_old_gap_does_not_hold_up_a_new_telephone_but_a_new_error_does(office: Office) -> None:
    with pytest.raises(GuideUnfit):
        await office.changes(DEPARTMENT, phone="0826-1", complaints="0826-1")
    assert (await office.changes(DEPARTMENT, phone="0826-1")).version == 2


async def test_whoever_saw_an_older_version_is_told_and_nothing_is_published_twice(office: Office) -> None:
    seen = office.now
    await office.changes(DEPARTMENT, phone="0826-1")
    with pytest.raises(GuideChanged):
        await office.does("change", seen.version, replace(seen.guide, phone="2"), DEPARTMENT, is_editor=False)
    with pytest.raises(NothingChanged):
        await office.changes(DEPARTMENT, phone="0826-1")


async def test_an_earlier_version_counts_again_and_the_history_goes_on(office: Office) -> None:
    await office.publishes(complete())
    await office.publishes(replace(complete(), materials=complete().materials[:1]))
    now = await office.does("restore", 3, 2, CITY)
    assert (now.version, now.guide) == (4, complete())
    matter = (await office.catalogue.matters("h1"))["M03"]
    assert len(matter.materials) == 3


async def test_another_process_shows_a_new_version_as_soon_as_it_is_woken(
    database: Database, office: Office
) -> None:
    bus = Bus()
    here, there = Catalogue(database, bus, lambda: NOW), Catalogue(database, bus, lambda: NOW)
    guides = Guides(database, here, lambda: NOW)
    assert (await there.matters("h1"))["M03"].committed_days == 5
    guide = replace(derived(PERMIT), committed_days=3)
    await guides.change("h1", "M03", 0, guide, DEPARTMENT, is_editor=False, respond=lambda _: Answer(200, ""))
    assert (await there.matters("h1"))["M03"].committed_days == 3


async def test_the_list_says_what_is_wrong_and_what_is_under_way(office: Office) -> None:
    await office.publishes(complete())
    await office.suggests(materials=())
    await office.does("save", 0, complete(), CITY, hand_in=False)
    first, second = await office.guides.every("h1")
    assert (first.version, first.findings, first.draft, first.suggestions) == (2, 0, "draft", 1)
    assert (second.version, second.findings > 0, second.draft) == (0, True, "")


async def test_what_managers_change_at_the_matter_itself_is_in_its_guide(office: Office) -> None:
    await office.publishes(complete())
    shorter = replaced(PERMIT, materials=PERMIT.materials[:2])
    await office.catalogue.put_matters("h1", [shorter], by="m01")
    guide = (await office.guides.look("h1", "M03")).guide
    assert guide == replace(complete(), materials=complete().materials[:2])
