"""The calls as plain text, for strips of light-emitting diodes and whatever else knows no pages.

    A012 → 9号窗口
    A013 → 10号窗口

A controller asks every second or two. What has not changed is answered with 304 and costs next to nothing.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Final, Literal
from unicodedata import east_asian_width

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as Segment

from queue_server.hall.access import check_window, house_of
from queue_server.hall.core.model import Call, Hall, TicketState
from queue_server.kit.database import DatabaseDown
from queue_server.kit.texts import Language

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
WIDTH_MIN, WIDTH_MAX = 8, 200  # In columns: a Chinese character takes two.
LINES_MAX: Final = 12
OLD: Final = timedelta(seconds=15)  # Older calls than this are not shown as if they were of now.

QUIET: Final[dict[Language, str]] = {"zh": "请等候叫号", "en": "Please wait"}
CLOSED: Final[dict[Language, str]] = {"zh": "暂不对外服务", "en": "Closed"}

router = APIRouter(prefix="/displays/{hall_id}", include_in_schema=False)


@router.get("/led.txt")
async def led(
    request: Request,
    hall_id: Annotated[str, Segment(pattern=ID)],
    zone: Annotated[str | None, Query(pattern=ID)] = None,
    window: Annotated[str | None, Query(pattern=ID)] = None,
    width: Annotated[int, Query(ge=WIDTH_MIN, le=WIDTH_MAX)] = 16,
    lines: Annotated[int, Query(ge=1, le=LINES_MAX)] = 4,
    lang: Annotated[Language, Query()] = "zh",
    charset: Annotated[Literal["utf-8", "gb18030"], Query()] = "utf-8",
) -> Response:
    """Who is called where, newest first, a line each. 503 while nobody knows."""
    house = house_of(request)
    moment = await house.watch.moment(hall_id)
    if house.clock() - moment.as_of > OLD:
        raise DatabaseDown("the hall has not been seen lately")
    if window is not None:
        check_window(moment.hall.windows, window)
    told = text(moment.hall, zone, window, width, lines, lang).encode(charset)
    mark = f'"{hashlib.blake2b(told, digest_size=12).hexdigest()}"'
    headers = {"ETag": mark, "Cache-Control": "no-cache"}
    if mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(told, media_type=f"text/plain; charset={charset}", headers=headers)


def text(hall: Hall, zone: str | None, window: str | None, width: int, lines: int, lang: Language) -> str:
    """The lines as they stand now, each with its end."""
    called = [line(hall, call, lang) for call in expected(hall, zone, window)][:lines]
    shown = called or [QUIET[lang] if hall.open else CLOSED[lang]]
    return "".join(f"{cut(each, width)}\n" for each in shown)


def expected(hall: Hall, zone: str | None, window: str | None) -> Iterator[Call]:
    """The calls to which somebody is still to come, newest first."""
    for call in hall.calls:
        desk = hall.windows.get(call.window_id)
        if desk is None or call.state is not TicketState.CALLED:
            continue
        if (zone is None or desk.zone_id == zone) and (window is None or desk.id == window):
            yield call


def line(hall: Hall, call: Call, lang: Language) -> str:
    """One call."""
    name = hall.windows[call.window_id].name
    return f"{call.number} → {name.zh if lang == 'zh' else name.en}"


def cut(text: str, width: int) -> str:
    """The beginning that fits into so many columns.

    >>> cut("A012 → 9号窗口", 11), cut("A012 → 9号窗口", 80)
    ('A012 → 9号', 'A012 → 9号窗口')
    """
    used, end = 0, 0
    for end, character in enumerate(text, start=1):
        used += columns(character)
        if used > width:
            return text[: end - 1].rstrip()
    return text[:end]


def columns(character: str) -> int:
    """How many columns a character takes on a strip."""
    return 2 if east_asian_width(character) in "WFA" else 1
