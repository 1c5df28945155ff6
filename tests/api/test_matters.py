"""What a hall offers, as kiosks and phones ask for it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from queue_server.catalogue.core import Material, Matter, Scenario
from queue_server.hall.live.asked import FRESH_SECONDS, Asked
from queue_server.kit.database import Database

from .places import Hall

CARD = Matter(
    "M15", "居民身份证换领", "ID card renewal", "公安分局", "Police", "household", "A", 8,
    tags=("common",),
    scenarios=(Scenario("expired", "期满换领", "Expired"), Scenario("lost", "遗失补领", "Lost", group_id="B")),
    materials=(
        Material("户口簿", "Household register", exempt=True),
        Material("原身份证", "Old ID card", tolerable=True, only=("expired",)),
    ),
    online_zh="可网上办理。",
    online_en="Online, too.",
)  # fmt: skip
LICENCE = replace(CARD, code="M16", name_zh="驾驶证", name_en="Driving licence", tags=(), scenarios=())
PASSPORT = replace(CARD, code="M17", name_zh="护照", name_en="Passport", tags=(), scenarios=())


@pytest.fixture
def offering(hall: Hall) -> Hall:
    """A hall that offers three things."""
    catalogue = hall.server.house.catalogue
    hall.server.do(catalogue.put_matters(hall.id, [PASSPORT, LICENCE, CARD], by="test"))
    return hall


def test_a_kiosk_finds_the_identity_card_with_what_to_bring_in_each_case(offering: Hall) -> None:
    answer = offering.server.anybody.ask("GET", f"{offering.at}/matters?q=sfz")
    register = {
        "name": {"zh": "户口簿", "en": "Household register"},
        "tolerable": False,
        "exempt": True,
    }
    old_card = {"name": {"zh": "原身份证", "en": "Old ID card"}, "tolerable": True, "exempt": False}
    assert answer.json["matters"] == [
        {
            "code": "M15",
            "name": {"zh": "居民身份证换领", "en": "ID card renewal"},
            "department": {"zh": "公安分局", "en": "Police"},
            "theme": "household",
            "kind": "committed",
            "group": "A",
            "target_minutes": 8,
            "tags": ["common"],
            "scenarios": [
                {
                    "code": "expired",
                    "name": {"zh": "期满换领", "en": "Expired"},
                    "group": None,
                    "materials": [register, old_card],
                },
                {
                    "code": "lost",
                    "name": {"zh": "遗失补领", "en": "Lost"},
                    "group": "B",
                    "materials": [register],
                },
            ],
            "materials": [register],
            "online": {"zh": "可网上办理。", "en": "Online, too."},
            "paused": None,
        }
    ]


def test_without_a_question_everything_is_listed_in_the_order_of_the_hall(offering: Hall) -> None:
    answer = offering.server.anybody.ask("GET", f"{offering.at}/matters")
    assert [matter["code"] for matter in answer.json["matters"]] == ["M17", "M16", "M15"]


def test_a_hall_that_does_not_exist_offers_nothing(hall: Hall) -> None:
    assert hall.server.anybody.ask("GET", "/api/v1/halls/h999/matters").said == (404, "hall_unknown")


def test_an_unreasonable_question_is_refused(hall: Hall) -> None:
    assert hall.server.anybody.ask("GET", f"{hall.at}/matters?q={'x' * 51}").status == 422


def test_a_hall_that_nobody_came_to_yet_offers_first_what_it_calls_common(offering: Hall) -> None:
    answer = offering.server.anybody.ask("GET", f"{offering.at}/matters")
    assert answer.json["most_asked"] == ["M15", "M17", "M16"]


def test_what_people_really_came_for_is_offered_first(offering: Hall) -> None:
    for codes in (["M16"], ["M16", "M17"], ["M16"], ["M17"]):
        offering.takes(group=None, matters=codes)
    answer = offering.server.anybody.ask("GET", f"{offering.at}/matters")
    assert answer.json["most_asked"] == ["M16", "M17", "M15"]


async def test_what_was_asked_for_a_season_ago_no_longer_counts(database_url: str) -> None:
    database, ago = Database(database_url), [0.0]
    await database.open()
    now = [datetime(2026, 11, 23, 1, tzinfo=UTC)]
    asked = Asked(database, lambda: now[0], monotonic=lambda: ago[0])
    await database.write(
        lambda tx: tx.execute(
            "INSERT INTO facts_issued VALUES ('h1', 1, '2026-11-20', 'A001', 'A', 'M16,M17', 'kiosk', NULL,"
            " '2026-11-20T01:00Z', 'x')"
        )
    )
    offered = [CARD, PASSPORT, LICENCE]
    assert await asked.first("h1", offered) == ["M17", "M16", "M15"]
    now[0], ago[0] = datetime(2027, 2, 1, tzinfo=UTC), FRESH_SECONDS + 1
    assert await asked.first("h1", offered) == ["M15", "M17", "M16"]
    await database.close()


def test_the_case_decides_where_one_goes(offering: Hall) -> None:
    lost = offering.takes(group=None, matters=["M15"], scenarios=["M15.lost"])
    assert lost.ticket["group"] == "B"
    assert offering.takes(group=None, matters=["M15"], scenarios=["M15.expired"]).ticket["group"] == "A"


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"matters": ["M15"], "scenarios": ["M15.moon"]}, 404),
        ({"matters": ["M16"], "scenarios": ["M15.lost"]}, 404),
        ({"matters": ["M15"], "scenarios": ["lost"]}, 422),
        ({"matters": ["M15"], "scenarios": ["M15.lost"] * 11}, 422),
        ({"group": "A", "scenarios": ["M15.lost"]}, 422),
    ],
)
def test_a_case_that_is_not_there_gives_no_ticket(
    offering: Hall, wish: dict[str, object], status: int
) -> None:
    seq = offering.seq()
    answer = offering.server.anybody.ask("POST", f"{offering.at}/tickets", {"channel": "kiosk", **wish})
    assert answer.status == status
    assert offering.seq() == seq
