"""What makes the pages of one hall its own: a stylesheet of a few lines, and its logo.

Every page links the stylesheet behind those of the house. A browser asks for it each time and is told
"unchanged" until there is another version, so a new look is there at the next load.
"""

from base64 import b64decode
from typing import Final

from fastapi import APIRouter, Request, Response

from queue_server.hall.access import access_ticket, house_of
from queue_server.hall.api.paths import HallId, LinkToken
from queue_server.hall.core.palette import Palette, elder_palette, palette
from queue_server.hall.core.paper import Look
from queue_server.hall.core.rejections import HallUnknown

CACHING: Final = "no-cache, stale-if-error=86400"
USUAL_SEAL: Final = Look().seal

router = APIRouter(include_in_schema=False)


@router.get("/halls/{hall_id}/look.css")
async def look(hall_id: HallId, request: Request) -> Response:
    """The look of a hall."""
    return await stylesheet(request, hall_id)


@router.get("/t/{link_token}/look.css")
async def look_of_ticket(link_token: LinkToken, request: Request) -> Response:
    """The look of the hall behind a ticket."""
    hall_id, _ = await access_ticket(request, link_token)
    return await stylesheet(request, hall_id)


@router.get("/halls/{hall_id}/logo.png")
async def logo(hall_id: HallId, request: Request) -> Response:
    """The logo of a hall."""
    version, paper = await house_of(request).queues.newest(hall_id)
    picture = b64decode(paper.look.logo)
    return kept(request, version, picture, "image/png", status=200 if picture else 404)


async def stylesheet(request: Request, hall_id: str) -> Response:
    """What differs from the house. A hall that nobody knows looks like the house."""
    try:
        version, paper = await house_of(request).queues.newest(hall_id)
    except HallUnknown:
        version, css = 0, ""
    else:
        css = css_of(paper.look, f"/halls/{hall_id}/logo.png?v={version}")
    return kept(request, version, css.encode(), "text/css; charset=utf-8")


def css_of(look: Look, logo_address: str) -> str:
    """The rules in which a hall differs from the house."""
    parts = []
    if look.accent:
        parts.append(tokens(":root", palette(look.accent)))
        parts.append(tokens(":root[data-elder]", elder_palette(look.accent)))
    if look.logo:
        parts.append(logo_in_place_of_the_seal(logo_address))
    elif look.seal != USUAL_SEAL:
        parts.append(other_seal(look.seal))
    return "\n".join(parts)


def tokens(selector: str, colours: Palette) -> str:
    """The tokens of a palette."""
    return (
        f"@layer tokens {{ {selector} {{ --seal: {colours.seal}; --seal-deep: {colours.seal_deep}; "
        f"--on-seal: {colours.on_seal}; --seal-tint: {colours.seal_tint}; }} }}"
    )


def other_seal(seal: str) -> str:
    """Other characters in the corner. They are escaped one by one, so that none means anything to CSS."""
    content = "".join(f"\\{ord(character):06x}" for character in seal)
    size = "1em" if len(seal) == 1 else "0.62em"
    return (
        "@layer components { .seal { position: relative; color: transparent; } "
        f'.seal::after {{ content: "{content}"; position: absolute; inset: 0; display: grid; '
        f"place-items: center; color: var(--on-seal); font-size: {size}; white-space: nowrap; }} }}"
    )


def logo_in_place_of_the_seal(address: str) -> str:
    """A picture in the corner."""
    return (
        "@layer components { .seal { color: transparent; "
        f'background: url("{address}") center / contain no-repeat; }} }}'
    )


def kept(request: Request, version: int, content: bytes, media_type: str, status: int = 200) -> Response:
    """An answer that a browser keeps for as long as the version stays."""
    headers = {"ETag": f'"{version}"', "Cache-Control": CACHING}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, media_type)
