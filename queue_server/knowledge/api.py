"""Knowledge over HTTP: clerks find and suggest, departments write and publish."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import AfterValidator, Field, StringConstraints

from queue_server.hall.access import MANAGERS, access_hall, house_of
from queue_server.hall.api.answers import answered, asker_of, replied
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.hall.api.paths import TICKET_ID, HallId
from queue_server.kit.requests import Answer
from queue_server.kit.web.fields import Body, ShortText, fit_lines
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.knowledge.actions import Knowledge, Respond
from queue_server.knowledge.core import Desk, Entry, KnowledgeKind, KnowledgeState, Miss, Writing
from queue_server.people.core import Role

QUERY_CHARACTERS_MAX: Final = 100
BODY_CHARACTERS_MAX: Final = 4000
ABOUT_MAX: Final = 50
ABOUT: Final = r"^[A-Za-z0-9_-]{1,40}(\.[A-Za-z0-9_-]{1,40})?$"
READERS: Final = (Role.CLERK, Role.REVIEWER, *MANAGERS)
KEEPERS: Final = (Role.REVIEWER, *MANAGERS)

EntryId = Annotated[str, Path(pattern=TICKET_ID, description="The id of a knowledge entry.")]
About = Annotated[str, StringConstraints(pattern=ABOUT)]
BodyText = Annotated[str, StringConstraints(max_length=BODY_CHARACTERS_MAX), AfterValidator(fit_lines)]
MatterQuery = Annotated[str, Query(max_length=40, description="The matter on the desk, such as `M03`.")]
ScenarioQuery = Annotated[str, Query(max_length=40, description="Its scenario, such as `new`.")]

router = APIRouter(prefix="/api/v1/halls/{hall_id}/knowledge", tags=["knowledge"], responses=STAFF_ONLY)


# ── Asked ────────────────────────────────────────────────────────────────────────────────────────


class SuggestionRequest(Body):
    """A draft. `about` names matters (`M03`) and scenarios (`M03.new`); nothing: true of every matter."""

    title: ShortText
    body: BodyText
    title_en: ShortText | None = None
    body_en: BodyText | None = None
    kind: KnowledgeKind = Field(strict=False)
    about: list[About] = Field(max_length=ABOUT_MAX)
    from_case: str | None = Field(None, pattern=TICKET_ID)


class EntryRequest(SuggestionRequest):
    """The next version of an entry, on the one that whoever writes has seen."""

    version: int = Field(ge=1, le=2**31 - 1)
    state: KnowledgeState = Field(strict=False)


class MissRequest(Body):
    """What was looked for in vain, and for which matter."""

    query: Annotated[ShortText, StringConstraints(max_length=QUERY_CHARACTERS_MAX)]
    matter: About | None = None


# ── Answered ─────────────────────────────────────────────────────────────────────────────────────


class EntryShape(Shape):
    """One version of an entry. `shown_version`: the one that clerks find."""

    id: str
    version: int
    state: KnowledgeState
    at: datetime
    by: str
    title: Bilingual
    body: Bilingual
    kind: KnowledgeKind
    about: list[str]
    from_case: str | None
    shown_version: int | None


class Found(Shape):
    """What a clerk finds, the most useful first."""

    entries: list[EntryShape]


class MissShape(Shape):
    """What was looked for in vain. `matter` is empty where no matter was on the desk."""

    query: str
    matter: str
    times: int
    last_at: datetime


class Kept(Shape):
    """Every entry as it was last written, and what clerks looked for in vain."""

    entries: list[EntryShape]
    misses: list[MissShape]


# ── For clerks ───────────────────────────────────────────────────────────────────────────────────


@router.get("", response_model=Found)
async def find(
    hall_id: HallId,
    request: Request,
    q: Annotated[str, Query(max_length=QUERY_CHARACTERS_MAX, description="Words, pinyin or initials.")] = "",
    matter: MatterQuery = "",
    scenario: ScenarioQuery = "",
) -> Response:
    """What is published and fits: first about the matter on the desk, which is all there is without words."""
    await access_hall(request, hall_id, *READERS)
    found = await knowledge_of(request).find(hall_id, q, Desk(matter, scenario))
    return answered({"entries": [entry_view(entry) for entry in found]})


@router.post("/misses", status_code=status.HTTP_201_CREATED, response_model=MissRequest)
async def miss(hall_id: HallId, body: MissRequest, request: Request) -> Response:
    """Note what was looked for in vain, for the departments."""
    person = await access_hall(request, hall_id, *READERS)
    key = await key_of(request, asker_of(person))
    answer = Answer(status.HTTP_201_CREATED, body.model_dump_json())

    async def work() -> Answer:
        return await knowledge_of(request).miss(
            hall_id, body.query, body.matter or "", answer=answer, request=key
        )

    return replied(await house_of(request).requests.once(key, work))


@router.post("", status_code=status.HTTP_201_CREATED, response_model=EntryShape)
async def suggest(hall_id: HallId, body: SuggestionRequest, request: Request) -> Response:
    """Write a draft: whoever works with cases may, and a department publishes it."""
    person = await access_hall(request, hall_id, *READERS)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await knowledge_of(request).suggest(
            hall_id, written(body), person.account, respond=spelled(status.HTTP_201_CREATED), request=key
        )

    return replied(await house_of(request).requests.once(key, work))


# ── For the departments ──────────────────────────────────────────────────────────────────────────


@router.get("/kept", response_model=Kept)
async def kept(hall_id: HallId, request: Request) -> Response:
    """Everything there is, drafts too, and what clerks looked for in vain in the last ninety days."""
    await access_hall(request, hall_id, *KEEPERS)
    entries, misses = await knowledge_of(request).kept(hall_id)
    return answered({"entries": list(map(entry_view, entries)), "misses": list(map(miss_view, misses))})


@router.get("/{entry_id}/versions", response_model=Found)
async def versions(hall_id: HallId, entry_id: EntryId, request: Request) -> Response:
    """Every version of an entry, the newest first: a case shows the one it cites, as it was."""
    await access_hall(request, hall_id, *READERS)
    found = await knowledge_of(request).versions(hall_id, int(entry_id))
    return answered({"entries": [entry_view(entry) for entry in found]})


@router.put("/{entry_id}", response_model=EntryShape)
async def write(hall_id: HallId, entry_id: EntryId, body: EntryRequest, request: Request) -> Response:
    """Write the next version: a draft, published, or withdrawn."""
    person = await access_hall(request, hall_id, *KEEPERS)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await knowledge_of(request).write(
            hall_id,
            int(entry_id),
            body.version,
            body.state,
            written(body),
            person.account,
            respond=spelled(status.HTTP_200_OK),
            request=key,
        )

    return replied(await house_of(request).requests.once(key, work))


# ── Between ──────────────────────────────────────────────────────────────────────────────────────


def written(body: SuggestionRequest) -> Writing:
    """What was written, as a value."""
    return Writing(
        title_zh=body.title,
        body_zh=body.body,
        title_en=body.title_en or "",
        body_en=body.body_en or "",
        kind=body.kind,
        about=tuple(dict.fromkeys(body.about)),
        from_case=None if body.from_case is None else int(body.from_case),
    )


def entry_view(entry: Entry) -> dict[str, Any]:
    """One version of an entry as it is told."""
    writing = entry.writing
    return {
        "id": str(entry.id),
        "version": entry.version,
        "state": entry.state,
        "at": entry.at,
        "by": entry.by_name,
        "title": {"zh": writing.title_zh, "en": writing.title_en},
        "body": {"zh": writing.body_zh, "en": writing.body_en},
        "kind": writing.kind,
        "about": writing.about,
        "from_case": None if writing.from_case is None else str(writing.from_case),
        "shown_version": entry.shown_version,
    }


def miss_view(miss: Miss) -> dict[str, Any]:
    """What was looked for in vain."""
    return {"query": miss.query, "matter": miss.matter, "times": miss.times, "last_at": miss.last_at}


def spelled(code: int) -> Respond:
    """How a deed is answered: with the version it has written."""
    return lambda entry: Answer(code, msgspec.json.encode(entry_view(entry)).decode())


def knowledge_of(request: Request) -> Knowledge:
    """The knowledge of the house this request came to."""
    knowledge: Knowledge = request.app.state.knowledge
    return knowledge
