"""The register: every case of a hall, by whatever somebody knows of it.

    newest    as they were opened, the last one first
    urgent    accepted and not yet decided, by what is left of their time; those whose clock stands still last

A page says where it ends, and the next one begins behind that place, so that a case which is opened meanwhile
moves nobody's page. Whose case it is can be looked for by the number alone, never by a name; here it is a digest.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from queue_server.cases.core.codes import read_code, receipt_number
from queue_server.cases.core.identities import checked
from queue_server.cases.core.model import Case, Stage
from queue_server.cases.core.rejections import (
    CaseCodeUnknown,
    CreditCodeUnfit,
    IdentityUnfit,
    NumberUnfit,
    PlaceUnfit,
)

SERIAL: Final = re.compile(r"[0-9]{1,6}")
PLACE: Final = re.compile(r"([0-9]{1,15})|(running|paused)\.([0-9-]{10}|never)\.([0-9]{1,15})")
CARD_CHARACTERS: Final = 18  # Of a resident's card and of a firm's code: both can be checked.
COUNTED_MAX: Final = 1000  # Nobody reads further, and counting on would only warm the room.


class Order(StrEnum):
    """Which case comes first."""

    NEWEST = "newest"
    URGENT = "urgent"


class Place(Struct, frozen=True):
    """Where a page ends. Of the newest only the id counts."""

    id: int
    paused: bool = False
    due_on: date | None = None


class Wanted(Struct, frozen=True, kw_only=True):
    """What a case must be like to be found. What is None asks for nothing."""

    receipt: str | None = None  # How its number begins.
    code: str | None = None
    number: str | None = None  # Of its ticket; numbers return every day.
    matters: tuple[str, ...] | None = None
    department: str | None = None
    stages: tuple[Stage, ...] | None = None
    immediate: bool | None = None
    due_before: date | None = None
    late: bool = False
    accepted_from: date | None = None
    accepted_until: date | None = None
    applicant: tuple[bytes, ...] | None = None  # Digests of the number, one for each secret.


class Entry(Struct, frozen=True):
    """A case in the register, and its place there."""

    case: Case
    place: Place


class Found(Struct, frozen=True):
    """A page of the register. Counted on the first page only, and no further than `COUNTED_MAX`."""

    entries: tuple[Entry, ...]
    more: bool
    total: int | None = None
    total_is_more: bool = False


def wanted_receipt(hall_id: str, written: str, today: date) -> str:
    """How a receipt's number begins; of a bare serial, this year's is meant.

    >>> wanted_receipt("h1", " h1-2026-0001", date(2026, 11, 23)), wanted_receipt("h1", "123", date(2026, 11, 23))
    ('H1-2026-0001', 'H1-2026-000123')
    """
    receipt = re.sub(r"\s", "", written).upper()
    return receipt_number(hall_id, today.year, int(receipt)) if SERIAL.fullmatch(receipt) else receipt


def wanted_code(written: str) -> str:
    """The code a citizen asks by. Refused if it can be none."""
    code = read_code(written)
    if code is None:
        raise CaseCodeUnknown
    return code


def wanted_applicant(written: str, today: date) -> str:
    """The number of whoever applied, as it was kept. Refused if it cannot be one: that finds a slip of the finger.

    >>> wanted_applicant(" 11010519491231002x ", date(2026, 11, 23))
    '11010519491231002X'
    """
    number = checked("permit", written, today)
    if len(number) != CARD_CHARACTERS:
        return number
    try:
        return checked("resident", number, today)
    except IdentityUnfit:
        try:
            return checked("firm", number, today)
        except CreditCodeUnfit:
            raise NumberUnfit from None


def read_place(written: str, order: Order) -> Place:
    """Where a page ended. Refused if it is a place in another order.

    >>> read_place("running.2026-11-30.7", Order.URGENT)
    Place(id=7, paused=False, due_on=datetime.date(2026, 11, 30))
    """
    found = PLACE.fullmatch(written)
    if found is None or (found[1] is None) is (order is Order.NEWEST):
        raise PlaceUnfit
    if order is Order.NEWEST:
        return Place(int(found[1]))
    try:
        due_on = None if found[3] == "never" else date.fromisoformat(found[3])
    except ValueError:
        raise PlaceUnfit from None
    return Place(int(found[4]), found[2] == "paused", due_on)


def spelled_place(place: Place, order: Order) -> str:
    """A place as a page names it.

    >>> spelled_place(Place(7, True), Order.URGENT)
    'paused.never.7'
    """
    if order is Order.NEWEST:
        return str(place.id)
    return f"{'paused' if place.paused else 'running'}.{place.due_on or 'never'}.{place.id}"
