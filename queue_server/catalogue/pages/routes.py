"""The guide of a matter as everybody reads it, and the pages of those who keep guides and delegations."""

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse, RedirectResponse

from queue_server.catalogue.access import catalogue_of, guides_of
from queue_server.catalogue.core import MatterUnknown, search
from queue_server.catalogue.core.chart import WIDTH, chart, days, said
from queue_server.catalogue.core.guides import FORMS, PROCEDURE, SOURCES, Guide, Paper
from queue_server.catalogue.core.reading import CODE_CHARACTERS_MAX
from queue_server.kit.texts import Language
from queue_server.kit.web.templates import Pages, language_of
from queue_server.people.api import token_in

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
Code = Annotated[str, Segment(max_length=CODE_CHARACTERS_MAX)]
Scenario = Annotated[str, Query(alias="case", max_length=40)]

router = APIRouter(include_in_schema=False)
pages = Pages("catalogue", Path(__file__).parent)


# ── For everybody ────────────────────────────────────────────────────────────────────────────────


@router.get("/matters/{hall_id}")
async def matters(
    request: Request, hall_id: HallId, q: Annotated[str, Query(max_length=50)] = ""
) -> HTMLResponse:
    """Every matter of a hall, to find one's guide."""
    offered = await catalogue_of(request).matters(hall_id)
    found = search(offered.values(), q)
    return pages.respond(
        request, "matters.html", hall_id=hall_id, q=q, matters=found, data={"hall_id": hall_id}
    )


@router.get("/matters/{hall_id}/{code}")
async def guide(request: Request, hall_id: HallId, code: Code, case: Scenario = "") -> HTMLResponse:
    """What one must know and bring, on a phone or on paper; it needs no script."""
    try:
        now = await guides_of(request).look(hall_id, code)
    except MatterUnknown:
        return pages.respond(request, "no-guide.html", status=404, hall_id=hall_id)
    language = language_of(request)
    chosen = next((each for each in now.guide.scenarios if each.code == case), None)
    papers = now.guide.materials if chosen is None else now.guide.materials_for(chosen.code)
    letter = now.matter.letter
    ended = letter is not None and letter.has_ended(catalogue_of(request).today())
    return pages.respond(
        request,
        "guide.html",
        data={"hall_id": hall_id},
        hall_id=hall_id,
        matter=now.matter,
        guide=now.guide,
        version=now.version,
        chosen=chosen,
        papers=papers,
        paused=letter if ended else None,
        chart=chart(now.guide.steps, language),
        chart_width=WIDTH,
        days=days,
        said=lambda words: said(words, language),
        names_of=lambda guide, paper: names_of(guide, paper, language),
    )


def names_of(guide: Guide, paper: Paper, language: Language) -> str:
    """The scenarios that need a material."""
    names = [said(each.name, language) for each in guide.scenarios if each.code in paper.only]
    return ("、" if language == "zh" else ", ").join(names)


# ── For those who keep them ──────────────────────────────────────────────────────────────────────


@router.get("/catalogue/{hall_id}")
async def catalogue(request: Request, hall_id: HallId) -> Response:
    """Every guide: its version, what is wrong with it, what waits."""
    return staff_page(request, "catalogue.html", hall_id, "catalogue.", "guides.")


@router.get("/catalogue/{hall_id}/{code}")
async def editor(request: Request, hall_id: HallId, code: Code) -> Response:
    """One guide, to be edited. Whether one may is decided by the API, deed by deed."""
    return staff_page(
        request,
        "editor.html",
        hall_id,
        "editor.",
        "guides.",
        "field.",
        "lint.",
        "source.",
        "form.",
        "note.",
        code=code,
        procedure=PROCEDURE,
        sources=SOURCES,
        forms=FORMS,
    )


@router.get("/delegations/{hall_id}")
async def delegations(request: Request, hall_id: HallId) -> Response:
    """Every letter, with the days it has left."""
    return staff_page(request, "delegations.html", hall_id, "letters.", "guides.")


def staff_page(request: Request, template: str, hall_id: str, *words: str, **data: Any) -> Response:
    """A page for staff."""
    if token_in(request) is None:
        return RedirectResponse(f"/sign-in?next={request.url.path}", status_code=303)
    return pages.respond(request, template, data={"hall_id": hall_id, **data}, words=words_of(*words))


def words_of(*beginnings: str) -> dict[Language, dict[str, str]]:
    """The sentences that one page needs."""
    needed = (*beginnings, "problem.")
    return {
        language: {key: sentence for key, sentence in sentences.items() if key.startswith(needed)}
        for language, sentences in pages.texts.everything().items()
    }
