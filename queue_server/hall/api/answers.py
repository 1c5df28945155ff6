"""How requests that change something are answered: once, whatever is repeated."""

import time
from collections.abc import Callable

import msgspec
from fastapi import Request, Response

from queue_server.hall.access import House, Person
from queue_server.hall.actions import Also
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.events import Event
from queue_server.hall.core.model import Hall
from queue_server.hall.core.rejections import NobodyWaiting, TicketEnded, TicketUnknown
from queue_server.hall.live.views.parts import Moment, View
from queue_server.hall.store import facts
from queue_server.kit import metrics
from queue_server.kit.database import Duplicate
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer, remember
from queue_server.kit.web.keys import key_of

Show = Callable[[list[Event], Moment], View]


async def carry_out(
    request: Request,
    house: House,
    hall_id: str,
    command: c.Command,
    show: Show,
    *,
    asker: str,
    status: int = 200,
    also: Also | None = None,
) -> Response:
    """Carry out a command and answer with a view of the hall after it."""
    key = await key_of(request, asker)
    queues = house.queues

    async def work() -> Answer:
        await queues.halls.current(hall_id)  # So that its epoch is known.

        def respond(events: list[Event], hall: Hall) -> Answer:
            moment = Moment(hall, queues.halls.epoch(hall_id), queues.clock(), queues.outlook_of(hall))
            return Answer(status, msgspec.json.encode(show(events, moment)).decode())

        began = time.perf_counter()
        try:
            done = await queues.handle(hall_id, command, request=key, respond=respond, also=also)
        except Exception as error:
            count_failure(command, error, began)
            raise
        assert done.answer is not None
        count(hall_id, command, done.events, began)
        return done.answer

    return replied(await house.requests.once(key, work))


async def first_answer(request: Request, house: House, asker: str, answer: Answer) -> Response:
    """Answer a request that changes nothing, and any repeat of it as it was answered first."""
    key = await key_of(request, asker)

    async def work() -> Answer:
        if key is not None:
            now = house.clock()
            await house.database.write(lambda tx: remember(tx, key, answer.status, answer.body, now))
        return answer

    return replied(await house.requests.once(key, work))


def count(hall_id: str, command: c.Command, events: list[Event], began: float) -> None:
    """Count what was done, for the metrics."""
    metrics.command_seconds(type(command).__name__, "ok").observe(time.perf_counter() - began)
    if isinstance(command, c.CallNext):
        metrics.calls("ok").inc()
    elif isinstance(command, c.IssueTicket) and isinstance(events[0], e.TicketIssued):
        metrics.tickets_issued(hall_id, events[0].legs[0].group_id, command.channel).inc()


def count_failure(command: c.Command, error: Exception, began: float) -> None:
    """Count what was not done, and why. That it was done already is no failure."""
    match error:
        case Rejected():
            outcome = error.code
        case Duplicate():
            outcome = "repeated"
        case _:
            outcome = "error"
    metrics.command_seconds(type(command).__name__, outcome).observe(time.perf_counter() - began)
    if isinstance(command, c.CallNext) and outcome != "repeated":
        known = {NobodyWaiting.code: "empty", "error": "error"}
        metrics.calls(known.get(outcome, "conflict")).inc()


async def ended(house: House, hall_id: str, ticket_id: int, no: TicketEnded) -> Rejected:
    """The hall only knows open tickets: of the others, the facts know which there were, and how they ended."""
    found = await house.database.read(lambda tx: facts.by_id(tx, hall_id, ticket_id))
    if found is None:
        return TicketUnknown()
    no.facts["state"] = found.state
    return no


def asker_of(person: Person) -> str:
    """Who asks, for the scope of a key."""
    return person.account.id


def replied(answer: Answer) -> Response:
    """An answer that is kept, as it goes out."""
    return Response(answer.body, answer.status, media_type="application/json")


def answered(view: View, status: int = 200) -> Response:
    """A view as an answer."""
    return Response(msgspec.json.encode(view), status, media_type="application/json")
