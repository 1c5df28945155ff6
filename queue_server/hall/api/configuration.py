"""What a hall is made of, for those who lay it out: versions, a last look before saving, and a way back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Path, Request, Response, status
from pydantic import Field, StringConstraints

from queue_server.hall.access import Person, access_hall, clerks_of, house_of
from queue_server.hall.actions import day_of, hours_of
from queue_server.hall.api.answers import answered, asker_of
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.hall.api.paths import HallId
from queue_server.hall.api.written import WEEKDAYS, WrittenConfiguration, as_written, on_paper
from queue_server.hall.core.cautions import cautions
from queue_server.hall.core.changes import changes, consequences
from queue_server.hall.core.layouts import layout_problems
from queue_server.hall.core.model import About, Group, Name, Rules, Window
from queue_server.hall.core.paper import Configuration, Fault, problems
from queue_server.hall.core.rejections import ConfigurationMoved, ConfigurationWrong
from queue_server.hall.live.views.parts import View
from queue_server.hall.store.configuration import Edition
from queue_server.kit.requests import Answer
from queue_server.kit.web.fields import Body, Id, ShortText
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.people.access import signed_in
from queue_server.people.core import Account, Role, RoleMissing

ADDRESS: Final = "/api/v1/configurations"
BYTES_MAX: Final = 384 * 1024  # A large hall with its logo.
VERSIONS_SHOWN_MAX: Final = 50
DAYS_SHOWN: Final = 14
VERSION_MAX: Final = 2**31 - 1

KEEPERS: Final = (Role.MANAGER, Role.ADMIN)

router = APIRouter(prefix=ADDRESS, tags=["configurations"], responses=STAFF_ONLY)

Version = Annotated[int, Path(ge=1, le=VERSION_MAX, description="The number of a version.")]
Known = Annotated[int, Field(ge=1, le=VERSION_MAX)]


class NewHall(Body):
    """A hall to found. It begins with one window, open on weekdays from nine to five."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
    name_zh: ShortText
    name_en: ShortText
    timezone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+/-]{1,59}$")] = "Asia/Shanghai"


class Draft(Body):
    """A configuration, on top of the version that its writer has seen."""

    version: Known
    note: ShortText | None = None
    configuration: WrittenConfiguration


class Restoration(Body):
    """A way back, on top of the version that its writer has seen."""

    version: Known


class EditionShape(Shape):
    """One version: who wrote it, when, and why."""

    version: int
    changed_at: datetime
    changed_by: str
    note: str


class ConfigurationView(EditionShape):
    """A version with everything in it."""

    hall: Id
    configuration: WrittenConfiguration


class EditionLine(EditionShape):
    """A version, and what it changed; `first` has nothing before it."""

    first: bool
    changes: list[Bilingual]


class EditionList(Shape):
    """The versions of a hall, the newest first."""

    versions: list[EditionLine]


class ProblemShape(Shape):
    """What cannot be so, and where."""

    where: str
    message: str
    message_zh: str


class ConsequenceShape(Bilingual):
    """What somebody in the hall would notice; what `blocks` keeps it from being saved."""

    blocks: bool


class OpeningShape(Shape):
    """One opening of a day, in instants."""

    opens_at: datetime
    closes_at: datetime
    groups: list[Id] | None
    kind: str


class DayShape(Shape):
    """A day and its openings."""

    day: date
    openings: list[OpeningShape]


class Preview(Shape):
    """What saving would do. `newest` is the version to save on top of; `cautions` are what is legal but unwise."""

    newest: int
    problems: list[ProblemShape]
    changes: list[Bilingual]
    consequences: list[ConsequenceShape]
    cautions: list[Bilingual]
    days: list[DayShape]


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


@router.get("/{hall_id}", response_model=ConfigurationView)
async def newest(hall_id: HallId, request: Request) -> Response:
    """What the hall is made of now."""
    await access_hall(request, hall_id, *KEEPERS)
    ((edition, paper), *_) = await house_of(request).queues.story(hall_id, 1)
    return answered(whole(edition, paper))


@router.get("/{hall_id}/versions", response_model=EditionList)
async def versions(hall_id: HallId, request: Request) -> Response:
    """The newest versions, and in words what each of them changed."""
    await access_hall(request, hall_id, *KEEPERS)
    story = await house_of(request).queues.story(hall_id, VERSIONS_SHOWN_MAX + 1)
    lines = [
        {
            **line(edition),
            "first": index + 1 == len(story),
            "changes": [] if index + 1 == len(story) else changes(story[index + 1][1], paper),
        }
        for index, (edition, paper) in enumerate(story)
    ]
    return answered({"versions": lines[:VERSIONS_SHOWN_MAX]})


@router.get("/{hall_id}/versions/{version}", response_model=ConfigurationView)
async def version(hall_id: HallId, version: Version, request: Request) -> Response:
    """What the hall was made of in one version."""
    await access_hall(request, hall_id, *KEEPERS)
    edition, paper = await house_of(request).queues.edition(hall_id, version)
    return answered(whole(edition, paper))


@router.post("/{hall_id}/preview", response_model=Preview)
async def preview(hall_id: HallId, body: Draft, request: Request) -> Response:
    """What saving this would do, and what is in its way. Nothing is changed."""
    await access_hall(request, hall_id, *KEEPERS)
    house = house_of(request)
    ((edition, before), *_) = await house.queues.story(hall_id, 1)
    after = on_paper(hall_id, body.configuration)
    faults = wrong_with(after)
    hall = await house.queues.halls.current(hall_id)
    clerks = await clerks_of(house, hall_id, hall.day or house.clock().date())
    return answered(
        {
            "newest": edition.version,
            "problems": [fault_line(fault) for fault in faults],
            "changes": changes(before, after),
            "consequences": consequences(hall, after),
            "cautions": [] if faults else cautions(after, clerks),
            "days": [] if faults else days(after, house.clock()),
        }
    )


# ── Changing ─────────────────────────────────────────────────────────────────────────────────────


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ConfigurationView)
async def found(body: NewHall, request: Request) -> Response:
    """Found a hall, for admins of the whole installation."""
    account = await signed_in(request)
    if account.role is not Role.ADMIN or account.hall_id is not None:
        raise RoleMissing(roles=[Role.ADMIN])
    house = house_of(request)
    paper = small_hall(body)
    check(paper)
    key = await key_of(request, account.id)

    async def work() -> Answer:
        return await house.queues.found(
            paper, by=by(account), request=key, respond=spelled(paper, status.HTTP_201_CREATED)
        )

    answer = await house.requests.once(key, work)
    house.timers.look_for_halls()
    return Response(answer.body, answer.status, media_type="application/json")


@router.put("/{hall_id}", response_model=ConfigurationView)
async def save(hall_id: HallId, body: Draft, request: Request) -> Response:
    """Save a new version. An open hall goes on with it at once; nobody loses a place or a service."""
    person = await access_hall(request, hall_id, *KEEPERS)
    paper = on_paper(hall_id, body.configuration)
    return await saved(request, person, paper, body.version, body.note or "")


@router.post("/{hall_id}/versions/{version}/restoration", response_model=ConfigurationView)
async def restore(hall_id: HallId, version: Version, body: Restoration, request: Request) -> Response:
    """Go back to what an earlier version says, as the newest version."""
    person = await access_hall(request, hall_id, *KEEPERS)
    _, paper = await house_of(request).queues.edition(hall_id, version)
    return await saved(request, person, paper, body.version, f"恢复版本 {version} · version {version} again")


async def saved(request: Request, person: Person, paper: Configuration, after: int, note: str) -> Response:
    """Save what was checked, once, whatever is repeated."""
    house = house_of(request)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        known, _ = await house.queues.newest(paper.id)
        if known != after:
            raise ConfigurationMoved(version=known)
        check(paper)
        return await house.queues.save(
            paper, after=after, note=note, by=person.by, request=key, respond=spelled(paper)
        )

    answer = await house.requests.once(key, work)
    return Response(answer.body, answer.status, media_type="application/json")


def check(paper: Configuration) -> None:
    """Refuse what contradicts itself, with everything that is wrong."""
    faults = wrong_with(paper)
    if faults:
        raise ConfigurationWrong(count=len(faults), problems=[fault_line(fault) for fault in faults])


def wrong_with(paper: Configuration) -> list[Fault]:
    """Everything that is wrong with a hall on paper, and with its displays."""
    return [*problems(paper), *layout_problems(paper)]


def small_hall(new: NewHall) -> Configuration:
    """A hall to begin with."""
    weekdays = {weekday: [["09:00", "17:00"]] for weekday in WEEKDAYS[:5]}
    return Configuration(
        id=new.id,
        about=About(Name(new.name_zh, new.name_en), new.timezone, general_group_id="A"),
        hours={"weekly": weekdays, "holidays": "china" if new.timezone == "Asia/Shanghai" else "none"},
        rules=Rules(),
        groups=(Group("A", Name("综合业务", "General business"), "A", undifferentiated=True),),
        windows=(Window("01", Name("1号窗口", "Window 1"), ("A",)),),
    )


# ── Spelling ─────────────────────────────────────────────────────────────────────────────────────


def spelled(paper: Configuration, status: int = status.HTTP_200_OK) -> Callable[[Edition], Answer]:
    """The answer to whoever saved."""
    return lambda edition: Answer(status, msgspec.json.encode(whole(edition, paper)).decode())


def whole(edition: Edition, paper: Configuration) -> View:
    """A version with everything in it."""
    return {**line(edition), "hall": paper.id, "configuration": as_written(paper)}


def line(edition: Edition) -> View:
    """Who wrote a version, when, and why."""
    return {
        "version": edition.version,
        "changed_at": edition.changed_at,
        "changed_by": edition.changed_by,
        "note": edition.note,
    }


def fault_line(fault: Fault) -> View:
    """What cannot be so, as fields are told."""
    return {"where": fault.where, "message": fault.en, "message_zh": fault.zh}


def days(paper: Configuration, now: datetime) -> list[dict[str, Any]]:
    """The next days as these hours would have them."""
    today = day_of(paper, now)
    return [
        {
            "day": day,
            "openings": [
                {"opens_at": o.opens_at, "closes_at": o.closes_at, "groups": o.group_ids, "kind": o.kind}
                for o in hours_of(paper, day)
            ],
        }
        for day in (today + timedelta(days=ahead) for ahead in range(DAYS_SHOWN))
    ]


def by(account: Account) -> str:
    """How versions name who wrote them."""
    return f"{account.role}:{account.id}"
