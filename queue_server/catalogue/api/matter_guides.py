"""Guides of matters: published for everybody, edited by those who may."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request, Response, status

from queue_server.catalogue.access import DEPARTMENTS, EDITORS, REVIEWERS, access_guides, guides_of
from queue_server.catalogue.actions.guides import Line, Standing
from queue_server.catalogue.api.answers import Code, HallId, answered, once, spelled
from queue_server.catalogue.api.models import (
    ChangeRequest,
    DraftRequest,
    GuideBody,
    GuideList,
    GuideShape,
    Past,
    PublicationRequest,
    PublicGuide,
    RestorationRequest,
    SuggestionRequest,
)
from queue_server.catalogue.core import Matter
from queue_server.catalogue.core.guides import Guide, changed_elements
from queue_server.catalogue.core.lint import findings
from queue_server.kit.requests import Answer, Key
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["matter_guides"])

Suggestion = Annotated[
    str, Path(pattern=r"^[1-9][0-9]{0,14}$", description="The id of a suggestion, such as `1`.")
]


@router.get("/catalogue", response_model=GuideList, responses=STAFF_ONLY)
async def every(hall_id: HallId, request: Request) -> Response:
    """Every guide of a hall: its version, what is wrong with it, what is under way."""
    await access_guides(request, hall_id, *DEPARTMENTS)
    return answered({"guides": [line_view(line) for line in await guides_of(request).every(hall_id)]})


@router.get("/matters/{code}/guide", response_model=PublicGuide)
async def look(hall_id: HallId, code: Code, request: Request) -> Response:
    """The guide of a matter, as everybody goes by it."""
    found = await guides_of(request).look(hall_id, code)
    return answered(public_view(found))


@router.get("/matters/{code}/guide/draft", response_model=GuideShape, responses=STAFF_ONLY)
async def edit(hall_id: HallId, code: Code, request: Request) -> Response:
    """A guide as its editors see it: with its draft, what is wrong, and what differs."""
    await access_guides(request, hall_id, *DEPARTMENTS)
    return answered(editors_view(await guides_of(request).look(hall_id, code)))


@router.get("/matters/{code}/guide/versions", response_model=Past, responses=STAFF_ONLY)
async def past(hall_id: HallId, code: Code, request: Request) -> Response:
    """Every version of a guide, and every suggestion that was made."""
    await access_guides(request, hall_id, *DEPARTMENTS)
    guides = guides_of(request)
    asked = await guides.suggestions(hall_id, code)
    return answered(
        {
            "versions": await guides.history(hall_id, code),
            "suggestions": [suggestion_view(row) for row in asked],
        }
    )


@router.put("/matters/{code}/guide", response_model=GuideShape, responses=STAFF_ONLY)
async def change(hall_id: HallId, code: Code, body: ChangeRequest, request: Request) -> Response:
    """Change place, hours, telephones, or shorten the limit: it counts at once. The rest needs a suggestion."""
    account = await access_guides(request, hall_id, *DEPARTMENTS)

    async def work(key: Key | None) -> Answer:
        return await guides_of(request).change(
            hall_id,
            code,
            body.version,
            guide_of(body.guide),
            account,
            is_editor=account.role in EDITORS,
            respond=respond,
            request=key,
        )

    return await once(request, account, work)


@router.put("/matters/{code}/guide/draft", response_model=GuideShape, responses=STAFF_ONLY)
async def save(hall_id: HallId, code: Code, body: DraftRequest, request: Request) -> Response:
    """Save a draft, or hand it in for review. Editors only; whoever saves later than somebody else is told."""
    account = await access_guides(request, hall_id, *EDITORS)

    async def work(key: Key | None) -> Answer:
        return await guides_of(request).save(
            hall_id,
            code,
            body.revision,
            guide_of(body.guide),
            account,
            hand_in=body.hand_in,
            respond=respond,
            request=key,
        )

    return await once(request, account, work)


@router.post("/matters/{code}/guide/draft/publication", response_model=GuideShape, responses=STAFF_ONLY)
async def publish(hall_id: HallId, code: Code, body: PublicationRequest, request: Request) -> Response:
    """Publish a draft that somebody else has handed in. Every screen shows it at once."""
    account = await access_guides(request, hall_id, *REVIEWERS)

    async def work(key: Key | None) -> Answer:
        guides = guides_of(request)
        return await guides.publish(hall_id, code, body.revision, account, respond=respond, request=key)

    return await once(request, account, work)


@router.post("/matters/{code}/guide/restoration", response_model=GuideShape, responses=STAFF_ONLY)
async def restore(hall_id: HallId, code: Code, body: RestorationRequest, request: Request) -> Response:
    """Let an earlier version count again, as a new one."""
    account = await access_guides(request, hall_id, *EDITORS)

    async def work(key: Key | None) -> Answer:
        guides = guides_of(request)
        return await guides.restore(
            hall_id, code, body.version, body.earlier, account, respond=respond, request=key
        )

    return await once(request, account, work)


# ── Suggestions ──────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/matters/{code}/suggestions",
    status_code=status.HTTP_201_CREATED,
    response_model=GuideShape,
    responses=STAFF_ONLY,
)
async def suggest(hall_id: HallId, code: Code, body: SuggestionRequest, request: Request) -> Response:
    """Send up what a department would like to see changed, and why."""
    account = await access_guides(request, hall_id, *DEPARTMENTS)

    async def work(key: Key | None) -> Answer:
        return await guides_of(request).suggest(
            hall_id,
            code,
            body.version,
            guide_of(body.guide),
            body.reason,
            account,
            respond=lambda now: spelled(editors_view(now), status.HTTP_201_CREATED),
            request=key,
        )

    return await once(request, account, work)


@router.post(
    "/matters/{code}/suggestions/{suggestion}/acceptance", response_model=GuideShape, responses=STAFF_ONLY
)
async def accept(hall_id: HallId, code: Code, suggestion: Suggestion, request: Request) -> Response:
    """Accept a suggestion: it is published as the next version."""
    account = await access_guides(request, hall_id, *EDITORS)

    async def work(key: Key | None) -> Answer:
        guides = guides_of(request)
        return await guides.accept(hall_id, code, int(suggestion), account, respond=respond, request=key)

    return await once(request, account, work)


@router.post(
    "/matters/{code}/suggestions/{suggestion}/refusal", response_model=GuideShape, responses=STAFF_ONLY
)
async def decline(hall_id: HallId, code: Code, suggestion: Suggestion, request: Request) -> Response:
    """Leave the guide as it is."""
    account = await access_guides(request, hall_id, *EDITORS)

    async def work(key: Key | None) -> Answer:
        guides = guides_of(request)
        return await guides.decline(hall_id, code, int(suggestion), account, respond=respond, request=key)

    return await once(request, account, work)


# ── Spelling ─────────────────────────────────────────────────────────────────────────────────────


def guide_of(body: GuideBody) -> Guide:
    """What was written, as a guide."""
    return msgspec.convert(body.model_dump(), Guide)


def respond(now: Standing) -> Answer:
    """How a deed is answered: with the guide as its editors see it then."""
    return spelled(editors_view(now))


def matter_view(matter: Matter) -> dict[str, Any]:
    """The matter a guide is for."""
    return {
        "code": matter.code,
        "name": {"zh": matter.name_zh, "en": matter.name_en},
        "department": {"zh": matter.department_zh, "en": matter.department_en},
        "kind": matter.kind,
        "active": matter.active,
    }


def public_view(now: Standing) -> dict[str, Any]:
    """A guide as everybody may know it."""
    return {"matter": matter_view(now.matter), "version": now.version, "guide": now.guide}


def editors_view(now: Standing) -> dict[str, Any]:
    """A guide as its editors see it."""
    draft = now.draft
    return {
        **public_view(now),
        "findings": findings(now.guide, now.matter.kind),
        "draft": None
        if draft is None
        else {
            **draft,
            "findings": findings(draft["guide"], now.matter.kind),
            "changes": changed_elements(now.guide, draft["guide"]),
        },
    }


def line_view(line: Line) -> dict[str, Any]:
    """A guide in the list of all."""
    return {
        "matter": matter_view(line.matter),
        "version": line.version,
        "published_at": line.published_at,
        "findings": line.findings,
        "draft": line.draft,
        "suggestions": line.suggestions,
    }


def suggestion_view(row: dict[str, Any]) -> dict[str, Any]:
    """A suggestion as everybody concerned may know it."""
    told = ("before", "after", "reason", "made_at", "made_by_name", "state", "version")
    return {"id": str(row["id"]), **{name: row[name] for name in told}}
