"""What a hall offers, for kiosks, phones and whoever asks."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from queue_server.catalogue.core import Material, Matter, Scenario, search
from queue_server.hall.access import house_of
from queue_server.hall.api.models import Bilingual, MaterialView, Shape
from queue_server.hall.api.paths import HallId

QUERY_LENGTH_MAX: Final = 50

router = APIRouter(prefix="/api/v1/halls", tags=["matters"])


class ScenarioView(Shape):
    """A case within a matter, with everything to bring in it."""

    code: str
    name: Bilingual
    group: str | None  # null: where the matter is done.
    materials: list[MaterialView]


class PausedView(Shape):
    """Why nobody accepts a matter now: the department's delegation has ended. `ask` says who can renew it."""

    ended_on: date
    ask: str


class MatterView(Shape):
    """A thing one can apply for. `materials` are those of every case; `online` says where else it can be done."""

    code: str
    name: Bilingual
    department: Bilingual
    theme: str
    kind: str
    group: str | None  # null: general business.
    target_minutes: int
    tags: tuple[str, ...]
    scenarios: list[ScenarioView]
    materials: list[MaterialView]
    online: Bilingual | None
    paused: PausedView | None


class MattersView(Shape):
    """What a hall offers, the best fit first, and the codes of what people came for most in the last weeks."""

    matters: list[MatterView]
    most_asked: list[str]


@router.get("/{hall_id}/matters")
async def matters(
    request: Request,
    hall_id: HallId,
    q: Annotated[str, Query(max_length=QUERY_LENGTH_MAX, description="What somebody typed.")] = "",
) -> MattersView:
    """Find matters by code, name, everyday word, pinyin or its initials, case, theme or department."""
    house = house_of(request)
    if house.queues.halls.known(hall_id) is None:
        await house.queues.halls.current(hall_id)  # Or there is no such hall.
    offered = await house.catalogue.matters(hall_id)
    return MattersView(
        matters=[matter_view(matter, house.catalogue.today()) for matter in search(offered.values(), q)],
        most_asked=await house.asked.first(hall_id, offered.values()),
    )


def matter_view(matter: Matter, today: date) -> MatterView:
    """A matter as everybody may know it."""
    letter = matter.letter
    ended = letter is not None and letter.has_ended(today)
    return MatterView(
        code=matter.code,
        name=Bilingual(zh=matter.name_zh, en=matter.name_en),
        department=Bilingual(zh=matter.department_zh, en=matter.department_en),
        theme=matter.theme,
        kind=matter.kind,
        group=matter.group_id,
        target_minutes=matter.target_minutes,
        tags=matter.tags,
        scenarios=[scenario_view(matter, scenario) for scenario in matter.scenarios],
        materials=[material_view(each) for each in matter.materials_for("")],
        online=Bilingual(zh=matter.online_zh, en=matter.online_en) if matter.online_zh else None,
        paused=PausedView(ended_on=letter.ends_on, ask=letter.ask) if letter is not None and ended else None,
    )


def scenario_view(matter: Matter, scenario: Scenario) -> ScenarioView:
    """A case, with what to bring."""
    return ScenarioView(
        code=scenario.code,
        name=Bilingual(zh=scenario.name_zh, en=scenario.name_en),
        group=scenario.group_id,
        materials=[material_view(each) for each in matter.materials_for(scenario.code)],
    )


def material_view(material: Material) -> MaterialView:
    """Something to bring."""
    return MaterialView(
        name=Bilingual(zh=material.name_zh, en=material.name_en),
        tolerable=material.tolerable,
        exempt=material.exempt,
    )
