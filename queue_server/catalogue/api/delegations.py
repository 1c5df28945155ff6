"""Delegations: who lets the hall accept a matter, until when, and how that is renewed."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response

from queue_server.catalogue.access import (
    DEPARTMENTS,
    REFORM_OFFICE,
    WITH_LETTERS,
    access_guides,
    catalogue_of,
)
from queue_server.catalogue.api.answers import Code, HallId, answered, once, spelled
from queue_server.catalogue.api.models import (
    LetterRequest,
    Letters,
    LetterWritten,
    RenewalDecision,
    RenewalRequest,
)
from queue_server.catalogue.core.letters import standing
from queue_server.kit.database import Row
from queue_server.kit.requests import Answer, Key
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}/delegations", tags=["delegations"], responses=STAFF_ONLY)


@router.get("", response_model=Letters)
async def every(hall_id: HallId, request: Request) -> Response:
    """Until when departments let this hall accept their matters, those that end first before the others."""
    await access_guides(request, hall_id, *WITH_LETTERS)
    catalogue = catalogue_of(request)
    rows = await catalogue.letters(hall_id)
    return answered({"delegations": [letter_view(row, catalogue.today()) for row in rows]})


@router.put("/{code}", response_model=LetterWritten)
async def write(hall_id: HallId, code: Code, body: LetterRequest, request: Request) -> Response:
    """Write down a letter of a department. The reform office only."""
    account = await access_guides(request, hall_id, *REFORM_OFFICE)

    async def work(key: Key | None) -> Answer:
        return await catalogue_of(request).delegate(
            hall_id,
            code,
            body.ends_on,
            body.ask,
            by=f"{account.role}:{account.id}",
            answer=spelled({"matter": code, "ends_on": body.ends_on}),
            request=key,
        )

    return await once(request, account, work)


@router.put("/{code}/renewal", response_model=LetterWritten)
async def ask(hall_id: HallId, code: Code, body: RenewalRequest, request: Request) -> Response:
    """Ask for a renewal, as the department. It counts once the reform office has approved it."""
    account = await access_guides(request, hall_id, *DEPARTMENTS)

    async def work(key: Key | None) -> Answer:
        return await catalogue_of(request).ask_for_renewal(
            hall_id,
            code,
            body.ends_on,
            body.reason,
            account,
            answer=spelled({"matter": code, "ends_on": body.ends_on}),
            request=key,
        )

    return await once(request, account, work)


@router.post("/{code}/renewal/decision", response_model=LetterWritten)
async def settle(hall_id: HallId, code: Code, body: RenewalDecision, request: Request) -> Response:
    """Approve a renewal, and the matter is accepted again at once; or decline it. The reform office only."""
    account = await access_guides(request, hall_id, *REFORM_OFFICE)

    async def work(key: Key | None) -> Answer:
        return await catalogue_of(request).settle_renewal(
            hall_id,
            code,
            account,
            approved=body.approved,
            respond=lambda ends_on: spelled({"matter": code, "ends_on": ends_on}),
            request=key,
        )

    return await once(request, account, work)


def letter_view(row: Row, today: date) -> dict[str, Any]:
    """A letter as staff see it."""
    ends_on: date = row["ends_on"]
    return {
        "matter": row["matter"],
        "name": {"zh": row["name_zh"] or row["matter"], "en": row["name_en"] or row["matter"]},
        "department": {"zh": row["department_zh"] or "", "en": row["department_en"] or ""},
        "ends_on": ends_on,
        "days_left": (ends_on - today).days,
        "standing": standing(ends_on, today),
        "ask": row["ask"],
        "renewal": None
        if row["renewal_ends_on"] is None
        else {
            "ends_on": row["renewal_ends_on"],
            "reason": row["renewal_reason"],
            "asked_by_name": row["asked_by_name"],
        },
    }
