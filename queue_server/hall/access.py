"""The doors of a hall: who may touch which window and which ticket, and what they find behind them.

Each door answers "not found" for what somebody may not know of.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from fastapi import Request
from starlette.requests import HTTPConnection

from queue_server.catalogue.actions import Catalogue
from queue_server.hall.actions import Queues
from queue_server.hall.core.clerks import certified
from queue_server.hall.core.codes import TERMINAL_LASTS, Codes
from queue_server.hall.core.model import Certificate, Channel, Clerk, Hall, Window
from queue_server.hall.core.rejections import (
    ScanNeeded,
    TerminalUnknown,
    TicketPast,
    TicketUnknown,
    WindowUnknown,
)
from queue_server.hall.live.asked import Asked
from queue_server.hall.live.outlooks import Outlooks
from queue_server.hall.live.views.parts import View
from queue_server.hall.live.watch import Watch
from queue_server.hall.store import facts
from queue_server.hall.store.facts import Found
from queue_server.hall.timers import Timers
from queue_server.kit.bus import Bus
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database
from queue_server.kit.presence import Presence
from queue_server.kit.rates import Rate, Rates
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Requests
from queue_server.people.actions import People
from queue_server.people.api import signed_in, token_of
from queue_server.people.core import (
    Account,
    Certificates,
    Level,
    NotYourHall,
    Role,
    RoleMissing,
    SignInNeeded,
)
from queue_server.people.sealing import Sealer

LINK_BYTES: Final = 16  # 128 bits, as a link that carries rights must have.
LINK_CHARACTERS: Final = 22
LINK_HASH_CHARACTERS: Final = 32  # As many bits as the secret has.
CONSOLE_CHARACTERS: Final = 16
LINKS_KEPT_MAX: Final = 20_000
MANAGERS: Final = (Role.MANAGER, Role.ADMIN)
GUIDES: Final = (Role.GUIDE, *MANAGERS)  # Who may do what guides do.

log = structlog.get_logger(__name__)


class TooManyWrongLinks(Rejected):
    """Too many links that lead nowhere. Please try again in {retry_after_seconds} seconds."""

    status = 429
    zh = "打开无效链接的次数过多，请在{retry_after_seconds}秒后再试。"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast tickets may be taken, and from where that is not asked."""

    of_a_phone: Rate
    of_an_address: Rate
    networks: tuple[IPv4Network | IPv6Network, ...] = ()  # Of the halls themselves.

    def is_home(self, address: str) -> bool:
        """Whether somebody asks from a network of the halls, or from where no address is known."""
        try:
            asked = ip_address(address)
        except ValueError:
            return True
        # A server that listens to both families writes old addresses in the new way.
        plain = getattr(asked, "ipv4_mapped", None) or asked
        return any(plain in network for network in self.networks)


@dataclass(slots=True)
class House:
    """Everything the talkers of a hall need, put together once by the composition root."""

    database: Database
    queues: Queues
    watch: Watch
    asked: Asked
    outlooks: Outlooks
    timers: Timers
    people: People
    catalogue: Catalogue
    requests: Requests
    presence: Presence
    rates: Rates
    wrong_links: Rate  # From one address.
    pace: Pace
    bus: Bus
    sealer: Sealer
    codes: Codes
    clock: Clock
    real_clock: Clock  # Codes go by the real time, whatever the time in the hall is.
    heartbeat_seconds: float
    links: dict[str, tuple[str, int]]  # What was found lately, by the digest of the link.


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff, at one console."""

    account: Account
    console: str

    @property
    def by(self) -> str:
        """How the journal names them."""
        return f"{self.account.role}:{self.account.id}"


def house_of(connection: HTTPConnection) -> House:
    """The house this request or socket came to."""
    house: House = connection.app.state.house
    return house


def address_of(connection: HTTPConnection) -> str:
    """The address that somebody asks from. Many may share one: all who use the hall's network do."""
    return connection.client.host if connection.client else ""


# ── Staff ────────────────────────────────────────────────────────────────────────────────────────


async def access_hall(request: Request, hall_id: str, *roles: Role) -> Person:
    """Somebody who works in this hall, in one of these roles or in any."""
    account = await signed_in(request)
    return person_in(account, token_of(request), hall_id, roles)


def person_in(account: Account, token: str | None, hall_id: str, roles: tuple[Role, ...]) -> Person:
    """The same, for somebody whose token has been looked at."""
    if token is None:
        raise SignInNeeded()
    if not account.works_in(hall_id):
        raise NotYourHall(hall=hall_id)
    if roles and account.role not in roles:
        raise RoleMissing(roles=list(roles))
    return Person(account, console_of(token))


async def access_window(request: Request, hall_id: str, window_id: str) -> Person:
    """Somebody who may sit at a window of this hall."""
    person = await access_hall(request, hall_id)
    hall = await house_of(request).queues.halls.current(hall_id)
    check_window(hall.windows, window_id)
    return person


def check_window(windows: Mapping[str, Window], window_id: str) -> None:
    """Raise unless the hall has this window."""
    if window_id not in windows:
        raise WindowUnknown(window=window_id)


async def clerk_of(house: House, account: Account, day: date) -> Clerk:
    """The person as the hall needs to know them on a day: name plate and skills, wherever they sit."""
    skills = await house.people.skills_of(account.id)
    certificates = await house.people.certificates_of([account.id])
    return clerk_from(account, skills, certificates.get(account.id, Certificates()), day)


async def clerks_of(house: House, hall_id: str, day: date) -> list[Clerk]:
    """Everybody of the hall who is trained for something and may sign in."""
    found = [
        (account, skills)
        for account, skills in await house.people.accounts_with_skills(hall_id)
        if skills and not account.disabled
    ]
    certificates = await house.people.certificates_of([account.id for account, _ in found])
    return [
        clerk_from(account, skills, certificates.get(account.id, Certificates()), day)
        for account, skills in found
    ]


def clerk_from(account: Account, skills: Mapping[str, Level], certificates: Certificates, day: date) -> Clerk:
    """An account as a clerk on a day, with what has ended taken out."""
    known = Clerk(
        id=account.id,
        name=account.display_name,
        staff_no=account.staff_no,
        group_ids=tuple(sorted(skills)),
        secondary=tuple(sorted(group for group, level in skills.items() if level is Level.SECONDARY)),
        emergency=tuple(sorted(group for group, level in skills.items() if level is Level.EMERGENCY)),
        mentor_id=account.mentor_id if account.trainee else None,
        certificates=(
            *(
                Certificate("group", group, on)
                for group, on in certificates.groups.items()
                if group in skills
            ),
            *(Certificate("matter", code, on) for code, on in certificates.matters.items()),
        ),
    )
    return certified(known, day)


def console_of(token: str) -> str:
    """Which console a sign-in is. Not a secret, and nobody can sign in with it."""
    return hashlib.sha256(b"console:" + token.encode()).hexdigest()[:CONSOLE_CHARACTERS]


# ── Who is in the hall ───────────────────────────────────────────────────────────────────────────

SCANNED_COOKIE: Final = "scanned"  # Not readable by scripts, and in no address: nobody passes it on.
TERMINAL_COOKIE: Final = "terminal"
OPENED_COOKIE: Final = "opened"
OPENED_LASTS: Final = timedelta(days=1)


def phone_here(request: Request, hall_id: str) -> str | None:
    """Which phone asks, if it has scanned a screen of this hall lately."""
    house = house_of(request)
    return house.codes.proven(hall_id, request.cookies.get(SCANNED_COOKIE, ""), house.real_clock())


@dataclass(frozen=True, slots=True)
class Opened:
    """A browser that has the page for taking tickets open: which one, and since when."""

    device: str
    at_ms: int


def opening(device: str, now: datetime) -> str:
    """How the proof names a browser that has just opened the page."""
    return f"{device}~{int(now.timestamp() * 1000)}"


def opened_by(request: Request, hall_id: str) -> Opened | None:
    """Which browser asks, if it came by the page for taking tickets."""
    house = house_of(request)
    proof = request.cookies.get(OPENED_COOKIE, "")
    who = house.codes.proven(hall_id, proof, house.real_clock(), OPENED_LASTS)
    device, _, at_ms = (who or "").rpartition("~")
    return Opened(device, int(at_ms)) if device else None


def is_terminal(request: Request, hall_id: str) -> bool:
    """Whether staff have set up this browser as a terminal of this hall."""
    house = house_of(request)
    proof = request.cookies.get(TERMINAL_COOKIE, "")
    return house.codes.proven(hall_id, proof, house.real_clock(), TERMINAL_LASTS) is not None


def check_presence(request: Request, hall: Hall, channel: Channel) -> None:
    """Raise unless whoever takes a ticket is in the hall, where it wants that. Staff are, by their sign-in."""
    if not hall.rules.presence_required or channel is Channel.STAFF:
        return
    if channel is Channel.KIOSK:
        if not is_terminal(request, hall.id):
            raise TerminalUnknown(hall=hall.id)
    elif phone_here(request, hall.id) is None:
        raise ScanNeeded(hall=hall.id)


# ── Citizens ─────────────────────────────────────────────────────────────────────────────────────


def new_link() -> tuple[str, str]:
    """A fresh secret for a citizen's link, and its digest for the hall."""
    token = secrets.token_urlsafe(LINK_BYTES)
    return token, link_hash(token)


def link_hash(token: str) -> str:
    """The digest under which a link is found."""
    return hashlib.sha256(token.encode()).hexdigest()[:LINK_HASH_CHARACTERS]


async def access_ticket(connection: HTTPConnection, link_token: str) -> tuple[str, int]:
    """The hall and the id of the ticket behind a link. `TicketUnknown` for anything else.

    Whoever tries one wrong link after another is told to wait (`TooManyWrongLinks`). A link that is right
    always leads there: a hall's network is one address for many.
    """
    house = house_of(connection)
    digest = link_hash(link_token)
    known = house.links.get(digest)
    if known is not None:
        return known
    found: Found | None = None
    if len(link_token) == LINK_CHARACTERS and link_token.isascii():
        found = await house.database.read(lambda tx: facts.by_link(tx, digest))
    if found is None:
        address = address_of(connection)
        if wait_seconds := await house.rates.take(house.wrong_links, address):
            log.warning("links_guessed", address=address)
            raise TooManyWrongLinks(retry_after_seconds=ceil(wait_seconds))
        raise TicketUnknown()
    remember_link(house, digest, found.hall_id, found.ticket_id)
    return found.hall_id, found.ticket_id


async def look_at_ticket(connection: HTTPConnection, link_token: str) -> View:
    """What a link shows. The link of a ticket that has ended shows its end until midnight in the hall.

    `TicketUnknown`, and `TicketPast` after that.
    """
    house = house_of(connection)
    hall_id, ticket_id = await access_ticket(connection, link_token)
    moment = await house.watch.moment(hall_id)
    view = await house.watch.ticket_view(moment, ticket_id)
    zone = ZoneInfo(moment.hall.about.timezone)
    ended_at: datetime | None = view.get("ended_at")
    if ended_at is not None and ended_at.astimezone(zone).date() < moment.as_of.astimezone(zone).date():
        raise TicketPast(hall=hall_id)
    return view


def remember_link(house: House, digest: str, hall_id: str, ticket_id: int) -> None:
    """Keep what a link leads to; it never changes."""
    if len(house.links) >= LINKS_KEPT_MAX:
        house.links.clear()
    house.links[digest] = (hall_id, ticket_id)
