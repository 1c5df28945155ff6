"""The matters of a hall as those who keep them see them: where each is done, how long it takes, what people call it."""

from dataclasses import replace
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from queue_server.catalogue.core import Matter
from queue_server.hall.access import access_hall, house_of
from queue_server.hall.api.answers import answered, asker_of
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.hall.api.paths import HallId
from queue_server.hall.core.rejections import GroupUnknown
from queue_server.hall.live.views.parts import View
from queue_server.kit.database import Transaction
from queue_server.kit.requests import Answer, remember
from queue_server.kit.web.fields import Body, Id, ShortText
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.people.core import Role

SYNONYMS_MAX: Final = 40
KEEPERS: Final = (Role.MANAGER, Role.ADMIN)

router = APIRouter(prefix="/api/v1/halls", tags=["directory"], responses=STAFF_ONLY)

Code = Annotated[str, Path(max_length=40, description="The code of a matter, such as `M15`.")]


class MatterBody(Body):
    """What is kept about a matter here; the rest comes with the catalogue."""

    group: Id | None
    target_minutes: int = Field(ge=1, le=480)
    active: bool
    synonyms: list[ShortText] = Field(max_length=SYNONYMS_MAX)


class MatterLine(Shape):
    """A matter. `lost` means that its group is no longer there, so that it goes to general business."""

    code: str
    name: Bilingual
    department: Bilingual
    theme: str
    group: str | None
    lost: bool
    target_minutes: int
    active: bool
    synonyms: list[str]


class Directory(Shape):
    """Every matter, also those that are closed."""

    matters: list[MatterLine]


@router.get("/{hall_id}/directory", response_model=Directory)
async def directory(hall_id: HallId, request: Request) -> Response:
    """Every matter of the hall, in its order."""
    await access_hall(request, hall_id, *KEEPERS)
    house = house_of(request)
    _, paper = await house.queues.newest(hall_id)
    group_ids = {group.id for group in paper.groups}
    offered = await house.catalogue.matters(hall_id)
    return answered({"matters": [matter_line(matter, group_ids) for matter in offered.values()]})


@router.put("/{hall_id}/directory/{code}", response_model=MatterLine)
async def change(hall_id: HallId, code: Code, body: MatterBody, request: Request) -> Response:
    """Say where a matter is done, how long it should take, whether it is open, and what people call it."""
    person = await access_hall(request, hall_id, *KEEPERS)
    house = house_of(request)
    _, paper = await house.queues.newest(hall_id)
    group_ids = {group.id for group in paper.groups}
    if body.group is not None and body.group not in group_ids:
        raise GroupUnknown(group=body.group)
    key = await key_of(request, asker_of(person))

    def changed(matter: Matter) -> Matter:
        return replace(
            matter,
            group_id=body.group,
            target_minutes=body.target_minutes,
            active=body.active,
            synonyms=tuple(dict.fromkeys(body.synonyms)),
        )

    def spelled(matter: Matter) -> Answer:
        return Answer(200, msgspec.json.encode(matter_line(matter, group_ids)).decode())

    def also(tx: Transaction, matter: Matter) -> None:
        if key is not None:
            answer = spelled(matter)
            remember(tx, key, answer.status, answer.body, house.clock())

    async def work() -> Answer:
        return spelled(await house.catalogue.change_matter(hall_id, code, changed, by=person.by, also=also))

    answer = await house.requests.once(key, work)
    return Response(answer.body, answer.status, media_type="application/json")


def matter_line(matter: Matter, group_ids: set[str]) -> View:
    """A matter with everything that is kept about it here."""
    return {
        "code": matter.code,
        "name": {"zh": matter.name_zh, "en": matter.name_en},
        "department": {"zh": matter.department_zh, "en": matter.department_en},
        "theme": matter.theme,
        "group": matter.group_id,
        "lost": matter.group_id is not None and matter.group_id not in group_ids,
        "target_minutes": matter.target_minutes,
        "active": matter.active,
        "synonyms": list(matter.synonyms),
    }
