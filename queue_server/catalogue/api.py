"""What a hall offers, for kiosks, phones and whoever asks."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.core import Matter, search

QUERY_LENGTH_MAX: Final = 50

router = APIRouter(prefix="/api/v1/halls", tags=["matters"])


class Name(BaseModel):
    """What people read, in both languages."""

    zh: str
    en: str


class MatterView(BaseModel):
    """A thing one can apply for."""

    code: str
    name: Name
    department: Name
    theme: str
    kind: str
    group: str | None  # null: general business.
    target_minutes: int
    tags: tuple[str, ...]


class MattersView(BaseModel):
    """What a hall offers, the best fit first."""

    matters: list[MatterView]


@router.get("/{hall_id}/matters")
async def matters(
    request: Request,
    hall_id: Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,40}$")],
    q: Annotated[str, Query(max_length=QUERY_LENGTH_MAX)] = "",
) -> MattersView:
    """Find matters by code, name, everyday word, pinyin or its initials, theme or department."""
    catalogue: Catalogue = request.app.state.catalogue
    offered = await catalogue.matters(hall_id)
    return MattersView(matters=[matter_view(matter) for matter in search(offered.values(), q)])


def matter_view(matter: Matter) -> MatterView:
    """A matter as everybody may know it."""
    return MatterView(
        code=matter.code,
        name=Name(zh=matter.name_zh, en=matter.name_en),
        department=Name(zh=matter.department_zh, en=matter.department_en),
        theme=matter.theme,
        kind=matter.kind,
        group=matter.group_id,
        target_minutes=matter.target_minutes,
        tags=matter.tags,
    )
