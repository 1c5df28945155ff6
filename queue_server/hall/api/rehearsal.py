"""Rehearsal servers only: a clock that is driven, halls made on the spot, and the journal to read back.

Mounted when the clock is `driven` (replays, tests) or for benchmarks, never in production.
"""

from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response, status
from pydantic import Field, model_validator

from queue_server.calendar.core import read_hours
from queue_server.hall.access import House, house_of
from queue_server.hall.api.answers import answered
from queue_server.hall.core.model import About, Group, Name, Rules, Window, Zone
from queue_server.hall.core.paper import Configuration, Device
from queue_server.hall.store import journal
from queue_server.kit.clock import DrivenClock
from queue_server.kit.rejections import Rejected
from queue_server.kit.web.fields import Body, Id, Instant, ShortText
from queue_server.people.core import Account, Level, Role

router = APIRouter(prefix="/api/v1/rehearsal", tags=["rehearsal"])
ENTRIES_MAX = 5000


class ClockGoesForward(Rejected):
    """The clock of a rehearsal only goes forward."""

    zh = "演练时钟只能前进。"


class ClockRequest(Body):
    """The instant to go to."""

    now: Instant


class RehearsalGroup(Body):
    """A group."""

    id: Id
    prefix: str = Field(pattern=r"^[A-Z]{1,3}$")
    name: ShortText | None = None
    green_prefix: str | None = Field(None, pattern=r"^[A-Z]{1,3}$")
    mean_seconds: float = Field(600.0, gt=0)
    capacity: int | None = Field(None, ge=1)
    undifferentiated: bool = False


class RehearsalWindow(Body):
    """A window."""

    id: Id
    groups: list[Id] = Field(min_length=1)
    green: bool = False


class RehearsalHall(Body):
    """A hall made on the spot, with a clerk for each window."""

    id: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    name: ShortText = "Rehearsal"
    timezone: str = "Asia/Shanghai"
    hours: object = "always"
    rules: dict[str, int | bool] = Field(default_factory=dict)
    groups: list[RehearsalGroup] = Field(min_length=1)
    windows: list[RehearsalWindow] = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> "RehearsalHall":
        read_hours(self.hours)
        ZoneInfo(self.timezone)
        if unknown := self.rules.keys() - set(Rules.__struct_fields__):
            raise ValueError(f"no such rules: {sorted(unknown)}")
        groups = {group.id for group in self.groups}
        if not all(groups.issuperset(window.groups) for window in self.windows):
            raise ValueError("a window serves a group that is not there")
        return self


@router.put("/clock")
async def drive(body: ClockRequest, request: Request) -> Response:
    """Move the clock forward, and do what is due."""
    house = house_of(request)
    clock = house.clock
    if not isinstance(clock, DrivenClock):
        raise ClockGoesForward()
    try:
        clock.advance_to(body.now)
    except ValueError:
        raise ClockGoesForward(now=clock()) from None
    await house.timers.tick()
    return answered({"now": clock()})


@router.post("/halls", status_code=status.HTTP_201_CREATED)
async def make(body: RehearsalHall, request: Request) -> Response:
    """Make a hall, open its day, and sign a clerk in for each window."""
    house = house_of(request)
    await house.queues.create(on_paper(body))
    await house.queues.open_day(body.id)
    house.timers.look_for_halls()
    tokens = {window.id: await clerk_for(house, body.id, window) for window in body.windows}
    return answered({"tokens": tokens}, status.HTTP_201_CREATED)


def on_paper(body: RehearsalHall) -> Configuration:
    """The hall as the store keeps it."""
    return Configuration(
        id=body.id,
        about=About(Name(body.name, body.name), body.timezone, (Zone("Z1", Name("大厅", "Hall")),)),
        hours=body.hours,
        rules=Rules(**body.rules),  # type: ignore[arg-type]  # Checked by the names of the fields.
        groups=tuple(
            Group(
                id=group.id,
                name=Name(group.name or group.id, group.name or group.id),
                prefix=group.prefix,
                green_prefix=group.green_prefix,
                zone_id="Z1",
                mean_seconds=group.mean_seconds,
                capacity=group.capacity,
                undifferentiated=group.undifferentiated,
            )
            for group in body.groups
        ),
        windows=tuple(
            Window(
                window.id,
                Name(f"{window.id}号窗口", f"Window {window.id}"),
                tuple(window.groups),
                "Z1",
                window.green,
            )
            for window in body.windows
        ),
        devices=(Device("K1", "kiosk", Name("1号自助机", "Kiosk 1"), "Z1", printer="console:"),),
    )


async def clerk_for(house: House, hall_id: str, window: RehearsalWindow) -> str:
    """A clerk who can do everything this window does; answers a token that is signed in."""
    account = Account(
        id=f"{hall_id}-{window.id}",
        hall_id=hall_id,
        login=f"{hall_id}-{window.id}".lower(),
        display_name=f"Clerk {window.id}",
        staff_no=window.id,
        role=Role.CLERK,
    )
    await house.people.put_account(
        account, skills=dict.fromkeys(window.groups, Level.PRIMARY), by="rehearsal"
    )
    return (await house.people.admit(account)).token


@router.get("/halls/{hall_id}/journal")
async def read_journal(hall_id: str, request: Request, after: int = 0) -> Response:
    """The journal as it stands, a page at a time."""
    entries = await house_of(request).database.read(
        lambda tx: journal.entries_after(tx, hall_id, after=after, limit=ENTRIES_MAX)
    )
    return answered(
        {
            "entries": [
                {
                    "seq": entry.seq,
                    "at": entry.at,
                    "by": entry.by,
                    "name": type(entry.event).__name__,
                    "body": entry.event,
                }
                for entry in entries
            ]
        }
    )
