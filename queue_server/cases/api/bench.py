"""A route that does nothing, with the models of a tick: what `bench cases` holds beside it."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from queue_server.cases.api.models import CaseShape, MarkRequest
from queue_server.cases.core.model import By, Case, Item, Subject, When
from queue_server.cases.live import case_view

router = APIRouter(prefix="/api/v1/bench", tags=["bench"])

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CASE = CaseShape.model_validate(
    case_view(
        Case(
            hall_id="h1",
            code="23456789ABGP",
            id=1,
            subject=Subject("M03", "许可", "Permit", "审批局", "Bureau", immediate=False, limit_days=5),
            ticket_id=1,
            number="A001",
            items=tuple(Item(f"第{place}项材料", f"Material {place}") for place in range(1, 6)),
            opened=By("c09", "王秀英", NOW, NOW.date()),
        ),
        When(NOW, NOW.date()),
    )
)


@router.put("/cases/{case_id}/materials/{place}", response_model=CaseShape)
async def tick(case_id: str, place: int, body: MarkRequest, request: Request) -> CaseShape:
    """What a tick costs when nothing is decided and nothing written."""
    return CASE
