"""Tickets for everybody: how fast one phone, or one address from afar, takes them.

Whoever stands in the hall is not held up: kiosks and staff are not counted, nor is a network of the hall's own,
and a phone that has scanned a screen counts by itself, because hundreds of them may share one address. From
afar an address counts too. A page that was opened less than a moment ago was read by nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Final

import structlog
from fastapi import Request

from queue_server.hall.access import House, address_of, is_terminal, opened_by, phone_here
from queue_server.hall.core.model import Channel, Hall
from queue_server.hall.core.rejections import TooManyTickets, TooQuick
from queue_server.kit.rates import Rate
from queue_server.kit.requests import recall
from queue_server.kit.web.keys import key_of

QUICK_MS: Final = 800  # Nobody reads the page and taps twice in less.

log = structlog.get_logger(__name__)


async def check_pace(
    request: Request, house: House, hall: Hall, channel: Channel, phone: str | None, asker: str
) -> None:
    """Raise when this would be a ticket too many, or came too quickly. A repeated request is no second one."""
    if channel is Channel.STAFF or is_terminal(request, hall.id) or house.pace.is_home(address_of(request)):
        return
    key = await key_of(request, asker)
    if key is not None and await recall(house.database, key) is not None:
        return
    opened = opened_by(request, hall.id)
    if opened is not None and age_ms(opened.at_ms, house.real_clock()) < QUICK_MS:
        log.warning("ticket_too_quick", hall=hall.id)
        raise TooQuick(retry_after_seconds=1)
    here = phone_here(request, hall.id)
    counted = [
        (house.pace.of_a_phone, f"{hall.id} {device}")
        for device in {here, None if opened is None else opened.device}
        if device is not None
    ]
    if phone is not None:
        counted.append((house.pace.of_a_phone, phone))
    if here is None:
        counted.append((house.pace.of_an_address, f"{hall.id} {address_of(request)}"))
    await count(house, hall.id, counted)


async def check_pace_of_words(house: House, hall_id: str, address: str) -> None:
    """The same for somebody who takes tickets by word: an openid or a phone."""
    await count(house, hall_id, [(house.pace.of_a_phone, address)])


async def count(house: House, hall_id: str, counted: Sequence[tuple[Rate, str]]) -> None:
    """Count one ticket more for each of these."""
    for rate, who in counted:
        if wait_seconds := await house.rates.take(rate, who):
            log.warning("tickets_too_many", hall=hall_id, rate=rate.name)
            raise TooManyTickets(retry_after_seconds=ceil(wait_seconds))


def age_ms(at_ms: int, now: datetime) -> float:
    """How long ago something was, in milliseconds."""
    return now.timestamp() * 1000 - at_ms
